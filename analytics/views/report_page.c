/*
 * report_page.c - report.html: what was released, whether its rules hold, what it cost, whom it
 * hides and what it does not; English and Chinese in one file.
 *
 * It says figures of the whole release and words of its spec, and nothing of a person.
 */
#include "analytics/views/report_figures.h"
#include "analytics/views/report_promises.h"

#include "base/civil.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 400

static const struct page_link sections[] = {
	{ "what", "What was released", "发布了什么" },
	{ "rules", "Its rules", "规则" },
	{ "cost", "What it cost", "信息损失" },
	{ "why", "Why", "原因" },
	{ "risk", "Whom it hides", "隐藏效果" },
	{ "not", "What it does not protect against", "不能防范什么" },
	{ "how", "How it was made", "如何生成" },
};
enum { WHAT, RULES, COST, WHY, RISK, NOT, HOW };

/* ---- the head ------------------------------------------------------------------------- */

static void report_head(struct page *p, const struct view_report *r)
{
	const bool dated = r->from[0] != '\0' && r->to[0] != '\0';
	char rows[PAGE_NUMBER_MAX], people[PAGE_NUMBER_MAX], days[96] = "", en[WORDS_MAX],
							     zh[WORDS_MAX];

	number_print(r->measures.rows - r->measures.suppressed, rows);
	number_print(r->measures.people, people);
	if (dated)
		snprintf(days, sizeof(days), "%.40s – %.40s: ", r->from, r->to);
	snprintf(en, sizeof(en),
	    "%s%s rows of %s people, so generalised that each of them looks like %u or more. No "
	    "person can be looked up from this page.",
	    days, rows, people, r->k);
	snprintf(zh, sizeof(zh),
	    "%s%s 行，%s 人；经泛化后，每个人都与 %u 人或更多人相同。无法从本页查到任何个人。",
	    days, rows, people, r->k);
	page_under(p, en, zh);
	snprintf(en, sizeof(en), "%.80s · release %" PRIu64, r->dataset, r->number);
	snprintf(zh, sizeof(zh), "%.80s · 第 %" PRIu64 " 期", r->dataset, r->number);
	page_under(p, en, zh);
}

static void report_verdict(struct page *p, const struct view_promise *v, size_t n)
{
	char en[WORDS_MAX], zh[WORDS_MAX];
	size_t broken = 0;

	for (size_t i = 0; i < n; i++)
		broken += !v[i].kept;
	if (broken == 0) {
		snprintf(en, sizeof(en),
		    "All %zu rules hold in the finished file. A checker that shares no code with "
		    "what made it counted again.",
		    n);
		snprintf(zh, sizeof(zh),
		    "成品文件满足全部 %zu 条规则，并由与生成程序不共用代码的检查器重新核对。", n);
	} else {
		snprintf(en, sizeof(en),
		    "%zu of %zu rules do not hold: this release must not be published.", broken, n);
		snprintf(zh, sizeof(zh), "有 %zu 条规则未满足（共 %zu 条）：本次发布不得公开。",
		    broken, n);
	}
	page_banner(p, broken == 0 ? PAGE_KEPT : PAGE_NOT_KEPT, en, zh);
}

/* A figure, and below it VALUE in a few words. */
struct tile_words {
	const char *en, *zh, *before_en, *after_en, *before_zh, *after_zh;
};

static void tile(struct page *p, const struct tile_words *w, const char *figure, const char *value)
{
	char en[96], zh[96];

	snprintf(en, sizeof(en), "%s%s%s", w->before_en, value, w->after_en);
	snprintf(zh, sizeof(zh), "%s%s%s", w->before_zh, value, w->after_zh);
	page_tile(p, w->en, w->zh, figure, en, zh);
	page_close(p);
}

static void report_tiles(struct page *p, const struct view_report *r)
{
	static const struct tile_words words[] = {
		{ "People", "人数", "", " rows", "", " 行" },
		{ "Classes", "等价类", "the smallest has ", " people", "最小的有 ", " 人" },
		{ "Information lost (GCP)", "信息损失（GCP）", "0 % is as it was, ", " is nothing",
		    "0 % 为原样，", " 为全无" },
		{ "Greatest risk to be found", "最大重识别风险", "", " on average", "平均 ", "" },
		{ "Rows left out", "未发布的行", "of ", "", "共 ", " 行" },
	};
	const struct release_measures *m = &r->measures;
	char figures[5][PAGE_NUMBER_MAX], values[5][PAGE_NUMBER_MAX] = { "", "", "100 %" };

	number_print(m->people, figures[0]);
	number_print(m->rows - m->suppressed, values[0]);
	number_print(m->classes, figures[1]);
	number_print(m->min_people, values[1]);
	percent_print(m->gcp_ppm, figures[2]);
	percent_print(m->risk_max_ppm, figures[3]);
	percent_print(m->risk_avg_ppm, values[3]);
	number_print(m->suppressed, figures[4]);
	number_print(m->rows, values[4]);
	page_tiles(p);
	for (size_t i = 0; i < 5; i++)
		tile(p, &words[i], figures[i], values[i]);
	page_close(p);
}

