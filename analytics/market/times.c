/*
 * times.c - when people come: hours by channel, days of the week, and the months after a first
 * order.
 */
#include "analytics/market/report.h"

#include "analytics/market/group.h"
#include "analytics/market/iso_week.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HOURS_WEEKS 4
#define WEEKDAYS_WEEKS 13

/* ---- hours --------------------------------------------------------------------------- */

static void add_channel(struct report_hours *out, const char *name)
{
	for (size_t i = 0; i < out->n; i++)
		if (strcmp(out->channels[i], name) == 0)
			return;
	if (out->n < REPORT_CHANNELS && group_size(name) == 1)
		out->channels[out->n++] = name;
}

/* "21", or as it is written with two digits. */
static bool hour_known(const struct market_data *m, const char *channel, unsigned hour, double *out)
{
	const struct market_series *s = &m->series[MARKET_HOURS];
	const int64_t from = m->week - 7 * (HOURS_WEEKS - 1);
	char plain[8], padded[8];
	double more = 0;

	snprintf(plain, sizeof(plain), "%u", hour);
	snprintf(padded, sizeof(padded), "%02u", hour);
	if (!market_sum(s, from, m->week, channel, plain, 0, out))
		return false;
	if (strcmp(plain, padded) != 0 && !market_sum(s, from, m->week, channel, padded, 0, &more))
		return false;
	*out += more;
	return true;
}

/* The best hour, and whether all but its neighbours are below it by more than chance. */
static void find_best(struct report_hours *out, size_t channel)
{
	const struct report_value *v = out->v[channel];
	size_t best = REPORT_HOURS;

	for (size_t h = 0; h < REPORT_HOURS; h++)
		if (v[h].known && (best == REPORT_HOURS || v[h].v > v[best].v))
			best = h;
	out->best[channel] = best;
	out->sure[channel] = best < REPORT_HOURS && v[best].v > 0;
	for (size_t h = 0; h < REPORT_HOURS && out->sure[channel]; h++) {
		const size_t apart = (h + REPORT_HOURS - best) % REPORT_HOURS;

		if (apart <= 1 || apart == REPORT_HOURS - 1 || !v[h].known)
			continue;
		out->sure[channel] = v[best].v - v[h].v >
		    STATS_SPREAD * STATS_Z95 * sqrt(v[best].v + v[h].v);
	}
}

void report_hours(const struct market_data *m, struct report_hours *out)
{
	const struct market_series *s = &m->series[MARKET_HOURS];

	for (size_t i = 0; i < s->n; i++)
		add_channel(out, s->rows[i].of[0]);
	for (size_t c = 0; c < out->n; c++) {
		for (unsigned h = 0; h < REPORT_HOURS; h++) {
			struct report_value *v = &out->v[c][h];

			v->known = hour_known(m, out->channels[c], h, &v->v);
			out->folded += !v->known;
			out->all[h] += v->known ? v->v : 0;
		}
		find_best(out, c);
	}
}

/* ---- days of the week ---------------------------------------------------------------- */

/* 0 for Monday; "1" to "7", or a name of which three letters tell. 7: none. */
static size_t weekday_of(const char *text)
{
	static const char names[] = "montuewedthufrisatsun";

	if (text[0] >= '1' && text[0] <= '7' && text[1] == '\0')
		return (size_t)(text[0] - '1');
	for (size_t i = 0; i < 7; i++)
		if (strncasecmp(text, names + 3 * i, 3) == 0)
			return i;
	return 7;
}

void report_weekdays(const struct market_data *m, struct report_weekdays *out)
{
	const struct market_series *s = &m->series[MARKET_WEEKDAYS];
	double sum[7] = { 0 }, all = 0;

	for (size_t i = 0; i < s->n; i++) {
		const size_t day = weekday_of(s->rows[i].of[0]);

		if (s->rows[i].at <= m->week - 7 * WEEKDAYS_WEEKS)
			continue;
		/* a day that was folded once is not whole: the mean would not be either */
		if (group_size(s->rows[i].of[0]) > 1 || day == 7)
			return;
		sum[day] += s->rows[i].v[0];
		all += s->rows[i].v[0];
	}
	for (size_t i = 0; i < 7 && all > 0; i++) {
		const struct stats_range r = stats_poisson(floor(sum[i]));
		const double mean = all / 7;

		out->known = out->has[i] = true;
		out->v[i] = (struct stats_range){ sum[i] / mean - 1,
			(sum[i] - STATS_SPREAD * (sum[i] - r.low)) / mean - 1,
			(sum[i] + STATS_SPREAD * (r.high - sum[i])) / mean - 1 };
	}
}

/* ---- months after a first order ------------------------------------------------------ */

static struct report_cohort *cohort_of(struct report_cohorts *out, int64_t month)
{
	for (size_t i = 0; i < out->n; i++)
		if (out->v[i].month == month)
			return &out->v[i];
	if (out->n == REPORT_MONTHS)
		return NULL;
	out->v[out->n] = (struct report_cohort){ .month = month };
	return &out->v[out->n++];
}

static void take_cohort_row(const struct market_row *r, int64_t last, struct report_cohorts *out)
{
	struct report_cohort *c = cohort_of(out, r->at);
	const int64_t after = r->then - r->at;

	if (c == NULL)
		return;
	if (after == 0)
		c->size = r->v[0];
	else if (after > 0 && after <= REPORT_MONTHS)
		c->share[after - 1] = (struct report_value){ true, r->v[0] };
	c->n = (size_t)(last - r->at < REPORT_MONTHS ? last - r->at : REPORT_MONTHS);
}

void report_cohorts(const struct market_data *m, struct report_cohorts *out)
{
	const struct market_series *s = &m->series[MARKET_COHORTS];
	double again = 0, all = 0;
	int64_t last = 0;

	for (size_t i = 0; i < s->n; i++)
		last = s->rows[i].then > last ? s->rows[i].then : last;
	for (size_t i = 0; i < s->n; i++)
		take_cohort_row(&s->rows[i], last, out);
	out->low = 1;
	for (size_t i = 0; i < out->n; i++) {
		struct report_cohort *c = &out->v[i];

		for (size_t k = 0; k < REPORT_MONTHS; k++) {
			if (!c->share[k].known)
				continue;
			if (k == 0 && c->size > 0) {
				again += c->share[k].v;
				all += c->size;
			}
			c->share[k].known = c->size > 0;
			c->share[k].v /= c->size > 0 ? c->size : 1;
			if (k == 0 && c->share[k].known) {
				out->low = fmin(out->low, c->share[k].v);
				out->high = fmax(out->high, c->share[k].v);
			}
		}
	}
	out->has_next = all > 0 && again <= all;
	if (out->has_next)
		out->next = stats_share(again, all);
}
