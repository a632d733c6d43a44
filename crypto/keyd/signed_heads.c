/*
 * signed_heads.c - rows (origin, size, root) and their copy in memory.
 */
#include "crypto/keyd/signed_heads.h"

#include "crypto/keyd/tables.h"

#include <stdlib.h>
#include <string.h>

struct signed_heads {
	struct inbox *inbox;
	struct signed_head v[SIGNED_HEADS_MAX];
	size_t n;
};

/* Rows that come, and room for them. */
struct loading {
	struct signed_head *v;
	size_t n, max;
};

static bool bind_head(void *arg, size_t i, struct store_value *v)
{
	const struct signed_head *h = arg;

	(void)i;
	v[0] = store_text(h->origin);
	v[1] = store_number(h->size);
	v[2] = store_blob(h->root, sizeof(h->root));
	return true;
}

/* Size and root only: by its origin it was asked for. */
static enum sc_err take_one(void *arg, size_t i, const struct store_value *v)
{
	struct signed_head *h = arg;

	(void)i;
	if (v[2].bytes.n != sizeof(h->root))
		return SC_CORRUPT;
	h->size = (uint64_t)v[1].number;
	memcpy(h->root, v[2].bytes.p, sizeof(h->root));
	return SC_OK;
}

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct loading *l = arg;
	struct signed_head *h = &l->v[l->n];

	if (l->n == l->max || v[0].bytes.n > SIGNED_HEADS_ORIGIN_MAX)
		return SC_CORRUPT;
	memset(h, 0, sizeof(*h));
	memcpy(h->origin, v[0].bytes.p, v[0].bytes.n);
	l->n++;
	return take_one(h, i, v);
}

enum sc_err signed_heads_open(struct inbox *inbox, struct signed_heads **out)
{
	struct signed_heads *h = calloc(1, sizeof(*h));
	struct loading l = { .max = SIGNED_HEADS_MAX };
	struct store_job j = { .ask = { HEAD_LOAD, 1, NULL, take_row, &l } };
	enum sc_err err;

	*out = NULL;
	if (h == NULL)
		return SC_NOMEM;
	h->inbox = inbox;
	l.v = h->v;
	if ((err = store_run(inbox->store, &j)) != SC_OK) {
		free(h);
		return err;
	}
	h->n = l.n;
	*out = h;
	return SC_OK;
}

void signed_heads_free(struct signed_heads *h)
{
	free(h);
}

enum sc_err signed_heads_find(struct signed_heads *h, struct sc_span origin,
    struct signed_head **out)
{
	*out = NULL;
	for (size_t i = 0; i < h->n; i++)
		if (sc_span_is(origin, h->v[i].origin)) {
			*out = &h->v[i];
			return SC_OK;
		}
	if (h->n == SIGNED_HEADS_MAX || origin.n > SIGNED_HEADS_ORIGIN_MAX)
		return SC_LIMIT;
	memset(&h->v[h->n], 0, sizeof(h->v[h->n]));
	memcpy(h->v[h->n].origin, origin.p, origin.n);
	*out = &h->v[h->n++];
	return SC_OK;
}

/* ---- one row, waiting for it ---- */

/* The row of H->origin; what the statement gives stands in H afterwards. */
static enum sc_err ask_one(struct store *s, enum keyd_statement statement, struct signed_head *h)
{
	struct store_job j = { .ask = { statement, 1, bind_head, take_one, h } };

	return store_run(s, &j);
}

static enum sc_err set_origin(struct signed_head *h, const char *origin)
{
	size_t n = strlen(origin);

	memset(h, 0, sizeof(*h));
	if (n > SIGNED_HEADS_ORIGIN_MAX)
		return SC_LIMIT;
	memcpy(h->origin, origin, n);
	return SC_OK;
}

enum sc_err signed_heads_read(struct store *s, const char *origin, struct signed_head *out)
{
	/* none with so long an origin is ever kept */
	return set_origin(out, origin) != SC_OK ? SC_OK : ask_one(s, HEAD_FIND, out);
}

enum sc_err signed_heads_keep(struct store *s, const char *origin, uint64_t size,
    const uint8_t root[static HASH_BYTES])
{
	struct signed_head h;
	enum sc_err err;

	if ((err = set_origin(&h, origin)) != SC_OK)
		return err;
	h.size = size;
	memcpy(h.root, root, sizeof(h.root));
	return ask_one(s, HEAD_KEEP, &h);
}

enum sc_err signed_heads_forget(struct store *s, const char *origin)
{
	struct signed_head h;
	enum sc_err err = set_origin(&h, origin);

	return err != SC_OK ? err : ask_one(s, HEAD_FORGET, &h);
}

/* ---- the next head of another log, while the loop goes on ---- */

struct advance {
	struct inbox_job job;
	struct signed_head next;
	struct signed_head *head;
	void *owner;
	void (*done)(void *owner, struct signed_head *head, enum sc_err err);
};

static void on_advanced(struct inbox_job *j, enum sc_err err)
{
	struct advance *a = loop_owner(j, struct advance, job);

	a->head->busy = false;
	if (err == SC_OK)
		*a->head = a->next;
	a->done(a->owner, a->head, err);
	free(a);
}

enum sc_err signed_heads_advance(struct signed_heads *h, struct signed_head *head, uint64_t size,
    const uint8_t root[static HASH_BYTES], void *owner,
    void (*done)(void *owner, struct signed_head *head, enum sc_err err))
{
	struct advance *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return SC_NOMEM;
	a->job.job.ask = (struct store_batch){ HEAD_KEEP, 1, bind_head, NULL, &a->next };
	a->job.on_loop = on_advanced;
	a->next = *head;
	a->next.size = size;
	memcpy(a->next.root, root, sizeof(a->next.root));
	a->head = head;
	a->owner = owner;
	a->done = done;
	head->busy = true;
	inbox_submit(h->inbox, &a->job);
	return SC_OK;
}
