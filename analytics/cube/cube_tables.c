/*
 * cube_tables.c - the tables, and what they and their columns mean: the dictionary that goes
 * with every release.
 */
#include "analytics/cube/cube_private.h"

#include <stdio.h>
#include <string.h>

#define DIM(name, means, zh) \
	{ \
		name, SHELF_TEXT, SHELF_DIMENSION, "", means, zh \
	}
#define NUM(name, unit, means, zh) \
	{ \
		name, SHELF_INTEGER, SHELF_MEASURE, unit, means, zh \
	}
#define TOLD "; 0: nobody, or too few to be told"
#define TOLD_ZH "；0 表示没有或人数太少不予公布"

#define WEEK_DIM DIM("week", "ISO 8601 week by the shop's clock", "按店铺时钟的 ISO 8601 周")
#define MONTH_DIM DIM("month", "month by the shop's clock", "按店铺时钟的月份")
#define CATEGORY_DIM DIM("category", "category of the goods", "商品品类")
#define BAND_DIM \
	DIM("band", "price of an order's line, in the currency", "订单行的价格带（货币单位）")
#define SEGMENT_DIM \
	DIM("segment", "one of seven segments, at the end of the week", "周末时所属的七个分群之一")
#define VISITORS \
	NUM("visitors", "people", "consented accounts that did anything", \
	    "有任何行为的已同意账户数")
#define BUYERS NUM("buyers", "people", "people with an order" TOLD, "下过订单的人数" TOLD_ZH)
#define ORDERS \
	NUM("orders", "orders", "orders; of one person in a week at most 32" TOLD, \
	    "订单数；每人每周最多计 32 单" TOLD_ZH)
#define REVENUE \
	NUM("revenue", "cents", \
	    "what was ordered, each person's cut to the week's cap, refunds not taken off" TOLD, \
	    "订购金额，每人按当周上限截断，不扣除退款" TOLD_ZH)
#define PEOPLE \
	NUM("people", "people", "people who did anything in the last 40 weeks", \
	    "最近 40 周内有行为的人数")
#define FOLDED \
	{ \
		"folded", SHELF_INTEGER, SHELF_FOLDED, "cells", \
		    "how many cells the row is of; 1: a cell of its own", \
		    "该行包含的单元格数；1 表示独立单元格" \
	}

static const struct shelf_column week_columns[] = { WEEK_DIM, VISITORS, BUYERS, ORDERS, REVENUE,
	NUM("bought_before", "people", "of the buyers those with an order in an earlier week" TOLD,
	    "购买者中此前某周下过订单的人数" TOLD_ZH) };
static const struct shelf_column visitors_category[] = { WEEK_DIM, CATEGORY_DIM,
	NUM("visitors", "people", "people who looked at the category, or bought in it",
	    "浏览或购买过该品类的人数"),
	FOLDED };
static const struct shelf_column buyers_category[] = { WEEK_DIM, CATEGORY_DIM, BUYERS,
	NUM("orders", "orders", "orders with a line of the category", "含该品类订单行的订单数"),
	NUM("revenue", "cents", "their lines of the category, each person's cut to the week's cap",
	    "该品类订单行金额，每人按当周上限截断"),
	FOLDED };
static const struct shelf_column buyers_band[] = { WEEK_DIM, BAND_DIM, BUYERS,
	NUM("lines", "lines", "lines of orders in the band", "该价格带的订单行数"), FOLDED };
static const struct shelf_column visitors_hour[] = { WEEK_DIM,
	DIM("channel", "where the visit came from", "访问来源渠道"),
	DIM("hour", "hour of the shop's clock, 00 to 23", "店铺时钟的小时，00 至 23"), VISITORS,
	FOLDED };
static const struct shelf_column buyers_weekday[] = { WEEK_DIM,
	DIM("weekday", "day of the week by the shop's clock", "按店铺时钟的星期几"), BUYERS,
	FOLDED };
static const struct shelf_column segments[] = { WEEK_DIM, SEGMENT_DIM, PEOPLE, BUYERS, ORDERS,
	REVENUE, FOLDED };
static const struct shelf_column segment_channel[] = { WEEK_DIM, SEGMENT_DIM,
	DIM("channel", "the channel that they used most in 40 weeks", "40 周内最常用的渠道"),
	PEOPLE, FOLDED };
static const struct shelf_column segment_trait[] = { WEEK_DIM, SEGMENT_DIM,
	DIM("value", "the trait's word or band, as it is known now",
	    "该特征的取值或区间（当前所知）"),
	PEOPLE, FOLDED };
static const struct shelf_column cohorts[] = {
	DIM("first_month", "month of the first order on record", "有记录的首单月份"), MONTH_DIM,
	NUM("buyers", "people",
	    "people with an order in the month; where both months are one, all of the cohort",
	    "该月下过订单的人数；两月相同时即为全部同期群"),
	FOLDED
};
static const struct shelf_column month_category_band[] = { MONTH_DIM, CATEGORY_DIM, BAND_DIM,
	BUYERS, FOLDED };
