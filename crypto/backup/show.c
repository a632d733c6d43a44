/*
 * show.c - reading what a backup holds: tables whole, boxes that changed.
 *
 * Since another backup have changed: the leaves from its last one on, those of slots that
 * were erased or merged, and every box above either.
 */
#include "crypto/backup/show.h"

#include "crypto/keytree/tree.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>
#include <string.h>

struct showing {
	const struct backup_show *s;
	enum backup_part part;
	uint64_t from, to, floor; /* parameters of what is asked */
	uint64_t leaves;          /* that there are, about */
	/* the boxes asked for by their place, of one level, below FROM of that level */
	uint64_t *leaf; /* of what was touched, rising */
	size_t n_leaf;
	uint64_t *place;
	bool *there;
	uint64_t *removed; /* places of leaves that are no more */
	size_t n_removed;
};

/* ---- the store's own row ---- */

static enum sc_err take_store(void *arg, size_t i, const struct store_value *v)
{
	struct backup_header *h = arg;

	(void)i;
	if (v[0].bytes.n != STORE_ID_BYTES)
		return SC_CORRUPT;
	memcpy(h->store_id, v[0].bytes.p, STORE_ID_BYTES);
	h->epoch = (uint64_t)v[1].number;
	h->high = (uint64_t)v[2].number;
	h->lease = (uint64_t)v[3].number;
	h->people = (uint64_t)v[4].number;
	return SC_OK;
}

static bool bind_origin(void *arg, size_t i, struct store_value *v)
{
	const struct backup_header *h = arg;

	(void)i;
	v[0] = store_text(h->origin);
	return true;
}

static enum sc_err take_writer(void *arg, size_t i, const struct store_value *v)
{
	struct backup_header *h = arg;

	(void)i;
	h->gen = (uint64_t)v[0].number;
	h->applied = (uint64_t)v[1].number;
	return SC_OK;
}

static enum sc_err take_head(void *arg, size_t i, const struct store_value *v)
{
	struct backup_header *h = arg;

	(void)i;
	if (v[2].bytes.n != HASH_BYTES)
		return SC_CORRUPT;
	h->head_size = (uint64_t)v[1].number;
	memcpy(h->head_root, v[2].bytes.p, HASH_BYTES);
	return SC_OK;
}

enum sc_err backup_show_store(struct store_tx *tx, struct backup_header *h)
{
	const struct store_batch asks[] = { { STORE_FIND, 1, NULL, take_store, h },
		{ WRITER_FIND, 1, bind_origin, take_writer, h },
		{ HEAD_FIND, 1, bind_origin, take_head, h } };
	enum sc_err err = SC_OK;

	h->gen = h->applied = h->head_size = 0;
	memset(h->head_root, 0, HASH_BYTES);
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]) && err == SC_OK; i++)
		err = store_ask(tx, &asks[i]);
	return err;
}

/* ---- rows as they come ---- */

static bool bind_range(void *arg, size_t i, struct store_value *v)
{
	const struct showing *g = arg;

	(void)i;
	v[0] = store_number(g->from);
	v[1] = store_number(g->part == BACKUP_WEEKS ? g->floor : g->to);
	return true;
}

static enum sc_err tell(const struct showing *g)
{
	return work_watched(g->s->watch, "writing", backup_writer_bytes(g->s->writer),
	    g->s->header->whole ? g->leaves * (TREE_BOX + 10) : 0);
}

static enum sc_err pass_row(void *arg, size_t i, const struct store_value *v)
{
	const struct showing *g = arg;
	enum sc_err err = backup_writer_row(g->s->writer, g->part, v);

	(void)i;
	return err != SC_OK ? err : tell(g);
}

static enum sc_err pass(struct showing *g, struct store_tx *tx, enum backup_part part)
{
	g->part = part;
	return store_ask(tx,
	    &(struct store_batch){ backup_tables[part].ask, 1, bind_range, pass_row, g });
}

/*
 * A week is told of new people, and of others when it may be another one than the last backup
 * has.
 */
static enum sc_err pass_weeks(struct showing *g, struct store_tx *tx)
{
	const struct backup_header *h = g->s->header;
	const bool all = h->whole || g->s->weeks_since != UINT32_MAX;

	g->from = all ? 0 : h->from_high / TREE_LEAF * TREE_LEAF;
	g->floor = h->whole || !all ? 0 : g->s->weeks_since;
	return pass(g, tx, BACKUP_WEEKS);
}

static enum sc_err pass_aliases(struct showing *g, struct store_tx *tx)
{
	g->from = g->s->aliases_since;
	return pass(g, tx, BACKUP_ALIASES);
}

/* ---- boxes ---- */

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool bind_epoch(void *arg, size_t i, struct store_value *v)
{
	const struct showing *g = arg;

	(void)i;
	v[0] = store_number(g->s->header->from_epoch);
	return true;
}

