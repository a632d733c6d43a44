/*
 * fuzz_feed.c - no bytes crash the reading of frames or of a segment's head;
 * what is taken is taken whole, byte for byte.
 *
 * The first byte chooses whether sums are put right first, so that ranges are reached.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/feed/feed.h"
#include "gateway/spool/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_right(uint8_t *bytes)
{
	sc_be32_store(bytes + FEED_FRAME_BYTES - 4, crc32c(bytes, FEED_FRAME_BYTES - 4));
}

static void one_frame(const uint8_t *bytes)
{
	uint8_t again[FEED_FRAME_BYTES];
	struct feed_frame f;
	char text[FEED_SAY_MAX];

	if (crc32c(bytes, FEED_FRAME_BYTES) != crc32c_portable(bytes, FEED_FRAME_BYTES))
		abort();
	if (feed_decode(bytes, &f) != SC_OK)
		return;
	if (feed_encode(&f, again) != SC_OK || memcmp(bytes, again, sizeof(again)) != 0)
		abort();
	if (f.type == FEED_VERDICT) {
		feed_verdict_say(&f.u.verdict, text, sizeof(text));
		if (strlen(text) + 1 >= sizeof(text))
			abort();
	}
}

static void one_head(const uint8_t *bytes)
{
	uint8_t again[SPOOL_HEAD];
	uint64_t spool, first;

	if (!spool_head_decode(bytes, &spool, &first))
		return;
	spool_head_encode(spool, first, again);
	if (memcmp(bytes, again, sizeof(again)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const bool right = size > 0 && (data[0] & 1) != 0;
	uint8_t bytes[FEED_FRAME_BYTES];

	for (size_t at = 1; at + sizeof(bytes) <= size; at += sizeof(bytes)) {
		memcpy(bytes, data + at, sizeof(bytes));
		if (right)
			put_right(bytes);
		one_frame(bytes);
		one_head(bytes);
	}
	return 0;
}
