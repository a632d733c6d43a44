/*
 * categories.c - what is looked at and bought: shares that rise or fall more than chance, and
 * price bands.
 *
 * A trend is the share of four weeks against the four before, of a category that stood alone
 * (or in the same group) in all eight: sums over weeks in which it was folded differently
 * would not be of the same people.
 */
#include "analytics/market/report.h"

#include "analytics/market/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TREND_WEEKS 4
#define BANDS_WEEKS 13

/* GROUP's own row of week AT, or NULL. */
static const struct market_row *own_row(const struct market_series *s, int64_t at,
    const char *group)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].at == at && strcmp(s->rows[i].of[0], group) == 0)
			return &s->rows[i];
	return NULL;
}

/* Visitors of the weeks that end WEEKS before the page's; false: it was folded differently. */
static bool four_weeks(const struct market_data *m, const char *group, int64_t weeks, double *out)
{
	*out = 0;
	for (int64_t w = weeks; w < weeks + TREND_WEEKS; w++) {
		const struct market_row *r =
		    own_row(&m->series[MARKET_VISITORS], m->week - 7 * w, group);

		if (r == NULL)
			return false;
		*out += r->v[0];
	}
	return true;
}

static void draw_spark(const struct market_data *m, struct report_category *c)
{
	for (int64_t w = REPORT_SPARK_CATEGORY; w-- > 0;) {
		const struct market_row *r =
		    own_row(&m->series[MARKET_VISITORS], m->week - 7 * w, c->group);

		if (r != NULL)
			c->spark[c->n_spark++] = (int64_t)r->v[0];
	}
}

static void rate_of(const struct market_data *m, struct report_category *c)
{
	const struct market_series *b = &m->series[MARKET_BUYERS], *s = &m->series[MARKET_VISITORS];
	const int64_t from = m->week - 7 * (TREND_WEEKS - 1);
	double buyers, visitors;

	if (!market_sum(b, from, m->week, c->group, NULL, 0, &buyers) || buyers < 1 ||
	    !market_sum(s, from, m->week, c->group, NULL, 0, &visitors) || visitors < buyers)
		return;
	c->has_rate = true;
	c->rate = stats_share(buyers, visitors);
}

static int by_visitors(const void *a, const void *b)
{
	const struct report_category *x = a, *y = b;

	if (x->visitors != y->visitors)
		return x->visitors < y->visitors ? 1 : -1;
	return strcmp(x->group, y->group);
}

/* Of all that were tested: which changed more than chance would have it, and by enough. */
static enum sc_err find_changes(struct report_categories *out)
{
	double *p = calloc(out->n + 1, sizeof(*p));
	bool *found = calloc(out->n + 1, sizeof(*found));
	size_t n = 0;

	for (size_t i = 0; i < out->n && p != NULL; i++)
		if (out->v[i].tested)
			p[n++] = out->v[i].p;
	if (p != NULL && found != NULL) {
		stats_false_discovery(p, n, REPORT_RATE, found);
		out->tested = n;
		for (size_t i = 0, t = 0; i < out->n; i++) {
			if (!out->v[i].tested)
				continue;
			out->v[i].found = found[t++] &&
			    fabs(out->v[i].change.value) >= REPORT_CHANGE;
			out->found += out->v[i].found;
		}
	}
	const enum sc_err err = p != NULL && found != NULL ? SC_OK : SC_NOMEM;

	free(p);
	free(found);
	return err;
}

enum sc_err report_categories(struct market_data *m, struct report_categories *out)
{
	const struct market_series *s = &m->series[MARKET_VISITORS];
	const int64_t from = m->week - 7 * (TREND_WEEKS - 1), before = m->week - 7 * TREND_WEEKS;
	double all = 0, all_before = 0;

	out->v = sc_arena_alloc(&m->arena, REPORT_CATEGORIES * sizeof(*out->v));
	if (out->v == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < s->n; i++) {
		all += s->rows[i].at >= from && s->rows[i].at <= m->week ? s->rows[i].v[0] : 0;
		all_before += s->rows[i].at >= before - 7 * (TREND_WEEKS - 1) &&
			s->rows[i].at <= before ?
		    s->rows[i].v[0] :
		    0;
	}
	for (size_t i = 0; i < s->n && out->n < REPORT_CATEGORIES; i++) {
		struct report_category *c = &out->v[out->n];
		double then;

		if (s->rows[i].at != m->week)
			continue;
		c->group = s->rows[i].of[0];
		out->n++;
		if (!four_weeks(m, c->group, 0, &c->visitors))
			c->visitors = s->rows[i].v[0];
		else if (four_weeks(m, c->group, TREND_WEEKS, &then))
			c->tested = stats_share_change(c->visitors, all, then, all_before,
			    &c->change, &c->p);
		draw_spark(m, c);
		rate_of(m, c);
	}
	qsort(out->v, out->n, sizeof(*out->v), by_visitors);
	return find_changes(out);
}

/* ---- price bands --------------------------------------------------------------------- */

/* Where a band stands: by its first number, what has none in front. */
static double band_order(const char *name)
{
	const char *digit = name + strcspn(name, "0123456789");

	return *digit == '\0' || *name == '<' ? -1 : strtod(digit, NULL);
}

static void add_band(struct report_bands *out, const char *name)
{
	size_t i;

	for (i = 0; i < out->n; i++)
		if (strcmp(out->names[i], name) == 0)
			return;
	if (out->n == REPORT_BANDS || group_size(name) > 1)
		return;
	for (i = out->n++; i > 0 && band_order(out->names[i - 1]) > band_order(name); i--)
		out->names[i] = out->names[i - 1];
	out->names[i] = name;
}

static void add_buyers(const struct report_bands *b, struct report_band_row *row, const char *band,
    double buyers)
{
	size_t i = 0;

	while (i < b->n && strcmp(b->names[i], band) != 0)
		i++;
	row->v[i < b->n ? i : REPORT_BANDS] += buyers;
	row->all += buyers;
}

void report_bands(const struct market_data *m, const struct report_categories *top,
    struct report_bands *out)
{
	const struct market_series *s = &m->series[MARKET_BANDS],
				   *by = &m->series[MARKET_MONTH_BANDS];

	for (size_t i = 0; i < s->n; i++)
		add_band(out, s->rows[i].of[0]);
	if (out->n == 0)
		return;
	out->n_rows = 1;
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].at > m->week - 7 * BANDS_WEEKS)
			add_buyers(out, &out->rows[0], s->rows[i].of[0], s->rows[i].v[0]);
	for (size_t c = 0; c < top->n && out->n_rows < REPORT_BAND_ROWS; c++) {
		struct report_band_row *row = &out->rows[out->n_rows];

		for (size_t i = 0; i < by->n; i++)
			if (strcmp(by->rows[i].of[0], top->v[c].group) == 0)
				add_buyers(out, row, by->rows[i].of[1], by->rows[i].v[0]);
		row->category = top->v[c].group;
		out->n_rows += row->all > 0;
	}
}
