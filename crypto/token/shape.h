/*
 * shape.h - what the parser and the finder of tokens both know; private to
 * this folder.
 */
#ifndef CRYPTO_TOKEN_SHAPE_H
#define CRYPTO_TOKEN_SHAPE_H

#include "crypto/token/token.h"

#include <strings.h>

#define TOKEN_PREFIX_BYTES (sizeof(TOKEN_PREFIX) - 1)
#define TOKEN_SUFFIX_BYTES (sizeof(TOKEN_EMAIL_SUFFIX) - 1)

/* Only known bits, and a kind that exists. */
bool token_flags_ok(uint8_t flags);

/* Bytes before base32 of a token with these flags and an empty value. */
size_t token_body_min(uint8_t flags);

/* Does TOKEN_EMAIL_SUFFIX stand at AT in TEXT, in any letter case? */
static inline bool token_suffix_at(struct sc_span text, size_t at)
{
	return at <= text.n && text.n - at >= TOKEN_SUFFIX_BYTES &&
	    strncasecmp((const char *)text.p + at, TOKEN_EMAIL_SUFFIX, TOKEN_SUFFIX_BYTES) == 0;
}

#endif
