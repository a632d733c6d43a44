/*
 * fuzz_key_certificate.c - no bytes crash the reading of a certificate; what was read
 * prints to the same bytes.
 */
#include <stdlib.h>

#include "crypto/record/key_certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_span in = sc_span(data, size);
	struct key_certificate c;
	struct sc_buf text;

	sc_buf_init(&text, KEY_CERTIFICATE_MAX);
	if (key_certificate_parse(in, &c) == SC_OK &&
	    (key_certificate_print(&c, &text) != SC_OK || !sc_span_eq(sc_buf_span(&text), in)))
		abort();
	sc_buf_fini(&text);
	return 0;
}
