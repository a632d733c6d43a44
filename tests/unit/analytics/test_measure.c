/*
 * test_measure.c - the figures of a release, worked out by hand.
 */
#include "recode_rig.h"
#include "tap.h"

/* Four of one region, aged 20 to 23, and two of another; values by the last column. */
static void six(struct recode_rig *r)
{
	static const char *const rows[] = { "r1;20;a", "r1;21;a", "r2;22;a", "r2;23;b", "r3;60;c",
		"r3;61;c" };

	rig_init(r);
	rig_tree(r, "r1;north;*\nr2;north;*\nr3;south;*\nr4;south;*\n");
	rig_grid(r, (struct hierarchy_grid){ .min = 0, .max = 99, .step = 10 });
	rig_sensitive(r, "a;b;c", (struct recode_rule){ 0 });
	for (size_t i = 0; i < 6; i++)
		rig_row(r, rows[i], i == 1 ? 0 : i);
}

/* Two classes: north 20-29 with four rows of three people, r3 60-69 with two. */
static void split_by_hand(struct recode_rig *r)
{
	static struct recode_class classes[] = { { .lo = { 0, 2 }, .hi = { 1, 2 }, .rows = 4 },
		{ .lo = { 2, 6 }, .hi = { 2, 6 }, .rows = 2 } };

	r->result->n = 2;
	free(r->result->classes);
	r->result->classes = calloc(2, sizeof(classes[0]));
	memcpy(r->result->classes, classes, sizeof(classes));
	for (size_t i = 0; i < 6; i++)
		r->result->class_of[i] = i >= 4;
}

static void test_figures(void)
{
	struct recode_rig r;
	struct release_measures m;

	six(&r);
	NEED(rig_recode(&r, NULL, NULL) == SC_OK);
	split_by_hand(&r);
	NEED(measure_release(&r.table, r.result, 2, &m) == SC_OK);
	CHECK(m.rows == 6 && m.suppressed == 0 && m.people == 5 && m.classes == 2);
	CHECK(m.min_people == 2 && m.min_rows == 2 && m.dm == 16 + 4 && m.c_avg_milli == 1500);
	CHECK(m.risk_max_ppm == 500000 && m.risk_avg_ppm == 400000);
	/* four rows lose half the regions; all lose 9 of 99 years */
	CHECK(m.columns[0].ncp_ppm == 333334 && m.columns[1].ncp_ppm == 90910);
	CHECK(m.gcp_ppm == 212122);
	CHECK(m.columns[0].at_level[0] == 2 && m.columns[0].at_level[1] == 4 &&
	    m.columns[1].at_level[0] == 6);
	CHECK(m.columns[0].why[MEASURE_EXACT] == 2 && m.columns[0].why[MEASURE_REST] == 4);
	CHECK(m.sensitive[0].min_distinct == 1 && m.sensitive[0].homogeneous == 2);
	CHECK(m.sensitive[0].max_share_ppm == 1000000 && m.sensitive[0].min_entropy_milli == 1000);
	/* c is 1/3 of all and all of the second class; a step from a to c is two */
	CHECK(m.sensitive[0].max_equal_ppm == 666667 && m.sensitive[0].max_ordered_ppm == 583334);
	rig_fini(&r);
}

static void test_suppressed(void)
{
	struct recode_rig r;
	struct release_measures m;

	six(&r);
	NEED(rig_recode(&r, NULL, NULL) == SC_OK);
	split_by_hand(&r);
	r.result->class_of[4] = r.result->class_of[5] = RECODE_SUPPRESSED;
	r.result->n = 1;
	r.result->n_suppressed = 2;
	NEED(measure_release(&r.table, r.result, 2, &m) == SC_OK);
	CHECK(m.suppressed == 2 && m.dm == 16 + 2 * 6 && m.columns[0].ncp_ppm == 666667);
	CHECK(m.sensitive[0].homogeneous == 0 && m.sensitive[0].min_distinct == 2 && m.people == 3);
	CHECK(m.sensitive[0].min_entropy_milli == 1754); /* 4 / 3^(3/4) */
	rig_fini(&r);
}

static void test_why(void)
{
	struct recode_rig r;
	struct release_measures m;
	struct sc_buf out;

	six(&r);
	NEED(rig_recode(&r, NULL, NULL) == SC_OK);
	split_by_hand(&r);
	sc_buf_init(&out, 1024);
	NEED(measure_release(&r.table, r.result, 3, &m) == SC_OK &&
	    measure_why_print(&m, 0, 3, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out),
	    "4 of 6 rows are generalised (k is 3): 4 because fewer people than k "
	    "have the value at all"));
	sc_buf_clear(&out);
	m.columns[0].why[MEASURE_RARE] = 1234567;
	m.columns[0].why[MEASURE_TOGETHER] = 1000;
	m.rows = 9000000;
	NEED(measure_why_print(&m, 0, 3, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out),
	    "1,235,567 of 9,000,000 rows are generalised (k is 3): 1,234,567 because "
	    "fewer people than k have the value at all, 1,000 because too few of those alike in the other columns have it"));
	sc_buf_fini(&out);
	rig_fini(&r);
}

int main(void)
{
	RUN(test_figures, "losses, risks and distances are what their definitions say");
	RUN(test_suppressed, "a suppressed row is lost in every column");
	RUN(test_why, "it is told why a column is generalised");
	return tap_done();
}
