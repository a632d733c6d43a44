/*
 * page_who.c - who they are: seven segments, last order by number of orders, portraits.
 */
#include "analytics/market/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TEXT 256
#define NONE SAY_DASH

/* ---- segments ------------------------------------------------------------------------ */

static void cell_text(struct page *p, const char *text)
{
	page_cell(p);
	page_text(p, sc_span_str(text));
}

/* Name and rule; of a group all names, and that it was folded. */
static void cell_segment(struct page *p, const struct report_segment *s)
{
	const struct say_segment *w = say_segment_of(s->group);
	char en[TEXT], zh[TEXT];

	say_group(s->group, false, en, sizeof(en));
	say_group(s->group, true, zh, sizeof(zh));
	page_cell_say(p, en, zh);
	if (w != NULL)
		page_small(p, w->rule.en, w->rule.zh);
	else
		page_small(p, "folded together: too few of one", "已合并：其中有分群人数过少");
}

static void cell_people(struct page *p, const struct report_segment *s)
{
	char n[SAY_NUMBER];

	page_cell_number(p, (int64_t)s->people);
	say_signed(s->change.v, n);
	if (s->change.known)
		page_small(p, n, n);
	else
		page_small(p, "folded then", "当时已并组");
}

static void cell_orders(struct page *p, const struct report_segment *s)
{
	char range[TEXT];

	page_cell(p);
	if (!s->has_orders) {
		page_text(p, sc_span_str(NONE));
		page_small(p, "no quarter yet", "尚不足一季");
		return;
	}
	page_textf(p, "%.1f", s->orders.value);
	snprintf(range, sizeof(range), "%.1f" SAY_DASH "%.1f", s->orders.low, s->orders.high);
	page_small(p, range, range);
}

static void write_row(struct page *p, const struct report_segments *all,
    const struct report_segment *s)
{
	const struct say_segment *w = say_segment_of(s->group);
	double most = 0, share = 0;
	char text[SAY_NUMBER];

	for (size_t i = 0; i < all->n; i++) {
		most = fmax(most, all->v[i].people);
		share = fmax(share, all->v[i].revenue_share.v);
	}
	page_row(p);
	cell_segment(p, s);
	cell_people(p, s);
	const struct plot_slim bars[] = { { (int64_t)s->people, (int64_t)most },
		{ (int64_t)(s->revenue_share.v * 10000), (int64_t)(share * 10000) } };

	page_cell(p);
	plot_slims(p, bars, 2);
	say_percent(s->revenue_share.v, text);
	if (s->revenue_share.known)
		cell_text(p, text);
	else
		page_cell_say(p, "folded", "已并组");
	cell_orders(p, s);
	page_cell_say(p, w != NULL ? w->advice.en : "Wait until they are told apart",
	    w != NULL ? w->advice.zh : "待可区分后再定");
}

static void write_segments(struct page *p, const struct market_report *r)
{
	static const struct page_column columns[] = { { "Segment", "分群", PAGE_WORDS },
		{ "People, change in 4 weeks", "人数，4 周变化", PAGE_FIGURES },
		{ "people (light), revenue (dark)", "人数（浅）销售额（深）", PAGE_PICTURE },
		{ "Share of revenue, 12 weeks", "12 周销售额占比", PAGE_FIGURES },
		{ "Orders a person, next 13 weeks", "未来 13 周人均单数", PAGE_FIGURES },
		{ "What to do", "建议", PAGE_REMARK } };

	page_cards(p, PAGE_WHOLE);
	page_card(p, NULL, NULL);
	if (r->segments.n == 0)
		page_blank(p,
		    r->data->series[MARKET_SEGMENT_WEEK].missing ?
			r->data->series[MARKET_SEGMENT_WEEK].why :
			"no segment is published of this week",
		    "本周没有发布任何分群");
	else {
		page_table(p, "Segments", "分群", columns, 6);
		for (size_t i = 0; i < r->segments.n; i++)
			write_row(p, &r->segments, &r->segments.v[i]);
		page_close(p);
	}
	page_close(p);
	page_close(p);
	page_of_cube(p, r,
	    r->segments.has_season ?
		"expected orders: last quarter's, times the season of a year ago" :
		"expected orders: last quarter's; a year of weeks would tell the season",
	    r->segments.has_season ? "预期单数：上季度实际值乘以去年同期季节系数" :
				     "预期单数：上季度实际值；满一年后再计季节系数");
}

/* ---- what is special of them --------------------------------------------------------- */

static void write_trait(struct page *p, const struct report_traits *t)
{
	char en[TEXT], zh[TEXT];

	if (!t->known || t->value == NULL) {
		page_cell_say(p, t->known ? "like everyone" : "folded",
		    t->known ? "与整体相同" : "已并组");
		return;
	}
	say_group(t->value, false, en, 64);
	say_group(t->value, true, zh, 64);
	page_cell_say(p, en, zh);
	snprintf(en, sizeof(en), "%.0f %%, of all %.0f %%", t->share * 100, t->everyone * 100);
	snprintf(zh, sizeof(zh), "%.0f %%，整体 %.0f %%", t->share * 100, t->everyone * 100);
	page_small(p, en, zh);
}

