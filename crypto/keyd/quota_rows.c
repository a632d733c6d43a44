/*
 * quota_rows.c - what is new in the books, written behind them; days, read when they
 * come; old days, dropped a bite at a time.
 *
 *	quota_rows_start()	replay the log, load today
 *	on_tick(), each second:	one job at a time
 *		what is new	rests until the log is durable so far, then
 *				bites of named rows; the last with the rest and the mark
 *		a day to come, or that the clock was set to: load
 *		else		drop what is old
 */
#include "crypto/keyd/quota_rows.h"

#include "base/clock.h"
#include "base/log.h"
#include "crypto/keyd/quota_log.h"
#include "crypto/rows/tables.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 1000
#define BITE 2000     /* rows that one job adds */
#define DROP_BITE 500 /* rows that one job drops */
#define DROP_EACH_MS 3600000u
#define MARK_EACH 1024   /* entries: the mark follows though nothing is counted */
#define REPLAY_BITE 2048 /* entries that one job replays */
#define DAYS_MAX 4096

struct quota_row {
	uint64_t day, subject; /* 0: one that nobody can name */
	uint64_t n;
	uint8_t kind;
	struct sc_name who;
};

struct row_list {
	struct quota_row *v;
	size_t n, cap;
	bool short_of_memory;
};

enum rows_state { ROWS_IDLE, ROWS_RESTING, ROWS_WRITING, ROWS_LOADING, ROWS_DROPPING };

struct quota_rows {
	struct quota_rows_parts p;
	char node[160]; /* of its row in `writer` */
	struct kind_books {
		struct quota_rows *rows;
		struct quota *books;
	} kinds[QUOTA_KINDS];
	struct loop_timer tick;
	enum rows_state state;

	struct row_list fresh; /* counted since the last write */
	struct row_list batch; /* to be written, from AT on */
	size_t at;
	uint64_t mark, written; /* of the log: told by the batch, by the rows */

	struct inbox_job job;
	struct quota *loaded[QUOTA_KINDS];
	uint64_t day;   /* being loaded */
	uint64_t today; /* when dropping began */
	uint64_t dropped, drop_at_ms;
};

/* ---- what is counted ---- */

