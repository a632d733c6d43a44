/*
 * people_world.c - the parts of keyd that people.c stands on, in the order in which they are
 * opened.
 */
#include "unit/crypto/people_world.h"

#include "base/clock.h"
#include "crypto/keyd/keylog_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct sc_name tenant = { "demo" };

static bool sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static bool sh(const char *fmt, ...)
{
	char cmd[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	return system(cmd) == 0;
}

bool world_make(struct people_world *w)
{
	memset(w, 0, sizeof(*w));
	snprintf(w->dir, sizeof(w->dir), "/tmp/scrim-people-XXXXXX");
	return mkdtemp(w->dir) != NULL;
}

void world_remove(struct people_world *w)
{
	if (!sh("rm -rf '%s'", w->dir))
		printf("# could not remove %s\n", w->dir);
}

bool world_keep(struct people_world *w, const char *name)
{
	return sh("cd '%s' && rm -rf '%s' && mkdir '%s' && cp -a keyd.db* keyd.epoch log '%s/'",
	    w->dir, name, name, name);
}

bool world_put_back(struct people_world *w, const char *name, const char *what)
{
	if (strcmp(what, "db") == 0)
		return sh("cd '%s' && rm -f keyd.db* && cp -a '%s'/keyd.db* . && rm -f keyd.db-shm",
		    w->dir, name);
	if (strcmp(what, "epoch") == 0)
		return sh("cd '%s' && cp -a '%s'/keyd.epoch .", w->dir, name);
	return sh("cd '%s' && rm -rf log && cp -a '%s'/log .", w->dir, name);
}

bool world_tear(struct people_world *w, unsigned i)
{
	char path[128], junk[512];
	int fd;
	bool ok;

	memset(junk, 7, sizeof(junk));
	snprintf(path, sizeof(path), "%s/keyd.epoch", w->dir);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 &&
	    pwrite(fd, junk, sizeof(junk), (off_t)i * EPOCH_BLOCK) == (ssize_t)sizeof(junk);
	close(fd);
	return ok;
}

/* ---- the log ---- */

static enum sc_err append(struct people_world *w, const struct audit_record *r, uint64_t *record)
{
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, AUDIT_RECORD_MAX);
	if ((err = audit_record_print(r, &text)) == SC_OK)
		err = tlog_append(w->log, sc_buf_span(&text), true, record);
	sc_buf_fini(&text);
	return err;
}

enum sc_err world_log(struct people_world *w, enum audit_kind kind, const char *act)
{
	struct audit_record r;
	uint64_t record;

	audit_record_init(&r, kind);
	r.act = act;
	return append(w, &r, &record);
}

enum sc_err world_log_store(struct people_world *w, const char *act, const struct store_progress *p)
{
	const struct audit_store s = { p->gen, p->high, p->lease };
	struct audit_record r;
	uint64_t record;

	audit_record_init(&r, AUDIT_ADMIN);
	r.act = act;
	r.store = &s;
	return append(w, &r, &record);
}

enum sc_err world_log_erase(struct people_world *w, const uint8_t handle[HANDLE_BYTES],
    const uint64_t *ids, size_t n, bool outcome, uint64_t *record)
{
	struct keylog_named named;
	struct audit_record r;
	enum sc_err err;

	audit_record_init(&r, AUDIT_ERASE);
	if ((err = keylog_name(w->kr, &r, handle, 1, !outcome, &named)) != SC_OK)
		return err;
	r.keys = outcome ? NULL : ids;
	r.n_keys = outcome ? 0 : n;
	r.outcome = outcome ? AUDIT_OK : AUDIT_OUTCOME_NONE;
	return append(w, &r, record);
}

static enum sc_err progress(void *arg, const struct store_progress *p, uint64_t *record)
{
	struct people_world *w = arg;
	const struct audit_store s = { p->gen, p->high, p->lease };
	struct audit_record r;

