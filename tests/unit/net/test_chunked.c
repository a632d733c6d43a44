/*
 * test_chunked.c - the chunked coding: decode o encode is the identity however
 * the bytes are cut; everything lenient is refused.
 */
#include "net/http/chunked.h"

#include "tap.h"

static uint32_t seed = 7;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

/*
 * Decode IN, given in pieces of at most STEP bytes; the body is appended to
 * OUT. What is left over behind the end is counted in *LEFT.
 */
static enum chunked_result decode(const void *in, size_t n, size_t step, struct sc_buf *out,
    size_t *left)
{
	enum chunked_result r = CHUNKED_MORE;
	const uint8_t *p = in;
	struct chunked c;
	size_t at = 0;

	chunked_init(&c);
	*left = 0;
	while (at < n && r == CHUNKED_MORE) {
		size_t piece = n - at < step ? n - at : step;
		struct sc_span s = sc_span(p + at, piece);
		struct sc_span data;

		while ((r = chunked_next(&c, &s, &data)) == CHUNKED_DATA)
			if (sc_buf_put_span(out, data) != SC_OK)
				return CHUNKED_BAD;
		at += piece - s.n;
		*left = n - at;
	}
	return r;
}

static void inverse(void)
{
	for (int round = 0; round < 500; round++) {
		struct sc_buf body, wire, back;
		size_t left, pieces = rnd() % 10;

		sc_buf_init(&body, 1 << 20);
		sc_buf_init(&wire, 1 << 20);
		sc_buf_init(&back, 1 << 20);
		for (size_t i = 0; i < pieces; i++) {
			size_t n = rnd() % (round % 2 ? 20 : 3000);
			uint8_t *p;

			NEED(sc_buf_grow(&body, n, &p) == SC_OK);
			for (size_t k = 0; k < n; k++)
				p[k] = (uint8_t)rnd();
			NEED(chunked_put(&wire, sc_span(p, n)) == SC_OK);
		}
		NEED(chunked_put_end(&wire) == SC_OK);
		NEED(sc_buf_put_str(&wire, "NEXT") == SC_OK);
		CHECK(decode(wire.p, wire.n, 1 + rnd() % 50, &back, &left) == CHUNKED_DONE);
		CHECK(left == 4);
		CHECK(sc_span_eq(sc_buf_span(&body), sc_buf_span(&back)));
		sc_buf_fini(&body);
		sc_buf_fini(&wire);
		sc_buf_fini(&back);
	}
}

struct row {
	const char *bytes;
	enum chunked_result expect;
};

static const struct row rows[] = {
	{ "5\r\nhello\r\n0\r\n\r\n", CHUNKED_DONE },
	{ "00000005\r\nhello\r\n00000000\r\n\r\n", CHUNKED_DONE },
	{ "A\r\n0123456789\r\n0\r\n\r\n", CHUNKED_DONE },
	{ "a\r\n0123456789\r\n0\r\n\r\n", CHUNKED_DONE },
	{ "0\r\nX-Sum: 1\r\nOther:\t\xc3\xa9 \r\n\r\n", CHUNKED_DONE },
	{ "0\r\n\r", CHUNKED_MORE },
	{ "5\r\nhel", CHUNKED_MORE },
	{ "000000005\r\nhello\r\n0\r\n\r\n", CHUNKED_BAD },
	{ "\r\n", CHUNKED_BAD },
	{ "5\nhello\r\n0\r\n\r\n", CHUNKED_BAD },
	{ "5\r\nhello\n0\r\n\r\n", CHUNKED_BAD },
	{ "5\r\nhello0\r\n\r\n", CHUNKED_BAD },
	{ "5\r\nhelloX\r\n0\r\n\r\n", CHUNKED_BAD },
	{ "5\rXhello\r\n0\r\n\r\n", CHUNKED_BAD },
	{ "5;a=b\r\nhello\r\n0\r\n\r\n", CHUNKED_BAD },
	{ "5 \r\nhello\r\n0\r\n\r\n", CHUNKED_BAD },
	{ " 5\r\nhello\r\n0\r\n\r\n", CHUNKED_BAD },
	{ "+5\r\nhello\r\n0\r\n\r\n", CHUNKED_BAD },
	{ "-5\r\nhello\r\n0\r\n\r\n", CHUNKED_BAD },
	{ "0x5\r\nhello\r\n0\r\n\r\n", CHUNKED_BAD },
	{ "g\r\n", CHUNKED_BAD },
	{ "0\r\n\n", CHUNKED_BAD },
	{ "0\n\r\n", CHUNKED_BAD },
	{ "0\r\nX-A: b\n\r\n", CHUNKED_BAD },
	{ "0\r\nX-A\r\n\r\n", CHUNKED_BAD },
	{ "0\r\nX A: b\r\n\r\n", CHUNKED_BAD },
	{ "0\r\n X: b\r\n\r\n", CHUNKED_BAD },
	{ "0\r\n: b\r\n\r\n", CHUNKED_BAD },
	{ "0\r\nX-A: \x01\r\n\r\n", CHUNKED_BAD },
	{ "0\r\nContent-Length: 5\r\n\r\n", CHUNKED_BAD },
	{ "0\r\ntransfer-encoding: chunked\r\n\r\n", CHUNKED_BAD },
	{ "0\r\nHost: b\r\n\r\n", CHUNKED_BAD },
	{ "0\r\nConnection: close\r\n\r\n", CHUNKED_BAD },
};

static void strict(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t step = 1; step < 40; step++) {
			struct sc_buf out;
			size_t left;

			sc_buf_init(&out, 4096);
			if (decode(rows[i].bytes, strlen(rows[i].bytes), step, &out, &left) !=
			    rows[i].expect) {
				printf("# row %zu, in pieces of %zu\n", i, step);
				CHECK(!"as expected");
			}
			sc_buf_fini(&out);
		}
	}
}

static void trailers_are_bounded(void)
{
	struct sc_buf wire, out;
	size_t left;

	sc_buf_init(&wire, 1 << 20);
	sc_buf_init(&out, 1 << 20);
	NEED(sc_buf_put_str(&wire, "0\r\n") == SC_OK);
	for (int i = 0; i < 1000; i++)
		NEED(sc_buf_put_str(&wire, "X-A: bcdef\r\n") == SC_OK);
	CHECK(decode(wire.p, wire.n, 4096, &out, &left) == CHUNKED_BAD);
	sc_buf_fini(&wire);
	sc_buf_fini(&out);
}

int main(void)
{
	RUN(inverse, "decoding what was encoded gives it back, however it is cut");
	RUN(strict,
	    "extensions, blanks, bare LF and framing trailers are refused, however they are cut");
	RUN(trailers_are_bounded, "trailers without end are refused");
	return tap_done();
}
