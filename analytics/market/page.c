/*
 * page.c - the page from top to bottom.
 */
#include "analytics/market/page.h"

#include "analytics/market/iso_week.h"

#include <math.h>
#include <stdio.h>

#define TEXT 512

/* ---- the head ------------------------------------------------------------------------ */

static void write_head(struct page *p, const struct market_report *r, struct sc_buf *out,
    enum page_language l)
{
	const struct market_data *m = r->data;
	char en[TEXT], zh[TEXT], week[96], week_zh[96], people[SAY_NUMBER];

	snprintf(en, sizeof(en), "Marketing report, week %u", iso_week_number(m->week));
	snprintf(zh, sizeof(zh), "营销周报，第 %u 周", iso_week_number(m->week));
	page_begin(p, out, l, en, zh);
	say_week(m->week, false, week, sizeof(week));
	say_week(m->week, true, week_zh, sizeof(week_zh));
	say_number(r->segments.people, people);
	snprintf(en, sizeof(en),
	    "%s. About the %s customers who agreed to analysis. Made from anonymous "
	    "data only: no person can be looked up from this page.",
	    week, people);
	snprintf(zh, sizeof(zh),
	    "%s。基于同意分析的 %s 位客户。全部来自匿名数据，从本页查不到任何个人。", week_zh,
	    people);
	page_under(p, en, zh);
	snprintf(en, sizeof(en), "release %llu%s%s%s", (unsigned long long)m->cube,
	    m->checked ? " · checked" : "", m->next[0] != '\0' ? " · next one " : "", m->next);
	snprintf(zh, sizeof(zh), "第 %llu 期发布%s%s%s", (unsigned long long)m->cube,
	    m->checked ? " · 已校验" : "", m->next[0] != '\0' ? " · 下期 " : "", m->next);
	page_under(p, en, zh);
	page_body(p);
}

static enum page_verdict verdict_of(enum report_verdict v)
{
	static const enum page_verdict of[VERDICTS] = {
		[VERDICT_NONE] = PAGE_CANNOT_TELL,
		[VERDICT_SURE] = PAGE_SURE,
		[VERDICT_LIKELY] = PAGE_LIKELY,
		[VERDICT_CANNOT_TELL] = PAGE_CANNOT_TELL,
		[VERDICT_NOT_AN_EFFECT] = PAGE_NOT_AN_EFFECT,
	};

	return of[v];
}

static void write_findings(struct page *p, const struct market_report *r)
{
	page_findings(p);
	for (size_t i = 0; i < REPORT_FINDINGS; i++)
		page_finding(p, verdict_of(r->findings[i].verdict), r->findings[i].text.en,
		    r->findings[i].text.zh);
	page_close(p);
}

/* ---- tiles --------------------------------------------------------------------------- */

/* Arrow and words of a change; within chance it says so. */
static void say_tile_change(const struct report_tile *t, bool zh, char *out, size_t size)
{
	char change[SAY_NUMBER];

	say_percent(fabs(t->change.value), change);
	if (!t->has_change)
		snprintf(out, size, "%s",
		    zh ? "前四周未全部发布" : "four weeks before not all published");
	else if (t->p >= 0.05)
		snprintf(out, size, "%s",
		    zh ? "与前 4 周持平（在偶然范围内）" : "as in the 4 weeks before");
	else
		snprintf(out, size, "%s %s %s", t->change.value < 0 ? "▼" : "▲", change,
		    zh ? "对比前 4 周" : "on the 4 weeks before");
}

