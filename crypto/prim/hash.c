/*
 * hash.c - SHA-256, HMAC and HKDF on OpenSSL's plain SHA-256 state.
 *
 * The only file that uses the SHA256_* functions OpenSSL 3 calls deprecated:
 * they run the same SHA-NI code as EVP does, but a state is a struct that can
 * be copied, not an object that has to be allocated and looked up.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/prim/hash.h"

#include "base/buf.h"

#include <string.h>

/* SHA256_Init and the rest cannot fail on a sound state; they always give 1. */

void hash_sha256_init(struct hash_sha256 *h)
{
	SHA256_Init(&h->state);
}

void hash_sha256_update(struct hash_sha256 *h, struct sc_span m)
{
	if (m.n != 0)
		SHA256_Update(&h->state, m.p, m.n);
}

void hash_sha256_final(struct hash_sha256 *h, uint8_t out[static HASH_BYTES])
{
	SHA256_Final(out, &h->state);
	sc_wipe(h, sizeof(*h));
}

void hash_sha256(struct sc_span m, uint8_t out[static HASH_BYTES])
{
	struct hash_sha256 h;

	hash_sha256_init(&h);
	hash_sha256_update(&h, m);
	hash_sha256_final(&h, out);
}

/* RFC 2104: the state after one block of the key xored with PAD. */
static void pad_state(SHA256_CTX *s, const uint8_t key[static SHA256_CBLOCK], uint8_t pad)
{
	uint8_t block[SHA256_CBLOCK];

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = key[i] ^ pad;
	SHA256_Init(s);
	SHA256_Update(s, block, sizeof(block));
	sc_wipe(block, sizeof(block));
}

void hmac_key_init(struct hmac_key *k, const uint8_t *key, size_t n)
{
	uint8_t block[SHA256_CBLOCK] = { 0 };

	if (n > sizeof(block))
		hash_sha256(sc_span(key, n), block);
	else if (n != 0)
		memcpy(block, key, n);
	pad_state(&k->inner, block, 0x36);
	pad_state(&k->outer, block, 0x5c);
	sc_wipe(block, sizeof(block));
}

void hmac_key_fini(struct hmac_key *k)
{
	sc_wipe(k, sizeof(*k));
}

void hmac_sha256(const struct hmac_key *k, const struct sc_span parts[], size_t n,
    uint8_t out[static HASH_BYTES])
{
	SHA256_CTX s = k->inner;
	uint8_t inner[HASH_BYTES];

	for (size_t i = 0; i < n; i++)
		if (parts[i].n != 0)
			SHA256_Update(&s, parts[i].p, parts[i].n);
	SHA256_Final(inner, &s);
	s = k->outer;
	SHA256_Update(&s, inner, sizeof(inner));
	SHA256_Final(out, &s);
	sc_wipe(&s, sizeof(s));
	sc_wipe(inner, sizeof(inner));
}

/* RFC 5869 §2.3: T(i) = HMAC(PRK, T(i-1) || info || i). */
static void expand(const struct hmac_key *prk, struct sc_span info, uint8_t *out, size_t n)
{
	uint8_t t[HASH_BYTES], i = 0;
	struct sc_span parts[3] = { { t, 0 }, info, { &i, 1 } };
	size_t part;

	while (n != 0) {
		i++;
		hmac_sha256(prk, parts, 3, t);
		parts[0].n = sizeof(t);
		part = n < sizeof(t) ? n : sizeof(t);
		memcpy(out, t, part);
		out += part;
		n -= part;
	}
	sc_wipe(t, sizeof(t));
}

enum sc_err hkdf_sha256(struct sc_span ikm, struct sc_span salt, struct sc_span info, uint8_t *out,
    size_t n)
{
	struct hmac_key k;
	enum sc_err err;

	/* an empty key and 32 zeros are the same HMAC key (RFC 5869 §2.2) */
	hmac_key_init(&k, salt.p, salt.n);
	err = hkdf_sha256_with(&k, ikm, info, out, n);
	hmac_key_fini(&k);
	return err;
}

enum sc_err hkdf_sha256_with(const struct hmac_key *salt, struct sc_span ikm, struct sc_span info,
    uint8_t *out, size_t n)
{
	uint8_t prk[HASH_BYTES];
	struct hmac_key k;

	if (n > HKDF_MAX)
		return SC_LIMIT;
	hmac_sha256(salt, &ikm, 1, prk);
	hmac_key_init(&k, prk, sizeof(prk));
	expand(&k, info, out, n);
	hmac_key_fini(&k);
	sc_wipe(prk, sizeof(prk));
	return SC_OK;
}
