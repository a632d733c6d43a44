/*
 * job.h - the long work on the log: written anew without what leaves, counted, folded
 * into features, and those into the releases that are owed. It runs on a thread of its
 * own while the feed goes on, and is about what stands before event_log_cut().
 */
#ifndef ANALYTICS_VIEWD_JOB_H
#define ANALYTICS_VIEWD_JOB_H

#include "analytics/features/fold.h"
#include "analytics/log/log.h"
#include "analytics/viewd/leaving.h"
#include "analytics/viewd/live.h"
#include "analytics/viewd/made.h"
#include "analytics/viewd/releases.h"
#include "analytics/viewd/tally.h"

#include <stdatomic.h>

struct view_job {
	/* what to do it with, borrowed */
	struct event_log *log;
	const char *data; /* folder */
	struct fold_settings fold;
	struct releases *releases; /* NULL: none are made */
	/* what to do */
	struct leaving_wish wish;
	bool makes_features, keeps_fold;
	uint64_t number, at_ms; /* of those */
	uint64_t previous;      /* number of the features that stay beside them */
	/* how far it is, in frames; GIVE_UP: end it, nothing half done */
	_Atomic uint64_t passed, total; /* frames of all passes together; of the log */
	atomic_bool give_up;
	/* what came of it */
	enum sc_err err;
	struct view_tally tally;
	struct view_made made;
	struct releases_made drafted;
	uint64_t dropped; /* events, of what the wish was to drop */
	bool rewrote;     /* the log is another one, whatever came then */
	/* where it was to be kept: the caller's, also when the features could not be written */
	struct live_fold kept;
};

#define VIEW_JOB_PASSES 4

/* Do it: J->err says how it ended. SC_AGAIN: it was given up. */
void view_job_run(struct view_job *j);

#endif
