/*
 * test_market_page.c - what is written of a report: nothing that came from outside is markup or
 * a formula, no blank is without its reason, and the same data give the same bytes.
 */
#include "analytics/market/page.h"
#include "analytics/market/save.h"
#include "base/text/doc.h"
#include "market_kit.h"
#include "tap.h"

#include <sys/stat.h>
#include <unistd.h>

static struct market_data data;
static struct market_report report;
static struct sc_buf out;

static bool says(const char *what)
{
	return memmem(out.p, out.n, what, strlen(what)) != NULL;
}

static void clear(void)
{
	sc_buf_fini(&out);
	sc_buf_init(&out, MARKET_PAGE_MAX);
}

/* A shop whose names were chosen by somebody hostile. */
static void hostile(void)
{
	static const char *const bad = "<script>alert(1)</script>\"'&";

	kit_begin(&data);
	for (int64_t w = 7; w >= 0; w--) {
		kit_row(&data, MARKET_WEEK, w, NULL, NULL, 1000, 100, 110, 500000);
		kit_row(&data, MARKET_VISITORS, w, bad, NULL, w < 4 ? 400 : 100, 0, 0, 0);
		kit_row(&data, MARKET_VISITORS, w, "=HYPERLINK(\"x\")", NULL, 900, 0, 0, 0);
		kit_row(&data, MARKET_HOURS, w, bad, "21", 30, 0, 0, 0);
	}
	kit_row(&data, MARKET_BANDS, 0, bad, NULL, 40, 0, 0, 0);
	kit_row(&data, MARKET_SEGMENT_WEEK, 0, bad, NULL, 40, 5, 6, 100);
	CHECK(report_make(&data, &report) == SC_OK);
}

static void names_are_never_markup(void)
{
	hostile();
	clear();
	NEED(market_page_write(&report, PAGE_BOTH, &out) == SC_OK);
	CHECK(!says("<script") && says("&lt;script&gt;") && says("default-src 'none'"));
	CHECK(!says("http://") && !says("https://") && !says("url("));
	market_data_fini(&data);
}

static void numbers_are_json(void)
{
	struct sc_arena a = { 0 };
	struct sc_diag d = { 0 };
	struct doc doc;

	hostile();
	clear();
	NEED(market_numbers_write(&report, &out) == SC_OK);
	NEED(doc_load_sent(&a, sc_buf_span(&out), 100000, &d, &doc) == SC_OK);
	const struct doc_node *numbers = doc_find(doc.root, "numbers");

	CHECK(doc_find(doc.root, "findings")->n == REPORT_FINDINGS);
	for (const struct doc_node *n = numbers->first; n != NULL; n = n->next)
		CHECK(n->n == 10 && doc_find_text(n, "id") != NULL &&
		    doc_find_text(n, "source") != NULL);
	sc_arena_fini(&a);
	market_data_fini(&data);
}

static void a_spreadsheet_runs_nothing(void)
{
	hostile();
	for (size_t i = 0; i < market_n_csvs; i++) {
		clear();
		NEED(market_csvs[i].write(&report, &out) == SC_OK);
		CHECK(out.n > 2 && memcmp(out.p + out.n - 2, "\r\n", 2) == 0);
		CHECK(!says("\n=") && !says(",="));
		if (strcmp(market_csvs[i].name, "categories.csv") == 0)
			CHECK(says("\"'=HYPERLINK(\"\"x\"\")\",3600,"));
	}
	market_data_fini(&data);
}

static void no_blank_without_reason(void)
{
	static const char *const why[] = { "no segment is published of this week",
		"no category is published of this week", "no price band is published",
		"no hour is published of these weeks", "days of the week are folded together",
		"no month after a first order is published yet", "Not yet measured", "未显示",
		"the view is not granted" };

	kit_begin(&data);
	data.view.missing = true;
	snprintf(data.view.why, sizeof(data.view.why), "the view is not granted");
	NEED(report_make(&data, &report) == SC_OK);
	clear();
	NEED(market_page_write(&report, PAGE_BOTH, &out) == SC_OK);
	for (size_t i = 0; i < sizeof(why) / sizeof(why[0]); i++)
		CHECK(says(why[i]));
	for (size_t i = 0; i < REPORT_FINDINGS; i++)
		CHECK(report.findings[i].verdict == VERDICT_CANNOT_TELL);
	CHECK(!says("nan") && !says("inf ") && !says("(null)"));
	clear();
	CHECK(market_terminal_write(&report, false, &out) == SC_OK && says("not yet measured"));
	CHECK(market_terminal_write(&report, true, &out) == SC_OK && says("尚未测量"));
	/* a table that was refused says by whom */
	data.series[MARKET_HOURS].missing = true;
	snprintf(data.series[MARKET_HOURS].why, 64, "too many questions for now");
	clear();
	CHECK(market_page_write(&report, PAGE_EN, &out) == SC_OK &&
	    says("too many questions for now"));
	CHECK(!says("未显示"));
	market_data_fini(&data);
}

