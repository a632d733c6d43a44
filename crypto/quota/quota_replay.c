/*
 * quota_replay.c - the start: what the log tells of openings behind the mark becomes rows.
 */
#include "crypto/quota/quota_rows_int.h"

#include "crypto/quota/quota_log.h"
#include "crypto/rows/tables.h"

#include <fcntl.h>
#include <unistd.h>

#define REPLAY_BITE 2048 /* entries that one job replays */

static enum sc_err on_shown(void *arg, const struct quota_told *t)
{
	struct row_list *l = arg;

	quota_keep_row(l,
	    &(struct quota_row){ .day = t->day,
		.subject = t->subject,
		.n = t->n,
		.kind = (uint8_t)t->kind,
		.who = t->who });
	return l->short_of_memory ? SC_NOMEM : SC_OK;
}

struct replaying {
	struct store_job job;
	struct quota_rows *r;
	int dirfd;
	uint64_t size;
	struct sc_diag *d;
};

/* The next entries of the log, with the mark behind them in the same commit. */
static enum sc_err run_replay(struct store_job *job, struct store_tx *tx)
{
	struct replaying *x = loop_owner(job, struct replaying, job);
	struct quota_rows *r = x->r;
	enum sc_err err;

	r->batch.n = 0;
	r->mark = x->size - r->written < REPLAY_BITE ? x->size : r->written + REPLAY_BITE;
	err = quota_log_read(x->dirfd, r->written, &r->mark, x->size, on_shown, &r->batch, x->d);
	if (err != SC_OK || (err = quota_add_named(tx, r->batch.v, r->batch.n)) != SC_OK)
		return err;
	return quota_add_rest(r, tx);
}

static enum sc_err take_mark(void *arg, size_t i, const struct store_value *v)
{
	struct quota_rows *r = arg;

	(void)i;
	r->written = (uint64_t)v[1].number;
	r->mark = 1; /* there is one */
	return SC_OK;
}

enum sc_err quota_replay(struct quota_rows *r, const char *dir, uint64_t today, struct sc_diag *d)
{
	struct store *s = r->p.inbox->store;
	struct store_job find = { .ask = { WRITER_FIND, 1, quota_bind_mark, take_mark, r } };
	struct replaying x = { .job = { .run = run_replay }, .r = r, .d = d };
	struct tlog_status status;
	enum sc_err err;

	/* all of earlier runs: what this one has logged until now is no opening */
	tlog_status(r->p.log, &status);
	x.size = status.published;
	if ((x.dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		sc_diag_set(d, "cannot open the log's folder");
		return SC_IO;
	}
	r->mark = 0;
	err = store_run(s, &find);
	/* rows of a store that knows nothing of this log: today's are in it */
	if (err == SC_OK && r->mark == 0)
		err = quota_log_begin(x.dirfd, x.size, today, &r->written, d);
	while (err == SC_OK && r->written < x.size)
		if ((err = store_run(s, &x.job)) == SC_OK)
			r->written = r->mark;
	close(x.dirfd);
	/* a log that begins anew: people.c has judged it, and entries are counted from here */
	if (r->written > x.size)
		r->written = x.size;
	r->batch.n = 0;
	return err;
}