/* Does the segment stand out by any of the N traits? */
static bool is_special(const struct report_segment *s, size_t n)
{
	for (size_t t = 0; t < n; t++)
		if (s->traits[t].known && s->traits[t].value != NULL)
			return true;
	return false;
}

static void write_traits(struct page *p, const struct market_report *r)
{
	struct page_column columns[1 + MARKET_TRAITS] = { { "Segment", "分群", PAGE_WORDS } };
	const size_t n = r->data->n_traits;

	size_t special = 0;

	for (size_t i = 0; i < r->segments.n; i++)
		special += is_special(&r->segments.v[i], n);
	if (special == 0)
		return;
	for (size_t t = 0; t < n; t++) {
		const struct say_words w = say_word(r->data->traits[t].name);

		columns[1 + t] = (struct page_column){ w.en, w.zh, PAGE_WORDS };
	}
	page_cards(p, PAGE_WHOLE);
	page_card(p, "What is more common among them than among the others",
	    "各分群比其他人更突出的特征");
	page_table(p, "Segments by trait", "分群特征", columns, 1 + n);
	for (size_t i = 0; i < r->segments.n; i++) {
		const struct report_segment *s = &r->segments.v[i];
		char en[TEXT], zh[TEXT];

		if (!is_special(s, n))
			continue;
		say_group(s->group, false, en, sizeof(en));
		say_group(s->group, true, zh, sizeof(zh));
		page_row(p);
		page_cell_say(p, en, zh);
		for (size_t t = 0; t < n; t++)
			write_trait(p, &s->traits[t]);
	}
	page_close(p);
	if (special < r->segments.n)
		page_note(p, PAGE_NO_SOURCE, "Segments that are not named here are like everyone.",
		    "未列出的分群与整体相同。");
	page_close(p);
	page_close(p);
}

/* ---- the released view --------------------------------------------------------------- */

/* "0-1", "26+": from where a line begins to where the next does. */
static void axis_label(const int64_t *at, size_t n, size_t i, char out[static 48])
{
	if (i + 1 == n)
		snprintf(out, 48, "%lld+", (long long)at[i]);
	else if (at[i + 1] == at[i] + 1)
		snprintf(out, 48, "%lld", (long long)at[i]);
	else
		snprintf(out, 48, "%lld" SAY_DASH "%lld", (long long)at[i],
		    (long long)at[i + 1] - 1);
}

static void write_heat(struct page *p, const struct report_heat *h)
{
	char text[2 * REPORT_AXIS][48], en[TEXT], zh[TEXT];
	char crossing[SAY_NUMBER], people[SAY_NUMBER];
	struct plot_name rows[REPORT_AXIS], cols[REPORT_AXIS];
	int64_t v[REPORT_AXIS * REPORT_AXIS];

	for (size_t i = 0; i < h->n_rows; i++) {
		axis_label(h->row_at, h->n_rows, i, text[i]);
		rows[i] = (struct plot_name){ text[i], NULL };
	}
	for (size_t i = 0; i < h->n_cols; i++) {
		axis_label(h->col_at, h->n_cols, i, text[REPORT_AXIS + i]);
		cols[i] = (struct plot_name){ text[REPORT_AXIS + i], NULL };
	}
	for (size_t i = 0; i < h->n_rows * h->n_cols; i++)
		v[i] = h->v[i] > 0 ? (int64_t)h->v[i] : PLOT_NOTHING;
	const struct plot_heat heat = { rows, cols, h->n_rows, h->n_cols, v, true, NULL,
		{ "weeks ago", "距今（周）" }, { "number of orders", "单数" } };

	plot_heat(p,
	    (struct plot_name){ "Customers by last order and number of orders",
		"按最近一单与单数的客户分布" },
	    &heat);
	say_number(h->crossing, crossing);
	say_number(h->people, people);
	snprintf(en, sizeof(en),
	    "%s of %s people are published in ranges that cross a line: they are in no field.",
	    crossing, people);
	snprintf(zh, sizeof(zh), "共 %s 人，其中 %s 人的发布区间跨越格线，不计入任何一格。", people,
	    crossing);
	page_note(p, PAGE_NO_SOURCE, en, zh);
}

/* A row's head: its name, how many, and what they like more than the others do. */
static void cell_portrait(struct page *p, const struct report_portrait *v)
{
	char en[TEXT], zh[TEXT], liked[96], n[SAY_NUMBER];

	page_row(p);
	snprintf(en, sizeof(en), "%s", say_portraits[v->name].en);
	say_together(en, sizeof(en));
	page_cell_say(p, en, say_portraits[v->name].zh);
	say_number(v->people, n);
	snprintf(en, sizeof(en), "%s people", n);
	snprintf(zh, sizeof(zh), "%s 人", n);
	say_together(en, sizeof(en));
	say_together(zh, sizeof(zh));
	page_small(p, en, zh);
	if (v->favourite != NULL) {
		say_group(v->favourite, false, liked, sizeof(liked));
		say_together(liked, sizeof(liked));
		snprintf(en, sizeof(en), "likes %s", liked);
		snprintf(zh, sizeof(zh), "偏好 %s", liked);
		page_small(p, en, zh);
	}
}

