/*
 * hierarchy.c - levels, the lowest node above two leaves, and what its loss is.
 */
#include "analytics/release/hierarchy_private.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_LEAVES_MAX 1024u /* of more, no table of all pairs is made: 4 MiB */

struct hierarchy *hierarchy_new(enum hierarchy_kind kind, size_t n, size_t n_levels)
{
	struct hierarchy *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->kind = kind;
	h->n_leaves = n;
	h->n_levels = n_levels;
	labels_init(&h->values);
	return h;
}

void hierarchy_free(struct hierarchy *h)
{
	if (h == NULL)
		return;
	free(h->costs);
	free(h->leaf_of);
	labels_fini(&h->values);
	sc_arena_fini(&h->arena);
	free(h);
}

enum sc_err hierarchy_put_level(struct hierarchy *h, size_t l, const uint16_t *node)
{
	struct hierarchy_level *to = &h->level[l];
	const size_t n = h->n_leaves, nodes = (size_t)node[n - 1] + 1;

	to->n = nodes;
	to->node = sc_arena_alloc(&h->arena, n * sizeof(*to->node));
	to->lo = sc_arena_alloc(&h->arena, nodes * sizeof(*to->lo));
	to->hi = sc_arena_alloc(&h->arena, nodes * sizeof(*to->hi));
	to->label = sc_arena_alloc(&h->arena, nodes * sizeof(*to->label));
	if (to->node == NULL || to->lo == NULL || to->hi == NULL || to->label == NULL)
		return SC_NOMEM;
	memcpy(to->node, node, n * sizeof(*node));
	for (size_t i = n; i-- > 0;)
		to->lo[node[i]] = (uint16_t)i;
	for (size_t i = 0; i < n; i++)
		to->hi[node[i]] = (uint16_t)i;
	return SC_OK;
}

static enum sc_err put_top(struct hierarchy *h)
{
	struct hierarchy_level *last = &h->level[h->n_levels - 1];
	uint16_t *all;
	enum sc_err err;

	if (last->n == 1)
		return SC_OK;
	if (h->n_levels == HIERARCHY_LEVELS_MAX)
		return SC_LIMIT;
	if ((all = calloc(h->n_leaves, sizeof(*all))) == NULL)
		return SC_NOMEM;
	err = hierarchy_put_level(h, h->n_levels, all);
	free(all);
	if (err == SC_OK)
		h->level[h->n_levels++].label[0] = sc_span_str("*");
	return err;
}

/* A step's edge within the domain. */
static int64_t clamped(const struct hierarchy_grid *g, int64_t v)
{
	return v < g->min ? g->min : v > g->max ? g->max : v;
}

static uint32_t grid_cost(const struct hierarchy *h, uint16_t lo, uint16_t hi)
{
	const struct hierarchy_grid *g = &h->grid;
	const int64_t from = g->origin + (h->first + lo) * g->step;
	const int64_t to = g->origin + (h->first + hi + 1) * g->step - 1;
	const int64_t width = clamped(g, to) - clamped(g, from), all = g->max - g->min;

	if (all == 0)
		return 0;
	return (uint32_t)(((__int128)width * HIERARCHY_ONE + all / 2) / all);
}

static uint32_t tree_cost(const struct hierarchy *h, uint16_t lo, uint16_t hi)
{
	uint64_t leaves;

	hierarchy_widen(h, &lo, &hi);
	leaves = (uint64_t)hi - lo + 1;
	if (leaves == 1)
		return 0;
	return (uint32_t)((leaves * HIERARCHY_ONE + h->n_leaves / 2) / h->n_leaves);
}

static uint32_t cost_of(const struct hierarchy *h, uint16_t lo, uint16_t hi)
{
	return h->kind == HIERARCHY_GRID ? grid_cost(h, lo, hi) : tree_cost(h, lo, hi);
}

enum sc_err hierarchy_finish(struct hierarchy *h)
{
	const size_t n = h->n_leaves;
	enum sc_err err = put_top(h);

	if (err != SC_OK || n > TABLE_LEAVES_MAX)
		return err;
	if ((h->costs = calloc(n * n, sizeof(*h->costs))) == NULL)
		return SC_NOMEM;
	for (size_t lo = 0; lo < n; lo++)
		for (size_t hi = lo; hi < n; hi++)
			h->costs[lo * n + hi] = cost_of(h, (uint16_t)lo, (uint16_t)hi);
	return SC_OK;
}

size_t hierarchy_leaves(const struct hierarchy *h)
{
	return h->n_leaves;
}

size_t hierarchy_levels(const struct hierarchy *h)
{
	return h->n_levels;
}

bool hierarchy_is_grid(const struct hierarchy *h)
{
	return h->kind == HIERARCHY_GRID;
}

const uint16_t *hierarchy_nodes(const struct hierarchy *h, size_t level)
{
	return h->level[level].node;
}

size_t hierarchy_level(const struct hierarchy *h, uint16_t lo, uint16_t hi)
{
	size_t l = 0;

	while (h->level[l].node[lo] != h->level[l].node[hi])
		l++;
	return l;
}

void hierarchy_widen(const struct hierarchy *h, uint16_t *lo, uint16_t *hi)
{
	if (h->kind == HIERARCHY_GRID)
		return;
	const struct hierarchy_level *l = &h->level[hierarchy_level(h, *lo, *hi)];
	const uint16_t node = l->node[*lo];

	*lo = l->lo[node];
	*hi = l->hi[node];
}

const uint32_t *hierarchy_costs(const struct hierarchy *h)
{
	return h->costs;
}

uint32_t hierarchy_cost(const struct hierarchy *h, uint16_t lo, uint16_t hi)
{
	return h->costs != NULL ? h->costs[lo * h->n_leaves + hi] : cost_of(h, lo, hi);
}

/* V, in units of 10^-DECIMALS, as people write it. */
static enum sc_err put_number(struct sc_buf *out, int64_t v, uint8_t decimals)
{
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v, one = 1;

	for (uint8_t i = 0; i < decimals; i++)
		one *= 10;
	if (decimals == 0)
		return sc_buf_printf(out, "%s%llu", v < 0 ? "-" : "", (unsigned long long)u);
	return sc_buf_printf(out, "%s%llu.%0*llu", v < 0 ? "-" : "", (unsigned long long)(u / one),
	    decimals, (unsigned long long)(u % one));
}

/* "20-24"; where numbers may be below zero, or have a fraction, "-20..-11". */
static enum sc_err print_grid(const struct hierarchy *h, uint16_t lo, uint16_t hi,
    struct sc_buf *out)
{
	const struct hierarchy_grid *g = &h->grid;
	const int64_t from = g->origin + (h->first + lo) * g->step;
	const int64_t to = g->origin + (h->first + hi + 1) * g->step - 1;
	const int64_t lowest = g->origin + h->first * g->step;
	enum sc_err err;

	if (lo == 0 && hi == h->n_leaves - 1)
		return sc_buf_put_str(out, "*");
	if ((err = put_number(out, from, g->decimals)) != SC_OK || from == to)
		return err;
	if ((err = sc_buf_put_str(out, lowest < 0 || g->decimals > 0 ? ".." : "-")) != SC_OK)
		return err;
	return put_number(out, to, g->decimals);
}

enum sc_err hierarchy_print(const struct hierarchy *h, uint16_t lo, uint16_t hi, struct sc_buf *out)
{
	if (h->kind == HIERARCHY_GRID)
		return print_grid(h, lo, hi, out);
	const struct hierarchy_level *l = &h->level[hierarchy_level(h, lo, hi)];

	return sc_buf_put_span(out, l->label[l->node[lo]]);
}
