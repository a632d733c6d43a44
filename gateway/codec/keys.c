/*
 * keys.c - searching the seed of the perfect hash of member names.
 */
#include "gateway/codec/keys.h"

#include <stdlib.h>
#include <string.h>

#define SEEDS_PER_SIZE 256
#define SLOTS_MAX ((size_t)1 << 22)

/* A copy of NAME that key_words() and key_hash() may read beyond. */
struct padded_name {
	uint8_t p[256 + 8];
};

static struct padded_name pad_name(const uint8_t *p, size_t n)
{
	struct padded_name out = { { 0 } };

	if (n != 0)
		memcpy(out.p, p, n);
	return out;
}

/* Slots for SEED; false at the first two names that share one. */
static bool place(struct key_table *t, size_t n, size_t slots, uint64_t seed)
{
	memset(t->slots, 0, slots * sizeof(t->slots[0]));
	for (size_t i = 1; i <= n; i++) {
		const struct key_name *k = &t->names[i];
		struct padded_name name = pad_name(k->p, k->n);
		uint64_t at = key_hash(name.p, k->n, k->head, k->tail, seed) & (slots - 1);

		if (t->slots[at] != 0)
			return false;
		t->slots[at] = (uint16_t)i;
	}
	t->seed = seed;
	t->mask = slots - 1;
	return true;
}

static enum sc_err search(struct key_table *t, size_t n)
{
	size_t slots = 16;

	while (slots < 2 * n)
		slots *= 2;
	for (; slots <= SLOTS_MAX; slots *= 2) {
		free(t->slots);
		t->slots = malloc(slots * sizeof(t->slots[0]));
		if (t->slots == NULL)
			return SC_NOMEM;
		for (uint64_t seed = 1; seed <= SEEDS_PER_SIZE; seed++)
			if (place(t, n, slots, seed * 0xD1342543DE82EF95u))
				return SC_OK;
	}
	return SC_LIMIT;
}

enum sc_err key_table_init(struct key_table *t, const struct sc_span *names, size_t n)
{
	enum sc_err err;

	memset(t, 0, sizeof(*t));
	t->names = calloc(n + 1, sizeof(t->names[0]));
	if (t->names == NULL)
		return SC_NOMEM;
	/* nobody: no key is this long, so an empty slot never matches */
	t->names[0].n = UINT32_MAX;
	for (size_t i = 0; i < n; i++) {
		struct key_name *k = &t->names[i + 1];
		struct padded_name name;

		if (names[i].n > 255) {
			key_table_fini(t);
			return SC_LIMIT;
		}
		name = pad_name(names[i].p, names[i].n);
		key_words(name.p, names[i].n, &k->head, &k->tail);
		k->p = names[i].p;
		k->n = (uint32_t)names[i].n;
		k->symbol = (uint16_t)(i + 1);
		if (k->n > t->longest)
			t->longest = k->n;
	}
	if ((err = search(t, n)) != SC_OK)
		key_table_fini(t);
	return err;
}

void key_table_fini(struct key_table *t)
{
	free(t->names);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}
