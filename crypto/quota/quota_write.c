/*
 * quota_write.c - rows of the books on their way into the store, a bite at a time.
 */
#include "crypto/quota/quota_rows_int.h"

#include "base/log.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>

#define BITE 2000 /* rows that one job adds */

/* ---- a list of them ---- */

void quota_keep_row(struct row_list *l, const struct quota_row *row)
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

bool quota_bind_mark(void *arg, size_t i, struct store_value *v)
{
	const struct quota_rows *r = arg;

	(void)i;
	v[0] = store_text(r->node);
	v[1] = store_number(0);
	v[2] = store_number(r->mark);
	return true;
}

enum sc_err quota_add_named(struct store_tx *tx, struct quota_row *v, size_t n)
{
	return store_ask(tx, &(struct store_batch){ SEEN_ADD, n, bind_named, NULL, v });
}

enum sc_err quota_add_rest(struct quota_rows *r, struct store_tx *tx)
{
	enum sc_err err = store_ask(tx,
	    &(struct store_batch){ QUOTA_ADD, r->batch.n, bind_unnamed, NULL, r->batch.v });

	return err != SC_OK ?
	    err :
	    store_ask(tx, &(struct store_batch){ WRITER_KEEP, 1, quota_bind_mark, NULL, r });
}

/* ---- at the stop ---- */

struct keeping {
	struct store_job job;
	struct quota_rows *r;
	const struct row_list *lists[2];
	size_t from[2];
};

static enum sc_err run_keep(struct store_job *job, struct store_tx *tx)
{
	const struct keeping *k = loop_owner(job, struct keeping, job);
	struct quota_rows *r = k->r;
	const bool whole = tlog_durable(r->p.log) >= tlog_next(r->p.log);
	enum sc_err err = SC_OK;

	for (unsigned i = 0; i < 2 && err == SC_OK; i++) {
		struct quota_row *v = k->lists[i]->v + k->from[i];
		size_t n = k->lists[i]->n - k->from[i];

		/* sums are added up: without the mark they would be once more, from the log */
		if (n > 0 && (err = quota_add_named(tx, v, n)) == SC_OK && whole)
			err = store_ask(tx,
			    &(struct store_batch){ QUOTA_ADD, n, bind_unnamed, NULL, v });
	}
	if (err != SC_OK || !whole || r->fresh.short_of_memory)
		return err;
	r->mark = tlog_next(r->p.log);
	return store_ask(tx, &(struct store_batch){ WRITER_KEEP, 1, quota_bind_mark, NULL, r });
}

enum sc_err quota_rows_keep(struct quota_rows *r)
{
	struct keeping k = { .job = { .run = run_keep },
		.r = r,
		.lists = { &r->batch, &r->fresh },
		.from = { r->at, 0 } };

	return store_run(r->p.inbox->store, &k.job);
}

/* ---- behind the books ---- */

static size_t bite_of(const struct quota_rows *r)
{
	return r->batch.n - r->at < BITE ? r->batch.n - r->at : BITE;
}

static enum sc_err run_write(struct store_job *job, struct store_tx *tx)
{
	struct quota_rows *r = loop_owner(job, struct quota_rows, job.job);
	size_t n = bite_of(r);
	enum sc_err err = quota_add_named(tx, r->batch.v + r->at, n);

	return err != SC_OK || r->at + n < r->batch.n ? err : quota_add_rest(r, tx);
}

void quota_submit(struct quota_rows *r, enum rows_state state,
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
		quota_submit(r, ROWS_WRITING, run_write, on_written);
		return;
	}
	r->written = r->mark;
	r->batch.n = r->at = 0;
	r->state = ROWS_IDLE;
}

void quota_write(struct quota_rows *r)
{
	quota_submit(r, ROWS_WRITING, run_write, on_written);
}
