/*
 * fuzz_lineage.c - any bytes as what is remembered: refused, or written again as they were.
 *
 * The last bytes of the file are a sum of the others, which is put right first: a fuzzer never
 * would. What is read is then forgotten, dataset by dataset.
 */
#include "analytics/lineage/lineage_private.h"

#include <sodium.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(struct lineage *l, struct sc_span bytes)
{
	struct sc_buf again;

	sc_buf_init(&again, bytes.n + 1);
	if (lineage_encode(l, &again) != SC_OK || !sc_span_eq(sc_buf_span(&again), bytes))
		abort();
	sc_buf_fini(&again);
	if (l->n_members > 0)
		lineage_forget(l, l->members[l->n_members / 2].person);
	for (size_t i = 0; i < LINEAGE_LIVE; i++) {
		const struct sc_name name = l->datasets[i];

		if (lineage_retire(l, name.s) != SC_OK)
			abort();
	}
	if (l->n_releases != 0 || l->n_parts != 0 || l->n_members != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lineage l = { 0 };
	struct sc_diag d = { .text = "" };
	struct sc_buf bytes;
	uint8_t sha256[crypto_hash_sha256_BYTES];
	enum sc_err err;

	sc_buf_init(&bytes, size + sizeof(sha256));
	crypto_hash_sha256(sha256, data, size);
	if (sc_buf_put(&bytes, data, size) != SC_OK ||
	    sc_buf_put(&bytes, sha256, sizeof(sha256)) != SC_OK)
		abort();
	err = lineage_decode(&l, sc_buf_span(&bytes), &d);
	if (err == SC_OK)
		compare(&l, sc_buf_span(&bytes));
	else if (l.n_members != 0 || l.n_releases != 0 || d.text[0] == '\0')
		abort();
	lineage_clear(&l);
	sc_buf_fini(&bytes);
	return 0;
}
