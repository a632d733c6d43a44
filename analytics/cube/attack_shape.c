/*
 * attack_shape.c - which sets of people are published, and how one lies in another: a row for
 * each, with its reason. What is not here the attacker does not use; what is here and does not
 * hold makes him find what is not so.
 *
 * Not here, as nothing becomes narrower by them: orders (no fewer than buyers) and revenue (no
 * more than the cap times buyers). Both are told only in rows that tell their buyers.
 */
#include "analytics/cube/attack_private.h"

#include <stdio.h>

#define SHAPE(t, what, p, ...) \
	{ \
		.table = (t), .told = (what), .period = (p), __VA_ARGS__ \
	}
#define OVERLAP(...) .dims = { __VA_ARGS__ }
#define APART(...) .dims = { __VA_ARGS__ }, .apart = { true, true }

static const struct attack_set_shape shapes[ATTACK_SETS] = {
	[ATTACK_VISITORS] = SHAPE("week", "visitors", ATTACK_WEEK, ),
	[ATTACK_BUYERS] = SHAPE("week", "buyers", ATTACK_WEEK, .second = true),
	[ATTACK_BEFORE] = SHAPE("week", "bought_before", ATTACK_WEEK, .second = true),
	[ATTACK_VISITORS_CATEGORY] =
	    SHAPE("visitors_category", "visitors", ATTACK_WEEK, OVERLAP(ATTACK_CATEGORY)),
	[ATTACK_BUYERS_CATEGORY] =
	    SHAPE("buyers_category", "buyers", ATTACK_WEEK, OVERLAP(ATTACK_CATEGORY)),
	[ATTACK_BUYERS_BAND] = SHAPE("buyers_band", "buyers", ATTACK_WEEK, OVERLAP(ATTACK_BAND)),
	[ATTACK_VISITORS_HOUR] =
	    SHAPE("visitors_hour", "visitors", ATTACK_WEEK, OVERLAP(ATTACK_CHANNEL, ATTACK_HOUR)),
	[ATTACK_BUYERS_WEEKDAY] =
	    SHAPE("buyers_weekday", "buyers", ATTACK_WEEK, OVERLAP(ATTACK_WEEKDAY)),
	[ATTACK_SEGMENT_PEOPLE] = SHAPE("segments", "people", ATTACK_WEEK, APART(ATTACK_SEGMENT)),
	[ATTACK_SEGMENT_BUYERS] =
	    SHAPE("segments", "buyers", ATTACK_WEEK, APART(ATTACK_SEGMENT), .second = true),
	[ATTACK_SEGMENT_CHANNEL] =
	    SHAPE("segment_channel", "people", ATTACK_WEEK, APART(ATTACK_SEGMENT, ATTACK_CHANNEL)),
	/* the second month is the one that they bought in */
	[ATTACK_COHORT] = SHAPE("cohorts", "buyers", ATTACK_ALWAYS,
	    .dims = { ATTACK_MONTHS, ATTACK_MONTHS }, .apart = { true, false }),
	[ATTACK_MONTH_CELL] = SHAPE("month_category_band", "buyers", ATTACK_MONTH,
	    OVERLAP(ATTACK_CATEGORY, ATTACK_BAND)),
	[ATTACK_QUARTER_PEOPLE] = SHAPE("quarters", "people", ATTACK_WEEK, APART(ATTACK_SEGMENT)),
	[ATTACK_QUARTER_BUYERS] =
	    SHAPE("quarters", "buyers", ATTACK_WEEK, APART(ATTACK_SEGMENT), .second = true),
	[ATTACK_NEW] = SHAPE("week", "buyers but bought_before", ATTACK_WEEK, .second = true),
	[ATTACK_NEW_IN_MONTH] =
	    SHAPE("week", "new buyers by month", ATTACK_WEEK, APART(ATTACK_MONTHS), .second = true),
	[ATTACK_MONTH_BUYERS] = SHAPE("month", "buyers", ATTACK_MONTH, ),
	[ATTACK_MONTH_CATEGORY] =
	    SHAPE("month_category", "buyers", ATTACK_MONTH, OVERLAP(ATTACK_CATEGORY)),
	[ATTACK_MONTH_BAND] = SHAPE("month_band", "buyers", ATTACK_MONTH, OVERLAP(ATTACK_BAND)),
};

