/*
 * test_report.c - figures of a page from tables made by hand: what can be told is right, what
 * cannot be told is not told, groups that were folded stay groups.
 */
#include "market_kit.h"
#include "tap.h"

#include <math.h>

static struct market_data data;
static struct market_report report;

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static void sums_take_no_group_apart(void)
{
	double v;

	kit_begin(&data);
	kit_row(&data, MARKET_VISITORS, 1, "tea | cups", NULL, 30, 0, 0, 0);
	kit_row(&data, MARKET_VISITORS, 0, "tea", NULL, 20, 0, 0, 0);
	kit_row(&data, MARKET_VISITORS, 0, "cups", NULL, 15, 0, 0, 0);
	const struct market_series *s = &data.series[MARKET_VISITORS];

	CHECK(market_sum(s, KIT_WEEK, KIT_WEEK, "tea", NULL, 0, &v) && v == 20);
	CHECK(!market_sum(s, KIT_WEEK - 7, KIT_WEEK, "tea", NULL, 0, &v));
	CHECK(market_sum(s, KIT_WEEK - 7, KIT_WEEK, "cups | tea", NULL, 0, &v) && v == 65);
	CHECK(market_sum(s, KIT_WEEK, KIT_WEEK, "pots", NULL, 0, &v) && v == 0);
}

static void a_week_against_four(void)
{
	kit_begin(&data);
	for (int64_t w = 4; w > 0; w--)
		kit_row(&data, MARKET_WEEK, w, NULL, NULL, 1000, 100, 110, 500000);
	kit_row(&data, MARKET_WEEK, 0, NULL, NULL, 1000, 200, 220, 1000000);
	memset(&report, 0, sizeof(report));
	report_week(&data, &report);
	const struct report_tile *t = &report.tiles[TILE_BUYERS];

	CHECK(t->value == 200 && t->n_spark == 5 && t->has_change && near(t->change.value, 1));
	CHECK(near(t->change.low,
	    2 * exp(-STATS_Z95 * STATS_SPREAD * sqrt(1 / 200. + 1 / 400.)) - 1));
	CHECK(t->p < 0.01 && report.tiles[TILE_VISITORS].p == 1);
	CHECK(near(report.tiles[TILE_REVENUE].change.low,
	    2 * exp(-STATS_Z95 * STATS_SPREAD * sqrt(2 / 220. + 2 / 440.)) - 1));
	CHECK(report.again.known && near(report.again.share.value, 0.5) &&
	    near(report.again.points, 0));
	/* three weeks are not four */
	data.series[MARKET_WEEK].rows++;
	data.series[MARKET_WEEK].n--;
	memset(&report, 0, sizeof(report));
	report_week(&data, &report);
	CHECK(report.tiles[TILE_BUYERS].value == 200 && !report.tiles[TILE_BUYERS].has_change);
	CHECK(report.again.known && !report.again.has_change);
}

static void segment_weeks(const char *const *groups, const double *people, size_t n, int64_t weeks)
{
	for (size_t i = 0; i < n; i++)
		kit_row(&data, MARKET_SEGMENT_WEEK, weeks, groups[i], NULL, people[i], 5, 6,
		    people[i] * 100);
}

static void segments_by_hand(void)
{
	static const char *const groups[] = { "new", "champions", "loyal" };
	static const double then[] = { 100, 20, 80 }, now[] = { 120, 25, 75 };
	struct report_segments s = { 0 };

	kit_begin(&data);
	for (int64_t w = 64; w >= 0; w--)
		/* the quarter that came a year ago had twice the orders of the one before it */
		kit_row(&data, MARKET_WEEK, w, NULL, NULL, 1, 1,
		    w >= 52     ? 10 :
			w >= 39 ? 20 :
				  7,
		    1);
	segment_weeks(groups, then, 3, 4);
	segment_weeks(groups, now, 3, 0);
	kit_row(&data, MARKET_QUARTERS, 0, "champions", NULL, 50, 40, 100, 0);
	report_segments(&data, &s);
	NEED(
	    s.n == 3 && strcmp(s.v[0].group, "champions") == 0 && strcmp(s.v[2].group, "new") == 0);
	CHECK(
	    s.people == 220 && s.v[0].people == 25 && s.v[0].change.known && s.v[0].change.v == 5);
	CHECK(s.v[0].revenue_share.known && near(s.v[0].revenue_share.v, 45. / 420));
	CHECK(
	    s.has_season && near(s.season, 2) && s.v[0].has_orders && near(s.v[0].orders.value, 4));
	CHECK(s.v[0].orders.low < 4 && s.v[0].orders.high > 4 && !s.v[1].has_orders);
}

