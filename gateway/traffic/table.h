/*
 * table.h - rows by a key in a fixed piece of memory: where there is no room, the
 * oldest of eight goes.
 *
 * Private to gateway/traffic/. Keys are hashed under a key that is new at each start, so
 * that nobody can choose whose row goes.
 */
#ifndef GATEWAY_TRAFFIC_TABLE_H
#define GATEWAY_TRAFFIC_TABLE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRAFFIC_WAYS 8
#define TRAFFIC_KEY_BYTES 16

/* SipHash-2-4 of two numbers. */
uint64_t traffic_hash(const uint8_t key[static TRAFFIC_KEY_BYTES], uint64_t a, uint64_t b);

/* How every row begins. */
struct traffic_row {
	uint64_t key;    /* 0: free */
	uint64_t age_ms; /* when it was last asked for; the smallest goes first */
};

struct traffic_table {
	uint8_t *rows;
	size_t row_bytes, n_sets, bytes;
	uint8_t key[TRAFFIC_KEY_BYTES];
	uint64_t evicted;
	uint64_t evicted_ms; /* the greatest age of a row that went */
};

/* Room for as many rows of ROW_BYTES as go into BYTES, at least eight. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err traffic_table_init(struct traffic_table *t, size_t row_bytes, size_t bytes);
void traffic_table_fini(struct traffic_table *t); /* of zeros is fine */

/* The row of KEY (not 0), NULL: there is none. */
void *traffic_table_find(const struct traffic_table *t, uint64_t key);
/* The same, made when there is none (all zeros but its key): then *MADE. */
void *traffic_table_get(struct traffic_table *t, uint64_t key, uint64_t now_ms, bool *made);
/* ROW is free again. */
void traffic_table_drop(struct traffic_table *t, void *row);

/* ---- a set of fingerprints, eight bytes each ----------------------------------------- */

struct traffic_set {
	uint64_t *v; /* fingerprint in the upper 48 bits, hour in the lower 16 */
	size_t n_sets, bytes;
	uint8_t key[TRAFFIC_KEY_BYTES];
	uint64_t evicted;
};
SC_CHECKED enum sc_err traffic_set_init(struct traffic_set *s, size_t bytes);
void traffic_set_fini(struct traffic_set *s);
/* Is VALUE (of a good hash) there? */
bool traffic_set_has(const struct traffic_set *s, uint64_t value);
/*
 * Put it there as of HOUR (of any count, the lower sixteen bits); the one of the lowest hour goes
 * where there is no room. Was it there already?
 */
bool traffic_set_add(struct traffic_set *s, uint64_t value, uint16_t hour);

#endif