	if (w->deaf)
		return SC_AGAIN;
	audit_record_init(&r, AUDIT_ADMIN);
	r.act = p->lease > w->lease ? "keys.lease" : "keys.progress";
	r.store = &s;
	w->leases += p->lease > w->lease;
	w->progresses += p->lease <= w->lease;
	w->lease = p->lease;
	return append(w, &r, record);
}

static enum sc_err erased(void *arg, const struct logged_erasure *x)
{
	struct people_world *w = arg;
	uint64_t record;

	w->told++;
	return w->mute ? SC_OK : world_log_erase(w, x->handle, NULL, 0, true, &record);
}

bool world_durable(struct people_world *w)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	uint64_t end = clock_mono_ms() + 10000;
	struct tlog_status s;

	do {
		tlog_status(w->log, &s);
		if (s.durable == s.next && s.published == s.next)
			return true;
		nanosleep(&pause, NULL);
	} while (clock_mono_ms() < end);
	return false;
}

/* ---- life ---- */

static enum sc_err open_store(struct people_world *w, bool init)
{
	char url[96], epoch[96], twin[96];
	static char second[96];
	const struct keystore_place at = { &tenant, url, epoch, w->twin || w->mirror ? twin : NULL,
		"demo/keyd", w->mirror };
	uint8_t key[32] = { 1, 2, 3 };
	struct sc_secret *root;
	enum sc_err err;

	snprintf(url, sizeof(url), "sqlite:%s/keyd.db", w->dir);
	snprintf(epoch, sizeof(epoch), "%s/keyd.epoch", w->dir);
	snprintf(twin, sizeof(twin), "%s/%s.epoch", w->dir, w->mirror ? "second/keyd" : "twin");
	snprintf(second, sizeof(second), "%s/second", w->dir);
	if (w->mirror && mkdir(second, 0700) != 0 && errno != EEXIST)
		return SC_IO;
	w->settings.tenant = tenant;
	w->settings.origin = "demo/keyd";
	w->settings.mirror = w->mirror ? second : NULL;
	if ((err = sc_secret_new_take(key, sizeof(key), &root)) != SC_OK)
		return err;
	err = keystore_open(&at, root, init, &w->d, &w->ks);
	sc_secret_free(root);
	if (err == SC_OK)
		err = keyring_open(keystore_store(w->ks), keystore_ring(w->ks), &tenant, init,
		    &w->d, &w->kr);
	return err != SC_OK ? err : mirror_keep_new(&w->settings, w->ks, w->kr, &w->d, &w->keep);
}

static enum sc_err open_rest(struct people_world *w, bool start_anew)
{
	char dir[96];
	struct tlog_options o = { .dir = dir, .origin = "demo/keyd", .publish_ms = 5 };
	struct keystore_replay_from from = { .dir = dir,
		.start_anew = start_anew,
		.keyring = w->kr,
		.erased = erased,
		.arg = w };
	const struct people_log tell = { progress, NULL, w };
	struct tlog_status s;
	enum sc_err err;

	snprintf(dir, sizeof(dir), "%s/log", w->dir);
	if ((err = tlog_open(&o, &w->d, &w->log)) != SC_OK)
		return err;
	if (!world_durable(w))
		return SC_BUG;
	tlog_status(w->log, &s);
	from.size = s.published;
	from.slot_key = keyring_slot_key(w->kr);
	if ((err = keystore_replay(w->ks, &from, &w->d, &w->replayed)) != SC_OK ||
	    (err = loop_new(&w->loop)) != SC_OK)
		return err;
	w->lease = w->replayed.now.lease;
	inbox_init(&w->inbox, w->loop, keystore_store(w->ks));
	if ((err = people_new(w->ks, w->kr, &w->inbox, w->log, &tell, &w->pp)) != SC_OK ||
	    (err = world_log(w, AUDIT_START, "keyd.start")) != SC_OK)
		return err;
	return world_durable(w) ? SC_OK : SC_BUG;
}

