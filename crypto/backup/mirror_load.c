/*
 * mirror_load.c - the mirror's rows into the statements that they were noted of.
 */
#include "crypto/backup/mirror_load.h"

#include "base/private_file.h"
#include "crypto/keystore/mirror.h"
#include "crypto/keytree/tree.h"
#include "crypto/rows/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOB_RECORDS 1024 /* of one transaction */
#define JOB_BYTES (UINT64_C(256) << 20)

/* ---- the base ---- */

enum sc_err mirror_chain(const char *folder, struct sc_diag *d, struct backup_chain *out)
{
	char path[BACKUP_PATH_MAX];

	memset(out, 0, sizeof(*out));
	snprintf(path, sizeof(path), "%s/" MIRROR_BASE, folder);
	if (access(path, F_OK) != 0) {
		snprintf(d->file, sizeof(d->file), "%.255s", path);
		sc_diag_set(d,
		    "the mirror's base is not there: without it the journal tells nothing. Is it "
		    "the folder that keyd.json names as `mirror`?");
		return SC_IO;
	}
	if ((out->links = calloc(1, sizeof(*out->links))) == NULL)
		return SC_NOMEM;
	out->n = 1;
	return backup_look(path, d, &out->links[0]);
}

/* ---- the journal ---- */

struct loading {
	struct store_job job; /* first */
	struct mirror_reader reader;
	const struct work_watch *watch;
	struct sc_diag *d;
	struct backup_header *h;
	struct store_value v[STORE_VALUES_MAX];
	bool over;
};

static bool bind_row(void *arg, size_t i, struct store_value *v)
{
	(void)i;
	memcpy(v, ((const struct loading *)arg)->v, sizeof(((const struct loading *)arg)->v));
	return true;
}

/* A box has its length, and a place. */
static bool is_sound(const struct loading *l, unsigned statement)
{
	if (statement != NODE_KEEP && statement != NODE_REMOVE)
		return true;
	return (uint64_t)l->v[0].number < TREE_PLACE(TREE_LEVELS, 0) &&
	    (statement == NODE_REMOVE || l->v[1].bytes.n == TREE_BOX);
}

static enum sc_err put_rows(struct loading *l, struct store_tx *tx, struct sc_span rows)
{
	unsigned statement = 0;
	bool there;
	enum sc_err err;

	while ((err = mirror_row_next(&rows, &there, &statement, l->v)) == SC_OK && there) {
		if (!is_sound(l, statement))
			err = SC_SYNTAX;
		else
			err =
			    store_ask(tx, &(struct store_batch){ statement, 1, bind_row, NULL, l });
		if (err != SC_OK)
			break;
	}
	if (err == SC_SYNTAX)
		sc_diag_set(l->d, "a record of the mirror's journal holds what none does");
	return err;
}

static enum sc_err load_some(struct store_job *j, struct store_tx *tx)
{
	struct loading *l = (struct loading *)j;
	const uint64_t from = l->reader.at;
	struct mirror_record x;
	bool there = true;
	enum sc_err err = SC_OK;

	for (unsigned n = 0; n < JOB_RECORDS && l->reader.at - from < JOB_BYTES; n++) {
		if ((err = mirror_next(&l->reader, &x, &there, l->d)) != SC_OK || !there ||
		    (err = put_rows(l, tx, x.rows)) != SC_OK)
			break;
		l->h->gen = x.now.gen;
		l->h->epoch = x.now.epoch;
		l->h->high = x.now.high;
		l->h->lease = x.now.lease;
		l->h->people = x.now.people;
		l->h->applied = x.now.applied;
	}
	l->over = !there;
	return err != SC_OK ?
	    err :
	    work_watched(l->watch, "loading the journal", l->reader.at, l->reader.size);
}

enum sc_err mirror_load(struct store *s, const char *folder, const uint8_t hash[static HASH_BYTES],
    const struct work_watch *watch, struct sc_diag *d, struct backup_header *h)
{
	struct loading *l = calloc(1, sizeof(*l));
	enum sc_err err;

	if (l == NULL)
		return SC_NOMEM;
	l->watch = watch;
	l->d = d;
	l->h = h;
	err = mirror_reader_open(&l->reader, folder, hash, d);
	while (err == SC_OK && !l->over) {
		l->job.run = load_some;
		err = store_run(s, &l->job);
	}
	mirror_reader_close(&l->reader);
	if (err == SC_OK)
		memset(d, 0, sizeof(*d));
	free(l);
	return err;
}

/* ---- the epoch's key ---- */

static const char *twin_of(const char *folder, const char *other, char path[static BACKUP_PATH_MAX])
{
	snprintf(path, BACKUP_PATH_MAX, "%s/" MIRROR_TWIN, folder);
	return other != NULL && access(path, F_OK) != 0 ? other : path;
}

enum sc_err mirror_key(const char *folder, const char *other, struct sc_secret *root,
    const struct backup_header *h, struct sc_diag *d, uint8_t key[static EPOCH_KEY_BYTES])
{
	char path[BACKUP_PATH_MAX];
	struct epoch_place at = { .path = twin_of(folder, other, path),
		.tenant = sc_span_str(h->tenant.s) };
	struct epoch_file *f = NULL;
	const uint8_t *found = NULL;
	bool repaired;
	enum sc_err err;

	memcpy(at.store_id, h->store_id, STORE_ID_BYTES);
	if ((err = epoch_file_open(&at, root, d, &repaired, &f)) != SC_OK)
		return err;
	if ((found = epoch_file_key(f, h->epoch)) != NULL) {
		memcpy(key, found, EPOCH_KEY_BYTES);
	} else {
		snprintf(d->file, sizeof(d->file), "%.255s", at.path);
		sc_diag_set(d,
		    "the mirror ends in epoch %llu, whose key the epoch file's twin does not hold: "
		    "they are not of one time. Put the newest of both there, or restore a backup",
		    (unsigned long long)h->epoch);
		err = SC_AUTH;
	}
	epoch_file_close(f);
	return err;
}

static bool copy_blocks(int from, int to)
{
	uint8_t blocks[2 * EPOCH_BLOCK];
	const ssize_t n = (ssize_t)sizeof(blocks);

	return pread(from, blocks, sizeof(blocks), 0) == n &&
	    pwrite(to, blocks, sizeof(blocks), 0) == n && fsync(to) == 0;
}

enum sc_err mirror_epoch(const char *folder, const char *other, const char *path, struct sc_diag *d)
{
	char twin[BACKUP_PATH_MAX];
	const int from = open(twin_of(folder, other, twin), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	const int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	const bool ok = from >= 0 && to >= 0 && copy_blocks(from, to) && private_file_settle(path);

	if (!ok) {
		snprintf(d->file, sizeof(d->file), "%.255s", path);
		sc_diag_set(d, "the epoch file cannot be made of its twin: %s", strerror(errno));
	}
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return ok ? SC_OK : SC_IO;
}
