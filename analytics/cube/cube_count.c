/*
 * cube_count.c - a week, person by person: who did what, and the rows of it.
 *
 * A visitor did anything; a buyer has an order. The lines of an order count where the person
 * has an order in the week, and an order without lines counts for its own category. So who
 * bought in a category looked at it, by definition.
 */
#include "analytics/cube/cube_private.h"

#include <string.h>

#define ORDERS_MAX 32 /* of a person in a week that are told apart; more count as the last */

struct week_order {
	uint64_t second;
	uint32_t price;
	uint16_t category;
	bool has_lines;
};

struct week_person {
	uint32_t person;
	struct week_order orders[ORDERS_MAX];
	size_t n;
	uint64_t steps;
	bool did;
};

static size_t find_order(const struct week_person *p, uint64_t second)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->orders[i].second == second)
			return i;
	return 0;
}

static void hear_orders(struct week_person *p, const struct cube_record *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		p->did = p->did || record_kind(&v[i]) != FEED_ITEM;
		if (record_kind(&v[i]) != FEED_PURCHASE)
			continue;
		p->steps += v[i].price;
		if (p->n == ORDERS_MAX) {
			p->orders[ORDERS_MAX - 1].price += v[i].price;
			continue;
		}
		p->orders[p->n++] = (struct week_order){ .second = record_second(&v[i]),
			.price = v[i].price,
			.category = (uint16_t)record_category(&v[i]) };
	}
}

/* A line, or an order that has none: of CATEGORY, as part of order AT. */
static enum sc_err add_bought(struct cube_run *r, const struct week_person *p, unsigned category,
    size_t at, uint32_t price)
{
	enum sc_err err = margin_add(&r->margins[CUBE_BUYERS_CATEGORY], category, p->person,
	    UINT32_C(1) << at, price);

	return err != SC_OK ?
	    err :
	    margin_add(&r->margins[CUBE_VISITORS_CATEGORY], category, p->person, 0, 0);
}

static enum sc_err add_line(struct cube_run *r, struct week_person *p, const struct cube_record *v)
{
	const size_t at = find_order(p, record_second(v));
	enum sc_err err;

	if (p->n == 0)
		return SC_OK;
	p->orders[at].has_lines = true;
	if ((err = add_bought(r, p, record_category(v), at, v->price)) != SC_OK)
		return err;
	return margin_add(&r->margins[CUBE_BUYERS_BAND], record_band(v), p->person, 1, 0);
}

/* Is it about goods, whose category may be one that is not in the words? */
static bool about_goods(const struct cube_record *v)
{
	const unsigned kind = record_kind(v);

	return kind == FEED_PRODUCT || kind == FEED_CART_ADD || kind == FEED_CART_REMOVE ||
	    (record_category(v) != 0 && kind != FEED_PURCHASE);
}

static enum sc_err add_deed(struct cube_run *r, const struct week_person *p,
    const struct cube_record *v)
{
	const size_t hour = record_second(v) / 3600 % 24;
	enum sc_err err = margin_add(&r->margins[CUBE_VISITORS_HOUR],
	    record_channel(v) * 24u + hour, p->person, 0, 0);

	if (err == SC_OK && about_goods(v))
		err = margin_add(&r->margins[CUBE_VISITORS_CATEGORY], record_category(v), p->person,
		    0, 0);
	if (err == SC_OK && record_kind(v) == FEED_PURCHASE)
		err = margin_add(&r->margins[CUBE_BUYERS_WEEKDAY], (record_day(v) + 3) % 7,
		    p->person, 0, 0);
	return err;
}

static void add_total(struct cube_run *r, const struct week_person *p, uint32_t week)
{
	const struct cube_person *who = &r->c->people[p->person];
	const struct cube_margin *m = &r->margins[CUBE_WEEK];
	const uint64_t cents = margin_cents(m, p->steps);

	margin_count(&r->margins[CUBE_WEEK], 0, p->did);
	if (p->n == 0)
		return;
	margin_count_buyer(&r->margins[CUBE_WEEK], 0, p->n, cents);
	margin_count_buyer(&r->margins[CUBE_SEGMENTS_TABLE], cube_segment_of(r->c, who, week), p->n,
	    cents);
	r->bought_before += who->first_week < week;
	if (who->first_week == week)
		r->first_ever[who->first_month != cube_month_of_day(cube_monday(week))]++;
}

