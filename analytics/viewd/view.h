/*
 * view.h - the event log, what is counted of it, and the work on it: what both sockets
 * stand in front of. All on the loop's thread, but for the job.
 */
#ifndef ANALYTICS_VIEWD_VIEW_H
#define ANALYTICS_VIEWD_VIEW_H

#include "analytics/features/fold.h"
#include "analytics/viewd/settings.h"
#include "analytics/viewd/tally.h"
#include "base/feed/words.h"
#include "net/loop/loop.h"

struct view;
struct releases;

/*
 * Open the log, count what is in it. SETTINGS, WORDS and RELEASES (NULL: none) are
 * borrowed. Starts the job's thread; in the loop's first turn, a snapshot that was
 * asked for and not made, or else the fold that lives. Fails with SC_IO, SC_CORRUPT,
 * SC_SYNTAX (no such purpose), SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err view_open(struct loop *l, const struct view_settings *settings,
    const struct feed_words *words, struct releases *releases, struct sc_diag *d,
    struct view **out);
void view_close(struct view *v); /* a job that runs is given up; NULL is fine */

/*
 * Has the event log's disk failed so that nobody knows what is on it? The loop was
 * stopped then, for nothing is taken any more: a new start reads what is there, and
 * goes on.
 */
bool view_failed(const struct view *v);
/* The features as of now, borrowed until the loop turns; NULL: they are not made (yet). */
const struct fold *view_live(const struct view *v);

/* Read and verify the whole log instead of serving it. Fails like event_log_check(). */
SC_CHECKED enum sc_err view_check(const struct view_settings *settings, struct sc_diag *d);

/* ---- the feed ------------------------------------------------------------------------ */

uint64_t view_next(struct view *v, uint64_t spool);
/* Fails like event_log_append(). */
SC_CHECKED enum sc_err view_feed(struct view *v, uint64_t spool, uint64_t first,
    const struct feed_frame *frames, size_t n);

/* ---- an operator's questions: frames are told, END is not ------------------------------- */

void view_status(struct view *v, view_tell_fn *tell, void *arg);
/* What of that is of the last features. */
void view_tell_made(const struct view *v, view_tell_fn *tell, void *arg);
/* What the calendar owed at that snapshot, and what became of it. */
void view_tell_drafted(const struct view *v, view_tell_fn *tell, void *arg);
/*
 * The event and its first verdicts; nothing when it is not there. Fails like
 * event_log_about().
 */
SC_CHECKED enum sc_err view_why_event(struct view *v, uint64_t event, view_tell_fn *tell,
    void *arg);
void view_why_rule(struct view *v, uint8_t rule, size_t max, view_tell_fn *tell, void *arg);
/*
 * Note what operator UID holds of an event (ASK's EVENT, or else its RULE), and tell how many
 * events that is of. Fails with SC_SYNTAX (no reason, neither event nor rule), SC_STALE (no
 * such event), SC_IO.
 */
SC_CHECKED enum sc_err view_judge(struct view *v, const struct feed_ask *ask, uint8_t action,
    uid_t uid, view_tell_fn *tell, void *arg);

/* ---- jobs --------------------------------------------------------------------------------- */

/*
 * The number of a job that drops what ASK says. Fails with SC_AGAIN (one runs), SC_STALE (no
 * such event), SC_IO.
 */
SC_CHECKED enum sc_err view_drop(struct view *v, const struct feed_ask *ask, uint64_t *job);
/*
 * The number of a job that makes the features of the last snapshot anew. Fails with
 * SC_AGAIN, SC_IO.
 */
SC_CHECKED enum sc_err view_rebuild(struct view *v, uint64_t *job);
/* Has JOB ended? *ERR says how; *P how far it is, in frames of the log. */
bool view_job_ended(const struct view *v, uint64_t job, enum sc_err *err, struct feed_progress *p);
/* How many events the last job dropped because that was asked. */
void view_tell_dropped(const struct view *v, view_tell_fn *tell, void *arg);

#endif
