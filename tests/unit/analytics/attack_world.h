/*
 * attack_world.h - a shop of made-up people, week after week, and the cube that honestly tells
 * of it: for tests and the bench. Nothing of it comes from the cube's maker.
 */
#ifndef TESTS_ATTACK_WORLD_H
#define TESTS_ATTACK_WORLD_H

#include <stdint.h>

struct attack_world {
	unsigned people, weeks, categories, bands, channels, values;
	unsigned traits;        /* at most 2 */
	unsigned visit_percent; /* of a person in a week */
	unsigned buy_percent;   /* of who visits */
	unsigned floor;         /* what rows are folded to */
	uint64_t seed;
};

struct sqlite3;

/* Write its cube to the database DB (struct sqlite3), whose tables are there and empty. */
void attack_world_write(const struct attack_world *w, struct sqlite3 *db);

#endif
