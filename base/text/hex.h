/*
 * hex.h - a 64-bit id as sixteen lower-case hexadecimal digits.
 */
#ifndef BASE_TEXT_HEX_H
#define BASE_TEXT_HEX_H

#include <stdint.h>

/* OUT gets 16 digits and a NUL. Written by hand: it runs several times a request. */
static inline void hex_u64(uint64_t v, char out[static 17])
{
	for (int i = 15; i >= 0; i--, v >>= 4)
		out[i] = "0123456789abcdef"[v & 15];
	out[16] = '\0';
}

#endif
