/*
 * recode_relocate.c - rows move to cheaper classes, and classes that are not worth keeping
 * dissolve into others.
 *
 * The most expensive class goes first. A class keeps k people and its rules whatever
 * leaves it; whoever takes rows keeps its own.
 */
#include "analytics/recode/recode_cover.h"

#include <stdlib.h>
#include <string.h>

#define SHRINK_UNITS 256u   /* of more, it is not asked what leaves them cheaper */
#define DISSOLVE_UNITS 200u /* of more, a class stays */

static bool is_at_edge(const struct recode *r, const struct recode_box *b, const int16_t *v)
{
	for (size_t a = 0; a < r->m; a++)
		if (v[a] == b->lo[a] || v[a] == b->hi[a])
			return true;
	return false;
}

/* The box of G's units but for one. */
static void box_without(const struct recode *r, const struct recode_group *g, size_t but,
    struct recode_box *out)
{
	box_of(out, unit_at(r, g->units, but == 0 ? 1 : 0)->v, r->wide);
	for (size_t i = 0; i < g->n; i++)
		if (i != but)
			box_add(out, unit_at(r, g->units, i)->v, r->wide);
}

/* How many rows of U may leave G. */
static uint32_t spare(struct recode *r, struct recode_group *g, const struct recode_unit *u)
{
	uint32_t w = u->w;
	bool ok;

	if (r->kinds[u->kind].head && g->part.people - r->k < w)
		w = g->part.people - r->k;
	if (w == 0 || w >= g->part.rows)
		return 0;
	if (r->n_watch == 0)
		return w;
	part_uncount(r, &g->part, u->kind, w);
	ok = part_ok(r, &g->part);
	part_count(r, &g->part, u->kind, w);
	return ok ? w : 0;
}

/* W rows of G's unit I are elsewhere now; the box is as small as it can be. */
static void take_out(struct recode_cover *c, struct recode_group *g, size_t i, uint32_t w)
{
	struct recode *r = c->r;
	struct recode_unit *u = unit_at(r, g->units, i);
	const struct recode_box was = g->part.box;

	part_uncount(r, &g->part, u->kind, w);
	u->w -= w;
	g->tried = false;
	if (u->w > 0)
		return;
	if (is_at_edge(r, &was, u->v)) {
		box_without(r, g, i, &g->part.box);
		recode_cover_moved(c, g, &was);
	}
	g->n--;
	if (i < g->n)
		memcpy(u, unit_at(r, g->units, g->n), r->stride);
}

static bool put_in(struct recode_cover *c, struct recode_group *g, const struct recode_unit *u,
    uint32_t w)
{
	const struct recode_box was = g->part.box;

	if (!recode_group_add(c->r, g, u, w))
		return false;
	recode_cover_moved(c, g, &was);
	g->tried = false;
	return true;
}

/* Unit I of G moves if that is cheaper. */
static void relocate_unit(struct recode_cover *c, struct recode_group *g, size_t i)
{
	struct recode *r = c->r;
	const struct recode_unit *u = unit_at(r, g->units, i);
	const uint32_t w = spare(r, g, u);
	uint32_t cost = g->cost;
	struct recode_group *to;

	if (w == 0)
		return;
	if (w == u->w && g->n > 1 && g->n <= SHRINK_UNITS && is_at_edge(r, &g->part.box, u->v)) {
		struct recode_box box;

		box_without(r, g, i, &box);
		cost = box_cost(r, &box);
	}
	uint64_t price = (uint64_t)g->part.rows * g->cost - (uint64_t)(g->part.rows - w) * cost;

	if ((to = recode_cover_find(c, u, w, g, &price)) != NULL && put_in(c, to, u, w))
		take_out(c, g, i, w);
}

/* ---- dissolving ------------------------------------------------------------------------- */

/* A class as it would be. */
struct guest_house {
	struct recode_group *g;
	struct recode_part part;
};

