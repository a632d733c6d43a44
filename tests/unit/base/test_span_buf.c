/*
 * Spans and buffers: bounded, unchanged on failure, wiped.
 */
#include "base/buf.h"
#include "tap.h"

static void test_span(void)
{
	struct sc_span s = sc_span_str("Hello"), none = sc_span(NULL, 0);
	static const struct sc_span lit = SC_LIT("Hello");

	CHECK(sc_span_eq(s, lit) && sc_span_is(s, "Hello") && !sc_span_is(s, "Hell"));
	CHECK(sc_span_caseeq(s, "hELLO") && !sc_span_caseeq(s, "hELL"));
	/* every two bytes, at places in every kind of word */
	for (size_t n = 1; n <= 19; n++)
		for (unsigned x = 0; x < 65536; x += n == 5 || n == 9 ? 1 : 251) {
			char a[20] = "Proxy-Authorizatio", b[20] = "pROXY-aUTHORIZATIO";

			a[x % n] = (char)(x >> 8);
			b[x % n] = (char)x;
			CHECK(sc_caseless_eq(a, b, n) ==
			    (a[x % n] == b[x % n] ||
				((x >> 8 | 0x20) == ((x & 255) | 0x20) && (x | 0x20) % 256 >= 'a' &&
				    (x | 0x20) % 256 <= 'z')));
		}
	CHECK(sc_span_starts(s, "He") && sc_span_starts(s, "") && !sc_span_starts(s, "Hello!"));
	CHECK(sc_span_is(sc_span_from(s, 3), "lo") && sc_span_from(s, 9).n == 0);
	CHECK(sc_span_eq(none, sc_span_str("")) && sc_span_eq(none, sc_span_str(NULL)));
	CHECK(sc_span_from(none, 1).n == 0 && sc_span_starts(none, ""));
	CHECK(!sc_span_starts(none, "x") && sc_span_caseeq(none, ""));
}

static void test_append(void)
{
	struct sc_buf b;
	uint8_t *p;

	sc_buf_init(&b, 64);
	CHECK(sc_buf_put_str(&b, "ab") == SC_OK);
	CHECK(sc_buf_put_u64(&b, 0) == SC_OK);
	CHECK(sc_buf_put_u64(&b, UINT64_MAX) == SC_OK);
	CHECK(sc_buf_printf(&b, "[%d]", -7) == SC_OK);
	CHECK(sc_buf_put_span(&b, sc_span(NULL, 0)) == SC_OK);
	CHECK(sc_buf_grow(&b, 2, &p) == SC_OK);
	memcpy(p, "yz", 2);
	CHECK(sc_span_is(sc_buf_span(&b), "ab018446744073709551615[-7]yz"));
	sc_buf_consume(&b, 3);
	CHECK(sc_span_starts(sc_buf_span(&b), "18446"));
	sc_buf_truncate(&b, 2);
	CHECK(sc_span_is(sc_buf_span(&b), "18"));
	sc_buf_consume(&b, 99);
	CHECK(b.n == 0);
	sc_buf_fini(&b);
	CHECK(b.p == NULL && b.max == 64);
}

static void test_ceiling(void)
{
	struct sc_buf b;
	uint8_t *p;

	sc_buf_init(&b, 10);
	CHECK(sc_buf_put_str(&b, "12345678") == SC_OK);
	CHECK(sc_buf_put_str(&b, "abc") == SC_LIMIT);
	CHECK(sc_buf_printf(&b, "%s", "abc") == SC_LIMIT);
	CHECK(sc_buf_grow(&b, 3, &p) == SC_LIMIT && p == NULL);
	CHECK(sc_buf_put_u64(&b, 1000) == SC_LIMIT);
	CHECK(sc_buf_reserve(&b, SIZE_MAX) == SC_LIMIT);
	CHECK(sc_buf_reserve(&b, SIZE_MAX - 4) == SC_LIMIT);
	CHECK(sc_span_is(sc_buf_span(&b), "12345678"));
	CHECK(sc_buf_put_str(&b, "90") == SC_OK && b.n == 10);
	CHECK(sc_buf_put_str(&b, "") == SC_OK);
	CHECK(sc_buf_put_str(&b, "x") == SC_LIMIT);
	sc_buf_fini(&b);
}

/* Many sizes: what was put is what is there, and cap never passes max. */
static void test_growth(void)
{
	struct sc_buf b;
	uint8_t byte;

	for (size_t max = 1; max < 700; max += 13) {
		sc_buf_init(&b, max);
		for (size_t i = 0; i < max; i++) {
			byte = (uint8_t)(i * 7);
			CHECK(sc_buf_put(&b, &byte, 1) == SC_OK && b.cap <= max);
		}
		CHECK(sc_buf_put(&b, &byte, 1) == SC_LIMIT);
		for (size_t i = 0; i < max; i++)
			CHECK(b.p[i] == (uint8_t)(i * 7));
		sc_buf_fini(&b);
	}
}

static void test_wiped(void)
{
	struct sc_buf b;

	sc_buf_init(&b, 64);
	CHECK(sc_buf_put_str(&b, "secret-secret") == SC_OK);
	sc_buf_truncate(&b, 6);
	CHECK(memcmp(b.p + 6, "\0\0\0\0\0\0\0", 7) == 0);
	sc_buf_consume(&b, 4);
	CHECK(sc_span_is(sc_buf_span(&b), "et") && b.p[2] == 0 && b.p[5] == 0);
	sc_buf_clear(&b);
	CHECK(b.n == 0 && b.p[0] == 0 && b.p[1] == 0);
	sc_buf_fini(&b);
}

int main(void)
{
	RUN(test_span, "spans compare, also when empty or NULL");
	RUN(test_append, "what is appended is there, what is consumed is gone");
	RUN(test_ceiling, "past the ceiling: refused, and nothing appended");
	RUN(test_growth, "growth keeps every byte and never passes the ceiling");
	RUN(test_wiped, "bytes given up are wiped");
	return tap_done();
}
