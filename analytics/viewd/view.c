/*
 * view.c - log, tallies and the one job that may run.
 *
 * A job begins with a cut of the log: BASE is what stood before the cut of the last job that
 * ended well, SINCE what came after that, AFTER what came after the cut of the one that runs.
 * When it ends well, BASE is what it counted and SINCE becomes AFTER.
 */
#include "analytics/viewd/view.h"

#include "analytics/viewd/job.h"
#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define WHY_RULE_USUAL 10
#define WHY_EVENT_MAX 256

struct view {
	const struct view_settings *settings;
	const struct feed_words *words;
	struct event_log *log;
	uint8_t purpose;
	struct view_tally *base, *since, *after;
	struct view_made made;
	struct feed_snapshot wanted; /* told while a job ran */
	bool is_wanted;
	/* the job and its thread */
	struct view_job job;
	uint64_t n_jobs, n_ended; /* the one that runs has number N_JOBS */
	enum sc_err last_err;     /* of the last that ended */
	pthread_t thread;
	pthread_mutex_t lock; /* of the two below */
	pthread_cond_t cond;
	bool is_there, closing;
	bool has_thread;
	struct loop_wake ended;
};

/* ---- the thread ------------------------------------------------------------------------ */

static void *run_jobs(void *arg)
{
	struct view *v = arg;

	pthread_mutex_lock(&v->lock);
	for (;;) {
		while (!v->is_there && !v->closing)
			pthread_cond_wait(&v->cond, &v->lock);
		if (v->closing)
			break;
		pthread_mutex_unlock(&v->lock);
		view_job_run(&v->job);
		pthread_mutex_lock(&v->lock);
		v->is_there = false;
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

/* The log is cut here, so that what is told from now on is AFTER. */
static enum sc_err job_start(struct view *v, const struct leaving_wish *wish,
    const struct feed_snapshot *s)
{
	struct view_job *j = &v->job;
	enum sc_err err;

	if ((err = event_log_cut(v->log)) != SC_OK)
		return err;
	memset(v->after, 0, sizeof(*v->after));
	j->log = v->log;
	j->data = v->settings->data;
	j->fold = (struct fold_settings){ .purpose = v->purpose,
		.join_devices = v->settings->join_devices,
		.words = v->words,
		.rules_off = v->settings->rules_off };
	j->wish = *wish;
	j->makes_features = s != NULL;
	j->number = s == NULL ? 0 : s->number;
	j->at_ms = s == NULL ? 0 : s->at_ms;
	j->previous = j->number == v->made.number ? v->made.previous : v->made.number;
	atomic_store(&j->passed, 0);
	atomic_store(&j->total, 0);
	v->n_jobs++;
	pthread_mutex_lock(&v->lock);
	v->is_there = true;
	pthread_cond_signal(&v->cond);
	pthread_mutex_unlock(&v->lock);
	return SC_OK;
}

static void make_snapshot(struct view *v, const struct feed_snapshot *s)
{
	const struct leaving_wish wish = usual_wish(v);
	enum sc_err err;

	v->is_wanted = job_runs(v);
	v->wanted = *s;
	if (!v->is_wanted && (err = job_start(v, &wish, s)) != SC_OK)
		log_event(LOG_ERROR, "viewd.snapshot_refused", LOG_ERR("err", err),
		    LOG_U64("snapshot", s->number), LOG_END);
}

static void on_ended(struct loop_wake *w)
{
	struct view *v = loop_owner(w, struct view, ended);
	struct view_tally *t = v->base;

	v->n_ended = v->n_jobs;
	v->last_err = v->job.err;
	if (v->job.err == SC_OK) {
		*v->base = v->job.tally;
		t = v->since;
		v->since = v->after;
		v->after = t;
		if (v->job.makes_features)
			v->made = v->job.made;
	}
	if (v->is_wanted) {
		const struct feed_snapshot s = v->wanted;

		make_snapshot(v, &s);
	}
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
	if (pthread_create(&v->thread, NULL, run_jobs, v) != 0)
		return SC_IO;
	v->has_thread = true;
	return SC_OK;
}

enum sc_err view_open(struct loop *l, const struct view_settings *settings,
    const struct feed_words *words, struct sc_diag *d, struct view **out)
{
	struct view *v = calloc(1, sizeof(*v));
	enum sc_err err;

	*out = NULL;
	if (v == NULL)
		return SC_NOMEM;
	v->settings = settings;
	v->words = words;
	(void)pthread_mutex_init(&v->lock, NULL);
	(void)pthread_cond_init(&v->cond, NULL);
	loop_wake_init(l, &v->ended, on_ended);
	if ((err = begin(v, d)) != SC_OK) {
		view_close(v);
		return err;
	}
	if (v->base->snapshot.number > v->made.number)
		make_snapshot(v, &v->base->snapshot);
	*out = v;
	return SC_OK;
}

void view_close(struct view *v)
{
	if (v == NULL)
		return;
	atomic_store(&v->job.give_up, true);
	pthread_mutex_lock(&v->lock);
	v->closing = true;
	pthread_cond_signal(&v->cond);
	pthread_mutex_unlock(&v->lock);
	if (v->has_thread)
		pthread_join(v->thread, NULL);
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

static void on_kept(void *arg, const struct feed_frame *f)
{
	struct view *v = arg;

	view_tally_add(v->since, f);
	if (job_runs(v))
		view_tally_add(v->after, f);
	if (f->type == FEED_SNAPSHOT) {
		v->is_wanted = true;
		v->wanted = f->u.snapshot;
	}
}

enum sc_err view_feed(struct view *v, uint64_t spool, uint64_t first,
    const struct feed_frame *frames, size_t n)
{
	enum sc_err err;

	err = event_log_append(v->log, spool, first, frames, n, clock_unix_ms(), on_kept, v);
	if (err == SC_OK && v->is_wanted && !job_runs(v)) {
		const struct feed_snapshot s = v->wanted;

		make_snapshot(v, &s);
	}
	return err;
}

/* ---- questions ----------------------------------------------------------------------------- */

void view_tell_made(const struct view *v, view_tell_fn *tell, void *arg)
{
	const struct view_made *m = &v->made;
	uint64_t digest = 0;

	for (size_t i = 0; i < 8; i++)
		digest = digest << 8 | m->sha256[i];
	view_tell_tally(tell, arg, FEED_N_PEOPLE, 0, 0, m->people);
	view_tell_tally(tell, arg, FEED_N_VISITS, 0, 0, m->visits);
	view_tell_tally(tell, arg, FEED_N_UNCONSENTED, 0, 0, m->unconsented);
	view_tell_tally(tell, arg, FEED_N_SNAPSHOT, 0, 0, m->number);
	view_tell_tally(tell, arg, FEED_N_SNAPSHOT_AT, 0, 0, m->at_ms);
	view_tell_tally(tell, arg, FEED_N_DIGEST, 0, 0, digest);
}

void view_status(struct view *v, view_tell_fn *tell, void *arg)
{
	const struct view_tally *a = v->base, *b = v->since;
	struct event_log_stats s;

	event_log_count(v->log, &s);
	view_tally_tell(a, b, FEED_NO_RULE, tell, arg);
	view_tell_tally(tell, arg, FEED_N_DUPLICATES, 0, 0, s.duplicates);
	view_tell_tally(tell, arg, FEED_N_LATE, 0, 0, a->late + b->late);
	view_tell_made(v, tell, arg);
	view_tell_tally(tell, arg, FEED_N_ERASED, 0, 0, s.erased + a->erasures + b->erasures);
	view_tell_tally(tell, arg, FEED_N_BYTES, 0, 0, s.bytes);
}

struct telling {
	view_tell_fn *tell;
	void *arg;
	size_t left;
};

static enum sc_err pass_on(void *arg, const struct feed_frame *f)
{
	struct telling *t = arg;

	if (t->left > 0) {
		t->left--;
		t->tell(t->arg, f);
	}
	return SC_OK;
}

enum sc_err view_why_event(struct view *v, uint64_t event, view_tell_fn *tell, void *arg)
{
	struct telling t = { tell, arg, WHY_EVENT_MAX };

	return event_log_about(v->log, event, pass_on, &t);
}

void view_why_rule(struct view *v, uint8_t rule, size_t max, view_tell_fn *tell, void *arg)
{
	view_tally_newest(v->base, v->since, rule, max == 0 ? WHY_RULE_USUAL : max, tell, arg);
	view_tally_tell(v->base, v->since, rule, tell, arg);
}

/* The first rule by number that set the event aside. */
static enum sc_err first_rule(void *arg, const struct feed_frame *f)
{
	uint8_t *rule = arg;

	if (f->type == FEED_VERDICT && f->u.verdict.action == FEED_QUARANTINE &&
	    (*rule == FEED_NO_RULE || f->u.verdict.rule < *rule))
		*rule = f->u.verdict.rule;
	return SC_OK;
}

static enum sc_err verdict_of(struct view *v, const struct feed_ask *ask, struct feed_verdict *out)
{
	struct feed_event e;

	if (ask->because == 0 || (ask->event == 0 && ask->rule == FEED_NO_RULE))
		return SC_SYNTAX;
	out->because = ask->because;
	out->event = ask->event;
	out->rule = ask->event == 0 ? ask->rule : FEED_NO_RULE;
	out->scope = ask->event == 0 ? FEED_OF_RULE : FEED_OF_EVENT;
	if (ask->event == 0)
		return SC_OK;
	if (!event_log_find(v->log, ask->event, &e))
		return SC_STALE;
	return event_log_about(v->log, ask->event, first_rule, &out->rule);
}

static uint64_t set_aside_by(const struct view *v, uint8_t rule)
{
	return v->base->by_action[FEED_QUARANTINE][rule] +
	    v->since->by_action[FEED_QUARANTINE][rule];
}

enum sc_err view_judge(struct view *v, const struct feed_ask *ask, uint8_t action, uid_t uid,
    view_tell_fn *tell, void *arg)
{
	struct feed_frame f = { .type = FEED_VERDICT };
	enum sc_err err;
	uint64_t n;

	f.u.verdict.action = action;
	f.u.verdict.operator_uid = uid;
	f.u.verdict.at_ms = clock_unix_ms();
	if ((err = verdict_of(v, ask, &f.u.verdict)) != SC_OK)
		return err;
	f.u.verdict.rule_version = feed_rules[f.u.verdict.rule].version;
	n = f.u.verdict.scope == FEED_OF_EVENT ? 1 : set_aside_by(v, f.u.verdict.rule);
	err = event_log_note(v->log, &f, 1, f.u.verdict.at_ms, on_kept, v);
	if (err == SC_OK)
		view_tell_tally(tell, arg,
		    action == FEED_RELEASE ? FEED_N_RELEASED : FEED_N_CONDEMNED, f.u.verdict.rule,
		    0, n);
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
	err = job_start(v, &wish, NULL);
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
	err = job_start(v, &wish, &s);
	*job = v->n_jobs;
	return err;
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
