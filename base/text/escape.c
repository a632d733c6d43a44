/*
 * escape.c - the escape sequences of JSON strings (RFC 8259 §7).
 */
#include "base/text/escape.h"

#include "base/text/hex.h"
#include "base/text/utf8.h"

#include <string.h>

static const char letters[] = "\"\\bfnrt/", meanings[] = "\"\\\b\f\n\r\t/";

/* \uXXXX at the start of RAW; a number no unit has when there is none. */
static uint32_t unit_at(struct sc_span raw)
{
	uint8_t b[2] = { 0 };

	if (raw.n < 6 || raw.p[0] != '\\' || raw.p[1] != 'u' ||
	    !hex_parse(sc_span(raw.p + 2, 4), b, sizeof(b)))
		return UINT32_MAX;
	return sc_be16_load(b);
}

/* With the second half when it is the first of a pair. */
static bool read_unicode(struct sc_span raw, struct escaped_char *out)
{
	uint32_t cp = unit_at(raw), low = unit_at(sc_span_from(raw, 6));

	if (cp == UINT32_MAX)
		return false;
	out->used = 6;
	if (cp >= 0xD800 && cp <= 0xDBFF && low >= 0xDC00 && low <= 0xDFFF) {
		cp = 0x10000 + ((cp - 0xD800) << 10 | (low - 0xDC00));
		out->used = 12;
	}
	out->lone = cp >= 0xD800 && cp <= 0xDFFF;
	out->n = (uint8_t)utf8_encode(cp, out->utf8);
	return true;
}

bool escape_read(struct sc_span raw, struct escaped_char *out)
{
	const char *hit;

	memset(out, 0, sizeof(*out));
	if (raw.n < 2 || raw.p[0] != '\\')
		return false;
	if (raw.p[1] == 'u')
		return read_unicode(raw, out);
	if ((hit = memchr(letters, raw.p[1], sizeof(letters) - 1)) == NULL)
		return false;
	out->used = 2;
	out->n = 1;
	out->utf8[0] = (uint8_t)meanings[hit - letters];
	return true;
}

bool escape_decode(struct sc_span raw, uint8_t *out, size_t *n, bool *lone, uint32_t *at)
{
	size_t from = 0, to = 0;
	struct escaped_char c;

	while (from < raw.n) {
		const uint8_t *bs = memchr(raw.p + from, '\\', raw.n - from);
		size_t plain = bs == NULL ? raw.n - from : (size_t)(bs - raw.p) - from;

		memcpy(out + to, raw.p + from, plain);
		for (size_t i = 0; at != NULL && i < plain; i++)
			at[to + i] = (uint32_t)(from + i);
		to += plain;
		from += plain;
		if (from == raw.n)
			break;
		if (!escape_read(sc_span_from(raw, from), &c))
			return false;
		memcpy(out + to, c.utf8, c.n);
		for (size_t i = 0; at != NULL && i < c.n; i++)
			at[to + i] = (uint32_t)from;
		to += c.n;
		from += c.used;
		if (lone != NULL)
			*lone |= c.lone;
	}
	if (at != NULL)
		at[to] = (uint32_t)raw.n;
	*n = to;
	return true;
}

size_t escape_write(uint32_t unit, char out[static 6])
{
	static const char hex[] = "0123456789abcdef";
	/* a solidus needs none */
	const char *hit = unit < 0x80 ? memchr(meanings, (int)unit, sizeof(meanings) - 2) : NULL;

	out[0] = '\\';
	out[1] = hit != NULL ? letters[hit - meanings] : 'u';
	for (int i = 0; hit == NULL && i < 4; i++)
		out[2 + i] = hex[unit >> (12 - 4 * i) & 15];
	return hit != NULL ? 2 : 6;
}
