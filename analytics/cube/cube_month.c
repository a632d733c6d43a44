/*
 * cube_month.c - months and quarters: cohorts, categories by price band, what each segment
 * bought in the quarter after.
 */
#include "analytics/cube/cube_private.h"

#include <string.h>

/* Of a month's records, week by week. */
typedef enum sc_err month_fn(struct cube_run *r, const struct cube_record *v);

static enum sc_err each_of_month(struct cube_run *r, uint32_t month, month_fn *fn)
{
	const int64_t first = cube_month_first_day(month), end = cube_month_first_day(month + 1);
	enum sc_err err = SC_OK;

	for (uint32_t w = cube_week_of_day(first); w <= cube_week_of_day(end - 1); w++) {
		size_t from, to;

		cube_week_records(r->c, w, &from, &to);
		for (; from < to && err == SC_OK; from++) {
			const int64_t day = record_day(&r->c->records[from]);

			if (day >= first && day < end)
				err = fn(r, &r->c->records[from]);
		}
	}
	return err;
}

/* A buyer of the month, once, in the cohort of their first order. */
static enum sc_err add_buyer(struct cube_run *r, const struct cube_record *v)
{
	struct cube_sum *mark = &r->c->sums[v->person];

	if (record_kind(v) != FEED_PURCHASE || mark->stamp == r->c->stamp)
		return SC_OK;
	mark->stamp = r->c->stamp;
	margin_count(&r->margins[CUBE_COHORTS], r->c->people[v->person].first_month - r->base_month,
	    1);
	return SC_OK;
}

/* A line of somebody who is a buyer of the month. */
static enum sc_err add_line(struct cube_run *r, const struct cube_record *v)
{
	if (record_kind(v) != FEED_ITEM || r->c->sums[v->person].stamp != r->c->stamp)
		return SC_OK;
	return margin_add(&r->margins[CUBE_MONTH_CATEGORY_BAND],
	    record_category(v) * r->margins[CUBE_MONTH_CATEGORY_BAND].n_b + record_band(v),
	    v->person, 0, 0);
}

/* All of each cohort, as far as they are still known. */
static void count_cohorts(struct cube_run *r)
{
	memset(r->cohorts, 0, r->margins[CUBE_COHORTS].n_a * sizeof(*r->cohorts));
	for (size_t i = 0; i < r->c->n_people; i++)
		if (r->c->people[i].first_month != 0)
			r->cohorts[r->c->people[i].first_month - r->base_month]++;
}

enum sc_err cube_count_month(struct cube_run *r, uint32_t month)
{
	const struct cube_axes months = { .ordered_a = true }, bands = { .ordered_b = true };
	const uint16_t newest = (uint16_t)(month - r->base_month);
	struct cube_rule cohorts = { .not_alone = r->hides_newest ? &newest : NULL };
	const struct cube_rect all = { 0 };
	struct cube_stats total;
	char period[CUBE_DATE_BYTES];
	enum sc_err err;

	cube_month_name(month, period);
	margin_clear(&r->margins[CUBE_COHORTS]);
	margin_clear(&r->margins[CUBE_MONTH_CATEGORY_BAND]);
	r->c->stamp++;
	if ((err = each_of_month(r, month, add_buyer)) != SC_OK ||
	    (err = each_of_month(r, month, add_line)) != SC_OK)
		return err;
	margin_stats(r->c, &r->margins[CUBE_COHORTS], &all, &total);
	cohorts.whole = r->cohorts;
	count_cohorts(r);
	err = cube_emit(r, CUBE_COHORTS, period, cohorts, &months);
	return err != SC_OK ? err :
			      cube_emit(r, CUBE_MONTH_CATEGORY_BAND, period,
				  (struct cube_rule){ .of = total.people }, &bands);
}

/* ---- quarters ---------------------------------------------------------------------------------- */

static const struct cube_then *then_of(const struct cube_before *b, uint32_t week)
{
	for (size_t i = 0; i < b->n_then; i++)
		if (b->then[i].week == week)
			return &b->then[i];
	return NULL;
}

/* Which of the rows of T segment S was in; N: none. */
static size_t row_of(const struct cube_then *t, unsigned s)
{
	size_t i = 0;

	for (; i < t->n; i++)
		for (size_t k = 0; k < t->n_members[i]; k++)
			if (t->members[i][k] == s)
				return i;
	return i;
}

/* Whom the rows of T were of and who is still known: did they order since? */
static void count_rows(struct cube_run *r, const struct cube_then *t)
{
	struct cube_margin *m = &r->margins[CUBE_QUARTERS];

	margin_clear(m);
	for (size_t i = 0; i < r->c->n_people; i++) {
		const struct cube_person *p = &r->c->people[i];
		const size_t row = p->then == CUBE_SEGMENTS ? t->n : row_of(t, p->then);

		if (row < t->n && p->quarter_orders != 0)
			margin_count_buyer(m, row, p->quarter_orders, 0);
	}
}

/*
 * The rows that were published then, with as many people: those who left since are still
 * counted, or the difference would tell how many they are. For the same reason no two become one.
 */
enum sc_err cube_count_quarter(struct cube_run *r, uint32_t week)
{
	const struct cube_then *t = then_of(r->before, week - CUBE_QUARTER);
	struct cube_margin *m = &r->margins[CUBE_QUARTERS];
	char period[CUBE_DATE_BYTES];
	const uint32_t floor = cube_floor(r, CUBE_QUARTERS, cube_week_name(week, period));
	enum sc_err err = SC_OK;

	if (t == NULL || floor == 0)
		return SC_OK;
	count_rows(r, t);
	for (size_t i = 0; i < t->n && err == SC_OK; i++) {
		const bool told = m->cells[i].buyers >= floor &&
		    cube_may_differ(t->people[i], m->cells[i].buyers);
		struct cube_folded_row row = { .cells = { .a = t->members[i],
						   .n_a = t->n_members[i] },
			.stats = { .people = t->people[i],
			    .buyers = told ? m->cells[i].buyers : 0,
			    .orders = told ? m->cells[i].orders : 0 } };
		const struct cube_folded one = { .v = &row, .n = 1 };

		err = cube_emit_rows(r, CUBE_QUARTERS, period, &one, 0);
	}
	return err;
}
