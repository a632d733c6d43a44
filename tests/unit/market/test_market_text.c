/*
 * test_market_text.c - what stands in cells of releases: ranges, and members that were folded.
 */
#include "analytics/market/cell_range.h"
#include "analytics/market/group.h"
#include "tap.h"

static void ranges_are_read(void)
{
	static const struct {
		const char *text;
		double low, high;
		int open; /* 1 below, 2 above */
	} rows[] = {
		{ "20-24", 20, 24, 0 },
		{ "7", 7, 7, 0 },
		{ "0-1999", 0, 1999, 0 },
		{ "-20..-11", -20, -11, 0 },
		{ "1.50..2.99", 1.5, 2.99, 0 },
		{ "*", 0, 0, 3 },
		{ "[0, 4[", 0, 3, 0 },
		{ "[4,8)", 4, 7, 0 },
		{ "[4, 8]", 4, 8, 0 },
		{ "<20", 0, 20, 1 },
		{ ">=50", 50, 0, 2 },
		{ "16+", 16, 16, 2 },
		{ "5\xe2\x80\x93"
		  "9",
		    5, 9, 0 },
	};
	struct cell_range r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(cell_range_parse(sc_span_str(rows[i].text), &r));
		CHECK(r.below == (rows[i].open & 1) && r.above == (rows[i].open >> 1));
		CHECK(r.below || (r.low > rows[i].low - 1e-9 && r.low < rows[i].low + 1e-9));
		CHECK(r.above || (r.high > rows[i].high - 1e-9 && r.high < rows[i].high + 1e-9));
	}
}

static void what_is_no_range_is_refused(void)
{
	static const char *const wrong[] = { "", "tea", "-", "20-", "20-x", "24-20", "[0, 4",
		"[0; 4[", "[", "<", ">=", "1 ", "**", "1e5", "9999999999999999", "5--", "[5, 2]" };
	struct cell_range r;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(!cell_range_parse(sc_span_str(wrong[i]), &r));
}

static void groups_stay_whole(void)
{
	CHECK(group_size("tea") == 1 && group_size("tea | cups") == 2 && group_size("a|b") == 1);
	CHECK(group_within("tea", "cups | tea") && group_within("tea | cups", "cups | pots | tea"));
	CHECK(!group_within("tea | cups", "tea") && !group_within("te", "tea") &&
	    !group_within("teas", "tea"));
	CHECK(group_meets("tea | cups", "cups") && !group_meets("tea | cups", "pots | cup"));
}

int main(void)
{
	RUN(ranges_are_read, "ranges are read in every form that is published");
	RUN(what_is_no_range_is_refused, "what is no range is refused");
	RUN(groups_stay_whole, "a group is within another only as a whole");
	return tap_done();
}
