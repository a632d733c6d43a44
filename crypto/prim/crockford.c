/*
 * crockford.c - lower-case Crockford base32, five bytes to eight digits.
 */
#include "crypto/prim/crockford.h"

#include "base/bytes.h"

#include <string.h>

const char crockford_digits[33] = "0123456789abcdefghjkmnpqrstvwxyz";

/* Digit values plus one, so that every character not named here is 0. */
/* clang-format off */
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
/* clang-format on */

bool crockford_is_digit(uint8_t c)
{
	return value_plus_1[c] != 0;
}

/* Every two digits, by the ten bits they stand for. */
/* clang-format off */
#define PAIRS(a) \
	{ a, '0' }, { a, '1' }, { a, '2' }, { a, '3' }, { a, '4' }, { a, '5' }, { a, '6' }, \
	{ a, '7' }, { a, '8' }, { a, '9' }, { a, 'a' }, { a, 'b' }, { a, 'c' }, { a, 'd' }, \
	{ a, 'e' }, { a, 'f' }, { a, 'g' }, { a, 'h' }, { a, 'j' }, { a, 'k' }, { a, 'm' }, \
	{ a, 'n' }, { a, 'p' }, { a, 'q' }, { a, 'r' }, { a, 's' }, { a, 't' }, { a, 'v' }, \
	{ a, 'w' }, { a, 'x' }, { a, 'y' }, { a, 'z' }
static const char pairs[1024][2] = {
	PAIRS('0'), PAIRS('1'), PAIRS('2'), PAIRS('3'), PAIRS('4'), PAIRS('5'), PAIRS('6'),
	PAIRS('7'), PAIRS('8'), PAIRS('9'), PAIRS('a'), PAIRS('b'), PAIRS('c'), PAIRS('d'),
	PAIRS('e'), PAIRS('f'), PAIRS('g'), PAIRS('h'), PAIRS('j'), PAIRS('k'), PAIRS('m'),
	PAIRS('n'), PAIRS('p'), PAIRS('q'), PAIRS('r'), PAIRS('s'), PAIRS('t'), PAIRS('v'),
	PAIRS('w'), PAIRS('x'), PAIRS('y'), PAIRS('z'),
};
/* clang-format on */

/* Eight digits from the low 40 bits. */
static void put_eight(uint64_t bits, char *out)
{
	memcpy(out, pairs[bits >> 30 & 1023], 2);
	memcpy(out + 2, pairs[bits >> 20 & 1023], 2);
	memcpy(out + 4, pairs[bits >> 10 & 1023], 2);
	memcpy(out + 6, pairs[bits & 1023], 2);
}

void crockford_encode(const uint8_t *p, size_t n, char *out)
{
	uint64_t bits = 0;
	char last[8];

	for (; n >= 5; p += 5, n -= 5, out += 8)
		put_eight((uint64_t)sc_be32_load(p) << 8 | p[4], out);
	if (n == 0)
		return;
	for (size_t i = 0; i < 5; i++)
		bits = bits << 8 | (i < n ? p[i] : 0);
	put_eight(bits, last);
	memcpy(out, last, crockford_length(n));
}

/*
 * The 40 bits of eight digits. In *BAD gathers, above their five bits, what no
 * digit is: a character that is none counts as -1, which has every bit. Digits
 * are added as they stand in the table, and their eight ones taken off again.
 */
static uint64_t take_eight(const uint8_t *text, uint64_t *bad)
{
	uint64_t bits = 0, v;

#define TAKE(i) (v = value_plus_1[text[i]], *bad |= v - 1, bits += v << (35 - 5 * (i)))
	TAKE(0), TAKE(1), TAKE(2), TAKE(3), TAKE(4), TAKE(5), TAKE(6), TAKE(7);
#undef TAKE
	return bits - UINT64_C(0x0842108421);
}

bool crockford_decode(struct sc_span text, uint8_t *out)
{
	uint8_t last[8] = { '0', '0', '0', '0', '0', '0', '0', '0' };
	uint64_t bits, bad = 0;
	size_t bytes;

	if (crockford_length(crockford_bytes(text.n)) != text.n)
		return false;
	for (; text.n >= 8; text = sc_span(text.p + 8, text.n - 8), out += 5) {
		bits = take_eight(text.p, &bad);
		sc_be32_store(out, (uint32_t)(bits >> 8));
		out[4] = (uint8_t)bits;
	}
	if (text.n != 0) {
		memcpy(last, text.p, text.n);
		bits = take_eight(last, &bad);
		bytes = crockford_bytes(text.n);
		for (size_t i = 0; i < bytes; i++)
			out[i] = (uint8_t)(bits >> (32 - 8 * i));
		/* what is left over must be no bits */
		if ((bits & ((UINT64_C(1) << (40 - 8 * bytes)) - 1)) != 0)
			return false;
	}
	return bad <= 31;
}
