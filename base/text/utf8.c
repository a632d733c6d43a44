/*
 * utf8.c - one UTF-8 character at a time.
 */
#include "base/text/utf8.h"

static bool tail(struct sc_span s, size_t i)
{
	return i < s.n && (s.p[i] & 0xC0) == 0x80;
}

size_t utf8_decode(struct sc_span s, uint32_t *cp)
{
	uint8_t c;

	*cp = 0xFFFD;
	if (s.n == 0)
		return 0;
	c = s.p[0];
	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	if (c >= 0xC2 && c <= 0xDF && tail(s, 1)) {
		*cp = (c & 0x1Fu) << 6 | (s.p[1] & 0x3Fu);
		return 2;
	}
	if ((c & 0xF0) == 0xE0 && tail(s, 1) && tail(s, 2)) {
		uint32_t v = (c & 0x0Fu) << 12 | (s.p[1] & 0x3Fu) << 6 | (s.p[2] & 0x3Fu);

		if (v < 0x800 || (v >= 0xD800 && v <= 0xDFFF))
			return 0;
		*cp = v;
		return 3;
	}
	if ((c & 0xF8) == 0xF0 && tail(s, 1) && tail(s, 2) && tail(s, 3)) {
		uint32_t v = (c & 0x07u) << 18 | (s.p[1] & 0x3Fu) << 12 | (s.p[2] & 0x3Fu) << 6 |
		    (s.p[3] & 0x3Fu);

		if (v < 0x10000 || v > 0x10FFFF)
			return 0;
		*cp = v;
		return 4;
	}
	return 0;
}

size_t utf8_length(struct sc_span s)
{
	uint32_t cp;

	return utf8_decode(s, &cp);
}

size_t utf8_encode(uint32_t cp, uint8_t out[static 4])
{
	if (cp < 0x80) {
		out[0] = (uint8_t)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (uint8_t)(0xC0 | cp >> 6);
		out[1] = (uint8_t)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (uint8_t)(0xE0 | cp >> 12);
		out[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (uint8_t)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (uint8_t)(0xF0 | cp >> 18);
	out[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (uint8_t)(0x80 | (cp & 0x3F));
	return 4;
}

bool utf8_valid(struct sc_span s)
{
	while (s.n != 0) {
		size_t n = utf8_length(s);

		if (n == 0)
			return false;
		s = sc_span_from(s, n);
	}
	return true;
}

bool utf8_invisible(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xAD ||
	    (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
	    (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF || (cp >= 0xFFF0 && cp <= 0xFFFB) ||
	    cp >= 0xE0000;
}
