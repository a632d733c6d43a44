/*
 * map.c - from bytes of a decoded text back to the raw ones.
 */
#include "gateway/codec/codec.h"

#include <stdlib.h>

void codec_map_init(struct codec_map *m)
{
	*m = (struct codec_map){ .identity = true };
}

void codec_map_fini(struct codec_map *m)
{
	free(m->at);
	codec_map_init(m);
}

enum sc_err codec_map_reserve(struct codec_map *m, size_t n)
{
	uint32_t *p;

	if (n <= m->cap)
		return SC_OK;
	if ((p = reallocarray(m->at, n, sizeof(*p))) == NULL)
		return SC_NOMEM;
	m->at = p;
	m->cap = n;
	return SC_OK;
}

void codec_map_identity(struct codec_map *m, size_t n)
{
	m->n = n;
	m->identity = true;
}

void codec_map_range(const struct codec_map *map, uint32_t start, uint32_t end, uint32_t *raw_start,
    uint32_t *raw_end)
{
	*raw_start = start;
	*raw_end = end;
	if (map->identity)
		return;
	*raw_start = map->at[start];
	/* an end inside of an escaped character takes all of it */
	while (end > start && end < map->n && map->at[end] == map->at[end - 1])
		end++;
	*raw_end = map->at[end];
}
