/*
 * known_keys.h - every key of a keyd's files, as whoever has the root key and all of them can
 * derive it: to look for them in its memory.
 *
 * The names of what is added: "root" and "epoch" (the wrapping ones), "box", "ring", "kek",
 * "class", "index", "mac", "log", "slot", "person N".
 */
#ifndef TESTS_UNIT_CRYPTO_KNOWN_KEYS_H
#define TESTS_UNIT_CRYPTO_KNOWN_KEYS_H

#include "crypto/settings/settings.h"
#include "unit/crypto/memory_search.h"

/*
 * Add to S all keys of keyd's files, which are copied to the folder SCRATCH and read there.
 * *HIGH (may be NULL): how many slots there are. False: they cannot be read; why was printed.
 */
bool known_keys(const struct settings *at, const char *scratch, struct memory_search *s,
    uint64_t *high);

#endif
