/*
 * say.c - the page's words, in tables.
 */
#include "analytics/market/say.h"

#include "analytics/market/group.h"
#include "analytics/market/iso_week.h"
#include "base/civil.h"
#include "base/text/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct say_words say_verdicts[VERDICTS] = {
	[VERDICT_NONE] = { "", "" },
	[VERDICT_SURE] = { "Sure", "确定" },
	[VERDICT_LIKELY] = { "Likely", "很可能" },
	[VERDICT_CANNOT_TELL] = { "Cannot tell", "无法判断" },
	[VERDICT_NOT_AN_EFFECT] = { "Not an effect", "不是效果" },
};

const struct say_words say_tiles[TILES] = {
	[TILE_VISITORS] = { "Visitors", "访客" },
	[TILE_BUYERS] = { "Buyers", "购买人数" },
	[TILE_ORDERS] = { "Orders", "订单数" },
	[TILE_REVENUE] = { "Revenue", "销售额" },
};

const struct say_words say_portraits[REPORT_PORTRAITS] = {
	{ "Heavy, steady", "高频稳定" },
	{ "Big, slowing", "放缓大客" },
	{ "One costly order", "一次高价" },
	{ "Fresh and light", "近期轻量" },
	{ "One small order", "一次小单" },
};

const struct say_words say_days[7] = {
	{ "Mon", "周一" },
	{ "Tue", "周二" },
	{ "Wed", "周三" },
	{ "Thu", "周四" },
	{ "Fri", "周五" },
	{ "Sat", "周六" },
	{ "Sun", "周日" },
};

const struct say_words say_long_days[7] = {
	{ "Monday", "周一" },
	{ "Tuesday", "周二" },
	{ "Wednesday", "周三" },
	{ "Thursday", "周四" },
	{ "Friday", "周五" },
	{ "Saturday", "周六" },
	{ "Sunday", "周日" },
};

static const struct say_segment segments[MARKET_SEGMENTS] = {
	{ "champions", { "Champions", "核心客" },
	    { "4+ orders, last within 8 weeks, much spent", "4 单以上，8 周内购买，累计消费高" },
	    { "Early access; no discount needed", "优先体验，无需折扣" } },
	{ "loyal", { "Loyal", "忠诚客" },
	    { "3+ orders, last within 13 weeks", "3 单以上，13 周内购买" },
	    { "Suggest what goes with what they bought", "推荐关联品类" } },
	{ "promising", { "Promising", "潜力客" },
	    { "2 orders, last within 13 weeks", "2 单，13 周内购买" },
	    { "Bundle within their price band", "按价格带推荐组合" } },
	{ "new", { "New", "新客" }, { "first order within 13 weeks", "13 周内首单" },
	    { "Win the second order within 30 days", "引导 30 天内下第二单" } },
	{ "at_risk", { "At risk", "流失风险" },
	    { "3+ orders, none for 13 weeks", "3 单以上，13 周未购买" },
	    { "Ask why, then one offer; hold out 20 %", "先问原因，再给一次优惠；留 20 % 对照" } },
	{ "asleep", { "Asleep", "沉睡客" },
	    { "1" SAY_DASH "2 orders, none for 13 weeks", "1" SAY_DASH "2 单，13 周未购买" },
	    { "One message a quarter, no more", "每季度至多一条消息" } },
	{ "looking", { "Only looking", "只看未买" }, { "no order in 40 weeks", "40 周内无订单" },
	    { "Do not message: views cost nothing", "不打扰，浏览没有成本" } },
};

const struct say_segment *say_segment_of(const char *id)
{
	for (size_t i = 0; i < MARKET_SEGMENTS; i++)
		if (strcmp(segments[i].id, id) == 0)
			return &segments[i];
	return NULL;
}

struct say_words say_word(const char *word)
{
	static const struct {
		const char *word;
		struct say_words said;
	} rows[] = {
		{ "app", { "App", "App" } },
		{ "mini_program", { "Mini program", "小程序" } },
		{ "h5", { "Mobile web", "H5 网页" } },
		{ "web", { "Web", "网页" } },
		{ "pc", { "PC", "电脑" } },
		{ "shop", { "Shop", "门店" } },
		{ "store", { "Store", "门店" } },
		{ "female", { "Women", "女" } },
		{ "male", { "Men", "男" } },
		{ "F", { "Women", "女" } },
		{ "M", { "Men", "男" } },
		{ "f", { "Women", "女" } },
		{ "m", { "Men", "男" } },
		{ "age", { "Age", "年龄" } },
		{ "sex", { "Sex", "性别" } },
		{ "gender", { "Sex", "性别" } },
		{ "region", { "Region", "地区" } },
		{ "province", { "Region", "地区" } },
		{ "(other)", { "Other", "其他" } },
		{ "(unknown)", { "Not said", "未知" } },
		{ "channel", { "Channel", "渠道" } },
		{ "other", { "Other", "其他" } },
		{ "unknown", { "Not known", "未知" } },
	};
	const struct say_segment *s = say_segment_of(word);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, word) == 0)
			return rows[i].said;
	return s != NULL ? s->name : (struct say_words){ word, word };
}

