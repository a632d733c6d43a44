/*
 * attack_text.c - what stands in a cube's cells: weeks, months, and members with " | " between.
 */
#include "analytics/cube/attack_private.h"

#include "base/civil.h"
#include "base/grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define YEAR_MAX 9999
#define SEPARATOR " | "

/* ---- periods ------------------------------------------------------------------------ */

static bool digits(const uint8_t *p, size_t n, uint32_t *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (p[i] - '0');
	}
	return true;
}

/* The Monday of the first week of YEAR: that with its fourth of January in it. 1970 began on a Thursday. */
static int64_t first_monday(uint32_t year)
{
	const int64_t fourth = civil_days(
	    (struct civil_date){ .year = year, .month = 1, .day = 4 });

	return fourth - (fourth + 3 - 7 * civil_floor(fourth + 3, 7));
}

bool attack_week_parse(struct sc_span text, uint32_t *week)
{
	uint32_t year, number;
	int64_t day;

	if (text.n != 8 || text.p[4] != '-' || text.p[5] != 'W' || !digits(text.p, 4, &year) ||
	    !digits(text.p + 6, 2, &number) || year < 1970 || number < 1)
		return false;
	day = first_monday(year) + 7 * ((int64_t)number - 1);
	if (day >= first_monday(year + 1) || day < 0)
		return false;
	*week = (uint32_t)((day + 3) / 7);
	return true;
}

bool attack_month_parse(struct sc_span text, uint32_t *month)
{
	uint32_t year, number;

	if (text.n != 7 || text.p[4] != '-' || !digits(text.p, 4, &year) ||
	    !digits(text.p + 5, 2, &number) || year < 1970 || number < 1 || number > 12)
		return false;
	*month = year * 12 + number - 1;
	return true;
}

int64_t attack_week_day(uint32_t week)
{
	return (int64_t)week * 7 - 3;
}

int64_t attack_month_day(uint32_t month)
{
	return civil_days((
	    struct civil_date){ .year = month / 12, .month = (uint8_t)(month % 12 + 1), .day = 1 });
}

uint32_t attack_month_of(int64_t day)
{
	const struct civil_date date = civil_of_days(day);

	return (uint32_t)date.year * 12 + date.month - 1;
}

void attack_period_print(enum attack_period kind, uint32_t period, char out[static 16])
{
	const int64_t thursday = attack_week_day(period) + 3;
	const uint32_t year = (uint32_t)civil_of_days(thursday).year;

	out[0] = '\0';
	if (kind == ATTACK_WEEK)
		snprintf(out, 16, "%04u-W%02u", year % (YEAR_MAX + 1),
		    (unsigned)((attack_week_day(period) - first_monday(year)) / 7 + 1) % 100);
	else if (kind == ATTACK_MONTH)
		snprintf(out, 16, "%04u-%02u", period / 12 % (YEAR_MAX + 1), period % 12 + 1);
}

/* ---- members ------------------------------------------------------------------------ */

void attack_members_fini(struct attack_members *m)
{
	free(m->v);
	free(m->slots);
	*m = (struct attack_members){ 0 };
}

static uint32_t hash(struct sc_span s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * 16777619u;
	return h;
}

static uint32_t *slot_of(const struct attack_members *m, struct sc_span name)
{
	uint32_t at = hash(name) & (m->n_slots - 1);

	while (m->slots[at] != 0 && !sc_span_is(name, m->v[m->slots[at] - 1].name))
		at = (at + 1) & (m->n_slots - 1);
	return &m->slots[at];
}

/* Room for another member: at most half of the slots are taken. */
static bool grow(struct attack_members *m)
{
	struct attack_member *v;

	if (m->n_slots == 0) {
		m->n_slots = 2 * ATTACK_MEMBERS_MAX;
		if ((m->slots = calloc(m->n_slots, sizeof(*m->slots))) == NULL)
			return false;
	}
	if (m->n < m->cap)
		return true;
	if ((v = realloc(m->v, sc_grown(m->cap) * sizeof(*v))) == NULL)
		return false;
	m->v = v;
	m->cap = (uint32_t)sc_grown(m->cap);
	return true;
}

static bool note(struct attack_members *m, struct sc_arena *a, struct sc_span name, uint16_t *out)
{
	uint32_t *slot;
	char *copy;

	if (!grow(m))
		return false;
	slot = slot_of(m, name);
	if (*slot == 0) {
		if (m->n >= ATTACK_MEMBERS_MAX || (copy = sc_arena_copy(a, name)) == NULL)
			return false;
		m->v[m->n].name = copy;
		if (!attack_month_parse(name, &m->v[m->n].month))
			m->v[m->n].month = 0;
		*slot = ++m->n;
	}
	*out = (uint16_t)(*slot - 1);
	return true;
}

static bool is_name(struct sc_span s)
{
	if (s.n == 0 || s.n > ATTACK_MEMBER_BYTES)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

bool attack_members_parse(struct attack_members *m, struct sc_arena *a, struct sc_span text,
    uint16_t *list, size_t *n, size_t max)
{
	for (;;) {
		const uint8_t *end = memmem(text.p, text.n, SEPARATOR, strlen(SEPARATOR));
		const struct sc_span name =
		    sc_span(text.p, end == NULL ? text.n : (size_t)(end - text.p));

		if (!is_name(name) || *n >= max || !note(m, a, name, &list[*n]))
			return false;
		for (size_t i = 0; i < *n; i++)
			if (list[i] == list[*n])
				return false;
		++*n;
		if (end == NULL)
			return true;
		text = sc_span_from(text, name.n + strlen(SEPARATOR));
	}
}
