/*
 * open_boxes.c - the boxes that are open.
 *
 * One piece of the vault: this struct, the boxes' heads, the buckets, the
 * texts. Each box stands in one of two rings: idle (the one used longest ago
 * first; those that are nobody's before all others) or held.
 */
#include "crypto/keytree/open_boxes.h"

#include "base/buf.h"
#include "crypto/prim/vault.h"

#include <string.h>

struct open_boxes {
	struct open_box *box;
	struct open_box **bucket;
	uint32_t n, n_buckets; /* buckets: a power of two */
	uint32_t n_held;
	struct open_box idle, held; /* the rings' ends */
};

static void ring_init(struct open_box *end)
{
	end->prev = end->next = end;
}

static void ring_leave(struct open_box *x)
{
	x->prev->next = x->next;
	x->next->prev = x->prev;
}

/* X goes before Y. */
static void ring_enter(struct open_box *y, struct open_box *x)
{
	x->prev = y->prev;
	x->next = y;
	y->prev->next = x;
	y->prev = x;
}

enum sc_err open_boxes_new(uint32_t n, struct open_boxes **out)
{
	uint32_t n_buckets = 16;
	struct open_boxes *b;
	uint8_t *plain;

	*out = NULL;
	while (n_buckets < n)
		n_buckets *= 2;
	b = vault_alloc(sizeof(*b) + n * (sizeof(struct open_box) + (size_t)TREE_PLAIN) +
	    n_buckets * sizeof(b->bucket[0]));
	if (b == NULL)
		return SC_NOMEM;
	b->n = n;
	b->n_buckets = n_buckets;
	b->box = (struct open_box *)(b + 1);
	b->bucket = (struct open_box **)(b->box + n);
	plain = (uint8_t *)(b->bucket + n_buckets);
	ring_init(&b->idle);
	ring_init(&b->held);
	for (uint32_t i = 0; i < n; i++) {
		b->box[i].plain = plain + (size_t)i * TREE_PLAIN;
		ring_enter(&b->idle, &b->box[i]);
	}
	*out = b;
	return SC_OK;
}

void open_boxes_free(struct open_boxes *b)
{
	vault_free(b);
}

static struct open_box **bucket_of(const struct open_boxes *b, uint64_t place)
{
	/* neighbours lie apart, and so do the levels */
	return &b->bucket[(place * 0x9e3779b97f4a7c15u >> 32) & (b->n_buckets - 1)];
}

struct open_box *open_boxes_find(struct open_boxes *b, uint64_t place)
{
	struct open_box *x = *bucket_of(b, place);

	while (x != NULL && x->place != place)
		x = x->next_here;
	if (x != NULL && !x->held) {
		ring_leave(x);
		ring_enter(&b->idle, x);
	}
	return x;
}

/* X is nobody's any more. */
static void unlist(struct open_boxes *b, struct open_box *x)
{
	struct open_box **at = bucket_of(b, x->place);

	while (*at != x)
		at = &(*at)->next_here;
	*at = x->next_here;
	x->used = false;
}

struct open_box *open_boxes_take(struct open_boxes *b, uint64_t place)
{
	struct open_box *x = b->idle.next, **at = bucket_of(b, place);

	if (x == &b->idle)
		return NULL;
	if (x->used)
		unlist(b, x);
	x->place = place;
	x->next_here = *at;
	*at = x;
	x->used = true;
	ring_leave(x);
	ring_enter(&b->idle, x);
	return x;
}

void open_boxes_give(struct open_boxes *b, struct open_box *x)
{
	unlist(b, x);
	sc_wipe(x->plain, TREE_PLAIN);
	b->n_held -= x->held;
	x->held = x->absent = x->changed = x->rekey = false;
	ring_leave(x);
	ring_enter(b->idle.next, x); /* the next to be taken */
}

void open_boxes_hold(struct open_boxes *b, struct open_box *x)
{
	if (x->held)
		return;
	x->held = true;
	b->n_held++;
	ring_leave(x);
	ring_enter(&b->held, x);
}

uint32_t open_boxes_room(const struct open_boxes *b)
{
	return b->n - b->n_held;
}

struct open_box *open_boxes_held(const struct open_boxes *b, const struct open_box *before)
{
	struct open_box *x = before == NULL ? b->held.next : before->next;

	return x == &b->held ? NULL : x;
}

void open_boxes_settle(struct open_boxes *b)
{
	struct open_box *x;

	while ((x = open_boxes_held(b, NULL)) != NULL) {
		if (x->absent) {
			open_boxes_give(b, x);
			continue;
		}
		x->held = x->changed = x->rekey = false;
		ring_leave(x);
		ring_enter(&b->idle, x);
	}
	b->n_held = 0;
}

void open_boxes_clear(struct open_boxes *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		if (b->box[i].used)
			open_boxes_give(b, &b->box[i]);
}
