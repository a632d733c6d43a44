/*
 * take.c - the order in which a backup is taken.
 */
#include "crypto/backup/take.h"

#include "base/clock.h"
#include "crypto/backup/base.h"
#include "crypto/backup/months.h"
#include "crypto/backup/remember.h"
#include "crypto/backup/ring.h"
#include "crypto/backup/show.h"
#include "crypto/rows/tables.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define TRIES 24 /* moments, before it is given up */
#define WAIT_MS 20
#define WAIT_MAX_MS 500
#define WEEK_MS (UINT64_C(7) * 86400000)

struct taking {
	struct store_job job; /* first; of the moment, or of the row */
	const struct backup_order *o;
	struct store *store;
	struct epoch_place place;
	struct backup_months *months;
	struct keyring *keyring;
	struct note_signer signer;
	struct backup_target target;
	struct backup_found base;
	bool has_base;
	struct sc_diag *d;
	struct backup_taken *out;
};

static void wait_ms(unsigned ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* ---- the moment ---- */

/* The key of the epoch that is shown, unless it is destroyed by now. It lives as long as *F. */
static enum sc_err epoch_key(struct taking *t, uint64_t epoch, struct epoch_file **f,
    const uint8_t **key)
{
	bool repaired;
	enum sc_err err;

	*key = NULL;
	if ((err = epoch_file_open(&t->place, t->o->root, t->d, &repaired, f)) != SC_OK)
		return err;
	if ((*key = epoch_file_key(*f, epoch)) != NULL)
		return SC_OK;
	sc_diag_set(t->d,
	    "keys were destroyed again and again while a backup was about to begin; try again");
	return SC_STALE;
}

static enum sc_err seal_header(struct taking *t)
{
	struct backup_header *h = &t->out->header;
	struct epoch_file *f = NULL;
	const uint8_t *key;
	enum sc_err err;

	if ((err = epoch_key(t, h->epoch, &f, &key)) == SC_OK)
		err = months_seal(t->months, key, t->d, h);
	epoch_file_close(f);
	return err;
}

/* Where what was gone on from is still what it was, in this moment too. */
static enum sc_err go_on(struct taking *t, struct store_tx *tx)
{
	struct backup_header *h = &t->out->header;
	struct backup_memory m = { .hash = t->base.hash };
	enum sc_err err;

	h->whole = !t->has_base;
	if (h->whole)
		return SC_OK;
	if ((err = backup_remember(tx, &m)) != SC_OK)
		return err;
	if (!backup_base_fits(&t->base, h, &m, t->d) || t->base.header.high > h->high ||
	    t->base.header.epoch > h->epoch)
		return SC_CORRUPT;
	h->from_epoch = t->base.header.epoch;
	h->from_high = t->base.header.high;
	memcpy(h->previous, t->base.hash, HASH_BYTES);
	return SC_OK;
}

/* Weeks since the last backup's, in the first of another week. */
static uint32_t weeks_since(const struct taking *t)
{
	const uint64_t now = t->out->header.at_ms, then = t->base.header.at_ms;

	return now / WEEK_MS == then / WEEK_MS ? UINT32_MAX : (uint32_t)(then / WEEK_MS) - 1;
}

static enum sc_err show(struct store_job *j, struct store_tx *tx)
{
	struct taking *t = (struct taking *)j;
	struct backup_taken *out = t->out;
	struct backup_show s = { .header = &out->header, .watch = &t->o->watch };
	enum sc_err err;

	out->header.at_ms = clock_unix_ms();
	if ((err = backup_show_store(tx, &out->header)) != SC_OK || (err = go_on(t, tx)) != SC_OK ||
	    (err = seal_header(t)) != SC_OK ||
	    (err = backup_target_begin(&t->target, &out->header, t->d)) != SC_OK ||
	    (err = backup_writer_new(&t->target.sink, &out->header, &s.writer)) != SC_OK)
		return err;
	s.weeks_since = weeks_since(t);
	s.aliases_since = out->header.whole ? 0 : t->base.header.gen;
	if ((err = backup_show_rows(tx, &s)) == SC_OK)
		err = backup_writer_end(s.writer, &t->signer, &out->end);
	out->bytes = backup_writer_bytes(s.writer);
	backup_writer_free(s.writer);
	return err;
}

/* Until an epoch's key outlives the beginning. Nothing has left before that is known. */
static enum sc_err show_a_moment(struct taking *t)
{
	unsigned wait = WAIT_MS;
	enum sc_err err;

	for (t->out->tries = 0;; t->out->tries++) {
		t->job = (struct store_job){ .run = show };
		if ((err = store_run(t->store, &t->job)) != SC_STALE || t->out->tries == TRIES)
			return err;
		wait_ms(wait);
		wait = wait * 2 > WAIT_MAX_MS ? WAIT_MAX_MS : wait * 2;
	}
}

/* ---- what is remembered of it ---- */

static bool bind_added(void *arg, size_t i, struct store_value *v)
{
	const struct backup_taken *b = arg;

	(void)i;
	v[0] = store_number(b->header.at_ms);
	v[1] = store_number(b->header.epoch);
	v[2] = store_number(b->header.high);
	v[3] = store_number(b->header.whole);
	v[4] = store_blob(b->end.hash, HASH_BYTES);
	return true;
}

static bool bind_pruned(void *arg, size_t i, struct store_value *v)
{
	const struct backup_taken *b = arg;

	(void)i;
	v[0] = store_number(b->header.epoch);
	return true;
}

static enum sc_err add_row(struct store_job *j, struct store_tx *tx)
{
	const struct taking *t = (struct taking *)j;
	const struct store_batch add = { BACKUP_ADD, 1, bind_added, NULL, t->out };
	const struct store_batch prune = { TOUCHED_FORGET, 1, bind_pruned, NULL, t->out };
	enum sc_err err = store_ask(tx, &add);

	return err != SC_OK || !t->out->header.whole ? err : store_ask(tx, &prune);
}

static enum sc_err remember(struct taking *t)
{
	enum sc_err err;

	t->job = (struct store_job){ .run = add_row };
	if ((err = backup_remember_in(t->store, &t->job)) == SC_OK)
		return SC_OK;
	sc_diag_set(t->d,
	    "the backup is good, but the store cannot remember it (%s): the next will be a whole "
	    "one",
	    sc_err_name(err));
	return err;
}

/* ---- the whole of it ---- */

static enum sc_err peek(struct store_job *j, struct store_tx *tx)
{
	struct taking *t = (struct taking *)j;

	return backup_show_store(tx, &t->out->header);
}

/* Under the key of the epoch that the store is in now; an erasure may come between. */
static enum sc_err open_ring(struct taking *t)
{
	struct epoch_file *f;
	const uint8_t *key;
	enum sc_err err = SC_STALE;

	for (unsigned i = 0; i < TRIES && err == SC_STALE; i++) {
		f = NULL;
		t->job = (struct store_job){ .run = peek };
		if (i > 0)
			wait_ms(WAIT_MS);
		if ((err = store_run(t->store, &t->job)) != SC_OK)
			return err;
		memcpy(t->place.store_id, t->out->header.store_id, STORE_ID_BYTES);
		if ((err = epoch_key(t, t->out->header.epoch, &f, &key)) == SC_OK)
			err = backup_ring_open(t->store, &t->o->settings->tenant, t->place.store_id,
			    key, t->d, &t->keyring);
		epoch_file_close(f);
	}
	return err;
}

static enum sc_err open_all(struct taking *t)
{
	const struct settings *s = t->o->settings;
	const struct months_place months = { s->backup_keys, &s->tenant, s->backup_keep_days,
		clock_unix_ms() };
	struct backup_header *h = &t->out->header;
	char url[sizeof("sqlite:") + SETTINGS_PATH_MAX];
	enum sc_err err;

	h->tenant = s->tenant;
	snprintf(h->origin, sizeof(h->origin), "%s", s->origin);
	t->place = (struct epoch_place){ .path = s->epoch,
		.twin = s->epoch_twin,
		.tenant = sc_span_str(s->tenant.s) };
	snprintf(url, sizeof(url), "sqlite:%s", s->store);
	if ((err = backup_target_open(t->o->target, t->d, &t->target)) != SC_OK)
		return err;
	t->target.watch = &t->o->watch;
	if ((err = store_open_beside(url, &keyd_tables, t->d, &t->store)) != SC_OK ||
	    (err = open_ring(t)) != SC_OK ||
	    (err = keyring_signer(t->keyring, s->origin, &t->signer)) != SC_OK ||
	    (err = months_open(&months, t->o->root, true, t->d, &t->out->destroyed, &t->months)) !=
		SC_OK)
		return err;
	memcpy(h->log_key.b, t->signer.key.pub, SIGN_PUBLIC_BYTES);
	return backup_base(t->store, t->o, h, t->d, &t->has_base, &t->base, t->out->why);
}

static void say(struct taking *t, enum sc_err err)
{
	if (t->d->text[0] != '\0')
		return;
	if (t->target.stalled)
		sc_diag_set(t->d,
		    "nobody has read from the pipe for %d seconds: nothing of this backup counts",
		    t->target.patience_ms / 1000);
	else if (err == SC_LIMIT)
		sc_diag_set(t->d, "there is no room for the backup: nothing of it counts");
	else if (err == SC_AGAIN)
		sc_diag_set(t->d, "stopped: nothing of this backup counts");
	else
		sc_diag_set(t->d, "the backup could not be taken (%s): nothing of it counts",
		    sc_err_name(err));
}

enum sc_err backup_take(const struct backup_order *o, struct sc_diag *d, struct backup_taken *out)
{
	struct taking t = { .o = o, .d = d, .out = out, .target = { .fd = -1, .folder = -1 } };
	const uint64_t began = clock_mono_ms();
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = open_all(&t)) == SC_OK && (err = show_a_moment(&t)) == SC_OK &&
	    (err = backup_target_keep(&t.target, d)) == SC_OK) {
		d->text[0] = '\0';
		snprintf(out->name, sizeof(out->name), "%s", t.target.name);
		err = remember(&t);
	}
	out->ms = clock_mono_ms() - began;
	if (err != SC_OK)
		say(&t, err);
	backup_target_close(&t.target);
	keyring_free(t.keyring);
	months_close(t.months);
	store_close(t.store);
	return err;
}
