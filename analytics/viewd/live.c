/*
 * live.c - a fold is made, replaced, and given what arrives.
 */
#include "analytics/viewd/live.h"

#include "base/grow.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

static bool find(void *arg, uint64_t id, struct feed_event *out)
{
	return event_log_find(arg, id, out);
}

struct fold_settings live_settings(const struct fold_settings *s, struct event_log *log)
{
	struct fold_settings live = *s;

	live.find = find;
	live.find_arg = log;
	return live;
}

/* ---- caught up ------------------------------------------------------------------------- */

static enum sc_err take(void *arg, const struct feed_frame *frame)
{
	return fold_take(arg, frame);
}

enum sc_err live_read_on(struct event_log *log, struct live_fold *f)
{
	const struct event_log_place here = event_log_here(log);
	const enum sc_err err = event_log_read_between(log, f->at, here, take, f->fold);

	f->at = here;
	return err;
}

void live_drop(struct view_live *l)
{
	fold_free(l->fold);
	l->fold = NULL;
}

void live_replace(struct view_live *l, struct live_fold *f)
{
	const enum sc_err err = f->fold == NULL ? SC_NOMEM : live_read_on(l->log, f);

	live_drop(l);
	if (err == SC_OK)
		l->fold = f->fold;
	else
		fold_free(f->fold);
	f->fold = NULL;
}

bool live_take(struct view_live *l, const struct feed_frame *frame)
{
	if (l->fold == NULL || fold_take(l->fold, frame) == SC_OK)
		return true;
	log_event(LOG_ERROR, "viewd.live_dropped", LOG_ERR("err", SC_NOMEM), LOG_END);
	live_drop(l);
	return false;
}

/* ---- made -------------------------------------------------------------------------------- */

/* A fold of the log as a snapshot would leave it, which is not written anew for that. */
struct live_run {
	struct view_live *l;
	struct leaving *leaving;
	uint8_t *leaves; /* a bit for each frame */
	size_t n, cap;   /* of them; bytes */
	bool any;        /* of them is set */
};

static enum sc_err go_on(const struct live_run *r)
{
	return atomic_load_explicit(&r->l->give_up, memory_order_relaxed) ? SC_AGAIN : SC_OK;
}

static enum sc_err hear(void *arg, const struct feed_frame *frame)
{
	struct live_run *r = arg;
	enum sc_err err;

	if ((err = go_on(r)) != SC_OK || (err = fold_words(r->l->next.fold, frame)) != SC_OK)
		return err;
	return leaving_hear(r->leaving, frame);
}

static enum sc_err note(struct live_run *r, bool leaves)
{
	const size_t at = r->n++ / 8, cap = sc_grown(r->cap);
	uint8_t *v;

	if (at == r->cap) {
		if ((v = realloc(r->leaves, cap)) == NULL)
			return SC_NOMEM;
		memset(v + r->cap, 0, cap - r->cap);
		r->leaves = v;
		r->cap = cap;
	}
	r->leaves[at] |= (uint8_t)(leaves << (r->n - 1) % 8);
	return SC_OK;
}

/* LEAVING asks FOLD, which has heard all of it. */
static enum sc_err decide(void *arg, const struct feed_frame *frame)
{
	struct live_run *r = arg;
	const bool leaves = leaving_takes(r->leaving, frame) || frame->type == FEED_ERASE;
	const enum sc_err err = go_on(r);

	r->any |= leaves;
	return err == SC_OK ? note(r, leaves) : err;
}

static bool next_leaves(struct live_run *r)
{
	const size_t at = r->n++;

	return r->leaves[at / 8] >> at % 8 & 1;
}

static enum sc_err hear_rest(void *arg, const struct feed_frame *frame)
{
	struct live_run *r = arg;
	const enum sc_err err = go_on(r);

	return next_leaves(r) || err != SC_OK ? err : fold_words(r->l->next.fold, frame);
}

static enum sc_err count_rest(void *arg, const struct feed_frame *frame)
{
	struct live_run *r = arg;
	const enum sc_err err = go_on(r);

	return next_leaves(r) || err != SC_OK ? err : fold_event(r->l->next.fold, frame);
}

/* Every frame before a place, on either side of the last cut. */
static enum sc_err each_before(struct live_run *r, struct event_log_place to,
    event_log_each_fn *each)
{
	const struct event_log_place begin = { 0 };
	const enum sc_err err = event_log_read_cut(r->l->log, each, r, NULL, NULL);

	return err == SC_OK ? event_log_read_between(r->l->log, begin, to, each, r) : err;
}

static enum sc_err fold_rest(struct live_run *r, struct event_log_place to)
{
	struct fold *f = r->l->next.fold;
	enum sc_err err;

	if (r->any) {
		fold_begin(f);
		r->n = 0;
		if ((err = each_before(r, to, hear_rest)) != SC_OK)
			return err;
	}
	r->n = 0;
	err = each_before(r, to, count_rest);
	return err == SC_OK ? fold_end(f) : err;
}

/* All passes see the same frames. */
static enum sc_err make(struct live_run *r)
{
	struct view_live *l = r->l;
	const struct event_log_place here = event_log_here(l->log);
	enum sc_err err;

	if ((err = fold_new(&l->settings, &l->next.fold)) != SC_OK ||
	    (err = leaving_new(&l->wish, l->next.fold, &r->leaving)) != SC_OK)
		return err;
	fold_begin(l->next.fold);
	if ((err = each_before(r, here, hear)) != SC_OK ||
	    (err = each_before(r, here, decide)) != SC_OK || (err = fold_rest(r, here)) != SC_OK)
		return err;
	l->next.at = here;
	return live_read_on(l->log, &l->next);
}

void live_make(struct view_live *l)
{
	struct live_run r = { .l = l };
	const enum sc_err err = make(&r);

	if (err != SC_OK) {
		fold_free(l->next.fold);
		l->next.fold = NULL;
	}
	leaving_free(r.leaving);
	free(r.leaves);
	log_event(err == SC_OK || err == SC_AGAIN ? LOG_INFO : LOG_ERROR, "viewd.live",
	    LOG_ERR("err", err), LOG_END);
}

/* ---- told -------------------------------------------------------------------------------- */

void live_tell(const struct view_live *l, view_tell_fn *tell, void *arg)
{
	struct fold_stats s;

	if (l->fold == NULL)
		return;
	fold_count(l->fold, &s);
	view_tell_tally(tell, arg, FEED_N_LIVE, 0, 0, s.people);
	view_tell_tally(tell, arg, FEED_N_STALE, 0, 0, s.stale);
	view_tell_tally(tell, arg, FEED_N_LIVE_BYTES, 0, 0, fold_bytes(l->fold));
}
