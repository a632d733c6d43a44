/*
 * iso_week.c - the Thursday of a week tells whose year it is of (ISO 8601).
 */
#include "analytics/market/iso_week.h"

#include "base/civil.h"

#include <stdio.h>

/* 1970-01-01 was a Thursday: three days after a Monday. */
static int64_t monday_of(int64_t day)
{
	return civil_floor(day + 3, 7) * 7 - 3;
}

static int64_t first_monday(int64_t year)
{
	return monday_of(civil_days((struct civil_date){ year, 1, 4 }));
}

/* Year and number of the week that DAY is in. */
static void week_of(int64_t day, int64_t *year, unsigned *number)
{
	const int64_t monday = monday_of(day);

	*year = civil_of_days(monday + 3).year;
	*number = (unsigned)((monday - first_monday(*year)) / 7) + 1;
}

/* "YYYY-" and what comes after it; false: it does not begin so. */
static bool after_year(struct sc_span text, uint64_t *year, struct sc_span *rest)
{
	*rest = sc_span_from(text, 5);
	return text.n > 5 && text.p[4] == '-' && sc_span_u64(sc_span(text.p, 4), year) && *year > 0;
}

bool iso_week_parse(struct sc_span text, int64_t *monday)
{
	uint64_t year, number;
	struct sc_span rest;
	char again[ISO_WEEK_BYTES];

	if (!after_year(text, &year, &rest) || rest.n != 3 || rest.p[0] != 'W' ||
	    !sc_span_u64(sc_span_from(rest, 1), &number) || number == 0)
		return false;
	*monday = first_monday((int64_t)year) + ((int64_t)number - 1) * 7;
	iso_week_print(*monday, again);
	return sc_span_is(text, again);
}

void iso_week_print(int64_t day, char out[static ISO_WEEK_BYTES])
{
	int64_t year;
	unsigned number;

	week_of(day, &year, &number);
	snprintf(out, ISO_WEEK_BYTES, "%04u-W%02u", (unsigned)(year % 10000), number % 100);
}

unsigned iso_week_number(int64_t day)
{
	int64_t year;
	unsigned number;

	week_of(day, &year, &number);
	return number;
}

bool iso_month_parse(struct sc_span text, int64_t *month)
{
	uint64_t year, number;
	struct sc_span rest;

	if (!after_year(text, &year, &rest) || rest.n != 2 || !sc_span_u64(rest, &number) ||
	    number < 1 || number > 12)
		return false;
	*month = (int64_t)(year * 12 + number - 1);
	return true;
}

unsigned iso_month_of_year(int64_t month)
{
	return (unsigned)(month % 12) + 1;
}