static void write_portrait(struct page *p, const struct report_portraits *all, size_t i, bool money)
{
	const struct report_portrait *v = &all->v[i];
	double weeks = 0, orders = 0, spent = 0, share = 0;
	char n[SAY_NUMBER];

	for (size_t k = 0; k < all->n; k++) {
		weeks = fmax(weeks, all->v[k].weeks);
		orders = fmax(orders, all->v[k].orders);
		spent = fmax(spent, all->v[k].spent);
		share = fmax(share, all->v[k].share);
	}
	const double value[4] = { v->weeks, v->orders, v->spent, v->share * 100 };
	const double most[4] = { weeks, orders, spent, share * 100 };
	char figure[4][SAY_NUMBER + 4];

	cell_portrait(p, v);
	snprintf(figure[0], sizeof(figure[0]), "%.0f", v->weeks);
	snprintf(figure[1], sizeof(figure[1]), "%.1f", v->orders);
	say_number(v->spent, n);
	snprintf(figure[2], sizeof(figure[2]), "%s%s", money ? SAY_CURRENCY : "", n);
	snprintf(figure[3], sizeof(figure[3]), "%.0f %%", value[3]);
	for (size_t d = 0; d < 4; d++) {
		const struct plot_slim bar = { (int64_t)(value[d] * 100),
			(int64_t)(most[d] * 100) };

		page_cell(p);
		plot_slims(p, &bar, 1);
		page_text(p, sc_span_str(figure[d]));
	}
}

static void write_portraits(struct page *p, const struct report_portraits *all, const char *unit)
{
	/* steps of prices are what a view counts in, unless it says something else */
	const bool money = unit == NULL || strcmp(unit, "price steps") != 0;
	const struct page_column columns[] = { { "Portrait", "画像", PAGE_WORDS },
		{ "weeks since", "距今（周）", PAGE_PICTURE }, { "orders", "单数", PAGE_PICTURE },
		{ money ? "spent" : "spent, price steps", money ? "累计" : "累计（价格档）",
		    PAGE_PICTURE },
		{ "of all spending", "消费占比", PAGE_PICTURE } };
	char en[TEXT], zh[TEXT];

	if (all->n == 0) {
		snprintf(en, sizeof(en),
		    "other samples of people give other groups (worst agreement %.2f, %.2f is "
		    "asked for), so no portraits are offered",
		    all->agreement, REPORT_AGREEMENT);
		snprintf(zh, sizeof(zh),
		    "换一批人会得到不同的分组（最差一致度 %.2f，要求 %.2f），因此不提供画像",
		    all->agreement, REPORT_AGREEMENT);
		page_blank(p,
		    all->tried ? en : "there are too few published cells, or too many, to group",
		    all->tried ? zh : "发布的单元过少或过多，无法分组");
		return;
	}
	page_table(p, "Portraits", "画像", columns, 5);
	for (size_t i = 0; i < all->n; i++)
		write_portrait(p, all, i, money);
	page_close(p);
	snprintf(en, sizeof(en),
	    "Found by k-means on the released view. The worst of %d other samples agrees by %.2f "
	    "(1: the same groups).",
	    KMEANS_REPEATS, all->agreement);
	snprintf(zh, sizeof(zh),
	    "在匿名视图上用 k-means 得到。%d 次换人重做，最差一致度 %.2f（1 为完全相同）。",
	    KMEANS_REPEATS, all->agreement);
	page_note(p, PAGE_NO_SOURCE, en, zh);
}

static void write_view(struct page *p, const struct market_report *r)
{
	if (r->data->view.missing || r->heat.people < 1) {
		page_cards(p, PAGE_WHOLE);
		page_card(p, "Last order, number of orders, portraits", "最近一单、单数与画像");
		page_blank(p,
		    r->data->view.missing ? r->data->view.why :
					    "nobody in the released view has ordered",
		    r->data->view.missing ? "匿名视图暂不可用，原因见英文版" :
					    "匿名视图中没有下过单的人");
		page_close(p);
		page_close(p);
		return;
	}
	page_cards(p, PAGE_WIDE_LEFT);
	page_card(p, "Portraits", "客户画像");
	write_portraits(p, &r->portraits, r->data->view.manifest.spent_unit);
	page_close(p);
	page_card(p, "Last order and number of orders", "最近一单与单数");
	write_heat(p, &r->heat);
	page_close(p);
	page_close(p);
	page_of_view(p, r, "groups under 100 people cannot be addressed",
	    "不足 100 人的组不能触达");
}

void page_who(struct page *p, const struct market_report *r)
{
	page_section(p, (struct page_link){ "who", "Who they are", "客户是谁" });
	page_lead(p,
	    "Seven groups by simple rules that anyone can repeat. The people in them are found "
	    "inside the "
	    "gateway, never here.",
	    "七个分群，规则简单，人人可以复核。名单只在网关内部解析，不会出现在这里。");
	write_segments(p, r);
	write_traits(p, r);
	write_view(p, r);
	page_close(p);
}
