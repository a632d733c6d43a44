/*
 * Big-endian integers and length-prefixed fields: read is the inverse of put.
 */
#include "base/bytes.h"
#include "tap.h"

/* As wire formats write it: in place. */
static enum sc_err put_be32(struct sc_buf *b, uint32_t v)
{
	uint8_t p[4];

	sc_be32_store(p, v);
	return sc_buf_put(b, p, sizeof(p));
}

static void test_inverse(void)
{
	struct sc_buf b;
	struct sc_reader r;

	sc_buf_init(&b, 4096);
	for (unsigned i = 0; i < 64; i++) {
		uint64_t v = (uint64_t)1 << i | i;

		sc_buf_clear(&b);
		CHECK(sc_buf_put_be8(&b, (uint8_t)v) == SC_OK);
		CHECK(sc_buf_put_be16(&b, (uint16_t)v) == SC_OK);
		CHECK(put_be32(&b, (uint32_t)v) == SC_OK);
		CHECK(sc_buf_put_be64(&b, v) == SC_OK);
		CHECK(sc_buf_put_field8(&b, sc_span_str("eight")) == SC_OK);
		CHECK(sc_buf_put_field16(&b, sc_span(NULL, 0)) == SC_OK);
		r = sc_reader(sc_buf_span(&b));
		CHECK(sc_read_u8(&r) == (uint8_t)v && sc_read_u16(&r) == (uint16_t)v);
		CHECK(sc_read_u32(&r) == (uint32_t)v && sc_read_u64(&r) == v);
		CHECK(sc_span_is(sc_read_field8(&r), "eight") && !sc_reader_done(&r));
		CHECK(sc_read_field16(&r).n == 0 && sc_reader_done(&r));
	}
	CHECK(b.p[1] == 0x80 || b.p[0] == 63);
	sc_buf_fini(&b);
}

static void test_order(void)
{
	uint8_t p[8];

	sc_be64_store(p, 0x0102030405060708u);
	CHECK(memcmp(p, "\1\2\3\4\5\6\7\10", 8) == 0);
	CHECK(sc_be64_load(p) == 0x0102030405060708u);
	CHECK(sc_be32_load(p) == 0x01020304u && sc_be16_load(p + 6) == 0x0708);
	sc_be32_store(p, 0xFFFEFDFCu);
	CHECK(sc_be32_load(p) == 0xFFFEFDFCu);
}

/* Every cut of a message is noticed, and no read passes the cut. */
static void test_short(void)
{
	struct sc_buf b;
	struct sc_reader r;

	sc_buf_init(&b, 64);
	CHECK(put_be32(&b, 7) == SC_OK);
	CHECK(sc_buf_put_field16(&b, sc_span_str("hello")) == SC_OK);
	for (size_t n = 0; n < b.n; n++) {
		r = sc_reader(sc_span(b.p, n));
		(void)sc_read_u32(&r);
		(void)sc_read_field16(&r);
		CHECK(r.bad && !sc_reader_done(&r));
		CHECK(sc_read_u64(&r) == 0 && sc_read_bytes(&r, 0).n == 0 && r.bad);
		CHECK(r.p <= r.end);
	}
	sc_buf_fini(&b);
	r = sc_reader(sc_span(NULL, 0));
	CHECK(sc_reader_done(&r) && sc_read_u8(&r) == 0 && r.bad);
}

static void test_too_long(void)
{
	struct sc_buf b;
	uint8_t *big = calloc(1, 65536);

	NEED(big != NULL);
	sc_buf_init(&b, 1 << 20);
	CHECK(sc_buf_put_field8(&b, sc_span(big, 256)) == SC_LIMIT);
	CHECK(sc_buf_put_field16(&b, sc_span(big, 65536)) == SC_LIMIT);
	CHECK(b.n == 0 && sc_buf_put_field16(&b, sc_span(big, 65535)) == SC_OK);
	sc_buf_fini(&b);
	sc_buf_init(&b, 6);
	CHECK(sc_buf_put_field8(&b, sc_span(big, 6)) == SC_LIMIT && b.n == 0);
	CHECK(sc_buf_put_field8(&b, sc_span(big, 5)) == SC_OK && b.n == 6);
	sc_buf_fini(&b);
	free(big);
}

int main(void)
{
	RUN(test_inverse, "reading gives what was put");
	RUN(test_order, "the first byte is the highest");
	RUN(test_short, "a cut message is noticed wherever it is cut");
	RUN(test_too_long, "a field too long goes in not at all");
	return tap_done();
}