/* ---- what was released ---------------------------------------------------------------- */

static const struct plot_name kinds[] = {
	[VIEW_HIERARCHY] = { "by a tree of values", "按取值层级" },
	[VIEW_GRID] = { "by ranges of numbers", "按数值区间" },
	[VIEW_DATES] = { "by month, quarter, year", "按月、季、年" },
	[VIEW_PREFIXES] = { "by the beginning", "按前缀" },
};

static void column_row(struct page *p, const char *name, const char *unit, struct plot_name means,
    struct plot_name role)
{
	page_row(p);
	page_cell(p);
	page_code(p, name);
	page_cell_say(p, means.en, means.zh);
	if (unit != NULL && unit[0] != '\0')
		page_small(p, unit, NULL);
	page_cell_say(p, role.en, role.zh);
}

static void report_what(struct page *p, const struct view_report *r)
{
	static const struct page_column columns[] = {
		{ "Column", "列", PAGE_WORDS },
		{ "What it means", "含义", PAGE_WORDS },
		{ "How it is published", "如何发布", PAGE_WORDS },
		{ "Values it could have", "可能取值数", PAGE_FIGURES },
	};
	char en[WORDS_MAX], zh[WORDS_MAX];

	page_section(p, sections[WHAT]);
	page_cards(p, PAGE_WHOLE);
	page_card(p, NULL, NULL);
	page_table(p, "Published columns", "公开的列", columns, 4);
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct view_report_column *c = &r->columns[i];

		snprintf(en, sizeof(en), "generalised %s", kinds[c->kind].en);
		snprintf(zh, sizeof(zh), "泛化：%s", kinds[c->kind].zh);
		column_row(p, c->name, c->unit, (struct plot_name){ c->means, c->means_zh },
		    (struct plot_name){ en, zh });
		page_cell_number(p, (int64_t)c->leaves);
	}
	for (size_t i = 0; i < r->n_sensitive; i++) {
		const struct view_report_sensitive *s = &r->sensitive[i];

		column_row(p, s->name, s->unit, (struct plot_name){ s->means, s->means_zh },
		    (struct plot_name){ "sensitive: as it was, mixed within each class",
			"敏感列：保持原值，在等价类内混合" });
		page_cell_number(p, (int64_t)s->n_values);
	}
	for (size_t i = 0; i < r->n_plain; i++) {
		const struct view_report_plain *c = &r->plain[i];

		column_row(p, c->name, c->unit, (struct plot_name){ c->means, c->means_zh },
		    (struct plot_name){ "as it was: declared to say nothing of who it is",
			"保持原值：声明为不指向个人" });
	}
	page_close(p);
	page_close(p);
	page_close(p);
	snprintf(en, sizeof(en), "%" PRIu64 " other columns of the source were dropped.",
	    r->dropped);
	snprintf(zh, sizeof(zh), "来源中另有 %" PRIu64 " 列被丢弃。", r->dropped);
	page_note(p, PAGE_FROM_RELEASE, en, zh);
	page_close(p);
}

/* ---- its rules ------------------------------------------------------------------------ */

static void report_rules(struct page *p, const struct view_promise *v, size_t n)
{
	static const struct page_column columns[] = {
		{ "Rule", "规则", PAGE_WORDS },
		{ "Wanted", "要求", PAGE_FIGURES },
		{ "Found", "实测", PAGE_FIGURES },
		{ "Verdict", "结论", PAGE_PICTURE },
	};

	page_section(p, sections[RULES]);
	page_cards(p, PAGE_WHOLE);
	page_card(p, NULL, NULL);
	page_table(p, "Rules", "规则", columns, 4);
	for (size_t i = 0; i < n; i++) {
		page_row(p);
		page_cell_say(p, v[i].en, v[i].zh);
		page_cell_say(p, v[i].wanted, NULL);
		page_cell_say(p, v[i].found, NULL);
		page_cell(p);
		page_pill(p, v[i].kept ? PAGE_KEPT : PAGE_NOT_KEPT);
	}
	page_close(p);
	page_close(p);
	page_close(p);
	page_close(p);
}

/* ---- what it does not protect against ------------------------------------------------- */

