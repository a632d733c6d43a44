/*
 * test_plot.c - plots: well-formed whatever their values, the same bytes every time, and every
 * figure in words.
 */
#include "base/page/plot.h"

#include "tap.h"
#include "xml.h"

#include <stdint.h>

static struct sc_buf out;
static const struct plot_name title = { "A picture", "一张图" };

/* What is counted of a drawing. */
struct drawn {
	size_t images, titles, descs, texts, marks;
	bool bad;
};

static void see(void *ctx, struct sc_span name, struct sc_span attributes)
{
	struct drawn *d = ctx;

	d->images += memmem(attributes.p, attributes.n, "role=\"img\"", 10) != NULL;
	d->titles += sc_span_is(name, "title");
	d->descs += sc_span_is(name, "desc");
	d->texts += sc_span_is(name, "text");
	d->marks += sc_span_is(name, "rect") || sc_span_is(name, "path") ||
	    sc_span_is(name, "circle");
	for (const char *p = (const char *)attributes.p;
	     p + 3 < (const char *)attributes.p + attributes.n; p++)
		d->bad |= memcmp(p, "nan", 3) == 0 || memcmp(p, "inf", 3) == 0;
}

/* Run DRAW on a page of its own; what is in it. */
static struct drawn drawing(void (*draw)(struct page *p), enum page_language languages)
{
	struct page p = { .out = &out, .languages = languages };
	struct drawn d = { 0 };
	struct xml_read x = { .element = see, .ctx = &d };

	sc_buf_clear(&out);
	page_raw(&p, "<div>");
	draw(&p);
	page_raw(&p, "</div>");
	d.bad |= p.err != SC_OK || !xml_read(&x, sc_buf_span(&out));
	return d;
}

static bool has(const char *what)
{
	return memmem(out.p, out.n, what, strlen(what)) != NULL;
}

/* ---- one of each ---- */

static const int64_t series[] = { 3, 14, PLOT_NOTHING, 15, -9, 26 };
static const struct plot_name names[] = { { "Mon", "周一" }, { "Tue", "周二" }, { "Wed", NULL },
	{ "Thu", NULL }, { "Fri", NULL }, { "Sat", NULL } };

static void bars(struct page *p)
{
	static const struct plot_bar v[] = { { "App", NULL, 5200, NULL },
		{ "Mini", "小程序", 3120, "60 %" }, { "PC", NULL, 0, NULL } };

	plot_bars(p, title, v, 3, 5200);
}
static void columns(struct page *p)
{
	static const struct plot_bar v[] = { { "Mon", "周一", -17, NULL },
		{ "Sat", "周六", 1030, "+30" } };

	plot_columns(p, title, v, 2);
}
static void spark(struct page *p)
{
	plot_spark(p, title, series, 6, 150, 34);
}
static void lines(struct page *p)
{
	const struct plot_line v[] = { { "Visits", "访问", series }, { "Buys", "购买", series } };

	plot_lines(p, title, names, 6, v, 2);
}
static void intervals(struct page *p)
{
	static const struct plot_interval v[] = { { "Voucher", "券", 6, 14, 22, false, NULL },
		{ "Reminder", "提醒", 130, 154, 1800, true, NULL } };

	plot_intervals(p, title, v, 2, -20, 160, " %");
}
static void range(struct page *p)
{
	static const struct plot_interval v = { NULL, NULL, -3, 2, 8, false, NULL };

	plot_range(p, title, &v, -10, 10);
}
static void heat(struct page *p)
{
	static const int64_t v[] = { 719, 3265, PLOT_NOTHING, 41, 0, PLOT_OUTSIDE };
	static const size_t framed[] = { 1, 3 };

	plot_heat(p, title,
	    &(struct plot_heat){ names, names + 3, 2, 3, v, true, framed,
		{ "last order", "最近一单" }, { "orders", "订单数" } });
}
static void stacks(struct page *p)
{
	static const int64_t a[] = { 25, 50, 25 }, b[] = { 0, 0, 7 };
	static const struct plot_stack rows[] = { { "One", "一", a }, { "Two", "二", b } };

	plot_stacks(p, title, names, 3, rows, 2);
}
static void meter(struct page *p)
{
	plot_meter(p, title, 74, 100);
}

static void (*const each[])(
    struct page *p) = { bars, columns, spark, lines, intervals, range, heat, stacks, meter };
#define EACH (sizeof(each) / sizeof(each[0]))

