/*
 * findings.c - five sentences, each with a verdict that its own figures give it.
 *
 * Sure: beyond chance after correction for everything that was tried. Likely: before it.
 * Cannot tell: within chance, or not published. Not an effect: a difference, but nobody was
 * held out by lot, so nothing that was done can be named as its cause.
 */
#include "analytics/market/say.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define P_SURE 0.01
#define P_LIKELY 0.05
#define NAMES_MAX 3 /* categories named in a sentence */

__attribute__((format(printf, 2, 3))) static void put_en(struct report_text *t, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->en, sizeof(t->en), fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 2, 3))) static void put_zh(struct report_text *t, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->zh, sizeof(t->zh), fmt, ap);
	va_end(ap);
}

/* An interval of a ratio, in percent: "+6", "+22". */
struct said_range {
	char value[SAY_NUMBER], low[SAY_NUMBER], high[SAY_NUMBER];
};

static struct said_range say_range(const struct stats_range *r)
{
	struct said_range s = { .value = "" };

	say_change(r->value, s.value);
	say_signed(r->low * 100, s.low);
	say_signed(r->high * 100, s.high);
	return s;
}

/* ---- the week ------------------------------------------------------------------------ */

static void about_week(const struct market_report *r, struct report_finding *f)
{
	const struct report_tile *t = &r->tiles[TILE_BUYERS];
	const struct said_range s = say_range(&t->change);
	char n[SAY_NUMBER];

	say_number(t->value, n);
	f->verdict = VERDICT_CANNOT_TELL;
	if (!t->has_change) {
		put_en(&f->text,
		    "%s people bought this week. There is nothing to hold it against: the four "
		    "weeks before are not all published.",
		    n);
		put_zh(&f->text, "本周 %s 人购买。前四周尚未全部发布，无从比较。", n);
		return;
	}
	if (t->p >= P_SURE) {
		put_en(&f->text,
		    "%s people bought this week. Against the four weeks before (%s, 95 %%: %s "
		    "to %s) that is within chance.",
		    n, s.value, s.low, s.high);
		put_zh(&f->text,
		    "本周 %s 人购买，与前四周相比（%s，95 %%：%s 至 %s）在偶然波动范围内。", n,
		    s.value, s.low, s.high);
		return;
	}
	f->verdict = VERDICT_NOT_AN_EFFECT;
	put_en(&f->text,
	    "Buyers are at %s against the four weeks before (95 %%: %s to %s). Nobody was held "
	    "out by lot, so it cannot be called the effect of anything that was done.",
	    s.value, s.low, s.high);
	put_zh(&f->text,
	    "本周购买人数比前四周 %s（95 %%：%s 至 %s）。没有随机留出的对照组，不能归功于任何一项动作。",
	    s.value, s.low, s.high);
}

/* ---- categories ---------------------------------------------------------------------- */

/* Names and changes of those that WANTED says, a few of them. */
static size_t name_changes(const struct report_categories *c,
    bool (*wanted)(const struct report_category *), bool zh, char *out, size_t size)
{
	size_t n = 0, at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < c->n; i++) {
		const struct said_range s = say_range(&c->v[i].change);
		char name[64];

		if (!c->v[i].tested || !wanted(&c->v[i]) || n++ >= NAMES_MAX)
			continue;
		say_group(c->v[i].group, zh, name, sizeof(name));
		const int k = snprintf(out + at, size - at, zh ? "%s%s（%s）" : "%s%s (%s)",
		    at == 0 ? "" :
			zh  ? "、" :
			      ", ",
		    name, s.value);

		at += k > 0 && (size_t)k < size - at ? (size_t)k : 0;
	}
	return n;
}

static bool is_found(const struct report_category *c)
{
	return c->found;
}

static bool is_likely(const struct report_category *c)
{
	return c->p < P_LIKELY && fabs(c->change.value) >= REPORT_CHANGE;
}

