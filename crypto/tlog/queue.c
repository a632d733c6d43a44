/*
 * queue.c - a list of blocks; an entry never crosses from one into the next.
 */
#include "crypto/tlog/queue.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)128 * 1024) /* holds the longest entry */

struct queue_block {
	struct queue_block *next;
	size_t n;
	uint8_t b[BLOCK_BYTES];
};

void queue_init(struct queue *q, uint64_t next, size_t max)
{
	memset(q, 0, sizeof(*q));
	q->next = next;
	q->max = max;
}

void queue_fini(struct queue *q)
{
	struct queue_block *next;

	for (struct queue_block *b = q->head; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	queue_init(q, q->next, q->max);
}

enum sc_err queue_put(struct queue *q, struct sc_span entry)
{
	struct queue_block *b = q->tail;

	if (q->bytes + entry.n + 2 > q->max)
		return SC_AGAIN;
	if (b == NULL || BLOCK_BYTES - b->n < entry.n + 2) {
		if ((b = malloc(sizeof(*b))) == NULL)
			return SC_NOMEM;
		b->next = NULL;
		b->n = 0;
		if (q->tail == NULL)
			q->head = b;
		else
			q->tail->next = b;
		q->tail = b;
	}
	sc_be16_store(b->b + b->n, (uint16_t)entry.n);
	memcpy(b->b + b->n + 2, entry.p, entry.n);
	b->n += entry.n + 2;
	q->bytes += entry.n + 2;
	q->next++;
	return SC_OK;
}

bool queue_take(struct queue *q, struct queue_cursor *c, uint64_t end, size_t max_bytes,
    struct queue_run *out)
{
	struct queue_block *b = c->block == NULL ? q->head : c->block;
	size_t from, at;

	if (b != NULL && c->block != NULL && c->at == b->n && b->next != NULL) {
		b = b->next;
		c->block = b; /* even when nothing of it may be taken yet */
		c->at = 0;
	}
	if (b == NULL || c->at == b->n || c->index >= end)
		return false;
	c->block = b;
	from = at = c->at;
	out->first = c->index;
	while (at < b->n && c->index < end) {
		size_t n = 2 + (size_t)sc_be16_load(b->b + at);

		if (at - from + n > max_bytes)
			break;
		at += n;
		c->index++;
	}
	c->at = at;
	out->count = (uint32_t)(c->index - out->first);
	out->bytes = sc_span(b->b + from, at - from);
	return out->count > 0;
}

void queue_release(struct queue *q, const struct queue_cursor *c)
{
	struct queue_block *b;

	if (c->block == NULL)
		return;
	while (q->head != c->block) {
		b = q->head;
		q->head = b->next;
		q->bytes -= b->n;
		free(b);
	}
}
