/*
 * view.c - log, tallies and the one job that may run.
 */
#include "analytics/viewd/view_private.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 60000 /* after which what failed for want of room is tried again */

/* ---- the thread ------------------------------------------------------------------------ */

static void *run_jobs(void *arg)
{
	struct view *v = arg;

	pthread_mutex_lock(&v->lock);
	for (;;) {
		while (!v->is_there && !v->live_is_there && !v->closing)
			pthread_cond_wait(&v->cond, &v->lock);
		if (v->closing)
			break;
		const bool job = v->is_there;

		pthread_mutex_unlock(&v->lock);
		if (job)
			view_job_run(&v->job);
		else
			live_make(&v->live);
		pthread_mutex_lock(&v->lock);
		*(job ? &v->is_there : &v->live_is_there) = false;
		loop_wake_post(&v->ended);
	}
	pthread_mutex_unlock(&v->lock);
	return NULL;
}

static bool job_runs(const struct view *v)
{
	return v->n_ended < v->n_jobs;
}

static struct leaving_wish usual_wish(const struct view *v)
{
	return (struct leaving_wish){ .now_ms = clock_unix_ms(),
		.keep_aside_days = v->settings->keep_aside_days,
		.purpose = v->purpose };
}

void view_look_at_log(struct view *v)
{
	if (v->failed || !event_log_failed(v->log))
		return;
	log_event(LOG_ERROR, "viewd.disk_failed", LOG_END);
	v->failed = true;
	loop_stop(v->loop);
}

static void prepare_job(struct view *v, const struct leaving_wish *wish,
    const struct feed_snapshot *s)
{
	struct view_job *j = &v->job;

	j->log = v->log;
	j->data = v->settings->data;
	j->fold = v->live.settings;
	j->releases = v->releases;
	j->wish = *wish;
	j->makes_features = s != NULL;
	j->keeps_fold = v->settings->live;
	j->number = s == NULL ? 0 : s->number;
	j->at_ms = s == NULL ? 0 : s->at_ms;
	j->previous = j->number == v->made.number ? v->made.previous : v->made.number;
	atomic_store(&j->passed, 0);
	atomic_store(&j->total, 0);
}

static void wake_thread(struct view *v, bool *what)
{
	pthread_mutex_lock(&v->lock);
	*what = true;
	pthread_cond_signal(&v->cond);
	pthread_mutex_unlock(&v->lock);
}

/* The log is cut here, so that what is told from now on is AFTER. */
static enum sc_err job_start(struct view *v, const struct leaving_wish *wish,
    const struct feed_snapshot *s, bool is_asked)
{
	enum sc_err err;

	if ((err = event_log_cut(v->log)) != SC_OK) {
		view_look_at_log(v);
		return err;
	}
	memset(v->after, 0, sizeof(*v->after));
	prepare_job(v, wish, s);
	v->is_asked = is_asked;
	v->n_jobs++;
	atomic_store(&v->live.give_up, true);
	wake_thread(v, &v->is_there);
	return SC_OK;
}

/* ---- what is to be done ---------------------------------------------------------------------- */

static void make_snapshot(struct view *v)
{
	const struct leaving_wish wish = usual_wish(v);
	const enum sc_err err = job_start(v, &wish, &v->wanted, false);

	v->is_wanted = err != SC_OK;
	if (err == SC_OK)
		return;
	log_event(LOG_ERROR, "viewd.snapshot_refused", LOG_ERR("err", err),
	    LOG_U64("snapshot", v->wanted.number), LOG_END);
	loop_timer_set(v->loop, &v->again, AGAIN_MS);
}

static void make_live(struct view *v)
{
	v->live_runs = true;
	v->live_since = v->n_jobs;
	v->live.wish = usual_wish(v);
	atomic_store(&v->live.give_up, false);
	wake_thread(v, &v->live_is_there);
}

static void go_on(struct view *v)
{
	if (job_runs(v) || loop_timer_is_set(&v->again))
		return;
	if (v->is_wanted)
		make_snapshot(v);
	else if (v->settings->live && v->live.fold == NULL && !v->live_runs)
		make_live(v);
}

static void on_again(struct loop_timer *t)
{
	go_on(loop_owner(t, struct view, again));
}

/* ---- what came of it ------------------------------------------------------------------------- */

