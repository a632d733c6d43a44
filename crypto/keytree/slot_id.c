/*
 * slot_id.c - slots as key ids: a balanced Feistel network of eight rounds.
 *
 *	round i:  L, R  ->  R, L xor first 32 bits of AES-256(i | 0 .. 0 | R)
 *
 * Four rounds of a random function already make a permutation that nobody tells from a random
 * one by asking in both directions (Luby and Rackoff); with halves of 32 bits that holds up
 * to some 2^16 questions only, and the rounds beyond the fourth are for those who
 * see millions of ids.
 */
#include "crypto/keytree/slot_id.h"

#include "base/bytes.h"
#include "crypto/keytree/tree.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { ROUNDS = 8, BLOCK = 16 };

struct slot_ids {
	EVP_CIPHER_CTX *ecb;
};

enum sc_err slot_ids_new(const uint8_t key[static SLOT_ID_KEY_BYTES], struct slot_ids **out)
{
	EVP_CIPHER *aes = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
	struct slot_ids *s = calloc(1, sizeof(*s));
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (s == NULL || aes == NULL || (s->ecb = EVP_CIPHER_CTX_new()) == NULL ||
	    EVP_EncryptInit_ex2(s->ecb, aes, key, NULL, NULL) != 1)
		goto out;
	*out = s;
	s = NULL;
	err = SC_OK;
out:
	slot_ids_free(s);
	EVP_CIPHER_free(aes); /* the context holds a reference of its own */
	return err;
}

void slot_ids_free(struct slot_ids *s)
{
	if (s == NULL)
		return;
	EVP_CIPHER_CTX_free(s->ecb); /* wipes the key schedule */
	free(s);
}

/* What round I mixes into one half when the other is HALF. */
static bool mix(struct slot_ids *s, unsigned i, uint32_t half, uint32_t *out)
{
	uint8_t block[BLOCK] = { (uint8_t)i };

	sc_be32_store(block + BLOCK - sizeof(half), half);
	if (EVP_Cipher(s->ecb, block, block, BLOCK) <= 0)
		return false;
	*out = sc_be32_load(block);
	return true;
}

enum sc_err slot_id_of(struct slot_ids *s, uint64_t slot, uint64_t *id)
{
	uint32_t left = (uint32_t)(slot >> 32), right = (uint32_t)slot, m;

	for (unsigned i = 0; i < ROUNDS; i++) {
		const uint32_t was = left;

		if (!mix(s, i, right, &m))
			return SC_BUG;
		left = right;
		right = was ^ m;
	}
	*id = (uint64_t)left << 32 | right;
	return SC_OK;
}

enum sc_err slot_id_slot(struct slot_ids *s, uint64_t id, uint64_t *slot, bool *ok)
{
	uint32_t left = (uint32_t)(id >> 32), right = (uint32_t)id, m;

	*ok = false;
	for (unsigned i = ROUNDS; i-- != 0;) {
		const uint32_t was = right;

		if (!mix(s, i, left, &m))
			return SC_BUG;
		right = left;
		left = was ^ m;
	}
	*slot = (uint64_t)left << 32 | right;
	*ok = *slot < TREE_SLOTS;
	return SC_OK;
}
