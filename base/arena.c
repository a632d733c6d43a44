/*
 * arena.c - memory in blocks, given out from the front to the back.
 */
#include "base/arena.h"

#include "base/buf.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 8000
#define ALIGNMENT _Alignof(max_align_t)

struct sc_arena_block {
	struct sc_arena_block *next;
	size_t n;
	max_align_t data[];
};

static bool add_block(struct sc_arena *a, size_t n)
{
	struct sc_arena_block *b;

	if (n < BLOCK_BYTES)
		n = BLOCK_BYTES;
	if ((b = calloc(1, sizeof(*b) + n)) == NULL)
		return false;
	b->next = a->blocks;
	b->n = n;
	a->blocks = b;
	a->at = (uint8_t *)b->data;
	a->left = n;
	return true;
}

void *sc_arena_alloc(struct sc_arena *a, size_t n)
{
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = n == 0 ? ALIGNMENT : (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (n > a->left && !add_block(a, n))
		return NULL;
	p = a->at;
	a->at += n;
	a->left -= n;
	return p;
}

char *sc_arena_copy(struct sc_arena *a, struct sc_span s)
{
	char *p = sc_arena_alloc(a, s.n + 1);

	if (p != NULL && s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

void sc_arena_fini(struct sc_arena *a)
{
	struct sc_arena_block *b, *next;

	for (b = a->blocks; b != NULL; b = next) {
		next = b->next;
		sc_wipe(b->data, b->n);
		free(b);
	}
	*a = (struct sc_arena){ .left = 0 };
}
