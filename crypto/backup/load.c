/*
 * load.c - rows from a stream into the statement of their part, unchanged.
 */
#include "crypto/backup/load.h"

#include "crypto/keytree/tree.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>
#include <string.h>

#define JOB_ROWS 65536 /* rows of one transaction: 250 MB where they are boxes */

struct loading {
	struct store_job job; /* first */
	struct backup_reader *reader;
	const struct work_watch *watch;
	struct sc_diag *d;
	struct load_touched *touched;
	uint64_t from_leaf; /* of the link: leaves below were there before */
	uint64_t bytes;     /* of the link */
	bool newest, over;
	struct store_value v[BACKUP_COLUMNS];
};

static enum sc_err touch(struct load_touched *t, uint64_t leaf)
{
	if (t->n == t->room) {
		const size_t room = t->room == 0 ? 64 : 2 * t->room;
		uint64_t *more = realloc(t->leaf, room * sizeof(*more));

		if (more == NULL)
			return SC_NOMEM;
		t->leaf = more;
		t->room = room;
	}
	t->leaf[t->n++] = leaf;
	return SC_OK;
}

/* A place, and a box as long as boxes are. */
static enum sc_err check_box(struct loading *l, enum backup_part part)
{
	const uint64_t place = (uint64_t)l->v[0].number;

	if (place >= TREE_PLACE(TREE_LEVELS, 0) ||
	    (part == BACKUP_BOXES && l->v[1].bytes.n != TREE_BOX)) {
		sc_diag_set(l->d, "a box in it has no place, or another length than boxes have");
		return SC_SYNTAX;
	}
	return place < l->from_leaf ? touch(l->touched, place) : SC_OK;
}

static bool bind_row(void *arg, size_t i, struct store_value *v)
{
	const struct loading *l = arg;

	(void)i;
	memcpy(v, l->v, sizeof(l->v));
	return true;
}

static enum sc_err put_row(struct loading *l, struct store_tx *tx, enum backup_part part)
{
	enum sc_err err;

	if (part < BACKUP_WEEKS && !l->newest)
		return SC_OK;
	if (part >= BACKUP_BOXES && (err = check_box(l, part)) != SC_OK)
		return err;
	return store_ask(tx,
	    &(struct store_batch){ backup_tables[part].put, 1, bind_row, NULL, l });
}

/* Some rows, or all that are left. */
static enum sc_err load_some(struct store_job *j, struct store_tx *tx)
{
	struct loading *l = (struct loading *)j;
	enum backup_part part;
	enum sc_err err = SC_OK;

	for (unsigned n = 0; n < JOB_ROWS && err == SC_OK; n++) {
		if ((err = backup_reader_row(l->reader, l->d, &part, l->v)) != SC_OK)
			return err;
		if (part == BACKUP_TRAILER) {
			l->over = true;
			return SC_OK;
		}
		if ((err = put_row(l, tx, part)) == SC_OK)
			err = work_watched(l->watch, "loading", backup_reader_bytes(l->reader),
			    l->bytes);
	}
	return err;
}

static enum sc_err load_link(struct store *s, struct loading *l, const struct backup_found *b)
{
	struct backup_header h;
	struct backup_input in;
	enum sc_err err;

	if ((err = backup_input_open(b->path, l->d, &in)) != SC_OK)
		return err;
	if ((err = backup_reader_new(&in.source, l->d, &h, &l->reader)) == SC_OK)
		l->from_leaf = h.from_high / TREE_LEAF;
	l->bytes = b->bytes;
	for (l->over = false; err == SC_OK && !l->over;) {
		l->job = (struct store_job){ .run = load_some };
		err = store_run(s, &l->job);
	}
	if (err == SC_OK && memcmp(backup_reader_end(l->reader)->hash, b->hash, HASH_BYTES) != 0) {
		sc_diag_set(l->d, "it was changed while it was read");
		err = SC_AUTH;
	}
	backup_reader_free(l->reader);
	backup_input_close(&in);
	return err;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

enum sc_err backup_load(struct store *s, const struct backup_chain *c,
    const struct work_watch *watch, struct sc_diag *d, struct load_touched *touched)
{
	struct loading *l = calloc(1, sizeof(*l));
	enum sc_err err = l == NULL ? SC_NOMEM : SC_OK;

	for (size_t i = 0; i < c->n && err == SC_OK; i++) {
		*l = (struct loading){ .watch = watch,
			.d = d,
			.touched = touched,
			.newest = i + 1 == c->n };
		err = load_link(s, l, &c->links[i]);
	}
	if (touched->n > 0)
		qsort(touched->leaf, touched->n, sizeof(*touched->leaf), by_number);
	if (err == SC_OK)
		memset(d, 0, sizeof(*d));
	free(l);
	return err;
}