static void about_categories(const struct market_report *r, struct report_finding *f)
{
	const struct report_categories *c = &r->categories;
	char en[224], zh[224];
	size_t n;

	f->verdict = VERDICT_CANNOT_TELL;
	if (c->tested == 0) {
		put_en(&f->text,
		    "No category's trend can be told: none was published in its own right in each "
		    "of the last eight weeks.");
		put_zh(&f->text, "无法判断品类趋势：最近八周没有任何品类每周都单独发布。");
		return;
	}
	if ((n = name_changes(c, is_found, false, en, sizeof(en))) > 0) {
		f->verdict = VERDICT_SURE;
		name_changes(c, is_found, true, zh, sizeof(zh));
		put_en(&f->text,
		    "%zu of %zu categories changed their share of visits in four weeks by more "
		    "than "
		    "chance: %s%s (1 %% false finds allowed).",
		    n, c->tested, en, n > NAMES_MAX ? " and others" : "");
		put_zh(&f->text,
		    "%zu 个品类中有 %zu 个的访问占比在四周内变化超出偶然：%s%s（误报率 1 %%）。",
		    c->tested, n, zh, n > NAMES_MAX ? " 等" : "");
		return;
	}
	if ((n = name_changes(c, is_likely, false, en, sizeof(en))) > 0) {
		f->verdict = VERDICT_LIKELY;
		name_changes(c, is_likely, true, zh, sizeof(zh));
		put_en(&f->text,
		    "%s may be moving, but among %zu categories that were tested such a change can "
		    "be chance: look again next week.",
		    en, c->tested);
		put_zh(&f->text, "%s 可能在变化；但检验了 %zu 个品类，也可能只是偶然，请下周再看。",
		    zh, c->tested);
		return;
	}
	put_en(&f->text,
	    "No category is rising or falling more than chance would have it (%zu tested, 1 %% "
	    "false finds allowed).",
	    c->tested);
	put_zh(&f->text, "没有品类的涨跌超出偶然（检验 %zu 个，误报率 1 %%）。", c->tested);
}

/* ---- segments ------------------------------------------------------------------------ */

/* The row of one segment alone, or NULL. */
static const struct report_segment *segment_of(const struct market_report *r, const char *id)
{
	for (size_t i = 0; i < r->segments.n; i++)
		if (strcmp(r->segments.v[i].group, id) == 0)
			return &r->segments.v[i];
	return NULL;
}

static void about_segments(const struct market_report *r, struct report_finding *f)
{
	const struct report_segment *a = segment_of(r, "champions"), *b = segment_of(r, "loyal"),
				    *gone = segment_of(r, "at_risk");
	char n[SAY_NUMBER], share[SAY_NUMBER], money[SAY_NUMBER], quiet[SAY_NUMBER];

	if (a == NULL)
		a = segment_of(r, "champions | loyal");
	f->verdict = VERDICT_CANNOT_TELL;
	if ((a == NULL && b == NULL) || r->segments.people < 1) {
		put_en(&f->text,
		    "Who brings the revenue cannot be told: the loyal segments are too small to be "
		    "published by themselves.");
		put_zh(&f->text, "无法判断销售额由谁带来：忠诚分群人数太少，未单独发布。");
		return;
	}
	const double people = (a != NULL ? a->people : 0) + (b != NULL ? b->people : 0);
	const bool known = (a == NULL || a->revenue_share.known) &&
	    (b == NULL || b->revenue_share.known);

	say_number(people, n);
	say_percent(people / r->segments.people, share);
	say_percent((a != NULL ? a->revenue_share.v : 0) + (b != NULL ? b->revenue_share.v : 0),
	    money);
	say_number(gone != NULL ? gone->people : 0, quiet);
	f->verdict = known ? VERDICT_SURE : VERDICT_CANNOT_TELL;
	put_en(&f->text,
	    "%s champions and loyal customers, %s of people, make %s of revenue%s%s%s.", n, share,
	    known ? money : "an unknown part", gone != NULL ? "; " : "", gone != NULL ? quiet : "",
	    gone != NULL ? " good customers have not ordered for 13 weeks" : "");
	put_zh(&f->text, "%s 位核心与忠诚客户占人数的 %s、销售额的 %s%s%s%s。", n, share,
	    known ? money : "未知部分", gone != NULL ? "；另有 " : "", gone != NULL ? quiet : "",
	    gone != NULL ? " 位好客户已 13 周未下单" : "");
}

/* ---- when ---------------------------------------------------------------------------- */

/* The hour that is best in every channel; REPORT_HOURS: they differ, or are not known. */
static size_t common_hour(const struct report_hours *h, bool *sure)
{
	*sure = true;
	for (size_t c = 0; c < h->n; c++) {
		if (h->best[c] == REPORT_HOURS || h->best[c] != h->best[0])
			return REPORT_HOURS;
		*sure = *sure && h->sure[c];
	}
	return h->n > 0 ? h->best[0] : REPORT_HOURS;
}