static const struct shelf_column quarters[] = {
	DIM("quarter", "thirteen whole weeks, told by their last", "十三个整周，以最后一周表示"),
	DIM("segment", "segment at the end of the week before the quarter",
	    "季度开始前一周末的分群"),
	NUM("people", "people", "people of the segment then, as published",
	    "当时该分群已公布的人数"),
	NUM("buyers", "people", "of them those with an order in the quarter" TOLD,
	    "其中季度内下过订单的人数" TOLD_ZH),
	NUM("orders", "orders", "their orders in the quarter" TOLD, "他们在季度内的订单数" TOLD_ZH),
	FOLDED
};
static const struct shelf_column caps[] = { WEEK_DIM,
	NUM("cap", "cents", "what a person's revenue of the week is cut to",
	    "每人当周金额的截断上限") };
static const struct shelf_column calendar[] = { { "number", SHELF_INTEGER, SHELF_MEASURE, "",
						    "of the release", "发布编号" },
	DIM("from_day", "first day that the release added", "该次发布新增的第一天"),
	DIM("to_day", "last day that it added", "该次发布新增的最后一天"),
	DIM("made", "day on which it was made, UTC", "生成日期（UTC）"),
	DIM("next", "first day on which the next one can be made", "下一次最早可生成的日期") };

#define TABLE(name, means, zh, columns) \
	{ \
		name, means, zh, columns, sizeof(columns) / sizeof(*(columns)), 0 \
	}
static const struct shelf_table known[CUBE_SEGMENT_TRAIT] = {
	[CUBE_WEEK] = TABLE("week", "each week in five numbers", "每周的五个数字", week_columns),
	[CUBE_VISITORS_CATEGORY] = TABLE("visitors_category",
	    "visitors by category; one may be in several", "按品类的访客；一人可在多个品类",
	    visitors_category),
	[CUBE_BUYERS_CATEGORY] = TABLE("buyers_category",
	    "buyers by category; one may be in several", "按品类的购买者；一人可在多个品类",
	    buyers_category),
	[CUBE_BUYERS_BAND] = TABLE("buyers_band", "buyers by price band of what they bought",
	    "按所购商品价格带的购买者", buyers_band),
	[CUBE_VISITORS_HOUR] = TABLE("visitors_hour", "visitors by channel and hour",
	    "按渠道和小时的访客", visitors_hour),
	[CUBE_BUYERS_WEEKDAY] = TABLE("buyers_weekday", "buyers by day of the week",
	    "按星期几的购买者", buyers_weekday),
	[CUBE_SEGMENTS_TABLE] = TABLE("segments",
	    "people by segment: each is in one, by their last 40 weeks",
	    "按分群的人数：每人属于一个分群，依据最近 40 周", segments),
	[CUBE_SEGMENT_CHANNEL] = TABLE("segment_channel", "people by segment and channel",
	    "按分群和渠道的人数", segment_channel),
	[CUBE_COHORTS] = TABLE("cohorts",
	    "who buys again: people by the month of their first order", "复购：按首单月份的人数",
	    cohorts),
	[CUBE_MONTH_CATEGORY_BAND] = TABLE("month_category_band",
	    "buyers by category and price band, of a month", "每月按品类和价格带的购买者",
	    month_category_band),
	[CUBE_QUARTERS] = TABLE("quarters", "what a segment bought in the quarter after",
	    "各分群在随后一个季度的购买", quarters),
	[CUBE_CAPS] = TABLE("caps", "what one person can add to a week's revenue at most",
	    "每人对当周金额的最大贡献", caps),
	[CUBE_CALENDAR] =
	    TABLE("calendar", "which release covers which days", "各次发布涵盖的日期", calendar),
};

static bool is_taken(const struct cube_out *out, const char *name)
{
	for (size_t i = 0; i < out->n_tables; i++)
		if (strcmp(out->tables[i].name, name) == 0)
			return true;
	return false;
}

/* "segment_age": what a table's name may not have becomes "_", and it gets a number where it is taken. */
static const char *trait_table_name(struct cube_out *out, const char *trait)
{
	char name[FEED_WORD_BYTES + 16];
	size_t n = (size_t)snprintf(name, sizeof(name), "segment_%.48s", trait);

	for (size_t i = 0; i < n; i++) {
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] = (char)(name[i] + 'a' - 'A');
		else if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name[i]) == NULL)
			name[i] = '_';
	}
	for (unsigned k = 2; is_taken(out, name); k++)
		snprintf(name + n, sizeof(name) - n, "_%u", k);
	return sc_arena_copy(&out->arena, sc_span_str(name));
}

static enum sc_err trait_table(struct cube_out *out, const char *trait)
{
	struct shelf_table *t = &out->tables[out->n_tables];
	char means[160], zh[160];

	snprintf(means, sizeof(means), "people by segment and %.64s", trait);
	snprintf(zh, sizeof(zh), "按分群和 %.64s 的人数", trait);
	*t = (struct shelf_table){ .name = trait_table_name(out, trait),
		.means = sc_arena_copy(&out->arena, sc_span_str(means)),
		.means_zh = sc_arena_copy(&out->arena, sc_span_str(zh)),
		.columns = segment_trait,
		.n_columns = sizeof(segment_trait) / sizeof(*segment_trait) };
	out->n_tables++;
	return t->name == NULL || t->means == NULL || t->means_zh == NULL ? SC_NOMEM : SC_OK;
}

enum sc_err cube_tables(const struct feed_words *w, struct cube_out *out)
{
	enum sc_err err = SC_OK;

	memcpy(out->tables, known, sizeof(known));
	out->n_tables = CUBE_SEGMENT_TRAIT;
	for (size_t i = 0; i < w->n_traits && err == SC_OK; i++)
		err = trait_table(out, w->traits[i].name);
	return err;
}
