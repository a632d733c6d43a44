/*
 * proof.h - what the proofs of the keys share: one keyd, its folder, how much is asked.
 */
#ifndef TESTS_KEYS_PROOF_H
#define TESTS_KEYS_PROOF_H

#include "keys/carve.h"
#include "keys/world.h"

struct keys_proof {
	struct fixture fx;
	char build[512];  /* build/<variant> */
	char scratch[96]; /* beside the fixture's folder */
	uint64_t seed;
	size_t people;  /* different ones of cuts and kills */
	size_t answers; /* of the run that is cut */
	size_t bad_max; /* images after which it is enough */
	uint8_t store_id[STORE_ID_BYTES];
};

/* Start keyd and wait until it answers; the same, ended whatever became of it. */
bool proof_start(struct keys_proof *k);
void proof_end(struct keys_proof *k);
/* Its configuration, with the epoch file's twin in run/twin and a mirror in run/mirror. */
bool proof_config(const struct keys_proof *k, bool twin, bool mirror);
/* With SCRIM_KEEP: a copy of the folder as it is, beside it. */
void proof_keep(struct keys_proof *k, const char *name);

/*
 * The attacker on the folder as it is: *LIVING, of the tokens answered by CUT that must open,
 * those whose key was found; *BACK, of those that must be gone. False: nothing could be read.
 */
bool proof_carve(struct keys_proof *k, struct keys_world *w, uint64_t cut, bool everywhere,
    size_t *living, size_t *back);

/* Each prints what it did and found, and says whether all held. */
bool proof_cuts(struct keys_proof *k, size_t images);
bool proof_kills(struct keys_proof *k, size_t kills);
bool proof_mixes(struct keys_proof *k, size_t most);
/* keyd ended at every STEP-th call of what it does. */
bool proof_points(struct keys_proof *k, size_t step);
/* What somebody's hands, or half of a copy, make of the files. */
bool proof_odd(struct keys_proof *k, size_t every);
bool proof_carving(struct keys_proof *k, size_t people);
bool proof_slots(struct keys_proof *k, size_t rounds);

#endif
