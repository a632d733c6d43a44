/*
 * test_recode.c - what is released keeps its rules, by the checker that shares no code
 * with it; and is the same whatever the order of the rows.
 */
#include "recode_rig.h"
#include "tap.h"

static unsigned tables = 600; /* by lot */

/* A table of several thousand sorts, against the checker. */
static void test_random(void)
{
	unsigned feasible = 0, refused = 0, suppressed = 0;

	for (unsigned seed = 1; seed <= tables; seed++) {
		struct recode_rig r;
		struct check_report report;
		struct sc_diag d = { 0 };
		enum sc_err err;

		rig_random(&r, seed);
		err = rig_recode(&r, NULL, &d);
		CHECK(err == SC_OK || (err == SC_LIMIT && d.text[0] != '\0'));
		if (err == SC_OK) {
			feasible++;
			suppressed += r.result->n_suppressed > 0;
			CHECK(rig_check(&r, &report, &d) == SC_OK);
			CHECK(report.ok && report.classes == r.result->n);
			if (!report.ok)
				printf("# seed %u: %s (line %u)\n", seed, d.text, d.line);
		} else {
			refused++;
		}
		rig_fini(&r);
	}
	printf("# %u tables: %u released, %u of them with suppressed rows, %u refused\n", tables,
	    feasible, suppressed, refused);
	CHECK(feasible > tables / 2 && refused > 10 && suppressed > 2);
}

static void shuffle(uint32_t *order, size_t n)
{
	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		const size_t j = (size_t)rig_any(i);
		const uint32_t x = order[i - 1];

		order[i - 1] = order[j];
		order[j] = x;
	}
}

static void test_order(void)
{
	static uint32_t order[RIG_ROWS_MAX], first[RIG_ROWS_MAX];

	for (unsigned seed = 1; seed <= 60; seed++) {
		struct recode_rig r;
		struct recode_class *classes;
		size_t n;

		rig_random(&r, seed);
		for (size_t i = 0; i < r.n; i++)
			r.persons[i] =
			    i; /* persons with several equal rows are dealt as they come */
		if (rig_recode(&r, NULL, NULL) == SC_OK) {
			n = r.result->n;
			classes = calloc(n, sizeof(*classes));
			NEED(classes != NULL);
			memcpy(classes, r.result->classes, n * sizeof(*classes));
			memcpy(first, r.result->class_of, r.n * sizeof(*first));
			shuffle(order, r.n);
			NEED(rig_recode(&r, order, NULL) == SC_OK);
			CHECK(r.result->n == n &&
			    memcmp(classes, r.result->classes, n * sizeof(*classes)) == 0);
			for (size_t i = 0; i < r.n && r.result->n_suppressed == 0; i++)
				CHECK(r.result->class_of[i] == first[order[i]]);
			free(classes);
		}
		rig_fini(&r);
	}
}

/* Eight people of two sorts, two columns. */
static void eight(struct recode_rig *r)
{
	static const char *const rows[] = { "r1;20", "r1;21", "r2;22", "r2;23", "r3;60", "r3;61",
		"r4;62", "r4;63" };

	rig_init(r);
	rig_tree(r, "r1;north;*\nr2;north;*\nr3;south;*\nr4;south;*\n");
	rig_grid(r, (struct hierarchy_grid){ .min = 0, .max = 99, .step = 10 });
	for (size_t i = 0; i < 8; i++)
		rig_row(r, rows[i], i);
}

static void test_cells(void)
{
	struct check_report report;
	struct recode_rig r;
	struct sc_diag d = { 0 };

	eight(&r);
	r.set.k = 4;
	NEED(rig_recode(&r, NULL, &d) == SC_OK && rig_check(&r, &report, &d) == SC_OK);
	CHECK(report.ok && report.classes == 2 && report.min_people == 4 && report.suppressed == 0);
	for (size_t i = 0; i < 8; i++) {
		CHECK(sc_span_is(r.released[2 * i], i < 4 ? "north" : "south"));
		CHECK(sc_span_is(r.released[2 * i + 1], i < 4 ? "20-29" : "60-69"));
	}
	r.set.k = 2;
	NEED(rig_recode(&r, NULL, &d) == SC_OK && rig_check(&r, &report, &d) == SC_OK);
	CHECK(report.ok && report.classes == 4 && sc_span_is(r.released[0], "r1"));
	CHECK(sc_span_is(r.released[1], "20-29"));
	r.set.k = 5;
	NEED(rig_recode(&r, NULL, &d) == SC_OK && rig_check(&r, &report, &d) == SC_OK);
	CHECK(report.classes == 1 && sc_span_is(r.released[0], "*") &&
	    sc_span_is(r.released[1], "20-69"));
	rig_fini(&r);
}

static void test_refusals(void)
{
	struct recode_rig r;
	struct sc_diag d = { 0 };

	eight(&r);
	r.set.k = 9;
	CHECK(rig_recode(&r, NULL, &d) == SC_LIMIT);
	CHECK(strcmp(d.text, "8 people, fewer than the 9 that every class must have") == 0);
	r.set.k = 8;
	CHECK(rig_recode(&r, NULL, &d) == SC_OK && r.result->n == 1);
	r.set.k = 0;
	CHECK(rig_recode(&r, NULL, &d) == SC_SYNTAX);
	r.set.k = 2;
	r.set.rules[0].distinct = 2;
	CHECK(rig_recode(&r, NULL, &d) == SC_SYNTAX &&
	    strstr(d.text, "which the table has not") != NULL);
	r.set.rules[0] = (struct recode_rule){ .closeness_ppm = RELEASE_PPM + 1 };
	CHECK(rig_recode(&r, NULL, &d) == SC_SYNTAX);
	r.set.rules[0] = (struct recode_rule){ .entropy_milli = 999 };
	CHECK(rig_recode(&r, NULL, &d) == SC_SYNTAX);
	r.set.rules[0] = (struct recode_rule){ 0 };
	r.set.suppression_ppm = RELEASE_PPM + 1;
	CHECK(rig_recode(&r, NULL, &d) == SC_SYNTAX);
	rig_fini(&r);
}

