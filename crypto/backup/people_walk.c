/*
 * people_walk.c - down and up through the levels, one open box of each.
 */
#include "crypto/backup/people_walk.h"

#include "crypto/prim/vault.h"

#include <stdlib.h>
#include <string.h>

#define TOP (TREE_LEVELS - 1)
#define FIRST_ROOM 4096
#define WALK_BOXES 16 /* no box is opened through the tree: it only knows how */

struct walking {
	const struct people_walk *w;
	struct sc_diag *d;
	struct walked_people *out;
	struct tree *tree;
	uint8_t (*plain)[TREE_PLAIN]; /* of each level, in the vault */
	uint64_t index[TREE_LEVELS];
	unsigned next[TREE_LEVELS]; /* the child to go to */
	uint64_t leaves;
	size_t touched;
	uint8_t box[TREE_BOX];
};

static bool is_zero(const uint8_t *p, size_t n)
{
	uint8_t all = 0;

	for (size_t i = 0; i < n; i++)
		all |= p[i];
	return all == 0;
}

/* The box of LEVEL at the walk's place, under KEY. */
static enum sc_err open_box(struct walking *g, unsigned level, const uint8_t *key)
{
	const uint64_t place = TREE_PLACE(level, g->index[level]);
	bool there = false, ok = false;
	enum sc_err err;

	if ((err = g->w->rows->read(g->w->rows->arg, place, g->box, &there)) != SC_OK)
		return err;
	if (there &&
	    (err = tree_box_open(g->tree, place, key, g->box, g->plain[level], &ok)) != SC_OK)
		return err;
	g->out->boxes++;
	g->next[level] = 0;
	if (there && ok)
		return SC_OK;
	sc_diag_set(g->d, there ? "a box of keys does not open" : "a box of keys is missing");
	return SC_CORRUPT;
}

static enum sc_err add_person(struct walked_people *p, const struct tree_person *who, uint64_t slot)
{
	if (p->n == p->room) {
		const size_t room = p->room == 0 ? FIRST_ROOM : 2 * p->room;
		struct walked_person *more = realloc(p->all, room * sizeof(*more));

		if (more == NULL)
			return SC_NOMEM;
		p->all = more;
		p->room = room;
	}
	memcpy(p->all[p->n].handle, who->handle, HANDLE_BYTES);
	p->all[p->n++].slot = slot;
	return SC_OK;
}

static bool is_touched(struct walking *g)
{
	while (g->touched < g->w->n_touched && g->w->touched[g->touched] < g->index[0])
		g->touched++;
	return g->touched < g->w->n_touched && g->w->touched[g->touched] == g->index[0];
}

static enum sc_err take_leaf(struct walking *g)
{
	const bool touched = is_touched(g);
	struct tree_person who;
	enum sc_err err = SC_OK;

	for (unsigned i = 0; i < TREE_LEAF && err == SC_OK; i++) {
		const uint64_t slot = g->index[0] * TREE_LEAF + i;

		memcpy(&who, g->plain[0] + i * sizeof(who), sizeof(who));
		if (!is_zero(who.secret, sizeof(who.secret)))
			err = add_person(g->out, &who, slot);
		else if (touched)
			err = g->w->empty(g->w->arg, slot);
	}
	sc_wipe(&who, sizeof(who));
	if (err == SC_OK && ++g->leaves % 64 == 0)
		err = work_watched(g->w->watch, "opening keys", g->leaves, g->w->leaves);
	return err;
}

/* From the open top box through all below it that have a key. */
static enum sc_err walk(struct walking *g)
{
	enum sc_err err = SC_OK;
	unsigned level = TOP;

	while (err == SC_OK && level <= TOP) {
		const unsigned children = level == TOP ? TREE_CHILDREN - 1 : TREE_CHILDREN;
		const unsigned child = g->next[level]++;
		const uint8_t *key = g->plain[level] + (size_t)child * TREE_SECRET_BYTES;

		if (child >= children) {
			level++;
			continue;
		}
		if (is_zero(key, TREE_SECRET_BYTES))
			continue;
		g->index[level - 1] = g->index[level] * TREE_CHILDREN + child;
		if ((err = open_box(g, level - 1, key)) != SC_OK)
			break;
		if (level == 1)
			err = take_leaf(g);
		else
			level--;
	}
	return err;
}

static int by_handle(const void *a, const void *b)
{
	const struct walked_person *x = a, *y = b;
	const int c = memcmp(x->handle, y->handle, HANDLE_BYTES);

	return c != 0 ? c : x->slot < y->slot ? -1 : x->slot > y->slot;
}

enum sc_err people_walk(const struct people_walk *w, struct sc_diag *d, struct walked_people *out)
{
	struct walking g = { .w = w, .d = d, .out = out };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = tree_new(w->tenant, w->store_id, WALK_BOXES, &g.tree)) != SC_OK)
		return err;
	if ((g.plain = vault_alloc(TREE_LEVELS * sizeof(*g.plain))) == NULL)
		err = SC_NOMEM;
	if (err == SC_OK && (err = open_box(&g, TOP, w->key)) == SC_OK)
		err = walk(&g);
	if (err == SC_OK && out->n > 0)
		qsort(out->all, out->n, sizeof(*out->all), by_handle);
	vault_free(g.plain);
	tree_free(g.tree);
	return err;
}

void walked_people_fini(struct walked_people *p)
{
	free(p->all);
	memset(p, 0, sizeof(*p));
}
