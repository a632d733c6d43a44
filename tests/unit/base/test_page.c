/*
 * test_page.c - pages: whatever text they get stays text, and they ask for nothing.
 */
#include "base/page/page.h"

#include "tap.h"
#include "xml.h"

#include <stdint.h>

static struct sc_buf out;

/* A page with P between its head and its end is well-formed. */
static bool page_well(void)
{
	struct xml_read x = { 0 };

	return xml_read(&x, sc_buf_span(&out));
}

static bool has(const char *what)
{
	return memmem(out.p, out.n, what, strlen(what)) != NULL;
}

static void begin(struct page *p, enum page_language languages)
{
	sc_buf_clear(&out);
	page_begin(p, &out, languages, "A title", "标题");
	page_body(p);
}

/* ---- text ---- */

static bool text_is(const char *text, size_t n, const char *wanted)
{
	struct page p = { .out = &out, .languages = PAGE_EN };
	bool same;

	sc_buf_clear(&out);
	page_text(&p, sc_span(text, n));
	same = p.err == SC_OK && sc_span_is(sc_buf_span(&out), wanted);
	if (!same)
		printf("# got %.*s, wanted %s\n", (int)out.n, (const char *)out.p, wanted);
	return same;
}

static void test_escaped(void)
{
	CHECK(text_is("a<b>&\"c'", 8, "a&lt;b&gt;&amp;&quot;c&#39;"));
	CHECK(text_is("</style><script>", 16, "&lt;/style&gt;&lt;script&gt;"));
	CHECK(text_is("日本 \xF0\x9F\x98\x80", 11, "日本 \xF0\x9F\x98\x80"));
	CHECK(text_is("", 0, ""));
	CHECK(text_is(NULL, 0, ""));
}

#define LOST "\xEF\xBF\xBD"

static void test_replaced(void)
{
	CHECK(text_is("a\xFF\x62", 3, "a" LOST "b"));
	CHECK(text_is("\xC3", 1, LOST));                   /* cut off */
	CHECK(text_is("\xC0\xBC", 2, LOST LOST));          /* an overlong < */
	CHECK(text_is("\xED\xA0\x80", 3, LOST LOST LOST)); /* half a pair */
	CHECK(text_is("\xEF\xBF\xBF", 3, LOST));           /* no character */
	CHECK(text_is("a\0b", 3, "a" LOST "b"));
	CHECK(text_is("\x1B[2J", 4, LOST "[2J"));
	CHECK(text_is("\x7F\xC2\x85", 3, LOST LOST));
	CHECK(text_is("a\tb\nc\rd", 7, "a b c d"));
	CHECK(text_is("\xE2\x80\xAE"
		      "evil",
	    7, LOST "evil")); /* turns what follows */
	CHECK(text_is("\xE2\x81\xA6x", 4, LOST "x"));
	CHECK(text_is("\xE2\x80\x8Dx", 4, "\xE2\x80\x8Dx")); /* joins an emoji */
}

static void test_every_byte_stays_text(void)
{
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b += a < 0x80 ? 85 : 1) {
			const char text[3] = { (char)a, (char)b, '<' };
			struct page p = { .out = &out, .languages = PAGE_EN };
			struct xml_read x = { 0 };

			sc_buf_clear(&out);
			page_raw(&p, "<p title=\"");
			page_text(&p, sc_span(text, 3));
			page_raw(&p, "\">");
			page_text(&p, sc_span(text, 3));
			page_raw(&p, "</p>");
			NEED(xml_read(&x, sc_buf_span(&out)) && x.elements == 1);
		}
	}
}

