/*
 * crockford.h - lower-case Crockford base32: 0-9 and a-z without i, l, o, u.
 *
 * Survives SQL LIKE, case folding, CSV, URLs and shells. Reading takes both
 * cases but none of Crockford's aliases (I, L, O) and no stray bits, so that
 * a text and its bytes correspond one to one up to letter case.
 */
#ifndef CRYPTO_PRIM_CROCKFORD_H
#define CRYPTO_PRIM_CROCKFORD_H

#include "base/span.h"

/* The 32 digits, NUL-ended. */
extern const char crockford_digits[33];

/* Characters needed for N bytes. */
static inline size_t crockford_length(size_t n)
{
	return n / 5 * 8 + (n % 5 * 8 + 4) / 5;
}

/* Whole bytes in N characters. */
static inline size_t crockford_bytes(size_t n)
{
	return n / 8 * 5 + n % 8 * 5 / 8;
}

/* Is C a digit, in either case? */
bool crockford_is_digit(uint8_t c);

/*
 * Write crockford_length(N) characters at OUT; no NUL. The N bytes may be the
 * last N of those characters' own place: each is read before it is overwritten.
 */
void crockford_encode(const uint8_t *p, size_t n, char *out);

/*
 * Write crockford_bytes(TEXT.n) bytes at OUT. False for a foreign character,
 * a length no encoder makes, or padding bits that are set; OUT then holds
 * nothing of use.
 */
bool crockford_decode(struct sc_span text, uint8_t *out);

#endif
