/*
 * attack_rig.h - cubes made by hand, and what the attacker finds in them.
 */
#ifndef TESTS_ATTACK_RIG_H
#define TESTS_ATTACK_RIG_H

#include "analytics/cube/attack.h"

#include <stddef.h>

struct attack_finding {
	char table[64], what[256];
	uint64_t lo, hi;
};

struct attack_rig {
	char path[128];
	struct sqlite3 *db;
	struct attack_finding found[256]; /* the first */
	size_t n_found;
	struct cube_attack out;
	struct sc_diag d;
};

/* A file of its own with every table of cube.h, and two traits' (age, sex), all empty. */
void attack_rig_init(struct attack_rig *r);
void attack_rig_fini(struct attack_rig *r); /* the file goes too */
/* Run SQL, whatever it is; a mistake in it ends the test program. */
void attack_rig_sql(struct attack_rig *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A week with VISITORS and BUYERS, of whom BEFORE bought before. */
void attack_rig_week(struct attack_rig *r, const char *week, int visitors, int buyers, int before);
/* Attack it with floor 10; what is found is in R. */
enum sc_err attack_rig_run(struct attack_rig *r, const char *since);
/* The finding whose text has PART in it, of TABLE; NULL: there is none. */
const struct attack_finding *attack_rig_find(const struct attack_rig *r, const char *table,
    const char *part);

#endif
