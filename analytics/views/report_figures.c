/*
 * report_figures.c - the parts of report.html that are figures: loss, reasons, risk.
 */
#include "analytics/views/report_figures.h"
#include "analytics/views/report_promises.h"

#include "base/page/plot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 400

void number_print(uint64_t v, char out[static PAGE_NUMBER_MAX])
{
	page_number_print(v > INT64_MAX ? INT64_MAX : (int64_t)v, out);
}

/* ---- what it cost --------------------------------------------------------------------- */

/* What a bar over the whole width means: enough for the longest. */
static uint32_t full_bar(uint32_t most)
{
	static const uint32_t whole[] = { 100000, 250000, 500000 };

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		if (most <= whole[i])
			return whole[i];
	}
	return RELEASE_PPM;
}

static void cost_bars(struct page *p, const struct view_report *r)
{
	struct plot_bar bars[RELEASE_COLUMNS_MAX];
	char notes[RELEASE_COLUMNS_MAX][PERCENT_MAX], en[64], zh[64];
	uint32_t most = 0;

	for (size_t i = 0; i < r->n_columns; i++) {
		const struct view_report_column *c = &r->columns[i];
		const struct plot_name label = report_label(c->name, c->means, c->means_zh);

		most = r->measures.columns[i].ncp_ppm > most ? r->measures.columns[i].ncp_ppm :
							       most;
		percent_print(r->measures.columns[i].ncp_ppm, notes[i]);
		bars[i] = (struct plot_bar){ label.en, label.zh, r->measures.columns[i].ncp_ppm,
			notes[i] };
	}
	plot_bars(p, (struct plot_name){ "Information lost, by column", "各列的信息损失" }, bars,
	    r->n_columns, full_bar(most));
	percent_print(full_bar(most), notes[0]);
	snprintf(en, sizeof(en), "A full bar is %s.", notes[0]);
	snprintf(zh, sizeof(zh), "满格为 %s。", notes[0]);
	page_note(p, PAGE_NO_SOURCE, en, zh);
}

#define COST_LEVELS 7 /* the last: and all above */

static void cost_levels(struct page *p, const struct view_report *r)
{
	static const struct plot_name parts[COST_LEVELS] = { { "as it was", "原值" },
		{ "1 level up", "上 1 级" }, { "2", NULL }, { "3", NULL }, { "4", NULL },
		{ "5", NULL }, { "6 and more", "6 及以上" } };
	struct plot_stack rows[RELEASE_COLUMNS_MAX];
	int64_t shares[RELEASE_COLUMNS_MAX][COST_LEVELS];
	size_t levels = 2;

	memset(shares, 0, sizeof(shares));
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct view_report_column *c = &r->columns[i];
		const struct plot_name label = report_label(c->name, c->means, c->means_zh);

		for (size_t l = 0; l < c->n_levels && l < HIERARCHY_LEVELS_MAX; l++) {
			const size_t at = l < COST_LEVELS ? l : COST_LEVELS - 1;

			shares[i][at] += (int64_t)r->measures.columns[i].at_level[l];
			if (r->measures.columns[i].at_level[l] > 0 && at >= levels)
				levels = at + 1;
		}
		rows[i] = (struct plot_stack){ label.en, label.zh, shares[i] };
	}
	plot_stacks(p, (struct plot_name){ "Rows by level, percent", "各级的行，百分比" }, parts,
	    levels, rows, r->n_columns);
}

void report_cost(struct page *p, const struct view_report *r, struct page_link link)
{
	page_section(p, link);
	page_lead(p,
	    "A value is published as it is where enough people share it; otherwise a broader one "
	    "stands in its place. Both pictures say how often, and how broad.",
	    "足够多的人共有的取值原样公开，否则换成更宽的取值。下面两图说明多常发生、放宽多少。");
	page_cards(p, PAGE_HALVES);
	page_card(p, "Information lost, by column (NCP)", "各列的信息损失（NCP）");
	cost_bars(p, r);
	page_close(p);
	page_card(p, "How broad the published values are, percent of rows",
	    "公开取值的宽度，占行数百分比");
	cost_levels(p, r);
	page_close(p);
	page_close(p);
	page_note(p, PAGE_NO_SOURCE,
	    "Levels are those of each column's own tree. Of ranges of numbers, a level up is at "
	    "most twice as wide.",
	    "级别以各列自己的层级为准；数值区间每上一级至多加宽一倍。");
	page_close(p);
}

/* ---- why ------------------------------------------------------------------------------ */

/* In Chinese what the column's own sentence says in English. */
static void why_chinese(const struct view_report *r, size_t column, char *out, size_t size)
{
	static const char *const whys[MEASURE_WHYS] = {
		[MEASURE_RARE] = "因全表中有此取值者不足 k 人",
		[MEASURE_TOGETHER] = "因同类中有此取值者太少",
		[MEASURE_REST] = "因其余的人单独成类会太少，或敏感值过于单一",
	};
	const struct measure_column *c = &r->measures.columns[column];
	const uint64_t rows = r->measures.rows - r->measures.suppressed;
	char n[PAGE_NUMBER_MAX], all[PAGE_NUMBER_MAX];
	size_t at;

	number_print(c->why[MEASURE_RARE] + c->why[MEASURE_TOGETHER] + c->why[MEASURE_REST], n);
	number_print(rows, all);
	snprintf(out, size, "%s 行中有 %s 行被泛化（k 为 %u）", all, n, r->k);
	for (size_t i = MEASURE_RARE; i < MEASURE_WHYS; i++) {
		if (c->why[i] == 0)
			continue;
		at = strlen(out);
		number_print(c->why[i], n);
		snprintf(out + at, size - at, "，其中 %s 行%s", n, whys[i]);
	}
	at = strlen(out);
	snprintf(out + at, size - at, "。");
}

