/*
 * fuzz_journal.c - no bytes crash the reading of a journal batch or an
 * entry bundle, and nothing reaches past what was given.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "crypto/tlog/journal.h"
#include "crypto/tlog/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_span in = sc_span(data, size), entry;
	struct journal_batch b;
	uint64_t sum = 0;
	size_t at = 0;

	if (journal_batch_parse(in, &b)) {
		if (b.length > size || b.entries.n > b.length)
			abort();
		for (uint32_t i = 0; i < b.count; i++) {
			if (!tile_entry_next(b.entries, &at, &entry))
				abort();
			sum += entry.p[entry.n - 1];
		}
		if (at != b.entries.n)
			abort();
	}
	at = 0;
	while (tile_entry_next(in, &at, &entry))
		for (size_t i = 0; i < entry.n; i++)
			sum += entry.p[i];
	if (at > size)
		abort();
	return sum == UINT64_MAX;
}