/* What it had is gone where the log was cut meanwhile: the places it knew are others. */
static void live_ended(struct view *v)
{
	v->live_runs = false;
	if (v->live_since != v->n_jobs) {
		fold_free(v->live.next.fold);
		v->live.next.fold = NULL;
		return;
	}
	live_replace(&v->live, &v->live.next);
	if (v->live.fold == NULL)
		loop_timer_set(v->loop, &v->again, AGAIN_MS);
}

/* It can end otherwise when there is room: a snapshot is made then, even if nobody asks. */
static void job_failed(struct view *v)
{
	const struct view_job *j = &v->job;

	view_look_at_log(v);
	if (j->err != SC_IO && j->err != SC_NOMEM)
		return;
	if (!v->is_asked && !v->is_wanted) {
		v->is_wanted = true;
		v->wanted = (struct feed_snapshot){ j->number, j->at_ms };
	}
	loop_timer_set(v->loop, &v->again, AGAIN_MS);
}

static void job_ended(struct view *v)
{
	struct view_tally *t = v->since;

	v->n_ended = v->n_jobs;
	v->last_err = v->job.err;
	if (v->job.kept.fold != NULL)
		live_replace(&v->live, &v->job.kept);
	else if (v->job.rewrote)
		live_drop(&v->live);
	if (v->job.err != SC_OK) {
		job_failed(v);
		return;
	}
	*v->base = v->job.tally;
	v->since = v->after;
	v->after = t;
	if (v->job.makes_features) {
		v->made = v->job.made;
		v->drafted = v->job.drafted;
	}
}

static void on_ended(struct loop_wake *w)
{
	struct view *v = loop_owner(w, struct view, ended);
	bool job, live;

	pthread_mutex_lock(&v->lock);
	job = !v->is_there && job_runs(v);
	live = !v->live_is_there && v->live_runs;
	pthread_mutex_unlock(&v->lock);
	if (live)
		live_ended(v);
	if (job)
		job_ended(v);
	go_on(v);
}

/* ---- opening -------------------------------------------------------------------------- */

static enum sc_err open_log(const struct view_settings *s, struct sc_diag *d,
    struct event_log **out)
{
	const struct event_log_options o = { .dir = s->data,
		.keep_days = s->keep_days,
		.keep_device_days = s->keep_device_days };

	return event_log_open(&o, d, out);
}

enum sc_err view_check(const struct view_settings *settings, struct sc_diag *d)
{
	struct event_log *log = NULL;
	enum sc_err err;

	if ((err = open_log(settings, d, &log)) == SC_OK)
		err = event_log_check(log, d);
	event_log_close(log);
	return err;
}

static enum sc_err find_purpose(struct view *v, struct sc_diag *d)
{
	const char *name = v->settings->purpose;

	v->purpose = name == NULL ? 1 :
				    (uint8_t)feed_list_find(&v->words->purposes, sc_span_str(name));
	if (v->purpose != 0)
		return SC_OK;
	sc_diag_set(d, "purpose: there is none called \"%.63s\" in %.150s", name,
	    v->settings->words);
	return SC_SYNTAX;
}

static enum sc_err count_frame(void *arg, const struct feed_frame *f)
{
	view_tally_add(arg, f);
	return SC_OK;
}

static enum sc_err begin(struct view *v, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = find_purpose(v, d)) != SC_OK ||
	    (err = open_log(v->settings, d, &v->log)) != SC_OK ||
	    (err = view_made_read(v->settings->data, d, &v->made)) != SC_OK)
		return err;
	if ((v->base = calloc(1, sizeof(*v->base))) == NULL ||
	    (v->since = calloc(1, sizeof(*v->since))) == NULL ||
	    (v->after = calloc(1, sizeof(*v->after))) == NULL)
		return SC_NOMEM;
	if ((err = event_log_read(v->log, count_frame, v->base, NULL, NULL)) != SC_OK) {
		sc_diag_set(d, "the event log cannot be read through (%s)", sc_err_name(err));
		return err;
	}
	v->live.log = v->log;
	v->live.settings = live_settings(&(struct fold_settings){ .purpose = v->purpose,
					     .join_devices = v->settings->join_devices,
					     .words = v->words,
					     .rules_off = v->settings->rules_off },
	    v->log);
	if (pthread_create(&v->thread, NULL, run_jobs, v) != 0)
		return SC_IO;
	v->has_thread = true;
	return SC_OK;
}

