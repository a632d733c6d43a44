/*
 * page_times.c - what they want, when and where, who stays.
 */
#include "analytics/market/page.h"

#include <math.h>
#include <stdio.h>

#define TEXT 256
#define PERMILLE 1000

/* ---- what they want ------------------------------------------------------------------ */

static void write_category(struct page *p, const struct report_category *c, int64_t most)
{
	char en[96], zh[96], name_en[TEXT], name_zh[TEXT], change[SAY_NUMBER];
	const struct plot_interval range = { NULL, NULL, (int64_t)round(c->change.low * PERMILLE),
		(int64_t)round(c->change.value * PERMILLE),
		(int64_t)round(c->change.high * PERMILLE), false, NULL };

	say_group(c->group, false, en, sizeof(en));
	say_group(c->group, true, zh, sizeof(zh));
	say_together(en, sizeof(en));
	say_together(zh, sizeof(zh));
	page_row(p);
	page_cell_say(p, en, zh);
	page_cell_number(p, (int64_t)c->visitors);
	snprintf(name_en, sizeof(name_en), "%s, %zu weeks", en, c->n_spark);
	snprintf(name_zh, sizeof(name_zh), "%s，%zu 周", zh, c->n_spark);
	page_cell(p);
	plot_spark(p, (struct plot_name){ name_en, name_zh }, c->spark, c->n_spark, 90, 22);
	snprintf(name_en, sizeof(name_en), "%s: change of share", en);
	snprintf(name_zh, sizeof(name_zh), "%s：占比变化", zh);
	page_cell(p);
	if (c->tested) {
		plot_range(p, (struct plot_name){ name_en, name_zh }, &range, -most, most);
		say_change(c->change.value, change);
		snprintf(name_en, sizeof(name_en), "%s, %s", change, c->found ? "sure" : "chance");
		snprintf(name_zh, sizeof(name_zh), "%s，%s", change, c->found ? "确定" : "偶然");
		page_small(p, name_en, name_zh);
	} else {
		page_say(p, "folded otherwise before", "此前并组不同");
	}
	page_cell(p);
	if (c->has_rate)
		page_textf(p, "%.1f", c->rate.value * 100);
	else
		page_say(p, "folded", "已并组");
}

static void write_categories(struct page *p, const struct market_report *r)
{
	static const struct page_column columns[] = { { "Category", "品类", PAGE_WORDS },
		{ "visitors, 4 weeks", "访客，4 周", PAGE_FIGURES },
		{ "12 weeks", "12 周", PAGE_PICTURE },
		{ "change of share, 95 %", "占比变化，95 %", PAGE_PICTURE },
		{ "buyers per 100", "每百访客购买", PAGE_FIGURES } };
	const struct report_categories *c = &r->categories;
	double widest = 0.1;

	if (c->n == 0) {
		page_blank(p,
		    r->data->series[MARKET_VISITORS].missing ?
			r->data->series[MARKET_VISITORS].why :
			"no category is published of this week",
		    "本周没有发布任何品类");
		return;
	}
	/* one scale for all that are shown, of tenths */
	for (size_t i = 0; i < c->n && i < REPORT_TOP; i++)
		if (c->v[i].tested)
			widest = fmax(widest, fmax(-c->v[i].change.low, c->v[i].change.high));
	const int64_t most = (int64_t)ceil(widest * 10) * (PERMILLE / 10);

	page_table(p, "Top categories", "主要品类", columns, 5);
	for (size_t i = 0; i < c->n && i < REPORT_TOP; i++)
		write_category(p, &c->v[i], most);
	page_close(p);
}

static void write_bands(struct page *p, const struct report_bands *b)
{
	struct plot_name parts[REPORT_BANDS + 1];
	struct plot_stack rows[REPORT_BAND_ROWS];
	int64_t v[REPORT_BAND_ROWS][REPORT_BANDS + 1];
	char en[REPORT_BAND_ROWS][64], zh[REPORT_BAND_ROWS][64];
	const size_t n = b->n + 1;

	for (size_t i = 0; i < b->n; i++)
		parts[i] = (struct plot_name){ b->names[i], NULL };
	parts[b->n] = (struct plot_name){ "several, folded", "多档合并" };
	for (size_t i = 0; i < b->n_rows; i++) {
		const struct report_band_row *row = &b->rows[i];

		for (size_t k = 0; k < b->n; k++)
			v[i][k] = (int64_t)row->v[k];
		v[i][b->n] = (int64_t)row->v[REPORT_BANDS];
		snprintf(en[i], sizeof(en[i]), "The whole shop");
		snprintf(zh[i], sizeof(zh[i]), "全店");
		if (row->category != NULL) {
			say_group(row->category, false, en[i], sizeof(en[i]));
			say_group(row->category, true, zh[i], sizeof(zh[i]));
		}
		rows[i] = (struct plot_stack){ en[i], zh[i], v[i] };
	}
	plot_stacks(p, (struct plot_name){ "Price bands, share of buyers", "价格带，购买者占比" },
	    parts, n, rows, b->n_rows);
}

