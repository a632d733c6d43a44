/*
 * test_report_page.c - report.html: says every figure, calls a broken rule broken, and stays
 * small and well-formed whatever the spec calls its columns.
 */
#include "analytics/views/report_promises.h"

#include "tap.h"
#include "xml.h"

static struct sc_buf out;

/* ---- a report ---- */

static const struct sc_span values[] = { SC_LIT("low"), SC_LIT("high") };
static const uint64_t rows[] = { 700, 288 };
static struct view_report_column columns[RELEASE_COLUMNS_MAX];
static struct view_report_sensitive sensitive[RELEASE_SENSITIVE_MAX];
static const struct view_report_plain plain[] = { { "orders", "Orders", "订单数", "" } };

static struct view_report report(void)
{
	struct view_report r = { .tenant = "shop",
		.dataset = "customers",
		.title = "Customers",
		.title_zh = "客户",
		.number = 44,
		.made_ms = 1730592061000,
		.from = "2024-01-01",
		.to = "2024-11-03",
		.profile = "standard",
		.k = 10,
		.suppression_ppm = 20000,
		.seed = "9f86d081884c7d65",
		.columns = columns,
		.n_columns = 2,
		.sensitive = sensitive,
		.n_sensitive = 1,
		.plain = plain,
		.n_plain = 1,
		.dropped = 7,
		.checked_rows = 1988,
		.checked_classes = 93,
		.checked_min_people = 10,
		.checked_min_distinct = { 2 },
		.n_sizes = 2,
		.sizes = { { 10, 10, 61, 610 }, { 11, 40, 32, 1003 } } };
	struct release_measures *m = &r.measures;

	columns[0] = (struct view_report_column){ "age", "Age", "年龄", "years", VIEW_GRID, 16, 3,
		"400 of 1,988 rows are generalised" };
	columns[1] = (struct view_report_column){ "sex", "", "", "", VIEW_HIERARCHY, 2, 2,
		"0 of 1,988 rows are generalised" };
	sensitive[0] = (struct view_report_sensitive){ "spent", "Spent", "消费", "CNY",
		{ .distinct = 2,
		    .entropy_milli = 1500,
		    .closeness_ppm = 300000,
		    .share_ppm = 800000 },
		values, rows, 2 };
	*m = (struct release_measures){ .rows = 2000,
		.suppressed = 12,
		.people = 1613,
		.classes = 93,
		.min_people = 10,
		.min_rows = 11,
		.gcp_ppm = 51201,
		.dm = 44321,
		.c_avg_milli = 2137,
		.risk_max_ppm = 100000,
		.risk_avg_ppm = 57657 };
	m->columns[0].ncp_ppm = 123456;
	m->columns[0].at_level[0] = 1588;
	m->columns[0].at_level[1] = 400;
	m->columns[0].why[MEASURE_RARE] = 30;
	m->columns[0].why[MEASURE_TOGETHER] = 370;
	m->columns[1].at_level[0] = 1988;
	m->sensitive[0] = (struct measure_sensitive){ 2, 1612, 214000, 121000, 640000, 0 };
	return r;
}

static bool written(const struct view_report *r)
{
	struct xml_read x = { 0 };

	sc_buf_clear(&out);
	return view_report_page(r, &out) == SC_OK && xml_read(&x, sc_buf_span(&out));
}

static bool has(const char *what)
{
	return memmem(out.p, out.n, what, strlen(what)) != NULL;
}

/* ---- what it says ---- */

static void test_says(void)
{
	static const char *const said[] = { "Customers / 客户",
		"2024-01-01 – 2024-11-03: ", "1,988 rows", "1,613", "5.13 %", "10.00 %", "5.77 %",
		"12.35 %", "年龄: 12.35 %", "2.137", "44,321", "9f86d081884c7d65",
		"2024-11-03 00:01 UTC", "10: 61; 11–40: 32", "400 of 1,988 rows are generalised.",
		"1,988 行中有 400 行被泛化（k 为 10），其中 30 行因全表中有此取值者不足 k 人，其中 370 行因同类中有此取值者太少。",
		"7 other columns of the source were dropped.", "来源中另有 7 列被丢弃。",
		"<code>age</code>", "<small>years</small>", "21.40 %<small>12.10 %</small>",
		"It was made by itself", "as it was 80 %, 1 level up 20 %", "原值 80 %",
		"standard" };
	const struct view_report r = report();

	NEED(written(&r));
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		CHECK(has(said[i]));
		if (!has(said[i]))
			printf("# does not say %s\n", said[i]);
	}
	CHECK(!has("<script") && has("default-src 'none'"));
}

