/*
 * person_cache.c - an array of entries in two hash tables and one list by age.
 *
 * Nothing is allocated after birth. Index 0 stands for none. Ids and handles
 * are random to everyone outside, so their own bytes are the hash. Of a person with several keys
 * only the newest is found by handle.
 */
#include "crypto/keystore/person_cache.h"

#include "base/buf.h"
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct person_key key;
	uint32_t by_id, by_handle; /* next in the bucket */
	uint32_t newer, older;
};

struct person_cache {
	uint32_t capacity, used, mask;
	uint32_t newest, oldest;
	uint32_t free;           /* forgotten ones, linked by_id */
	uint32_t *ids, *handles; /* buckets */
	struct entry *e;         /* 1 .. capacity */
};

enum sc_err person_cache_new(uint32_t capacity, struct person_cache **out)
{
	struct person_cache *c = calloc(1, sizeof(*c));
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
	person_cache_free(c);
	*out = NULL;
	return SC_NOMEM;
}

void person_cache_free(struct person_cache *c)
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

static uint32_t *id_bucket(struct person_cache *c, uint64_t id)
{
	return &c->ids[(uint32_t)id & c->mask];
}

static uint32_t *handle_bucket(struct person_cache *c, const uint8_t *handle)
{
	return &c->handles[sc_be32_load(handle) & c->mask];
}

/* ---- by age ---- */

static void age_unlink(struct person_cache *c, uint32_t i)
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

static void age_first(struct person_cache *c, uint32_t i)
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

static const struct person_key *touch(struct person_cache *c, uint32_t i)
{
	if (i != c->newest) {
		age_unlink(c, i);
		age_first(c, i);
	}
	return &c->e[i].key;
}

/* ---- finding ---- */

static uint32_t find_id(struct person_cache *c, uint64_t id)
{
	uint32_t i = *id_bucket(c, id);

	while (i != 0 && c->e[i].key.id != id)
		i = c->e[i].by_id;
	return i;
}

const struct person_key *person_cache_by_id(struct person_cache *c, uint64_t id)
{
	uint32_t i = find_id(c, id);

	return i == 0 ? NULL : touch(c, i);
}

const struct person_key *person_cache_by_handle(struct person_cache *c,
    const uint8_t handle[static HANDLE_BYTES])
{
	uint32_t i = *handle_bucket(c, handle);

	while (i != 0 && memcmp(c->e[i].key.handle, handle, HANDLE_BYTES) != 0)
		i = c->e[i].by_handle;
	return i == 0 ? NULL : touch(c, i);
}

/* ---- changing ---- */

static bool has_handle(const struct person_key *k)
{
	return k->state == PERSON_LIVE && k->newest;
}

static void unlink_entry(struct person_cache *c, uint32_t i)
{
	struct entry *e = &c->e[i];
	uint32_t *p;

	for (p = id_bucket(c, e->key.id); *p != i; p = &c->e[*p].by_id)
		;
	*p = e->by_id;
	if (has_handle(&e->key)) {
		for (p = handle_bucket(c, e->key.handle); *p != i; p = &c->e[*p].by_handle)
			;
		*p = e->by_handle;
	}
	age_unlink(c, i);
	sc_wipe(e, sizeof(*e));
}

static void link_entry(struct person_cache *c, uint32_t i, const struct person_key *k)
{
	struct entry *e = &c->e[i];
	uint32_t *p;

	e->key = *k;
	p = id_bucket(c, k->id);
	e->by_id = *p;
	*p = i;
	e->by_handle = 0;
	if (has_handle(k)) {
		p = handle_bucket(c, k->handle);
		e->by_handle = *p;
		*p = i;
	}
	age_first(c, i);
}

static uint32_t room(struct person_cache *c)
{
	uint32_t i = c->free;

	if (i != 0) {
		c->free = c->e[i].by_id;
		return i;
	}
	if (c->used < c->capacity)
		return ++c->used;
	i = c->oldest;
	unlink_entry(c, i);
	return i;
}

void person_cache_put(struct person_cache *c, const struct person_key *k)
{
	struct person_key copy = *k;
	uint32_t i = find_id(c, k->id);

	if (i != 0) {
		/* found by its id now, it is no less the newest than it was */
		copy.newest |= has_handle(&c->e[i].key) &&
		    memcmp(c->e[i].key.handle, k->handle, HANDLE_BYTES) == 0;
		/* what was sealed since its row was read is on its way there */
		if (k->state == PERSON_LIVE && c->e[i].key.week > copy.week)
			copy.week = c->e[i].key.week;
		copy.returns |= k->state == PERSON_LIVE && c->e[i].key.returns;
		unlink_entry(c, i);
	} else {
		i = room(c);
	}
	link_entry(c, i, &copy);
}

void person_cache_seal(struct person_cache *c, uint64_t id, uint32_t week)
{
	uint32_t i = find_id(c, id);

	if (i == 0)
		return;
	c->e[i].key.week = week;
	c->e[i].key.returns = false;
}

void person_cache_name(struct person_cache *c, const struct person_key *k, unsigned year,
    const uint8_t told[static HANDLE_BYTES])
{
	uint32_t i = find_id(c, k->id);

	/* one that is not kept may have the id of another's that is */
	if (i == 0 || memcmp(c->e[i].key.handle, k->handle, HANDLE_BYTES) != 0)
		return;
	c->e[i].key.year = year;
	memcpy(c->e[i].key.told, told, HANDLE_BYTES);
}

void person_cache_return(struct person_cache *c, uint64_t id)
{
	uint32_t i = find_id(c, id);

	if (i != 0)
		c->e[i].key.returns = true;
}

void person_cache_drop(struct person_cache *c, uint64_t id)
{
	const struct person_key none = { .id = id, .state = PERSON_GONE };
	uint32_t i = find_id(c, id);

	/* what is known to be gone need not be looked for again */
	if (i != 0) {
		unlink_entry(c, i);
		link_entry(c, i, &none);
	}
}

void person_cache_forget(struct person_cache *c, uint64_t id)
{
	uint32_t i = find_id(c, id);

	if (i == 0)
		return;
	unlink_entry(c, i);
	c->e[i].by_id = c->free;
	c->free = i;
}
