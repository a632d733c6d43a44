/*
 * book_index.c - hash tables of numbers, chained through the things themselves.
 *
 * Linear hashing (Litwin 1980): with each node that comes in at most one bucket
 * is split in two, so that no call pays for the growth of the whole table. The
 * hash is keyed for this process (book_find.c), or whoever chooses extensions
 * and numbers could make one chain long.
 */
#include "gateway/book/book_private.h"

#include <string.h>

#define LOAD 2 /* nodes a bucket: half the heads for a step more now and then */

static uint32_t *head_at(const struct book_index *x, uint32_t bucket)
{
	return (uint32_t *)x->heads.v[bucket / BOOK_CHUNK] + bucket % BOOK_CHUNK;
}

/* The largest power of two that is no more than N. */
static uint32_t floor_power(uint32_t n)
{
	return UINT32_C(1) << (31 - __builtin_clz(n));
}

/* Buckets from BUCKETS on are not there yet: what hashes there is still with its sibling. */
static uint32_t bucket_of(const struct book_index *x, uint64_t hash)
{
	uint32_t power = floor_power(x->buckets), bucket = (uint32_t)hash & (2 * power - 1);

	return bucket < x->buckets ? bucket : bucket & (power - 1);
}

static enum sc_err add_heads(struct book_index *x)
{
	enum sc_err err = book_chunks_add(&x->heads, BOOK_CHUNK * sizeof(uint32_t));

	/* BOOK_NONE is all ones */
	if (err == SC_OK)
		memset(x->heads.v[x->heads.n - 1], 0xff, BOOK_CHUNK * sizeof(uint32_t));
	return err;
}

enum sc_err book_index_init(struct book_index *x)
{
	x->buckets = BOOK_CHUNK / 4;
	return add_heads(x);
}

void book_index_fini(struct book_index *x)
{
	book_chunks_fini(&x->heads);
}

/* To the front of the chain at HEAD. */
static void push(const struct phone_book *b, struct book_index *x, uint32_t *head, uint32_t node)
{
	if (x->before != NULL) {
		*x->before(b, node) = BOOK_NONE;
		if (*head != BOOK_NONE)
			*x->before(b, *head) = node;
	}
	*x->next(b, node) = *head;
	*head = node;
}

/* One bucket more: it takes its part of the chain of its sibling. */
static void split(const struct phone_book *b, struct book_index *x)
{
	uint32_t fresh = x->buckets, power = floor_power(fresh), node, next;
	uint32_t *old;

	if (fresh / BOOK_CHUNK == x->heads.n && add_heads(x) != SC_OK)
		return;
	old = head_at(x, fresh - power);
	node = *old;
	*old = BOOK_NONE;
	for (; node != BOOK_NONE; node = next) {
		uint32_t *link = x->next(b, node);

		next = *link;
		if (((uint32_t)x->hash(b, node) & (2 * power - 1)) == fresh)
			push(b, x, head_at(x, fresh), node);
		else
			push(b, x, old, node);
	}
	x->buckets++;
}

void book_index_add(const struct phone_book *b, struct book_index *x, uint32_t node)
{
	if (++x->n / LOAD > x->buckets)
		split(b, x);
	push(b, x, head_at(x, bucket_of(x, x->hash(b, node))), node);
}

/* The link that leads to NODE; BOOK_NONE in it: NODE is not there. */
static uint32_t *link_to(const struct phone_book *b, struct book_index *x, uint32_t node)
{
	uint32_t *link;

	if (x->before != NULL && *x->before(b, node) != BOOK_NONE)
		return x->next(b, *x->before(b, node));
	link = head_at(x, bucket_of(x, x->hash(b, node)));
	while (*link != BOOK_NONE && *link != node)
		link = x->next(b, *link);
	return link;
}

void book_index_remove(const struct phone_book *b, struct book_index *x, uint32_t node)
{
	uint32_t *link = link_to(b, x, node), next;

	if (*link == BOOK_NONE)
		return;
	*link = next = *x->next(b, node);
	if (x->before != NULL && next != BOOK_NONE)
		*x->before(b, next) = *x->before(b, node);
	x->n--;
}

uint32_t book_index_first(const struct book_index *x, uint64_t hash)
{
	return *head_at(x, bucket_of(x, hash));
}
