/*
 * quota_days.c - days of the books: read from their rows when they come, dropped a bite at a
 * time when they are old.
 */
#include "crypto/quota/quota_rows_int.h"

#include "base/clock.h"
#include "base/log.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>

#define DROP_BITE 500 /* rows that one job drops */
#define DROP_EACH_MS 3600000u
#define DAYS_MAX 4096

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

enum sc_err quota_load_now(struct quota_rows *r, uint64_t day)
{
	r->day = day;
	r->job.job = (struct store_job){ .run = run_load };
	return take_day(r, store_run(r->p.inbox->store, &r->job.job));
}

static bool has_day(const struct quota_rows *r, uint64_t day)
{
	for (unsigned k = 0; k < QUOTA_KINDS; k++)
		if (!quota_has_day(r->kinds[k].books, day))
			return false;
	return true;
}

bool quota_load(struct quota_rows *r)
{
	uint64_t today = quota_time(r->p.clock) / QUOTA_DAY_MS;

	for (uint64_t day = today; day <= today + 1; day++)
		if (!has_day(r, day)) {
			r->day = day;
			quota_submit(r, ROWS_LOADING, run_load, on_loaded);
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

void quota_drop(struct quota_rows *r)
{
	if (clock_mono_ms() < r->drop_at_ms)
		return;
	r->today = quota_time(r->p.clock) / QUOTA_DAY_MS;
	quota_submit(r, ROWS_DROPPING, run_drop, on_dropped);
}