struct dissolving {
	struct recode_group *to[DISSOLVE_UNITS]; /* by unit */
	struct guest_house house[DISSOLVE_UNITS];
	size_t n_houses;
	uint32_t *hist; /* of the houses */
};

/* The best place of each unit by itself. False: together they are no cheaper. */
static bool place_all(struct recode_cover *c, const struct recode_group *g, struct dissolving *d)
{
	uint64_t left = (uint64_t)g->part.rows * g->cost;

	for (size_t i = 0; i < g->n; i++) {
		const struct recode_unit *u = unit_at(c->r, g->units, i);
		uint64_t price = left;

		if ((d->to[i] = recode_cover_find(c, u, u->w, g, &price)) == NULL)
			return false;
		left -= price;
	}
	return true;
}

static struct recode_part *house_of(const struct recode *r, struct dissolving *d,
    struct recode_group *g)
{
	struct guest_house *h = d->house;

	for (; h < d->house + d->n_houses; h++)
		if (h->g == g)
			return &h->part;
	h->g = g;
	h->part.hist = d->hist + d->n_houses++ * r->n_hist;
	part_copy(r, &h->part, &g->part);
	return &h->part;
}

/* Several units may widen the same class: is the true sum below what G loses? */
static bool is_worth_it(const struct recode *r, const struct recode_group *g, struct dissolving *d)
{
	uint64_t before = (uint64_t)g->part.rows * g->cost, after = 0;

	d->n_houses = 0;
	for (size_t i = 0; i < g->n; i++) {
		const struct recode_unit *u = unit_at(r, g->units, i);
		struct recode_part *p = house_of(r, d, d->to[i]);

		box_add(&p->box, u->v, r->wide);
		part_count(r, p, u->kind, u->w);
	}
	for (size_t i = 0; i < d->n_houses; i++) {
		const struct guest_house *h = &d->house[i];

		if (!part_ok(r, &h->part))
			return false;
		before += (uint64_t)h->g->part.rows * h->g->cost;
		after += (uint64_t)h->part.rows * box_cost(r, &h->part.box);
	}
	return after < before;
}

static void dissolve(struct recode_cover *c, struct recode_group *g, struct dissolving *d)
{
	struct recode *r = c->r;

	if (g->cost == 0 || g->n >= DISSOLVE_UNITS || !place_all(c, g, d) || !is_worth_it(r, g, d))
		return;
	for (size_t i = 0; i < g->n; i++) {
		const struct recode_unit *u = unit_at(r, g->units, i);

		if (!put_in(c, d->to[i], u, u->w))
			return;
	}
	recode_cover_drop(c, g);
}

static void drop_dead(struct recode_list *block)
{
	size_t n = 0;

	for (size_t i = 0; i < block->n; i++) {
		if (block->v[i]->dead)
			recode_group_free(block->v[i]);
		else
			block->v[n++] = block->v[i];
	}
	block->n = n;
}

void recode_relocate(struct recode *r, struct recode_list *block)
{
	struct recode_cover c;
	struct dissolving *d = malloc(sizeof(*d));

	if (d == NULL ||
	    (d->hist = calloc(DISSOLVE_UNITS * r->n_hist + 1, sizeof(*d->hist))) == NULL) {
		r->err = SC_NOMEM;
		free(d);
		return;
	}
	if (recode_cover_init(&c, r, block)) {
		for (size_t i = block->n; i-- > 0 && r->err == SC_OK;) {
			struct recode_group *g = block->v[i];

			for (size_t u = g->n; u-- > 0 && g->cost > 0 && r->err == SC_OK;)
				relocate_unit(&c, g, u);
		}
		for (size_t i = block->n; i-- > 0 && r->err == SC_OK;)
			dissolve(&c, block->v[i], d);
	}
	recode_cover_fini(&c);
	drop_dead(block);
	free(d->hist);
	free(d);
}
