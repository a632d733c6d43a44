/*
 * heads.c - rows (origin, size, root) and their copy in memory.
 */
#include "crypto/keyd/heads.h"

#include <stdlib.h>

struct heads {
	struct store *store;
	struct inbox *inbox;
	struct head v[HEADS_MAX];
	size_t n;
};

struct load_job {
	struct store_job job;
	struct heads *h;
};

/* The row that ST stands at. */
static enum sc_err take_row(struct store_stmt *st, struct head *out)
{
	struct sc_span origin = store_bytes(st, 0), root = store_bytes(st, 2);

	if (origin.n > HEADS_ORIGIN_MAX || root.n != 32)
		return SC_CORRUPT;
	memset(out, 0, sizeof(*out));
	memcpy(out->origin, origin.p, origin.n);
	out->size = (uint64_t)store_i64(st, 1);
	memcpy(out->root, root.p, 32);
	return SC_OK;
}

static enum sc_err load_run(struct store_job *j, struct store_tx *tx)
{
	struct heads *h = ((struct load_job *)(void *)j)->h;
	struct store_stmt *st = NULL;
	bool row;
	enum sc_err err;

	if ((err = store_prepare(tx, "SELECT origin, size, root FROM head", &st)) != SC_OK)
		return err;
	while ((err = store_step(st, &row)) == SC_OK && row) {
		if (h->n == HEADS_MAX || (err = take_row(st, &h->v[h->n])) != SC_OK) {
			err = SC_CORRUPT;
			break;
		}
		h->n++;
	}
	store_reset(st);
	return err;
}

enum sc_err heads_open(struct store *s, struct inbox *inbox, struct heads **out)
{
	struct heads *h = calloc(1, sizeof(*h));
	struct load_job j = { .job = { .run = load_run }, .h = h };
	enum sc_err err;

	*out = NULL;
	if (h == NULL)
		return SC_NOMEM;
	h->store = s;
	h->inbox = inbox;
	if ((err = store_run(s, &j.job)) != SC_OK) {
		free(h);
		return err;
	}
	*out = h;
	return SC_OK;
}

void heads_free(struct heads *h)
{
	free(h);
}

enum sc_err heads_find(struct heads *h, struct sc_span origin, struct head **out)
{
	size_t i;

	*out = NULL;
	for (i = 0; i < h->n; i++)
		if (sc_span_is(origin, h->v[i].origin)) {
			*out = &h->v[i];
			return SC_OK;
		}
	if (h->n == HEADS_MAX || origin.n > HEADS_ORIGIN_MAX)
		return SC_LIMIT;
	memset(&h->v[h->n], 0, sizeof(h->v[h->n]));
	memcpy(h->v[h->n].origin, origin.p, origin.n);
	*out = &h->v[h->n++];
	return SC_OK;
}

static enum sc_err put_row(struct store_tx *tx, const char *origin, uint64_t size,
    const uint8_t root[static 32])
{
	struct store_stmt *st = NULL;
	bool row;
	enum sc_err err;

	if ((err = store_prepare(tx,
		 "INSERT INTO head(origin, size, root)"
		 " VALUES(?1, ?2, ?3) ON CONFLICT(origin)"
		 " DO UPDATE SET size = ?2, root = ?3",
		 &st)) != SC_OK ||
	    (err = store_bind_text(st, 1, sc_span_str(origin))) != SC_OK ||
	    (err = store_bind_i64(st, 2, (int64_t)size)) != SC_OK ||
	    (err = store_bind_blob(st, 3, sc_span(root, 32))) != SC_OK)
		goto out;
	err = store_step(st, &row);
out:
	store_reset(st);
	return err;
}

/* ---- one row, waiting for it ---- */

struct row_job {
	struct store_job job;
	const char *origin;
	struct head *head;
};

static enum sc_err read_run(struct store_job *j, struct store_tx *tx)
{
	struct row_job *r = (struct row_job *)(void *)j;
	struct store_stmt *st = NULL;
	bool row;
	enum sc_err err;

	if ((err = store_prepare(tx,
		 "SELECT origin, size, root FROM head"
		 " WHERE origin = ?1",
		 &st)) == SC_OK &&
	    (err = store_bind_text(st, 1, sc_span_str(r->origin))) == SC_OK &&
	    (err = store_step(st, &row)) == SC_OK && row)
		err = take_row(st, r->head);
	store_reset(st);
	return err;
}

enum sc_err heads_read(struct store *s, const char *origin, struct head *out)
{
	struct row_job r = { .job = { .run = read_run }, .origin = origin, .head = out };

	memset(out, 0, sizeof(*out));
	return store_run(s, &r.job);
}

static enum sc_err keep_run(struct store_job *j, struct store_tx *tx)
{
	struct row_job *r = (struct row_job *)(void *)j;

	return put_row(tx, r->origin, r->head->size, r->head->root);
}

enum sc_err heads_keep(struct store *s, const char *origin, uint64_t size,
    const uint8_t root[static 32])
{
	struct head h = { .size = size };
	struct row_job r = { .job = { .run = keep_run }, .origin = origin, .head = &h };

	memcpy(h.root, root, 32);
	return store_run(s, &r.job);
}

static enum sc_err forget_run(struct store_job *j, struct store_tx *tx)
{
	struct row_job *r = (struct row_job *)(void *)j;
	struct store_stmt *st = NULL;
	bool row;
	enum sc_err err;

	if ((err = store_prepare(tx, "DELETE FROM head WHERE origin = ?1", &st)) == SC_OK &&
	    (err = store_bind_text(st, 1, sc_span_str(r->origin))) == SC_OK)
		err = store_step(st, &row);
	store_reset(st);
	return err;
}

enum sc_err heads_forget(struct store *s, const char *origin)
{
	struct row_job r = { .job = { .run = forget_run }, .origin = origin };

	return store_run(s, &r.job);
}

/* ---- the next head of another log, while the loop goes on ---- */

struct advance {
	struct store_job job;
	struct inbox_item item;
	struct heads *h;
	struct head *head;
	uint64_t size;
	uint8_t root[32];
	void *owner;
	void (*done)(void *owner, struct head *head, enum sc_err err);
	enum sc_err err;
};

static enum sc_err advance_run(struct store_job *j, struct store_tx *tx)
{
	struct advance *a = (struct advance *)(void *)j;

	return put_row(tx, a->head->origin, a->size, a->root);
}

static void advance_done(struct store_job *j, enum sc_err err)
{
	struct advance *a = (struct advance *)(void *)j;

	a->err = err;
	inbox_put(a->h->inbox, &a->item);
}

static void advance_on_loop(struct inbox_item *it)
{
	struct advance *a = loop_owner(it, struct advance, item);

	a->head->busy = false;
	if (a->err == SC_OK) {
		a->head->size = a->size;
		memcpy(a->head->root, a->root, 32);
	}
	a->done(a->owner, a->head, a->err);
	free(a);
}

enum sc_err heads_advance(struct heads *h, struct head *head, uint64_t size,
    const uint8_t root[static 32], void *owner,
    void (*done)(void *owner, struct head *head, enum sc_err err))
{
	struct advance *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return SC_NOMEM;
	a->job.run = advance_run;
	a->job.done = advance_done;
	a->item.on_loop = advance_on_loop;
	a->h = h;
	a->head = head;
	a->size = size;
	memcpy(a->root, root, 32);
	a->owner = owner;
	a->done = done;
	head->busy = true;
	store_submit(h->store, &a->job);
	return SC_OK;
}
