/*
 * book_tokens.c - packed tokens, each in as many granules of eight bytes as it needs.
 *
 *	0       4   5
 *	+-------+---+-----------+
 *	| next  | n | the token |
 *	+-------+---+-----------+
 *
 * NEXT chains what is free, or bindings that cool down. A person's token of 43
 * bytes, as a phone number's is, fits into 48.
 */
#include "gateway/book/book_private.h"

#include <string.h>

#define GRANULE 8u
#define CHUNK_GRANULES 65536u
#define HEAD_BYTES 5u

struct token_head {
	uint32_t next;
	uint8_t n;
	uint8_t p[];
};
_Static_assert(offsetof(struct token_head, p) == HEAD_BYTES, "the head has no gaps");
_Static_assert((HEAD_BYTES + PHONE_TOKEN_PACKED_MAX + GRANULE - 1) / GRANULE == BOOK_TOKEN_SIZES,
    "the longest token");
_Static_assert(PHONE_TOKEN_PACKED_MAX <= UINT8_MAX, "a length is a byte");

static struct token_head *head_of(const struct phone_book *b, uint32_t at)
{
	uint8_t *chunk = b->tokens.chunks.v[at / CHUNK_GRANULES];

	return (void *)(chunk + (size_t)(at % CHUNK_GRANULES) * GRANULE);
}

static uint32_t granules_of(size_t n)
{
	return (uint32_t)((HEAD_BYTES + n + GRANULE - 1) / GRANULE);
}

void book_tokens_init(struct book_tokens *t)
{
	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i <= BOOK_TOKEN_SIZES; i++)
		t->free[i] = BOOK_NONE;
}

/* N granules that were never taken; none of them lies across two chunks. */
static enum sc_err take_fresh(struct book_tokens *t, uint32_t n, uint32_t *at)
{
	uint32_t left = t->chunks.n * CHUNK_GRANULES - t->fresh;
	enum sc_err err;

	if (left < n) {
		if (t->chunks.n == UINT32_MAX / CHUNK_GRANULES)
			return SC_LIMIT;
		err = book_chunks_add(&t->chunks, (size_t)CHUNK_GRANULES * GRANULE);
		if (err != SC_OK)
			return err;
		t->fresh += left;
	}
	*at = t->fresh;
	t->fresh += n;
	return SC_OK;
}

enum sc_err book_token_new(struct phone_book *b, struct sc_span token, uint32_t *at)
{
	uint32_t n = granules_of(token.n), *free_at = &b->tokens.free[n];
	struct token_head *h;
	enum sc_err err;

	if (*free_at != BOOK_NONE) {
		*at = *free_at;
		*free_at = head_of(b, *at)->next;
	} else if ((err = take_fresh(&b->tokens, n, at)) != SC_OK) {
		return err;
	}
	h = head_of(b, *at);
	h->next = BOOK_NONE;
	h->n = (uint8_t)token.n;
	memcpy(h->p, token.p, token.n);
	return SC_OK;
}

void book_token_drop(struct phone_book *b, uint32_t at)
{
	struct token_head *h;
	uint32_t n;

	if (at == BOOK_NONE)
		return;
	h = head_of(b, at);
	n = granules_of(h->n);
	memset(h, 0, (size_t)n * GRANULE);
	h->next = b->tokens.free[n];
	b->tokens.free[n] = at;
}

struct sc_span book_token_span(const struct phone_book *b, uint32_t at)
{
	const struct token_head *h;

	if (at == BOOK_NONE)
		return sc_span(NULL, 0);
	h = head_of(b, at);
	return sc_span(h->p, h->n);
}

uint32_t *book_token_next(const struct phone_book *b, uint32_t at)
{
	return &head_of(b, at)->next;
}
