/*
 * cube.h - the weekly cube: a fixed set of margins, people counted once in each cell, cells
 * under ten people folded into a neighbour.
 *
 *	counted events, rows -> margins of exact cells -> folded -> attack.h -> shelf
 *
 * A row of a table is a rectangle of cells: each dimension's column holds one member,
 * or several with " | " between them; `folded` says how many cells it is of. Its people
 * are those of the union, each once. What has no people is left out: a member that no
 * row of its week names may have had up to nine people, or none. Rows of weeks (months)
 * that were published are copied into every later release byte for byte, and never made
 * anew: nothing of a published week changes when somebody leaves.
 *
 *	week			week; visitors, buyers, orders, revenue, bought_before
 *	visitors_category	week, category; visitors
 *	buyers_category		week, category; buyers, orders, revenue
 *	buyers_band		week, band; buyers, lines
 *	visitors_hour		week, channel, hour; visitors
 *	buyers_weekday		week, weekday; buyers
 *	segments		week, segment; people, buyers, orders, revenue
 *	segment_<trait>		week, segment, value; people (a table for each of the words' traits)
 *	segment_channel		week, segment, channel; people (by the channel they used most)
 *	cohorts			first_month, month; buyers (month = first_month: the cohort's size)
 *	month_category_band	month, category, band; buyers
 *	quarters		quarter, segment (a quarter ago); people, buyers, orders
 *	caps			week; cap: what a person's revenue of the week is cut to
 *	calendar		number, from_day, to_day, made, next: which release covers what
 *
 * Every segment is in a row of its week, also one without anybody. Rows of quarters are those
 * that the segments had then, with the people who were published. Buyers, orders, revenue
 * or bought_before of 0 are nobody, or too few, or all but too few; docs/CUBE.md says more.
 *
 * Weeks are "2026-W47" (ISO 8601) of the shop's clock, months "2026-11", quarters
 * thirteen whole weeks and told by their last. Revenue is in hundredths of the
 * currency, of orders; refunds are not taken off. A visitor is a consented account that did
 * anything; a buyer has an order.
 */
#ifndef ANALYTICS_CUBE_CUBE_H
#define ANALYTICS_CUBE_CUBE_H

#include "analytics/features/fold.h"
#include "analytics/shelf/shelf.h"

#define CUBE_FLOOR 10 /* people of a cell that is published */
#define CUBE_SEPARATOR " | "

/* The seven segments, by rules that anybody can repeat; their order is their neighbourhood. */
enum cube_segment {
	CUBE_CHAMPIONS, /* 4 orders or more, the last within 8 weeks, and much spent */
	CUBE_LOYAL,     /* 3 or more, the last within 13 weeks */
	CUBE_PROMISING, /* 2, the last within 13 weeks */
	CUBE_NEW,       /* the first, within 13 weeks */
	CUBE_AT_RISK,   /* 3 or more, none for 13 weeks */
	CUBE_ASLEEP,    /* 1 or 2, none for 13 weeks */
	CUBE_LOOKING,   /* no order in 40 weeks */
	CUBE_SEGMENTS
};
extern const char *const cube_segment_names[CUBE_SEGMENTS]; /* "champions" ... */

struct cube;

struct cube_settings {
	const struct feed_words *words; /* borrowed */
	int64_t champion_steps;         /* what a champion spent in 40 weeks, in price steps */
	uint64_t last_ms;               /* events after it are not looked at: the snapshot's time */
};

/* Fails with SC_NOMEM. */
SC_CHECKED enum sc_err cube_new(const struct cube_settings *s, struct cube **out);
void cube_free(struct cube *c); /* NULL is fine */
/* E counted for PERSON (fold_settings.counted says which do). Any order. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err cube_event(struct cube *c, uint64_t person, const struct feed_event *e);
/* The traits of somebody who wants it. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err cube_person(struct cube *c, uint64_t person,
    const uint8_t attributes[static FEED_ATTRIBUTES_MAX]);

/* What a release of the cube is made of, beside the events. */
struct cube_order {
	const char *tenant;
	const char *root; /* the shelf */
	const char *dataset;
	uint64_t number, made_ms;
	const char *previous; /* folder of the release before it; NULL: this is the first */
	uint8_t key[16];      /* secret, new for each: ties fall by it */
};

struct cube_made {
	uint8_t sha256[SHELF_SHA_BYTES];   /* of the manifest */
	char from[32], to[32];             /* the new weeks' days */
	uint64_t weeks, rows, own, folded; /* new weeks; new rows: cells of their own, and others */
};

/*
 * All whole weeks since the previous release (or since the first event) that ended
 * before the snapshot, into a new release. Fails with SC_STALE (no week has ended
 * since, or the release is there), SC_CORRUPT (the attacker could solve a cell: D says
 * which; nothing is left on the shelf), SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err cube_make(struct cube *c, const struct cube_order *o, struct sc_diag *d,
    struct cube_made *out);

#endif
