/*
 * fuzz_trust.c - no bytes crash the reading of an auditor's file; what was read prints as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/review/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trust t;
	struct sc_diag d;
	struct sc_buf text;

	if (trust_parse(sc_span(data, size), &t, &d) != SC_OK)
		return 0;
	sc_buf_init(&text, TRUST_BYTES_MAX);
	if (trust_print(&t, &text) != SC_OK || text.n != size || memcmp(text.p, data, size) != 0)
		abort();
	for (size_t i = 0; i < t.n; i++)
		if (trust_find(&t, t.v[i].head.origin) != &t.v[i])
			abort();
	sc_buf_fini(&text);
	return 0;
}
