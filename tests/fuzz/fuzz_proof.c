/*
 * fuzz_proof.c - no bytes crash the checking of a receipt; one that holds is
 * about an entry under its head. The input is the receipt, a NUL, the entry.
 */
#include "audit/review/review.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_span proof = sc_span(data, size), entry = sc_span(NULL, 0);
	const uint8_t *nul = size == 0 ? NULL : memchr(data, 0, size);
	struct audit_proven p;
	struct sc_diag d;

	if (nul != NULL) {
		proof.n = (size_t)(nul - data);
		entry = sc_span_from(sc_span(data, size), proof.n + 1);
	}
	if (audit_proof_check(proof, entry, NULL, &d, &p) == SC_OK) {
		if (p.signature_checked || p.index >= p.head.size)
			abort();
	} else if (d.text[0] == '\0') {
		abort(); /* it says why not */
	}
	return 0;
}
