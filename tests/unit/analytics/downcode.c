/*
 * downcode.c - rules out what the method would not have left as it is.
 */
#include "downcode.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAWS 48u   /* rows as they might be, of each class, column and value */
#define OTHERS 256u /* classes that a row may move to, at most */

struct attacker {
	const struct release_table *t;
	const struct recode_result *r;
	uint32_t k;
	size_t m;
	uint64_t *rate[RELEASE_COLUMNS_MAX]; /* rows with a leaf or a smaller one */
	uint64_t *cost;                      /* of a row, of each class */
	uint64_t lot;
};

static void *need(void *p)
{
	if (p == NULL) {
		printf("Bail out! memory\n");
		exit(1);
	}
	return p;
}

static uint64_t any(struct attacker *a, uint64_t n)
{
	uint64_t x = a->lot += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (x ^ x >> 31) % n;
}

/* Rows of column C with leaves LO to HI. */
static uint64_t rate_of(const struct attacker *a, size_t c, size_t lo, size_t hi)
{
	return a->rate[c][hi] - (lo == 0 ? 0 : a->rate[c][lo - 1]);
}

/* A leaf of LO to HI as frequent as it is. */
static uint16_t draw(struct attacker *a, size_t c, uint16_t lo, uint16_t hi)
{
	const uint64_t before = lo == 0 ? 0 : a->rate[c][lo - 1];
	const uint64_t at = before + any(a, rate_of(a, c, lo, hi));

	while (a->rate[c][lo] <= at)
		lo++;
	return lo;
}

/* Is a row that costs OWN where it is cheaper in class AT, which it may widen? */
static bool would_move(const struct attacker *a, size_t at, const uint16_t *row, uint64_t own)
{
	const struct recode_class *c = &a->r->classes[at];
	uint64_t more = 0;

	for (size_t i = 0; i < a->m; i++) {
		const uint16_t lo = row[i] < c->lo[i] ? row[i] : c->lo[i];
		const uint16_t hi = row[i] > c->hi[i] ? row[i] : c->hi[i];
		const struct hierarchy *h = a->t->shape.columns[i];

		if (lo != c->lo[i] || hi != c->hi[i])
			more += hierarchy_cost(h, lo, hi) - hierarchy_cost(h, c->lo[i], c->hi[i]);
	}
	return a->cost[at] + more * (c->rows + 1) < own;
}

/* Which classes cost less than class AT and meet it but for a column; at most MAX. */
static size_t cheaper(const struct attacker *a, size_t at, size_t *out, size_t max)
{
	const struct recode_class *c = &a->r->classes[at];
	size_t n = 0;

	for (size_t lack = 0; lack < 2; lack++)
		for (size_t i = 0; i < a->r->n && n < max; i++) {
			const struct recode_class *b = &a->r->classes[i];
			size_t apart = 0;

			for (size_t x = 0; x < a->m; x++)
				apart += b->lo[x] > c->hi[x] || c->lo[x] > b->hi[x];
			if (a->cost[i] < a->cost[at] && apart == lack)
				out[n++] = i;
		}
	return n;
}

/* How likely a row of the class with LEAF in COLUMN would have stayed, in DRAWS parts. */
static unsigned would_stay(struct attacker *a, size_t at, size_t column, uint16_t leaf,
    const size_t *other, size_t n)
{
	const struct recode_class *c = &a->r->classes[at];
	unsigned stay = 0;

	for (unsigned i = 0; i < DRAWS; i++) {
		uint16_t row[RELEASE_COLUMNS_MAX];
		bool moved = false;

		for (size_t x = 0; x < a->m; x++)
			row[x] = x == column ? leaf : draw(a, x, c->lo[x], c->hi[x]);
		for (size_t o = 0; o < n && !moved; o++)
			moved = would_move(a, other[o], row, a->cost[at]);
		stay += !moved;
	}
	return stay;
}

static double log_choose(double n, double k)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/*
 * Of N rows each of which is below a node by chance P, how many are, when k or more on both
 * sides would have been cut apart, and all or none would have been published so?
 */
static double expected_share(uint32_t n, uint32_t k, double p)
{
	double sum = 0, all = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (i >= k && n - i >= k)
			continue;
		const double x = exp(log_choose(n, i) + i * log(p) + (n - i) * log1p(-p));

		all += x;
		sum += x * i;
	}
	return all > 0 ? sum / all / n : p;
}

