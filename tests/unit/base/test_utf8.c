/*
 * UTF-8 (RFC 3629): decode is the inverse of encode, and nothing else is accepted.
 */
#include "base/text/utf8.h"
#include "tap.h"

static void test_every_code_point(void)
{
	uint8_t p[4];
	uint32_t cp;

	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		size_t n;

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		n = utf8_encode(c, p);
		CHECK(utf8_decode(sc_span(p, n), &cp) == n && cp == c);
		CHECK(utf8_length(sc_span(p, n - 1)) == 0);
	}
}

/* All strings of 1 to 3 bytes against the table of RFC 3629 section 4. */
static bool naive3(const uint8_t *p, size_t n)
{
	size_t i = 0;

	while (i < n) {
		uint8_t a = p[i];
		size_t need = a < 0x80     ? 0 :
		    a >= 0xC2 && a <= 0xDF ? 1 :
		    a >= 0xE0 && a <= 0xEF ? 2 :
		    a >= 0xF0 && a <= 0xF4 ? 3 :
					     9;

		if (need == 9 || i + need >= n)
			return false;
		for (size_t k = 1; k <= need; k++)
			if (p[i + k] < 0x80 || p[i + k] > 0xBF)
				return false;
		if ((a == 0xE0 && p[i + 1] < 0xA0) || (a == 0xED && p[i + 1] > 0x9F) ||
		    (a == 0xF0 && p[i + 1] < 0x90) || (a == 0xF4 && p[i + 1] > 0x8F))
			return false;
		i += need + 1;
	}
	return true;
}

static void test_short_strings(void)
{
	for (uint32_t v = 0; v < 1u << 24; v += 1 + (v & 3)) {
		uint8_t p[3] = { (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

		if (utf8_valid(sc_span(p, 3)) != naive3(p, 3)) {
			CHECK(false);
			return;
		}
	}
}

static void test_malformed(void)
{
	static const char *const bad[] = { "\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80",
		"\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",
		"\xFF", "\xE4\xBD", "\xC3(" };
	uint32_t cp;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(!utf8_valid(sc_span_str(bad[i])));
		CHECK(utf8_decode(sc_span_str(bad[i]), &cp) == 0 && cp == 0xFFFD);
	}
	CHECK(utf8_valid(sc_span(NULL, 0)) && utf8_length(sc_span(NULL, 0)) == 0);
	CHECK(utf8_valid(sc_span("a\0b", 3)));
}

int main(void)
{
	RUN(test_every_code_point, "every code point survives, and no prefix of one does");
	RUN(test_short_strings, "three bytes at a time, as the RFC's table says");
	RUN(test_malformed, "overlong, surrogate, too high, cut: refused");
	return tap_done();
}
