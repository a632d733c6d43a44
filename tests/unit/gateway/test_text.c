/*
 * test_text.c - the inside of JSON strings: escape and unescape are inverses,
 * lone surrogates survive, and every decoded byte knows where it came from.
 */
#include "padded.h"
#include "tap.h"

#include <malloc.h>

#include "base/text/utf8.h"
#include "decoded.h"
#include "gateway/codec/text.h"

struct pair {
	const char *raw, *text;
	size_t n; /* of text */
	bool lone;
};
#define P(raw, text, lone) \
	{ \
		raw, text, sizeof(text) - 1, lone \
	}

static bool unescapes_to(const char *raw, struct sc_span want, bool lone)
{
	struct sc_buf out;
	bool is_lone, right;

	sc_buf_init(&out, 1 << 20);
	right = json_unescape(sc_span_str(raw), &out, &is_lone) == SC_OK &&
	    sc_span_eq(sc_buf_span(&out), want) && is_lone == lone;
	if (!right)
		printf("# %s\n", raw);
	sc_buf_fini(&out);
	return right;
}

static void test_unescape(void)
{
	static const struct pair all[] = {
		P("", "", false),
		P("abc", "abc", false),
		P("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", false),
		P("\\u0000\\u001f\\u0041\\u00E9\\u4f60",
		    "\0\x1f"
		    "A\xC3\xA9\xE4\xBD\xA0",
		    false),
		P("x\\ud83d\\ude00y", "x\xF0\x9F\x98\x80y", false),
		P("\\uDBFF\\uDFFF", "\xF4\x8F\xBF\xBF", false),
		P("\\ud83d", "\xED\xA0\xBD", true),
		P("\\ude00", "\xED\xB8\x80", true),
		P("\\ude00\\ud83d", "\xED\xB8\x80\xED\xA0\xBD", true),
		P("\\ud83dx\\ude00", "\xED\xA0\xBDx\xED\xB8\x80", true),
		P("\\ud83d\\ud83d\\ude00", "\xED\xA0\xBD\xF0\x9F\x98\x80", true),
		P("\\ud83d\\u0041",
		    "\xED\xA0\xBD"
		    "A",
		    true),
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		CHECK(unescapes_to(all[i].raw, sc_span(all[i].text, all[i].n), all[i].lone));
}

static void test_unescape_refusals(void)
{
	static const char *const bad[] = { "\\", "\\x", "\\u", "\\u123", "\\u12g4", "abc\\",
		"\\ud83d\\u12", "\\'" };
	struct sc_buf out;

	sc_buf_init(&out, 1 << 10);
	CHECK(sc_buf_put_str(&out, "kept") == SC_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(json_unescape(sc_span_str(bad[i]), &out, NULL) == SC_SYNTAX);
	CHECK(sc_span_is(sc_buf_span(&out), "kept"));
	sc_buf_fini(&out);
}

static bool escapes_to(struct sc_span text, const char *want)
{
	struct sc_buf out;
	bool right;

	sc_buf_init(&out, 1 << 20);
	right = json_escape(text, &out) == SC_OK && sc_span_is(sc_buf_span(&out), want);
	if (!right)
		printf("# %.*s, not %s\n", (int)out.n, (char *)out.p, want);
	sc_buf_fini(&out);
	return right;
}

static void test_escape(void)
{
	static const struct pair all[] = {
		P("\\\"\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", false),
		P("\\u0000\\u001f\x7F", "\0\x1f\x7F", false),
		P("\xC3\xA9\xE4\xBD\xA0\xF0\x9F\x98\x80",
		    "\xC3\xA9\xE4\xBD\xA0"
		    "\xF0\x9F\x98\x80",
		    false),
		P("\\ud83d", "\xED\xA0\xBD", true),
		P("\\udfff\\ud800", "\xED\xBF\xBF\xED\xA0\x80", true),
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		CHECK(escapes_to(sc_span(all[i].text, all[i].n), all[i].raw));
}

static void test_escape_refusals(void)
{
	/* not UTF-8; and two halves that would be read as one character */
	static const char *const bad[] = { "\x80", "\xC0\xAF", "a\xE4\xBD", "\xF4\x90\x80\x80",
		"\xFF", "\xED\xA0", "\xED\xA0\xBD\xED\xB8\x80" };
	struct sc_buf out;

	sc_buf_init(&out, 1 << 10);
	CHECK(sc_buf_put_str(&out, "kept") == SC_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(json_escape(sc_span_str(bad[i]), &out) == SC_SYNTAX);
	CHECK(sc_span_is(sc_buf_span(&out), "kept"));
	sc_buf_fini(&out);
}

struct rng {
	uint64_t x;
};

static unsigned pick(struct rng *r, unsigned n)
{
	r->x ^= r->x << 13;
	r->x ^= r->x >> 7;
	r->x ^= r->x << 17;
	return (unsigned)((r->x >> 33) % n);
}

/* One to four raw bytes or an escape, at random, that json_scan() accepts. */
static void put_random(struct rng *r, struct sc_buf *b)
{
	static const char escapes[] = "\"\\/bfnrt";
	uint8_t utf8[4];
	uint32_t cp;

	switch (pick(r, 6)) {
	case 0: CHECK(sc_buf_printf(b, "\\u%04x", pick(r, 0x10000)) == SC_OK); return;
	case 1: CHECK(sc_buf_printf(b, "\\u%04X", 0xD800 + pick(r, 0x800)) == SC_OK); return;
	case 2: CHECK(sc_buf_printf(b, "\\%c", escapes[pick(r, 8)]) == SC_OK); return;
	case 3:
		do
			cp = pick(r, 0x110000);
		while (cp < 0x80 || (cp >= 0xD800 && cp <= 0xDFFF));
		CHECK(sc_buf_put(b, utf8, utf8_encode(cp, utf8)) == SC_OK);
		return;
	default: CHECK(sc_buf_printf(b, "%c", 'a' + (int)pick(r, 26)) == SC_OK);
	}
}

/* unescape . escape . unescape = unescape, and the result is a JSON string. */
static void test_inverse(void)
{
	struct rng r = { 0x7E57ED5EEDu };
	struct sc_buf raw, text, again, text2;
	size_t lone_count = 0;

	sc_buf_init(&raw, 1 << 12);
	sc_buf_init(&text, 1 << 12);
	sc_buf_init(&again, 1 << 12);
	sc_buf_init(&text2, 1 << 12);
	for (int i = 0; i < 20000; i++) {
		bool lone, lone2, agree = true;
		struct codec_fields s;
		struct sc_diag d;

		sc_buf_clear(&raw);
		sc_buf_clear(&text);
		sc_buf_clear(&again);
		sc_buf_clear(&text2);
		for (unsigned n = pick(&r, 12); n > 0; n--)
			put_random(&r, &raw);
		CHECK(json_unescape(sc_buf_span(&raw), &text, &lone) == SC_OK);
		CHECK(utf8_valid(sc_buf_span(&text)) == !lone);
		CHECK(json_escape(sc_buf_span(&text), &again) == SC_OK);
		CHECK(json_unescape(sc_buf_span(&again), &text2, &lone2) == SC_OK);
		CHECK(sc_span_eq(sc_buf_span(&text), sc_buf_span(&text2)));
		CHECK(lone == lone2);
		CHECK(again.n <= raw.n || again.n == 0);
		CHECK(sc_buf_put_str(&again, "\"") == SC_OK);
		sc_buf_clear(&text2);
		CHECK(sc_buf_printf(&text2, "\"%.*s", (int)again.n, (char *)again.p) == SC_OK);
		codec_fields_init(&s);
		CHECK(scan_padded(NULL, text2.p, text2.n, &s, &d, &agree) == SC_OK);
		codec_fields_fini(&s);
		lone_count += lone;
	}
	CHECK(lone_count > 1000 && lone_count < 19000);
	sc_buf_fini(&raw);
	sc_buf_fini(&text);
	sc_buf_fini(&again);
	sc_buf_fini(&text2);
}

/*
 * The model: the raw range behind a decoded byte, taken alone, decodes to the
 * character that byte is part of.
 */
static void test_map(void)
{
	struct rng r = { 0xDEC0DE5EEDu };
	struct sc_buf raw, scratch, part;
	struct codec_map map;
	size_t mapped = 0, identity = 0;

	sc_buf_init(&raw, 1 << 12);
	sc_buf_init(&scratch, 1 << 12);
	sc_buf_init(&part, 1 << 12);
	codec_map_init(&map);
	for (int i = 0; i < 3000; i++) {
		struct sc_span text;

		sc_buf_clear(&raw);
		for (unsigned n = pick(&r, 8); n > 0; n--)
			put_random(&r, &raw);
		NEED(decoded(sc_buf_span(&raw), &scratch, &map, &text) == SC_OK);
		if (map.identity) {
			identity++;
			CHECK(text.p == raw.p && text.n == raw.n);
			continue;
		}
		mapped++;
		for (uint32_t a = 0; a < text.n; a++) {
			for (uint32_t b = a; b <= text.n; b++) {
				uint32_t start, end;

				codec_map_range(&map, a, b, &start, &end);
				CHECK(start <= end && end <= raw.n);
				/* only whole characters can be compared */
				if ((b < text.n && (text.p[b] & 0xC0) == 0x80) ||
				    (text.p[a] & 0xC0) == 0x80)
					continue;
				sc_buf_clear(&part);
				CHECK(json_unescape(sc_span(raw.p + start, end - start), &part,
					  NULL) == SC_OK);
				CHECK(sc_span_eq(sc_buf_span(&part), sc_span(text.p + a, b - a)));
			}
		}
	}
	CHECK(mapped > 1000 && identity > 100);
	codec_map_fini(&map);
	sc_buf_fini(&raw);
	sc_buf_fini(&scratch);
	sc_buf_fini(&part);
}

static void test_range_whole_escapes(void)
{
	struct codec_map map;
	struct sc_buf scratch;
	struct sc_span text;
	uint32_t start, end;

	codec_map_init(&map);
	sc_buf_init(&scratch, 1 << 12);
	NEED(decoded(sc_span_str("a\\ud83d\\ude00b"), &scratch, &map, &text) == SC_OK);
	NEED(text.n == 6);
	codec_map_range(&map, 0, 2, &start, &end);
	CHECK(start == 0 && end == 13);
	codec_map_range(&map, 3, 4, &start, &end);
	CHECK(start == 1 && end == 13);
	codec_map_range(&map, 5, 6, &start, &end);
	CHECK(start == 13 && end == 14);
	codec_map_range(&map, 2, 2, &start, &end);
	CHECK(start == 1 && end == 1);
	CHECK(decoded(sc_span_str("a\\"), &scratch, &map, &text) == SC_SYNTAX);
	codec_map_fini(&map);
	sc_buf_fini(&scratch);
}

static void test_ceiling(void)
{
	struct sc_buf small;

	sc_buf_init(&small, 4);
	CHECK(json_escape(sc_span_str("\n\n\n"), &small) == SC_LIMIT);
	CHECK(small.n == 0);
	CHECK(json_unescape(sc_span_str("12345"), &small, NULL) == SC_LIMIT);
	CHECK(small.n == 0);
	sc_buf_fini(&small);
}

/* ---- every code unit, and pairs at every edge -------------------------------------------- */

/* WTF-8, the plain way. */
static size_t naive_encode(uint32_t c, uint8_t *to)
{
	if (c < 0x80) {
		to[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (uint8_t)(0xC0 | c >> 6);
		to[1] = (uint8_t)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (uint8_t)(0xE0 | c >> 12);
		to[1] = (uint8_t)(0x80 | (c >> 6 & 63));
		to[2] = (uint8_t)(0x80 | (c & 63));
		return 3;
	}
	to[0] = (uint8_t)(0xF0 | c >> 18);
	to[1] = (uint8_t)(0x80 | (c >> 12 & 63));
	to[2] = (uint8_t)(0x80 | (c >> 6 & 63));
	to[3] = (uint8_t)(0x80 | (c & 63));
	return 4;
}

static bool half(uint32_t c)
{
	return c >= 0xD800 && c <= 0xDFFF;
}

/* RAW unescapes to WANT, by either function, and says LONE. */
static bool unescapes(const char *raw, const uint8_t *want, size_t n, bool lone)
{
	struct codec_map map;
	struct sc_buf out, scratch;
	struct sc_span text;
	bool said = !lone, ok;

	codec_map_init(&map);
	sc_buf_init(&out, 64);
	sc_buf_init(&scratch, 64);
	ok = json_unescape(sc_span_str(raw), &out, &said) == SC_OK && said == lone &&
	    sc_span_eq(sc_buf_span(&out), sc_span(want, n)) &&
	    decoded(sc_span_str(raw), &scratch, &map, &text) == SC_OK &&
	    sc_span_eq(text, sc_span(want, n)) && map.n == n;
	sc_buf_fini(&out);
	sc_buf_fini(&scratch);
	codec_map_fini(&map);
	return ok;
}

static void test_every_unit(void)
{
	for (uint32_t c = 0; c < 0x10000; c++) {
		uint8_t want[4];
		char raw[8];

		snprintf(raw, sizeof(raw), c % 2 == 0 ? "\\u%04x" : "\\u%04X", c);
		CHECK(unescapes(raw, want, naive_encode(c, want), half(c)));
	}
}

static void test_every_pair(void)
{
	static const uint32_t edges[] = { 0xD7FF, 0xD800, 0xD801, 0xDBFE, 0xDBFF, 0xDC00, 0xDC01,
		0xDFFE, 0xDFFF, 0xE000, 0x41 };
	enum { n = sizeof(edges) / sizeof(edges[0]) };

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			uint32_t a = edges[i], b = edges[j];
			bool pair = a >= 0xD800 && a <= 0xDBFF && b >= 0xDC00 && b <= 0xDFFF;
			uint8_t want[8];
			char raw[16];
			size_t len;

			snprintf(raw, sizeof(raw), "\\u%04x\\u%04x", a, b);
			if (pair) {
				len =
				    naive_encode(0x10000 + ((a & 0x3FF) << 10 | (b & 0x3FF)), want);
			} else {
				len = naive_encode(a, want);
				len += naive_encode(b, want + len);
			}
			CHECK(unescapes(raw, want, len, !pair && (half(a) || half(b))));
		}
}

/* An escape that is cut off is refused, wherever, in memory that ends there. */
static void test_cut_off(void)
{
	static const char *const whole[] = { "\\ud83d\\ude00", "\\n", "a\\u0041" };

	for (size_t i = 0; i < 3; i++)
		for (size_t n = 0; n <= strlen(whole[i]); n++) {
			char *copy = malloc(n + 1);
			struct sc_buf out;
			bool good;

			NEED(copy != NULL);
			memcpy(copy, whole[i], n);
			sc_buf_init(&out, 64);
			good = n == 0 || n == strlen(whole[i]) || (i == 0 && n == 6) ||
			    (i == 2 && n == 1);
			copy[n] = 'f'; /* what follows is not its own */
			CHECK((json_unescape(sc_span(copy, n), &out, NULL) == SC_OK) == good);
			CHECK(good || out.n == 0);
			sc_buf_fini(&out);
			free(copy);
		}
	{
		struct sc_buf out;

		sc_buf_init(&out, 8);
		/* a NUL behind the backslash is no letter of an escape */
		CHECK(json_unescape(sc_span("\\\0", 2), &out, NULL) == SC_SYNTAX);
		sc_buf_fini(&out);
	}
}

/* One map for many texts: it grows as it must, and gives back what it took. */
static void test_map_memory(void)
{
	char raw[600];
	size_t before = 0;

	for (int round = 0; round < 40; round++) {
		struct codec_map map;
		struct sc_buf scratch;
		struct sc_span text;

		if (round == 20)
			before = mallinfo2().uordblks;
		codec_map_init(&map);
		sc_buf_init(&scratch, 600);
		for (size_t n = 2; n < 600; n += 1 + n / 7) {
			uint32_t a, b;

			memset(raw, 'x', n);
			memcpy(raw, "\\n", 2);
			CHECK(decoded(sc_span(raw, n), &scratch, &map, &text) == SC_OK);
			CHECK(text.n == n - 1 && map.n == n - 1 && map.cap >= n);
			codec_map_range(&map, 0, (uint32_t)n - 1, &a, &b);
			CHECK(a == 0 && b == n);
		}
		codec_map_fini(&map);
		CHECK(map.at == NULL && map.cap == 0 && map.identity);
		sc_buf_fini(&scratch);
	}
	CHECK(mallinfo2().uordblks == before);
}

int main(void)
{
	RUN(test_unescape, "escapes become what they stand for, lone surrogates are told");
	RUN(test_unescape_refusals, "a malformed escape is refused and leaves nothing behind");
	RUN(test_escape, "escaping is minimal and lower-case");
	RUN(test_escape_refusals, "what is no text is not escaped");
	RUN(test_inverse, "unescape of escape gives the same value, surrogates too");
	RUN(test_map, "every decoded range maps to the raw bytes it came from");
	RUN(test_range_whole_escapes, "a range that cuts an escape takes all of it");
	RUN(test_ceiling, "a full buffer is refused and left as it was");
	RUN(test_every_unit, "every escaped code unit is what the plain way says");
	RUN(test_every_pair, "two halves are one character, and nothing else is");
	RUN(test_cut_off, "an escape that is cut off is refused");
	RUN(test_map_memory, "a map grows as it must and gives back its memory");
	return tap_done();
}
