/*
 * cube_sort.c - records by week and person, by the digits of both, least first.
 *
 * What one person did in one week then lies together, in the order in which it came; nothing
 * that is made of it depends on that order.
 */
#include "analytics/cube/cube_private.h"

#include <stdlib.h>
#include <string.h>

#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)

static uint32_t key_person(const struct cube *c, const struct cube_record *r)
{
	(void)c;
	return r->person;
}

static uint32_t key_week(const struct cube *c, const struct cube_record *r)
{
	return record_week(r) - c->first_week;
}

/* By one digit of a key; what was before another stays so where the digits are equal. */
static void pass(struct cube *c, struct cube_record **to,
    uint32_t (*key)(const struct cube *, const struct cube_record *), unsigned shift)
{
	struct cube_record *from = c->records;
	size_t at[DIGITS] = { 0 }, sum = 0;

	for (size_t i = 0; i < c->n; i++)
		at[key(c, &from[i]) >> shift & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		const size_t n = at[d];

		at[d] = sum;
		sum += n;
	}
	for (size_t i = 0; i < c->n; i++)
		(*to)[at[key(c, &from[i]) >> shift & (DIGITS - 1)]++] = from[i];
	c->records = *to;
	*to = from;
}

static void find_weeks(struct cube *c)
{
	uint32_t last = 0;

	c->first_week = c->n == 0 ? 0 : UINT32_MAX;
	for (size_t i = 0; i < c->n; i++) {
		const uint32_t week = record_week(&c->records[i]);

		c->first_week = week < c->first_week ? week : c->first_week;
		last = week > last ? week : last;
	}
	c->n_weeks = c->n == 0 ? 0 : last - c->first_week + 1;
}

static void find_starts(struct cube *c)
{
	size_t i = 0;

	for (uint32_t w = 0; w < c->n_weeks; w++) {
		c->week_at[w] = i;
		while (i < c->n && record_week(&c->records[i]) == c->first_week + w)
			i++;
	}
	c->week_at[c->n_weeks] = c->n;
}

static enum sc_err make_room(struct cube *c)
{
	free(c->week_at);
	free(c->sums);
	free(c->touched);
	c->week_at = calloc(c->n_weeks + 1u, sizeof(*c->week_at));
	c->sums = calloc(c->n_people + 1, sizeof(*c->sums));
	c->touched = calloc(c->n_people + 1, sizeof(*c->touched));
	c->stamp = 0;
	return c->week_at == NULL || c->sums == NULL || c->touched == NULL ? SC_NOMEM : SC_OK;
}

enum sc_err cube_sort(struct cube *c)
{
	struct cube_record *other = calloc(c->n + 1, sizeof(*other));
	enum sc_err err;

	if (other == NULL)
		return SC_NOMEM;
	find_weeks(c);
	if ((err = make_room(c)) == SC_OK) {
		for (unsigned s = 0; c->n_people >> s != 0 && s < 32; s += DIGIT_BITS)
			pass(c, &other, key_person, s);
		for (unsigned s = 0; s < 32 && c->n_weeks >> s != 0; s += DIGIT_BITS)
			pass(c, &other, key_week, s);
		c->cap = c->n + 1; /* either block has room for so many */
		find_starts(c);
	}
	free(other);
	return err;
}

void cube_week_records(const struct cube *c, uint32_t week, size_t *from, size_t *to)
{
	const bool there = week >= c->first_week && week - c->first_week < c->n_weeks;

	*from = there ? c->week_at[week - c->first_week] : 0;
	*to = there ? c->week_at[week - c->first_week + 1] : 0;
}

size_t cube_person_end(const struct cube *c, size_t at, size_t end)
{
	const uint32_t person = c->records[at].person;

	while (at < end && c->records[at].person == person)
		at++;
	return at;
}
