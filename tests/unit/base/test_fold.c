/*
 * Letters of either case: what is folded is what the C library calls the small letter, and a
 * text keeps its length whatever it is.
 */
#include "base/text/fold.h"
#include "base/text/utf8.h"
#include "tap.h"

#include <locale.h>
#include <string.h>
#include <wctype.h>

static bool folds_to(const char *text, const char *want)
{
	uint8_t to[64];

	fold_text(sc_span_str(text), to);
	return strlen(text) == strlen(want) && memcmp(to, want, strlen(want)) == 0;
}

static void test_texts(void)
{
	CHECK(folds_to("Ann LEE [@`{", "ann lee [@`{"));
	CHECK(folds_to("M\u00dcLLERSTRASSE \u00d7", "m\u00fcllerstrasse \u00d7"));
	CHECK(folds_to("\u0178", "\u00ff"));
	CHECK(folds_to("\u0141\u00d3D\u0179", "\u0142\u00f3d\u017a"));
	CHECK(folds_to("\u041d\u0418\u041d\u0410 \u0401", "\u043d\u0438\u043d\u0430 \u0451"));
	CHECK(folds_to("\u039d\u03af\u03ba\u03bf\u03c2 \u039d\u038a\u039a\u039f\u03a3",
	    "\u03bd\u03af\u03ba\u03bf\u03c3 \u03bd\u03af\u03ba\u03bf\u03c3"));
	CHECK(folds_to("\u1ea4p B\u1eaec", "\u1ea5p b\u1eafc"));
	CHECK(folds_to("\uff21\uff3a", "\uff41\uff5a"));
	CHECK(folds_to("\u738b\u5c0f\u660e \U0001f600", "\u738b\u5c0f\u660e \U0001f600"));
	/* malformed bytes stay, and hide no letter behind them */
	CHECK(folds_to("\xc3"
		       "A\x80"
		       "B\xf0\x9f",
	    "\xc3"
	    "a\x80"
	    "b\xf0\x9f"));
}

static void test_as_the_library(void)
{
	uint8_t p[4], small[4], lib[4];
	unsigned folded = 0, missed = 0;

	NEED(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		const uint32_t want = c == 0x3c2 ? 0x3c3 : (uint32_t)towlower((wint_t)c);
		size_t n, m;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		n = utf8_encode(c, p);
		m = utf8_encode(want, lib);
		CHECK(fold_char(sc_span(p, n), small) == n);
		if (memcmp(small, p, n) != 0) {
			folded++;
			CHECK(m == n && memcmp(small, lib, n) == 0);
		} else if (want != c && m == n &&
		    (c < 0x180 || (c >= 0x386 && c < 0x3cf) || (c >= 0x400 && c < 0x560) ||
			(c >= 0x1e00 && c < 0x1f00))) {
			missed++;
			printf("# U+%04X\n", c);
		}
	}
	CHECK(folded > 500);
	CHECK(missed == 0);
}

int main(void)
{
	RUN(test_texts, "letters of either case are one");
	RUN(test_as_the_library, "a small letter is what the library says");
	return tap_done();
}
