/*
 * fuzz_statement.c - no bytes crash the reading of a signed statement; what was read is
 * spelled in those bytes alone.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/statement/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[SIGN_SEED_BYTES] = { 7 };
	struct sc_span in = sc_span(data, size);
	struct sign_public pk;
	struct sign_secret sk;
	struct statement s;
	struct sc_buf again;

	if (statement_decode(in, &s) != SC_OK)
		return 0;
	sign_keypair_from_seed(seed, &pk, &sk);
	sc_buf_init(&again, CRYPTO_STATEMENT_MAX);
	if (statement_sign(&s, &sk, &again) != SC_OK || again.n != size ||
	    memcmp(again.p, data, size - SIGN_BYTES) != 0 ||
	    !statement_is_by(sc_buf_span(&again), &pk))
		abort();
	/* another's signature, unless these are the very bytes */
	if (statement_is_by(in, &pk) != sc_span_eq(in, sc_buf_span(&again)))
		abort();
	sc_buf_fini(&again);
	return 0;
}