static void differences_are_no_effects(void)
{
	kit_begin(&data);
	for (int64_t w = 4; w > 0; w--)
		kit_row(&data, MARKET_WEEK, w, NULL, NULL, 1000, 100, 110, 500000);
	kit_row(&data, MARKET_WEEK, 0, NULL, NULL, 3000, 300, 330, 1500000);
	NEED(report_make(&data, &report) == SC_OK);
	CHECK(report.findings[2].verdict == VERDICT_NOT_AN_EFFECT);
	CHECK(strstr(report.findings[2].text.en, "+200 %") != NULL);
	market_data_fini(&data);
}

static void amounts_in_words(void)
{
	char n[SAY_NUMBER], text[64];

	say_number(1234567, n);
	CHECK(strcmp(n, "1,234,567") == 0);
	say_number(-999.6, n);
	CHECK(strcmp(n, SAY_MINUS "1,000") == 0);
	say_signed(0.2, n);
	CHECK(strcmp(n, "0") == 0);
	say_change(0.125, n);
	CHECK(strcmp(n, "+13 %") == 0 || strcmp(n, "+12 %") == 0);
	say_week(20024, false, text, sizeof(text));
	CHECK(strcmp(text, "28 October " SAY_DASH " 3 November 2024") == 0);
	say_week(20024, true, text, sizeof(text));
	CHECK(strcmp(text, "2024 年 10 月 28 日 " SAY_DASH " 11 月 3 日") == 0);
	say_group("champions | at_risk", true, text, sizeof(text));
	CHECK(strcmp(text, "核心客 + 流失风险") == 0);
	/* cut between characters, never within one */
	say_group("at_risk | at_risk", true, text, 20);
	CHECK(strcmp(text, "流失风险 + \xe2\x80\xa6") == 0 || strlen(text) < 20);
}

static void files_are_whole(void)
{
	char folder[] = "/tmp/scrim-market.XXXXXX", path[128], inner[64];
	struct sc_diag d = { 0 };
	struct stat st;

	NEED(mkdtemp(folder) != NULL);
	snprintf(inner, sizeof(inner), "%s/new", folder);
	CHECK(save_file(inner, "a.txt", sc_span_str("one"), &d) == SC_OK);
	CHECK(save_file(inner, "a.txt", sc_span_str("three"), &d) == SC_OK);
	snprintf(path, sizeof(path), "%s/a.txt", inner);
	CHECK(stat(path, &st) == 0 && st.st_size == 5);
	snprintf(path, sizeof(path), "%s/.a.txt.new", inner);
	CHECK(stat(path, &st) != 0);
	snprintf(path, sizeof(path), "%s/a.txt/b", inner);
	CHECK(save_file(path, "c", sc_span_str("x"), &d) == SC_IO && d.text[0] != '\0');
	snprintf(path, sizeof(path), "%s/a.txt", inner);
	unlink(path);
	rmdir(inner);
	rmdir(folder);
}

int main(void)
{
	RUN(names_are_never_markup, "names from outside are never markup");
	RUN(numbers_are_json, "every figure is a row of report.json");
	RUN(a_spreadsheet_runs_nothing, "a spreadsheet runs nothing of a table");
	RUN(no_blank_without_reason, "no blank is without its reason");
	RUN(differences_are_no_effects, "a difference is not called an effect");
	RUN(amounts_in_words, "amounts, weeks and groups in words");
	RUN(files_are_whole, "a file is there whole, and nothing beside it");
	clear();
	return tap_done();
}
