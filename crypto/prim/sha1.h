/*
 * sha1.h - HMAC-SHA1 (RFC 2104), to check what others sign.
 *
 * Telephony vendors sign so, and offer nothing better to everybody. As a MAC it
 * still holds; nothing of ours is made with it.
 */
#ifndef CRYPTO_PRIM_SHA1_H
#define CRYPTO_PRIM_SHA1_H

#include "base/span.h"

#include <openssl/sha.h>

#define SHA1_BYTES 20

/* A key with both pads already hashed, as secret as the key: its owner wipes it with sc_wipe(). */
struct hmac_sha1_key {
	SHA_CTX inner, outer;
};
void hmac_sha1_key_init(struct hmac_sha1_key *k, const uint8_t *key, size_t n);

/* HMAC-SHA1 of the N parts one after another, joined without borders. */
void hmac_sha1(const struct hmac_sha1_key *k, const struct sc_span parts[], size_t n,
    uint8_t out[static SHA1_BYTES]);

#endif