void page_want(struct page *p, const struct market_report *r)
{
	const struct report_categories *c = &r->categories;
	char en[TEXT], zh[TEXT];

	page_section(p, (struct page_link){ "want", "What they want", "想要什么" });
	page_cards(p, PAGE_WIDE_LEFT);
	page_card(p, "Top categories", "主要品类");
	write_categories(p, r);
	page_close(p);
	page_card(p, "Price bands (" SAY_CURRENCY "), share of buyers, 13 weeks",
	    "价格带（" SAY_CURRENCY "），购买者占比，13 周");
	if (r->bands.n_rows == 0)
		page_blank(p,
		    r->data->series[MARKET_BANDS].missing ? r->data->series[MARKET_BANDS].why :
							    "no price band is published",
		    "没有发布价格带");
	else
		write_bands(p, &r->bands);
	page_note(p, PAGE_NO_SOURCE,
	    "For assortment and bundles. A price is never set for a person.",
	    "用于选品与组合，从不对个人定价。");
	page_close(p);
	page_close(p);
	snprintf(en, sizeof(en), "%zu categories tested, %zu changed by more than chance",
	    c->tested, c->found);
	snprintf(zh, sizeof(zh), "检验 %zu 个品类，%zu 个变化超出偶然", c->tested, c->found);
	page_of_cube(p, r, en, zh);
	page_close(p);
}

/* ---- when and where ------------------------------------------------------------------ */

static void write_hours(struct page *p, const struct market_report *r)
{
	static const char *const hours[REPORT_HOURS] = { "0", "", "", "3", "", "", "6", "", "", "9",
		"", "", "12", "", "", "15", "", "", "18", "", "", "21", "", "" };
	const struct report_hours *h = &r->hours;
	struct plot_name rows[REPORT_CHANNELS], cols[REPORT_HOURS];
	int64_t v[REPORT_CHANNELS * REPORT_HOURS];

	if (h->n == 0) {
		page_blank(p,
		    r->data->series[MARKET_HOURS].missing ? r->data->series[MARKET_HOURS].why :
							    "no hour is published of these weeks",
		    "这几周没有发布时段数据");
		return;
	}
	for (size_t i = 0; i < REPORT_HOURS; i++)
		cols[i] = (struct plot_name){ hours[i], NULL };
	for (size_t c = 0; c < h->n; c++) {
		const struct say_words w = say_word(h->channels[c]);

		rows[c] = (struct plot_name){ w.en, w.zh };
		for (size_t i = 0; i < REPORT_HOURS; i++)
			v[c * REPORT_HOURS + i] = h->v[c][i].known ? (int64_t)h->v[c][i].v :
								     PLOT_NOTHING;
	}
	const struct plot_heat heat = { rows, cols, h->n, REPORT_HOURS, v, false, h->best,
		{ NULL, NULL }, { NULL, NULL } };

	plot_heat(p,
	    (struct plot_name){ "Visitors by hour and channel, four weeks",
		"各时段与渠道访客，四周" },
	    &heat);
	if (h->folded > 0)
		page_note(p, PAGE_NO_SOURCE,
		    "Hours without a colour are folded with their neighbours.",
		    "无颜色的时段已与相邻时段合并。");
}

