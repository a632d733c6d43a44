/*
 * slab.c - blocks of things of one size.
 */
#include "analytics/features/slab.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK (1u << SLAB_SHIFT)

void slab_init(struct fold_slab *s, size_t each)
{
	*s = (struct fold_slab){ .each = each };
}

void slab_fini(struct fold_slab *s)
{
	for (size_t i = 0; i < s->n_blocks; i++)
		free(s->blocks[i]);
	free(s->blocks);
	slab_init(s, s->each);
}

void slab_clear(struct fold_slab *s)
{
	s->n = 0;
}

static enum sc_err add_block(struct fold_slab *s)
{
	if (s->n_blocks == s->cap_blocks) {
		const size_t cap = sc_grown(s->cap_blocks);
		uint8_t **v = realloc(s->blocks, cap * sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		s->blocks = v;
		s->cap_blocks = cap;
	}
	if ((s->blocks[s->n_blocks] = malloc(BLOCK * s->each)) == NULL)
		return SC_NOMEM;
	s->n_blocks++;
	return SC_OK;
}

enum sc_err slab_add(struct fold_slab *s, uint32_t *out)
{
	if (s->n == UINT32_MAX || (s->n >> SLAB_SHIFT == s->n_blocks && add_block(s) != SC_OK))
		return SC_NOMEM;
	*out = ++s->n;
	memset(slab_at(s, *out), 0, s->each);
	return SC_OK;
}

size_t slab_bytes(const struct fold_slab *s)
{
	return s->n_blocks * BLOCK * s->each + s->cap_blocks * sizeof(*s->blocks);
}
