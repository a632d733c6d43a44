/*
 * recode_cover.c - bitsets of classes by column and leaf.
 */
#include "analytics/recode/recode_cover.h"

#include <stdlib.h>
#include <string.h>

/* By cost; what costs the same by what it holds, never by where it stood. */
static int by_cost(const void *va, const void *vb, void *arg)
{
	const struct recode_group *a = *(struct recode_group *const *)va;
	const struct recode_group *b = *(struct recode_group *const *)vb;
	const struct recode *r = arg;

	if (a->cost != b->cost)
		return a->cost < b->cost ? -1 : 1;
	if (a->part.rows != b->part.rows)
		return a->part.rows < b->part.rows ? -1 : 1;
	const uint32_t x = unit_at(r, a->units, 0)->item, y = unit_at(r, b->units, 0)->item;

	return (x > y) - (x < y);
}

static void put_column(struct recode_cover *c, size_t column, int16_t lo, int16_t hi, size_t bit,
    bool on)
{
	uint64_t *word = c->bits + (c->from[column] + (size_t)lo) * c->words + bit / 64;
	const uint64_t mask = UINT64_C(1) << bit % 64;

	for (int16_t leaf = lo; leaf <= hi; leaf++, word += c->words)
		*word = on ? *word | mask : *word & ~mask;
}

static void published(const struct recode *r, const struct recode_box *b, size_t column,
    int16_t *lo, int16_t *hi)
{
	uint16_t from = (uint16_t)b->lo[column], to = (uint16_t)b->hi[column];

	hierarchy_widen(r->col[column].h, &from, &to);
	*lo = (int16_t)from;
	*hi = (int16_t)to;
}

static void put_cost(struct recode_cover *c, const struct recode_group *g)
{
	uint32_t *least = &c->least[g->at / 64];

	c->cost[g->at] = g->cost;
	*least = g->cost < *least ? g->cost : *least;
}

static void put_all(struct recode_cover *c, const struct recode_group *g)
{
	for (size_t a = 0; a < c->r->m; a++) {
		int16_t lo, hi;

		published(c->r, &g->part.box, a, &lo, &hi);
		put_column(c, a, lo, hi, g->at, true);
	}
	c->alive[g->at / 64] |= UINT64_C(1) << g->at % 64;
	put_cost(c, g);
}

bool recode_cover_init(struct recode_cover *c, struct recode *r, struct recode_list *block)
{
	size_t leaves = 0;

	*c = (struct recode_cover){ .r = r, .block = block, .words = (block->n + 63) / 64 };
	for (size_t a = 0; a < r->m; a++) {
		c->from[a] = leaves;
		leaves += r->col[a].n;
	}
	c->bits = calloc(leaves * c->words + 1, sizeof(*c->bits));
	c->alive = calloc(c->words, sizeof(*c->alive));
	c->least = malloc(c->words * sizeof(*c->least));
	c->cost = calloc(c->words * 64, sizeof(*c->cost));
	if (c->cost == NULL || c->bits == NULL || c->alive == NULL || c->least == NULL) {
		r->err = SC_NOMEM;
		return false;
	}
	memset(c->least, 0xff, c->words * sizeof(*c->least));
	qsort_r(block->v, block->n, sizeof(struct recode_group *), by_cost, r);
	for (size_t i = 0; i < block->n; i++) {
		block->v[i]->at = i;
		put_all(c, block->v[i]);
	}
	return true;
}

void recode_cover_fini(struct recode_cover *c)
{
	free(c->bits);
	free(c->alive);
	free(c->least);
	free(c->cost);
	*c = (struct recode_cover){ 0 };
}

void recode_cover_moved(struct recode_cover *c, struct recode_group *g,
    const struct recode_box *was)
{
	const struct recode *r = c->r;

	for (size_t a = 0; a < r->m; a++) {
		int16_t lo, hi, was_lo, was_hi;

		if (g->part.box.lo[a] == was->lo[a] && g->part.box.hi[a] == was->hi[a])
			continue;
		published(r, &g->part.box, a, &lo, &hi);
		published(r, was, a, &was_lo, &was_hi);
		if (lo == was_lo && hi == was_hi)
			continue;
		put_column(c, a, was_lo, was_hi, g->at, false);
		put_column(c, a, lo, hi, g->at, true);
	}
	g->cost = box_cost(r, &g->part.box);
	put_cost(c, g);
}

void recode_cover_drop(struct recode_cover *c, struct recode_group *g)
{
	c->alive[g->at / 64] &= ~(UINT64_C(1) << g->at % 64);
	g->dead = true;
}

/* Would G with W more rows of U's kind keep its rules? */
static bool is_welcome(struct recode *r, struct recode_group *g, const struct recode_unit *u,
    uint32_t w)
{
	bool ok;

	if (r->n_watch == 0)
		return true;
	part_count(r, &g->part, u->kind, w);
	ok = part_ok(r, &g->part);
	part_uncount(r, &g->part, u->kind, w);
	return ok;
}

/*
 * What W rows like U cost G more, or LIMIT or more. A column whose cell has U's leaf already
 * costs what it did: the others are told by their bit.
 */
static uint64_t price_of(const struct recode *r, const struct recode_group *g,
    const struct recode_unit *u, uint32_t w, const uint64_t *const *row, size_t word, size_t bit,
    uint64_t limit)
{
	const struct recode_box *b = &g->part.box;
	const uint64_t own = (uint64_t)w * g->cost, all = (uint64_t)g->part.rows + w;
	uint32_t more = 0;

	for (size_t a = 0; a < r->m && own + all * more < limit; a++)
		if ((row[a][word] >> bit & 1) == 0)
			more += column_cost(&r->col[a], u->v[a] < b->lo[a] ? u->v[a] : b->lo[a],
				    u->v[a] > b->hi[a] ? u->v[a] : b->hi[a]) -
			    column_cost(&r->col[a], b->lo[a], b->hi[a]);
	return own + all * more;
}

struct recode_group *recode_cover_find(struct recode_cover *c, const struct recode_unit *u,
    uint32_t w, const struct recode_group *except, uint64_t *price)
{
	struct recode *r = c->r;
	struct recode_group *best = NULL;
	const uint64_t *row[LANES];

	for (size_t a = 0; a < r->m; a++)
		row[a] = c->bits + (c->from[a] + (size_t)u->v[a]) * c->words;
	for (size_t i = 0; i < c->words; i++) {
		uint64_t lacks1 = 0, lacks2 = 0, lacks3 = 0;

		if ((uint64_t)w * c->least[i] >= *price)
			continue;
		for (size_t a = 0; a < r->m; a++) {
			const uint64_t x = ~row[a][i];

			lacks3 |= lacks2 & x;
			lacks2 |= lacks1 & x;
			lacks1 |= x;
		}
		for (uint64_t left = c->alive[i] & ~lacks3; left != 0; left &= left - 1) {
			const size_t bit = (size_t)__builtin_ctzll(left);
			struct recode_group *g;

			if ((uint64_t)w * c->cost[i * 64 + bit] >= *price ||
			    (g = c->block->v[i * 64 + bit]) == except)
				continue;
			const uint64_t p = price_of(r, g, u, w, row, i, bit, *price);

			if (p < *price && is_welcome(r, g, u, w)) {
				*price = p;
				best = g;
			}
		}
	}
	return best;
}
