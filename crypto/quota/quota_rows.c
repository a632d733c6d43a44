/*
 * quota_rows.c - what is new in the books, written behind them.
 *
 *	quota_rows_start()	replay the log, load today
 *	on_tick(), each second:	one job at a time
 *		what is new	rests until the log is durable so far, then
 *				bites of named rows; the last with the rest and the mark
 *		a day to come, or that the clock was set to: load
 *		else		drop what is old
 */
#include "crypto/quota/quota_rows_int.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define TICK_MS 1000
#define MARK_EACH 1024 /* entries: the mark follows though nothing is counted */

/* ---- what is counted ---- */

static void on_added(void *arg, uint64_t day, const struct sc_name *principal, uint64_t subject)
{
	struct kind_books *k = arg;
	struct quota_row row = { .day = day,
		.subject = subject,
		.n = 1,
		.kind = (uint8_t)(k - k->rows->kinds),
		.who = *principal };

	quota_keep_row(&k->rows->fresh, &row);
}

void quota_rows_count(struct quota_rows *r, enum quota_kind kind, const struct sc_name *who,
    uint64_t day, uint64_t n)
{
	struct quota_row row = { .day = day, .n = n, .kind = (uint8_t)kind, .who = *who };

	quota_keep_row(&r->fresh, &row);
}

struct quota *quota_rows_books(struct quota_rows *r, enum quota_kind kind)
{
	return r->kinds[kind].books;
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

/* ---- the second ---- */

static void on_tick(struct loop_timer *t)
{
	struct quota_rows *r = loop_owner(t, struct quota_rows, tick);

	if (r->state == ROWS_IDLE)
		rest(r);
	if (r->state == ROWS_RESTING && tlog_durable(r->p.log) >= r->mark)
		quota_write(r);
	/* a day is read when nothing of it is on its way to the rows */
	if (r->state == ROWS_IDLE && !quota_load(r))
		quota_drop(r);
	loop_timer_set(r->p.loop, &r->tick, r->p.tick_ms);
}

bool quota_rows_busy(const struct quota_rows *r)
{
	return r->state > ROWS_RESTING;
}

/* ---- life ---- */

enum sc_err quota_rows_start(struct quota_rows *r, const char *dir, struct sc_diag *d)
{
	const uint64_t day = quota_time(r->p.clock) / QUOTA_DAY_MS;
	enum sc_err err;

	if ((err = quota_replay(r, dir, day, d)) != SC_OK)
		return err;
	if ((err = quota_load_now(r, day)) != SC_OK) {
		sc_diag_set(d, "the day's openings cannot be counted (%s)", sc_err_name(err));
		return err;
	}
	loop_timer_set(r->p.loop, &r->tick, r->p.tick_ms);
	return SC_OK;
}

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
	if (r->p.tick_ms == 0)
		r->p.tick_ms = TICK_MS;
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
