/*
 * shuffle.c - Fisher and Yates, with numbers of ChaCha20.
 */
#include "analytics/views/shuffle.h"

#include <sodium.h>
#include <string.h>

#define DRAWS 512u

struct shuffle_lot {
	uint8_t key[crypto_stream_chacha20_ietf_KEYBYTES];
	uint64_t v[DRAWS];
	size_t left;
	uint32_t block;
};

static uint64_t draw(struct shuffle_lot *l)
{
	if (l->left == 0) {
		uint8_t nonce[crypto_stream_chacha20_ietf_NONCEBYTES] = { 0 };

		memcpy(nonce, &l->block, sizeof(l->block));
		l->block++;
		(void)crypto_stream_chacha20_ietf((uint8_t *)l->v, sizeof(l->v), nonce, l->key);
		l->left = DRAWS;
	}
	return l->v[--l->left];
}

void view_shuffle(uint32_t *v, size_t n, const uint8_t key[static RELEASE_KEY_BYTES])
{
	static const char domain[] = "scrim view order";
	struct shuffle_lot lot = { .left = 0 };

	(void)crypto_generichash(lot.key, sizeof(lot.key), (const uint8_t *)domain, sizeof(domain),
	    key, RELEASE_KEY_BYTES);
	for (size_t i = n; i > 1; i--) {
		/* of 2^64 numbers, those that favour a place are fewer than one in 2^38 */
		const size_t j = (size_t)((unsigned __int128)draw(&lot) * i >> 64);
		const uint32_t at = v[j];

		v[j] = v[i - 1];
		v[i - 1] = at;
	}
	sodium_memzero(&lot, sizeof(lot));
}
