/*
 * idem.c - open addressing, at most 7 of 8 places taken.
 */
#include "gateway/phone/idem.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#define CAP_MIN 64

void idem_fini(struct idem_table *t)
{
	free(t->v);
	memset(t, 0, sizeof(*t));
}

/* A key of zeros would be an empty place. */
static uint64_t half(const uint8_t hash[static IDEM_BYTES])
{
	return sc_be64_load(hash) | 1;
}

/* Where KEY stands, or the empty place where it belongs. There is always one. */
static struct idem_entry *place(const struct idem_table *t, uint64_t key)
{
	size_t i = (key >> 1) & (t->cap - 1);

	while (t->v[i].key != 0 && t->v[i].key != key)
		i = (i + 1) & (t->cap - 1);
	return &t->v[i];
}

enum idem_found idem_find(const struct idem_table *t, const struct phone_book *b,
    const struct idem_said *said, uint32_t *at)
{
	const struct idem_entry *e;

	*at = BOOK_NONE;
	if (!said->said || t->cap == 0)
		return IDEM_NEW;
	e = place(t, half(said->key));
	if (e->key == 0 || (*at = book_find(b, e->binding)) == BOOK_NONE)
		return IDEM_NEW;
	return e->content == half(said->content) ? IDEM_SAME : IDEM_OTHER;
}

static bool says(const struct idem_entry *e, const struct phone_book *b)
{
	return e->key != 0 && book_find(b, e->binding) != BOOK_NONE;
}

/* Room for one more: those that say nothing go, and then it is half full at most. */
static enum sc_err grow(struct idem_table *t, const struct phone_book *b)
{
	struct idem_table next = { .cap = CAP_MIN };
	size_t good = 0;

	for (size_t i = 0; i < t->cap; i++)
		good += says(&t->v[i], b);
	while (next.cap < 2 * (good + 1))
		next.cap *= 2;
	if ((next.v = calloc(next.cap, sizeof(*next.v))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < t->cap; i++)
		if (says(&t->v[i], b))
			*place(&next, t->v[i].key) = t->v[i];
	next.n = good;
	free(t->v);
	*t = next;
	return SC_OK;
}

enum sc_err idem_put(struct idem_table *t, const struct phone_book *b, const struct idem_said *said,
    const uint8_t binding[static PHONE_ID_BYTES])
{
	struct idem_entry *e;
	enum sc_err err;

	if (!said->said)
		return SC_OK;
	if (t->n + 1 > t->cap / 8 * 7 && (err = grow(t, b)) != SC_OK)
		return err;
	e = place(t, half(said->key));
	t->n += e->key == 0;
	e->key = half(said->key);
	e->content = half(said->content);
	memcpy(e->binding, binding, PHONE_ID_BYTES);
	return SC_OK;
}

void idem_drop(struct idem_table *t, const struct idem_said *said)
{
	struct idem_entry *e;

	if (!said->said || t->cap == 0)
		return;
	e = place(t, half(said->key));
	if (e->key != 0)
		memset(e->binding, 0, PHONE_ID_BYTES);
}
