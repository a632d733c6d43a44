/*
 * leaving.h - who and what leaves the log when it is written anew: heard while it is
 * looked through, asked while it is written.
 *
 *	erased		all that is of that person or device and stands before the word
 *	withdrew	their events and traits that stand before it; their words and links stay,
 *			so that the no reaches what is linked to them
 *	set aside	by a rule or an operator, when its days are over or it is dropped
 *	verdicts	on an event that leaves
 *
 * "Before" is the place in the log: who comes back after either is somebody new. A word may
 * come again, so what was withdrawn also arrived no later than it was said.
 */
#ifndef ANALYTICS_VIEWD_LEAVING_H
#define ANALYTICS_VIEWD_LEAVING_H

#include "analytics/features/fold.h"

/* What an operator wants dropped of what is set aside. */
enum leaving_drop { DROP_NOTHING, DROP_EVENT, DROP_RULE, DROP_ALL };

struct leaving_wish {
	uint64_t now_ms;
	uint32_t keep_aside_days; /* 0: for ever */
	uint8_t purpose;
	uint8_t drop, rule; /* enum leaving_drop, feed_rule */
	uint64_t event;
};

struct leaving;

/* FOLD has heard the same frames by fold_words() before the first is asked of; borrowed. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err leaving_new(const struct leaving_wish *w, const struct fold *fold,
    struct leaving **out);
void leaving_free(struct leaving *l); /* NULL is fine */

/* Every frame in its order. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err leaving_hear(struct leaving *l, const struct feed_frame *f);
/* Every frame again in the same order: does it leave? */
bool leaving_takes(struct leaving *l, const struct feed_frame *f);
/* How many events left because the wish was to drop them. */
uint64_t leaving_dropped(const struct leaving *l);

#endif
