/*
 * sample_report.c - reports of releases that were never made: a usual one, and the largest.
 */
#include "page/samples.h"

#include "analytics/views/report.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *means, *means_zh, *unit;
	enum view_rule_kind kind;
	size_t leaves, n_levels;
	uint32_t ncp;
	uint64_t level[5];
} usual[] = {
	{ "age", "Age", "年龄", "years", VIEW_GRID, 16, 5, 41200, { 18200, 9400, 3100, 800, 100 } },
	{ "sex", "Sex", "性别", "", VIEW_HIERARCHY, 2, 2, 2100, { 31300, 300, 0, 0, 0 } },
	{ "province", "Province", "省份", "", VIEW_HIERARCHY, 31, 3, 88300,
	    { 24100, 6900, 600, 0, 0 } },
	{ "channel", "Channel of the first visit", "首次访问渠道", "", VIEW_HIERARCHY, 9, 3, 31000,
	    { 28800, 2100, 700, 0, 0 } },
	{ "first_order", "Month of the first order", "首单月份", "", VIEW_DATES, 24, 4, 120700,
	    { 17000, 8800, 5000, 800, 0 } },
	{ "postcode", "Postcode", "邮编", "", VIEW_PREFIXES, 4100, 5, 203400,
	    { 4100, 9800, 11000, 5200, 1500 } },
};
#define USUAL (sizeof(usual) / sizeof(usual[0]))

static const struct recode_rule wants = { .distinct = 2,
	.entropy_milli = 1500,
	.closeness_ppm = 300000,
	.share_ppm = 800000,
	.ordered = true };

static void fill_columns(struct view_report *r, struct view_report_column *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct measure_column *m = &r->measures.columns[i];

		c[i] = (struct view_report_column){ usual[i % USUAL].name, usual[i % USUAL].means,
			usual[i % USUAL].means_zh, usual[i % USUAL].unit, usual[i % USUAL].kind,
			usual[i % USUAL].leaves, usual[i % USUAL].n_levels,
			"13,400 of 31,600 rows are generalised (k is 10): 120 because fewer people "
			"than k have the value at all, 13,280 because too few of those alike in "
			"the other columns have it" };
		m->ncp_ppm = usual[i % USUAL].ncp;
		memcpy(m->at_level, usual[i % USUAL].level, sizeof(usual[i % USUAL].level));
		m->why[MEASURE_EXACT] = 18200;
		m->why[MEASURE_RARE] = 120;
		m->why[MEASURE_TOGETHER] = 13280;
	}
	r->columns = c;
	r->n_columns = n;
}

static void fill_sensitive(struct view_report *r, struct view_report_sensitive *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		s[i] = (struct view_report_sensitive){ "spent_band", "What was spent in a year",
			"一年消费", "CNY", wants, NULL, NULL, 7 };
		r->measures.sensitive[i] =
		    (struct measure_sensitive){ 3, 1893, 214000, 121000, 640000, 0 };
		r->checked_min_distinct[i] = 3;
	}
	r->sensitive = s;
	r->n_sensitive = n;
}

static const struct view_report whole = {
	.tenant = "shop",
	.dataset = "customers",
	.title = "Released view: customers",
	.title_zh = "发布视图：客户",
	.number = 44,
	.made_ms = 1730592000000,
	.from = "2024-01-01",
	.to = "2024-11-03",
	.profile = "standard",
	.k = 10,
	.suppression_ppm = 10000,
	.seed = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	.measures = { .rows = 31612,
	    .suppressed = 12,
	    .people = 29840,
	    .classes = 1893,
	    .min_people = 10,
	    .min_rows = 10,
	    .gcp_ppm = 81117,
	    .dm = 1183222,
	    .c_avg_milli = 1669,
	    .risk_max_ppm = 100000,
	    .risk_avg_ppm = 63440 },
	.dropped = 7,
	.sizes = { { 10, 10, 402, 4020 }, { 11, 11, 301, 3311 }, { 12, 13, 388, 4800 },
	    { 14, 16, 290, 4350 }, { 17, 20, 211, 3900 }, { 21, 30, 170, 4200 },
	    { 31, 50, 97, 3700 }, { 51, 100, 34, 2600 } },
	.n_sizes = 8,
	.checked_rows = 31600,
	.checked_classes = 1893,
	.checked_min_people = 10,
	.has_lineage = true,
	.m = 2,
	.lineage = { .stayed = 28110, .joined = 1730, .left = 640, .held_back = 9, .smallest = 12 },
};

static const struct view_report_plain plain[] = { { "orders", "Orders in a year", "一年订单数",
    "" } };

enum sc_err sample_report(struct sc_buf *out, enum page_language languages)
{
	struct view_report_column columns[USUAL];
	struct view_report_sensitive sensitive[1];
	struct view_report r = whole;

	(void)languages; /* it always has both */
	r.plain = plain;
	r.n_plain = 1;
	fill_columns(&r, columns, USUAL);
	fill_sensitive(&r, sensitive, 1);
	return view_report_page(&r, out);
}

enum sc_err sample_report_largest(struct sc_buf *out, enum page_language languages)
{
	struct view_report_column columns[RELEASE_COLUMNS_MAX];
	struct view_report_sensitive sensitive[RELEASE_SENSITIVE_MAX];
	struct view_report r = whole;

	(void)languages;
	r.has_lineage = false;
	r.checked_min_people = 9;
	r.n_sizes = VIEW_SIZES_MAX;
	for (size_t i = 0; i < VIEW_SIZES_MAX; i++)
		r.sizes[i] = (struct view_report_size){ 1ull << i, (2ull << i) - 1, 24 - i, 1000 };
	fill_columns(&r, columns, RELEASE_COLUMNS_MAX);
	fill_sensitive(&r, sensitive, RELEASE_SENSITIVE_MAX);
	return view_report_page(&r, out);
}
