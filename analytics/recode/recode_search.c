/*
 * recode_search.c - large neighbourhood search: a class and its nearest are pooled and cut
 * anew, which is kept if it is better.
 */
#include "analytics/recode/recode_private.h"

#include <stdlib.h>
#include <string.h>

#define POOL_ITEMS 4000u
#define NEAR_MAX 8u

/* What the search for neighbours reads of a class, close together. */
struct search_row {
	struct recode_box box;
	struct recode_group *g;
	uint32_t cost, rows;
};

struct search {
	struct recode *r;
	struct search_row *rows; /* of what is alive */
	size_t n, cap;
	struct recode_list dead; /* freed when the sweep is over */
	struct recode_group *near[NEAR_MAX];
	uint64_t price[NEAR_MAX];
	size_t n_near, want;
	uint32_t own[LANES + 1]; /* find_near()'s */
};

/* G is a row's, or freed where there is no memory. */
static void add_row(struct search *s, struct recode_group *g)
{
	if (s->n == s->cap) {
		const size_t cap = s->cap == 0 ? 64 : 2 * s->cap;
		struct search_row *v = reallocarray(s->rows, cap, sizeof(*v));

		if (v == NULL) {
			s->r->err = SC_NOMEM;
			recode_group_free(g);
			return;
		}
		s->rows = v;
		s->cap = cap;
	}
	g->at = s->n;
	s->rows[s->n++] = (struct search_row){ g->part.box, g, g->cost, g->part.rows };
}

static void remove_row(struct search *s, struct recode_group *g)
{
	struct search_row *last = &s->rows[--s->n];

	last->g->at = g->at;
	s->rows[g->at] = *last;
	g->dead = true;
	(void)recode_list_add(s->r, &s->dead, g);
}

static void keep_near(struct search *s, struct recode_group *g, uint64_t price)
{
	size_t i = s->n_near < s->want ? s->n_near++ : s->want - 1;

	for (; i > 0 && s->price[i - 1] > price; i--) {
		s->near[i] = s->near[i - 1];
		s->price[i] = s->price[i - 1];
	}
	s->near[i] = g;
	s->price[i] = price;
}

/* What the columns from each on cost G alone: with whatever it is joined, no less. */
static void sum_own(struct search *s, const struct recode_group *g)
{
	const struct recode *r = s->r;

	s->own[r->m] = 0;
	for (size_t i = r->m; i-- > 0;) {
		const size_t a = r->order[i];

		s->own[i] = s->own[i + 1] +
		    column_cost(&r->col[a], g->part.box.lo[a], g->part.box.hi[a]);
	}
}

/* The loss of ROWS of A and B together; where it is LIMIT or more, some that is too. */
static uint64_t join_loss(const struct search *s, const struct recode_box *a,
    const struct recode_box *b, uint64_t rows, uint64_t limit)
{
	const struct recode *r = s->r;
	uint32_t sum = 0;

	for (size_t i = 0; i < r->m; i++) {
		const size_t c = r->order[i];

		sum += column_cost(&r->col[c], a->lo[c] < b->lo[c] ? a->lo[c] : b->lo[c],
		    a->hi[c] > b->hi[c] ? a->hi[c] : b->hi[c]);
		if ((sum + s->own[i + 1]) * rows >= limit)
			return limit;
	}
	return sum * rows;
}

/* The classes that lose least by being one with G, as far as 2k of their rows go. */
static void find_near(struct search *s, const struct recode_group *g)
{
	const uint64_t cost = (uint64_t)g->cost * g->part.rows, most = 2 * (uint64_t)s->r->k;

	s->n_near = 0;
	sum_own(s, g);
	for (size_t i = 0; i < s->n; i++) {
		const struct search_row *b = &s->rows[i];
		const uint64_t limit = s->n_near < s->want ? UINT64_MAX >> 1 :
							     s->price[s->n_near - 1];
		const uint64_t w = b->rows < most ? b->rows : most;
		const uint64_t own = cost + b->cost * w, all = g->part.rows + w;
		const uint32_t least = b->cost > g->cost ? b->cost : g->cost;

		if (b->g == g || least * all >= limit + own)
			continue;
		const uint64_t loss = join_loss(s, &g->part.box, &b->box, all, limit + own);

		if (loss < limit + own)
			keep_near(s, b->g, loss - own);
	}
}

static int by_item(const void *va, const void *vb)
{
	const struct recode_unit *a = va, *b = vb;

	return (a->item > b->item) - (a->item < b->item);
}