static void close_all(struct people_world *w)
{
	bool had = w->loop != NULL;

	people_free(w->pp);
	tlog_close(w->log);
	keystore_close(w->ks);
	mirror_keep_free(w->keep);
	keyring_free(w->kr);
	if (had)
		inbox_fini(&w->inbox);
	loop_free(w->loop);
	w->pp = NULL;
	w->log = NULL;
	w->kr = NULL;
	w->keep = NULL;
	w->ks = NULL;
	w->loop = NULL;
}

enum sc_err world_start(struct people_world *w, bool init, bool start_anew)
{
	enum sc_err err;

	memset(&w->d, 0, sizeof(w->d));
	w->told = 0;
	w->lease = 0;
	if ((err = open_store(w, init)) != SC_OK || (err = open_rest(w, start_anew)) != SC_OK)
		close_all(w);
	return err;
}

void world_stop(struct people_world *w)
{
	/* a log that has failed does not tell of it */
	if (w->pp != NULL)
		(void)world_log(w, AUDIT_STOP, "keyd.stop");
	close_all(w);
}

bool world_wait(struct people_world *w)
{
	uint64_t end = clock_mono_ms() + 20000;

	while (people_pending(w->pp) > 0 && clock_mono_ms() < end)
		if (loop_turn_once(w->loop, 20) != SC_OK)
			return false;
	return people_pending(w->pp) == 0;
}

/* ---- asking ---- */

void world_handle(struct people_world *w, const char *name, uint8_t out[HANDLE_BYTES])
{
	people_handle(w->pp, sc_span_str(name), out);
}

struct waited {
	struct people_world *w;
	enum sc_err err;
	bool found;
	const uint8_t *handle;
	uint64_t id, *ids;
	size_t n;
	struct used_key *out;
};

static void use(struct people_world *w, const struct person_key *k, struct used_key *out)
{
	const struct sc_span ad = SC_LIT("ad");
	struct siv_ctx *siv;

	memset(out, 0, sizeof(*out));
	if (k == NULL) {
		out->state = PERSON_NONE;
		return;
	}
	out->id = k->id;
	out->state = k->state;
	if (k->state != PERSON_LIVE)
		return;
	if (siv_ctx_new(&siv) != SC_OK || people_use(w->pp, k, siv) != SC_OK ||
	    siv_seal(siv, &ad, 1, sc_span_str("0123456789abcdef"), out->proof) != SC_OK)
		out->state = PERSON_BROKEN;
	siv_ctx_free(siv);
}

static void on_fetched(void *owner, enum sc_err err)
{
	struct waited *x = owner;

	x->err = err;
	if (err == SC_OK)
		use(x->w,
		    x->handle != NULL ? people_by_handle(x->w->pp, x->handle) :
					people_by_id(x->w->pp, x->id),
		    x->out);
}

static enum sc_err fetch(struct waited *x)
{
	struct key_fetch *f;
	enum sc_err err;

	if ((err = key_fetch_new(x->w->pp, &f)) != SC_OK ||
	    (err = x->handle != NULL ? key_fetch_handle(f, x->handle) : key_fetch_id(f, x->id)) !=
		SC_OK)
		return err;
	people_fetch(f, x, on_fetched);
	return world_wait(x->w) ? x->err : SC_BUG;
}

enum sc_err world_seal(struct people_world *w, const char *name, struct used_key *out)
{
	uint8_t handle[HANDLE_BYTES];
	struct waited x = { .w = w, .handle = handle, .out = out };
	const struct person_key *k;
	enum sc_err err = SC_OK;

	world_handle(w, name, handle);
	if ((k = people_by_handle(w->pp, handle)) != NULL)
		use(w, k, out);
	else
		err = fetch(&x);
	k = people_by_handle(w->pp, handle);
	if (err == SC_OK && k != NULL && k->state == PERSON_LIVE)
		people_sealed(w->pp, k, clock_unix_ms(), 0);
	return err;
}

static void on_order(void *owner, enum sc_err err)
{
	((struct waited *)owner)->err = err;
}

enum sc_err world_order(struct people_world *w, const char *id, const char *name, bool says,
    struct order_person *o, struct used_key *key)
{
	struct waited x = { .w = w };
	struct key_fetch *f;
	enum sc_err err;

