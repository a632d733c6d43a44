/*
 * key_check_run.c - all parts of a check, by a process of its own beside keyd or without it.
 *
 * keyd goes on meanwhile: an epoch may end between two looks, or a ring key turn. So a
 * moment whose key is gone is let go and another taken, and what is found wrong is told only
 * when a second look finds it too.
 */
#include "crypto/keycheck/key_check.h"

#include "crypto/keyring/keyring.h"
#include "crypto/keystore/store_rows.h"
#include "crypto/rows/tables.h"
#include "crypto/tlog/check.h"
#include "crypto/tlog/journal.h"
#include "net/loop/loop.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TRIES 20
#define WAIT_MS 100
#define LOG_WAIT_MS 3000 /* keyd publishes once a second */
#define LOG_STEP 64      /* bundles of the log between two words */

struct running {
	struct store_job job;
	const struct key_check_order *o;
	struct store *store;
	struct epoch_file *file;
	struct key_check check;
	struct key_check_report *r;
	uint8_t id[STORE_ID_BYTES];
	bool there;
};

static void wait_ms(unsigned ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* ---- the store's moment ---- */

static enum sc_err read_id(struct store_job *job, struct store_tx *tx)
{
	struct running *x = loop_owner(job, struct running, job);
	struct keystore_now now;

	return store_rows_find(tx, x->o->place.node, x->id, &now, &x->there);
}

static enum sc_err run_moment(struct store_job *job, struct store_tx *tx)
{
	struct running *x = loop_owner(job, struct running, job);

	return key_check_moment(tx, &x->check, x->r);
}

static const uint8_t *epoch_key(void *arg, uint64_t epoch)
{
	const struct running *x = arg;

	return epoch_file_key(x->file, epoch);
}

static void check_epoch(struct running *x, bool repaired)
{
	struct epoch_held held[2];
	enum order_epoch is;
	uint64_t write;

	epoch_file_held(x->file, held);
	is = order_of_epochs(x->r->epoch, held, &write);
	if (repaired)
		key_check_add(x->r, KEY_CHECK_EPOCH, KEY_CHECK_WRONG,
		    "file and twin are not the same: one is missing, or older");
	/* a block that is owed is on its way, or is laid at the next start */
	else if (is != ORDER_IN_STEP && is != ORDER_BLOCK_OWED)
		key_check_add(x->r, KEY_CHECK_EPOCH, KEY_CHECK_WRONG,
		    "it holds not both of epoch %llu and the next",
		    (unsigned long long)x->r->epoch);
	key_check_add(x->r, KEY_CHECK_EPOCH, KEY_CHECK_FINE, "epoch %llu and its spare%s",
	    (unsigned long long)x->r->epoch, x->o->place.epoch_twin == NULL ? "" : ", twice");
}

/* One look at store and epoch file. SC_STALE: the epoch ended between the two. */
static enum sc_err look(struct running *x, struct sc_diag *d)
{
	const struct epoch_place at = { .path = x->o->place.epoch,
		.twin = x->o->place.epoch_twin,
		.tenant = sc_span_str(x->o->place.tenant->s) };
	struct epoch_place place = at;
	bool repaired = false;
	enum sc_err err;

	memcpy(place.store_id, x->id, sizeof(place.store_id));
	if ((err = epoch_file_open(&place, x->o->root, d, &repaired, &x->file)) != SC_OK)
		return err;
	x->job = (struct store_job){ .run = run_moment };
	err = store_run(x->store, &x->job);
	if (err == SC_CORRUPT) {
		key_check_add(x->r, KEY_CHECK_DATABASE, KEY_CHECK_WRONG, "it cannot be read");
		err = SC_OK;
	} else if (err == SC_OK)
		check_epoch(x, repaired);
	epoch_file_close(x->file);
	x->file = NULL;
	return err;
}

/* An epoch that ends while it is looked for again and again is one that was put back. */
static enum sc_err look_until(struct running *x, struct sc_diag *d)
{
	enum sc_err err = SC_STALE;

	for (int i = 0; i < TRIES && err == SC_STALE; i++) {
		if (i > 0)
			wait_ms(WAIT_MS);
		err = look(x, d);
	}
	if (err != SC_STALE)
		return err;
	key_check_add(x->r, KEY_CHECK_EPOCH, KEY_CHECK_WRONG,
	    "it has no key of epoch %llu, the store's: an older one of the two was put back",
	    (unsigned long long)x->r->epoch);
	return SC_OK;
}

/* ---- keyring and log ---- */

static void check_keyring(struct running *x)
{
	struct sc_diag d = { .text = "" };
	struct keyring *kr = NULL;
	enum sc_err err;

	if (!x->r->has_ring)
		return;
	err = keyring_open(x->store, x->r->ring, x->o->place.tenant, false, &d, &kr);
	if (err != SC_OK)
		key_check_add(x->r, KEY_CHECK_KEYRING, KEY_CHECK_WRONG, "%s",
		    d.text[0] != '\0' ? d.text : sc_err_name(err));
	key_check_add(x->r, KEY_CHECK_KEYRING, KEY_CHECK_FINE, "every key unwraps");
	keyring_free(kr);
}

/* Entries that are durable: the tree's, and those that only the journal has. */
static enum sc_err durable(int dirfd, struct check_walk *w, struct sc_diag *d, uint64_t *size)
{
	enum sc_err err = check_walk_begin(w, dirfd, NULL, d);

	*size = 0;
	if (err != SC_OK || w->bundles == 0)
		return err;
	return journal_read(dirfd, (size_t)w->state.journal_bytes, w->state.size, NULL, NULL, size,
	    d);
}

/* A running keyd writes meanwhile: what does not fit now is looked at again. */
static enum sc_err log_edge(const struct running *x, int dirfd, struct check_walk *w,
    struct sc_diag *d, uint64_t *size)
{
	enum sc_err err = SC_IO;

	for (unsigned ms = 0; ms < LOG_WAIT_MS; ms += WAIT_MS) {
		err = durable(dirfd, w, d, size);
		if (err == SC_OK && *size >= x->r->applied)
			break;
		wait_ms(WAIT_MS);
	}
	return err;
}

/* Every entry against its tile, and every tile against the one above. */
static enum sc_err log_bundles(const struct running *x, struct check_walk *w, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	while (w->next < w->bundles && err == SC_OK)
		if ((err = work_watched(&x->check.watch, "log", w->next, w->bundles)) == SC_OK)
			err = check_walk_on(w, LOG_STEP, d);
	return err;
}

/* Fails only with SC_AGAIN. */
static enum sc_err check_log(struct running *x)
{
	struct sc_diag d = { .file = "", .text = "the folder cannot be opened" };
	struct check_walk w;
	uint64_t size = 0;
	enum sc_err err = SC_IO;
	int fd;

	if (x->o->log_dir == NULL)
		return SC_OK;
	fd = open(x->o->log_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && (err = log_edge(x, fd, &w, &d, &size)) == SC_OK)
		err = log_bundles(x, &w, &d);
	if (fd >= 0)
		close(fd);
	if (err == SC_AGAIN)
		return err;
	if (err != SC_OK)
		key_check_add(x->r, KEY_CHECK_LOG, KEY_CHECK_WRONG, "%.100s %.120s", d.file,
		    d.text);
	else if (size < x->r->applied)
		key_check_add(x->r, KEY_CHECK_LOG, KEY_CHECK_WRONG,
		    "it has %llu entries, and %llu were carried out: an older one was put back",
		    (unsigned long long)size, (unsigned long long)x->r->applied);
	key_check_add(x->r, KEY_CHECK_LOG, KEY_CHECK_FINE, "%llu entries, %llu carried out",
	    (unsigned long long)size, (unsigned long long)x->r->applied);
	return SC_OK;
}

/* ---- all of it ---- */

static enum sc_err all_parts(struct running *x, struct sc_diag *d)
{
	enum sc_err err = look_until(x, d);

	if (err != SC_OK)
		return err;
	check_keyring(x);
	sc_wipe(x->r->ring, sizeof(x->r->ring));
	return check_log(x);
}

static enum sc_err open_beside(struct running *x, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = store_open_beside(x->o->place.store, &keyd_tables, d, &x->store)) != SC_OK)
		return err;
	x->job = (struct store_job){ .run = read_id };
	if ((err = store_run(x->store, &x->job)) == SC_OK && x->there)
		return SC_OK;
	sc_diag_set(d,
	    "there is no store of keys, or it cannot be read: see scrim keys init, and "
	    "scrim keys restore");
	return err == SC_OK ? SC_SYNTAX : err;
}

enum sc_err key_check_run(const struct key_check_order *o, struct sc_diag *d,
    struct key_check_report *r)
{
	struct running x = { .o = o, .r = r };
	enum sc_err err;

	x.check = (struct key_check){ .tenant = o->place.tenant,
		.node = o->place.node,
		.key = epoch_key,
		.arg = &x,
		.watch = o->watch };
	if ((err = open_beside(&x, d)) == SC_OK && (err = all_parts(&x, d)) == SC_OK &&
	    key_check_worst(r) == KEY_CHECK_WRONG)
		err = all_parts(&x, d);
	store_close(x.store);
	return err;
}
