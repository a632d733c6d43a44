/*
 * fuzz_gzip.c - any bytes as a packed body: refused, or no more than was allowed, and
 * then what zlib makes of them piece by piece.
 */
#include "gateway/codec/gzip.h"

#include <stdlib.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM 200000

/* Unpacks one byte after the other, and wants what WANT is, all of DATA used. */
static void check_slowly(const uint8_t *data, size_t size, struct sc_span want)
{
	static uint8_t out[ROOM + 1];
	z_stream z = { .next_out = out, .avail_out = sizeof(out) };
	int r = Z_OK;

	if (inflateInit2(&z, 15 + 16) != Z_OK)
		abort();
	for (size_t i = 0; i < size && r == Z_OK; i++) {
		uint8_t byte = data[i];

		z.next_in = &byte;
		z.avail_in = 1;
		r = inflate(&z, Z_NO_FLUSH);
		if (r == Z_BUF_ERROR)
			r = Z_OK;
		if ((r == Z_STREAM_END) != (i + 1 == size))
			abort();
	}
	if (z.total_out != want.n || (want.n != 0 && memcmp(out, want.p, want.n) != 0))
		abort();
	inflateEnd(&z);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_buf b;
	enum sc_err err;

	sc_buf_init(&b, ROOM);
	err = gzip_inflate(sc_span(data, size), &b);
	if (err == SC_OK) {
		if (!gzip_is(sc_span(data, size)) || b.n > ROOM)
			abort();
		check_slowly(data, size, sc_buf_span(&b));
	} else if (b.n != 0 || (err != SC_SYNTAX && err != SC_LIMIT && err != SC_NOMEM)) {
		abort();
	}
	sc_buf_fini(&b);
	return 0;
}