/* Append; what does not fit is cut between characters and ends in "...". */
static void append(char *out, size_t size, const char *text)
{
	static const char cut[] = "\xe2\x80\xa6";
	size_t n = strlen(out), room = size - n;

	if (strlen(text) < room) {
		memcpy(out + n, text, strlen(text) + 1);
		return;
	}
	if (room <= sizeof(cut))
		return;
	room -= sizeof(cut);
	while (room > 0) {
		const size_t one = utf8_length(sc_span_str(text));

		if (one == 0 || one > room)
			break;
		memcpy(out + n, text, one);
		n += one;
		room -= one;
		text += one;
	}
	memcpy(out + n, cut, sizeof(cut));
}

void say_group(const char *group, bool zh, char *out, size_t size)
{
	char one[128];

	out[0] = '\0';
	while (group != NULL) {
		const char *end = strstr(group, GROUP_SEPARATOR);
		const size_t n = end != NULL ? (size_t)(end - group) : strlen(group);

		snprintf(one, sizeof(one), "%.*s", (int)(n < 120 ? n : 120), group);
		append(out, size, zh ? say_word(one).zh : say_word(one).en);
		if (end != NULL)
			append(out, size, " + ");
		group = end != NULL ? end + strlen(GROUP_SEPARATOR) : NULL;
	}
}

void say_together(char *text, size_t size)
{
	if (strlen(text) > 16)
		return;
	for (char *at = text; (at = strchr(at, ' ')) != NULL && strlen(text) + 2 <= size; at += 2) {
		memmove(at + 2, at + 1, strlen(at));
		at[0] = (char)0xc2;
		at[1] = (char)0xa0;
	}
}

void say_number(double v, char out[static SAY_NUMBER])
{
	char digits[24], *at = out;
	const double whole = fabs(round(v));

	snprintf(digits, sizeof(digits), "%.0f", whole < 1e15 ? whole : 1e15);
	const size_t n = strlen(digits);

	if (round(v) < 0)
		at += snprintf(at, 4, SAY_MINUS);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
}

void say_signed(double v, char out[static SAY_NUMBER])
{
	char plain[SAY_NUMBER];

	say_number(v, plain);
	snprintf(out, SAY_NUMBER, "%s%.30s", round(v) > 0 ? "+" : "", plain);
}

void say_percent(double v, char out[static SAY_NUMBER])
{
	char plain[SAY_NUMBER];

	say_number(v * 100, plain);
	snprintf(out, SAY_NUMBER, "%.28s %%", plain);
}

void say_change(double v, char out[static SAY_NUMBER])
{
	char plain[SAY_NUMBER];

	say_signed(v * 100, plain);
	snprintf(out, SAY_NUMBER, "%.28s %%", plain);
}

struct say_words say_month(int64_t month)
{
	static const struct say_words names[12] = { { "Jan", "1 月" }, { "Feb", "2 月" },
		{ "Mar", "3 月" }, { "Apr", "4 月" }, { "May", "5 月" }, { "Jun", "6 月" },
		{ "Jul", "7 月" }, { "Aug", "8 月" }, { "Sep", "9 月" }, { "Oct", "10 月" },
		{ "Nov", "11 月" }, { "Dec", "12 月" } };

	return names[iso_month_of_year(month) - 1];
}

void say_week(int64_t monday, bool zh, char *out, size_t size)
{
	static const char *const names[12] = { "January", "February", "March", "April", "May",
		"June", "July", "August", "September", "October", "November", "December" };
	const struct civil_date a = civil_of_days(monday), b = civil_of_days(monday + 6);
	char from[32] = "", to[32];

	if (zh) {
		if (a.month != b.month)
			snprintf(to, sizeof(to), "%u 月 %u 日", b.month, b.day);
		else
			snprintf(to, sizeof(to), "%u 日", b.day);
		snprintf(out, size, "%d 年 %u 月 %u 日 " SAY_DASH " %s", (int)a.year, a.month,
		    a.day, to);
		return;
	}
	if (a.month != b.month)
		snprintf(from, sizeof(from), " %s", names[a.month - 1]);
	if (a.year != b.year)
		snprintf(from, sizeof(from), " %s %d", names[a.month - 1], (int)a.year);
	snprintf(out, size, "%u%s " SAY_DASH " %u %s %d", a.day, from, b.day, names[b.month - 1],
	    (int)b.year);
}