/* Ten rows, nine of them of one value. */
static void nine_in_ten(struct recode_rig *r, struct recode_rule rule)
{
	rig_init(r);
	rig_tree(r, "x;*\ny;*\n");
	rig_sensitive(r, NULL, rule);
	for (uint64_t i = 0; i < 10; i++)
		rig_row(r, i == 0 ? "x;rare" : i < 3 ? "y;often" : "x;often", i);
}

static void test_suppression(void)
{
	struct check_report report;
	struct recode_rig r;
	struct sc_diag d = { 0 };

	nine_in_ten(&r, (struct recode_rule){ .share_ppm = 875000 });
	CHECK(rig_recode(&r, NULL, &d) == SC_LIMIT);
	CHECK(strcmp(d.text,
		  "in sensitive column 1 one value has 9 of 10 rows: to keep its rule, "
		  "more than the 0 rows that may be suppressed would have to be") == 0);
	r.set.suppression_ppm = 199999;
	CHECK(rig_recode(&r, NULL, &d) == SC_LIMIT);
	r.set.suppression_ppm = 200000;
	NEED(rig_recode(&r, NULL, &d) == SC_OK && rig_check(&r, &report, &d) == SC_OK);
	CHECK(report.ok && report.suppressed == 2 && report.rows == 8);
	/* those whose value is the rarest */
	CHECK(r.result->class_of[1] == RECODE_SUPPRESSED &&
	    r.result->class_of[2] == RECODE_SUPPRESSED);
	rig_fini(&r);
	nine_in_ten(&r, (struct recode_rule){ .distinct = 3 });
	r.set.suppression_ppm = RELEASE_PPM;
	CHECK(rig_recode(&r, NULL, &d) == SC_LIMIT);
	CHECK(strcmp(d.text,
		  "sensitive column 1 has 2 values in all, fewer than the 3 that every "
		  "class must have") == 0);
	rig_fini(&r);
}

/* Three people with many rows each are three people. */
static void test_people(void)
{
	struct check_report report;
	struct recode_rig r;
	struct sc_diag d = { 0 };

	rig_init(&r);
	rig_tree(&r, "a;*\nb;*\nc;*\n");
	for (uint64_t i = 0; i < 30; i++)
		rig_row(&r, i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c", i % 3);
	NEED(rig_recode(&r, NULL, &d) == SC_OK && rig_check(&r, &report, &d) == SC_OK);
	CHECK(report.ok && report.classes == 1 && report.min_people == 3);
	r.set.k = 4;
	CHECK(rig_recode(&r, NULL, &d) == SC_LIMIT);
	CHECK(strcmp(d.text, "3 people, fewer than the 4 that every class must have") == 0);
	rig_fini(&r);
}

static uint64_t told;

static bool tell(void *ctx, uint64_t done, uint64_t total)
{
	CHECK(total == 8 && done <= total && done >= told);
	told = done;
	return *(bool *)ctx;
}

static void test_progress(void)
{
	struct recode_rig r;
	bool go_on = true;

	eight(&r);
	r.set.progress = tell;
	r.set.ctx = &go_on;
	CHECK(rig_recode(&r, NULL, NULL) == SC_OK && told == 8);
	go_on = false;
	told = 0;
	CHECK(rig_recode(&r, NULL, NULL) == SC_AGAIN && r.result == NULL);
	rig_fini(&r);
}

/* Another key, another release, as good. */
static void test_key(void)
{
	static uint32_t first[RIG_ROWS_MAX];
	struct recode_rig r;

	rig_random(&r, 8);
	memset(r.set.rules, 0, sizeof(r.set.rules));
	NEED(rig_recode(&r, NULL, NULL) == SC_OK);
	memcpy(first, r.result->class_of, r.n * sizeof(*first));
	NEED(rig_recode(&r, NULL, NULL) == SC_OK);
	CHECK(memcmp(first, r.result->class_of, r.n * sizeof(*first)) == 0);
	r.set.key[0] ^= 1;
	NEED(rig_recode(&r, NULL, NULL) == SC_OK);
	CHECK(memcmp(first, r.result->class_of, r.n * sizeof(*first)) != 0);
	rig_fini(&r);
}

int main(int argc, char **argv)
{
	tables = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : tables;
	RUN(test_cells,
	    "cells are nodes of the hierarchy and steps of the grid, as small as k allows");
	RUN(test_refusals, "what cannot be released is refused, with the figures");
	RUN(test_suppression,
	    "rows are suppressed only where that mends the whole table, the rarest first");
	RUN(test_people, "k counts people, not rows");
	RUN(test_progress, "progress is told, and may stop it");
	RUN(test_key, "the same key and table are the same release; another key is another");
	RUN(test_order, "the order of rows changes nothing");
	RUN(test_random, "tables by lot keep their rules, by the checker");
	return tap_done();
}
