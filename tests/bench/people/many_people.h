/*
 * many_people.h - a store filled with people faster than they could come: the boxes sealed level by
 * level and the rows put down in the order in which they lie, in large transactions.
 */
#ifndef TESTS_BENCH_PEOPLE_MANY_PEOPLE_H
#define TESTS_BENCH_PEOPLE_MANY_PEOPLE_H

#include "base/store/store.h"
#include "crypto/keytree/tree.h"

struct many_people {
	struct store *store; /* of keyd's tables, with nobody in it */
	struct sc_span tenant;
	const uint8_t *store_id;
	const uint8_t *epoch_key, *ring_key;
	uint64_t n;    /* they get the slots from 0 on; below 2^32 */
	uint32_t week; /* of all of them */
	void (*handle)(void *arg, uint64_t slot, uint8_t out[HANDLE_BYTES]);
	void *arg;
};

/*
 * Boxes, the top one included, and the rows of PERSON and WEEK. The caller opens the
 * tree again and writes how far the store has come.
 */
SC_CHECKED enum sc_err many_people_add(const struct many_people *m);

#endif
