/*
 * hex.h - lower-case hexadecimal digits, eight at a time: ids and hashes are
 * written several times a request. And the way back.
 */
#ifndef BASE_TEXT_HEX_H
#define BASE_TEXT_HEX_H

#include "base/bytes.h"

/* OUT gets the 8 digits of V. */
static inline void hex_u32(uint32_t v, uint8_t *out)
{
	uint64_t x = v, letters;

	/* a nibble to each byte, the highest first */
	x = (x & 0xffff0000) << 16 | (x & 0xffff);
	x = (x & 0x0000ff000000ff00) << 8 | (x & 0x000000ff000000ff);
	x = (x & 0x00f000f000f000f0) << 4 | (x & 0x000f000f000f000f);
	/* those past 9 go on at 'a' */
	letters = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
	sc_be64_store(out, x + 0x3030303030303030 + letters * ('a' - '0' - 10));
}

/* OUT gets 16 digits and a NUL. */
static inline void hex_u64(uint64_t v, char out[static 17])
{
	hex_u32((uint32_t)(v >> 32), (uint8_t *)out);
	hex_u32((uint32_t)v, (uint8_t *)out + 8);
	out[16] = '\0';
}

/* N bytes at OUT from S, two digits each, of either case; false when S is not just that. */
static inline bool hex_parse(struct sc_span s, uint8_t *out, size_t n)
{
	if (s.n != n * 2)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i], low = c | 0x20, v;

		if (c >= '0' && c <= '9')
			v = c - '0';
		else if (low >= 'a' && low <= 'f')
			v = (uint8_t)(low - 'a' + 10);
		else
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | v);
	}
	return true;
}

#endif
