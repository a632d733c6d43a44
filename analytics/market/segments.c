/*
 * segments.c - the seven segments: how many, what they bring, what they will probably order,
 * and what is special of them. Groups that were folded stay groups.
 */
#include "analytics/market/report.h"

#include <math.h>
#include <string.h>

#define YEAR 52
#define QUARTER 13
#define ABOVE_Z 3.0 /* of a trait, before it is told */

/* Orders of the QUARTER weeks that end WEEKS before the page's; false: a week is missing. */
static bool quarter_orders(const struct market_data *m, int64_t weeks, double *out)
{
	const struct market_series *s = &m->series[MARKET_WEEK];
	const int64_t to = m->week - 7 * weeks, from = to - 7 * (QUARTER - 1);
	size_t n = 0;

	*out = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i].at < from || s->rows[i].at > to)
			continue;
		*out += s->rows[i].v[TILE_ORDERS];
		n++;
	}
	return n == QUARTER;
}

/* A year ago: the quarter that is coming against the one that is past. */
static void find_season(const struct market_data *m, struct report_segments *out)
{
	double coming, past;

	out->season = 1;
	if (!quarter_orders(m, YEAR - QUARTER, &coming) || !quarter_orders(m, YEAR, &past) ||
	    past < 1)
		return;
	out->season = coming / past;
	out->has_season = true;
}

/* What those who were in the segment a quarter ago ordered since, and so will these. */
static void expect_orders(const struct market_data *m, double season, struct report_segment *s)
{
	const struct market_series *q = &m->series[MARKET_QUARTERS];
	double people, orders;

	if (q->missing || q->n == 0)
		return;
	const int64_t last = q->rows[q->n - 1].at;

	if (!market_sum(q, last, last, s->group, NULL, 0, &people) || people < 1 ||
	    !market_sum(q, last, last, s->group, NULL, 2, &orders))
		return;
	const struct stats_range r = stats_poisson(floor(orders));
	const double one = season / people;

	s->has_orders = true;
	s->orders = (struct stats_range){ orders * one,
		fmax(0, orders - STATS_SPREAD * (orders - r.low)) * one,
		(orders + STATS_SPREAD * (r.high - orders)) * one };
}

static void share_of_revenue(const struct market_data *m, struct report_segment *s)
{
	const struct market_series *w = &m->series[MARKET_SEGMENT_WEEK];
	double own, all;

	s->revenue_share.known =
	    market_sum(w, m->week - 7 * 11, m->week, s->group, NULL, 3, &own) &&
	    market_sum(w, m->week - 7 * 11, m->week, NULL, NULL, 3, &all) && all > 0;
	if (s->revenue_share.known)
		s->revenue_share.v = own / all;
}

static void change_of_people(const struct market_data *m, struct report_segment *s)
{
	const struct market_series *w = &m->series[MARKET_SEGMENT_WEEK];
	double before, all;

	s->change.known = market_sum(w, m->week - 28, m->week - 28, s->group, NULL, 0, &before) &&
	    market_sum(w, m->week - 28, m->week - 28, NULL, NULL, 0, &all) && all > 0;
	if (s->change.known)
		s->change.v = s->people - before;
}

/* How far row R's share of its segment is above everyone's; 0: not at all, or it cannot be told. */
static double above(const struct market_series *s, const struct market_row *r, double own,
    double all, struct report_traits *out)
{
	double everyone;

	if (!market_sum(s, r->at, r->at, NULL, r->of[1], 0, &everyone) || all <= own)
		return 0;
	const double share = r->v[0] / own, rest = (everyone - r->v[0]) / (all - own);
	const double sd = STATS_SPREAD *
	    sqrt(share * (1 - share) / own + rest * (1 - rest) / (all - own));

	if (sd <= 0 || (share - rest) / sd < ABOVE_Z)
		return 0;
	*out = (struct report_traits){ true, r->of[1], share, everyone / all };
	return (share - rest) / sd;
}

static void find_trait(const struct market_data *m, const struct market_series *s,
    const char *group, struct report_traits *out)
{
	double own, all, best = 0;

	if (!market_sum(s, m->week, m->week, group, NULL, 0, &own) || own < 1 ||
	    !market_sum(s, m->week, m->week, NULL, NULL, 0, &all))
		return;
	out->known = true;
	for (size_t i = 0; i < s->n; i++) {
		struct report_traits t;
		double z;

		if (s->rows[i].at != m->week || strcmp(s->rows[i].of[0], group) != 0)
			continue;
		if ((z = above(s, &s->rows[i], own, all, &t)) > best) {
			best = z;
			*out = t;
		}
	}
}

/* Where a group stands: as its first member does in the cube's order. */
static size_t place(const char *group)
{
	static const char *const order[MARKET_SEGMENTS] = { "champions", "loyal", "promising",
		"new", "at_risk", "asleep", "looking" };

	for (size_t i = 0; i < MARKET_SEGMENTS; i++)
		if (strncmp(group, order[i], strlen(order[i])) == 0)
			return i;
	return MARKET_SEGMENTS;
}

static void take_row(const struct market_row *r, struct report_segments *out)
{
	size_t i = out->n++;

	for (; i > 0 && place(out->v[i - 1].group) > place(r->of[0]); i--)
		out->v[i] = out->v[i - 1];
	out->v[i] = (struct report_segment){ .group = r->of[0], .people = r->v[0] };
	out->people += r->v[0];
}

void report_segments(const struct market_data *m, struct report_segments *out)
{
	const struct market_series *s = &m->series[MARKET_SEGMENT_WEEK];

	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].at == m->week && out->n < MARKET_SEGMENTS)
			take_row(&s->rows[i], out);
	find_season(m, out);
	for (size_t i = 0; i < out->n; i++) {
		change_of_people(m, &out->v[i]);
		share_of_revenue(m, &out->v[i]);
		expect_orders(m, out->season, &out->v[i]);
		for (size_t t = 0; t < m->n_traits; t++)
			find_trait(m, &m->traits[t].rows, out->v[i].group, &out->v[i].traits[t]);
	}
}