/* The share of each child's leaves, as the cut makes it likely. */
static double cut_weight(const struct attacker *a, const struct recode_class *c, size_t column,
    uint16_t leaf)
{
	const struct hierarchy *h = a->t->shape.columns[column];
	const size_t level = hierarchy_level(h, c->lo[column], c->hi[column]);
	const uint16_t *node = hierarchy_nodes(h, level - 1);
	uint16_t lo = leaf, hi = leaf;

	while (lo > c->lo[column] && node[lo - 1] == node[leaf])
		lo--;
	while (hi < c->hi[column] && node[hi + 1] == node[leaf])
		hi++;
	const double all = (double)rate_of(a, column, c->lo[column], c->hi[column]);
	const double p = (double)rate_of(a, column, lo, hi) / all;

	if (p <= 0 || p >= 1)
		return p;
	return expected_share(c->rows, a->k, p) * (double)rate_of(a, column, leaf, leaf) /
	    (double)rate_of(a, column, lo, hi);
}

/* What they guess of a class's cell, by three ways of weighing. */
static void guess(struct attacker *a, size_t at, size_t column, uint16_t *out)
{
	const struct recode_class *c = &a->r->classes[at];
	size_t other[OTHERS];
	const size_t n = c->people > a->k ? cheaper(a, at, other, OTHERS) : 0;
	double best[3] = { -1, -1, -1 };

	for (uint16_t leaf = c->lo[column]; leaf <= c->hi[column]; leaf++) {
		const double rate = (double)rate_of(a, column, leaf, leaf);

		if (rate <= 0)
			continue;
		const double w[3] = { rate,
			rate * (n == 0 ? DRAWS : would_stay(a, at, column, leaf, other, n)),
			cut_weight(a, c, column, leaf) };

		for (size_t i = 0; i < 3; i++)
			if (w[i] > best[i]) {
				best[i] = w[i];
				out[i] = leaf;
			}
	}
}

static void count(struct attacker *a, struct downcode_score *out)
{
	uint16_t(*guesses)[RELEASE_COLUMNS_MAX][3] = need(calloc(a->r->n + 1, sizeof(*guesses)));

	for (size_t c = 0; c < a->r->n; c++)
		for (size_t x = 0; x < a->m; x++)
			if (a->r->classes[c].lo[x] < a->r->classes[c].hi[x])
				guess(a, c, x, guesses[c][x]);
	for (size_t i = 0; i < a->t->n; i++) {
		const uint32_t c = a->r->class_of[i];

		for (size_t x = 0; c != RECODE_SUPPRESSED && x < a->m; x++) {
			const uint16_t is = a->t->leaves[i * a->m + x];

			if (a->r->classes[c].lo[x] == a->r->classes[c].hi[x])
				continue;
			out->cells++;
			out->by_rate += guesses[c][x][0] == is;
			out->by_cover += guesses[c][x][1] == is;
			out->by_cut += guesses[c][x][2] == is;
		}
	}
	free(guesses);
}

struct downcode_score downcode_run(const struct release_table *t, const struct recode_result *r,
    uint32_t k)
{
	struct attacker a = { .t = t, .r = r, .k = k, .m = t->shape.n_columns, .lot = 1 };
	struct downcode_score out = { 0 };

	for (size_t x = 0; x < a.m; x++) {
		const size_t n = hierarchy_leaves(t->shape.columns[x]);

		a.rate[x] = need(calloc(n, sizeof(*a.rate[x])));
		for (size_t i = 0; i < t->n; i++)
			a.rate[x][t->leaves[i * a.m + x]]++;
		for (size_t i = 1; i < n; i++)
			a.rate[x][i] += a.rate[x][i - 1];
	}
	a.cost = need(calloc(r->n + 1, sizeof(*a.cost)));
	for (size_t c = 0; c < r->n; c++)
		for (size_t x = 0; x < a.m; x++)
			a.cost[c] += hierarchy_cost(t->shape.columns[x], r->classes[c].lo[x],
			    r->classes[c].hi[x]);
	count(&a, &out);
	for (size_t x = 0; x < a.m; x++)
		free(a.rate[x]);
	free(a.cost);
	return out;
}
