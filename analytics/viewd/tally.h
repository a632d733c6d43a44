/*
 * tally.h - what the log holds, in numbers, and the newest verdicts of each rule.
 *
 * Two of them make a whole: one of a read through the log, one of what came since.
 */
#ifndef ANALYTICS_VIEWD_TALLY_H
#define ANALYTICS_VIEWD_TALLY_H

#include "base/feed/feed.h"

#include <stddef.h>

#define TALLY_NEWEST 32 /* verdicts of a rule that are at hand */

struct view_tally {
	uint64_t events[FEED_KIND_END], late;
	uint64_t by_action[FEED_CONDEMN + 1][FEED_RULE_END]; /* verdicts on events */
	uint64_t refused[FEED_RULE_END][FEED_KIND_END];
	uint64_t erasures;                                       /* not done yet */
	struct feed_snapshot snapshot;                           /* the last one told */
	struct feed_verdict newest[FEED_RULE_END][TALLY_NEWEST]; /* rings */
	uint64_t n_newest[FEED_RULE_END];
};

/* All zero: nothing. */
void view_tally_add(struct view_tally *t, const struct feed_frame *f);

/* How answers are told: frame after frame. */
typedef void view_tell_fn(void *arg, const struct feed_frame *f);
void view_tell_tally(view_tell_fn *tell, void *arg, uint8_t of, uint8_t a, uint8_t b,
    uint64_t value);

/* The numbers of A and B together: of all kinds and rules, or (RULE not 0) of one rule; no zeros. */
void view_tally_tell(const struct view_tally *a, const struct view_tally *b, uint8_t rule,
    view_tell_fn *tell, void *arg);
/* RULE's verdicts, the newest first: those of SINCE, then those of BEFORE; at most MAX. */
void view_tally_newest(const struct view_tally *before, const struct view_tally *since,
    uint8_t rule, size_t max, view_tell_fn *tell, void *arg);

#endif
