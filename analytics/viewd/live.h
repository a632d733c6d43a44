/*
 * live.h - the features between two snapshots: a fold of the whole log that is given every
 * frame the log keeps.
 *
 *	the job's thread	folds what stands before a place, then reads on
 *	the loop's thread	gives it the rest, puts it where the old one was, and from there
 *				on each frame as it is kept
 *
 * What it says is what folding the whole log would, but for people whom something was taken
 * from, or given, by a word, link or verdict that came behind their events: they wait for the
 * next fold (fold.h), as do who was erased and came back.
 */
#ifndef ANALYTICS_VIEWD_LIVE_H
#define ANALYTICS_VIEWD_LIVE_H

#include "analytics/features/fold.h"
#include "analytics/log/log.h"
#include "analytics/viewd/leaving.h"
#include "analytics/viewd/tally.h"

#include <stdatomic.h>

/* A fold, and how far into the log it is. */
struct live_fold {
	struct fold *fold; /* NULL: there is none */
	struct event_log_place at;
};

struct view_live {
	struct event_log *log;
	struct fold_settings settings;
	struct fold *fold; /* the loop's; NULL: there is none now */
	/* one that is made of the log as it is, on the job's thread */
	struct live_fold next;
	struct leaving_wish
	    wish; /* of what leaves at the next snapshot, and is in no fold before it */
	atomic_bool give_up;
};

/* What F is folded with where it lives on; LOG is borrowed. */
struct fold_settings live_settings(const struct fold_settings *s, struct event_log *log);
/* Give F what was kept since. Fails like event_log_read_between(), fold_take(). */
SC_CHECKED enum sc_err live_read_on(struct event_log *log, struct live_fold *f);

/* Make NEXT, unless it is given up: then, or when it fails, there is none. On the job's thread. */
void live_make(struct view_live *l);
/* Give F the rest, and put it in the old one's place; takes it. */
void live_replace(struct view_live *l, struct live_fold *f);
/* A frame that was kept. False: there was no memory for it, and the fold is dropped. */
bool live_take(struct view_live *l, const struct feed_frame *frame);
void live_drop(struct view_live *l);

void live_tell(const struct view_live *l, view_tell_fn *tell, void *arg);

#endif