static enum sc_err take_touched(void *arg, size_t i, const struct store_value *v)
{
	struct showing *g = arg;

	(void)i;
	if ((g->n_leaf & (g->n_leaf - 1)) == 0) {
		uint64_t *more =
		    realloc(g->leaf, (g->n_leaf == 0 ? 1 : 2 * g->n_leaf) * sizeof(*more));

		if (more == NULL)
			return SC_NOMEM;
		g->leaf = more;
	}
	g->leaf[g->n_leaf++] = (uint64_t)v[1].number / TREE_LEAF;
	return SC_OK;
}

static enum sc_err find_touched(struct showing *g, struct store_tx *tx)
{
	enum sc_err err =
	    store_ask(tx, &(struct store_batch){ TOUCHED_SINCE, 1, bind_epoch, take_touched, g });

	if (err != SC_OK || g->n_leaf == 0)
		return err;
	qsort(g->leaf, g->n_leaf, sizeof(*g->leaf), by_number);
	g->place = calloc(g->n_leaf, sizeof(*g->place));
	g->there = calloc(g->n_leaf, sizeof(*g->there));
	g->removed = calloc(g->n_leaf, sizeof(*g->removed));
	return g->place == NULL || g->there == NULL || g->removed == NULL ? SC_NOMEM : SC_OK;
}

static bool bind_place(void *arg, size_t i, struct store_value *v)
{
	const struct showing *g = arg;

	v[0] = store_number(g->place[i]);
	return true;
}

static enum sc_err pass_box(void *arg, size_t i, const struct store_value *v)
{
	struct showing *g = arg;
	const struct store_value row[] = { store_number(g->place[i]), v[0] };

	g->there[i] = true;
	return pass_row(arg, i, row);
}

/* Boxes of LEVEL above what was touched, and below FIRST, from where on all are told anyway. */
static enum sc_err pass_touched(struct showing *g, struct store_tx *tx, unsigned level,
    uint64_t per, uint64_t first)
{
	enum sc_err err;
	size_t n = 0;

	for (size_t i = 0; i < g->n_leaf && g->leaf[i] / per < first; i++) {
		const uint64_t place = TREE_PLACE(level, g->leaf[i] / per);

		if (n == 0 || g->place[n - 1] != place)
			g->place[n++] = place;
	}
	if (n > 0)
		memset(g->there, 0, n * sizeof(*g->there));
	if ((err = store_ask(tx, &(struct store_batch){ NODE_FIND, n, bind_place, pass_box, g })) !=
	    SC_OK)
		return err;
	for (size_t i = 0; i < n && level == 0; i++)
		if (!g->there[i])
			g->removed[g->n_removed++] = g->place[i];
	return SC_OK;
}

/* From the lowest level up. Only leaves ever lose their row. */
static enum sc_err pass_boxes(struct showing *g, struct store_tx *tx)
{
	const struct backup_header *h = g->s->header;
	uint64_t per = 1;
	enum sc_err err;

	g->part = BACKUP_BOXES;
	for (unsigned level = 0; level < TREE_LEVELS; level++, per *= TREE_CHILDREN) {
		const uint64_t first = h->whole ? 0 : h->from_high / TREE_LEAF / per;

		if ((err = pass_touched(g, tx, level, per, first)) != SC_OK)
			return err;
		g->from = TREE_PLACE(level, first);
		g->to = TREE_PLACE(level + 1, 0) - 1;
		if ((err = pass(g, tx, BACKUP_BOXES)) != SC_OK)
			return err;
	}
	return SC_OK;
}

/* Leaves that were touched, and have nobody left. */
static enum sc_err pass_removed(const struct showing *g)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < g->n_removed && err == SC_OK; i++)
		err = backup_writer_row(g->s->writer, BACKUP_REMOVED,
		    (struct store_value[]){ store_number(g->removed[i]) });
	return err;
}

enum sc_err backup_show_rows(struct store_tx *tx, const struct backup_show *s)
{
	struct showing g = { .s = s, .leaves = s->header->high / TREE_LEAF + 1 };
	enum sc_err err = SC_OK;

	for (unsigned part = BACKUP_KEYRING; part < BACKUP_WEEKS && err == SC_OK; part++)
		err = pass(&g, tx, (enum backup_part)part);
	if (err == SC_OK && (err = pass_weeks(&g, tx)) == SC_OK &&
	    (err = pass_aliases(&g, tx)) == SC_OK &&
	    (s->header->whole || (err = find_touched(&g, tx)) == SC_OK) &&
	    (err = pass_boxes(&g, tx)) == SC_OK)
		err = pass_removed(&g);
	free(g.leaf);
	free(g.place);
	free(g.there);
	free(g.removed);
	return err;
}