static void write_weekdays(struct page *p, const struct market_report *r)
{
	const struct report_weekdays *d = &r->weekdays;
	struct plot_bar bars[7];
	char note[7][SAY_NUMBER];
	double half = 0;
	char en[TEXT], zh[TEXT];

	if (!d->known) {
		page_blank(p,
		    r->data->series[MARKET_WEEKDAYS].missing ?
			r->data->series[MARKET_WEEKDAYS].why :
			"days of the week are folded together",
		    "星期数据已合并或没有发布");
		return;
	}
	for (size_t i = 0; i < 7; i++) {
		say_signed(d->v[i].value * 100, note[i]);
		bars[i] = (struct plot_bar){ say_days[i].en, say_days[i].zh,
			(int64_t)round(d->v[i].value * 100), note[i] };
		half = fmax(half, (d->v[i].high - d->v[i].low) / 2);
	}
	plot_columns(p,
	    (struct plot_name){ "Buyers by weekday, percent against the average",
		"各星期购买人数，相对平均 %" },
	    bars, 7);
	snprintf(en, sizeof(en), "Each within %.0f points, 95 times in 100.", ceil(half * 100));
	snprintf(zh, sizeof(zh), "95 %% 区间：各 ±%.0f 个百分点以内。", ceil(half * 100));
	page_note(p, PAGE_NO_SOURCE, en, zh);
}

void page_when(struct page *p, const struct market_report *r)
{
	page_section(p, (struct page_link){ "when", "When and where", "何时何处" });
	page_cards(p, PAGE_WIDER_LEFT);
	page_card(p, "Visitors by hour and channel", "各时段与渠道访客");
	write_hours(p, r);
	page_close(p);
	page_card(p, "Buyers by weekday, % against average", "各星期购买人数，相对平均 %");
	write_weekdays(p, r);
	page_close(p);
	page_close(p);
	page_of_cube(p, r, "the best hour of a channel is framed", "框内为各渠道的最佳时段");
	page_close(p);
}

/* ---- who stays ----------------------------------------------------------------------- */

static void write_cohorts(struct page *p, const struct report_cohorts *c)
{
	static const char *const after[REPORT_MONTHS] = { "1", "2", "3", "4", "5", "6", "7", "8",
		"9", "10", "11", "12" };
	struct plot_name rows[REPORT_MONTHS], cols[REPORT_MONTHS];
	char en[REPORT_MONTHS][48], zh[REPORT_MONTHS][48];
	int64_t v[REPORT_MONTHS * REPORT_MONTHS];
	size_t n_cols = 0, n = c->n;

	/* the last have no month after them yet */
	while (n > 0 && c->v[n - 1].n == 0)
		n--;
	for (size_t i = 0; i < n; i++) {
		char size[SAY_NUMBER];

		n_cols = c->v[i].n > n_cols ? c->v[i].n : n_cols;
		say_number(c->v[i].size, size);
		snprintf(en[i], sizeof(en[i]), "%s %.16s", say_month(c->v[i].month).en, size);
		snprintf(zh[i], sizeof(zh[i]), "%s %.16s", say_month(c->v[i].month).zh, size);
		rows[i] = (struct plot_name){ en[i], zh[i] };
	}
	for (size_t i = 0; i < n_cols; i++)
		cols[i] = (struct plot_name){ after[i], NULL };
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_cols; k++)
			v[i * n_cols + k] = k >= c->v[i].n ? PLOT_OUTSIDE :
			    c->v[i].share[k].known ? (int64_t)round(c->v[i].share[k].v * 100) :
						     PLOT_NOTHING;
	const struct plot_heat heat = { rows, cols, n, n_cols, v, true, NULL,
		{ "first order, people", "首单月份，人数" },
		{ "bought again in month 1, 2, 3 … after, % of people",
		    "之后第 1、2、3 … 月再次购买，占人数 %" } };

	plot_heat(p,
	    (struct plot_name){ "Monthly cohorts: people who bought again",
		"月度同期群：再次购买的人" },
	    &heat);
}

void page_stay(struct page *p, const struct market_report *r)
{
	page_section(p, (struct page_link){ "stay", "Who stays", "谁会留下" });
	page_cards(p, PAGE_WIDE_LEFT);
	page_card(p, "Monthly cohorts", "月度同期群");
	if (r->cohorts.n == 0 || !r->cohorts.has_next)
		page_blank(p,
		    r->data->series[MARKET_COHORTS].missing ?
			r->data->series[MARKET_COHORTS].why :
			"no month after a first order is published yet",
		    "首单之后的月份还没有发布");
	else
		write_cohorts(p, &r->cohorts);
	page_close(p);
	page_card(p, "In words", "文字说明");
	page_paragraph(p, r->stay.en, r->stay.zh);
	page_close(p);
	page_close(p);
	page_of_cube(p, r, "", "");
	page_close(p);
}