static void report_not(struct page *p, const struct view_report *r)
{
	static const struct plot_name limits[] = {
		{ "Whoever knows that somebody is in it learns what is true of that person's whole "
		  "class, within the rules above.",
		    "知道某人在其中的人，可以得知其所在等价类的共同特征（在上述规则之内）。" },
		{ "It does not hide what is true of people in general: that a group is like this "
		  "is what it is published for.",
		    "它不隐藏群体的一般规律：这正是发布的目的。" },
		{ "It is no differential privacy: somebody who knows nearly everybody else in a "
		  "class learns more about the one who is left.",
		    "它不是差分隐私：若有人几乎认识同类中所有其他人，就能更多地了解剩下的那一位。" },
		{ "Its rules are about the columns that its spec calls identifying or sensitive. A "
		  "column that was called harmless by mistake is published as it is.",
		    "规则只覆盖说明中标为准标识或敏感的列；误标为无害的列会原样公开。" },
	};
	static const struct plot_name alone = {
		"It was made by itself: nothing is promised about what other releases of the same "
		"people say together with it.",
		"它是单独制作的：与同一人群的其他发布放在一起时不作任何保证。"
	};

	page_section(p, sections[NOT]);
	page_cards(p, PAGE_WHOLE);
	page_card(p, NULL, NULL);
	page_list(p);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		page_item(p, limits[i].en, limits[i].zh);
	if (!r->has_lineage)
		page_item(p, alone.en, alone.zh);
	page_close(p);
	page_close(p);
	page_close(p);
	page_close(p);
}

/* ---- how it was made ------------------------------------------------------------------ */

static void how_made(struct page *p, const struct view_report *r)
{
	const int64_t seconds = (int64_t)(r->made_ms / 1000);
	const struct civil_date day = civil_of_days(seconds / 86400);
	char percent[PERCENT_MAX];

	page_fact(p, "Tenant", "租户");
	page_code(p, r->tenant);
	page_fact(p, "Dataset, release", "数据集，期次");
	page_code(p, r->dataset);
	page_textf(p, " %" PRIu64, r->number);
	page_fact(p, "Made", "生成时间");
	page_textf(p, "%04" PRId64 "-%02u-%02u %02u:%02u UTC", day.year, day.month, day.day,
	    (unsigned)(seconds / 3600 % 24), (unsigned)(seconds / 60 % 60));
	page_fact(p, "Profile", "档位");
	page_code(p, r->profile);
	page_fact(p, "k, and rows that may be left out", "k 与可不发布的行");
	percent_print(r->suppression_ppm, percent);
	page_textf(p, "%u, %s", r->k, percent);
	page_fact(p, "Ties fell by a key with the SHA-256", "并列由密钥决定，其 SHA-256");
	page_code(p, r->seed);
}

static void how_checked(struct page *p, const struct view_report *r)
{
	page_fact(p, "Rows that the checker counted", "检查器清点的行");
	page_number(p, (int64_t)r->checked_rows);
	page_fact(p, "Classes that it counted", "检查器清点的等价类");
	page_number(p, (int64_t)r->checked_classes);
	page_fact(p, "People in its smallest class", "其最小等价类的人数");
	page_number(p, (int64_t)r->checked_min_people);
	if (!r->has_lineage)
		return;
	page_fact(p, "Since the last release: stayed, joined, left", "自上期：留下、加入、离开");
	page_number(p, (int64_t)r->lineage.stayed);
	page_raw(p, ", ");
	page_number(p, (int64_t)r->lineage.joined);
	page_raw(p, ", ");
	page_number(p, (int64_t)r->lineage.left);
	page_fact(p, "People who wait until enough can enter together",
	    "等待与足够多的人一同进入的人数");
	page_number(p, (int64_t)r->lineage.held_back);
	page_fact(p, "People who want to leave, and stay until enough can leave together",
	    "希望离开、须等足够多的人一同离开的人数");
	page_number(p, (int64_t)r->lineage.carried);
	page_fact(p, "Sensitive values that stay possible over all releases",
	    "跨全部期次仍可能的敏感取值");
	page_number(p, r->m);
}

static void report_how(struct page *p, const struct view_report *r)
{
	page_section(p, sections[HOW]);
	page_cards(p, PAGE_HALVES);
	page_card(p, "Parameters", "参数");
	page_facts(p);
	how_made(p, r);
	page_close(p);
	page_close(p);
	page_card(p, "Checked", "核对");
	page_facts(p);
	how_checked(p, r);
	page_close(p);
	page_close(p);
	page_close(p);
	page_close(p);
}

enum sc_err view_report_page(const struct view_report *r, struct sc_buf *out)
{
	struct view_promise promises[PROMISES_MAX];
	const size_t n = view_promises(r, promises);
	struct page p;

	page_begin(&p, out, PAGE_BOTH, r->title, r->title_zh);
	report_head(&p, r);
	page_body(&p);
	page_nav(&p, sections, sizeof(sections) / sizeof(sections[0]));
	report_verdict(&p, promises, n);
	report_tiles(&p, r);
	report_what(&p, r);
	report_rules(&p, promises, n);
	report_cost(&p, r, sections[COST]);
	report_why(&p, r, sections[WHY]);
	report_risk(&p, r, sections[RISK]);
	report_not(&p, r);
	report_how(&p, r);
	return page_end(&p);
}