static enum sc_err count_person(struct cube_run *r, uint32_t week, size_t from, size_t to)
{
	const struct cube_record *v = r->c->records;
	struct week_person p = { .person = v[from].person };
	enum sc_err err = SC_OK;

	hear_orders(&p, v + from, to - from);
	for (size_t i = from; i < to && err == SC_OK; i++)
		err = record_kind(&v[i]) == FEED_ITEM ? add_line(r, &p, &v[i]) :
							add_deed(r, &p, &v[i]);
	for (size_t i = 0; i < p.n && err == SC_OK; i++)
		if (!p.orders[i].has_lines)
			err = add_bought(r, &p, p.orders[i].category, i, p.orders[i].price);
	add_total(r, &p, week);
	return err;
}

/* Who everybody is at the end of the week. */
static void count_segments(struct cube_run *r, uint32_t week)
{
	const struct feed_words *w = r->c->settings.words;
	struct cube_margin *m = r->margins;

	for (size_t i = 0; i < r->c->n_people; i++) {
		const struct cube_person *p = &r->c->people[i];
		const size_t s = cube_segment_of(r->c, p, week);

		if (s == CUBE_SEGMENTS)
			continue;
		margin_count(&m[CUBE_SEGMENTS_TABLE], s, 1);
		margin_count(&m[CUBE_SEGMENT_CHANNEL],
		    s * m[CUBE_SEGMENT_CHANNEL].n_b + cube_channel_of(p), 1);
		for (size_t t = 0; t < w->n_traits; t++) {
			struct cube_margin *of = &m[CUBE_SEGMENT_TRAIT + t];

			margin_count(of, s * of->n_b + (p->traits[t] < of->n_b ? p->traits[t] : 0),
			    1);
		}
	}
}

static enum sc_err count_people(struct cube_run *r, uint32_t week)
{
	size_t from, to;
	enum sc_err err = SC_OK;

	cube_week_records(r->c, week, &from, &to);
	while (from < to && err == SC_OK) {
		const size_t end = cube_person_end(r->c, from, to);

		err = count_person(r, week, from, end);
		from = end;
	}
	count_segments(r, week);
	return err;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static bool told(uint64_t whole, uint64_t part)
{
	return part >= CUBE_FLOOR && cube_may_differ(whole, part);
}

static bool few(uint64_t n)
{
	return n != 0 && n < CUBE_FLOOR;
}

/*
 * A month's new buyers are its own cohort, and those of its weeks add up to it: where a week
 * is of two months, each one's part can be worked out, and is told by neither if it is small.
 */
static bool before_told(struct cube_run *r, const struct cube_stats *s)
{
	r->hides_newest = r->splits && few(r->first_ever[0]);
	return told(s->buyers, r->bought_before) &&
	    !(r->splits && (few(r->first_ever[0]) || few(r->first_ever[1])));
}

static enum sc_err emit_week(struct cube_run *r, const char *period)
{
	const struct cube_stats *s = &r->margins[CUBE_WEEK].cells[0];
	const struct cube_rule rule = { .floor = 1, .revenue = true };
	const struct cube_rect all = { 0 };
	const uint32_t floor = cube_floor(r, CUBE_WEEK, period);
	const bool buyers = told(s->people, s->buyers);
	const bool before = before_told(r, s) && buyers;
	struct cube_value v[CUBE_TABLE_COLUMNS] = { CUBE_TEXT(period), CUBE_NUMBER(s->people) };

	r->total = *s;
	r->buyers_told = buyers;
	r->revenue_told = buyers && cube_rule_keeps(&rule, &all, s);
	if (floor == 0 || s->people < floor)
		return SC_OK;
	v[2].number = buyers ? s->buyers : 0;
	v[3].number = buyers ? s->orders : 0;
	v[4].number = r->revenue_told ? s->revenue : 0;
	v[5].number = before && floor == CUBE_FLOOR ? r->bought_before : 0;
	return cube_row(r->out, CUBE_WEEK, v);
}

static enum sc_err emit_buyers(struct cube_run *r, const char *period)
{
	const struct cube_axes none = { 0 }, ordered = { .ordered_a = true };
	struct cube_rule rule = { .of = r->total.buyers };
	struct cube_rule category = { .of = r->total.buyers,
		.revenue = true,
		.visitors = &r->folded[CUBE_VISITORS_CATEGORY] };
	enum sc_err err;

