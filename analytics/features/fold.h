/*
 * fold.h - what is known of each person who wants it: a fold over the log's frames that
 * comes out the same whatever order they came in.
 *
 * Integers only; sums, minima, maxima, sets, and "last" as the greatest time. An event
 * counts for a person when it is theirs (vouched for, or of a device that the settings
 * join), real (no rule set it aside, or an operator released it; not condemned), and
 * wanted (consent.h, at the event's time and now). What is nobody's is a visit: devices
 * without an account are counted, and never mixed with people.
 *
 *	events ------.
 *	links -------+--> rows by person, sorted, one file and its SHA-256
 *	consents ----+
 *	verdicts ----'
 *
 * Whose: `person` of the event. Where the settings join devices, what a device without
 * login did is its account's as well, as long as a back end holds them for one (a
 * LINK that did not end) and no second account was ever seen with it or linked to it.
 *
 * Wanted: a portrait wants the word of a back end, a page's own yes makes visits alone.
 * At the event's time a yes to any version will do, for the door asked for the one of
 * then; now it must be to the version that is asked now. Linked are what a LINK tied
 * at the time in question, and the event's own device.
 *
 * Real: an operator's newest word on the event decides; else each rule that set it
 * aside counts unless the settings turn it off or an operator's newest word on the rule
 * is to release it. At the same time, to condemn goes before to release.
 *
 * Each event comes once (the log sees to it); all other frames may come again.
 */
#ifndef ANALYTICS_FEATURES_FOLD_H
#define ANALYTICS_FEATURES_FOLD_H

#include "base/diag.h"
#include "base/err.h"
#include "base/feed/feed.h"
#include "base/feed/words.h"

#include <stddef.h>

#define FEATURE_CATEGORIES 64 /* numbers past them count as 0: another */
#define FEATURE_CHANNELS 16   /* likewise */
#define FEATURE_WEEKS 16      /* the last of them, by the shop's weeks, from Monday */
#define FEATURE_CAMPAIGNS 8   /* the highest numbers */

struct feature_campaign {
	uint16_t campaign;
	uint8_t arm;                            /* of the first exposure */
	uint8_t exposures, outcomes, purchases; /* up to 255; orders after the first exposure */
	uint64_t first_ms;                      /* exposure; 0: none */
};

/*
 * One person. Every member is a number that any order of frames leads to; those of 16
 * bits stay at their greatest. What a person did are all kinds of events but items (a part
 * of their order), refunds (the shop's doing) and exposures (somebody else's).
 */
struct feature_row {
	uint64_t person;
	uint64_t first_order_ms, last_order_ms; /* 0: none */
	uint64_t last_seen_ms;                  /* of what they did */
	uint64_t spent;                         /* in steps; refunds taken off, not below 0 */
	uint32_t orders, refunds, lines;
	uint32_t views, searches, carts;
	uint16_t by_category[FEATURE_CATEGORIES]; /* product views and lines; lines weigh 4 */
	uint16_t by_channel[FEATURE_CHANNELS];    /* of what they did */
	uint16_t by_hour[24];                     /* likewise, of the shop's clock */
	uint16_t by_band[FEED_BANDS];             /* lines whose price is known */
	uint32_t week;                            /* the newest they did something in, since 1970 */
	uint16_t by_week[FEATURE_WEEKS];          /* what they did, [0] in the newest week */
	uint16_t orders_by_week[FEATURE_WEEKS];
	struct feature_campaign campaigns[FEATURE_CAMPAIGNS]; /* the highest first */
	uint8_t attributes[FEED_ATTRIBUTES_MAX];
	uint64_t attribute_ms[FEED_ATTRIBUTES_MAX]; /* when each was said: the newest counts */
};

struct fold_settings {
	uint8_t purpose; /* which consents count: a number of the configuration */
	bool
	    join_devices; /* sessions without login count for the account of a device that had one only */
	const struct feed_words *words; /* price bands, the text's version; borrowed */
	uint32_t rules_off;             /* bits by enum feed_rule whose verdicts do not count */
	/* The event of an id, as event_log_find() knows it; NULL: a verdict hides everybody until the next fold. */
	bool (*find)(void *arg, uint64_t id, struct feed_event *out);
	void *find_arg;
	/* Told each event that counts for a person, as it is counted; NULL: nobody listens. Fails with SC_NOMEM. */
	enum sc_err (*counted)(void *arg, uint64_t person, const struct feed_event *e);
	void *counted_arg;
};

struct fold;

/* Fails with SC_NOMEM. */
SC_CHECKED enum sc_err fold_new(const struct fold_settings *s, struct fold **out);
void fold_free(struct fold *f); /* NULL is fine */
/* Nobody listens any more to what counts. */
void fold_unheard(struct fold *f);

/*
 * A frame of the log, any order. What an event adds is there at once. What changes how
 * earlier events are seen (a word, a link, a verdict) hides the people it may
 * concern until the next fold of the whole log: they have no row, and are in no file. An
 * erased person has none from then on. Fails with SC_NOMEM: fold the whole log.
 */
SC_CHECKED enum sc_err fold_take(struct fold *f, const struct feed_frame *frame);
/* Does PERSON wait for it? Who is erased does not. */
bool fold_stale(const struct fold *f, uint64_t person);

/*
 * Fold the whole log anew: fold_begin(), twice every frame (first for words, links and
 * verdicts, then for events), fold_end(). fold.c says why two passes. Each fails with SC_NOMEM.
 */
void fold_begin(struct fold *f);
SC_CHECKED enum sc_err fold_words(struct fold *f, const struct feed_frame *frame);
SC_CHECKED enum sc_err fold_event(struct fold *f, const struct feed_frame *frame);
SC_CHECKED enum sc_err fold_end(struct fold *f);

/* The row of PERSON; false: there is none. */
bool fold_row(const struct fold *f, uint64_t person, struct feature_row *out);
/* Every row, in no order. */
typedef void fold_each_fn(void *arg, const struct feature_row *row);
void fold_each(const struct fold *f, fold_each_fn *each, void *arg);

/* What the verdicts that were heard make of an event. */
enum fold_judgement { FOLD_REAL, FOLD_RELEASED, FOLD_SET_ASIDE, FOLD_CONDEMNED };
/* *RULE: the first rule by number that set it aside; FEED_NO_RULE: none did. */
enum fold_judgement fold_judge(const struct fold *f, uint64_t event, uint8_t *rule);

/* Of the last fold of the whole log, and of what came since as it came. */
struct fold_stats {
	uint64_t people, visits; /* now */
	uint64_t stale; /* people who wait for the next fold, also those who may then have no row */
	/* events: for people, by kind; and by the rule of fold_judge() */
	uint64_t counted[FEED_KIND_END], quarantined[FEED_RULE_END], released[FEED_RULE_END],
	    condemned[FEED_RULE_END];
	uint64_t unconsented; /* events that are real and out for want of consent */
	uint64_t erased;      /* events of whom was erased */
};
void fold_count(const struct fold *f, struct fold_stats *out);

/* What it takes of memory. */
size_t fold_bytes(const struct fold *f);

/*
 * Write the rows, sorted by person, to PATH (0600, renamed into place when durable); file.h
 * has the form and reads it back. SHA256 is what the file ends in. Fails with SC_IO (D says
 * where; PATH is as it was, or already new and whole), SC_NOMEM.
 */
SC_CHECKED enum sc_err fold_write(const struct fold *f, const char *path, uint64_t number,
    uint64_t at_ms, struct sc_diag *d, uint8_t sha256[static 32]);

#endif
