/*
 * memory.h - raw keys of people who leave: looked for, byte by byte, in keyd's memory and files.
 */
#ifndef TESTS_KEYS_MEMORY_H
#define TESTS_KEYS_MEMORY_H

#include "keys/proof.h"

struct memory_secrets {
	struct carve_found found; /* everybody's, as carved before they leave */
	size_t *which, n;         /* of those, who leaves */
};

/* Of the first LEAVE people; false: not all were found. */
bool memory_secrets_take(struct keys_proof *k, struct keys_world *w, size_t leave,
    struct memory_secrets *out);
void memory_secrets_free(struct memory_secrets *s);

/* Some lie in memory, in the open boxes, and none in a file. */
bool memory_before(struct keys_proof *k, const struct memory_secrets *s);
/* None anywhere. */
bool memory_after(struct keys_proof *k, const struct memory_secrets *s);

#endif
