/*
 * fuzz_traffic_record.c - no bytes crash the reading of a record of the rule log; whatever is
 * read is written again as it was, and taken when its sum is right.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/traffic/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t in[TRAFFIC_RECORD_BYTES] = { 0 }, again[TRAFFIC_RECORD_BYTES];
	struct traffic_record r;

	memcpy(in, data, size < sizeof(in) ? size : sizeof(in));
	if (traffic_record_decode(in, &r)) {
		traffic_record_encode(&r, again);
		if (memcmp(in, again, sizeof(in)) != 0)
			abort();
	}
	/* with the sum put right nothing of it is lost */
	traffic_record_read(in, &r);
	traffic_record_encode(&r, again);
	if (memcmp(in, again, TRAFFIC_AT_SAID + 1) != 0 || !traffic_record_decode(again, &r))
		abort();
	again[size % TRAFFIC_AT_SAID] ^= 1;
	if (traffic_record_decode(again, &r))
		abort();
	return 0;
}
