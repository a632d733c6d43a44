/*
 * test_civil.c - days and dates.
 */
#include "base/civil.h"

#include "tap.h"

static void test_walk(void)
{
	struct civil_date d = { -800, 1, 1 };
	int64_t first = civil_days(d);

	/* day after day, over three eras */
	for (int64_t day = first; d.year < 2500; day++) {
		struct civil_date is = civil_of_days(day);

		NEED(civil_days(d) == day && is.year == d.year && is.month == d.month &&
		    is.day == d.day);
		if (++d.day > civil_month_days(d.year, d.month)) {
			d.day = 1;
			d.month = d.month == 12 ? 1 : d.month + 1;
			d.year += d.month == 1;
		}
	}
}

static void test_known(void)
{
	CHECK(civil_days((struct civil_date){ 1970, 1, 1 }) == 0);
	CHECK(civil_days((struct civil_date){ 2000, 2, 29 }) == 11016);
	CHECK(civil_days((struct civil_date){ 1969, 12, 31 }) == -1);
	CHECK(civil_days((struct civil_date){ 1, 1, 1 }) == -719162);
	CHECK(civil_is_leap(2000) && !civil_is_leap(1900) && civil_is_leap(2028));
	CHECK(
	    !civil_is_leap(2026) && civil_is_leap(0) && civil_is_leap(-4) && !civil_is_leap(-100));
	CHECK(civil_month_days(2028, 2) == 29 && civil_month_days(2026, 2) == 28);
	CHECK(civil_month_days(2026, 4) == 30 && civil_month_days(2026, 12) == 31);
}

static void test_floor(void)
{
	CHECK(civil_floor(7, 7) == 1 && civil_floor(6, 7) == 0 && civil_floor(0, 7) == 0);
	CHECK(civil_floor(-1, 7) == -1 && civil_floor(-7, 7) == -1 && civil_floor(-8, 7) == -2);
}

int main(void)
{
	RUN(test_walk, "each day has one date, and each date one day");
	RUN(test_known, "known days are where they are");
	RUN(test_floor, "division goes down on both sides of zero");
	return tap_done();
}
