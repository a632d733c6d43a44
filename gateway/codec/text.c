/*
 * text.c - unescaping and escaping the inside of a JSON string.
 */
#include "gateway/codec/text.h"

#include "base/text/utf8.h"
#include "gateway/codec/escape.h"

#include <string.h>

enum sc_err json_unescape(struct sc_span raw, struct sc_buf *out, bool *lone_surrogate)
{
	size_t before = out->n, n;
	uint8_t *to;
	enum sc_err err;

	if (lone_surrogate != NULL)
		*lone_surrogate = false;
	if (raw.n == 0)
		return SC_OK;
	if ((err = sc_buf_grow(out, raw.n, &to)) != SC_OK)
		return err;
	if (!json_decode(raw, to, &n, lone_surrogate)) {
		sc_buf_truncate(out, before);
		return SC_SYNTAX;
	}
	sc_buf_truncate(out, before + n);
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

enum sc_err json_unescape_mapped(struct sc_span raw, struct sc_buf *out, struct codec_map *map)
{
	size_t before = out->n;
	uint8_t *to;
	enum sc_err err;

	if (raw.n >= UINT32_MAX)
		return SC_LIMIT;
	if ((err = codec_map_reserve(map, raw.n + 1)) != SC_OK ||
	    (err = sc_buf_grow(out, raw.n, &to)) != SC_OK)
		return err;
	map->identity = false;
	if (!decode_mapped(raw, to, map->at, &map->n)) {
		sc_buf_truncate(out, before);
		return SC_SYNTAX;
	}
	sc_buf_truncate(out, before + map->n);
	return SC_OK;
}

/* The three bytes that json_escape_read() makes of half a pair. */
static bool lone_at(struct sc_span s)
{
	return s.n >= 3 && s.p[0] == 0xED && s.p[1] >= 0xA0 && s.p[1] <= 0xBF &&
	    (s.p[2] & 0xC0) == 0x80;
}

static enum sc_err put_unicode(struct sc_buf *out, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";
	char s[6] = { '\\', 'u', hex[unit >> 12], hex[unit >> 8 & 15], hex[unit >> 4 & 15],
		hex[unit & 15] };

	return sc_buf_put(out, s, sizeof(s));
}

/* The character at the start of S, which cannot stand as it is. */
static enum sc_err escape_one(struct sc_span s, struct sc_buf *out, size_t *used)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *hit = memchr(from, s.p[0], sizeof(from) - 1);

	*used = 1;
	if (hit != NULL)
		return sc_buf_put(out, (char[]){ '\\', to[hit - from] }, 2);
	if (s.p[0] < 0x20)
		return put_unicode(out, s.p[0]);
	if (!lone_at(s))
		return SC_SYNTAX;
	*used = 3;
	return put_unicode(out, 0xD000u | (s.p[1] & 0x3Fu) << 6 | (s.p[2] & 0x3Fu));
}

/* How many bytes from the start of S stand in a JSON string as they are. */
static size_t plain_length(struct sc_span s)
{
	size_t i = 0;

	while (i < s.n) {
		size_t n = 1;

		if (s.p[i] == '"' || s.p[i] == '\\' || s.p[i] < 0x20)
			break;
		if (s.p[i] >= 0x80 && (n = utf8_length(sc_span_from(s, i))) == 0)
			break;
		i += n;
	}
	return i;
}

enum sc_err json_escape(struct sc_span utf8, struct sc_buf *out)
{
	size_t before = out->n, used = 0;
	bool after_high = false;
	enum sc_err err;

	while (utf8.n != 0) {
		size_t plain = plain_length(utf8);

		after_high = after_high && plain == 0;

		if ((err = sc_buf_put(out, utf8.p, plain)) != SC_OK)
			goto fail;
		utf8 = sc_span_from(utf8, plain);
		if (utf8.n == 0)
			break;
		err = SC_SYNTAX;
		/* two halves side by side would be read as one character */
		if (after_high && lone_at(utf8) && utf8.p[1] >= 0xB0)
			goto fail;
		if ((err = escape_one(utf8, out, &used)) != SC_OK)
			goto fail;
		after_high = used == 3 && utf8.p[1] < 0xB0;
		utf8 = sc_span_from(utf8, used);
	}
	return SC_OK;
fail:
	sc_buf_truncate(out, before);
	return err;
}
