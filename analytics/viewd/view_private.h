/*
 * view_private.h - what a view holds, as its parts see it: view.c (opening, the feed, jobs),
 * questions.c.
 *
 * A job begins with a cut of the log: BASE is what stood before the cut of the last job that
 * ended well, SINCE what came after that, AFTER what came after the cut of the one that runs.
 * When it ends well, BASE is what it counted and SINCE becomes AFTER.
 *
 * LIVE is of all there is. Every job makes it anew, since it writes the log anew; at
 * start, and where it was lost, the job's thread makes it alone, and leaves off for any job.
 */
#ifndef ANALYTICS_VIEWD_VIEW_PRIVATE_H
#define ANALYTICS_VIEWD_VIEW_PRIVATE_H

#include "analytics/viewd/job.h"
#include "analytics/viewd/live.h"
#include "analytics/viewd/view.h"

#include <pthread.h>

struct view {
	struct loop *loop;
	const struct view_settings *settings;
	const struct feed_words *words;
	struct event_log *log;
	uint8_t purpose;
	struct view_tally *base, *since, *after;
	struct view_made made;
	struct releases *releases;
	struct releases_made drafted; /* at the last snapshot */
	struct view_live live;
	struct feed_snapshot wanted; /* told, and not begun, or begun and failed */
	bool is_wanted, failed;
	struct loop_timer again; /* while it is set nothing is begun but what an operator asks */
	/* the job and its thread */
	struct view_job job;
	bool is_asked;            /* by an operator, who hears how it ends */
	uint64_t n_jobs, n_ended; /* the one that runs has number N_JOBS */
	uint64_t live_since;      /* N_JOBS when making LIVE was begun */
	bool live_runs;
	enum sc_err last_err; /* of the last that ended */
	pthread_t thread;
	pthread_mutex_t lock; /* of those below */
	pthread_cond_t cond;
	bool is_there, live_is_there, closing;
	bool has_thread;
	struct loop_wake ended;
};

/* A frame that the log keeps; ARG is the view. */
void view_kept(void *arg, const struct feed_frame *f);
/* Something went wrong. A log that has failed takes nothing more: who starts us again reads what is on the disk. */
void view_look_at_log(struct view *v);

#endif
