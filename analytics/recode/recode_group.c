/*
 * recode_group.c - groups of units, and lists of groups.
 */
#include "analytics/recode/recode_private.h"

#include <stdlib.h>
#include <string.h>

struct recode_group *recode_group_new(struct recode *r, size_t cap)
{
	struct recode_group *g = calloc(1, sizeof(*g) + r->n_hist * sizeof(g->hist[0]));

	if (g != NULL && (g->units = malloc((cap == 0 ? 1 : cap) * r->stride)) == NULL) {
		free(g);
		g = NULL;
	}
	if (g == NULL) {
		r->err = SC_NOMEM;
		return NULL;
	}
	g->cap = cap;
	g->part.hist = g->hist;
	return g;
}

void recode_group_free(struct recode_group *g)
{
	if (g == NULL)
		return;
	free(g->units);
	free(g);
}

bool recode_group_add(struct recode *r, struct recode_group *g, const struct recode_unit *u,
    uint32_t w)
{
	if (g->n == g->cap) {
		const size_t cap = g->cap + g->cap / 2 + 4;
		uint8_t *to = realloc(g->units, cap * r->stride);

		if (to == NULL) {
			r->err = SC_NOMEM;
			return false;
		}
		g->units = to;
		g->cap = cap;
	}
	if (g->n == 0)
		part_begin(r, &g->part, u->v);
	else
		box_add(&g->part.box, u->v, r->wide);
	struct recode_unit *to = unit_at(r, g->units, g->n++);

	memcpy(to, u, r->stride);
	to->w = w;
	part_count(r, &g->part, u->kind, w);
	return true;
}

void recode_group_count(const struct recode *r, struct recode_group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct recode_unit *u = unit_at(r, g->units, i);

		if (i == 0)
			part_begin(r, &g->part, u->v);
		else
			box_add(&g->part.box, u->v, r->wide);
		part_count(r, &g->part, u->kind, u->w);
	}
	g->cost = box_cost(r, &g->part.box);
}

bool recode_list_add(struct recode *r, struct recode_list *l, struct recode_group *g)
{
	if (l->n == l->cap) {
		const size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
		struct recode_group **v = reallocarray(l->v, cap, sizeof(struct recode_group *));

		if (v == NULL) {
			r->err = SC_NOMEM;
			recode_group_free(g);
			return false;
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = g;
	return true;
}

void recode_list_fini(struct recode_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		recode_group_free(l->v[i]);
	free(l->v);
	*l = (struct recode_list){ 0 };
}

uint64_t recode_loss(const struct recode_list *l, size_t from)
{
	uint64_t sum = 0;

	for (size_t i = from; i < l->n; i++)
		sum += (uint64_t)l->v[i]->part.rows * l->v[i]->cost;
	return sum;
}
