/*
 * terminal.c - the same page for a terminal: findings, the week, segments. Plain text, in
 * columns; a Chinese character is as wide as two letters.
 */
#include "analytics/market/page.h"

#include "analytics/market/iso_week.h"
#include "base/text/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BAR_MAX 24
#define LINE 512

struct terminal {
	struct sc_buf *out;
	enum sc_err err;
	bool zh;
};

__attribute__((format(printf, 2, 3))) static void put(struct terminal *t, const char *fmt, ...)
{
	char line[LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (t->err == SC_OK)
		t->err = sc_buf_put_str(t->out, line);
}

/* Columns that TEXT takes; what is not UTF-8 counts as a letter a byte. */
static int width_of(const char *text)
{
	int columns = 0;

	for (struct sc_span s = sc_span_str(text); s.n > 0;) {
		uint32_t cp = 0;
		const size_t n = utf8_decode(s, &cp);

		columns += cp >= 0x2e80 && cp < 0x10000 ? 2 : 1;
		s = sc_span_from(s, n == 0 ? 1 : n);
	}
	return columns;
}

static void put_left(struct terminal *t, const char *text, int width)
{
	put(t, "%s", text);
	for (int n = width_of(text); n < width; n++)
		put(t, " ");
}

static void put_right(struct terminal *t, const char *text, int width)
{
	for (int n = width_of(text); n < width; n++)
		put(t, " ");
	put(t, "%s", text);
}

static void put_findings(struct terminal *t, const struct market_report *r)
{
	static const char *const marks[VERDICTS] = { "·", "●", "◐", "○", "▲" };

	for (size_t i = 0; i < REPORT_FINDINGS; i++) {
		const struct report_finding *f = &r->findings[i];

		put(t, " %s ", marks[f->verdict]);
		put_left(t, t->zh ? say_verdicts[f->verdict].zh : say_verdicts[f->verdict].en, 14);
		put(t, "%s\n", t->zh ? f->text.zh : f->text.en);
	}
	put(t, "\n");
}

static void put_week(struct terminal *t, const struct market_report *r)
{
	char text[SAY_NUMBER], money[SAY_NUMBER + 4];

	put_left(t, "", 14);
	for (size_t i = 0; i < TILES; i++)
		put_right(t, t->zh ? say_tiles[i].zh : say_tiles[i].en, 12);
	put_right(t, t->zh ? "老客占比" : "bought before", 16);
	put(t, "\n");
	put_left(t, t->zh ? " 本周" : " this week", 14);
	for (size_t i = 0; i < TILES; i++) {
		const bool cents = i == TILE_REVENUE;

		say_number(cents ? r->tiles[i].value / 100 : r->tiles[i].value, text);
		snprintf(money, sizeof(money), "%s%s", cents ? SAY_CURRENCY : "", text);
		put_right(t, money, 12);
	}
	say_percent(r->again.share.value, text);
	put_right(t, r->again.known ? text : SAY_DASH, 16);
	put(t, "\n");
	put_left(t, t->zh ? " 对比前四周" : " 4 weeks before", 14);
	for (size_t i = 0; i < TILES; i++) {
		say_change(r->tiles[i].change.value, text);
		put_right(t, r->tiles[i].has_change ? text : SAY_DASH, 12);
	}
	snprintf(text, sizeof(text), "%+.1f", r->again.points * 100);
	put_right(t, r->again.has_change ? text : SAY_DASH, 16);
	put(t, "\n\n");
}

static void put_segment(struct terminal *t, const struct report_segment *s, double most)
{
	char text[96];

	say_group(s->group, t->zh, text, sizeof(text));
	put(t, " ");
	put_left(t, text, 24);
	say_number(s->people, text);
	put_right(t, text, 10);
	say_percent(s->revenue_share.v, text);
	put_right(t, s->revenue_share.known ? text : t->zh ? "已并组" : "folded", 12);
	snprintf(text, sizeof(text), "%.1f", s->orders.value);
	put_right(t, s->has_orders ? text : SAY_DASH, 12);
	put(t, "  ");
	for (int i = 0;
	     s->revenue_share.known && i < (int)round(BAR_MAX * s->revenue_share.v / most); i++)
		put(t, "█");
	put(t, "\n");
}

static void put_segments(struct terminal *t, const struct market_report *r)
{
	double most = 1e-9;

	for (size_t i = 0; i < r->segments.n; i++)
		most = fmax(most, r->segments.v[i].revenue_share.v);
	put(t, " ");
	put_left(t, t->zh ? "分群" : "segment", 24);
	put_right(t, t->zh ? "人数" : "people", 10);
	put_right(t, t->zh ? "销售额" : "revenue", 12);
	put_right(t, t->zh ? "预期单数" : "orders due", 12);
	put(t, "\n");
	for (size_t i = 0; i < r->segments.n; i++)
		put_segment(t, &r->segments.v[i], most);
	put(t, "\n");
}

enum sc_err market_terminal_write(const struct market_report *r, bool zh, struct sc_buf *out)
{
	struct terminal t = { out, SC_OK, zh };
	char week[96], people[SAY_NUMBER];

	say_week(r->data->week, zh, week, sizeof(week));
	say_number(r->segments.people, people);
	if (zh)
		put(&t, "营销周报，第 %u 周（%s） · %s 位客户同意分析 · 第 %llu 期发布%s\n\n",
		    iso_week_number(r->data->week), week, people, (unsigned long long)r->data->cube,
		    r->data->checked ? "，已校验" : "");
	else
		put(&t, "Marketing report, week %u (%s) · %s customers agreed · release %llu%s\n\n",
		    iso_week_number(r->data->week), week, people, (unsigned long long)r->data->cube,
		    r->data->checked ? " checked" : "");
	put_findings(&t, r);
	put_week(&t, r);
	put_segments(&t, r);
	put(&t, "%s",
	    zh ? " 活动效果   尚未测量：没有抽签留出的对照组\n 隐私成本   0：全部数字早已发布\n" :
		 " campaigns       not yet measured: nobody was held out by lot\n"
		 " privacy cost    0: all of it was released before\n");
	return t.err;
}
