/*
 * rebuild.c - the order in which a store is made anew.
 */
#include "crypto/backup/rebuild.h"

#include "crypto/backup/load.h"
#include "crypto/backup/mirror_load.h"
#include "crypto/backup/months.h"
#include "crypto/backup/people_walk.h"
#include "crypto/backup/ring.h"
#include "crypto/keystore/keystore.h"
#include "crypto/keystore/restoring.h"
#include "crypto/prim/random.h"
#include "crypto/prim/vault.h"
#include "crypto/rows/tables.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOB_PEOPLE 262144

struct rebuilding {
	struct store_job job; /* first */
	const struct backup_rebuild *b;
	struct sc_diag *d;
	struct backup_rebuilt *out;
	struct store *store;
	struct epoch_place place;
	uint8_t *key; /* the epoch's, in the vault */
	struct load_touched touched;
	struct walked_people people;
	struct store_tx *tx; /* while a job runs */
	size_t at;           /* of the people, the next to insert */
	size_t same;         /* how many of theirs are before it */
};

/* ---- places ---- */

static const char *const store_files[] = { "", "-wal", "-shm", ".lock", ".restoring" };
#define STORE_FILES (sizeof(store_files) / sizeof(store_files[0]))

static void store_path(const struct settings *s, size_t i, char path[static BACKUP_PATH_MAX])
{
	snprintf(path, BACKUP_PATH_MAX, "%s%s", s->store, store_files[i]);
}

static bool is_there(const char *path, struct sc_diag *d)
{
	if (path == NULL || (access(path, F_OK) != 0 && errno == ENOENT))
		return false;
	snprintf(d->file, sizeof(d->file), "%.255s", path);
	sc_diag_set(d,
	    "something is there already: a restore goes where nothing is. Move it away; what "
	    "it holds is not in the backup");
	return true;
}

enum sc_err backup_places_empty(const struct settings *s, bool twin, struct sc_diag *d)
{
	char path[BACKUP_PATH_MAX];

	/* what a restore that was killed left is nothing to move away and keep */
	if (restoring_check(s->store, d) != SC_OK)
		return SC_LIMIT;
	for (size_t i = 0; i < STORE_FILES; i++) {
		if (strcmp(store_files[i], ".lock") == 0)
			continue;
		store_path(s, i, path);
		if (is_there(path, d))
			return SC_LIMIT;
	}
	return is_there(s->epoch, d) || (twin && is_there(s->epoch_twin, d)) ? SC_LIMIT : SC_OK;
}

/* The key of a backup's epoch must not lie on in blocks that are free. */
static void destroy_epoch(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	uint8_t block[EPOCH_BLOCK];

	for (off_t i = 0; fd >= 0 && i < 2; i++) {
		random_bytes(block, sizeof(block));
		if (pwrite(fd, block, sizeof(block), i * EPOCH_BLOCK) != (ssize_t)sizeof(block))
			break;
	}
	if (fd >= 0) {
		(void)fdatasync(fd);
		close(fd);
	}
	(void)unlink(path);
}

void backup_places_clear(const struct settings *s, bool twin)
{
	char path[BACKUP_PATH_MAX];

	destroy_epoch(s->epoch);
	if (twin && s->epoch_twin != NULL)
		destroy_epoch(s->epoch_twin);
	for (size_t i = 0; i < STORE_FILES; i++) {
		store_path(s, i, path);
		(void)unlink(path);
	}
}

/* ---- people ---- */

static bool bind_slot(void *arg, size_t i, struct store_value *v)
{
	const uint64_t *slot = arg;

	(void)i;
	v[0] = store_number(*slot);
	return true;
}

static enum sc_err forget_week(void *arg, uint64_t slot)
{
	const struct rebuilding *r = arg;

	return store_ask(r->tx, &(struct store_batch){ WEEK_ERASE, 1, bind_slot, NULL, &slot });
}

static enum sc_err walk_all(struct store_job *j, struct store_tx *tx)
{
	struct rebuilding *r = (struct rebuilding *)j;
	const struct tree_rows rows = backup_tree_rows(tx);
	const struct people_walk w = { .rows = &rows,
		.tenant = r->place.tenant,
		.store_id = r->place.store_id,
		.key = r->key,
		.touched = r->touched.leaf,
		.n_touched = r->touched.n,
		.empty = forget_week,
		.arg = r,
		.leaves = r->out->header.high / TREE_LEAF + 1,
		.watch = &r->b->watch };

	r->tx = tx;
	return people_walk(&w, r->d, &r->people);
}

/* Those of one person are numbered in the order of their slots, as they were made. */
static bool bind_person(void *arg, size_t i, struct store_value *v)
{
	struct rebuilding *r = arg;
	const struct walked_person *p = &r->people.all[r->at + i];

	r->same =
	    r->at + i > 0 && memcmp(p[-1].handle, p->handle, HANDLE_BYTES) == 0 ? r->same + 1 : 0;
	v[0] = store_blob(p->handle, HANDLE_BYTES);
	v[1] = store_number(r->same);
	v[2] = store_number(p->slot);
	return true;
}