void report_why(struct page *p, const struct view_report *r, struct page_link link)
{
	char en[WORDS_MAX], zh[WORDS_MAX];

	page_section(p, link);
	page_cards(p, PAGE_WHOLE);
	page_card(p, NULL, NULL);
	page_facts(p);
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct view_report_column *c = &r->columns[i];
		const struct plot_name label = report_label(c->name, c->means, c->means_zh);
		const size_t n = strlen(c->why);

		page_fact(p, label.en, label.zh);
		snprintf(en, sizeof(en), "%s%s", c->why, n > 0 && c->why[n - 1] == '.' ? "" : ".");
		why_chinese(r, i, zh, sizeof(zh));
		page_say(p, en, zh);
	}
	page_close(p);
	page_close(p);
	page_close(p);
	page_close(p);
}

/* ---- whom it hides -------------------------------------------------------------------- */

static void risk_sizes(struct page *p, const struct view_report *r)
{
	struct plot_bar bars[VIEW_SIZES_MAX];
	char labels[VIEW_SIZES_MAX][48];
	const size_t n = r->n_sizes < VIEW_SIZES_MAX ? r->n_sizes : VIEW_SIZES_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct view_report_size *s = &r->sizes[i];

		if (s->from == s->to)
			snprintf(labels[i], sizeof(labels[i]), "%" PRIu64, s->from);
		else
			snprintf(labels[i], sizeof(labels[i]), "%" PRIu64 "–%" PRIu64, s->from,
			    s->to);
		bars[i] = (struct plot_bar){ labels[i], NULL, (int64_t)s->classes, NULL };
	}
	plot_columns(p,
	    (struct plot_name){ "Classes by their number of people", "按人数的等价类个数" }, bars,
	    n);
}

static void risk_facts(struct page *p, const struct view_report *r)
{
	const struct release_measures *m = &r->measures;
	char percent[PERCENT_MAX];

	page_facts(p);
	page_fact(p, "Greatest risk: to be the one among the people of a class",
	    "最大风险：在等价类中被认出");
	percent_print(m->risk_max_ppm, percent);
	page_text(p, sc_span_str(percent));
	page_fact(p, "Average risk", "平均风险");
	percent_print(m->risk_avg_ppm, percent);
	page_text(p, sc_span_str(percent));
	page_fact(p, "Average class, against the smallest allowed (C_avg)",
	    "平均等价类与下限之比（C_avg）");
	page_textf(p, "%" PRIu64 ".%03u", m->c_avg_milli / 1000, (unsigned)(m->c_avg_milli % 1000));
	page_fact(p, "Discernibility (DM)", "可辨识度（DM）");
	page_number(p, m->dm > INT64_MAX ? INT64_MAX : (int64_t)m->dm);
	page_fact(p, "Fewest rows of a class", "等价类的最少行数");
	page_number(p, (int64_t)m->min_rows);
	page_close(p);
}

static void risk_sensitive(struct page *p, const struct view_report *r)
{
	static const struct page_column columns[] = {
		{ "Sensitive column", "敏感列", PAGE_WORDS },
		{ "Fewest values in a class (l)", "类内最少取值（l）", PAGE_FIGURES },
		{ "As even as (entropy l)", "有效取值（熵 l）", PAGE_FIGURES },
		{ "Farthest from everybody (t): as equals, in order",
		    "与总体的最大距离（t）：等距、有序", PAGE_FIGURES },
		{ "Greatest share of one value", "单值最大占比", PAGE_FIGURES },
		{ "Rows in classes with one value alone", "单一取值类中的行", PAGE_FIGURES },
	};
	char percent[PERCENT_MAX];

	page_table(p, "Sensitive columns", "敏感列", columns, 6);
	for (size_t i = 0; i < r->n_sensitive; i++) {
		const struct measure_sensitive *m = &r->measures.sensitive[i];
		const struct view_report_sensitive *s = &r->sensitive[i];
		const struct plot_name label = report_label(s->name, s->means, s->means_zh);

		page_row(p);
		page_cell_say(p, label.en, label.zh);
		page_cell_number(p, m->min_distinct);
		page_cell(p);
		page_textf(p, "%u.%03u", m->min_entropy_milli / 1000, m->min_entropy_milli % 1000);
		page_cell(p);
		percent_print(m->max_equal_ppm, percent);
		page_text(p, sc_span_str(percent));
		percent_print(m->max_ordered_ppm, percent);
		page_small(p, percent, NULL);
		page_cell(p);
		percent_print(m->max_share_ppm, percent);
		page_text(p, sc_span_str(percent));
		page_cell_number(p, (int64_t)m->homogeneous);
	}
	page_close(p);
}

void report_risk(struct page *p, const struct view_report *r, struct page_link link)
{
	page_section(p, link);
	page_lead(p,
	    "A class is all the people whose published columns are the same: nobody who knows "
	    "those of a person can tell which of them it is.",
	    "公开列完全相同的人构成一个等价类：知道某人这些信息的人，也无法分辨是其中哪一位。");
	page_cards(p, PAGE_WIDE_LEFT);
	page_card(p, "How many classes have so many people", "各人数的等价类有多少");
	risk_sizes(p, r);
	page_close(p);
	page_card(p, "Risk", "风险");
	risk_facts(p, r);
	page_close(p);
	page_close(p);
	if (r->n_sensitive > 0) {
		page_cards(p, PAGE_WHOLE);
		page_card(p, "What a class says of its people", "等价类透露了什么");
		risk_sensitive(p, r);
		page_close(p);
		page_close(p);
	}
	page_close(p);
}