static void test_well(void)
{
	for (size_t i = 0; i < EACH; i++) {
		const struct drawn both = drawing(each[i], PAGE_BOTH);

		CHECK(!both.bad && both.images == 2 && both.descs == 2 && both.titles == 2);
		CHECK(both.marks >= 3);
		CHECK(has("<title>A picture</title>") && has("<title>一张图</title>"));
		CHECK(has("<svg class=\"en\" lang=\"en\" role=\"img\">"));
		CHECK(has("<svg class=\"zh\" lang=\"zh-CN\" role=\"img\">"));
		const struct drawn one = drawing(each[i], PAGE_ZH);

		CHECK(!one.bad && one.images == 1 && one.descs == 1);
		CHECK(!has("A picture") && has("<svg lang=\"zh-CN\" role=\"img\"><title>一张图"));
	}
}

static void test_same_bytes(void)
{
	uint8_t *first;
	size_t n;

	for (size_t i = 0; i < EACH; i++) {
		drawing(each[i], PAGE_BOTH);
		n = out.n;
		NEED((first = malloc(n)) != NULL);
		memcpy(first, out.p, n);
		drawing(each[i], PAGE_BOTH);
		CHECK(n == out.n && memcmp(first, out.p, n) == 0);
		free(first);
	}
}

/* ---- in words ---- */

static bool says(void (*draw)(struct page *p), const char *en, const char *zh)
{
	char wanted[400];
	bool said;

	drawing(draw, PAGE_BOTH);
	snprintf(wanted, sizeof(wanted), "<desc>%s</desc>", en);
	said = has(wanted);
	snprintf(wanted, sizeof(wanted), "<desc>%s</desc>", zh);
	said = said && has(wanted);
	if (!said)
		printf("# %.*s\n", (int)out.n, (const char *)out.p);
	return said;
}

static void test_words(void)
{
	CHECK(says(bars, "App: 5,200; Mini: 60 %; PC: 0", "App: 5,200; 小程序: 60 %; PC: 0"));
	CHECK(says(columns, "Mon: −17; Sat: +30", "周一: −17; 周六: +30"));
	CHECK(says(spark, "from 3 to 26, lowest −9, highest 26", "从 3 到 26，最低 −9，最高 26"));
	CHECK(says(lines,
	    "Visits: from 3 to 26, lowest −9, highest 26 (Mon 3, Tue 14, Wed –, Thu 15, Fri −9, Sat 26); "
	    "Buys: from 3 to 26, lowest −9, highest 26 (Mon 3, Tue 14, Wed –, Thu 15, Fri −9, Sat 26)",
	    "访问: 从 3 到 26，最低 −9，最高 26 (周一 3, 周二 14, Wed –, Thu 15, Fri −9, Sat 26); "
	    "购买: 从 3 到 26，最低 −9，最高 26 (周一 3, 周二 14, Wed –, Thu 15, Fri −9, Sat 26)"));
	CHECK(says(intervals,
	    "Voucher: +14 % (+6 … +22); Reminder: +154 % (+130 … +1,800), a difference, not an effect",
	    "券: +14 % (+6 … +22); 提醒: +154 % (+130 … +1,800), 只是差异，不是效果"));
	CHECK(says(range, "+2 (−3 … +8)", "+2 (−3 … +8)"));
	CHECK(says(heat, "Mon: Thu 719, Fri 3,265 (framed), Sat folded; Tue: Thu 41, Fri 0",
	    "周一: Thu 719, Fri 3,265（加框）, Sat 已并入; 周二: Thu 41, Fri 0"));
	CHECK(says(stacks, "One: Mon 25 %, Tue 50 %, Wed 25 %; Two: Wed 100 %",
	    "一: 周一 25 %, 周二 50 %, Wed 25 %; 二: Wed 100 %"));
	CHECK(says(meter, "74 / 100", "74 / 100"));
}

/* ---- where marks stand ---- */

