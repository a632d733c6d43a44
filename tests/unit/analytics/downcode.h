/*
 * downcode.h - an attacker who knows how releases are made, and undoes generalised cells by it
 * (Cohen 2022: every minimal, hierarchical algorithm can be undone in part).
 *
 * For each generalised cell they ask of each of its values whether a release in which the cell
 * were that value, or a node below it, would have been made otherwise: a row would have moved
 * to a class that costs less and has room for it, or the class would have been cut. What
 * could not have been they rule out, and guess the likeliest of the rest. Whoever knows only
 * how frequent each value is in the whole table guesses the likeliest of all.
 */
#ifndef TESTS_DOWNCODE_H
#define TESTS_DOWNCODE_H

#include "analytics/recode/recode.h"

struct downcode_score {
	uint64_t cells;   /* generalised, of all rows */
	uint64_t by_rate; /* guessed rightly by the frequencies alone */
	uint64_t by_cover,
	    by_cut; /* ... and by what would have moved; by what would have been cut */
};

/* Attack R, which is T's with K; T is asked for the frequencies, and then who was right. */
struct downcode_score downcode_run(const struct release_table *t, const struct recode_result *r,
    uint32_t k);

#endif
