/*
 * test_gzip.c - packed bodies: unpacked whole, or refused.
 */
#include "gateway/codec/gzip.h"

#include "tap.h"

#include <zlib.h>

#define PACKED_MAX (1 << 21)

static uint8_t plain[1 << 21], packed[PACKED_MAX];

/* The first N bytes of PLAIN as one member of a gzip. */
static struct sc_span pack(size_t n)
{
	z_stream z = { .next_in = plain,
		.avail_in = (uInt)n,
		.next_out = packed,
		.avail_out = PACKED_MAX };

	if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		return sc_span(packed, 0);
	deflateEnd(&z);
	return sc_span(packed, z.total_out);
}

/* Bytes that do not pack well. */
static void fill(size_t n)
{
	uint32_t x = 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		plain[i] = (uint8_t)(x >> 24);
	}
}

static enum sc_err unpack(struct sc_span body, size_t max, struct sc_buf *b)
{
	sc_buf_init(b, max);
	return gzip_inflate(body, b);
}

static enum sc_err result(struct sc_span body, size_t max)
{
	struct sc_buf b;
	enum sc_err err = unpack(body, max, &b);

	if (err != SC_OK)
		CHECK(b.n == 0);
	sc_buf_fini(&b);
	return err;
}

static void test_inverse(void)
{
	static const size_t sizes[] = { 0, 1, 2, 100, 65535, 65536, 70000, 500000 };

	fill(500000);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct sc_buf b;
		struct sc_span body = pack(sizes[i]);

		CHECK(gzip_is(body) && unpack(body, 500000, &b) == SC_OK);
		CHECK(b.n == sizes[i] && (b.n == 0 || memcmp(b.p, plain, b.n) == 0));
		sc_buf_fini(&b);
	}
}

static void test_append(void)
{
	struct sc_buf b;
	struct sc_span body;

	fill(10);
	body = pack(10);
	sc_buf_init(&b, 12);
	CHECK(sc_buf_put_str(&b, "ab") == SC_OK && gzip_inflate(body, &b) == SC_OK);
	CHECK(b.n == 12 && memcmp(b.p, "ab", 2) == 0 && memcmp(b.p + 2, plain, 10) == 0);
	CHECK(gzip_inflate(body, &b) == SC_LIMIT && b.n == 12);
	packed[body.n - 5] ^= 1; /* of the sum */
	sc_buf_truncate(&b, 2);
	CHECK(gzip_inflate(body, &b) == SC_SYNTAX && b.n == 2);
	sc_buf_fini(&b);
}

static void test_ceiling(void)
{
	struct sc_span body;

	fill(1000);
	body = pack(1000);
	CHECK(result(body, 1000) == SC_OK && result(body, 999) == SC_LIMIT);
}

static void test_ratio(void)
{
	struct sc_span body;
	size_t n = 70000;

	memset(plain, 'a', sizeof(plain));
	body = pack(65536); /* a small body may be anything */
	CHECK(body.n < 200 && result(body, 1 << 21) == SC_OK);
	body = pack(1 << 21);
	CHECK((size_t)1 << 21 > body.n * GZIP_RATIO_MAX && result(body, 1 << 22) == SC_LIMIT);
	/* the last that is allowed, and the next */
	while (pack(n).n * GZIP_RATIO_MAX + GZIP_FREE_BYTES > n)
		n++;
	body = pack(n - 1);
	CHECK(body.n * GZIP_RATIO_MAX + GZIP_FREE_BYTES > n - 1 && result(body, 1 << 21) == SC_OK);
	body = pack(n);
	CHECK(result(body, 1 << 21) == SC_LIMIT);
}

static void test_broken(void)
{
	struct sc_span body;

	fill(1000);
	body = pack(1000);
	for (size_t n = 0; n < body.n; n++) /* torn */
		CHECK(result(sc_span(packed, n), 1 << 21) != SC_OK);
	for (size_t i = body.n - 8; i < body.n - 4; i++) { /* the sum */
		packed[i] ^= 0x10;
		CHECK(result(body, 1 << 21) == SC_SYNTAX);
		packed[i] ^= 0x10;
	}
	packed[body.n - 4]++; /* the length: one more, then one fewer */
	CHECK(result(body, 1 << 21) == SC_SYNTAX);
	packed[body.n - 4] -= 2;
	CHECK(result(body, 1 << 21) == SC_SYNTAX);
	packed[body.n - 4]++;
	CHECK(result(body, 1 << 21) == SC_OK);
	packed[0] ^= 1;
	CHECK(!gzip_is(body) && result(body, 1 << 21) == SC_SYNTAX);
}

static void test_behind(void)
{
	struct sc_span body;
	size_t n;

	fill(1000);
	body = pack(1000);
	n = body.n;
	packed[n] = 0; /* a byte behind it */
	CHECK(result(sc_span(packed, n + 1), 1 << 21) != SC_OK);
	memmove(packed + n, packed, n); /* itself again: gunzip would take both */
	CHECK(result(sc_span(packed, 2 * n), 1 << 21) == SC_SYNTAX);
	CHECK(result(sc_span(packed + n, n), 1 << 21) == SC_OK);
}

static void test_is(void)
{
	static const uint8_t zlib[] = { 0x78, 0x9c, 3, 0, 0, 0, 0, 1 };
	static const uint8_t other[] = { 0x1f, 0x8b, 7 };

	CHECK(!gzip_is(sc_span(zlib, sizeof(zlib))) && !gzip_is(sc_span(other, 3)));
	CHECK(!gzip_is(sc_span_str("{\"batch\":[]}")) && !gzip_is(sc_span(NULL, 0)));
	/* three bytes say it, and two do not */
	CHECK(gzip_is(sc_span_str("\x1f\x8b\x08")) && !gzip_is(sc_span_str("\x1f\x8b")));
	CHECK(result(sc_span(zlib, sizeof(zlib)), 100) == SC_SYNTAX);
}

int main(void)
{
	RUN(test_inverse, "what was packed comes out");
	RUN(test_append, "it goes behind what is there, or nothing does");
	RUN(test_ceiling, "no more comes out than was allowed, to the byte");
	RUN(test_ratio, "nor more than JSON could have been");
	RUN(test_broken, "what is torn, or whose sum or length is wrong, is refused");
	RUN(test_behind, "nothing stands behind it, not even a second one");
	RUN(test_is, "only what begins as a gzip is one");
	return tap_done();
}
