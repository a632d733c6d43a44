/*
 * report.c - the parts in their order; the week against the four before it.
 */
#include "analytics/market/report.h"

#include <math.h>
#include <string.h>

/* The week's row, or NULL. */
static const struct market_row *row_at(const struct market_series *s, int64_t at)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].at == at)
			return &s->rows[i];
	return NULL;
}

/* Measure V of the four weeks before; false: one of them is not there. */
static bool four_before(const struct market_data *m, size_t v, double *sum)
{
	*sum = 0;
	for (int64_t w = 1; w <= 4; w++) {
		const struct market_row *r = row_at(&m->series[MARKET_WEEK], m->week - 7 * w);

		if (r == NULL)
			return false;
		*sum += r->v[v];
	}
	return true;
}

/*
 * Standard deviation of the logarithm of NOW against four weeks' sum. Money is as uncertain as
 * its orders, whose amounts vary by about their mean.
 */
static double spread_of(const struct market_data *m, size_t v, double now, double before)
{
	if (v != TILE_REVENUE)
		return STATS_SPREAD * sqrt(1 / now + 1 / before);
	const struct market_row *r = row_at(&m->series[MARKET_WEEK], m->week);

	if (r == NULL || !four_before(m, TILE_ORDERS, &before) || r->v[TILE_ORDERS] < 1)
		return 0;
	return STATS_SPREAD * sqrt(2 / r->v[TILE_ORDERS] + 2 / before);
}

static void make_tile(const struct market_data *m, size_t v, struct report_tile *t)
{
	const struct market_series *s = &m->series[MARKET_WEEK];
	double before;

	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i].at <= m->week - 7 * (int64_t)REPORT_SPARK || s->rows[i].at > m->week)
			continue;
		t->value = s->rows[i].at == m->week ? s->rows[i].v[v] : t->value;
		t->spark[t->n_spark++ % REPORT_SPARK] = (int64_t)s->rows[i].v[v];
	}
	if (!four_before(m, v, &before) || before < 1 || t->value < 1)
		return;
	const double ratio = log(t->value / (before / 4));
	const double sd = spread_of(m, v, t->value, before);

	if (!(sd > 0))
		return;

	t->has_change = true;
	t->change = (struct stats_range){ exp(ratio) - 1, exp(ratio - STATS_Z95 * sd) - 1,
		exp(ratio + STATS_Z95 * sd) - 1 };
	t->p = stats_p_of_z(ratio / sd);
}

static void make_again(const struct market_data *m, struct report_again *out)
{
	const struct market_row *r = row_at(&m->series[MARKET_WEEK], m->week);
	double before, buyers;

	if (r == NULL || r->v[1] < 1 || r->v[4] > r->v[1])
		return;
	out->known = true;
	out->share = stats_share(r->v[4], r->v[1]);
	if (!four_before(m, 4, &before) || !four_before(m, 1, &buyers) || buyers < 1 ||
	    before > buyers)
		return;
	const double a = r->v[4] / r->v[1], b = before / buyers;

	out->has_change = true;
	out->points = a - b;
	out->half = STATS_SPREAD * STATS_Z95 * sqrt(a * (1 - a) / r->v[1] + b * (1 - b) / buyers);
}

void report_week(const struct market_data *m, struct market_report *r)
{
	for (size_t v = 0; v < TILES; v++)
		make_tile(m, v, &r->tiles[v]);
	make_again(m, &r->again);
}

enum sc_err report_make(struct market_data *m, struct market_report *out)
{
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	out->data = m;
	report_week(m, out);
	report_segments(m, &out->segments);
	report_heat(m, &out->heat);
	if ((err = report_portraits(m, &out->portraits)) != SC_OK ||
	    (err = report_categories(m, &out->categories)) != SC_OK)
		return err;
	report_bands(m, &out->categories, &out->bands);
	report_hours(m, &out->hours);
	report_weekdays(m, &out->weekdays);
	report_cohorts(m, &out->cohorts);
	report_findings(out);
	return SC_OK;
}
