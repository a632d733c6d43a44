/*
 * arena.h - many small things that live and die together, such as a parsed
 * file and the settings made of it: asked for one by one, released at once.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/span.h"

struct sc_arena { /* all zero: empty */
	struct sc_arena_block *blocks;
	uint8_t *at;
	size_t left; /* bytes from AT to the end of the newest block */
};

/* N zero bytes (at least one), aligned for anything; NULL when there is no memory. */
void *sc_arena_alloc(struct sc_arena *a, size_t n);
/* A NUL-ended copy of S, or NULL. */
char *sc_arena_copy(struct sc_arena *a, struct sc_span s);
/* Wipe and release everything: it may have held a key or a person's data. */
void sc_arena_fini(struct sc_arena *a);

#endif
