/*
 * portraits.c - the released view: last order by number of orders, and groups of alike people.
 *
 * A published cell that crosses a line of the picture is counted in none of its fields, for
 * that would take a group apart; how many people those are is told below it.
 */
#include "analytics/market/report.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SPREAD_Z 3.0 /* of a favourite, before it is told */

/* What a range says at most and at least; an open end is where the column ends. */
static double low_of(const struct cell_range *r)
{
	return r->below ? 0 : r->low;
}

static double high_of(const struct cell_range *r, double most)
{
	return r->above ? fmax(most, low_of(r)) : r->high;
}

static bool has_orders(const struct market_cell *c)
{
	return c->orders.above || c->orders.high >= 1;
}

static double most_of(const struct market_view *v, size_t offset)
{
	double most = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct cell_range *r =
		    (const struct cell_range *)(const void *)((const char *)&v->cells[i] + offset);

		most = fmax(most, r->above ? low_of(r) : r->high);
	}
	return most;
}

/* ---- last order by number of orders -------------------------------------------------- */

/* Lines at which ranges really begin, as near as can be to those that are wished for. */
static size_t make_axis(const struct market_view *v, size_t offset, const double *wish, int64_t *at)
{
	size_t n = 0;

	for (size_t w = 0; w < REPORT_AXIS; w++) {
		double best = -1;

		for (size_t i = 0; i < v->n; i++) {
			const struct cell_range *r =
			    (const struct cell_range *)(const void *)((const char *)&v->cells[i] +
				offset);

			if (has_orders(&v->cells[i]) && !r->below &&
			    (best < 0 || fabs(r->low - wish[w]) < fabs(best - wish[w])))
				best = r->low;
		}
		if (best >= 0 && (n == 0 || (int64_t)best > at[n - 1]))
			at[n++] = (int64_t)best;
	}
	return n;
}

/* The field that R lies in as a whole; N: in none. */
static size_t field_of(const struct cell_range *r, const int64_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const bool last = i + 1 == n;

		if (!r->below && r->low >= (double)at[i] &&
		    (last || (!r->above && r->high < (double)at[i + 1])))
			return i;
	}
	return n;
}

void report_heat(const struct market_data *m, struct report_heat *out)
{
	static const double weeks[REPORT_AXIS] = { 0, 2, 4, 8, 13, 26 },
			    orders[REPORT_AXIS] = { 1, 2, 3, 4, 5, 6 };
	const struct market_view *v = &m->view;

	out->n_rows = make_axis(v, offsetof(struct market_cell, weeks), weeks, out->row_at);
	out->n_cols = make_axis(v, offsetof(struct market_cell, orders), orders, out->col_at);
	for (size_t i = 0; i < v->n; i++) {
		const struct market_cell *c = &v->cells[i];
		const size_t row = field_of(&c->weeks, out->row_at, out->n_rows);
		const size_t col = field_of(&c->orders, out->col_at, out->n_cols);

		if (!has_orders(c))
			continue;
		out->people += c->people;
		if (row < out->n_rows && col < out->n_cols)
			out->v[row * out->n_cols + col] += c->people;
		else
			out->crossing += c->people;
	}
}

/* ---- groups -------------------------------------------------------------------------- */

/* Cells that differ in nothing but the favourite are one to k-means. */
struct portrait_cells {
	struct kmeans_cell points[KMEANS_CELLS];
	const struct market_cell *first[KMEANS_CELLS];
	double middle[KMEANS_CELLS][KMEANS_DIMS]; /* weeks, orders, spent */
	uint16_t *point_of;                       /* of each cell of the view */
	size_t n;
};

static bool same_range(const struct cell_range *a, const struct cell_range *b)
{
	return a->low == b->low && a->high == b->high && a->below == b->below &&
	    a->above == b->above;
}

static bool same_cell(const struct market_cell *a, const struct market_cell *b)
{
	return same_range(&a->weeks, &b->weeks) && same_range(&a->orders, &b->orders) &&
	    same_range(&a->spent, &b->spent);
}

void report_place(const struct cell_range *const r[static KMEANS_DIMS],
    const double most[static KMEANS_DIMS], double middle[static KMEANS_DIMS],
    double at[static KMEANS_DIMS])
{
	for (size_t d = 0; d < KMEANS_DIMS; d++) {
		const double low = fmax(0, low_of(r[d])), high = fmax(low, high_of(r[d], most[d]));

		middle[d] = (low + high) / 2;
		if (d == 0)
			at[d] = middle[d];
		else if (d == 1)
			at[d] = (log(fmax(1, low)) + log(fmax(1, high))) / 2;
		else
			at[d] = (log1p(low) + log1p(high)) / 2;
	}
}

/* False: there are more cells than k-means takes. */
static bool collect(const struct market_view *v, struct portrait_cells *p)
{
	const double most[KMEANS_DIMS] = { most_of(v, offsetof(struct market_cell, weeks)),
		most_of(v, offsetof(struct market_cell, orders)),
		most_of(v, offsetof(struct market_cell, spent)) };

	for (size_t i = 0; i < v->n; i++) {
		size_t k = p->n;

		p->point_of[i] = UINT16_MAX;
		if (!has_orders(&v->cells[i]))
			continue;
		while (k > 0 && !same_cell(p->first[k - 1], &v->cells[i]))
			k--;
		if (k == 0 && p->n == KMEANS_CELLS)
			return false;
		if (k == 0) {
			p->first[p->n] = &v->cells[i];
			const struct cell_range *const r[KMEANS_DIMS] = { &v->cells[i].weeks,
				&v->cells[i].orders, &v->cells[i].spent };

			report_place(r, most, p->middle[p->n], p->points[p->n].at);
			k = ++p->n;
		}
		p->points[k - 1].weight += v->cells[i].people;
		p->point_of[i] = (uint16_t)(k - 1);
	}
	return true;
}

