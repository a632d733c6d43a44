/*
 * test_check.c - the checker refuses releases that were tampered with, one promise at a time.
 */
#include "recode_rig.h"
#include "tap.h"

#define WIDTH 5

static struct recode_rig rig;
static struct check_report report;
static struct sc_diag diag;

/* Six rows, each person's own, in one class: a tree, a grid, days, a sensitive value. */
static void one_class(void)
{
	static const char *const rows[] = { "r1;20;2026-01-03;ab1;x", "r2;21;2026-02-01;ab2;y",
		"r1;22;2026-03-31;ab3;z", "r2;23;2026-01-01;ab1;x", "r1;24;2026-01-02;ab9;y",
		"r2;25;2026-02-02;ab4;z" };
	static const struct sc_span cells[] = { SC_LIT("north"), SC_LIT("20-29"), SC_LIT("2026-Q1"),
		SC_LIT("ab*") };

	rig_init(&rig);
	rig_tree(&rig, "r1;north;*\nr2;north;*\n\"r;\"\"3\";south;*\n");
	rig_grid(&rig, (struct hierarchy_grid){ .min = 0, .max = 99, .step = 10 });
	rig_dates(&rig, "2026-01-01", "2026-12-31", HIERARCHY_MONTH);
	rig_tree(&rig, "ab1;*\nab2;*\nab3;*\nab4;*\nab9;*\n");
	rig.wants.columns[3] = (struct check_column){ .kind = CHECK_PREFIX };
	rig_sensitive(&rig, "x;y;z", (struct recode_rule){ 0 });
	rig.wants.k = 6;
	for (uint32_t i = 0; i < 6; i++) {
		rig_row(&rig, rows[i], i);
		memcpy(rig.released + i * WIDTH, cells, sizeof(cells));
		rig.released[i * WIDTH + 4] = rig.cells[i * WIDTH + 4];
		rig.from[i] = rig.from_persons[i] = i;
	}
	rig.n_released = 6;
}

static enum sc_err check(void)
{
	diag = (struct sc_diag){ 0 };
	return check_release(&rig.wants, &(struct check_rows){ rig.cells, rig.n },
	    &(struct check_rows){ rig.released, rig.n_released }, rig.from, rig.from_persons,
	    &report, &diag);
}

static bool refused(const char *what, unsigned line)
{
	const bool ok = check() == SC_OK && !report.ok && strcmp(diag.text, what) == 0 &&
	    diag.line == line;

	if (!ok)
		printf("# %d: %s (line %u)\n", report.ok, diag.text, diag.line);
	return ok;
}

static void test_sound(void)
{
	one_class();
	CHECK(check() == SC_OK && report.ok && report.classes == 1 && report.min_people == 6);
	CHECK(report.min_rows == 6 && report.suppressed == 0 && report.min_distinct[0] == 3);
	rig_fini(&rig);
}

static void test_people(void)
{
	one_class();
	rig.wants.k = 7;
	CHECK(refused("a class of fewer people than k", 1));
	rig.wants.k = 6;
	rig.from_persons[5] = 0;
	CHECK(refused("a class of fewer people than k", 1));
	rig.wants.k = 5;
	CHECK(check() == SC_OK && report.ok && report.min_people == 5);
	/* another class by one cell */
	rig.released[3 * WIDTH + 1] = sc_span_str("*");
	CHECK(check() == SC_OK && !report.ok && report.classes == 2 && report.min_rows == 1);
	rig_fini(&rig);
}

static void put(size_t row, size_t column, const char *cell)
{
	rig.released[row * WIDTH + column] = sc_span_str(cell);
}

/* All rows get CELL. True: that is fine for each of them. */
static bool takes(size_t column, const char *cell)
{
	const struct sc_span was = rig.released[column];
	bool ok;

	for (size_t i = 0; i < 6; i++)
		put(i, column, cell);
	ok = check() == SC_OK && report.ok;
	if (!ok && strcmp(diag.text, "a cell does not generalise its value") != 0)
		printf("# %s\n", diag.text);
	for (size_t i = 0; i < 6; i++)
		rig.released[i * WIDTH + column] = was;
	return ok;
}

static void test_cells(void)
{
	static const struct {
		size_t column;
		const char *cell;
		bool ok;
	} rows[] = { { 0, "*", true }, { 0, "south", false }, { 0, "r1", false }, { 0, "", false },
		{ 0, "norte", false }, { 1, "*", true }, { 1, "20-39", true },
		{ 1, "10..29", true }, { 1, "20-25", false }, { 1, "20-28", false },
		{ 1, "19-29", false }, { 1, "20-24", false }, { 1, "21-29", false },
		{ 1, "30-39", false }, { 1, "10-19", false }, { 1, "20-29x", false },
		{ 1, "20", false }, { 1, "-29", false }, { 1, "", false }, { 2, "*", true },
		{ 2, "2026", true }, { 2, "2026-Q1", true }, { 2, "2026-Q2", false },
		{ 2, "2025-Q1", false }, { 2, "2026-01", false }, { 2, "2026-01-03", false },
		{ 2, "2025", false }, { 2, "", false }, { 3, "*", true }, { 3, "a*", true },
		{ 3, "ab*", true }, { 3, "ab1*", false }, { 3, "b*", false }, { 3, "ab", false },
		{ 3, "", false } };

	one_class();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(takes(rows[i].column, rows[i].cell) == rows[i].ok);
		if (takes(rows[i].column, rows[i].cell) != rows[i].ok)
			printf("# column %zu: \"%s\"\n", rows[i].column, rows[i].cell);
	}
	rig.wants.columns[2].finest = 3;
	CHECK(!takes(2, "2026-Q1") && takes(2, "2026"));
	put(4, 0, "r2");
	CHECK(refused("a cell does not generalise its value", 5));
	rig_fini(&rig);
}