static void folded_segments_stay_folded(void)
{
	static const char *const one[] = { "champions", "loyal" },
				 *const two[] = { "champions | loyal" };
	static const double people[] = { 20, 80 };
	struct report_segments s = { 0 };

	/* folded now, not then: the group's change can be told */
	kit_begin(&data);
	segment_weeks(one, people, 2, 4);
	segment_weeks(two, people + 1, 1, 0);
	report_segments(&data, &s);
	NEED(s.n == 1 && strcmp(s.v[0].group, "champions | loyal") == 0);
	CHECK(s.v[0].change.known && s.v[0].change.v == -20 && !s.has_season);
	/* folded then, not now: nothing of one alone can */
	kit_begin(&data);
	memset(&s, 0, sizeof(s));
	segment_weeks(two, people + 1, 1, 4);
	segment_weeks(one, people, 2, 0);
	report_segments(&data, &s);
	CHECK(s.n == 2 && !s.v[0].change.known && !s.v[1].change.known);
	CHECK(!s.v[0].revenue_share.known);
}

static void traits_stand_out(void)
{
	static const struct market_row rows[] = {
		{ .at = KIT_WEEK, .of = { "loyal", "20-29" }, .v = { 300 } },
		{ .at = KIT_WEEK, .of = { "loyal", "30-39" }, .v = { 100 } },
		{ .at = KIT_WEEK, .of = { "new", "20-29" }, .v = { 200 } },
		{ .at = KIT_WEEK, .of = { "new", "30-39" }, .v = { 400 } },
	};
	static const char *const groups[] = { "loyal", "new" };
	static const double people[] = { 400, 600 };
	struct report_segments s = { 0 };

	kit_begin(&data);
	segment_weeks(groups, people, 2, 0);
	data.n_traits = 1;
	data.traits[0] = (struct market_trait){ "age", { rows, 4, false, "" } };
	report_segments(&data, &s);
	NEED(s.v[0].traits[0].known && s.v[0].traits[0].value != NULL &&
	    s.v[1].traits[0].value != NULL);
	CHECK(strcmp(s.v[0].traits[0].value, "20-29") == 0 && near(s.v[0].traits[0].share, 0.75));
	CHECK(near(s.v[0].traits[0].everyone, 0.5) && strcmp(s.v[1].traits[0].value, "30-39") == 0);
}

/* ---- trends, against a model whose truth is known ------------------------------------- */

#define MODEL_CATEGORIES 60
#define MODEL_WEEKS 49

static char names[MODEL_CATEGORIES][16];

/* Weeks of visits; from week RISE before the page's on, category 11 has half as many again. */
static void make_model(uint64_t seed, int64_t rise)
{
	kit_begin(&data);
	for (int64_t w = 7; w >= 0; w--)
		for (size_t c = 0; c < MODEL_CATEGORIES; c++) {
			const double usual = 4000 / pow((double)(c + 1), 1.1);
			const double mean = c == 11 && w < rise ? usual * 1.5 : usual;

			snprintf(names[c], sizeof(names[c]), "category %zu", c);
			kit_row(&data, MARKET_VISITORS, w, names[c], NULL, kit_poisson(&seed, mean),
			    0, 0, 0);
		}
}

static void trends_are_found_and_chance_is_not(void)
{
	struct report_categories c;
	size_t wrong = 0, tests = 0, late = 0;

	for (uint64_t seed = 1; seed <= MODEL_WEEKS; seed++) {
		make_model(seed, 0);
		memset(&c, 0, sizeof(c));
		NEED(report_categories(&data, &c) == SC_OK);
		wrong += c.found;
		tests += c.tested;
		market_data_fini(&data);
		make_model(seed, 4);
		memset(&c, 0, sizeof(c));
		NEED(report_categories(&data, &c) == SC_OK);
		late += !(c.found == 1);
		for (size_t i = 0; i < c.n; i++)
			CHECK(!c.v[i].found || strcmp(c.v[i].group, "category 11") == 0);
		market_data_fini(&data);
	}
	printf("# %zu false finds in %zu tests; of %d planted trends %zu were missed\n", wrong,
	    tests, MODEL_WEEKS, late);
	CHECK(tests == MODEL_WEEKS * MODEL_CATEGORIES && wrong == 0 && late == 0);
}

