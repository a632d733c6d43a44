/*
 * escape.c - one escape sequence of a JSON string (RFC 8259 §7).
 */
#include "gateway/codec/escape.h"

#include "base/text/utf8.h"

#include <string.h>

static bool hex4(const uint8_t *p, uint32_t *out)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		uint8_t c = p[i], letter = c | 0x20;

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (letter >= 'a' && letter <= 'f')
			v = v << 4 | (uint32_t)(letter - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

static void write_surrogate(uint32_t cp, struct json_char *out)
{
	out->lone_surrogate = true;
	out->n = 3;
	out->utf8[0] = 0xED;
	out->utf8[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3F));
	out->utf8[2] = (uint8_t)(0x80 | (cp & 0x3F));
}

/* \uXXXX, with the second half when it is the first of a pair. */
static bool read_unicode(struct sc_span raw, struct json_char *out)
{
	uint32_t cp, low;

	if (raw.n < 6 || !hex4(raw.p + 2, &cp))
		return false;
	out->used = 6;
	if (cp >= 0xD800 && cp <= 0xDBFF && raw.n >= 12 && raw.p[6] == '\\' && raw.p[7] == 'u' &&
	    hex4(raw.p + 8, &low) && low >= 0xDC00 && low <= 0xDFFF) {
		cp = 0x10000 + ((cp - 0xD800) << 10 | (low - 0xDC00));
		out->used = 12;
	}
	if (cp >= 0xD800 && cp <= 0xDFFF)
		write_surrogate(cp, out);
	else
		out->n = (uint8_t)utf8_encode(cp, out->utf8);
	return true;
}

bool json_escape_read(struct sc_span raw, struct json_char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *hit;

	memset(out, 0, sizeof(*out));
	if (raw.n < 2 || raw.p[0] != '\\')
		return false;
	if (raw.p[1] == 'u')
		return read_unicode(raw, out);
	hit = memchr(from, raw.p[1], sizeof(from) - 1);
	if (hit == NULL)
		return false;
	out->used = 2;
	out->n = 1;
	out->utf8[0] = (uint8_t)to[hit - from];
	return true;
}

bool json_decode(struct sc_span raw, uint8_t *out, size_t *n, bool *lone)
{
	uint8_t *q = out;
	struct json_char c;

	while (raw.n != 0) {
		const uint8_t *bs = memchr(raw.p, '\\', raw.n);
		size_t plain = bs == NULL ? raw.n : (size_t)(bs - raw.p);

		memcpy(q, raw.p, plain);
		q += plain;
		raw = sc_span_from(raw, plain);
		if (raw.n == 0)
			break;
		if (!json_escape_read(raw, &c))
			return false;
		memcpy(q, c.utf8, c.n);
		q += c.n;
		raw = sc_span_from(raw, c.used);
		if (lone != NULL)
			*lone |= c.lone_surrogate;
	}
	*n = (size_t)(q - out);
	return true;
}
