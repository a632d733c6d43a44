/*
 * state.h - what a fold holds while it folds. Private to analytics/features/.
 *
 *	person, device -> identity -.-> words it said, of back ends and of pages, newest first
 *	                            |-> pairs, one for each account of a device
 *	                            '-> portrait: the person's sums
 *	event's id -> what was said of it
 *
 * Memory, in bytes, a place in a table being 16 of which five eighths to five sixteenths
 * are used: 40 of an identity and its place, 24 a word, 24 a pair and its place, 16 a
 * link's begin or end, 24 a verdict and its place; 368 a portrait, 64 for each seven
 * orders up to 255, 128 of who met a campaign, 72 of who has attributes.
 */
#ifndef ANALYTICS_FEATURES_STATE_H
#define ANALYTICS_FEATURES_STATE_H

#include "analytics/features/fold.h"
#include "analytics/features/slab.h"
#include "analytics/features/table.h"
#include "base/feed/consent.h"

/* ---- who (people.c) ---------------------------------------------------------- */

enum identity_flag {
	IDENTITY_ERASED = 1,
	IDENTITY_TOUCHED = 2, /* an event of theirs was seen, counted or not */
	IDENTITY_STALE = 4,
	IDENTITY_SAID_NO = 8, /* once at least */
	IDENTITY_VISITED = 16,
};

struct fold_identity {
	uint64_t who;
	uint32_t said[2];  /* the newest word of a page's, of a back end's */
	uint32_t pairs;    /* the first: a device's; of a person those whose device ever said no */
	uint32_t portrait; /* of a person */
	uint32_t rules;    /* bits of those that set aside an event of theirs */
	uint8_t kind;      /* enum feed_who */
	uint8_t flags;
};

/* A device and an account that were linked, or seen in one event. */
struct fold_pair {
	uint32_t device, person;       /* identities */
	uint32_t of_device, of_person; /* the next in each one's list */
	uint32_t marks;                /* where the link began and ended, newest first */
};

struct fold_mark {
	uint64_t at_ms;
	uint32_t next;
	bool ends;
};

struct fold_said {
	struct consent_word word;
	uint32_t next;
};

/* ---- what was said of an event (real.c) ---------------------------------------- */

/* An operator's newest word on an event or a rule. */
struct fold_ruling {
	uint64_t at_ms;
	uint8_t action; /* enum feed_action; 0: none */
};

struct fold_verdict {
	struct fold_ruling ruling;
	uint32_t rules; /* bits of those that set it aside */
};
_Static_assert(FEED_RULE_END <= 32, "a bit for every rule");

/* ---- a person's sums (portrait.c) ------------------------------------------------ */

#define PORTRAIT_PURCHASES_MAX 255 /* as far as a campaign's purchases are told */
#define PURCHASES_EACH 7

/* When orders were, in no order: the newest PORTRAIT_PURCHASES_MAX. */
struct fold_purchases {
	uint64_t at_ms[PURCHASES_EACH];
	uint32_t next;
	uint32_t n;
};

struct fold_campaigns {
	struct feature_campaign v[FEATURE_CAMPAIGNS]; /* 0: free */
};

struct fold_attributes {
	uint64_t at_ms[FEED_ATTRIBUTES_MAX];
	uint8_t value[FEED_ATTRIBUTES_MAX];
};

struct fold_portrait {
	uint64_t first_order_ms, last_order_ms, last_seen_ms;
	int64_t spent; /* may be below 0 until the orders come that refunds are of */
	uint32_t orders, refunds, lines, views, searches, carts, week;
	uint32_t purchases, campaigns, attributes; /* numbers in their slabs; 0: none */
	bool counted; /* an event was: else there are attributes alone */
	uint16_t by_week[FEATURE_WEEKS], orders_by_week[FEATURE_WEEKS];
	uint16_t by_channel[FEATURE_CHANNELS], by_hour[24], by_band[FEED_BANDS];
	uint16_t by_category[FEATURE_CATEGORIES];
};

/* ---- all of it -------------------------------------------------------------------- */

enum fold_phase { FOLD_LIVE, FOLD_WORDS, FOLD_EVENTS };
#define FOLD_QUEUE 32

struct fold {
	struct fold_settings settings;
	enum fold_phase phase;
	bool all_stale;
	struct fold_table people, devices, pair_of, verdict_of;
	struct fold_slab identities, said, pairs, marks, verdicts;
	struct fold_slab portraits, purchases, campaigns, attributes;
	struct fold_ruling rulings[FEED_RULE_END]; /* of rules */
	struct fold_stats stats;
	struct feed_event queue[FOLD_QUEUE]; /* events whose memory is being fetched */
	size_t queued;
};