static enum sc_err insert_some(struct store_job *j, struct store_tx *tx)
{
	struct rebuilding *r = (struct rebuilding *)j;
	const size_t left = r->people.n - r->at;
	const size_t n = left < JOB_PEOPLE ? left : JOB_PEOPLE;
	enum sc_err err =
	    store_ask(tx, &(struct store_batch){ PERSON_ADD, n, bind_person, NULL, r });

	r->at += n;
	return err;
}

static enum sc_err sweep_aliases(struct store_job *j, struct store_tx *tx)
{
	(void)j;
	return store_ask(tx, &(struct store_batch){ ALIAS_SWEEP, 1, NULL, NULL, NULL });
}

static enum sc_err run(struct rebuilding *r,
    enum sc_err (*fn)(struct store_job *, struct store_tx *))
{
	r->job = (struct store_job){ .run = fn };
	return store_run(r->store, &r->job);
}

static enum sc_err make_people(struct rebuilding *r)
{
	enum sc_err err = run(r, walk_all);

	r->out->people = r->people.n;
	r->out->boxes = r->people.boxes;
	while (err == SC_OK && r->at < r->people.n)
		if ((err = run(r, insert_some)) == SC_OK)
			err = work_watched(&r->b->watch, "inserting people", r->at, r->people.n);
	return err != SC_OK ? err : run(r, sweep_aliases);
}

/* ---- epoch file, and the store's own row ---- */

static enum sc_err make_epoch_file(struct rebuilding *r)
{
	const uint64_t n = r->out->header.epoch;
	struct epoch_file *f = NULL;
	enum sc_err err;

	if (r->b->mirror != NULL)
		return mirror_epoch(r->b->mirror, r->b->settings->epoch_twin, r->b->settings->epoch,
		    r->d);
	if ((err = epoch_file_make(&r->place, r->b->under == NULL ? r->b->root : r->b->under, r->d,
		 &f)) == SC_OK &&
	    (err = epoch_file_put(f, n, r->key)) == SC_OK)
		err = epoch_file_write(f, n + 1);
	epoch_file_close(f);
	return err;
}

static bool bind_store(void *arg, size_t i, struct store_value *v)
{
	const struct backup_header *h = arg;

	(void)i;
	v[0] = store_blob(h->store_id, STORE_ID_BYTES);
	v[1] = store_number(h->epoch);
	v[2] = store_number(h->high);
	v[3] = store_number(h->lease);
	v[4] = store_number(h->people);
	return true;
}

static bool bind_writer(void *arg, size_t i, struct store_value *v)
{
	const struct backup_header *h = arg;

	(void)i;
	v[0] = store_text(h->origin);
	v[1] = store_number(h->gen);
	v[2] = store_number(h->applied);
	return true;
}

static bool bind_gap(void *arg, size_t i, struct store_value *v)
{
	const struct rebuilding *r = arg;

	(void)i;
	v[0] = store_number(r->out->header.high);
	v[1] = store_number(r->out->header.high + r->out->lost - 1);
	v[2] = store_number(false);
	return true;
}

static bool bind_origin(void *arg, size_t i, struct store_value *v)
{
	const struct backup_header *h = arg;

	(void)i;
	v[0] = store_text(h->origin);
	return true;
}

/* Without its log the store begins another, and gives out no slot that may have been given out. */
static enum sc_err leave_gap(struct rebuilding *r, struct store_tx *tx, struct backup_header *h)
{
	const uint64_t far = h->lease + KEYSTORE_GAP, end = far < TREE_SLOTS ? far : TREE_SLOTS;
	enum sc_err err;

	r->out->lost = end - h->high;
	if (r->out->lost > 0 &&
	    (err = store_ask(tx, &(struct store_batch){ LOST_ADD, 1, bind_gap, NULL, r })) != SC_OK)
		return err;
	h->high = h->lease = end;
	h->applied = 0;
	/* nobody has carried out anything of a log that begins */
	if ((err = store_ask(tx, &(struct store_batch){ WRITER_FORGET, 1, NULL, NULL, NULL })) !=
	    SC_OK)
		return err;
	return store_ask(tx, &(struct store_batch){ HEAD_FORGET, 1, bind_origin, NULL, h });
}

static enum sc_err add_store(struct store_job *j, struct store_tx *tx)
{
	struct rebuilding *r = (struct rebuilding *)j;
	struct backup_header h = r->out->header;
	const struct store_batch make = { STORE_MAKE, 1, bind_store, NULL, &h };
	const struct store_batch writer = { WRITER_KEEP, 1, bind_writer, NULL, &h };
	enum sc_err err;

	if (r->b->without_log && (err = leave_gap(r, tx, &h)) != SC_OK)
		return err;
	return (err = store_ask(tx, &make)) != SC_OK ? err : store_ask(tx, &writer);
}

