/*
 * job.c - rewrite, hear, fold, write, draft: the steps of a snapshot, in this order.
 *
 *	rewrite	words, links, verdicts and who leaves are heard in a pass; they go in the next
 *	hear	words, links and verdicts again, where something left
 *	fold	events, and what there is counted
 *	write	features-N, then snapshot.json, which names it
 *	draft	the releases that the calendar owes, of both
 *
 * Ended anywhere it is done again from the start: the log tells which snapshot was asked
 * for last, snapshot.json which was made.
 */
#include "analytics/viewd/job.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

struct job_run {
	struct view_job *j;
	struct fold *fold;
	struct leaving *leaving;
};

static enum sc_err go_on(struct view_job *j)
{
	atomic_fetch_add_explicit(&j->passed, 1, memory_order_relaxed);
	return atomic_load_explicit(&j->give_up, memory_order_relaxed) ? SC_AGAIN : SC_OK;
}

static enum sc_err look(void *arg, const struct feed_frame *f)
{
	struct job_run *r = arg;
	enum sc_err err;

	if ((err = go_on(r->j)) != SC_OK || (err = fold_words(r->fold, f)) != SC_OK)
		return err;
	if (f->type == FEED_ERASE && f->u.erase.kind == FEED_PERSON &&
	    (err = releases_erased(r->j->releases, f->u.erase.who)) != SC_OK)
		return err;
	return leaving_hear(r->leaving, f);
}

static bool drops(void *arg, const struct feed_frame *f)
{
	struct job_run *r = arg;

	(void)go_on(r->j);
	return leaving_takes(r->leaving, f);
}

static bool folds(const struct view_job *j)
{
	return j->makes_features || j->keeps_fold;
}

static enum sc_err hear_again(void *arg, const struct feed_frame *f)
{
	struct job_run *r = arg;
	enum sc_err err = go_on(r->j);

	return err == SC_OK ? fold_words(r->fold, f) : err;
}

static enum sc_err count(void *arg, const struct feed_frame *f)
{
	struct job_run *r = arg;
	enum sc_err err;

	if ((err = go_on(r->j)) != SC_OK)
		return err;
	view_tally_add(&r->j->tally, f);
	return folds(r->j) ? fold_event(r->fold, f) : SC_OK;
}

static bool goes_on(void *arg)
{
	const struct view_job *j = arg;

	return !atomic_load_explicit(&j->give_up, memory_order_relaxed);
}

static enum sc_err write_features(struct job_run *r)
{
	struct view_job *j = r->j;
	char path[1100], name[MADE_NAME_BYTES];
	struct sc_diag d = { .text = "" };
	struct fold_stats s;
	enum sc_err err;

	fold_count(r->fold, &s);
	j->made = (struct view_made){ .number = j->number,
		.at_ms = j->at_ms,
		.previous = j->previous,
		.people = s.people,
		.visits = s.visits,
		.unconsented = s.unconsented };
	view_made_name(j->number, name);
	snprintf(path, sizeof(path), "%.1030s/%s", j->data, name);
	if ((err = fold_write(r->fold, path, j->number, j->at_ms, &d, j->made.sha256)) != SC_OK ||
	    (err = view_made_write(j->data, &j->made)) != SC_OK)
		return err;
	view_made_tidy(j->data, j->number, j->previous);
	return releases_make(j->releases, r->fold, path, goes_on, j, &j->drafted);
}

/* What was kept behind the cut is in no features yet, but in the fold that lives on. */
static void keep_fold(struct job_run *r)
{
	struct live_fold kept = { .fold = r->fold };

	fold_unheard(r->fold);
	if (live_read_on(r->j->log, &kept) != SC_OK)
		return;
	r->j->kept = kept;
	r->fold = NULL;
}

/* Who was heard to be erased has left, and may have come back: words, links and verdicts are others now. */
static enum sc_err hear_what_stayed(struct job_run *r, bool left)
{
	if (!left || !folds(r->j)) {
		atomic_fetch_add_explicit(&r->j->passed, atomic_load(&r->j->total),
		    memory_order_relaxed);
		return SC_OK;
	}
	fold_begin(r->fold);
	return event_log_read_cut(r->j->log, hear_again, r, NULL, NULL);
}

static enum sc_err rewrite(struct job_run *r, bool *left)
{
	struct view_job *j = r->j;
	struct event_log_stats before, after;
	enum sc_err err;

	fold_begin(r->fold);
	event_log_count(j->log, &before);
	if ((err = event_log_rewrite(j->log, j->wish.now_ms, look, drops, r)) != SC_OK)
		return err;
	event_log_count(j->log, &after);
	*left = after.rewritten != before.rewritten;
	j->rewrote = true;
	j->dropped = leaving_dropped(r->leaving);
	return SC_OK;
}

static enum sc_err finish(struct job_run *r)
{
	enum sc_err err;

	if (!folds(r->j))
		return SC_OK;
	if ((err = fold_end(r->fold)) != SC_OK)
		return err;
	if (r->j->makes_features)
		err = write_features(r);
	if (r->j->keeps_fold)
		keep_fold(r);
	return err;
}

static enum sc_err work(struct job_run *r)
{
	struct view_job *j = r->j;
	bool left = false;
	enum sc_err err;

	if ((j->makes_features &&
		(err = releases_begin(j->releases, j->at_ms, &j->fold)) != SC_OK) ||
	    (err = fold_new(&j->fold, &r->fold)) != SC_OK ||
	    (err = leaving_new(&j->wish, r->fold, &r->leaving)) != SC_OK ||
	    (err = rewrite(r, &left)) != SC_OK || (err = hear_what_stayed(r, left)) != SC_OK ||
	    (err = event_log_read_cut(j->log, count, r, NULL, NULL)) != SC_OK)
		return err;
	return finish(r);
}

void view_job_run(struct view_job *j)
{
	struct job_run r = { .j = j };
	struct event_log_stats s;

	memset(&j->tally, 0, sizeof(j->tally));
	memset(&j->drafted, 0, sizeof(j->drafted));
	j->rewrote = false;
	j->kept.fold = NULL;
	event_log_count(j->log, &s);
	atomic_store(&j->passed, 0);
	atomic_store(&j->total, s.frames);
	j->err = work(&r);
	leaving_free(r.leaving);
	fold_free(r.fold);
	log_event(j->err == SC_OK || j->err == SC_AGAIN ? LOG_INFO : LOG_ERROR, "viewd.job",
	    LOG_ERR("err", j->err), LOG_U64("snapshot", j->number),
	    LOG_U64("people", j->made.people), LOG_END);
}