enum sc_err view_open(struct loop *l, const struct view_settings *settings,
    const struct feed_words *words, struct releases *releases, struct sc_diag *d, struct view **out)
{
	struct view *v = calloc(1, sizeof(*v));
	enum sc_err err;

	*out = NULL;
	if (v == NULL)
		return SC_NOMEM;
	v->loop = l;
	v->settings = settings;
	v->words = words;
	v->releases = releases;
	(void)pthread_mutex_init(&v->lock, NULL);
	(void)pthread_cond_init(&v->cond, NULL);
	loop_wake_init(l, &v->ended, on_ended);
	loop_timer_init(&v->again, on_again);
	if ((err = begin(v, d)) != SC_OK) {
		view_close(v);
		return err;
	}
	v->is_wanted = v->base->snapshot.number > v->made.number;
	v->wanted = v->base->snapshot;
	loop_timer_set(l, &v->again, 0); /* when the sockets serve */
	*out = v;
	return SC_OK;
}

void view_close(struct view *v)
{
	if (v == NULL)
		return;
	atomic_store(&v->job.give_up, true);
	atomic_store(&v->live.give_up, true);
	wake_thread(v, &v->closing);
	if (v->has_thread)
		pthread_join(v->thread, NULL);
	loop_timer_clear(v->loop, &v->again);
	live_drop(&v->live);
	fold_free(v->live.next.fold);
	fold_free(v->job.kept.fold);
	loop_wake_fini(&v->ended);
	event_log_close(v->log);
	free(v->base);
	free(v->since);
	free(v->after);
	(void)pthread_cond_destroy(&v->cond);
	(void)pthread_mutex_destroy(&v->lock);
	free(v);
}

/* ---- the feed ---------------------------------------------------------------------------- */

uint64_t view_next(struct view *v, uint64_t spool)
{
	return event_log_next(v->log, spool);
}

void view_kept(void *arg, const struct feed_frame *f)
{
	struct view *v = arg;

	view_tally_add(v->since, f);
	if (job_runs(v))
		view_tally_add(v->after, f);
	if (!live_take(&v->live, f))
		loop_timer_set(v->loop, &v->again, AGAIN_MS);
	if (f->type == FEED_SNAPSHOT) {
		v->is_wanted = true;
		v->wanted = f->u.snapshot;
	}
}

enum sc_err view_feed(struct view *v, uint64_t spool, uint64_t first,
    const struct feed_frame *frames, size_t n)
{
	enum sc_err err;

	err = event_log_append(v->log, spool, first, frames, n, clock_unix_ms(), view_kept, v);
	if (err == SC_OK)
		go_on(v);
	else
		view_look_at_log(v);
	return err;
}

/* ---- jobs ------------------------------------------------------------------------------------ */

enum sc_err view_drop(struct view *v, const struct feed_ask *ask, uint64_t *job)
{
	struct leaving_wish wish = usual_wish(v);
	struct feed_event e;
	enum sc_err err;

	if (job_runs(v))
		return SC_AGAIN;
	if (ask->event != 0 && !event_log_find(v->log, ask->event, &e))
		return SC_STALE;
	wish.drop = ask->event != 0 ? DROP_EVENT : ask->rule != FEED_NO_RULE ? DROP_RULE : DROP_ALL;
	wish.event = ask->event;
	wish.rule = ask->rule;
	err = job_start(v, &wish, NULL, true);
	*job = v->n_jobs;
	return err;
}

enum sc_err view_rebuild(struct view *v, uint64_t *job)
{
	const struct leaving_wish wish = usual_wish(v);
	/* the same snapshot, so the same bytes where nothing else was said since */
	const struct feed_snapshot s = { v->made.number,
		v->made.at_ms != 0 ? v->made.at_ms : wish.now_ms };
	enum sc_err err;

	if (job_runs(v))
		return SC_AGAIN;
	err = job_start(v, &wish, &s, true);
	*job = v->n_jobs;
	return err;
}

bool view_failed(const struct view *v)
{
	return v->failed;
}

const struct fold *view_live(const struct view *v)
{
	return v->live.fold;
}

bool view_job_ended(const struct view *v, uint64_t job, enum sc_err *err, struct feed_progress *p)
{
	const bool ended = job <= v->n_ended;

	p->total = atomic_load(&v->job.total);
	p->done = ended ? p->total : atomic_load(&v->job.passed) / VIEW_JOB_PASSES;
	if (p->done > p->total)
		p->done = p->total;
	*err = v->last_err;
	return ended;
}

void view_tell_dropped(const struct view *v, view_tell_fn *tell, void *arg)
{
	view_tell_tally(tell, arg, FEED_N_QUARANTINED, v->job.wish.rule, 0, v->job.dropped);
}
