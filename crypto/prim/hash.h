/*
 * hash.h - SHA-256 (FIPS 180-4), HMAC (RFC 2104) and HKDF (RFC 5869).
 *
 * Nothing here allocates, and nothing but hkdf_sha256*() can fail. OpenSSL 3
 * spends microseconds in each one-shot call finding the algorithm; these keep
 * the plain SHA-256 state in the caller's storage instead (0.2 us an HMAC).
 */
#ifndef CRYPTO_PRIM_HASH_H
#define CRYPTO_PRIM_HASH_H

#include "base/err.h"
#include "base/span.h"
#include "crypto/limits.h"

#include <openssl/sha.h>

#define HKDF_MAX (255 * HASH_BYTES)

/* SHA-256 of M. */
void hash_sha256(struct sc_span m, uint8_t out[static HASH_BYTES]);

/* The same in pieces. A copy of the struct continues by itself. */
struct hash_sha256 {
	SHA256_CTX state;
};
void hash_sha256_init(struct hash_sha256 *h);
void hash_sha256_update(struct hash_sha256 *h, struct sc_span m);
/* H is wiped: begin again with hash_sha256_init(). */
void hash_sha256_final(struct hash_sha256 *h, uint8_t out[static HASH_BYTES]);

/*
 * An HMAC-SHA256 key with both pads already hashed. It is as secret as the
 * key: release it with hmac_key_fini(), which wipes it. Reading it is
 * thread-safe.
 */
struct hmac_key {
	SHA256_CTX inner, outer;
};
void hmac_key_init(struct hmac_key *k, const uint8_t *key, size_t n);
void hmac_key_fini(struct hmac_key *k);

/*
 * HMAC-SHA256 of the N parts one after another. The parts are joined without
 * borders: where that matters, length prefixes are the caller's.
 */
void hmac_sha256(const struct hmac_key *k, const struct sc_span parts[], size_t n,
    uint8_t out[static HASH_BYTES]);

/*
 * RFC 5869 extract and expand: N bytes at OUT. An empty salt is the RFC's
 * string of 32 zeros. Fails with SC_LIMIT when N > HKDF_MAX; OUT is untouched.
 */
SC_CHECKED enum sc_err hkdf_sha256(struct sc_span ikm, struct sc_span salt, struct sc_span info,
    uint8_t *out, size_t n);
/* The same with the salt's HMAC key already made, for who derives often. */
SC_CHECKED enum sc_err hkdf_sha256_with(const struct hmac_key *salt, struct sc_span ikm,
    struct sc_span info, uint8_t *out, size_t n);

#endif