static void test_rows(void)
{
	one_class();
	rig.from[5] = 0;
	CHECK(refused("a row that is no row of the table, or is one twice", 6));
	rig.from[5] = 6;
	CHECK(refused("a row that is no row of the table, or is one twice", 6));
	rig.from[5] = 5;
	put(2, 4, "x");
	CHECK(refused("a sensitive value is not the row's", 3));
	put(2, 4, "z");
	rig.n_released = 5;
	rig.wants.k = 5;
	CHECK(refused("more rows are suppressed than may be", 1));
	rig.wants.suppression_ppm = 166666;
	CHECK(refused("more rows are suppressed than may be", 1));
	rig.wants.suppression_ppm = 166667;
	CHECK(check() == SC_OK && report.ok && report.suppressed == 1);
	rig.n = 4;
	CHECK(check() == SC_LIMIT && !report.ok);
	rig_fini(&rig);
}

/* Two classes of three; values are as TEXT says, one letter a row. */
static void two_classes(const char *text)
{
	static const struct sc_span letters[] = { SC_LIT("x"), SC_LIT("y"), SC_LIT("z") };

	one_class();
	rig.wants.k = 3;
	for (size_t i = 0; i < 6; i++) {
		rig.cells[i * WIDTH + 4] = rig.released[i * WIDTH + 4] = letters[text[i] - 'x'];
		put(i, 3, i < 3 ? "ab*" : "a*");
	}
}

static bool keeps(const char *values, struct check_rule rule)
{
	static const struct sc_span order[] = { SC_LIT("x"), SC_LIT("y"), SC_LIT("z") };
	bool ok;

	two_classes(values);
	rig.wants.rules[0] = rule;
	if (rule.n_order > 0)
		rig.wants.rules[0].order = order;
	CHECK(check() == SC_OK);
	ok = report.ok;
	rig_fini(&rig);
	return ok;
}

static void test_rules(void)
{
	CHECK(keeps("xyzxyz", (struct check_rule){ .distinct = 3 }) &&
	    !keeps("xyzxyy", (struct check_rule){ .distinct = 3 }));
	CHECK(keeps("xxyxyz", (struct check_rule){ .share_ppm = 666667 }) &&
	    !keeps("xxyxyz", (struct check_rule){ .share_ppm = 666666 }));
	/* entropy of three and of two to one: 3 and 1.889... */
	CHECK(keeps("xyzxyz", (struct check_rule){ .entropy_milli = 3000 }) &&
	    !keeps("xyzxyz", (struct check_rule){ .entropy_milli = 3001 }));
	CHECK(keeps("xxyyyx", (struct check_rule){ .entropy_milli = 1889 }) &&
	    !keeps("xxyyyx", (struct check_rule){ .entropy_milli = 1890 }));
	/* xxy and zzy: each half as far from all (2 2 2) as can be, by 1/3 and by order 1/3 */
	CHECK(keeps("xxyzzy", (struct check_rule){ .closeness_ppm = 333334 }) &&
	    !keeps("xxyzzy", (struct check_rule){ .closeness_ppm = 333333 }));
	CHECK(keeps("xxyzzy", (struct check_rule){ .closeness_ppm = 333334, .n_order = 3 }) &&
	    !keeps("xxyzzy", (struct check_rule){ .closeness_ppm = 333333, .n_order = 3 }));
	CHECK(!keeps("xyzzzy", (struct check_rule){ .closeness_ppm = 200000, .n_order = 2 }));
}

static void test_hierarchy(void)
{
	one_class();
	rig.wants.columns[0].text = sc_span_str("r1;north;*\n\"r2\"x;north;*\n");
	CHECK(check() == SC_SYNTAX && !report.ok &&
	    strcmp(diag.text, "line 2 of a hierarchy cannot be read") == 0);
	rig.wants.columns[0].text = sc_span_str("r1;north;*\r\nr2;north;\"*\"\r");
	CHECK(check() == SC_OK && report.ok);
	rig.wants.columns[0].text = sc_span_str("");
	CHECK(refused("a cell does not generalise its value", 1));
	rig_fini(&rig);
}

int main(void)
{
	RUN(test_sound, "a sound release passes, with its figures");
	RUN(test_people, "a class of fewer people than k does not");
	RUN(test_cells, "every cell generalises its value, and is of the grid");
	RUN(test_rows, "rows are rows of the table, each once, and few are left out");
	RUN(test_rules, "l, entropy, t by equality and order, and alpha hold at their very edge");
	RUN(test_hierarchy, "a hierarchy that cannot be read passes nothing");
	return tap_done();
}
