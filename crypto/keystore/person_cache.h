/*
 * person_cache.h - the keys used lately, wrapped, found by id and by handle; the one not
 * used for longest makes room.
 */
#ifndef CRYPTO_KEYSTORE_PERSON_CACHE_H
#define CRYPTO_KEYSTORE_PERSON_CACHE_H

#include "crypto/keystore/people.h"

struct person_cache;

SC_CHECKED enum sc_err person_cache_new(uint32_t capacity, struct person_cache **out);
void person_cache_free(struct person_cache *c); /* wipes; NULL is fine */
const struct person_key *person_cache_by_id(struct person_cache *c, uint64_t id);
/* A person's newest key only. */
const struct person_key *person_cache_by_handle(struct person_cache *c,
    const uint8_t handle[static HANDLE_BYTES]);
/* Add a copy, or replace what has the same id. */
void person_cache_put(struct person_cache *c, const struct person_key *k);
/* Something was sealed in WEEK for ID, if it is here. */
void person_cache_seal(struct person_cache *c, uint64_t id, uint32_t week);
/* K's person is called TOLD in YEAR, if that key is here. */
void person_cache_name(struct person_cache *c, const struct person_key *k, unsigned year,
    const uint8_t told[static HANDLE_BYTES]);
/* Something was for ID after long, and their week waits. */
void person_cache_return(struct person_cache *c, uint64_t id);
/* ID is gone: known, if it was here. */
void person_cache_drop(struct person_cache *c, uint64_t id);
/* Whatever ID is now is to be looked up again. */
void person_cache_forget(struct person_cache *c, uint64_t id);

#endif
