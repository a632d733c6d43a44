/*
 * signed_heads.c - rows (origin, size, root).
 */
#include "crypto/rows/signed_heads.h"

#include "crypto/rows/tables.h"

#include <string.h>

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

/* ---- the next head of another log, inside a job of the store's ---- */

static enum sc_err ask(struct store_tx *tx, enum keyd_statement statement, struct signed_head *h)
{
	const struct store_batch b = { statement, 1, bind_head, take_one, h };

	return store_ask(tx, &b);
}

static enum sc_err take_count(void *arg, size_t i, const struct store_value *v)
{
	(void)arg, (void)i;
	return v[0].number < SIGNED_HEADS_MAX ? SC_OK : SC_LIMIT;
}

enum sc_err signed_heads_last(struct store_tx *tx, struct signed_head *h)
{
	const struct store_batch others = { HEAD_OTHERS, 1, bind_head, take_count, h };
	enum sc_err err;

	h->size = 0;
	if ((err = ask(tx, HEAD_FIND, h)) != SC_OK || h->size > 0)
		return err;
	return store_ask(tx, &others);
}

enum sc_err signed_heads_advance(struct store_tx *tx, struct signed_head *h)
{
	return ask(tx, HEAD_KEEP, h);
}
