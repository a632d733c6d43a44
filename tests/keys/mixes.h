/*
 * mixes.h - what a store of one moment and a log of another know of every token.
 */
#ifndef TESTS_KEYS_MIXES_H
#define TESTS_KEYS_MIXES_H

#include "keys/proof.h"

struct mix_tokens {
	size_t right;
	size_t lost;    /* of living people, that do not open */
	size_t taken;   /* ... and are called gone */
	size_t back;    /* of erased people, that open */
	size_t strange; /* that are told anything else which is wrong */
};

/*
 * keyd runs: ask it for every token of W, as of a STORE and a LOG of these moments of its clock.
 * Says whether all was right.
 */
bool mix_judge(struct keys_proof *k, struct keys_world *w, uint64_t store, uint64_t log,
    struct mix_tokens *t);

#endif
