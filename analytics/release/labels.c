/*
 * labels.c - numbered texts: open addressing, at most half full.
 */
#include "analytics/release/labels.h"

#include "base/grow.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64u

void labels_init(struct release_labels *l)
{
	*l = (struct release_labels){ 0 };
	randombytes_buf(l->key, sizeof(l->key));
}

void labels_fini(struct release_labels *l)
{
	free(l->v);
	free(l->slots);
	sc_arena_fini(&l->text);
	*l = (struct release_labels){ 0 };
}

/* The slot where TEXT is, or would be. */
static size_t slot_of(const struct release_labels *l, struct sc_span text)
{
	uint8_t h[crypto_shorthash_BYTES];
	uint64_t at;

	crypto_shorthash(h, text.p, text.n, l->key);
	memcpy(&at, h, sizeof(at));
	for (size_t i = at & (l->n_slots - 1);; i = (i + 1) & (l->n_slots - 1))
		if (l->slots[i] == 0 || sc_span_eq(l->v[l->slots[i] - 1], text))
			return i;
}

bool labels_find(const struct release_labels *l, struct sc_span text, uint32_t *out)
{
	const size_t at = l->n == 0 ? 0 : slot_of(l, text);

	if (l->n == 0 || l->slots[at] == 0)
		return false;
	*out = l->slots[at] - 1;
	return true;
}

static enum sc_err make_room(struct release_labels *l)
{
	if (l->n == l->cap) {
		const size_t cap = sc_grown(l->cap);
		struct sc_span *v = reallocarray(l->v, cap, sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		l->v = v;
		l->cap = cap;
	}
	if (l->n < l->n_slots / 2)
		return SC_OK;
	struct release_labels to = *l;

	to.n_slots = l->n_slots == 0 ? FIRST_SLOTS : 2 * l->n_slots;
	if ((to.slots = calloc(to.n_slots, sizeof(*to.slots))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < l->n; i++)
		to.slots[slot_of(&to, l->v[i])] = (uint32_t)i + 1;
	free(l->slots);
	*l = to;
	return SC_OK;
}

enum sc_err labels_add(struct release_labels *l, struct sc_span text, uint32_t *out)
{
	char *copy;

	if (labels_find(l, text, out))
		return SC_OK;
	if (make_room(l) != SC_OK || (copy = sc_arena_copy(&l->text, text)) == NULL)
		return SC_NOMEM;
	l->slots[slot_of(l, text)] = (uint32_t)l->n + 1;
	*out = (uint32_t)l->n;
	l->v[l->n++] = sc_span(copy, text.n);
	return SC_OK;
}
