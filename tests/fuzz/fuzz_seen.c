/*
 * fuzz_seen.c - no bytes crash the reading of what was seen of a log; what was read prints as it
 * was.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/tlog/seen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seen_log seen;
	struct sc_buf text;

	if (seen_parse(sc_span(data, size), &seen) != SC_OK)
		return 0;
	sc_buf_init(&text, SEEN_MAX);
	if (seen_print(&seen, &text) != SC_OK || text.n != size || memcmp(text.p, data, size) != 0)
		abort();
	sc_buf_fini(&text);
	return 0;
}