static void test_bars_are_in_proportion(void)
{
	static const struct plot_bar v[] = { { "a", NULL, 100, "" }, { "b", NULL, 50, "" },
		{ "c", NULL, 0, "" }, { "d", NULL, -5, "" }, { "e", NULL, 250, "" },
		{ "f", NULL, 1, "" } };
	struct page p = { .out = &out, .languages = PAGE_EN };
	long whole[6], tenth;
	size_t n = 0;

	sc_buf_clear(&out);
	plot_bars(&p, title, v, 6, 100);
	CHECK(sc_buf_put(&out, "", 1) == SC_OK);
	for (const char *at = (const char *)out.p; n < 6; n++) {
		NEED((at = strstr(at, "height=\"14\" class=\"c0\"")) != NULL);
		const char *w = at;

		while (memcmp(w, "width=\"", 7) != 0)
			w--;
		tenth = 0;
		NEED(sscanf(w + 7, "%ld.%ld", &whole[n], &tenth) >= 1); /* NOLINT(cert-err34-c) */
		whole[n] = whole[n] * 10 + tenth;
		at++;
	}
	CHECK(labs(whole[0] - 2 * whole[1]) <= 1 && whole[0] > 1000);
	CHECK(whole[2] == 0 && whole[3] == 0);
	CHECK(whole[4] == whole[0]); /* stops at the end */
	CHECK(whole[5] > 0);         /* something is seen to be something */
}

static void test_hollow(void)
{
	drawing(intervals, PAGE_BOTH);
	CHECK(has("class=\"das\"") && has("class=\"hol\"") && has("class=\"iv\""));
	CHECK(has(">a difference, not an effect</text>") && has(">只是差异，不是效果</text>"));
	/* and it goes on beyond the scale */
	CHECK(has("class=\"r1\""));
}

static void test_nothing_is_folded(void)
{
	const struct drawn d = drawing(heat, PAGE_BOTH);

	CHECK(!d.bad && has("class=\"fold\"") && has(">folded</text>") && has(">已并入</text>"));
	CHECK(has("class=\"frame\"") && !has("9,223,372"));
}

/* ---- labels that are too long ---- */

static void test_long_labels(void)
{
	static const char longest[] =
	    "A channel with a name that is much longer than the room for it";
	static const struct plot_bar v[] = { { longest,
	    "名字非常非常长、根本放不下的一个渠道名称在这里", 400, NULL } };
	struct page p = { .out = &out, .languages = PAGE_BOTH };

	sc_buf_clear(&out);
	plot_bars(&p, title, v, 1, 400);
	CHECK(has(
	    "…<title>A channel with a name that is much longer than the room for it</title></text>"));
	CHECK(has("…<title>名字非常非常长、根本放不下的一个渠道名称在这里</title></text>"));
	CHECK(!has(">A channel with a name that is much longer than the room for it</text>"));
}

static void test_hostile_labels(void)
{
	static const char evil[] = "</title><script>\"'&\x01\xFF";
	static const struct plot_name n = { evil, "x" };
	static const struct plot_bar b[] = { { evil, "x", 1, evil } };
	static const struct plot_interval i[] = { { evil, "x", 1, 2, 3, true, evil } };
	static const int64_t v[] = { 1 };
	static const struct plot_stack s[] = { { evil, "x", v } };
	static const struct plot_line l[] = { { evil, "x", v } };
	struct page p = { .out = &out, .languages = PAGE_BOTH };
	struct xml_read x = { 0 };

	sc_buf_clear(&out);
	page_raw(&p, "<div>");
	plot_bars(&p, n, b, 1, 1);
	plot_columns(&p, n, b, 1);
	plot_spark(&p, n, v, 1, 10, 10);
	plot_lines(&p, n, &n, 1, l, 1);
	plot_intervals(&p, n, i, 1, 0, 4, evil);
	plot_range(&p, n, i, 0, 4);
	plot_heat(&p, n,
	    &(struct plot_heat){ &n, &n, 1, 1, v, true, NULL, { evil, "x" }, { evil, "x" } });
	plot_stacks(&p, n, &n, 1, s, 1);
	plot_meter(&p, n, 1, 1);
	page_raw(&p, "</div>");
	CHECK(p.err == SC_OK && xml_read(&x, sc_buf_span(&out)) && !has("<script"));
}

/* ---- extremes ---- */

#define MANY 5000
static int64_t many[MANY];
static struct plot_bar many_bars[MANY];
static struct plot_name many_names[MANY];
static struct plot_interval many_intervals[MANY];
static struct plot_stack many_stacks[MANY];
static struct plot_line many_lines[20];

static void fill(const int64_t *of, size_t n)
{
	for (size_t i = 0; i < MANY; i++) {
		many[i] = of[i % n];
		many_bars[i] = (struct plot_bar){ "b", NULL, many[i], NULL };
		many_names[i] = (struct plot_name){ "n", "名" };
		many_intervals[i] = (struct plot_interval){ "i", NULL, of[(i + 1) % n], many[i],
			of[(i + 2) % n], i % 2 == 0, NULL };
		many_stacks[i] = (struct plot_stack){ "s", NULL, many };
	}
	for (size_t i = 0; i < 20; i++)
		many_lines[i] = (struct plot_line){ "l", NULL, many };
}

