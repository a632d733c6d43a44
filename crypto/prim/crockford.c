/*
 * crockford.c - lower-case Crockford base32, five bytes to eight digits.
 */
#include "crypto/prim/crockford.h"

const char crockford_digits[33] = "0123456789abcdefghjkmnpqrstvwxyz";

/* Digit values plus one, so that every character not named here is 0. */
static const uint8_t value_plus_1[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15,
	['f'] = 16, ['g'] = 17, ['h'] = 18, ['j'] = 19, ['k'] = 20, ['m'] = 21, ['n'] = 22,
	['p'] = 23, ['q'] = 24, ['r'] = 25, ['s'] = 26, ['t'] = 27, ['v'] = 28, ['w'] = 29,
	['x'] = 30, ['y'] = 31, ['z'] = 32, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14,
	['E'] = 15, ['F'] = 16, ['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20, ['M'] = 21,
	['N'] = 22, ['P'] = 23, ['Q'] = 24, ['R'] = 25, ['S'] = 26, ['T'] = 27, ['V'] = 28,
	['W'] = 29, ['X'] = 30, ['Y'] = 31, ['Z'] = 32,
};

bool crockford_is_digit(uint8_t c)
{
	return value_plus_1[c] != 0;
}

void crockford_encode(const uint8_t *p, size_t n, char *out)
{
	uint64_t bits;
	size_t i, part, digits;

	for (; n != 0; p += part, n -= part) {
		part = n < 5 ? n : 5;
		bits = 0;
		for (i = 0; i < 5; i++)
			bits = bits << 8 | (i < part ? p[i] : 0);
		digits = crockford_length(part);
		for (i = 0; i < digits; i++)
			*out++ = crockford_digits[bits >> (35 - 5 * i) & 31];
	}
}

bool crockford_decode(struct sc_span text, uint8_t *out)
{
	size_t i, n, digits, bytes;
	uint64_t bits;
	bool bad = false;
	uint8_t v;

	if (crockford_length(crockford_bytes(text.n)) != text.n)
		return false;
	for (n = 0; n < text.n; n += digits) {
		digits = text.n - n < 8 ? text.n - n : 8;
		bits = 0;
		for (i = 0; i < digits; i++) {
			v = value_plus_1[text.p[n + i]];
			bad |= v == 0;
			bits |= (uint64_t)((v - 1) & 31) << (35 - 5 * i);
		}
		bytes = crockford_bytes(digits);
		for (i = 0; i < bytes; i++)
			*out++ = (uint8_t)(bits >> (32 - 8 * i));
		bad |= (bits & ((UINT64_C(1) << (40 - 8 * bytes)) - 1)) != 0;
	}
	return !bad;
}