static void test_same_bytes(void)
{
	const struct view_report r = report();
	struct sc_buf again;

	sc_buf_init(&again, 1 << 20);
	CHECK(written(&r) && view_report_page(&r, &again) == SC_OK);
	CHECK(sc_span_eq(sc_buf_span(&out), sc_buf_span(&again)));
	sc_buf_fini(&again);
}

/* ---- rules ---- */

static size_t broken(const struct view_report *r)
{
	struct view_promise v[PROMISES_MAX];
	const size_t n = view_promises(r, v);
	size_t no = 0;

	for (size_t i = 0; i < n; i++)
		no += !v[i].kept;
	/* and the page says so, once in large and once beside each */
	if (!written(r) || has("class=\"banner good\"") != (no == 0) ||
	    has("class=\"banner bad\"") == (no == 0))
		return SIZE_MAX;
	return no;
}

static void test_each_rule_can_break(void)
{
	struct view_report r = report();

	CHECK(broken(&r) == 0);
	r = report();
	r.checked_min_people = 9; /* the checker alone found it */
	CHECK(broken(&r) == 1 && has("1 of 6 rules do not hold") &&
	    has("有 1 条规则未满足（共 6 条）"));
	r = report();
	r.measures.min_people = 9;
	CHECK(broken(&r) == 1);
	r = report();
	r.measures.suppressed = 40;
	CHECK(broken(&r) == 0);
	r.measures.suppressed = 41; /* of 2,000, where 2 % are allowed */
	CHECK(broken(&r) == 1);
	r = report();
	r.checked_min_distinct[0] = 1;
	CHECK(broken(&r) == 1);
	r = report();
	r.measures.sensitive[0].min_distinct = 1;
	CHECK(broken(&r) == 1);
	r = report();
	r.measures.sensitive[0].min_entropy_milli = 1499;
	CHECK(broken(&r) == 1);
	r = report();
	r.measures.sensitive[0].max_share_ppm = 800001;
	CHECK(broken(&r) == 1);
}

static void test_distance_by_its_kind(void)
{
	struct view_report r = report();

	r.measures.sensitive[0].max_equal_ppm = 300000;
	r.measures.sensitive[0].max_ordered_ppm = 900000;
	CHECK(broken(&r) == 0);
	r.measures.sensitive[0].max_equal_ppm = 300001;
	CHECK(broken(&r) == 1);
	sensitive[0].wants.ordered = true;
	CHECK(broken(&r) == 1);
	r.measures.sensitive[0].max_ordered_ppm = 300000;
	CHECK(broken(&r) == 0);
}

static void test_beside_others(void)
{
	struct view_report r = report();

	r.has_lineage = true;
	r.m = 2;
	r.lineage =
	    (struct lineage_figures){ .stayed = 1500, .joined = 113, .left = 20, .smallest = 10 };
	CHECK(broken(&r) == 0 && has("1,500, 113, 20") && !has("It was made by itself"));
	r.lineage.smallest = 9;
	CHECK(broken(&r) == 1);
	/* who waits does not count for the limit */
	r.lineage.smallest = 10;
	r.measures.suppressed = 900;
	CHECK(broken(&r) == 1);
	r.lineage.held_back = 800;
	CHECK(broken(&r) == 0);
}