	if (!r->buyers_told)
		return SC_OK;
	if ((err = cube_emit(r, CUBE_BUYERS_CATEGORY, period, category, &none)) != SC_OK ||
	    (err = cube_emit(r, CUBE_BUYERS_BAND, period, rule, &ordered)) != SC_OK)
		return err;
	return cube_emit(r, CUBE_BUYERS_WEEKDAY, period, rule, &ordered);
}

/* What the rows of the segments are, for the quarter that may begin here. */
static enum sc_err keep_segments(struct cube_run *r, uint32_t week)
{
	const struct cube_folded *f = &r->folded[CUBE_SEGMENTS_TABLE];
	struct cube_then *t;

	if (!cube_ends_quarter(week + CUBE_QUARTER) || f->n == 0)
		return SC_OK;
	if ((t = cube_then_add(r->before, week)) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < f->n; i++) {
		memcpy(t->members[i], f->v[i].cells.a, f->v[i].cells.n_a * sizeof(uint16_t));
		t->n_members[i] = f->v[i].cells.n_a;
		t->people[i] = f->v[i].stats.people;
	}
	t->n = f->n;
	return SC_OK;
}

static bool trait_is_ordered(const struct feed_words *w, size_t t)
{
	return t >= CUBE_SEGMENT_TRAIT &&
	    w->traits[t - CUBE_SEGMENT_TRAIT].kind != FEED_WORD_OF_LIST;
}

static enum sc_err emit_segments(struct cube_run *r, uint32_t week, const char *period)
{
	const struct feed_words *w = r->c->settings.words;
	const struct cube_axes line = { .ordered_a = true };
	const struct cube_rule rule = { .buyers = r->buyers_told,
		.revenue = r->revenue_told,
		.names_all = true };
	struct cube_margin *m = &r->margins[CUBE_SEGMENTS_TABLE];
	enum sc_err err;

	for (size_t i = 0; i < CUBE_SEGMENTS; i++) {
		if (!r->revenue_told)
			m->cells[i].revenue = m->cells[i].top = m->cells[i].second = 0;
		if (!r->buyers_told)
			m->cells[i].buyers = m->cells[i].orders = 0;
	}
	if ((err = cube_emit(r, CUBE_SEGMENTS_TABLE, period, rule, &line)) != SC_OK ||
	    (err = keep_segments(r, week)) != SC_OK)
		return err;
	for (size_t i = 0; i <= w->n_traits && err == SC_OK; i++) {
		const size_t t = i == 0 ? (size_t)CUBE_SEGMENT_CHANNEL : CUBE_SEGMENT_TRAIT + i - 1;
		const struct cube_axes axes = { .ordered_b = trait_is_ordered(w, t),
			.groups = &r->folded[CUBE_SEGMENTS_TABLE] };

		err = cube_emit(r, t, period, (struct cube_rule){ 0 }, &axes);
	}
	return err;
}

static enum sc_err emit_visitors(struct cube_run *r, const char *period)
{
	const struct cube_rule rule = { .of = r->total.people };
	const struct cube_axes none = { 0 }, hours = { .ordered_b = true };
	enum sc_err err = cube_emit(r, CUBE_VISITORS_CATEGORY, period, rule, &none);

	return err != SC_OK ? err : cube_emit(r, CUBE_VISITORS_HOUR, period, rule, &hours);
}

static enum sc_err emit_cap(struct cube_run *r, const char *period)
{
	const struct cube_value v[CUBE_TABLE_COLUMNS] = { CUBE_TEXT(period), CUBE_NUMBER(r->cap) };

	return cube_row(r->out, CUBE_CAPS, v);
}

enum sc_err cube_count_week(struct cube_run *r, uint32_t week)
{
	char period[CUBE_DATE_BYTES];
	enum sc_err err;

	for (size_t t = 0; t < CUBE_TABLES; t++) {
		if (r->margins[t].start == NULL)
			continue;
		margin_clear(&r->margins[t]);
		r->margins[t].cap_cents = r->cap;
		r->folded[t] = (struct cube_folded){ 0 };
	}
	r->bought_before = r->first_ever[0] = r->first_ever[1] = 0;
	r->splits = cube_month_of_day(cube_monday(week)) !=
	    cube_month_of_day(cube_monday(week) + 6);
	cube_week_name(week, period);
	if ((err = count_people(r, week)) != SC_OK || (err = emit_week(r, period)) != SC_OK ||
	    (err = emit_visitors(r, period)) != SC_OK || (err = emit_buyers(r, period)) != SC_OK ||
	    (err = emit_segments(r, week, period)) != SC_OK)
		return err;
	return emit_cap(r, period);
}