/* Every plot of N of them, between MIN and MAX. */
static bool stands(size_t n, int64_t min, int64_t max)
{
	struct page p = { .out = &out, .languages = PAGE_BOTH };
	const size_t side = n < 70 ? n : 70;
	struct drawn d = { 0 };
	struct xml_read x = { .element = see, .ctx = &d };

	sc_buf_clear(&out);
	page_raw(&p, "<div>");
	plot_bars(&p, title, many_bars, n, max);
	plot_columns(&p, title, many_bars, n);
	plot_spark(&p, title, many, n, 150, 34);
	plot_lines(&p, title, many_names, n, many_lines, n < 20 ? n : 20);
	plot_intervals(&p, title, many_intervals, n, min, max, NULL);
	plot_heat(&p, title,
	    &(struct plot_heat){ .rows = many_names,
		.cols = many_names,
		.n_rows = side,
		.n_cols = side,
		.v = many,
		.numbers = true });
	plot_stacks(&p, title, many_names, n, many_stacks, n);
	plot_meter(&p, title, many[0], max);
	page_raw(&p, "</div>");
	if (out.n > 1400000)
		printf("# %zu bytes of %zu values\n", out.n, n);
	return p.err == SC_OK && xml_read(&x, sc_buf_span(&out)) && !d.bad && out.n < 1400000;
}

static void test_extremes(void)
{
	static const int64_t rows[][4] = { { 0, 0, 0, 0 }, { 1, 1, 1, 1 }, { -1, -1, -1, -1 },
		{ INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX }, { INT64_MAX, -INT64_MAX, 0, 1 },
		{ PLOT_NOTHING, PLOT_OUTSIDE, INT64_MAX, 3 },
		{ PLOT_NOTHING, PLOT_NOTHING, PLOT_NOTHING, PLOT_NOTHING },
		{ PLOT_OUTSIDE, PLOT_OUTSIDE, PLOT_OUTSIDE, PLOT_OUTSIDE },
		{ 5, -3, 1000000, 17 } };
	static const int64_t scales[][2] = { { 0, 0 }, { 0, 10 }, { 10, 0 },
		{ INT64_MIN, INT64_MAX }, { -1, 1 }, { INT64_MAX, INT64_MIN },
		{ INT64_MAX - 1, INT64_MAX } };
	static const size_t counts[] = { 0, 1, 2, 63, 64, 65 };

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		fill(rows[r], 4);
		for (size_t s = 0; s < sizeof(scales) / sizeof(scales[0]); s++) {
			for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
				CHECK(stands(counts[c], scales[s][0], scales[s][1]));
		}
	}
}

static void test_thousands(void)
{
	static const int64_t of[] = { 3, 1, 4, 1, 5, 9, 2, 6 };
	struct page p = { .out = &out, .languages = PAGE_BOTH };

	fill(of, 8);
	many[4321] = 1000; /* one that must be seen among many */
	CHECK(stands(MANY, 0, 10));
	sc_buf_clear(&out);
	plot_spark(&p, title, many, MANY, 150, 34);
	CHECK(out.n < 6000);
	/* the top of the box is reached */
	CHECK(has(" 5L"));
	sc_buf_clear(&out);
	plot_bars(&p, title, many_bars, MANY, 10);
	CHECK(has("and 4936 more, not drawn") && has("另有 4936 项未画出"));
}

static void test_nothing(void)
{
	struct page p = { .out = &out, .languages = PAGE_BOTH };
	struct xml_read x = { 0 };

	sc_buf_clear(&out);
	page_raw(&p, "<div>");
	plot_bars(&p, title, NULL, 0, 0);
	plot_columns(&p, title, NULL, 0);
	plot_spark(&p, title, NULL, 0, 0, 0);
	plot_lines(&p, title, NULL, 0, NULL, 0);
	plot_intervals(&p, title, NULL, 0, 0, 0, NULL);
	plot_heat(&p, title, &(struct plot_heat){ .n_rows = 0 });
	plot_stacks(&p, title, NULL, 0, NULL, 0);
	plot_slims(&p, NULL, 0);
	page_raw(&p, "</div>");
	CHECK(p.err == SC_OK && xml_read(&x, sc_buf_span(&out)));
	CHECK(has("Nothing to show.") && has("没有内容。"));
}