static void write_tile(struct page *p, const struct market_report *r, size_t i)
{
	const struct report_tile *t = &r->tiles[i];
	const bool money = i == TILE_REVENUE;
	char number[SAY_NUMBER], figure[SAY_NUMBER + 4], en[TEXT], zh[TEXT], name_en[64],
	    name_zh[64];

	say_number(money ? t->value / 100 : t->value, number);
	snprintf(figure, sizeof(figure), "%s%s", money ? SAY_CURRENCY : "", number);
	say_tile_change(t, false, en, sizeof(en));
	say_tile_change(t, true, zh, sizeof(zh));
	page_tile(p, say_tiles[i].en, say_tiles[i].zh, figure, en, zh);
	snprintf(name_en, sizeof(name_en), "%s, %zu weeks", say_tiles[i].en, t->n_spark);
	snprintf(name_zh, sizeof(name_zh), "%s，%zu 周", say_tiles[i].zh, t->n_spark);
	plot_spark(p, (struct plot_name){ name_en, name_zh }, t->spark, t->n_spark, 150, 34);
	page_close(p);
}

static void write_again(struct page *p, const struct report_again *a)
{
	const struct plot_name name = { "Buyers who had bought before", "老客占购买人数" };
	char figure[SAY_NUMBER], en[TEXT], zh[TEXT];
	const double points = a->points * 100;

	say_percent(a->share.value, figure);
	snprintf(en, sizeof(en), "%+.1f points in 4 weeks%s", points,
	    fabs(a->points) < a->half ? ": no change" : "");
	snprintf(zh, sizeof(zh), "4 周 %+.1f 个百分点%s", points,
	    fabs(a->points) < a->half ? "：无变化" : "");
	if (!a->known)
		page_tile(p, name.en, name.zh, SAY_DASH, "not published this week", "本周未发布");
	else if (!a->has_change)
		page_tile(p, name.en, name.zh, figure, "nothing to compare with", "尚无可比数据");
	else
		page_tile(p, name.en, name.zh, figure, en, zh);
	if (a->known)
		plot_meter(p, name, (int64_t)round(a->share.value * 1000), 1000);
	page_close(p);
}

static void write_tiles(struct page *p, const struct market_report *r)
{
	page_tiles(p);
	for (size_t i = 0; i < TILES; i++)
		write_tile(p, r, i);
	write_again(p, &r->again);
	page_close(p);
	page_of_cube(p, r, "dots are this week, lines 26 weeks", "圆点为本周，折线为 26 周");
}

/* ---- the end ------------------------------------------------------------------------- */

static void write_campaigns(struct page *p)
{
	page_section(p, (struct page_link){ "campaigns", "What campaigns did", "活动效果" });
	page_cards(p, PAGE_WHOLE);
	page_card(p, NULL, NULL);
	page_pill(p, PAGE_NOT_MEASURED);
	page_paragraph(p,
	    "What a campaign brought can only be told against people who were held out by lot, and "
	    "counted with noise from the privacy budget. None has been measured so, and nothing "
	    "is printed here: a difference between those who got a message and those who did not "
	    "would be a difference between people, not an effect.",
	    "活动带来了什么，只有与抽签留出的对照组相比才能知道，并须动用隐私预算加噪计数。目前还没有这样测量过的活动，"
	    "所以这里不显示任何数字：收到消息的人与没收到的人之间的差别，只是人群差别，不是效果。");
	page_close(p);
	page_close(p);
	page_close(p);
}

static void cost_row(struct page *p, const char *en, const char *zh, const char *from_en,
    const char *from_zh)
{
	page_row(p);
	page_cell_say(p, en, zh);
	page_cell_say(p, from_en, from_zh);
	page_cell_number(p, 0);
	page_cell_say(p, "already released", "早已发布");
}