static void keep_row(struct row_list *l, const struct quota_row *row)
{
	size_t cap = l->cap == 0 ? 256 : l->cap * 2;
	struct quota_row *v;

	if (l->n == l->cap) {
		if ((v = realloc(l->v, cap * sizeof(*v))) == NULL) {
			l->short_of_memory = true;
			return;
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = *row;
}

static void on_added(void *arg, uint64_t day, const struct sc_name *principal, uint64_t subject)
{
	struct kind_books *k = arg;
	struct quota_row row = { .day = day,
		.subject = subject,
		.n = 1,
		.kind = (uint8_t)(k - k->rows->kinds),
		.who = *principal };

	keep_row(&k->rows->fresh, &row);
}

static enum sc_err on_shown(void *arg, uint64_t day, const struct sc_name *principal,
    uint64_t subject, uint64_t n)
{
	struct row_list *l = arg;

	keep_row(l,
	    &(struct quota_row){ .day = day,
		.subject = subject,
		.n = n,
		.kind = QUOTA_SHOWN,
		.who = *principal });
	return l->short_of_memory ? SC_NOMEM : SC_OK;
}

struct quota *quota_rows_books(struct quota_rows *r, enum quota_kind kind)
{
	return r->kinds[kind].books;
}

/* ---- writing ---- */

static bool bind_named(void *arg, size_t i, struct store_value *v)
{
	const struct quota_row *row = (const struct quota_row *)arg + i;

	v[0] = store_number(row->day);
	v[1] = store_text(row->who.s);
	v[2] = store_number(row->kind);
	v[3] = store_number(row->subject);
	return row->subject != 0;
}

static bool bind_unnamed(void *arg, size_t i, struct store_value *v)
{
	const struct quota_row *row = (const struct quota_row *)arg + i;

	v[0] = store_number(row->day);
	v[1] = store_text(row->who.s);
	v[2] = store_number(row->kind);
	v[3] = store_number(row->n);
	return row->subject == 0;
}

static bool bind_mark(void *arg, size_t i, struct store_value *v)
{
	const struct quota_rows *r = arg;

	(void)i;
	v[0] = store_text(r->node);
	v[1] = store_number(0);
	v[2] = store_number(r->mark);
	return true;
}

static enum sc_err add_named(struct store_tx *tx, struct quota_row *v, size_t n)
{
	return store_ask(tx, &(struct store_batch){ SEEN_ADD, n, bind_named, NULL, v });
}

/* In one commit, so that no crash counts them twice: those without a name, and the mark. */
static enum sc_err add_rest(struct quota_rows *r, struct store_tx *tx)
{
	enum sc_err err = store_ask(tx,
	    &(struct store_batch){ QUOTA_ADD, r->batch.n, bind_unnamed, NULL, r->batch.v });

	return err != SC_OK ?
	    err :
	    store_ask(tx, &(struct store_batch){ WRITER_KEEP, 1, bind_mark, NULL, r });
}

static size_t bite_of(const struct quota_rows *r)
{
	return r->batch.n - r->at < BITE ? r->batch.n - r->at : BITE;
}

static enum sc_err run_write(struct store_job *job, struct store_tx *tx)
{
	struct quota_rows *r = loop_owner(job, struct quota_rows, job.job);
	size_t n = bite_of(r);
	enum sc_err err = add_named(tx, r->batch.v + r->at, n);

	return err != SC_OK || r->at + n < r->batch.n ? err : add_rest(r, tx);
}

static void submit(struct quota_rows *r, enum rows_state state,
    enum sc_err (*run)(struct store_job *, struct store_tx *),
    void (*on_loop)(struct inbox_job *, enum sc_err))
{
	r->state = state;
	r->job.job = (struct store_job){ .run = run };
	r->job.on_loop = on_loop;
	inbox_submit(r->p.inbox, &r->job);
}

static void on_written(struct inbox_job *job, enum sc_err err)
{
	struct quota_rows *r = loop_owner(job, struct quota_rows, job);

	if (err != SC_OK) {
		/* again at the next tick */
		log_event(LOG_ERROR, "keyd.quota_unwritten", LOG_ERR("err", err), LOG_END);
		r->state = ROWS_RESTING;
		return;
	}
	r->at += bite_of(r);
	if (r->at < r->batch.n) {
		submit(r, ROWS_WRITING, run_write, on_written);
		return;
	}
	r->written = r->mark;
	r->batch.n = r->at = 0;
	r->state = ROWS_IDLE;
}

/* What is new becomes the batch: all that entries below the mark tell is in it. */
static void rest(struct quota_rows *r)
{
	struct row_list empty = r->batch;

	/* what could not be noted is read from the log, at the next start */
	if (r->fresh.short_of_memory)
		return;
	r->mark = tlog_next(r->p.log);
	if (r->fresh.n == 0 && r->mark - r->written < MARK_EACH)
		return;
	r->batch = r->fresh;
	r->fresh = empty;
	r->at = 0;
	r->state = ROWS_RESTING;
}

/* ---- loading a day ---- */

static bool bind_day(void *arg, size_t i, struct store_value *v)
{
	const struct quota_rows *r = arg;

	(void)i;
	v[0] = store_number(r->day);
	return true;
}

/* The book that a row (who, kind, ...) belongs to. */
static enum sc_err book_of(struct quota_rows *r, const struct store_value *v,
    struct quota_book **out)
{
	struct sc_name who;
	enum sc_err err = sc_name_parse(v[0].bytes, &who);

	if (err != SC_OK || v[1].number < 0 || v[1].number >= QUOTA_KINDS)
		return SC_CORRUPT;
	return quota_book(r->loaded[v[1].number], &who, r->day * QUOTA_DAY_MS, out);
}

static enum sc_err take_seen(void *arg, size_t i, const struct store_value *v)
{
	struct quota_book *b;
	enum sc_err err = book_of(arg, v, &b);

	(void)i;
	return err == SC_OK ? quota_fill(b, (uint64_t)v[2].number) : err;
}

static enum sc_err take_unnamed(void *arg, size_t i, const struct store_value *v)
{
	struct quota_book *b;
	enum sc_err err = book_of(arg, v, &b);

	(void)i;
	if (err == SC_OK)
		quota_fill_unnamed(b, (uint64_t)v[2].number);
	return err;
}

static enum sc_err run_load(struct store_job *job, struct store_tx *tx)
{
	struct quota_rows *r = loop_owner(job, struct quota_rows, job.job);
	enum sc_err err = SC_OK;

	for (unsigned k = 0; k < QUOTA_KINDS && err == SC_OK; k++)
		if ((err = quota_new(NULL, NULL, &r->loaded[k])) == SC_OK)
			err = quota_open_day(r->loaded[k], r->day);
	if (err != SC_OK ||
	    (err = store_ask(tx, &(struct store_batch){ SEEN_DAY, 1, bind_day, take_seen, r })) !=
		SC_OK)
		return err;
	return store_ask(tx, &(struct store_batch){ QUOTA_DAY, 1, bind_day, take_unnamed, r });
}

/* What was loaded becomes the books' own day, of all kinds or of none. */
static enum sc_err take_day(struct quota_rows *r, enum sc_err err)
{
	for (unsigned k = 0; k < QUOTA_KINDS; k++) {
		if (err == SC_OK && !quota_has_day(r->kinds[k].books, r->day))
			err = quota_move_day(r->kinds[k].books, r->loaded[k], r->day);
		quota_free(r->loaded[k]);
		r->loaded[k] = NULL;
	}
	return err;
}

static void on_loaded(struct inbox_job *job, enum sc_err err)
{
	struct quota_rows *r = loop_owner(job, struct quota_rows, job);

	r->state = ROWS_IDLE;
	if ((err = take_day(r, err)) != SC_OK)
		log_event(LOG_ERROR, "keyd.quota_unread", LOG_ERR("err", err), LOG_END);
}

/* Today's books, and tomorrow's before it comes. False: all are there. */
static bool load(struct quota_rows *r)
{
	uint64_t today = clock_unix_ms() / QUOTA_DAY_MS;

	for (uint64_t day = today; day <= today + 1; day++)
		if (!quota_has_day(r->kinds[QUOTA_SHOWN].books, day) ||
		    !quota_has_day(r->kinds[QUOTA_SEARCHED].books, day)) {
			r->day = day;
			submit(r, ROWS_LOADING, run_load, on_loaded);
			return true;
		}
	return false;
}

/* ---- dropping old days ---- */

struct day_list {
	uint64_t v[DAYS_MAX];
	size_t n;
};

static enum sc_err take_day_row(void *arg, size_t i, const struct store_value *v)
{
	struct day_list *l = arg;

	(void)i;
	if (l->n < DAYS_MAX)
		l->v[l->n++] = (uint64_t)v[0].number;
	return SC_OK;
}

/*
 * Before which day rows may go: it is old by the clock, and so many newer days have
 * rows. The clock alone may be set, and what is dropped does not come back.
 */
static uint64_t horizon_of(const struct day_list *l, uint64_t today)
{
	uint64_t horizon = 0;

	for (size_t i = 0; i + QUOTA_DAYS_KEPT < l->n; i++)
		if (l->v[i] + QUOTA_DAYS_KEPT <= today)
			horizon = l->v[i] + 1;
	return horizon;
}

struct dropping {
	uint64_t horizon, went;
};

static bool bind_horizon(void *arg, size_t i, struct store_value *v)
{
	const struct dropping *x = arg;

	(void)i;
	v[0] = store_number(x->horizon);
	v[1] = store_number(DROP_BITE);
	return true;
}

static enum sc_err count_row(void *arg, size_t i, const struct store_value *v)
{
	struct dropping *x = arg;

	(void)i;
	(void)v;
	x->went++;
	return SC_OK;
}

static enum sc_err run_drop(struct store_job *job, struct store_tx *tx)
{
	struct quota_rows *r = loop_owner(job, struct quota_rows, job.job);
	struct day_list *days = calloc(1, sizeof(*days));
	struct dropping x = { .went = 0 };
	enum sc_err err = SC_NOMEM;

	r->dropped = 0;
	if (days == NULL ||
	    (err = store_ask(tx,
		 &(struct store_batch){ SEEN_DAYS, 1, NULL, take_day_row, days })) != SC_OK ||
	    (x.horizon = horizon_of(days, r->today)) == 0 ||
	    (err = store_ask(tx,
		 &(struct store_batch){ SEEN_FORGET, 1, bind_horizon, count_row, &x })) != SC_OK)
		goto out;
	r->dropped = x.went;
	err = store_ask(tx, &(struct store_batch){ QUOTA_FORGET, 1, bind_horizon, NULL, &x });
out:
	free(days);
	return err;
}

static void on_dropped(struct inbox_job *job, enum sc_err err)
{
	struct quota_rows *r = loop_owner(job, struct quota_rows, job);

	r->state = ROWS_IDLE;
	if (err != SC_OK)
		log_event(LOG_ERROR, "keyd.quota_undropped", LOG_ERR("err", err), LOG_END);
	/* a whole bite: there is more, in the next idle second */
	if (err != SC_OK || r->dropped < DROP_BITE)
		r->drop_at_ms = clock_mono_ms() + DROP_EACH_MS;
}

static void drop(struct quota_rows *r)
{
	if (clock_mono_ms() < r->drop_at_ms)
		return;
	r->today = clock_unix_ms() / QUOTA_DAY_MS;
	submit(r, ROWS_DROPPING, run_drop, on_dropped);
}

/* ---- the second ---- */

static void on_tick(struct loop_timer *t)
{
	struct quota_rows *r = loop_owner(t, struct quota_rows, tick);

	if (r->state == ROWS_IDLE)
		rest(r);
	if (r->state == ROWS_RESTING && tlog_durable(r->p.log) >= r->mark)
		submit(r, ROWS_WRITING, run_write, on_written);
	/* a day is read when nothing of it is on its way to the rows */
	if (r->state == ROWS_IDLE && !load(r))
		drop(r);
	loop_timer_set(r->p.loop, &r->tick, TICK_MS);
}

bool quota_rows_busy(const struct quota_rows *r)
{
	return r->state > ROWS_RESTING;
}

/* ---- the start ---- */

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
	err = quota_log_read(x->dirfd, r->written, r->mark, x->size, on_shown, &r->batch, x->d);
	if (err != SC_OK || (err = add_named(tx, r->batch.v, r->batch.n)) != SC_OK)
		return err;
	return add_rest(r, tx);
}

static enum sc_err take_mark(void *arg, size_t i, const struct store_value *v)
{
	struct quota_rows *r = arg;

	(void)i;
	r->written = (uint64_t)v[1].number;
	r->mark = 1; /* there is one */
	return SC_OK;
}

static enum sc_err replay(struct quota_rows *r, const char *dir, uint64_t today, struct sc_diag *d)
{
	struct store *s = r->p.inbox->store;
	struct store_job find = { .ask = { WRITER_FIND, 1, bind_mark, take_mark, r } };
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

enum sc_err quota_rows_start(struct quota_rows *r, const char *dir, uint64_t now_ms,
    struct sc_diag *d)
{
	enum sc_err err;

	r->day = now_ms / QUOTA_DAY_MS;
	if ((err = replay(r, dir, r->day, d)) != SC_OK)
		return err;
	r->job.job = (struct store_job){ .run = run_load };
	if ((err = take_day(r, store_run(r->p.inbox->store, &r->job.job))) != SC_OK) {
		sc_diag_set(d, "the day's openings cannot be counted (%s)", sc_err_name(err));
		return err;
	}
	loop_timer_set(r->p.loop, &r->tick, TICK_MS);
	return SC_OK;
}

/* ---- life ---- */

enum sc_err quota_rows_new(const struct quota_rows_parts *parts, struct quota_rows **out)
{
	struct quota_rows *r = calloc(1, sizeof(*r));
	enum sc_err err = r == NULL ? SC_NOMEM : SC_OK;

	*out = NULL;
	for (unsigned k = 0; k < QUOTA_KINDS && err == SC_OK; k++) {
		r->kinds[k].rows = r;
		err = quota_new(on_added, &r->kinds[k], &r->kinds[k].books);
	}
	if (err != SC_OK) {
		quota_rows_free(r);
		return err;
	}
	r->p = *parts;
	snprintf(r->node, sizeof(r->node), "%s quotas", parts->origin);
	loop_timer_init(&r->tick, on_tick);
	*out = r;
	return SC_OK;
}

void quota_rows_free(struct quota_rows *r)
{
	if (r == NULL)
		return;
	if (r->p.loop != NULL)
		loop_timer_clear(r->p.loop, &r->tick);
	for (unsigned k = 0; k < QUOTA_KINDS; k++) {
		quota_free(r->kinds[k].books);
		quota_free(r->loaded[k]);
	}
	free(r->fresh.v);
	free(r->batch.v);
	free(r);
}