static size_t busiest_hour(const struct report_hours *h)
{
	size_t best = 0;

	for (size_t i = 1; i < REPORT_HOURS; i++)
		best = h->all[i] > h->all[best] ? i : best;
	return best;
}

static void about_when(const struct market_report *r, struct report_finding *f)
{
	const struct report_hours *h = &r->hours;
	const struct report_weekdays *d = &r->weekdays;
	bool sure = false;
	const size_t hour = common_hour(h, &sure),
		     busy = hour < REPORT_HOURS ? hour : busiest_hour(h);
	size_t best = 0;
	char more[SAY_NUMBER];

	for (size_t i = 1; i < 7; i++)
		best = d->v[i].value > d->v[best].value ? i : best;
	say_change(d->v[best].value, more);
	if (h->n == 0 || h->all[busy] < 1 || !d->known) {
		f->verdict = VERDICT_CANNOT_TELL;
		put_en(&f->text,
		    "When people come cannot be told: hours or days of the week are folded "
		    "together "
		    "or not published.");
		put_zh(&f->text, "无法判断到访时间：时段或星期已并组，或尚未发布。");
		return;
	}
	sure = sure && hour < REPORT_HOURS;
	f->verdict = sure && d->v[best].low > 0 ? VERDICT_SURE :
	    d->v[best].low > 0                  ? VERDICT_LIKELY :
						  VERDICT_CANNOT_TELL;
	put_en(&f->text,
	    "Most visitors come around %zu:00%s; %s sells best, %s against an average day%s.", busy,
	    hour < REPORT_HOURS ? " in every channel" : ", though channels differ",
	    say_long_days[best].en, more, d->v[best].low > 0 ? "" : " (within chance)");
	put_zh(&f->text, "访客高峰在 %zu 点前后%s；%s购买最多，相对日均 %s%s。", busy,
	    hour < REPORT_HOURS ? "，各渠道一致" : "，各渠道有差异", say_long_days[best].zh, more,
	    d->v[best].low > 0 ? "" : "（在偶然范围内）");
}

/* ---- who stays ----------------------------------------------------------------------- */

static void about_stay(const struct market_report *r, struct report_finding *f)
{
	const struct report_cohorts *c = &r->cohorts;

	f->verdict = VERDICT_CANNOT_TELL;
	if (!c->has_next) {
		put_en(&f->text,
		    "Who stays cannot be told yet: no month after a first order is published.");
		put_zh(&f->text, "尚无法判断谁会留下：首单之后的月份还没有发布。");
		return;
	}
	f->verdict = VERDICT_SURE;
	put_en(&f->text,
	    "Of 100 people who order for the first time, %.0f order again in the month after "
	    "(95 %%: %.0f to %.0f).",
	    100 * c->next.value, 100 * c->next.low, 100 * c->next.high);
	put_zh(&f->text, "每 100 位首次下单的客户，次月有 %.0f 位再次下单（95 %%：%.0f 至 %.0f）。",
	    100 * c->next.value, 100 * c->next.low, 100 * c->next.high);
}

static void stay_in_words(const struct market_report *r, struct report_text *t)
{
	const struct report_cohorts *c = &r->cohorts;

	if (!c->has_next) {
		put_en(t, "No month after a first order is published yet.");
		put_zh(t, "首单之后的月份还没有发布。");
		return;
	}
	put_en(t,
	    "Between %.0f and %.0f people in 100 buy again in the month after their first order on "
	    "record. The first months may look better than they are: customers from before the "
	    "records began fall into them. A blank is fewer than %u people, or was folded.",
	    100 * c->low, 100 * c->high, (unsigned)r->data->floor);
	put_zh(t,
	    "每百位首次下单者中有 %.0f" SAY_DASH
	    "%.0f 位在次月再次购买。最早几个月可能偏高，因为记录开始之前的"
	    "老客也算在其中。空白表示不足 %u 人，或已并组。",
	    100 * c->low, 100 * c->high, (unsigned)r->data->floor);
}

void report_findings(struct market_report *r)
{
	static void (*const about[REPORT_FINDINGS])(const struct market_report *,
	    struct report_finding *) = {
		about_categories,
		about_segments,
		about_week,
		about_when,
		about_stay,
	};

	for (size_t i = 0; i < REPORT_FINDINGS; i++)
		about[i](r, &r->findings[i]);
	stay_in_words(r, &r->stay);
}
