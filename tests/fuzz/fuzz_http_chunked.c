/*
 * fuzz_http_chunked.c - the chunked decoder: the result does not depend on how
 * the bytes are cut, and what it decodes survives encoding again.
 */
#include "net/http/chunked.h"

#include <stdlib.h>

#define MUST(x) \
	do { \
		if (!(x)) \
			abort(); \
	} while (0)

static enum chunked_result decode(const uint8_t *p, size_t n, size_t step, struct sc_buf *out,
    size_t *used)
{
	enum chunked_result r = CHUNKED_MORE;
	struct chunked c;

	chunked_init(&c);
	*used = 0;
	while (*used < n && r == CHUNKED_MORE) {
		size_t piece = n - *used < step ? n - *used : step;
		struct sc_span in = sc_span(p + *used, piece);
		struct sc_span data;

		while ((r = chunked_next(&c, &in, &data)) == CHUNKED_DATA)
			MUST(sc_buf_put_span(out, data) == SC_OK);
		*used += piece - in.n;
	}
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_buf a, b, wire;
	size_t used_a, used_b;
	enum chunked_result ra;

	sc_buf_init(&a, 1 << 20);
	sc_buf_init(&b, 1 << 20);
	sc_buf_init(&wire, 1 << 20);
	ra = decode(data, size, SIZE_MAX, &a, &used_a);
	MUST(ra == decode(data, size, 1, &b, &used_b));
	MUST(used_a == used_b);
	MUST(sc_span_eq(sc_buf_span(&a), sc_buf_span(&b)));
	if (ra == CHUNKED_DONE && size < 65536) {
		sc_buf_clear(&b);
		MUST(chunked_put(&wire, sc_buf_span(&a)) == SC_OK &&
		    chunked_put_end(&wire) == SC_OK);
		MUST(decode(wire.p, wire.n, 7, &b, &used_b) == CHUNKED_DONE && used_b == wire.n);
		MUST(sc_span_eq(sc_buf_span(&a), sc_buf_span(&b)));
	}
	sc_buf_fini(&a);
	sc_buf_fini(&b);
	sc_buf_fini(&wire);
	return 0;
}
