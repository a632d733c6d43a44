/*
 * slab.h - very many things of one size, that never move and are freed together,
 * named by numbers of 32 bits: half of what a pointer takes.
 */
#ifndef ANALYTICS_FEATURES_SLAB_H
#define ANALYTICS_FEATURES_SLAB_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define SLAB_SHIFT 12 /* as many bits of a number lie within a block */

struct fold_slab {
	uint8_t **blocks;
	size_t n_blocks, cap_blocks;
	size_t each; /* bytes of one */
	uint32_t n;  /* the last number given out; 0 is none */
};

void slab_init(struct fold_slab *s, size_t each);
void slab_fini(struct fold_slab *s);
/* Forget all; the memory stays for what comes next. */
void slab_clear(struct fold_slab *s);
/* A zeroed one, its number in *OUT. Fails with SC_NOMEM, also when numbers run out. */
SC_CHECKED enum sc_err slab_add(struct fold_slab *s, uint32_t *out);

/* What it takes of memory, used or not. */
size_t slab_bytes(const struct fold_slab *s);

/* The one with number I, which is not 0. */
static inline void *slab_at(const struct fold_slab *s, uint32_t i)
{
	const uint32_t at = i - 1;

	return s->blocks[at >> SLAB_SHIFT] + (at & ((1u << SLAB_SHIFT) - 1)) * s->each;
}

#endif
