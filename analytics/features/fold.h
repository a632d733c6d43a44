/*
 * fold.h - what is known of each person who wants it: a fold over the log's
 * frames that comes out the same whatever order they came in.
 *
 * Integers only; sums, minima, maxima, sets, and "last" as the greatest (time, id).
 * An event counts when it is a person's (vouched, or of a linked device where the
 * settings join), real (no rule quarantined it, or an operator released it; not
 * condemned), and wanted (consent.h, at the event's time and now).
 *
 *	events ------.
 *	links -------+--> rows by person, sorted, one file and its SHA-256
 *	consents ----+
 *	verdicts ----'
 */
#ifndef ANALYTICS_FEATURES_FOLD_H
#define ANALYTICS_FEATURES_FOLD_H

#include "base/err.h"
#include "base/feed/feed.h"
#include "base/feed/words.h"

#include <stddef.h>

#define FEATURE_CATEGORIES 64 /* numbers past them count as 0: another */
#define FEATURE_CHANNELS 16
#define FEATURE_WEEKS 16    /* the last of them, by the shop's weeks */
#define FEATURE_CAMPAIGNS 8 /* the highest numbers */

struct feature_campaign {
	uint16_t campaign;
	uint8_t arm;
	uint8_t exposures, outcomes,
	    purchases;     /* up to 255; purchases after the first exposure, of orders */
	uint64_t first_ms; /* exposure */
};

/* One person. Every member is a number that any order of frames leads to. */
struct feature_row {
	uint64_t person;
	uint64_t first_order_ms, last_order_ms, last_seen_ms;
	uint64_t spent; /* in steps; refunds taken off */
	uint32_t orders, refunds, lines;
	uint32_t views, searches, carts;
	uint16_t by_category[FEATURE_CATEGORIES]; /* product views and lines; lines weigh 4 */
	uint16_t by_channel[FEATURE_CHANNELS];    /* events */
	uint16_t by_hour[24];                     /* of the shop's clock */
	uint16_t by_band[FEED_BANDS];             /* lines */
	uint32_t week;                            /* the newest, since 1970 */
	uint16_t by_week[FEATURE_WEEKS];          /* events, [0] the newest week's */
	uint16_t orders_by_week[FEATURE_WEEKS];
	struct feature_campaign campaigns[FEATURE_CAMPAIGNS];
	uint8_t attributes[FEED_ATTRIBUTES_MAX];
	uint64_t attribute_ms[FEED_ATTRIBUTES_MAX]; /* when each was said: the newest counts */
};

struct fold_settings {
	uint8_t purpose; /* which consents count: a number of the configuration */
	bool
	    join_devices; /* sessions without login count for the account of a device that had one only */
	const struct feed_words *words; /* price bands, the text's version */
	uint32_t rules_off;             /* bits by enum feed_rule whose verdicts do not count */
};

struct fold;

SC_CHECKED enum sc_err fold_new(const struct fold_settings *s, struct fold **out);
void fold_free(struct fold *f);

/*
 * A frame of the log, any order. What an event adds is there at once; what takes something
 * away (a verdict, a no, an erasure, a link's end) marks its people, who are told by
 * fold_stale() until the next fold of the whole log.
 */
SC_CHECKED enum sc_err fold_take(struct fold *f, const struct feed_frame *frame);
bool fold_stale(const struct fold *f, uint64_t person);

/* The row of PERSON; NULL: none. */
const struct feature_row *fold_row(const struct fold *f, uint64_t person);

/*
 * Fold the whole log anew: fold_begin(), twice every frame (first for words, links and
 * verdicts, then for events), fold_end(). fold.c says why two passes.
 */
void fold_begin(struct fold *f);
SC_CHECKED enum sc_err fold_words(struct fold *f, const struct feed_frame *frame);
SC_CHECKED enum sc_err fold_event(struct fold *f, const struct feed_frame *frame);
SC_CHECKED enum sc_err fold_end(struct fold *f);

struct fold_stats {
	uint64_t people, visits;
	uint64_t counted[FEED_KIND_END], quarantined[FEED_RULE_END], released[FEED_RULE_END],
	    condemned[FEED_RULE_END];
	uint64_t unconsented, erased;
};
void fold_count(const struct fold *f, struct fold_stats *out);

/*
 * Write the rows, sorted by person, to PATH (a new file, 0600, renamed into place when
 * durable), each FEATURE_ROW_BYTES big-endian behind a head; SHA256 is of the whole
 * file. snapshot.c reads it back.
 */
SC_CHECKED enum sc_err fold_write(const struct fold *f, const char *path, uint64_t number,
    uint64_t at_ms, uint8_t sha256[static 32]);

#endif
