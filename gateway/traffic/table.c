/*
 * table.c - rows by a key in a fixed piece of memory: where there is no room, the
 * oldest of eight goes.
 */
#include "gateway/traffic/table.h"

#include "crypto/prim/random.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(TRAFFIC_KEY_BYTES == crypto_shorthash_KEYBYTES, "SipHash's key");

uint64_t traffic_hash(const uint8_t key[static TRAFFIC_KEY_BYTES], uint64_t a, uint64_t b)
{
	const uint64_t in[2] = { a, b };
	uint64_t out;

	crypto_shorthash((uint8_t *)&out, (const uint8_t *)in, sizeof(in), key);
	return out;
}

enum sc_err traffic_table_init(struct traffic_table *t, size_t row_bytes, size_t bytes)
{
	memset(t, 0, sizeof(*t));
	t->row_bytes = row_bytes;
	t->n_sets = bytes / row_bytes / TRAFFIC_WAYS;
	if (t->n_sets == 0)
		t->n_sets = 1;
	t->bytes = t->n_sets * TRAFFIC_WAYS * row_bytes;
	random_bytes(t->key, sizeof(t->key));
	/* zeroed pages that nobody touched cost nothing */
	t->rows = calloc(t->n_sets * TRAFFIC_WAYS, row_bytes);
	return t->rows == NULL ? SC_NOMEM : SC_OK;
}

void traffic_table_fini(struct traffic_table *t)
{
	free(t->rows);
	memset(t, 0, sizeof(*t));
}

static size_t set_of(const uint8_t *key, uint64_t value, size_t n_sets)
{
	return (size_t)(traffic_hash(key, value, 0) % n_sets);
}

static struct traffic_row *row_at(const struct traffic_table *t, size_t set, unsigned way)
{
	return (void *)(t->rows + (set * TRAFFIC_WAYS + way) * t->row_bytes);
}

void *traffic_table_find(const struct traffic_table *t, uint64_t key)
{
	const size_t set = set_of(t->key, key, t->n_sets);

	for (unsigned i = 0; i < TRAFFIC_WAYS; i++) {
		struct traffic_row *row = row_at(t, set, i);

		if (row->key == key)
			return row;
	}
	return NULL;
}

void *traffic_table_get(struct traffic_table *t, uint64_t key, uint64_t now_ms, bool *made)
{
	const size_t set = set_of(t->key, key, t->n_sets);
	struct traffic_row *old = row_at(t, set, 0);

	*made = false;
	for (unsigned i = 0; i < TRAFFIC_WAYS; i++) {
		struct traffic_row *row = row_at(t, set, i);

		if (row->key == key) {
			row->age_ms = now_ms;
			return row;
		}
		/* a free one is of age 0 */
		if (row->age_ms < old->age_ms)
			old = row;
	}
	if (old->key != 0) {
		t->evicted++;
		if (old->age_ms > t->evicted_ms)
			t->evicted_ms = old->age_ms;
	}
	memset(old, 0, t->row_bytes);
	old->key = key;
	old->age_ms = now_ms;
	*made = true;
	return old;
}

void traffic_table_drop(struct traffic_table *t, void *row)
{
	memset(row, 0, t->row_bytes);
}

/* ---- a set of fingerprints ----------------------------------------------------------- */

#define HOUR_MASK 0xffffu

enum sc_err traffic_set_init(struct traffic_set *s, size_t bytes)
{
	memset(s, 0, sizeof(*s));
	s->n_sets = bytes / sizeof(*s->v) / TRAFFIC_WAYS;
	if (s->n_sets == 0)
		s->n_sets = 1;
	s->bytes = s->n_sets * TRAFFIC_WAYS * sizeof(*s->v);
	random_bytes(s->key, sizeof(s->key));
	s->v = calloc(s->n_sets * TRAFFIC_WAYS, sizeof(*s->v));
	return s->v == NULL ? SC_NOMEM : SC_OK;
}

void traffic_set_fini(struct traffic_set *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

/* Where VALUE would stand, and as what. */
static uint64_t *set_place(const struct traffic_set *s, uint64_t value, uint64_t *print)
{
	const uint64_t h = traffic_hash(s->key, value, 1);

	*print = traffic_hash(s->key, value, 2) | HOUR_MASK;
	return s->v + (size_t)(h % s->n_sets) * TRAFFIC_WAYS;
}

bool traffic_set_has(const struct traffic_set *s, uint64_t value)
{
	uint64_t print;
	const uint64_t *v = set_place(s, value, &print);

	for (unsigned i = 0; i < TRAFFIC_WAYS; i++)
		if (v[i] != 0 && (v[i] | HOUR_MASK) == print)
			return true;
	return false;
}

/* A free place goes before the oldest. */
static uint32_t set_rank(uint64_t v)
{
	return v == 0 ? 0 : 1 + (uint32_t)(v & HOUR_MASK);
}

bool traffic_set_add(struct traffic_set *s, uint64_t value, uint16_t hour)
{
	uint64_t print;
	uint64_t *v = set_place(s, value, &print), *old = v;

	for (unsigned i = 0; i < TRAFFIC_WAYS; i++) {
		if (v[i] != 0 && (v[i] | HOUR_MASK) == print)
			return true;
		if (set_rank(v[i]) < set_rank(*old))
			old = &v[i];
	}
	s->evicted += *old != 0;
	*old = (print & ~(uint64_t)HOUR_MASK) | hour;
	return false;
}
