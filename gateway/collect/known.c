/*
 * known.c - a table of sets of WAYS entries; within one the oldest gives way.
 */
#include "gateway/collect/known.h"

#include "crypto/prim/random.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 4

_Static_assert(KNOWN_KEY_BYTES == crypto_shorthash_siphashx24_BYTES, "SipHash's long form");

struct known_slot {
	struct known_entry entry;
	uint64_t at_ms; /* when keyd said so; 0: empty */
};

struct known {
	uint8_t key[crypto_shorthash_siphashx24_KEYBYTES]; /* of this process */
	uint8_t policy[HASH_BYTES];
	size_t sets;
	struct known_slot *slots;
};

enum sc_err known_new(size_t n, struct known **out)
{
	struct known *k = calloc(1, sizeof(*k));

	*out = NULL;
	if (k == NULL || (k->slots = calloc(n, sizeof(*k->slots))) == NULL) {
		free(k);
		return SC_NOMEM;
	}
	k->sets = n / WAYS;
	random_bytes(k->key, sizeof(k->key));
	*out = k;
	return SC_OK;
}

void known_free(struct known *k)
{
	if (k == NULL)
		return;
	known_clear(k);
	free(k->slots);
	sodium_memzero(k, sizeof(*k));
	free(k);
}

void known_key(const struct known *k, uint8_t kind, struct sc_span text, struct known_entry *e)
{
	uint8_t key[sizeof(k->key)];

	memset(e, 0, sizeof(*e));
	memcpy(key, k->key, sizeof(key));
	key[0] ^= kind;
	crypto_shorthash_siphashx24(e->key, text.p, text.n, key);
}

static struct known_slot *set_of(struct known *k, const struct known_entry *e)
{
	uint64_t h;

	memcpy(&h, e->key, sizeof(h));
	return &k->slots[h % k->sets * WAYS];
}

static struct known_slot *find(struct known *k, const struct known_entry *e)
{
	struct known_slot *set = set_of(k, e);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].at_ms != 0 && memcmp(set[i].entry.key, e->key, KNOWN_KEY_BYTES) == 0)
			return &set[i];
	return NULL;
}

bool known_find(struct known *k, uint64_t now_ms, struct known_entry *e)
{
	struct known_slot *slot = find(k, e);

	/* a clock that was set back makes nothing live longer */
	if (slot == NULL || now_ms < slot->at_ms || now_ms - slot->at_ms >= KNOWN_MS)
		return false;
	*e = slot->entry;
	return true;
}

void known_put(struct known *k, uint64_t now_ms, const struct known_entry *e)
{
	struct known_slot *set = set_of(k, e), *to = find(k, e);

	for (size_t i = 0; i < WAYS && to == NULL; i++)
		if (set[i].at_ms == 0)
			to = &set[i];
	if (to == NULL) {
		to = &set[0];
		for (size_t i = 1; i < WAYS; i++)
			if (set[i].at_ms < to->at_ms)
				to = &set[i];
	}
	to->entry = *e;
	to->at_ms = now_ms;
}

void known_told(struct known *k, const struct known_entry *e)
{
	struct known_slot *slot = find(k, e);

	if (slot != NULL)
		slot->entry.told = e->told;
}

void known_clear(struct known *k)
{
	sodium_memzero(k->slots, k->sets * WAYS * sizeof(*k->slots));
}

void known_policy(struct known *k, const uint8_t *hash)
{
	static const uint8_t none[HASH_BYTES];
	const uint8_t *now = hash == NULL ? none : hash;

	if (memcmp(k->policy, now, HASH_BYTES) == 0)
		return;
	memcpy(k->policy, now, HASH_BYTES);
	known_clear(k);
}
