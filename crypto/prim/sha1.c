/*
 * sha1.c - HMAC-SHA1 on OpenSSL's plain state, as hash.c does it.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/prim/sha1.h"

#include "base/buf.h"

#include <string.h>

/* The state after one block of the key xored with PAD. */
static void pad_state(SHA_CTX *s, const uint8_t key[static SHA_CBLOCK], uint8_t pad)
{
	uint8_t block[SHA_CBLOCK];

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = key[i] ^ pad;
	SHA1_Init(s);
	SHA1_Update(s, block, sizeof(block));
	sc_wipe(block, sizeof(block));
}

static void hash(struct sc_span m, uint8_t out[static SHA1_BYTES])
{
	SHA_CTX s;

	SHA1_Init(&s);
	SHA1_Update(&s, m.p, m.n);
	SHA1_Final(out, &s);
	sc_wipe(&s, sizeof(s));
}

void hmac_sha1_key_init(struct hmac_sha1_key *k, const uint8_t *key, size_t n)
{
	uint8_t block[SHA_CBLOCK] = { 0 };

	if (n > sizeof(block))
		hash(sc_span(key, n), block);
	else if (n != 0)
		memcpy(block, key, n);
	pad_state(&k->inner, block, 0x36);
	pad_state(&k->outer, block, 0x5c);
	sc_wipe(block, sizeof(block));
}

void hmac_sha1(const struct hmac_sha1_key *k, const struct sc_span parts[], size_t n,
    uint8_t out[static SHA1_BYTES])
{
	SHA_CTX s = k->inner;
	uint8_t inner[SHA1_BYTES];

	for (size_t i = 0; i < n; i++)
		if (parts[i].n != 0)
			SHA1_Update(&s, parts[i].p, parts[i].n);
	SHA1_Final(inner, &s);
	s = k->outer;
	SHA1_Update(&s, inner, sizeof(inner));
	SHA1_Final(out, &s);
	sc_wipe(&s, sizeof(s));
	sc_wipe(inner, sizeof(inner));
}