/* ---- contrast ---- */

static double channel(unsigned v)
{
	double c = v / 255.0, power = 1;

	if (c <= 0.03928)
		return c / 12.92;
	/* ((c + 0.055) / 1.055) to the 2.4th, by its fifth root twelve times */
	c = (c + 0.055) / 1.055;
	double root = 1;

	for (int i = 0; i < 60; i++)
		root -= (root * root * root * root * root - c) / (5 * root * root * root * root);
	for (int i = 0; i < 12; i++)
		power *= root;
	return power;
}

/* The luminance of the colour that follows WHAT in the style sheet (WCAG 2.1). */
static double luminance(const char *what)
{
	const char *at = memmem(out.p, out.n, what, strlen(what));
	unsigned rgb = 0;

	if (at == NULL || sscanf(at + strlen(what), "%6x", &rgb) != 1) /* NOLINT(cert-err34-c) */
		return -1;
	return 0.2126 * channel(rgb >> 16) + 0.7152 * channel(rgb >> 8 & 255) +
	    0.0722 * channel(rgb & 255);
}

static double contrast(double a, double b)
{
	return a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
}

static void test_contrast(void)
{
	struct page p;

	sc_buf_clear(&out);
	page_begin(&p, &out, PAGE_EN, "x", NULL);
	const double ink = luminance("--ink:#"), soft = luminance("--soft:#"), white = 1;
	const double ground = luminance("--ground:#"), deep = luminance("--deep:#");

	NEED(ink >= 0 && soft >= 0 && ground >= 0 && deep >= 0);
	for (unsigned i = 0; i < 9; i++) {
		char step[16];

		snprintf(step, sizeof(step), ".q%u{fill:#", i);
		NEED(luminance(step) >= 0);
		CHECK(contrast(luminance(step), i < 6 ? ink : white) >= 4.5);
	}
	CHECK(contrast(ink, ground) >= 4.5 && contrast(soft, ground) >= 4.5 &&
	    contrast(soft, white) >= 4.5);
	CHECK(contrast(luminance(".good{color:#"), white) >= 4.5);
	CHECK(contrast(luminance(".fair{color:#"), white) >= 4.5);
	CHECK(contrast(luminance("--rust:#"), white) >= 4.5);
	CHECK(contrast(luminance(".plot .x{fill:#"), white) >= 4.5);
	CHECK(contrast(luminance("header p{color:#"), deep) >= 4.5);
	CHECK(contrast(luminance("a{color:#"), ground) >= 4.5);
}

/* Text in a cell is white from the step on from which the sheet says so. */
static void test_text_in_cells(void)
{
	static const int64_t v[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };
	struct page p = { .out = &out, .languages = PAGE_EN };
	char wanted[40];

	sc_buf_clear(&out);
	plot_heat(&p, title,
	    &(struct plot_heat){ .rows = many_names,
		.cols = many_names,
		.n_rows = 1,
		.n_cols = 9,
		.v = v,
		.numbers = true });
	for (int i = 0; i < 9; i++) {
		snprintf(wanted, sizeof(wanted), "class=\"q%d\"/>", i);
		CHECK(has(wanted));
		snprintf(wanted, sizeof(wanted), "class=\"m%s\">%d</text>", i < 6 ? "" : " w", i);
		CHECK(has(wanted));
	}
}

int main(void)
{
	sc_buf_init(&out, 4 << 20);
	fill((const int64_t[]){ 1 }, 1);
	RUN(test_well, "each plot is well-formed, with a title and words in each language");
	RUN(test_same_bytes, "the same values give the same bytes");
	RUN(test_words, "every figure is said in words");
	RUN(test_bars_are_in_proportion, "bars are in proportion, and stop at the end");
	RUN(test_hollow, "what is no effect is hollow and says so");
	RUN(test_nothing_is_folded, "a cell that is folded says so");
	RUN(test_long_labels, "a label that is too long ends visibly, whole in its tooltip");
	RUN(test_hostile_labels, "hostile labels stay text");
	RUN(test_extremes, "no value breaks a plot");
	RUN(test_thousands, "thousands of points stay small, and what stands out is seen");
	RUN(test_nothing, "nothing to show says so");
	RUN(test_contrast, "text is readable on whatever it stands: 4.5 to 1");
	RUN(test_text_in_cells, "numbers in dark cells are white");
	sc_buf_fini(&out);
	return tap_done();
}
