/*
 * key_cache.c - an array of entries in two hash tables and one list by age.
 *
 * Nothing is allocated after birth. Index 0 stands for none. Ids and handles
 * are random to everyone outside, so their own bytes are the hash.
 */
#include "crypto/keystore/key_cache.h"

#include "base/buf.h"
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct subject_key key;
	uint32_t by_id, by_handle; /* next in the bucket */
	uint32_t newer, older;
};

struct key_cache {
	uint32_t capacity, used, mask;
	uint32_t newest, oldest;
	uint32_t *ids, *handles; /* buckets */
	struct entry *e;         /* 1 .. capacity */
};

enum sc_err key_cache_new(uint32_t capacity, struct key_cache **out)
{
	struct key_cache *c = calloc(1, sizeof(*c));
	uint32_t buckets = 16;

	*out = c;
	if (c == NULL)
		return SC_NOMEM;
	while (buckets < capacity)
		buckets *= 2;
	c->capacity = capacity;
	c->mask = buckets - 1;
	c->ids = calloc(buckets, sizeof(*c->ids));
	c->handles = calloc(buckets, sizeof(*c->handles));
	c->e = calloc((size_t)capacity + 1, sizeof(*c->e));
	if (c->ids != NULL && c->handles != NULL && c->e != NULL)
		return SC_OK;
	key_cache_free(c);
	*out = NULL;
	return SC_NOMEM;
}

void key_cache_free(struct key_cache *c)
{
	if (c == NULL)
		return;
	if (c->e != NULL)
		sc_wipe(c->e, ((size_t)c->capacity + 1) * sizeof(*c->e));
	free(c->ids);
	free(c->handles);
	free(c->e);
	free(c);
}

static uint32_t *id_bucket(struct key_cache *c, uint64_t id)
{
	return &c->ids[(uint32_t)id & c->mask];
}

static uint32_t *handle_bucket(struct key_cache *c, const uint8_t *handle)
{
	return &c->handles[sc_be32_load(handle) & c->mask];
}

/* ---- by age ---- */

static void age_unlink(struct key_cache *c, uint32_t i)
{
	struct entry *e = &c->e[i];

	if (e->newer != 0)
		c->e[e->newer].older = e->older;
	else
		c->newest = e->older;
	if (e->older != 0)
		c->e[e->older].newer = e->newer;
	else
		c->oldest = e->newer;
}

static void age_first(struct key_cache *c, uint32_t i)
{
	struct entry *e = &c->e[i];

	e->newer = 0;
	e->older = c->newest;
	if (c->newest != 0)
		c->e[c->newest].newer = i;
	else
		c->oldest = i;
	c->newest = i;
}

static const struct subject_key *touch(struct key_cache *c, uint32_t i)
{
	if (i != c->newest) {
		age_unlink(c, i);
		age_first(c, i);
	}
	return &c->e[i].key;
}

/* ---- finding ---- */

static uint32_t find_id(struct key_cache *c, uint64_t id)
{
	uint32_t i = *id_bucket(c, id);

	while (i != 0 && c->e[i].key.id != id)
		i = c->e[i].by_id;
	return i;
}

const struct subject_key *key_cache_by_id(struct key_cache *c, uint64_t id)
{
	uint32_t i = find_id(c, id);

	return i == 0 ? NULL : touch(c, i);
}

const struct subject_key *key_cache_by_handle(struct key_cache *c,
    const uint8_t handle[static HANDLE_BYTES])
{
	uint32_t i = *handle_bucket(c, handle);

	while (i != 0 && memcmp(c->e[i].key.handle, handle, HANDLE_BYTES) != 0)
		i = c->e[i].by_handle;
	return i == 0 ? NULL : touch(c, i);
}

/* ---- changing ---- */

static void unlink_entry(struct key_cache *c, uint32_t i)
{
	struct entry *e = &c->e[i];
	uint32_t *p;

	for (p = id_bucket(c, e->key.id); *p != i; p = &c->e[*p].by_id)
		;
	*p = e->by_id;
	if (!e->key.gone) {
		for (p = handle_bucket(c, e->key.handle); *p != i; p = &c->e[*p].by_handle)
			;
		*p = e->by_handle;
	}
	age_unlink(c, i);
	sc_wipe(e, sizeof(*e));
}

static void link_entry(struct key_cache *c, uint32_t i, const struct subject_key *k)
{
	struct entry *e = &c->e[i];
	uint32_t *p;

	e->key = *k;
	p = id_bucket(c, k->id);
	e->by_id = *p;
	*p = i;
	e->by_handle = 0;
	if (!k->gone) {
		p = handle_bucket(c, k->handle);
		e->by_handle = *p;
		*p = i;
	}
	age_first(c, i);
}

void key_cache_put(struct key_cache *c, const struct subject_key *k)
{
	uint32_t i = find_id(c, k->id);

	if (i == 0 && c->used < c->capacity)
		i = ++c->used;
	else {
		if (i == 0)
			i = c->oldest;
		unlink_entry(c, i);
	}
	link_entry(c, i, k);
}

void key_cache_drop(struct key_cache *c, uint64_t id)
{
	const struct subject_key none = { .id = id, .gone = true };
	uint32_t i = find_id(c, id);

	/* what is known to be gone need not be looked for again */
	if (i != 0) {
		unlink_entry(c, i);
		link_entry(c, i, &none);
	}
}
