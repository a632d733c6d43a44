/*
 * test_iso_week.c - weeks and months by the names that the cube gives them.
 */
#include "analytics/market/iso_week.h"
#include "base/civil.h"
#include "tap.h"

/* From ISO 8601's own examples, and ends of years that have 53 weeks. */
static const struct {
	int64_t year;
	uint8_t month, day;
	const char *week;
} known[] = {
	{ 1977, 1, 1, "1976-W53" },
	{ 1977, 1, 2, "1976-W53" },
	{ 1977, 12, 31, "1977-W52" },
	{ 1978, 1, 2, "1978-W01" },
	{ 1979, 12, 31, "1980-W01" },
	{ 1980, 12, 28, "1980-W52" },
	{ 1980, 12, 29, "1981-W01" },
	{ 1981, 12, 31, "1981-W53" },
	{ 2008, 12, 29, "2009-W01" },
	{ 2010, 1, 3, "2009-W53" },
	{ 2026, 11, 16, "2026-W47" },
	{ 2024, 10, 28, "2024-W44" },
	{ 1969, 12, 29, "1970-W01" },
};

static void days_have_their_week(void)
{
	char out[ISO_WEEK_BYTES];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		iso_week_print(civil_days((struct civil_date){ known[i].year, known[i].month,
				   known[i].day }),
		    out);
		CHECK(strcmp(out, known[i].week) == 0);
	}
}

static void names_come_back(void)
{
	char out[ISO_WEEK_BYTES];
	unsigned last = 0;

	for (int64_t day = civil_days((struct civil_date){ 1968, 1, 1 }); day < 40000; day++) {
		int64_t monday = 0;

		iso_week_print(day, out);
		CHECK(iso_week_parse(sc_span_str(out), &monday));
		CHECK(monday <= day && day < monday + 7 && (monday + 3) % 7 == 0);
		if (day == monday)
			CHECK(iso_week_number(day) == last + 1 || iso_week_number(day) == 1);
		last = iso_week_number(day);
	}
}

static void what_is_no_week_is_refused(void)
{
	static const char *const wrong[] = { "", "2026", "2026-W", "2026-W00", "2025-W53",
		"2026-W54", "2026-w47", "2026-W7", "2026-W047", "0000-W01", "2026-47", "20261W47",
		"+026-W47", "2026-W47 " };
	int64_t monday;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(!iso_week_parse(sc_span_str(wrong[i]), &monday));
	CHECK(iso_week_parse(sc_span_str("2026-W53"), &monday));
}

static void months_count_on(void)
{
	int64_t a, b;

	NEED(iso_month_parse(sc_span_str("2026-12"), &a) &&
	    iso_month_parse(sc_span_str("2027-01"), &b));
	CHECK(b == a + 1 && iso_month_of_year(a) == 12 && iso_month_of_year(b) == 1);
	CHECK(!iso_month_parse(sc_span_str("2026-00"), &a) &&
	    !iso_month_parse(sc_span_str("2026-13"), &a));
	CHECK(!iso_month_parse(sc_span_str("2026-1"), &a) &&
	    !iso_month_parse(sc_span_str("2026-011"), &a));
}

int main(void)
{
	RUN(days_have_their_week, "a day has the week that ISO 8601 gives it");
	RUN(names_come_back, "every week's name is read back, and weeks follow one another");
	RUN(what_is_no_week_is_refused, "what is no week is refused");
	RUN(months_count_on, "months count on over the end of a year");
	return tap_done();
}