const struct attack_relation attack_relations[] = {
	{ ATTACK_WITHIN, ATTACK_BUYERS, ATTACK_VISITORS, ATTACK_SAME, false,
	    "who bought was there" },
	{ ATTACK_WITHIN, ATTACK_BEFORE, ATTACK_BUYERS, ATTACK_SAME, false,
	    "they are some of them" },
	{ ATTACK_WITHIN, ATTACK_NEW, ATTACK_BUYERS, ATTACK_SAME, false, "the others" },
	{ ATTACK_WITHIN, ATTACK_VISITORS_CATEGORY, ATTACK_VISITORS, ATTACK_SAME, false,
	    "to see a category is to visit" },
	{ ATTACK_WITHIN, ATTACK_VISITORS_HOUR, ATTACK_VISITORS, ATTACK_SAME, false,
	    "likewise at an hour, by a channel" },
	{ ATTACK_COVER, ATTACK_VISITORS_HOUR, ATTACK_VISITORS, ATTACK_SAME, true,
	    "whatever they did had an hour, and a channel that has a name" },
	{ ATTACK_WITHIN, ATTACK_BUYERS_CATEGORY, ATTACK_BUYERS, ATTACK_SAME, false,
	    "to buy of a category is to buy" },
	{ ATTACK_COVER, ATTACK_BUYERS_CATEGORY, ATTACK_BUYERS, ATTACK_SAME, true,
	    "what they bought was of a category that has a name" },
	{ ATTACK_WITHIN, ATTACK_BUYERS_CATEGORY, ATTACK_VISITORS_CATEGORY, ATTACK_SAME, false,
	    "who bought of a category was there" },
	{ ATTACK_WITHIN, ATTACK_BUYERS_BAND, ATTACK_BUYERS, ATTACK_SAME, false,
	    "to buy at a price is to buy; not every price is known" },
	{ ATTACK_WITHIN, ATTACK_BUYERS_WEEKDAY, ATTACK_BUYERS, ATTACK_SAME, false,
	    "to buy on a day is to buy" },
	{ ATTACK_COVER, ATTACK_BUYERS_WEEKDAY, ATTACK_BUYERS, ATTACK_SAME, true,
	    "whoever bought did so on a day" },
	{ ATTACK_WITHIN, ATTACK_SEGMENT_BUYERS, ATTACK_SEGMENT_PEOPLE, ATTACK_SAME, false,
	    "some of the segment" },
	{ ATTACK_SPLIT, ATTACK_SEGMENT_BUYERS, ATTACK_BUYERS, ATTACK_SAME, true,
	    "whoever bought is in one segment" },
	{ ATTACK_LEAVE, ATTACK_SEGMENT_TRAIT, ATTACK_SEGMENT_PEOPLE, ATTACK_SAME, false,
	    "one value a person, or none that is known" },
	{ ATTACK_LEAVE, ATTACK_SEGMENT_CHANNEL, ATTACK_SEGMENT_PEOPLE, ATTACK_SAME, false,
	    "one channel is used most, or none was used" },
	{ ATTACK_WITHIN, ATTACK_QUARTER_BUYERS, ATTACK_QUARTER_PEOPLE, ATTACK_SAME, false,
	    "some of the segment" },
	{ ATTACK_EQUAL, ATTACK_QUARTER_PEOPLE, ATTACK_SEGMENT_PEOPLE, ATTACK_QUARTER_AGO, true,
	    "they are that week's segment" },
	{ ATTACK_WITHIN, ATTACK_COHORT, ATTACK_COHORT, ATTACK_BORN, true, "some of the cohort" },
	{ ATTACK_SPLIT, ATTACK_COHORT, ATTACK_MONTH_BUYERS, ATTACK_MONTH_OF, true,
	    "whoever bought that month first bought in one" },
	{ ATTACK_WITHIN, ATTACK_BUYERS, ATTACK_MONTH_BUYERS, ATTACK_IN_MONTH, true,
	    "the week is all of the month" },
	{ ATTACK_COVER, ATTACK_BUYERS, ATTACK_MONTH_BUYERS, ATTACK_TOUCHES, true,
	    "every day of the month is in a week" },
	{ ATTACK_SPLIT, ATTACK_NEW_IN_MONTH, ATTACK_NEW, ATTACK_SAME, false,
	    "the first order was in one of the week's months" },
	{ ATTACK_SPLIT, ATTACK_NEW_IN_MONTH, ATTACK_COHORT, ATTACK_BORN, true,
	    "the first order of the month's cohort was in one of its weeks" },
	{ ATTACK_WITHIN, ATTACK_MONTH_CELL, ATTACK_MONTH_CATEGORY, ATTACK_SAME, false,
	    "to buy of a category at a price is to buy of it" },
	{ ATTACK_WITHIN, ATTACK_MONTH_CELL, ATTACK_MONTH_BAND, ATTACK_SAME, false,
	    "and at that price" },
	{ ATTACK_COVER, ATTACK_MONTH_CELL, ATTACK_MONTH_CATEGORY, ATTACK_SAME, true,
	    "what they bought had a price that is known" },
	{ ATTACK_COVER, ATTACK_MONTH_CELL, ATTACK_MONTH_BAND, ATTACK_SAME, true,
	    "and a category that has a name" },
	{ ATTACK_WITHIN, ATTACK_BUYERS_CATEGORY, ATTACK_MONTH_CATEGORY, ATTACK_IN_MONTH, true,
	    "the week is all of the month" },
	{ ATTACK_COVER, ATTACK_BUYERS_CATEGORY, ATTACK_MONTH_CATEGORY, ATTACK_TOUCHES, true,
	    "every day of the month is in a week" },
	{ ATTACK_WITHIN, ATTACK_BUYERS_BAND, ATTACK_MONTH_BAND, ATTACK_IN_MONTH, true,
	    "the week is all of the month" },
	{ ATTACK_COVER, ATTACK_BUYERS_BAND, ATTACK_MONTH_BAND, ATTACK_TOUCHES, true,
	    "every day of the month is in a week" },
	/* the months' sets that nobody published are there by now */
	{ ATTACK_WITHIN, ATTACK_MONTH_CATEGORY, ATTACK_MONTH_BUYERS, ATTACK_SAME, false,
	    "to buy of a category is to buy" },
	{ ATTACK_COVER, ATTACK_MONTH_CATEGORY, ATTACK_MONTH_BUYERS, ATTACK_SAME, true,
	    "what they bought was of a category that has a name" },
	{ ATTACK_WITHIN, ATTACK_MONTH_BAND, ATTACK_MONTH_BUYERS, ATTACK_SAME, false,
	    "to buy at a price is to buy" },
};
const size_t attack_n_relations = sizeof(attack_relations) / sizeof(attack_relations[0]);

const struct attack_set_shape *attack_set_shape(enum attack_set set)
{
	static const struct attack_set_shape trait =
	    SHAPE("segment_", "people", ATTACK_WEEK, APART(ATTACK_SEGMENT, ATTACK_TRAIT));

	return set >= ATTACK_SEGMENT_TRAIT && set < ATTACK_HIDDEN ? &trait : &shapes[set];
}

enum attack_dim attack_set_dim(enum attack_set set, size_t i)
{
	const enum attack_dim dim = attack_set_shape(set)->dims[i];

	return dim == ATTACK_TRAIT ? dim + (set - ATTACK_SEGMENT_TRAIT) : dim;
}

const char *attack_set_table(const struct attack_book *b, enum attack_set set)
{
	return set >= ATTACK_SEGMENT_TRAIT && set < ATTACK_HIDDEN ?
	    b->traits[set - ATTACK_SEGMENT_TRAIT] :
	    attack_set_shape(set)->table;
}
