/*
 * hex.h - hexadecimal digits: written in lower case, eight at a time, for ids
 * and hashes are written several times a request; read in either case.
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

/* What the digit C stands for; -1 when it is none. */
static inline int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* N bytes at OUT from S, two digits each, of either case; false when S is not just that. */
static inline bool hex_parse(struct sc_span s, uint8_t *out, size_t n)
{
	if (s.n != n * 2)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int v = hex_digit(s.p[i]);

		if (v < 0)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | v);
	}
	return true;
}

#endif