/* The most of K groups that other people would give as well. */
static enum sc_err find_groups(const struct portrait_cells *p, struct kmeans_result *r,
    struct report_portraits *out)
{
	enum sc_err err;

	for (size_t k = REPORT_PORTRAITS; k >= 3 && k <= p->n; k--) {
		double worst;

		if ((err = kmeans_run(p->points, p->n, k, KMEANS_STARTS, 1, r)) != SC_OK ||
		    (err = kmeans_worst_repeat(p->points, p->n, r, &worst)) != SC_OK)
			return err;
		out->tried = true;
		out->agreement = fmax(out->agreement, worst);
		if (worst < REPORT_AGREEMENT)
			continue;
		out->agreement = worst;
		out->n = k;
		return SC_OK;
	}
	return SC_OK;
}

/* Each group has the name that fits best of those that are left. */
static void name_groups(const struct kmeans_result *r, struct report_portraits *out)
{
	/* heavy and steady; slowing; one costly; fresh and light; one small: deviations */
	static const double like[REPORT_PORTRAITS][KMEANS_DIMS] = { { -0.7, 1.5, 1.2 },
		{ 0.2, 0.6, 0.9 }, { 0.8, -0.7, 0.4 }, { -0.9, -0.5, -0.4 }, { 0.5, -0.8, -1.4 } };
	bool used[REPORT_PORTRAITS] = { false }, named[REPORT_PORTRAITS] = { false };

	for (size_t round = 0; round < out->n; round++) {
		size_t group = 0, name = 0;
		double best = INFINITY;

		for (size_t g = 0; g < out->n; g++)
			for (size_t w = 0; w < REPORT_PORTRAITS && !named[g]; w++) {
				double far = 0;

				for (size_t d = 0; d < KMEANS_DIMS; d++)
					far += pow(r->centre[g][d] - like[w][d], 2);
				if (used[w] || far >= best)
					continue;
				best = far;
				group = g;
				name = w;
			}
		used[name] = named[group] = true;
		out->v[group].name = name;
	}
}

static void measure_groups(const struct portrait_cells *p, const struct kmeans_result *r,
    struct report_portraits *out)
{
	double all = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct report_portrait *v = &out->v[r->group[i]];
		const double w = p->points[i].weight;

		v->people += w;
		v->weeks += w * p->middle[i][0];
		v->orders += w * p->middle[i][1];
		v->spent += w * p->middle[i][2];
		all += w * p->middle[i][2];
	}
	for (size_t g = 0; g < out->n; g++) {
		struct report_portrait *v = &out->v[g];

		v->share = all > 0 ? v->spent / all : 0;
		v->weeks /= fmax(1, v->people);
		v->orders /= fmax(1, v->people);
		v->spent /= fmax(1, v->people);
	}
}

/* How many standard deviations CATEGORY's share in GROUP is above that of all. */
static double favour(const struct market_view *v, const struct portrait_cells *p,
    const struct kmeans_result *r, size_t group, const char *category)
{
	double in = 0, own = 0, of = 0, all = 0;

	for (size_t i = 0; i < v->n; i++) {
		if (p->point_of[i] == UINT16_MAX || v->cells[i].favourite == NULL)
			continue;
		const double w = v->cells[i].people;
		const bool here = r->group[p->point_of[i]] == group;
		const bool it = strcmp(v->cells[i].favourite, category) == 0;

		own += here ? w : 0;
		in += here && it ? w : 0;
		of += it ? w : 0;
		all += w;
	}
	if (own < 1 || of < 1 || of >= all)
		return 0;
	return (in - own * of / all) / sqrt(own * of / all * (1 - of / all));
}

/* What a group favours more than the others do; sixty-four categories at most. */
static void find_favourites(const struct market_view *v, const struct portrait_cells *p,
    const struct kmeans_result *r, struct report_portraits *out)
{
	const char *seen[64];
	size_t n = 0;

	for (size_t i = 0; i < v->n && n < 64; i++) {
		size_t k = 0;

		if (v->cells[i].favourite == NULL || strcmp(v->cells[i].favourite, "*") == 0)
			continue;
		while (k < n && strcmp(seen[k], v->cells[i].favourite) != 0)
			k++;
		if (k == n)
			seen[n++] = v->cells[i].favourite;
	}
	for (size_t g = 0; g < out->n; g++) {
		double best = SPREAD_Z;

		for (size_t k = 0; k < n; k++) {
			const double z = favour(v, p, r, g, seen[k]);

			if (z <= best)
				continue;
			best = z;
			out->v[g].favourite = seen[k];
		}
	}
}

static int by_share(const void *a, const void *b)
{
	const struct report_portrait *x = a, *y = b;

	return (x->share < y->share) - (x->share > y->share);
}

enum sc_err report_portraits(const struct market_data *m, struct report_portraits *out)
{
	struct portrait_cells *p = calloc(1, sizeof(*p));
	struct kmeans_result r = { .k = 0 };
	enum sc_err err = SC_OK;

	if (p == NULL || (p->point_of = calloc(m->view.n + 1, sizeof(*p->point_of))) == NULL) {
		free(p);
		return SC_NOMEM;
	}
	if (collect(&m->view, p) && p->n > 0) {
		kmeans_scale(p->points, p->n);
		if ((err = find_groups(p, &r, out)) == SC_OK && out->n > 0) {
			measure_groups(p, &r, out);
			name_groups(&r, out);
			find_favourites(&m->view, p, &r, out);
			qsort(out->v, out->n, sizeof(out->v[0]), by_share);
		}
	}
	free(p->point_of);
	free(p);
	return err;
}
