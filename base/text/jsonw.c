/*
 * jsonw.c - writing canonical JSON.
 */
#include "base/text/jsonw.h"

#include "base/text/escape.h"
#include "base/text/hex.h"
#include "base/text/utf8.h"

#include <string.h>

/* Records are made of many short pieces: nearly always there is room already. */
static inline void put(struct jsonw *w, const void *p, size_t n)
{
	struct sc_buf *b = w->out;

	if (w->err != SC_OK)
		return;
	if (n <= b->cap - b->n && n != 0) {
		memcpy(b->p + b->n, p, n);
		b->n += n;
	} else {
		w->err = sc_buf_put(b, p, n);
	}
}

static void begin_value(struct jsonw *w)
{
	if (w->comma)
		put(w, ",", 1);
	w->comma = true;
}

static void open_with(struct jsonw *w, const char *c)
{
	begin_value(w);
	put(w, c, 1);
	w->comma = false;
}

static void close_with(struct jsonw *w, const char *c)
{
	put(w, c, 1);
	w->comma = true;
}

void jsonw_object(struct jsonw *w)
{
	open_with(w, "{");
}

void jsonw_object_end(struct jsonw *w)
{
	close_with(w, "}");
}

void jsonw_array(struct jsonw *w)
{
	open_with(w, "[");
}

void jsonw_array_end(struct jsonw *w)
{
	close_with(w, "]");
}

/* Is C written as it is? Not quotes, backslashes, controls or bytes above ASCII. */
static inline bool plain(uint8_t c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* The half of a surrogate pair that S begins with as WTF-8; 0: none. */
static uint32_t half_pair(struct sc_span s)
{
	if (s.n < 3 || s.p[0] != 0xED || (s.p[1] & 0xE0) != 0xA0 || (s.p[2] & 0xC0) != 0x80)
		return 0;
	return 0xD000u | (s.p[1] & 0x3Fu) << 6 | (s.p[2] & 0x3Fu);
}

/* HALVES: those are escapes, which alone can say them. */
static void put_string(struct jsonw *w, struct sc_span s, bool halves)
{
	uint32_t unit;
	size_t i = 0, run = 0, len;
	char esc[6];

	put(w, "\"", 1);
	while (i < s.n) {
		uint8_t c = s.p[i];

		if (plain(c)) {
			i++;
			continue;
		}
		if (c >= 0x80 && (len = utf8_length(sc_span_from(s, i))) != 0) {
			i += len;
			continue;
		}
		put(w, s.p + run, i - run);
		if (halves && (unit = half_pair(sc_span_from(s, i))) != 0) {
			put(w, esc, escape_write(unit, esc));
			i += 2;
		} else if (c >= 0x80)
			put(w, "\xEF\xBF\xBD", 3);
		else
			put(w, esc, escape_write(c, esc));
		run = ++i;
	}
	put(w, s.p + run, i - run);
	put(w, "\"", 1);
}

/* [,]"KEY": with the quotes and the comma in one piece where there is room. */
static void put_quoted(struct jsonw *w, const char *s, size_t n, bool colon)
{
	struct sc_buf *b = w->out;
	uint8_t *p;

	if (w->err != SC_OK)
		return;
	if (b->cap - b->n < n + 4 && (w->err = sc_buf_reserve(b, n + 4)) != SC_OK)
		return;
	p = b->p + b->n;
	if (w->comma)
		*p++ = ',';
	*p++ = '"';
	memcpy(p, s, n);
	p += n;
	*p++ = '"';
	if (colon)
		*p++ = ':';
	b->n = (size_t)(p - b->p);
	w->comma = !colon;
}

void jsonw_key(struct jsonw *w, const char *key)
{
	put_quoted(w, key, strlen(key), true);
}

void jsonw_key_slow(struct jsonw *w, struct sc_span key)
{
	put_quoted(w, (const char *)key.p, key.n, true);
}

void jsonw_plain(struct jsonw *w, const char *s, size_t n)
{
	put_quoted(w, s, n, false);
}

void jsonw_str(struct jsonw *w, const char *s)
{
	jsonw_span(w, sc_span_str(s));
}

void jsonw_span(struct jsonw *w, struct sc_span s)
{
	begin_value(w);
	put_string(w, s, false);
}

void jsonw_text(struct jsonw *w, struct sc_span s)
{
	begin_value(w);
	put_string(w, s, true);
}

void jsonw_u64(struct jsonw *w, uint64_t v)
{
	begin_value(w);
	if (w->err == SC_OK)
		w->err = sc_buf_put_u64(w->out, v);
}

void jsonw_bool(struct jsonw *w, bool v)
{
	begin_value(w);
	if (v)
		put(w, "true", 4);
	else
		put(w, "false", 5);
}

void jsonw_null(struct jsonw *w)
{
	begin_value(w);
	put(w, "null", 4);
}

void jsonw_hex(struct jsonw *w, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *b = p;
	uint8_t *hex;

	begin_value(w);
	put(w, "\"", 1);
	if (w->err == SC_OK)
		w->err = sc_buf_grow(w->out, 2 * n, &hex);
	if (w->err != SC_OK)
		return;
	for (; n >= 4; n -= 4, b += 4, hex += 8)
		hex_u32(sc_be32_load(b), hex);
	for (; n != 0; n--, b++) {
		*hex++ = (uint8_t)digits[*b >> 4];
		*hex++ = (uint8_t)digits[*b & 15];
	}
	put(w, "\"", 1);
}

void jsonw_raw(struct jsonw *w, struct sc_span json)
{
	begin_value(w);
	put(w, json.p, json.n);
}

void jsonw_kstr(struct jsonw *w, const char *key, const char *s)
{
	jsonw_key(w, key);
	jsonw_str(w, s);
}

void jsonw_ku64(struct jsonw *w, const char *key, uint64_t v)
{
	jsonw_key(w, key);
	jsonw_u64(w, v);
}
