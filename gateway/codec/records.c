/*
 * records.c - what every codec needs: blank records, room behind them, fields,
 * and the way back from a decoded text to the raw bytes.
 */
#include "gateway/codec/codec.h"

#include "base/grow.h"
#include "gateway/codec/inside.h"

#include <stdlib.h>

bool codec_blank(struct sc_span record)
{
	for (size_t i = 0; i < record.n; i++)
		if (record.p[i] != ' ' && record.p[i] != '\t' && record.p[i] != '\r')
			return false;
	return true;
}

enum sc_err codec_pad(struct sc_buf *b)
{
	size_t n = b->n;
	uint8_t *pad;
	enum sc_err err;

	if ((err = sc_buf_grow(b, CODEC_PAD, &pad)) != SC_OK)
		return err;
	/* truncating wipes: the bytes stay behind as zeros */
	sc_buf_truncate(b, n);
	return SC_OK;
}

void codec_fields_init(struct codec_fields *f)
{
	*f = (struct codec_fields){ 0 };
}

static void nest_free(struct codec_nest *nest)
{
	if (nest == NULL)
		return;
	sc_buf_fini(&nest->text);
	codec_map_fini(&nest->map);
	codec_fields_fini(&nest->fields);
	free(nest);
}

void codec_fields_fini(struct codec_fields *f)
{
	free(f->v);
	free(f->held);
	nest_free(f->nest);
	codec_fields_init(f);
}

bool codec_fields_grow(struct codec_fields *f)
{
	size_t cap = sc_grown(f->cap);
	struct codec_field *v;

	if (f->n < f->cap)
		return true;
	if ((v = reallocarray(f->v, cap, sizeof(*v))) == NULL)
		return false;
	f->v = v;
	f->cap = cap;
	return true;
}

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

struct codec_nest *codec_nest_of(struct codec_fields *f)
{
	struct codec_nest *nest = f->nest;

	if (nest != NULL || (nest = malloc(sizeof(*nest))) == NULL)
		return nest;
	sc_buf_init(&nest->text, UINT32_MAX);
	codec_map_init(&nest->map);
	codec_fields_init(&nest->fields);
	f->nest = nest;
	return nest;
}