static void what_was_folded_differently_is_not_tested(void)
{
	struct report_categories c = { 0 };

	kit_begin(&data);
	for (int64_t w = 7; w >= 0; w--) {
		kit_row(&data, MARKET_VISITORS, w, "tea", NULL, w < 4 ? 300 : 100, 0, 0, 0);
		kit_row(&data, MARKET_VISITORS, w, w == 6 ? "cups | pots" : "cups", NULL, 500, 0, 0,
		    0);
		kit_row(&data, MARKET_VISITORS, w, "pans | lids", NULL, 400, 0, 0, 0);
	}
	kit_row(&data, MARKET_BUYERS, 0, "tea | cups", NULL, 50, 0, 0, 0);
	kit_row(&data, MARKET_BUYERS, 0, "pans", NULL, 40, 0, 0, 0);
	NEED(report_categories(&data, &c) == SC_OK && c.n == 3);
	CHECK(strcmp(c.v[0].group, "cups") == 0 && !c.v[0].tested && c.v[0].visitors == 2000);
	CHECK(c.tested == 2 && strcmp(c.v[1].group, "pans | lids") == 0 && c.v[1].tested);
	CHECK(strcmp(c.v[2].group, "tea") == 0 && c.v[2].found && c.v[2].change.value > 1);
	CHECK(c.v[1].has_rate && near(c.v[1].rate.value, 40 / 1600.) && !c.v[2].has_rate);
	market_data_fini(&data);
}

static void bands_are_in_order(void)
{
	static const char *const bands[] = { "500+", "20-50", "<20", "50-500" };
	struct report_categories top = { 0 };
	struct report_bands b = { 0 };

	kit_begin(&data);
	for (size_t i = 0; i < 4; i++)
		kit_row(&data, MARKET_BANDS, 0, bands[i], NULL, 10 * (double)(i + 1), 0, 0, 0);
	kit_row(&data, MARKET_BANDS, 0, "50-500 | 500+", NULL, 7, 0, 0, 0);
	report_bands(&data, &top, &b);
	NEED(b.n == 4 && b.n_rows == 1);
	CHECK(strcmp(b.names[0], "<20") == 0 && strcmp(b.names[1], "20-50") == 0);
	CHECK(strcmp(b.names[2], "50-500") == 0 && strcmp(b.names[3], "500+") == 0);
	CHECK(b.rows[0].v[0] == 30 && b.rows[0].v[3] == 10 && b.rows[0].v[REPORT_BANDS] == 7);
}

static void hours_that_are_folded_are_blank(void)
{
	struct report_hours h = { 0 };

	kit_begin(&data);
	for (int64_t w = 3; w >= 0; w--) {
		kit_row(&data, MARKET_HOURS, w, "app", "2 | 3", 12, 0, 0, 0);
		kit_row(&data, MARKET_HOURS, w, "app", "20", 100, 0, 0, 0);
		kit_row(&data, MARKET_HOURS, w, "app", "21", 400, 0, 0, 0);
		kit_row(&data, MARKET_HOURS, w, "app", "07", 30, 0, 0, 0);
	}
	kit_row(&data, MARKET_HOURS, 0, "pc", "9", 30, 0, 0, 0);
	kit_row(&data, MARKET_HOURS, 0, "pc", "21", 31, 0, 0, 0);
	report_hours(&data, &h);
	NEED(h.n == 2 && h.best[0] == 21 && h.sure[0]);
	CHECK(h.v[0][21].v == 1600 && h.v[0][7].v == 120 && !h.v[0][2].known && !h.v[0][3].known);
	CHECK(h.folded == 2 && h.best[1] == 21 && !h.sure[1]);
}

static void weekdays_against_their_mean(void)
{
	static const char *const days[] = { "1", "tuesday", "Wed", "4", "5", "6", "Sunday" };
	struct report_weekdays d = { 0 };

	kit_begin(&data);
	for (size_t i = 0; i < 7; i++)
		kit_row(&data, MARKET_WEEKDAYS, 0, days[i], NULL, i >= 5 ? 200 : 100, 0, 0, 0);
	report_weekdays(&data, &d);
	NEED(d.known);
	CHECK(near(d.v[6].value, 200 / (900 / 7.) - 1) && d.v[6].low > 0 && d.v[0].high < 0);
	/* one that is folded with another: no mean, no days */
	kit_row(&data, MARKET_WEEKDAYS, 0, "1 | 2", NULL, 50, 0, 0, 0);
	memset(&d, 0, sizeof(d));
	report_weekdays(&data, &d);
	CHECK(!d.known);
}

