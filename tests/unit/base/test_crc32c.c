/*
 * test_crc32c.c - the Castagnoli sum against published vectors, both ways of it.
 */
#include "base/crc32c.h"

#include "tap.h"

/* RFC 3720 B.4, and the check value of every catalogue. */
static void test_vectors(void)
{
	static const uint8_t scsi_read[48] = {
		0x01,
		0xc0, [16] = 0x14, [22] = 0x04, [27] = 0x14, [31] = 0x18, [32] = 0x28, [40] = 0x02
	};
	uint8_t zeros[32] = { 0 }, ones[32], up[32], down[32];
	const struct {
		const void *p;
		size_t n;
		uint32_t sum;
	} rows[] = { { "", 0, 0 }, { "123456789", 9, 0xe3069283 }, { zeros, 32, 0x8a9136aa },
		{ ones, 32, 0x62a8ab43 }, { up, 32, 0x46dd794e }, { down, 32, 0x113fdb5c },
		{ scsi_read, 48, 0xd9963a56 } };

	memset(ones, 0xff, sizeof(ones));
	for (uint8_t i = 0; i < 32; i++) {
		up[i] = i;
		down[i] = (uint8_t)(31 - i);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK(crc32c(rows[i].p, rows[i].n) == rows[i].sum);
		CHECK(crc32c_portable(rows[i].p, rows[i].n) == rows[i].sum);
	}
}

/* The definition, a bit at a time. */
static uint32_t naive(const uint8_t *p, size_t n)
{
	uint32_t c = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		c ^= p[i];
		for (unsigned b = 0; b < 8; b++)
			c = c >> 1 ^ (c & 1 ? 0x82f63b78 : 0);
	}
	return ~c;
}

static void test_definition(void)
{
	uint8_t bytes[300];
	uint64_t x = 7;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(x >> 56);
	}
	for (size_t from = 0; from < 9; from++)
		for (size_t n = 0; from + n <= sizeof(bytes); n++) {
			const uint32_t want = naive(bytes + from, n);

			CHECK(crc32c(bytes + from, n) == want);
			CHECK(crc32c_portable(bytes + from, n) == want);
		}
	/* each byte value in each place of a step */
	for (unsigned v = 0; v < 256; v++)
		for (size_t i = 0; i < 12; i++) {
			uint8_t one[12] = { 0 };

			one[i] = (uint8_t)v;
			CHECK(crc32c_portable(one, sizeof(one)) == naive(one, sizeof(one)));
			CHECK(crc32c(one, sizeof(one)) == naive(one, sizeof(one)));
		}
}

int main(void)
{
	RUN(test_vectors, "published vectors");
	RUN(test_definition, "the definition, bit by bit, for every length and place");
	return tap_done();
}