static void test_formatted(void)
{
	struct page p = { .out = &out, .languages = PAGE_EN };
	char wide[2000];

	memset(wide, '&', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	sc_buf_clear(&out);
	page_textf(&p, "%d <%s>", 7, "x");
	page_textf(&p, "%s", "");
	CHECK(p.err == SC_OK && sc_span_is(sc_buf_span(&out), "7 &lt;x&gt;"));
	sc_buf_clear(&out);
	page_textf(&p, "%s", wide);
	CHECK(p.err == SC_OK && out.n == 5 * (sizeof(wide) - 1));
}

/* ---- numbers ---- */

static bool number_is(int64_t v, const char *whole)
{
	struct page p = { .out = &out, .languages = PAGE_EN };

	sc_buf_clear(&out);
	page_number(&p, v);
	return sc_span_is(sc_buf_span(&out), whole);
}

static void test_numbers(void)
{
	CHECK(number_is(0, "0"));
	CHECK(number_is(7, "7"));
	CHECK(number_is(999, "999"));
	CHECK(number_is(1000, "1,000"));
	CHECK(number_is(123456, "123,456"));
	CHECK(number_is(-5,
	    "\xE2\x88\x92"
	    "5"));
	CHECK(number_is(-1234567,
	    "\xE2\x88\x92"
	    "1,234,567"));
	CHECK(number_is(INT64_MAX, "9,223,372,036,854,775,807"));
	CHECK(number_is(INT64_MIN,
	    "\xE2\x88\x92"
	    "9,223,372,036,854,775,808"));
}

/* ---- languages ---- */

static void test_both(void)
{
	struct page p;

	begin(&p, PAGE_BOTH);
	page_paragraph(&p, "Five <b>", "五 <b>");
	page_paragraph(&p, "Same", NULL);
	page_paragraph(&p, "Equal", "Equal");
	CHECK(page_end(&p) == SC_OK && page_well());
	CHECK(has("<p><span class=\"en\" lang=\"en\">Five &lt;b&gt;</span>"
		  "<span class=\"zh\" lang=\"zh-CN\">五 &lt;b&gt;</span></p>"));
	CHECK(has("<p>Same</p>") && has("<p>Equal</p>"));
	CHECK(has("<html lang=\"en\">") && has("<title>A title / 标题</title>"));
	/* two buttons before what they switch, with labels that name them */
	CHECK(has("id=\"lang-en\" checked=\"checked\"/>") &&
	    has("<label for=\"lang-zh\" lang=\"zh-CN\">"));
	CHECK(has("#lang-zh:checked~* .en{display:none}"));
}

static void test_one(void)
{
	struct page p;

	begin(&p, PAGE_ZH);
	page_paragraph(&p, "Five", "五");
	page_paragraph(&p, "Same", NULL);
	CHECK(page_end(&p) == SC_OK && page_well());
	CHECK(has("<html lang=\"zh-CN\">") && has("<p>五</p>") && has("<p>Same</p>"));
	CHECK(!has("Five") && !has("type=\"radio\"") && !has("A title"));
	begin(&p, PAGE_EN);
	page_paragraph(&p, "Five", "五");
	CHECK(page_end(&p) == SC_OK && page_well());
	CHECK(has("<html lang=\"en\">") && has("<p>Five</p>"));
	CHECK(!has("五") && !has("标题") && !has("type=\"radio\""));
}

/* ---- nothing is asked for ---- */

static void test_asks_for_nothing(void)
{
	static const char *const loads[] = { "<script", "<link", "<img", "<iframe", "src=", "url(",
		"@import", "http:", "https:", "javascript:", "<object", "<form" };
	struct page p;

	begin(&p, PAGE_BOTH);
	CHECK(page_end(&p) == SC_OK);
	CHECK(has(
	    "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\""));
	CHECK(has("<meta charset=\"utf-8\"/>") && has("name=\"viewport\""));
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		CHECK(!has(loads[i]));
}

/* ---- parts ---- */

static const char hostile[] = "\"><script>alert(1)</script>&'\x01\xFF";
static const struct page_column three[] = { { "a<", "甲<", PAGE_WORDS },
	{ hostile, NULL, PAGE_FIGURES }, { "c", NULL, PAGE_REMARK } };

static void every_part(struct page *p)
{
	const struct page_link links[] = { { "one", hostile, hostile }, { "two", "t", "二" } };

	page_nav(p, links, 2);
	page_section(p, links[0]);
	page_lead(p, hostile, hostile);
	page_banner(p, PAGE_NOT_KEPT, hostile, "x");
	page_findings(p);
	page_finding(p, PAGE_LIKELY, hostile, "x");
	page_close(p);
	page_list(p);
	page_item(p, hostile, "x");
	page_close(p);
	page_tiles(p);
	page_tile(p, hostile, "x", hostile, hostile, "y");
	page_close(p);
	page_close(p);
	page_cards(p, PAGE_WIDE_LEFT);
	page_card(p, hostile, "x");
	page_facts(p);
	page_fact(p, hostile, "x");
	page_code(p, hostile);
	page_fact(p, "second", NULL);
	page_close(p);
	page_table(p, hostile, "x", three, 3);
	page_row(p);
	page_cell_say(p, hostile, "x");
	page_small(p, hostile, NULL);
	page_row(p);
	page_cell_number(p, -7);
	page_cell(p);
	page_pill(p, PAGE_SURE);
	page_close(p);
	page_close(p);
	page_close(p);
	page_note(p, PAGE_FROM_NOISE, hostile, "x");
	page_close(p);
}

static void test_parts(void)
{
	struct page p;

	begin(&p, PAGE_BOTH);
	every_part(&p);
	CHECK(page_end(&p) == SC_OK);
	CHECK(page_well());
	CHECK(!has("<script") && has("&lt;script&gt;"));
	/* a row that is short is filled; the first cell heads it */
	CHECK(has("<tr><th scope=\"row\">\xE2\x88\x92"
		  "7</th><td class=\"r\"><b class=\"pill good\">"));
	CHECK(has("</b></td><td class=\"k\"></td></tr>"));
	CHECK(has("aria-labelledby=\"t1\"><table><caption id=\"t1\">"));
	CHECK(has("<a href=\"#two\">") && has("<section id=\"one\">"));
}

static void test_words_beside_colours(void)
{
	static const char *const words[][2] = {
		[PAGE_SURE] = { "Sure", "确定" },
		[PAGE_LIKELY] = { "Likely", "很可能" },
		[PAGE_CANNOT_TELL] = { "Cannot tell", "无法判断" },
		[PAGE_NOT_AN_EFFECT] = { "Not an effect", "不是效果" },
		[PAGE_KEPT] = { "Kept", "已遵守" },
		[PAGE_NOT_KEPT] = { "Not kept", "未遵守" },
		[PAGE_NOT_MEASURED] = { "Not yet measured", "尚未测量" },
	};
	char shapes[7][200];
	struct page p;

	for (unsigned v = PAGE_SURE; v <= PAGE_NOT_MEASURED; v++) {
		begin(&p, PAGE_BOTH);
		page_pill(&p, (enum page_verdict)v);
		CHECK(page_end(&p) == SC_OK && page_well());
		CHECK(has(words[v][0]) && has(words[v][1]));
		const char *from = memmem(out.p, out.n, "aria-hidden=\"true\">", 19);
		const char *to = from == NULL ?
		    NULL :
		    memmem(from, out.n - (size_t)(from - (const char *)out.p), "</svg>", 6);

		NEED(to != NULL);
		snprintf(shapes[v], sizeof(shapes[v]), "%.*s", (int)(to - from), from);
		for (unsigned w = 0; w < v; w++)
			CHECK(strcmp(shapes[v], shapes[w]) != 0);
	}
}

/* ---- wrong use ---- */

static enum sc_err misused(void (*use)(struct page *p))
{
	struct page p;

	begin(&p, PAGE_BOTH);
	use(&p);
	return page_end(&p);
}

static void left_open(struct page *p)
{
	page_cards(p, PAGE_WHOLE);
}
static void closed_twice(struct page *p)
{
	page_cards(p, PAGE_WHOLE);
	page_close(p);
	page_close(p);
}
static void too_deep(struct page *p)
{
	for (size_t i = 0; i <= PAGE_DEPTH_MAX; i++)
		page_cards(p, PAGE_WHOLE);
	for (size_t i = 0; i < PAGE_DEPTH_MAX; i++)
		page_close(p);
}
static void too_many_cells(struct page *p)
{
	page_table(p, "t", NULL, three, 2);
	page_row(p);
	for (size_t i = 0; i < 3; i++)
		page_cell(p);
	page_close(p);
}
static void cell_without_row(struct page *p)
{
	page_table(p, "t", NULL, three, 2);
	page_cell(p);
	page_close(p);
}
static void table_in_table(struct page *p)
{
	page_table(p, "t", NULL, three, 2);
	page_table(p, "t", NULL, three, 2);
	page_close(p);
}
static void late_head(struct page *p)
{
	page_under(p, "x", NULL);
}

static void test_misuse(void)
{
	static void (*const uses[])(struct page * p) = { left_open, closed_twice, too_deep,
		too_many_cells, cell_without_row, table_in_table, late_head, page_body };
	struct page p;

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		CHECK(misused(uses[i]) == SC_BUG);
	sc_buf_clear(&out);
	page_begin(&p, &out, PAGE_EN, "x", NULL);
	CHECK(page_end(&p) == SC_BUG); /* no body */
}

static void test_full(void)
{
	struct sc_buf small;
	struct page p;

	sc_buf_init(&small, 20000);
	page_begin(&p, &small, PAGE_BOTH, "A title", "标题");
	page_body(&p);
	for (size_t i = 0; i < 1000; i++)
		page_paragraph(&p, "words that do not fit any more", "放不下的文字");
	CHECK(p.err == SC_LIMIT && page_end(&p) == SC_LIMIT);
	CHECK(small.n <= 20000);
	sc_buf_fini(&small);
}

int main(void)
{
	sc_buf_init(&out, 1 << 20);
	RUN(test_escaped, "text stays text");
	RUN(test_replaced, "what is not UTF-8, or would not be seen, is replaced");
	RUN(test_every_byte_stays_text, "any two bytes are text, in an attribute as well");
	RUN(test_formatted, "formatted text of any length is escaped, too");
	RUN(test_numbers, "numbers have groups, to the very ends");
	RUN(test_both, "two languages stand side by side, each marked as what it is");
	RUN(test_one, "a page of one language has nothing of the other");
	RUN(test_asks_for_nothing, "a page asks for nothing, and forbids it");
	RUN(test_parts, "hostile text stays text in every part");
	RUN(test_words_beside_colours, "each verdict has a word and a shape of its own");
	RUN(test_misuse, "what is not closed, or out of order, is a bug and no page");
	RUN(test_full, "a page that does not fit says so");
	sc_buf_fini(&out);
	return tap_done();
}
