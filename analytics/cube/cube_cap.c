/*
 * cube_cap.c - what a person's revenue of a week is cut to: one of 1, 2, 5, 10, 20 ... units of
 * the currency, known before the week is looked at.
 *
 * Of the first weeks it comes from the words alone. After each quarter it may go one step up
 * where more than one buyer in a hundred was cut, or one down where much fewer would be. Either
 * wants a margin of ten times the floor and of as many again, drawn under the release's
 * key: one person moves the count by one, and so turns the decision once in a hundred times
 * at most, even for somebody who knows all the others.
 */
#include "analytics/cube/cube_private.h"

#include <sodium.h>

#define UNIT 100         /* hundredths */
#define FIRST_CAP 100000 /* where no price band is declared */
#define FIRST_TIMES 2    /* the highest bound of a price band */
#define MARGIN (10u * CUBE_FLOOR)
#define CAP_MAX (UINT64_C(5) * 100000000 * UNIT)

/* The step above CAP, one of them; and below. */
static uint64_t step_up(uint64_t cap)
{
	uint64_t ten = UNIT;

	while (ten * 10 <= cap)
		ten *= 10;
	if (cap >= CAP_MAX)
		return cap;
	return cap < 2 * ten ? 2 * ten : cap < 5 * ten ? 5 * ten : 10 * ten;
}

static uint64_t step_down(uint64_t cap)
{
	uint64_t below = UNIT;

	while (step_up(below) < cap)
		below = step_up(below);
	return below;
}

uint64_t cube_first_cap(const struct feed_words *w)
{
	uint64_t highest = 0, cap = UNIT;

	for (size_t i = 0; i < FEED_BANDS - 1; i++)
		if (w->price_bands[i] != UINT32_MAX && w->price_bands[i] > highest)
			highest = w->price_bands[i];
	if (highest == 0)
		return FIRST_CAP;
	while (cap < CAP_MAX && cap < FIRST_TIMES * highest * w->price_step)
		cap = step_up(cap);
	return cap;
}

void cube_cap_note(struct cube *c, uint32_t week, uint64_t cap)
{
	const uint64_t lower = step_down(cap);
	size_t from, to;

	cube_week_records(c, week, &from, &to);
	while (from < to) {
		const size_t end = cube_person_end(c, from, to);
		struct cube_person *p = &c->people[c->records[from].person];
		uint64_t cents = 0;

		for (; from < end; from++) {
			if (record_kind(&c->records[from]) != FEED_PURCHASE)
				continue;
			p->flags |= CUBE_BOUGHT;
			cents += (uint64_t)c->records[from].price * c->settings.words->price_step;
		}
		p->flags |= (uint8_t)((cents > cap ? CUBE_OVER_CAP : 0) |
		    (cents > lower ? CUBE_OVER_LOWER : 0));
	}
}

uint64_t cube_cap_next(const struct cube *c, uint64_t cap, const uint8_t key[static 16])
{
	static const uint8_t what[] = "cap";
	uint64_t bought = 0, over = 0, lower = 0, drawn;

	_Static_assert(sizeof(drawn) == crypto_shorthash_BYTES, "a hash is a number");
	for (size_t i = 0; i < c->n_people; i++) {
		bought += (c->people[i].flags & CUBE_BOUGHT) != 0;
		over += (c->people[i].flags & CUBE_OVER_CAP) != 0;
		lower += (c->people[i].flags & CUBE_OVER_LOWER) != 0;
	}
	crypto_shorthash((uint8_t *)&drawn, what, sizeof(what), key);
	drawn = MARGIN + drawn % MARGIN;
	if (over >= bought / 100 + drawn)
		return step_up(cap);
	return lower + drawn <= bought / 100 ? step_down(cap) : cap;
}