/* G and its neighbours as one set; equal items are one unit. */
static struct recode_group *pool_of(struct search *s, const struct recode_group *g)
{
	struct recode *r = s->r;
	struct recode_group *pool;
	size_t n = g->n, kept = 0;

	for (size_t i = 0; i < s->n_near; i++)
		n += s->near[i]->n;
	if ((pool = recode_group_new(r, n)) == NULL)
		return NULL;
	memcpy(pool->units, g->units, g->n * r->stride);
	pool->n = g->n;
	for (size_t i = 0; i < s->n_near; i++) {
		memcpy(pool->units + pool->n * r->stride, s->near[i]->units,
		    s->near[i]->n * r->stride);
		pool->n += s->near[i]->n;
	}
	qsort(pool->units, pool->n, r->stride, by_item);
	for (size_t i = 1; i < pool->n; i++) {
		struct recode_unit *to = unit_at(r, pool->units, kept),
				   *u = unit_at(r, pool->units, i);

		if (u->item == to->item)
			to->w += u->w;
		else if (++kept < i)
			memcpy(unit_at(r, pool->units, kept), u, r->stride);
	}
	pool->n = kept + 1;
	recode_group_count(r, pool);
	return pool;
}

/* The neighbours that fit into a pool; false: none does. */
static bool fit(struct search *s, const struct recode_group *g)
{
	size_t n = g->n, i = 0;

	while (i < s->n_near && n + s->near[i]->n <= POOL_ITEMS)
		n += s->near[i++]->n;
	s->n_near = i;
	return i > 0;
}

static void replace(struct search *s, struct recode_group *g, struct recode_list *new)
{
	remove_row(s, g);
	for (size_t i = 0; i < s->n_near; i++)
		remove_row(s, s->near[i]);
	for (size_t i = 0; i < new->n; i++)
		add_row(s, new->v[i]);
	new->n = 0;
}

/* One class and its neighbours. */
static void try_class(struct search *s, struct recode_group *g)
{
	struct recode *r = s->r;
	struct recode_list new = { 0 };
	struct recode_group *pool;
	uint64_t before = (uint64_t)g->part.rows * g->cost;

	find_near(s, g);
	g->tried = true;
	if (!fit(s, g) || (pool = pool_of(s, g)) == NULL)
		return;
	for (size_t i = 0; i < s->n_near; i++)
		before += (uint64_t)s->near[i]->part.rows * s->near[i]->cost;
	recode_solve(r, pool, r->effort.breadth, &new);
	if (r->err == SC_OK && recode_loss(&new, 0) < before)
		replace(s, g, &new);
	recode_list_fini(&new);
}

/* The classes of the block in an order by lot. */
static void shuffle(const struct recode *r, struct recode_list *l, unsigned sweep)
{
	uint64_t lot = recode_draw(r, &l->v[0]->part, 1 + (uint64_t)sweep);

	for (size_t i = l->n; i > 1; i--) {
		lot += UINT64_C(0x9e3779b97f4a7c15);
		const size_t j = (size_t)(recode_mix(lot) % i);
		struct recode_group *g = l->v[i - 1];

		l->v[i - 1] = l->v[j];
		l->v[j] = g;
	}
}

static void sweep(struct search *s, struct recode_list *block, unsigned number)
{
	struct recode *r = s->r;

	shuffle(r, block, number);
	s->n = 0;
	s->want = r->effort.pools[number % r->effort.n_pools];
	for (size_t i = 0; i < block->n; i++)
		add_row(s, block->v[i]);
	for (size_t i = 0; i < block->n && r->err == SC_OK; i++) {
		struct recode_group *g = block->v[i];

		if (!g->dead && !g->tried && g->cost > 0)
			try_class(s, g);
	}
	block->n = 0;
	for (size_t i = 0; i < s->n; i++)
		(void)recode_list_add(r, block, s->rows[i].g);
	recode_list_fini(&s->dead);
}

void recode_search(struct recode *r, struct recode_list *block, unsigned number)
{
	struct search s = { .r = r };
	const struct recode_effort *e = &r->effort;

	/* with other neighbours, luck may be another */
	if (number > 0 && e->pools[number % e->n_pools] != e->pools[(number - 1) % e->n_pools])
		for (size_t i = 0; i < block->n; i++)
			block->v[i]->tried = false;
	sweep(&s, block, number);
	free(s.rows);
}
