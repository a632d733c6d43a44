/*
 * sign.c - Ed25519 signatures, by libsodium.
 *
 * libsodium refuses what RFC 8032 leaves open and forgers use: s >= L,
 * public keys of small order, encodings that are not canonical.
 */
#include "crypto/prim/sign.h"

#include <sodium.h>

_Static_assert(SIGN_SEED_BYTES == crypto_sign_SEEDBYTES, "seed");
_Static_assert(SIGN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "public key");
_Static_assert(SIGN_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "secret key");
_Static_assert(SIGN_BYTES == crypto_sign_BYTES, "signature");

/* libsodium's Ed25519 functions always give 0 but for a failed verification. */

void sign_keypair_from_seed(const uint8_t seed[static SIGN_SEED_BYTES], struct sign_public *pk,
    struct sign_secret *sk)
{
	(void)crypto_sign_seed_keypair(pk->b, sk->b, seed);
}

void sign_detached(const struct sign_secret *sk, struct sc_span m, uint8_t sig[static SIGN_BYTES])
{
	(void)crypto_sign_detached(sig, NULL, m.p, m.n, sk->b);
}

bool sign_verify(const struct sign_public *pk, struct sc_span m, struct sc_span sig)
{
	return sig.n == SIGN_BYTES && crypto_sign_verify_detached(sig.p, m.p, m.n, pk->b) == 0;
}