/* Who signed the backup has the log key that is in it. */
static enum sc_err check_signer(struct rebuilding *r)
{
	struct keyring *kr = NULL;
	struct note_signer signer;
	enum sc_err err;

	if ((err = backup_ring_open(r->store, &r->b->settings->tenant, r->place.store_id, r->key,
		 r->d, &kr)) == SC_OK &&
	    (err = keyring_signer(kr, r->out->header.origin, &signer)) == SC_OK &&
	    memcmp(signer.key.pub, r->out->header.log_key.b, SIGN_PUBLIC_BYTES) != 0) {
		sc_diag_set(r->d, "the backup is signed, but not by the log key that is in it");
		err = SC_AUTH;
	}
	keyring_free(kr);
	return err == SC_STALE ? SC_CORRUPT : err;
}

/* ---- the whole of it ---- */

static enum sc_err unseal(struct rebuilding *r)
{
	const struct settings *s = r->b->settings;
	const struct months_place at = { s->backup_keys, &s->tenant, s->backup_keep_days,
		clock_unix_ms() };
	struct backup_months *m = NULL;
	enum sc_err err;

	if ((r->key = vault_alloc(EPOCH_KEY_BYTES)) == NULL)
		return SC_NOMEM;
	if (r->b->mirror != NULL)
		return SC_OK; /* once it is known which epoch's */
	if ((err = months_open(&at, r->b->root, false, r->d, NULL, &m)) == SC_OK)
		err = months_unseal(m, &r->out->header, r->d, r->key);
	months_close(m);
	return err;
}

/* What was committed behind the mirror's base. */
static enum sc_err load_journal(struct rebuilding *r)
{
	const struct backup_rebuild *b = r->b;
	struct backup_header *h = &r->out->header;
	enum sc_err err;

	if (b->mirror == NULL)
		return SC_OK;
	if ((err = mirror_load(r->store, b->mirror, b->chain->links[0].hash, &b->watch, r->d, h)) !=
	    SC_OK)
		return err;
	return mirror_key(b->mirror, b->settings->epoch_twin, b->root, h, r->d, r->key);
}

static enum sc_err make_all(struct rebuilding *r)
{
	const struct backup_rebuild *b = r->b;
	char url[sizeof("sqlite:") + SETTINGS_PATH_MAX];
	enum sc_err err;

	snprintf(url, sizeof(url), "sqlite:%s", b->settings->store);
	if ((err = store_open(url, &keyd_tables, r->d, &r->store)) != SC_OK ||
	    (err = backup_load(r->store, b->chain, &b->watch, r->d, &r->touched)) != SC_OK ||
	    (err = load_journal(r)) != SC_OK || (err = make_people(r)) != SC_OK ||
	    (err = check_signer(r)) != SC_OK || (err = make_epoch_file(r)) != SC_OK)
		return err;
	return run(r, add_store);
}

static enum sc_err fits(const struct backup_rebuild *b, struct sc_diag *d)
{
	const struct backup_header *h = &b->chain->links[b->chain->n - 1].header;

	if (strcmp(h->tenant.s, b->settings->tenant.s) == 0 &&
	    strcmp(h->origin, b->settings->origin) == 0)
		return SC_OK;
	sc_diag_set(d,
	    "the backup is of another tenant, or of a keyd whose log has another origin");
	return SC_AUTH;
}

enum sc_err backup_rebuild(const struct backup_rebuild *b, struct sc_diag *d,
    struct backup_rebuilt *out)
{
	const struct settings *s = b->settings;
	struct rebuilding r = { .b = b, .d = d, .out = out };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = fits(b, d)) != SC_OK ||
	    (err = backup_places_empty(s, b->mirror == NULL, d)) != SC_OK)
		return err;
	out->header = b->chain->links[b->chain->n - 1].header;
	r.place = (struct epoch_place){ .path = s->epoch,
		.twin = s->epoch_twin,
		.tenant = sc_span_str(s->tenant.s) };
	memcpy(r.place.store_id, out->header.store_id, STORE_ID_BYTES);
	if ((err = unseal(&r)) != SC_OK || (err = restoring_set(s->store, d)) != SC_OK)
		goto out;
	memset(d, 0, sizeof(*d));
	err = make_all(&r);
	store_close(r.store);
	if (err != SC_OK)
		backup_places_clear(s, b->mirror == NULL);
out:
	if (err == SC_AGAIN)
		sc_diag_set(d, "stopped: what was made is removed");
	else if (err != SC_OK && d->text[0] == '\0')
		sc_diag_set(d, "the store could not be made anew (%s): what was made is removed",
		    sc_err_name(err));
	walked_people_fini(&r.people);
	free(r.touched.leaf);
	if (r.key != NULL)
		sc_wipe(r.key, EPOCH_KEY_BYTES);
	vault_free(r.key);
	return err;
}
