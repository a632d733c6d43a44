/*
 * text.c - unescaping and escaping the inside of a JSON string.
 */
#include "gateway/codec/text.h"

#include "base/text/escape.h"
#include "base/text/utf8.h"

#include <string.h>

static enum sc_err unescape(struct sc_span raw, struct sc_buf *out, bool *lone, uint32_t *at,
    size_t *n)
{
	size_t before = out->n;
	uint8_t *to;
	enum sc_err err;

	if ((err = sc_buf_grow(out, raw.n, &to)) != SC_OK)
		return err;
	if (!escape_decode(raw, to, n, lone, at)) {
		sc_buf_truncate(out, before);
		return SC_SYNTAX;
	}
	sc_buf_truncate(out, before + *n);
	return SC_OK;
}

enum sc_err json_unescape(struct sc_span raw, struct sc_buf *out, bool *lone_surrogate)
{
	size_t n;

	if (lone_surrogate != NULL)
		*lone_surrogate = false;
	return raw.n == 0 ? SC_OK : unescape(raw, out, lone_surrogate, NULL, &n);
}

enum sc_err json_unescape_mapped(struct sc_span raw, struct sc_buf *out, struct codec_map *map)
{
	enum sc_err err;

	if (raw.n >= UINT32_MAX)
		return SC_LIMIT;
	if ((err = codec_map_reserve(map, raw.n + 1)) != SC_OK)
		return err;
	map->identity = false;
	return unescape(raw, out, NULL, map->at, &map->n);
}

/* The three bytes that escape_read() makes of half a pair. */
static bool lone_at(struct sc_span s)
{
	return s.n >= 3 && s.p[0] == 0xED && s.p[1] >= 0xA0 && s.p[1] <= 0xBF &&
	    (s.p[2] & 0xC0) == 0x80;
}

/* The character at the start of S, which cannot stand as it is. */
static enum sc_err escape_one(struct sc_span s, struct sc_buf *out, size_t *used)
{
	bool lone = lone_at(s);
	char esc[6];

	if (s.p[0] >= 0x80 && !lone)
		return SC_SYNTAX;
	*used = lone ? 3 : 1;
	return sc_buf_put(out, esc,
	    escape_write(lone ? 0xD000u | (s.p[1] & 0x3Fu) << 6 | (s.p[2] & 0x3Fu) : s.p[0], esc));
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
