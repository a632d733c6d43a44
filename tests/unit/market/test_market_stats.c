/*
 * test_market_stats.c - intervals against published tables, corrections against what was
 * reckoned by hand.
 */
#include "analytics/market/stats.h"
#include "tap.h"

#include <math.h>

static bool near(double a, double b, double within)
{
	return fabs(a - b) <= within;
}

/* Garwood (1936); as tabled in Ulm (1990) and every handbook since. */
static void poisson_is_as_tabled(void)
{
	static const double rows[][3] = { { 0, 0, 3.689 }, { 1, 0.0253, 5.572 },
		{ 2, 0.242, 7.225 }, { 5, 1.623, 11.668 }, { 10, 4.795, 18.390 },
		{ 20, 12.217, 30.888 }, { 50, 37.111, 65.919 }, { 100, 81.364, 121.627 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct stats_range r = stats_poisson(rows[i][0]);

		CHECK(r.value == rows[i][0] && near(r.low, rows[i][1], 0.001) &&
		    near(r.high, rows[i][2], 0.001));
	}
}

static void large_counts_join_small_ones(void)
{
	const struct stats_range a = stats_poisson(1000), b = stats_poisson(1001);

	CHECK(near(b.low - a.low, 0.97, 0.05) && near(b.high - a.high, 1.03, 0.05));
}

static void normal_tails(void)
{
	CHECK(
	    near(stats_p_of_z(1.959964), 0.05, 1e-6) && near(stats_p_of_z(-2.575829), 0.01, 1e-6));
	CHECK(stats_p_of_z(0) == 1);
}

/* Benjamini and Hochberg's own example (1995, §4.1): fifteen p, four found at 0.05. */
static void the_example_of_1995(void)
{
	static const double p[15] = { 0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298,
		0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000 };
	bool found[15];

	CHECK(stats_false_discovery(p, 15, 0.05, found) == 4);
	for (size_t i = 0; i < 15; i++)
		CHECK(found[i] == (i < 4));
}

static void a_later_rank_pulls_earlier_ones(void)
{
	/* .02 > .05 / 4, but .035 <= .05 * 3 / 4: both are found; in any order */
	static const double p[4] = { 0.035, 0.9, 0.02, 0.03 };
	bool found[4];

	CHECK(stats_false_discovery(p, 4, 0.05, found) == 3);
	CHECK(found[0] && !found[1] && found[2] && found[3]);
	CHECK(stats_false_discovery(p, 4, 0.01, found) == 0);
	CHECK(stats_false_discovery(p, 0, 0.01, found) == 0);
}

static void shares_change(void)
{
	struct stats_range r;
	double p;

	NEED(stats_share_change(120, 1000, 100, 1000, &r, &p));
	/* sd of the log: sqrt(1.3 * (1/120 - 1/1000 + 1/100 - 1/1000)) = 0.14572 */
	CHECK(near(r.value, 0.2, 1e-12) && near(r.low, 1.2 * exp(-1.959964 * 0.145717) - 1, 1e-4));
	CHECK(near(r.high, 1.2 * exp(1.959964 * 0.145717) - 1, 1e-4));
	CHECK(near(p, stats_p_of_z(log(1.2) / 0.145717), 1e-4));
	CHECK(
	    stats_share_change(50, 500, 100, 1000, &r, &p) && near(r.value, 0, 1e-12) && p > 0.99);
	CHECK(!stats_share_change(0, 500, 100, 1000, &r, &p));
	CHECK(!stats_share_change(10, 500, 0, 1000, &r, &p));
	CHECK(!stats_share_change(10, 5, 1, 1000, &r, &p));
	/* all of all against all of all: nothing can have changed */
	CHECK(stats_share_change(10, 10, 9, 9, &r, &p) && p == 1 && r.low == 0 && r.high == 0);
}

/* Wilson (1927); Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29. */
static void shares_are_as_tabled(void)
{
	static const double rows[][4] = { { 81, 263, .2553, .3662 }, { 15, 148, .0624, .1605 },
		{ 0, 20, 0, .1611 }, { 1, 29, .0061, .1718 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct stats_range r = stats_share(rows[i][0], rows[i][1]);

		CHECK(near(r.low, rows[i][2], 1e-4) && near(r.high, rows[i][3], 1e-4));
	}
}

int main(void)
{
	RUN(poisson_is_as_tabled, "Poisson intervals are as they are tabled");
	RUN(large_counts_join_small_ones, "where the way of reckoning changes nothing jumps");
	RUN(normal_tails, "tails of the normal distribution");
	RUN(the_example_of_1995, "false discoveries: the example of 1995");
	RUN(a_later_rank_pulls_earlier_ones,
	    "false discoveries: a later rank pulls earlier ones along");
	RUN(shares_change, "changes of shares, by hand");
	RUN(shares_are_as_tabled, "intervals of shares are as they are tabled");
	return tap_done();
}