	memset(o, 0, sizeof(*o));
	people_alias(w->pp, sc_span_str(id), o->alias);
	o->named = name != NULL;
	o->says = says;
	o->keep = true;
	if (name != NULL)
		world_handle(w, name, o->handle);
	if ((err = key_fetch_new(w->pp, &f)) != SC_OK)
		return err;
	/* as keyd: whom the document names is sealed for at once */
	if (says && people_by_handle(w->pp, o->handle) == NULL &&
	    (err = key_fetch_handle(f, o->handle)) != SC_OK)
		return err;
	key_fetch_order(f, o);
	people_fetch(f, &x, on_order);
	if (!world_wait(w))
		return SC_BUG;
	use(w, people_by_handle(w->pp, says ? o->handle : o->who), key);
	return x.err;
}

enum sc_err world_open(struct people_world *w, uint64_t id, struct used_key *out)
{
	struct waited x = { .w = w, .id = id, .out = out };
	const struct person_key *k = people_by_id(w->pp, id);

	if (k == NULL)
		return fetch(&x);
	use(w, k, out);
	return SC_OK;
}

static void on_found(void *owner, enum sc_err err, bool found)
{
	struct waited *x = owner;
	uint64_t record;

	x->err = err;
	x->found = found;
	if (x->handle != NULL && err == SC_OK && !x->w->mute)
		x->err = world_log_erase(x->w, x->handle, NULL, 0, true, &record);
}

static void on_ids(void *owner, enum sc_err err, const uint64_t *ids, size_t n)
{
	struct waited *x = owner;

	x->err = err;
	x->n = n;
	if (n > 0)
		memcpy(x->ids, ids, n * sizeof(*ids));
}

enum sc_err world_intend(struct people_world *w, const char *name, uint64_t ids[PEOPLE_SLOTS_MAX],
    size_t *n, uint64_t *intent)
{
	struct waited x = { .w = w, .ids = ids };
	uint8_t handle[HANDLE_BYTES];
	enum sc_err err;

	world_handle(w, name, handle);
	if ((err = people_ids(w->pp, handle, &x, on_ids)) != SC_OK)
		return err;
	if (!world_wait(w) || x.err != SC_OK)
		return x.err;
	*n = x.n;
	people_intend(w->pp);
	if ((err = world_log_erase(w, handle, ids, x.n, false, intent)) != SC_OK) {
		people_let_go(w->pp);
		return err;
	}
	return world_durable(w) ? SC_OK : SC_BUG;
}

enum sc_err world_erase(struct people_world *w, const char *name, bool *found)
{
	uint64_t ids[PEOPLE_SLOTS_MAX], intent;
	uint8_t handle[HANDLE_BYTES];
	struct waited x = { .w = w, .handle = handle };
	size_t n;
	enum sc_err err;

	world_handle(w, name, handle);
	if ((err = world_intend(w, name, ids, &n, &intent)) != SC_OK ||
	    (err = people_erase(w->pp, ids, n, intent, &x, on_found)) != SC_OK)
		return err;
	if (!world_wait(w))
		return SC_BUG;
	*found = x.found;
	return x.err;
}

enum sc_err world_merge(struct people_world *w, const char *from, const char *into, bool *found)
{
	uint8_t a[HANDLE_BYTES], b[HANDLE_BYTES];
	struct waited x = { .w = w };
	enum sc_err err;

	world_handle(w, from, a);
	world_handle(w, into, b);
	if ((err = people_merge(w->pp, a, b, &x, on_found)) != SC_OK)
		return err;
	if (!world_wait(w))
		return SC_BUG;
	*found = x.found;
	return x.err;
}

static void on_turned(void *owner, enum sc_err err)
{
	((struct waited *)owner)->err = err;
}

enum sc_err world_turn(struct people_world *w)
{
	struct waited x = { .w = w };
	enum sc_err err;

	if ((err = people_turn(w->pp, NULL, NULL, &x, on_turned)) != SC_OK)
		return err;
	return world_wait(w) ? x.err : SC_BUG;
}