static void cohorts_by_hand(void)
{
	struct report_cohorts c = { 0 };

	kit_begin(&data);
	kit_month(&data, MARKET_COHORTS, 24310, 24310, 200);
	kit_month(&data, MARKET_COHORTS, 24310, 24311, 40);
	kit_month(&data, MARKET_COHORTS, 24310, 24312, 30);
	kit_month(&data, MARKET_COHORTS, 24311, 24311, 100);
	kit_month(&data, MARKET_COHORTS, 24312, 24312, 90);
	report_cohorts(&data, &c);
	NEED(c.n == 3 && c.v[0].n == 2 && c.v[1].n == 1 && c.v[2].n == 0);
	CHECK(near(c.v[0].share[0].v, 0.2) && near(c.v[0].share[1].v, 0.15));
	/* fewer than ten of a hundred, or none: not known, not nothing */
	CHECK(!c.v[1].share[0].known && c.has_next && near(c.next.value, 0.2));
}

static struct market_cell cell(const char *weeks, const char *orders, const char *spent,
    double people)
{
	struct market_cell c = { .favourite = "tea", .people = people };

	CHECK(cell_range_parse(sc_span_str(weeks), &c.weeks));
	CHECK(cell_range_parse(sc_span_str(orders), &c.orders));
	CHECK(cell_range_parse(sc_span_str(spent), &c.spent));
	return c;
}

static void fields_hold_whole_cells(void)
{
	struct market_cell cells[8];
	struct report_heat h = { 0 };
	size_t n = 0;

	kit_begin(&data);
	cells[n++] = cell("0-1", "1", "0-99", 50);
	cells[n++] = cell("0-1", "1", "100-199", 20);
	cells[n++] = cell("2-3", "2", "0-99", 15);
	cells[n++] = cell("0-3", "2", "0-99", 11); /* crosses the line at 2 weeks */
	cells[n++] = cell("2-3", ">=3", "0-99", 12);
	cells[n++] = cell("*", "0", "0", 900); /* never ordered */
	data.view.cells = cells;
	data.view.n = n;
	report_heat(&data, &h);
	NEED(h.n_rows == 2 && h.row_at[1] == 2 && h.n_cols == 3 && h.col_at[2] == 3);
	CHECK(h.v[0] == 70 && h.v[4] == 15 && h.v[5] == 12 && h.people == 108 && h.crossing == 11);
}

static void portraits_only_where_others_would_give_them(void)
{
	struct market_cell cells[300];
	struct report_portraits p = { 0 };
	uint64_t seed = 3;

	/* three crowds that nobody would mix up */
	kit_begin(&data);
	data.view.cells = cells;
	for (size_t i = 0; i < 60; i++) {
		static const char *const what[3][3] = { { "0-1", "12", "4000-4999" },
			{ "30-39", "1", "0-19" }, { "6-8", "3", "300-499" } };
		const char *const *w = what[i % 3];

		cells[i] = cell(w[0], w[1], w[2], 40);
		cells[i].spent.low += (double)(i / 3);
		cells[i].spent.high += (double)(i / 3);
	}
	data.view.n = 60;
	NEED(report_portraits(&data, &p) == SC_OK);
	CHECK(p.tried && p.n >= 3 && p.agreement >= REPORT_AGREEMENT);
	CHECK(p.v[0].name == 0 && p.v[0].share > 0.8);
	/* fog, of few */
	for (size_t i = 0; i < 300; i++) {
		cells[i] = cell("0-1", "1", "0-99", 1);
		cells[i].weeks.low = cells[i].weeks.high = kit_poisson(&seed, 20);
		cells[i].orders.low = cells[i].orders.high = 1 + kit_poisson(&seed, 8);
		cells[i].spent.low = cells[i].spent.high = kit_poisson(&seed, 400);
	}
	data.view.n = 300;
	memset(&p, 0, sizeof(p));
	NEED(report_portraits(&data, &p) == SC_OK);
	CHECK(p.tried && p.n == 0 && p.agreement < REPORT_AGREEMENT);
}

int main(void)
{
	RUN(sums_take_no_group_apart, "a sum takes no group apart");
	RUN(a_week_against_four, "a week against the four before it, by hand");
	RUN(segments_by_hand, "segments, their share, and what is expected of them, by hand");
	RUN(folded_segments_stay_folded, "segments that were folded stay folded");
	RUN(traits_stand_out, "a trait that is more common stands out");
	RUN(trends_are_found_and_chance_is_not, "planted trends are found, and chance is not");
	RUN(what_was_folded_differently_is_not_tested, "what was folded differently is not tested");
	RUN(bands_are_in_order, "price bands are in order, what is of several apart");
	RUN(hours_that_are_folded_are_blank, "hours that were folded are blank");
	RUN(weekdays_against_their_mean, "days of the week against their mean");
	RUN(cohorts_by_hand, "cohorts, by hand");
	RUN(fields_hold_whole_cells, "a field of the heat map holds whole cells alone");
	RUN(portraits_only_where_others_would_give_them,
	    "portraits only where other people give them too");
	return tap_done();
}
