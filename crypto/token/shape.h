/*
 * shape.h - what the parser, the finder and the sealing of tokens know together;
 * private to this folder.
 */
#ifndef CRYPTO_TOKEN_SHAPE_H
#define CRYPTO_TOKEN_SHAPE_H

#include "crypto/token/token.h"

#include <strings.h>

#define TOKEN_PREFIX_BYTES (sizeof(TOKEN_PREFIX) - 1)

/* ---- what is sealed (pad.c) ---- */

#define TOKEN_FILL 0xff /* stands in no UTF-8, nor in the WTF-8 of half a pair */

/* How many bytes of PADDED were there before it was filled up. */
size_t token_unpadded(struct sc_span padded);

/* ---- tokens as addresses (address.c) ---- */

#define ADDRESS_DIGITS_MAX 224 /* of a token in an address, all of it below 255 characters */

/*
 * Length of the text of BODY_N bytes as an address of a domain of DOMAIN_N
 * characters; 0: no address may be as long.
 */
size_t address_length(size_t body_n, size_t domain_n);

/*
 * The DIGITS_N digits at the beginning of TEXT, which has address_length() bytes, become
 * an address.
 */
void address_write(uint8_t *text, size_t digits_n, struct sc_span domain);

#define LOCAL_BYTES 64 /* RFC 5321 §4.5.3.1.1: all of them are used */

/* Could TEXT begin with a token so written? */
static inline bool address_at(struct sc_span text)
{
	return text.n > LOCAL_BYTES && text.p[LOCAL_BYTES] == '@';
}

/*
 * The address that TEXT begins with: its length, its digits, their number, and its
 * domain, which borrows TEXT. 0: it does not begin with a token so written.
 */
size_t address_read(struct sc_span text, uint8_t digits[static ADDRESS_DIGITS_MAX], size_t *n,
    struct sc_span *domain);

/* ---- what all of them ask (token.c) ---- */

/* Only known bits, a kind that exists, and no shape but that of its class. */
bool token_flags_ok(uint8_t flags, uint8_t class_id);

/* Bytes before base32 of a token with these flags and nothing sealed. */
size_t token_body_min(uint8_t flags);

/* May a token of that class and these flags have BODY_N bytes? */
bool token_body_ok(uint8_t flags, uint8_t class_id, size_t body_n);

#endif
