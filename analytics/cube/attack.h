/*
 * attack.h - what somebody can work out who reads all that was published of the cube: an
 * attacker of ours, who stops publication.
 *
 * He has the release's file and cube.h, and shares no code with who made it. For every
 * row that is of several cells, and for every set of people that is a difference of two
 * published ones (the visitors of a category who did not buy in it, those of a segment
 * whose trait is in no row ...), he asks how few and how many people it may be of: two
 * linear programs over all cells of the week. Cells are whole numbers of people, not
 * negative; a row's people are at most the sum of its cells', at least the largest, and
 * exactly the sum where nobody can be in two cells (segments by trait). What he then
 * knows to within fewer than ten people is a finding: a folded cell; or a difference
 * that is not certainly nobody, and may be fewer than ten.
 */
#ifndef ANALYTICS_CUBE_ATTACK_H
#define ANALYTICS_CUBE_ATTACK_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct cube_attack {
	uint64_t folded, differences; /* how many were tried */
	uint64_t solved;              /* findings */
	uint64_t narrowest;           /* range of a folded cell, in people */
	uint64_t programs;            /* linear programs that were solved */
};

/* A finding, in words: TABLE, the row or the difference, and its range. */
typedef void attack_found_fn(void *arg, const char *table, const char *what, uint64_t lo,
    uint64_t hi);

/*
 * Attack the cube in the database at PATH, FLOOR being its least cell; what was
 * published before is in the same file. Weeks before SINCE ("2026-W40", or "") are used
 * and not asked about. FOUND may be NULL. Fails with SC_SYNTAX (not a cube), SC_LIMIT
 * (more than it can solve: publish nothing), SC_AGAIN (PROGRESS said no), SC_IO,
 * SC_NOMEM.
 */
SC_CHECKED enum sc_err cube_attack(const char *path, uint32_t floor, const char *since,
    attack_found_fn *found, bool (*progress)(void *arg, unsigned permille), void *arg,
    struct sc_diag *d, struct cube_attack *out);

#endif
