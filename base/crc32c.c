/*
 * crc32c.c - the Castagnoli sum: SSE 4.2 where there is it, else four tables at once.
 *
 * The tables are constants: a sum is linear, so an entry is the exclusive or of
 * those of its bits, and 32 numbers give 1,024.
 */
#include "base/crc32c.h"

#include <string.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#define BIT(i, b, v) ((i)&1u << (b) ? (v) : 0u)
#define E1(i, a, b, c, d, e, f, g, h) \
	(BIT(i, 0, a) ^ BIT(i, 1, b) ^ BIT(i, 2, c) ^ BIT(i, 3, d) ^ BIT(i, 4, e) ^ BIT(i, 5, f) ^ \
	    BIT(i, 6, g) ^ BIT(i, 7, h))
#define E4(i, ...) \
	E1((i), __VA_ARGS__), E1((i) + 1u, __VA_ARGS__), E1((i) + 2u, __VA_ARGS__), \
	    E1((i) + 3u, __VA_ARGS__)
#define E16(i, ...) \
	E4((i), __VA_ARGS__), E4((i) + 4u, __VA_ARGS__), E4((i) + 8u, __VA_ARGS__), \
	    E4((i) + 12u, __VA_ARGS__)
#define E64(i, ...) \
	E16((i), __VA_ARGS__), E16((i) + 16u, __VA_ARGS__), E16((i) + 32u, __VA_ARGS__), \
	    E16((i) + 48u, __VA_ARGS__)
#define TABLE(...) \
	{ \
		E64(0u, __VA_ARGS__), E64(64u, __VA_ARGS__), E64(128u, __VA_ARGS__), \
		    E64(192u, __VA_ARGS__) \
	}

/* table[k][i]: of the byte i with k bytes of zeros behind it. NOLINTBEGIN(misc-redundant-expression): of i = 0 too */
static const uint32_t table[4][256] = {
	TABLE(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, 0x105ec76f, 0x20bd8ede, 0x417b1dbc,
	    0x82f63b78),
	TABLE(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, 0x3fc5f181, 0x7f8be302, 0xff17c604,
	    0xfbc3faf9),
	TABLE(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, 0x70a27d8a, 0xe144fb14, 0xc76580d9,
	    0x8b277743),
	TABLE(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, 0xe964b13d, 0xd725148b, 0xaba65fe7,
	    0x52a0c93f),
};
/* NOLINTEND(misc-redundant-expression) */

uint32_t crc32c_portable(const void *p, size_t n)
{
	const uint8_t *b = p;
	uint32_t c = UINT32_MAX;

	for (; n >= 4; n -= 4, b += 4) {
		c ^= b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
		c = table[3][c & 255] ^ table[2][c >> 8 & 255] ^ table[1][c >> 16 & 255] ^
		    table[0][c >> 24];
	}
	for (; n > 0; n--, b++)
		c = c >> 8 ^ table[0][(c ^ *b) & 255];
	return ~c;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t by_instruction(const void *p, size_t n)
{
	const uint8_t *b = p;
	uint64_t c = UINT32_MAX, word;

	for (; n >= sizeof(word); n -= sizeof(word), b += sizeof(word)) {
		memcpy(&word, b, sizeof(word));
		c = _mm_crc32_u64(c, word);
	}
	for (; n > 0; n--, b++)
		c = _mm_crc32_u8((uint32_t)c, *b);
	return ~(uint32_t)c;
}

uint32_t crc32c(const void *p, size_t n)
{
	return __builtin_cpu_supports("sse4.2") ? by_instruction(p, n) : crc32c_portable(p, n);
}

#else

uint32_t crc32c(const void *p, size_t n)
{
	return crc32c_portable(p, n);
}

#endif
