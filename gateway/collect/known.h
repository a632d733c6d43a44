/*
 * known.h - identifiers that keyd has named a while ago: bounded, keyed, in memory alone.
 *
 * An identifier stands here as a keyed hash, never as a text, with its handle and its
 * pseudonym. What was named is named anew after KNOWN_MS, and all is forgotten when
 * keyd goes away, decides by another policy, or somebody is erased. The caller's lock
 * guards it.
 */
#ifndef GATEWAY_COLLECT_KNOWN_H
#define GATEWAY_COLLECT_KNOWN_H

#include "gateway/consent/consents.h"

#define KNOWN_KEY_BYTES 16
#define KNOWN_MS (10u * 60 * 1000)

struct known;

/* What stands for one identifier. */
struct known_entry {
	uint8_t key[KNOWN_KEY_BYTES];
	struct collect_handle handle;
	uint32_t told; /* the version of the page's own grant that analytics was told; 0: none */
};

/* Room for N (a power of two). Fails with SC_NOMEM. */
SC_CHECKED enum sc_err known_new(size_t n, struct known **out);
void known_free(struct known *k); /* NULL is fine */

/* Fill E's key: of TEXT, an identifier of KIND (enum keyc_identifier). Any thread. */
void known_key(const struct known *k, uint8_t kind, struct sc_span text, struct known_entry *e);
/* Fill the rest of E; false: it is not known, or no longer at NOW_MS. */
bool known_find(struct known *k, uint64_t now_ms, struct known_entry *e);
/* Remember E, in the place of the oldest of its neighbours. */
void known_put(struct known *k, uint64_t now_ms, const struct known_entry *e);
/* E->told has changed. */
void known_told(struct known *k, const struct known_entry *e);
void known_clear(struct known *k);
/* Clear it when keyd's policy is not HASH (NULL: keyd is away) any more. True: it was another. */
void known_policy(struct known *k, const uint8_t *hash);

#endif