static inline struct fold_identity *identity_at(const struct fold *f, uint32_t i)
{
	return slab_at(&f->identities, i);
}

/* The identity of WHO; 0: none yet. */
uint32_t identity_find(const struct fold *f, uint8_t kind, uint64_t who);
/* The same, made when it is not there. */
SC_CHECKED enum sc_err identity_make(struct fold *f, uint8_t kind, uint64_t who, uint32_t *out);
/* By what a pair is found. */
static inline uint64_t pair_key(uint32_t device, uint32_t person)
{
	return (uint64_t)device << 32 | person;
}
/* The pair of both, made when it is not there, which *ADDED tells. */
SC_CHECKED enum sc_err pair_make(struct fold *f, uint32_t device, uint32_t person, uint32_t *out,
    bool *added);
/* DEVICE said no for the first time: its accounts will look at it from now on. */
void pairs_said_no(struct fold *f, uint32_t device);
/* Put what L says into its pair's marks. *CHANGED: something was new. */
SC_CHECKED enum sc_err pair_mark(struct fold *f, uint32_t pair, const struct feed_link *l,
    bool *changed);
/* Does a link hold at AT_MS? UINT64_MAX: now. */
bool pair_holds(const struct fold *f, const struct fold_pair *p, uint64_t at_ms);
/* The account that what DEVICE did without login counts for; 0: none. */
uint32_t device_owner(const struct fold *f, uint32_t device);

/* Keep word C of the identity. *CHANGED: it was new. */
SC_CHECKED enum sc_err words_hear(struct fold *f, uint32_t identity, const struct feed_consent *c,
    bool *changed);
/* May what PERSON did at AT_MS, on DEVICE (0: none), be in the portrait? */
bool words_let_person(const struct fold *f, uint32_t person, uint32_t device, uint64_t at_ms);
/* May what DEVICE did then, without login, be in its account's portrait? */
bool words_let_joined(const struct fold *f, uint32_t person, uint32_t device, uint64_t at_ms);
/* May DEVICE, which has no account, be counted for it; and now, whatever it did? */
bool words_let_visit(const struct fold *f, uint32_t device, uint64_t at_ms);

/* Keep what V says. *CHANGED: it was new. */
SC_CHECKED enum sc_err verdict_hear(struct fold *f, const struct feed_verdict *v, bool *changed);
/* Bits of the rules whose verdicts on EVENT were heard and that are not off. */
uint32_t verdict_rules(const struct fold *f, uint64_t event);

/* Add what the person of identity I did. */
SC_CHECKED enum sc_err portrait_add(struct fold *f, struct fold_identity *i,
    const struct feed_event *e);
/* Does an event of that kind say anything about a person? An order wants somebody who vouches. */
bool portrait_takes(const struct feed_event *e);
SC_CHECKED enum sc_err portrait_attribute(struct fold *f, struct fold_identity *i,
    const struct feed_attribute *a);
/* The row of identity I, which has a portrait. */
void portrait_row(const struct fold *f, const struct fold_identity *i, struct feature_row *out);

/* A word, link, verdict or erasure (heard.c); other frames say nothing here. */
SC_CHECKED enum sc_err fold_hear(struct fold *f, const struct feed_frame *frame);
/* E names an account and a device. */
SC_CHECKED enum sc_err fold_hear_tie(struct fold *f, const struct feed_event *e);
/*
 * All accounts of DEVICE of whom something was seen wait for the next fold; where devices are
 * joined and frames come one by one, all.
 */
void stale_of_device(struct fold *f, uint32_t device);
/* An event, a trait, by what was heard (counted.c). */
SC_CHECKED enum sc_err fold_count_event(struct fold *f, const struct feed_event *e);
SC_CHECKED enum sc_err fold_count_attribute(struct fold *f, const struct feed_attribute *a);
/* Whose event E of PERSON and DEVICE (0: not known) is, or would be: 0 nobody's. */
uint32_t event_owner(const struct fold *f, const struct feed_event *e, uint32_t person,
    uint32_t device);

/* Have fetched what the N events at V will touch (fetch.c). */
void fold_fetch(const struct fold *f, const struct feed_event *v, size_t n);

/* Is there a row to show? */
bool fold_shows(const struct fold *f, const struct fold_identity *i);

#endif
