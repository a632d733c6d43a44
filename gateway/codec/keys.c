/*
 * keys.c - searching the seed and the moves of the perfect hash of member names.
 */
#include "gateway/codec/keys.h"

#include "base/text/fold.h"

#include <stdlib.h>
#include <string.h>

#define SEEDS_PER_SIZE 256
#define SLOTS_MAX ((size_t)1 << 16) /* a slot and a move are uint16_t */

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

/* What is searched in: each name's hash, and the names ordered by bucket. */
struct search {
	uint64_t *hash; /* of names[1..n] */
	uint16_t *by_bucket;
	size_t n;
};

static size_t bucket_of(const struct key_table *t, const struct search *s, size_t i)
{
	return (size_t)(s->hash[i] >> t->buckets);
}

/* Do the N names at V, moved by MOVE, find slots that are free? They have them then. */
static bool settle(struct key_table *t, const struct search *s, const uint16_t *v, size_t n,
    uint64_t move)
{
	size_t i = 0;

	for (; i < n; i++) {
		uint64_t at = (s->hash[v[i]] >> 32 ^ move) & t->mask;

		if (t->slots[at] != 0)
			break;
		t->slots[at] = v[i];
	}
	if (i == n)
		return true;
	while (i-- > 0)
		t->slots[(s->hash[v[i]] >> 32 ^ move) & t->mask] = 0;
	return false;
}

/* A move for each bucket that has N names; false when one finds none. */
static bool settle_all_of(struct key_table *t, const struct search *s, size_t n)
{
	for (size_t i = 0, used; i < s->n; i += used) {
		const uint16_t *v = s->by_bucket + i;
		size_t bucket = bucket_of(t, s, v[0]);
		uint64_t move = 0;

		used = 1;
		while (i + used < s->n && bucket_of(t, s, v[used]) == bucket)
			used++;
		if (used != n)
			continue;
		while (move <= t->mask && !settle(t, s, v, used, move))
			move++;
		if (move > t->mask)
			return false;
		t->moves[bucket] = (uint16_t)move;
	}
	return true;
}

/* The names in the order of their buckets; how many the fullest has. */
static size_t sort(const struct key_table *t, struct search *s)
{
	size_t most = 0, run = 0;

	for (size_t i = 0; i < s->n; i++) {
		size_t at = i;

		while (at > 0 && bucket_of(t, s, s->by_bucket[at - 1]) > bucket_of(t, s, i + 1)) {
			s->by_bucket[at] = s->by_bucket[at - 1];
			at--;
		}
		s->by_bucket[at] = (uint16_t)(i + 1);
	}
	for (size_t i = 0; i < s->n; i++) {
		run = i > 0 &&
			bucket_of(t, s, s->by_bucket[i]) == bucket_of(t, s, s->by_bucket[i - 1]) ?
		    run + 1 :
		    1;
		most = run > most ? run : most;
	}
	return most;
}

/* Slots and moves for SEED, the fullest buckets first; false when some names find none. */
static bool place(struct key_table *t, struct search *s, uint64_t seed)
{
	memset(t->slots, 0, (t->mask + 1) * sizeof(t->slots[0]));
	for (size_t i = 1; i <= s->n; i++) {
		const struct key_name *k = &t->names[i];
		struct padded_name name = pad_name(k->p, k->n);

		s->hash[i] = key_hash(name.p, k->n, k->head, k->tail, seed);
	}
	t->seed = seed;
	for (size_t n = sort(t, s); n > 0; n--)
		if (!settle_all_of(t, s, n))
			return false;
	return true;
}

/* Room for SLOTS, a power of two, and a bucket for each four of them. */
static bool resize(struct key_table *t, size_t slots)
{
	free(t->slots);
	free(t->moves);
	t->slots = calloc(slots, sizeof(t->slots[0]));
	t->moves = calloc(slots / 4, sizeof(t->moves[0]));
	t->mask = slots - 1;
	t->buckets = 64 - (unsigned)__builtin_ctzll(slots / 4);
	return t->slots != NULL && t->moves != NULL;
}

static enum sc_err search(struct key_table *t, struct search *s)
{
	size_t slots = 16;

	while (slots < 2 * s->n)
		slots *= 2;
	for (; slots <= SLOTS_MAX; slots *= 2) {
		if (!resize(t, slots))
			return SC_NOMEM;
		for (uint64_t seed = 1; seed <= SEEDS_PER_SIZE; seed++)
			if (place(t, s, seed * 0xD1342543DE82EF95u))
				return SC_OK;
	}
	return SC_LIMIT;
}

static enum sc_err search_all(struct key_table *t, size_t n)
{
	struct search s = { .n = n };
	enum sc_err err = SC_NOMEM;

	s.hash = calloc(n + 1, sizeof(s.hash[0]));
	s.by_bucket = calloc(n + 1, sizeof(s.by_bucket[0]));
	if (s.hash != NULL && s.by_bucket != NULL)
		err = search(t, &s);
	free(s.hash);
	free(s.by_bucket);
	return err;
}

int key_compare(struct sc_span a, struct sc_span b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	for (size_t i = 0; i < a.n; i++)
		if (fold_ascii(a.p[i]) != fold_ascii(b.p[i]))
			return fold_ascii(a.p[i]) < fold_ascii(b.p[i]) ? -1 : 1;
	return 0;
}

/* Do A and B differ in nothing but the bit that case is? */
static bool same_slot(const struct key_name *a, const struct key_name *b)
{
	if (a->n != b->n || a->head != b->head || a->tail != b->tail)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if ((a->p[i] | 0x20) != (b->p[i] | 0x20))
			return false;
	return true;
}

/* The N names, so that of those that share a slot the first stands in front, and leads to the others. */
static size_t share_slots(struct key_table *t, size_t n)
{
	size_t slots = n;

	for (size_t i = 1; i <= slots; i++) {
		size_t first = 1;

		while (first < i && !same_slot(&t->names[first], &t->names[i]))
			first++;
		if (first == i)
			continue;
		/* to the end; what stood there is looked at next */
		const struct key_name moved = t->names[i];

		t->names[i] = t->names[slots];
		t->names[slots] = moved;
		t->names[slots].next = t->names[first].next;
		t->names[first].next = (uint16_t)slots--;
		i--;
	}
	return slots;
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
	if ((err = search_all(t, share_slots(t, n))) != SC_OK)
		key_table_fini(t);
	return err;
}

uint16_t key_find_case(const struct key_table *t, const struct key_name *k, const uint8_t *p,
    size_t n)
{
	const struct sc_span key = sc_span(p, n);
	uint16_t other = 0;

	for (;; k = &t->names[k->next]) {
		const struct sc_span name = sc_span(k->p, k->n);

		if (k->n == n && sc_span_eq(name, key))
			return k->symbol;
		if (other == 0 && key_compare(name, key) == 0)
			other = k->symbol;
		if (k->next == 0)
			return other;
	}
}

void key_table_fini(struct key_table *t)
{
	free(t->names);
	free(t->slots);
	free(t->moves);
	memset(t, 0, sizeof(*t));
}