static void write_cost(struct page *p, const struct market_report *r)
{
	static const struct page_column columns[] = { { "Numbers", "数字", PAGE_WORDS },
		{ "Where they came from", "来源", PAGE_WORDS },
		{ "Privacy cost (rho)", "隐私成本（rho）", PAGE_FIGURES },
		{ "Note", "说明", PAGE_REMARK } };
	const struct asker_account *a = &r->data->account;
	char cube[64], cube_zh[64], view[64], view_zh[64], en[TEXT], zh[TEXT];

	snprintf(cube, sizeof(cube), "weekly cube %llu", (unsigned long long)r->data->cube);
	snprintf(cube_zh, sizeof(cube_zh), "每周汇总第 %llu 期", (unsigned long long)r->data->cube);
	snprintf(view, sizeof(view), "released view %llu",
	    (unsigned long long)r->data->view.manifest.number);
	snprintf(view_zh, sizeof(view_zh), "匿名视图第 %llu 期",
	    (unsigned long long)r->data->view.manifest.number);
	page_section(p, (struct page_link){ "cost", "What this page cost", "隐私成本" });
	page_cards(p, PAGE_WHOLE);
	page_card(p, NULL, NULL);
	page_table(p, "What this page cost", "本页的隐私成本", columns, 4);
	cost_row(p, "Tiles, segments, categories, hours, cohorts", "总览、分群、品类、时段、同期群",
	    cube, cube_zh);
	if (!r->data->view.missing)
		cost_row(p, "Heat map and portraits", "热力图与画像", view, view_zh);
	page_close(p);
	page_close(p);
	page_close(p);
	snprintf(en, sizeof(en),
	    "Nothing was taken from the privacy budget. %llu questions were asked; each stands "
	    "in the query server's log, records %llu to %llu.",
	    (unsigned long long)a->questions, (unsigned long long)a->first,
	    (unsigned long long)a->last);
	snprintf(zh, sizeof(zh),
	    "没有动用隐私预算。共提出 %llu 个查询，均记入查询服务的日志，记录号 %llu 至 %llu。",
	    (unsigned long long)a->questions, (unsigned long long)a->first,
	    (unsigned long long)a->last);
	page_note(p, PAGE_NO_SOURCE, en, zh);
	page_close(p);
}

static void write_reading(struct page *p)
{
	static const struct {
		enum page_verdict verdict;
		const char *en, *zh;
	} rows[] = {
		{ PAGE_SURE, "more than chance, after correction for everything that was tested",
		    "校正全部检验之后仍超出偶然" },
		{ PAGE_LIKELY, "more than chance before that correction", "校正之前超出偶然" },
		{ PAGE_CANNOT_TELL, "within chance, too few people, or not published",
		    "在偶然范围内、人数太少，或没有发布" },
		{ PAGE_NOT_AN_EFFECT, "a true difference, but nobody was held out by lot",
		    "差别属实，但没有随机对照" },
	};

	page_section(p, (struct page_link){ "reading", "How to read it", "如何阅读" });
	page_lead(p,
	    "Groups of too few people are folded into a neighbour and shown as one group with all "
	    "its members; "
	    "they are never split. Intervals hold the truth 95 times in 100; counts are given 1.3 "
	    "times the "
	    "variance of pure chance, for the same people come again. The same numbers lie beside "
	    "this file as "
	    "CSV and JSON.",
	    "人数过少的组并入邻组，作为一个整体显示并列出全部成员，从不拆分。区间在 100 次中有 95 次包含真值；因为同一批人会"
	    "重复到访，计数的方差按纯偶然的 1.3 倍计算。同样的数字以 CSV 与 JSON 放在本文件旁。");
	page_findings(p);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		page_finding(p, rows[i].verdict, rows[i].en, rows[i].zh);
	page_close(p);
	page_close(p);
}

enum sc_err market_page_write(const struct market_report *r, enum page_language l,
    struct sc_buf *out)
{
	static const struct page_link links[] = { { "who", "Who they are", "客户是谁" },
		{ "want", "What they want", "想要什么" }, { "when", "When and where", "何时何处" },
		{ "stay", "Who stays", "谁会留下" },
		{ "campaigns", "What campaigns did", "活动效果" },
		{ "cost", "What this page cost", "隐私成本" },
		{ "reading", "How to read it", "如何阅读" } };
	struct page p;

	write_head(&p, r, out, l);
	page_nav(&p, links, sizeof(links) / sizeof(links[0]));
	write_findings(&p, r);
	write_tiles(&p, r);
	page_who(&p, r);
	page_want(&p, r);
	page_when(&p, r);
	page_stay(&p, r);
	write_campaigns(&p);
	write_cost(&p, r);
	write_reading(&p);
	return page_end(&p);
}
