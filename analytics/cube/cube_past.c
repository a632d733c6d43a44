/*
 * cube_past.c - who each person was at the end of a week, as far as their last 40 weeks tell.
 *
 * Week after week comes in, and the one that is 40 weeks older goes out: so what a person was
 * does not depend on how long the log is kept, but for the first order, whose week and
 * month are those on record.
 */
#include "analytics/cube/cube_private.h"

#include "base/civil.h"

#include <string.h>

#define RECENT 13  /* weeks: who ordered in them is here */
#define CHAMPION 8 /* likewise, of a champion */

uint32_t cube_month_of_day(int64_t day)
{
	const struct civil_date d = civil_of_days(day);

	return (uint32_t)(d.year * 12 + d.month - 1);
}

int64_t cube_month_first_day(uint32_t month)
{
	return civil_days((
	    struct civil_date){ .year = month / 12, .month = (uint8_t)(month % 12 + 1), .day = 1 });
}

void cube_past_begin(struct cube *c)
{
	for (size_t i = 0; i < c->n_people; i++) {
		uint8_t traits[FEED_ATTRIBUTES_MAX];

		memcpy(traits, c->people[i].traits, sizeof(traits));
		c->people[i] =
		    (struct cube_person){ .first_week = CUBE_NO_WEEK, .then = CUBE_SEGMENTS };
		memcpy(c->people[i].traits, traits, sizeof(traits));
	}
}

/* A line is a part of an order, which comes with it. */
static void add(struct cube_person *p, const struct cube_record *r, bool comes)
{
	const uint32_t by = comes ? 1 : UINT32_MAX; /* minus one, of sums that wrap */

	if (record_kind(r) == FEED_ITEM)
		return;
	p->seen += by;
	p->channels[record_channel(r)] += by;
	if (record_kind(r) != FEED_PURCHASE)
		return;
	p->orders += by;
	p->spent += comes ? r->price : -(uint64_t)r->price;
}

static void add_order(struct cube_person *p, const struct cube_record *r, uint32_t week)
{
	const uint32_t month = cube_month_of_day(record_day(r));

	if (p->first_month == 0 || month < p->first_month)
		p->first_month = month;
	if (p->first_week == CUBE_NO_WEEK)
		p->first_week = week;
	p->last_week = week;
	p->quarter_orders++;
}

void cube_past_add(struct cube *c, uint32_t week)
{
	size_t from, to;

	if (week >= CUBE_LOOKBACK) {
		cube_week_records(c, week - CUBE_LOOKBACK, &from, &to);
		for (; from < to; from++)
			add(&c->people[c->records[from].person], &c->records[from], false);
	}
	cube_week_records(c, week, &from, &to);
	for (; from < to; from++) {
		const struct cube_record *r = &c->records[from];

		add(&c->people[r->person], r, true);
		if (record_kind(r) == FEED_PURCHASE)
			add_order(&c->people[r->person], r, week);
	}
}

static enum cube_segment bought_lately(const struct cube *c, const struct cube_person *p,
    uint32_t since)
{
	if (p->orders >= 4 && since < CHAMPION &&
	    (c->settings.champion_steps <= 0 || p->spent >= (uint64_t)c->settings.champion_steps))
		return CUBE_CHAMPIONS;
	if (p->orders >= 3)
		return CUBE_LOYAL;
	return p->orders == 2 ? CUBE_PROMISING : CUBE_NEW;
}

enum cube_segment cube_segment_of(const struct cube *c, const struct cube_person *p, uint32_t week)
{
	const uint32_t since = week - p->last_week;

	if (p->seen == 0)
		return CUBE_SEGMENTS;
	if (p->orders == 0)
		return CUBE_LOOKING;
	if (since < RECENT)
		return bought_lately(c, p, since);
	return p->orders >= 3 ? CUBE_AT_RISK : CUBE_ASLEEP;
}

/* Of those that are used alike the first; one that is not in the words only where it is used more. */
unsigned cube_channel_of(const struct cube_person *p)
{
	unsigned most = 1;

	for (unsigned i = 2; i < FEATURE_CHANNELS; i++)
		if (p->channels[i] > p->channels[most])
			most = i;
	return p->channels[0] > p->channels[most] ? 0 : most;
}

/* Quarters end with the weeks 13, 26, 39 and 52 of a year; a 53rd is in none. */
bool cube_ends_quarter(uint32_t week)
{
	const int64_t thursday = cube_monday(week) + 3;
	const struct civil_date d = civil_of_days(thursday);
	const int64_t number =
	    (thursday - civil_days((struct civil_date){ .year = d.year, .month = 1, .day = 1 })) /
		7 +
	    1;

	return number <= 52 && number % CUBE_QUARTER == 0;
}

void cube_quarter_begin(struct cube *c, uint32_t week)
{
	for (size_t i = 0; i < c->n_people; i++) {
		struct cube_person *p = &c->people[i];

		p->then = (uint8_t)cube_segment_of(c, p, week);
		p->quarter_orders = 0;
		p->flags = 0;
	}
}
