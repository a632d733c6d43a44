/*
 * map.c - decoding free text with a way back to the raw bytes.
 */
#include "gateway/codec/text.h"

#include "gateway/codec/escape.h"

#include <stdlib.h>

void json_text_map_init(struct json_text_map *m)
{
	*m = (struct json_text_map){ .identity = true };
}

void json_text_map_fini(struct json_text_map *m)
{
	free(m->at);
	json_text_map_init(m);
}

static enum sc_err map_reserve(struct json_text_map *m, size_t n)
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

/* Decode RAW to OUT, noting for each byte where its character began. */
static bool decode_mapped(struct sc_span raw, uint8_t *out, uint32_t *at, size_t *n)
{
	size_t from = 0, to = 0;
	struct json_char c;

	while (from < raw.n) {
		if (raw.p[from] != '\\') {
			at[to] = (uint32_t)from;
			out[to++] = raw.p[from++];
			continue;
		}
		if (!json_escape_read(sc_span_from(raw, from), &c))
			return false;
		for (size_t i = 0; i < c.n; i++) {
			at[to] = (uint32_t)from;
			out[to++] = c.utf8[i];
		}
		from += c.used;
	}
	at[to] = (uint32_t)raw.n;
	*n = to;
	return true;
}

enum sc_err json_text_decode(struct sc_span raw, struct sc_buf *scratch, struct json_text_map *map,
    struct sc_span *text)
{
	uint8_t *out;
	enum sc_err err;

	*text = raw;
	map->n = raw.n;
	map->identity = raw.n == 0 || memchr(raw.p, '\\', raw.n) == NULL;
	if (map->identity)
		return SC_OK;
	*text = sc_span(NULL, 0);
	if (raw.n >= UINT32_MAX)
		return SC_LIMIT;
	sc_buf_clear(scratch);
	if ((err = map_reserve(map, raw.n + 1)) != SC_OK)
		return err;
	if ((err = sc_buf_grow(scratch, raw.n, &out)) != SC_OK)
		return err;
	if (!decode_mapped(raw, out, map->at, &map->n)) {
		sc_buf_clear(scratch);
		return SC_SYNTAX;
	}
	sc_buf_truncate(scratch, map->n);
	*text = sc_buf_span(scratch);
	return SC_OK;
}

void json_text_range(const struct json_text_map *map, uint32_t start, uint32_t end,
    uint32_t *raw_start, uint32_t *raw_end)
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
