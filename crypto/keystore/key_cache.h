/*
 * key_cache.h - the wrapped rows of subject keys used lately, found by id and
 * by handle; the one not used for longest makes room.
 */
#ifndef CRYPTO_KEYSTORE_KEY_CACHE_H
#define CRYPTO_KEYSTORE_KEY_CACHE_H

#include "crypto/keystore/subject_keys.h"

struct key_cache;

SC_CHECKED enum sc_err key_cache_new(uint32_t capacity, struct key_cache **out);
void key_cache_free(struct key_cache *c); /* wipes; NULL is fine */
const struct subject_key *key_cache_by_id(struct key_cache *c, uint64_t id);
const struct subject_key *key_cache_by_handle(struct key_cache *c,
    const uint8_t handle[static HANDLE_BYTES]);
/* Add a copy, or replace what has the same id. */
void key_cache_put(struct key_cache *c, const struct subject_key *k);
void key_cache_drop(struct key_cache *c, uint64_t id);

#endif