static void test_nothing_asked(void)
{
	struct view_report r = report();
	struct view_promise v[PROMISES_MAX];

	sensitive[0].wants = (struct recode_rule){ 0 };
	CHECK(view_promises(&r, v) == 2 && broken(&r) == 0);
	/* nothing released: nobody is shown */
	r.measures = (struct release_measures){ .rows = 5, .suppressed = 0 };
	r.checked_min_people = 0;
	r.n_sizes = 0;
	CHECK(broken(&r) == 0 && has("Nothing to show."));
}

static void test_percent(void)
{
	static const struct {
		uint64_t ppm;
		const char *text;
	} given[] = { { 0, "0.00 %" }, { 1, "0.01 %" }, { 100, "0.01 %" }, { 101, "0.02 %" },
		{ 1000000, "100.00 %" }, { 51201, "5.13 %" } };
	char text[PERCENT_MAX];

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		percent_print(given[i].ppm, text);
		CHECK(strcmp(text, given[i].text) == 0);
	}
}

/* ---- the largest and the worst ---- */

/* As long as a label may be. */
static char evil[HIERARCHY_LABEL_MAX + 1];

static void evil_fill(void)
{
	static const char begins[] = "</title><script>\"'&\x01\xFF ";
	const size_t n = sizeof(begins) - 1;

	memset(evil, 'w', HIERARCHY_LABEL_MAX);
	memcpy(evil, begins, n);
}

static void test_largest(void)
{
	struct view_report r = report();

	evil_fill();
	r.title = r.title_zh = r.dataset = r.tenant = r.seed = r.profile = r.from = r.to = evil;
	for (size_t i = 0; i < RELEASE_COLUMNS_MAX; i++) {
		columns[i] = (struct view_report_column){ evil, evil, evil, evil, VIEW_PREFIXES,
			HIERARCHY_LEAVES_MAX, HIERARCHY_LEVELS_MAX, evil };
		r.measures.columns[i].ncp_ppm = 999999;
		for (size_t l = 0; l < HIERARCHY_LEVELS_MAX; l++)
			r.measures.columns[i].at_level[l] = UINT32_MAX;
		for (size_t w = 0; w < MEASURE_WHYS; w++)
			r.measures.columns[i].why[w] = UINT32_MAX;
	}
	for (size_t i = 1; i < RELEASE_SENSITIVE_MAX; i++)
		sensitive[i] = sensitive[0];
	for (size_t i = 0; i < RELEASE_SENSITIVE_MAX; i++)
		sensitive[i].name = sensitive[i].means = sensitive[i].means_zh = evil;
	for (size_t i = 0; i < VIEW_SIZES_MAX; i++)
		r.sizes[i] =
		    (struct view_report_size){ 1ull << i, (2ull << i) - 1, UINT64_MAX >> 1, 1 };
	r.n_columns = RELEASE_COLUMNS_MAX;
	r.n_sensitive = RELEASE_SENSITIVE_MAX;
	r.n_sizes = VIEW_SIZES_MAX;
	r.measures.dm = UINT64_MAX;
	r.measures.rows = UINT64_MAX;
	CHECK(written(&r) && !has("<script"));
	CHECK(out.n < 150 * 1024);
	printf("# %zu bytes\n", out.n);
}

static void test_full(void)
{
	const struct view_report r = report();
	struct sc_buf small;

	sc_buf_init(&small, 30000);
	CHECK(view_report_page(&r, &small) == SC_LIMIT);
	sc_buf_fini(&small);
}

int main(void)
{
	sc_buf_init(&out, 1 << 20);
	RUN(test_says, "the page says every figure, in both languages");
	RUN(test_same_bytes, "the same report gives the same bytes");
	RUN(test_each_rule_can_break, "each rule that does not hold is told");
	RUN(test_distance_by_its_kind, "closeness is held against the distance that was asked for");
	RUN(test_beside_others, "what stands beside other releases is held against them");
	RUN(test_nothing_asked, "what was not asked for is no rule");
	RUN(test_percent, "percentages are rounded towards the worse");
	RUN(test_largest,
	    "the largest report is well-formed and below 150 KB, whatever its columns are called");
	RUN(test_full, "a page that does not fit says so");
	sc_buf_fini(&out);
	return tap_done();
}
