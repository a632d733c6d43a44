/*
 * sign.h - Ed25519 signatures (RFC 8032), by libsodium.
 */
#ifndef CRYPTO_PRIM_SIGN_H
#define CRYPTO_PRIM_SIGN_H

#include "base/err.h"
#include "base/span.h"

#define SIGN_SEED_BYTES 32
#define SIGN_PUBLIC_BYTES 32
#define SIGN_SECRET_BYTES 64
#define SIGN_BYTES 64

struct sign_public {
	uint8_t b[SIGN_PUBLIC_BYTES];
};

/* Seed and public key together. The owner wipes it with sc_wipe(). */
struct sign_secret {
	uint8_t b[SIGN_SECRET_BYTES];
};

/* The key pair of a 32-byte seed (RFC 8032 §5.1.5). Cannot fail. */
void sign_keypair_from_seed(const uint8_t seed[static SIGN_SEED_BYTES], struct sign_public *pk,
    struct sign_secret *sk);

/* Sign M (pure Ed25519, deterministic). Cannot fail. */
void sign_detached(const struct sign_secret *sk, struct sc_span m, uint8_t sig[static SIGN_BYTES]);

/* Is SIG (any length but SIGN_BYTES is "no") PK's signature of M? */
bool sign_verify(const struct sign_public *pk, struct sc_span m, struct sc_span sig);

#endif
