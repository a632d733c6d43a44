/*
 * attack.h - what somebody can work out who reads all that was published of the cube: an
 * attacker of ours, who stops publication.
 *
 * He has the release's file and cube.h, and shares no code with who made it. What he knows
 * about how one set of people lies in another is a table, attack_shape.c. He also knows the
 * rule of the cube: what no row names has fewer than FLOOR people. Cells are whole numbers; a
 * row's people are at most the sum of its cells', at least the largest, and exactly the sum
 * where nobody can be in two cells (segments by trait). Of each number he asks how small and
 * how great it may be. A finding is:
 *
 * - a row of 1 to FLOOR - 1 people;
 * - a cell of a row of several that he knows to within fewer than FLOOR people: greatest -
 *   least < FLOOR, wherever the two are. (Of a segment's or a quarter's buyers, which no row is
 *   folded by: as a difference.)
 * - a cell that no row names, and that may be somebody, known more narrowly than the rule
 *   tells: greatest - least < FLOOR - 1;
 * - a difference: the people of one published set who are not in another that lies within it
 *   (the visitors of a category who did not buy of it, those of a segment whose value is in no
 *   row of a trait, a quarter's segment and the same one as it was told a quarter ago, a
 *   month's first buyers who were none of its weeks'), which is not certainly nobody, may be
 *   fewer than FLOOR, and is known to within fewer than FLOOR: greatest > 0, least < FLOOR,
 *   greatest - least < FLOOR.
 *
 * What is shown wide is shown by two sets of whole numbers that keep every rule. Where neither
 * that nor the opposite could be shown, it is a finding too.
 *
 * Not asked: what somebody makes of *why* cells were folded (one of them at least has fewer
 * than FLOOR people; which one he does not learn), and what he knows from elsewhere.
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
	uint64_t doubtful;            /* of them those that were shown neither narrow nor wide */
	uint64_t narrowest;           /* range of a folded cell, as far as it was looked at */
	uint64_t programs;            /* linear programs that were solved */
	uint64_t contradicted;        /* rules between releases that people who left undid */
};

/* A finding, in words: TABLE, the row or the difference, and its range. */
typedef void attack_found_fn(void *arg, const char *table, const char *what, uint64_t lo,
    uint64_t hi);

/*
 * Attack the cube in the database at PATH, FLOOR being its least cell; what was
 * published before is in the same file. Weeks before SINCE ("2026-W40", or "") are used,
 * and asked about only where a newer month or quarter says more of them. FOUND may be NULL.
 * Fails with SC_SYNTAX (not a cube, or one that contradicts itself), SC_LIMIT (more than he can
 * solve: publish nothing), SC_AGAIN (PROGRESS said no), SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err cube_attack(const char *path, uint32_t floor, const char *since,
    attack_found_fn *found, bool (*progress)(void *arg, unsigned permille), void *arg,
    struct sc_diag *d, struct cube_attack *out);

/*
 * Of a row that was published in the database BEFORE, nothing may be other in AFTER, and no
 * row may come to a week or month that had been told: who reads both subtracts. FOUND (may be
 * NULL) is told each, by its table and week. *CHANGED: how many. Fails with SC_SYNTAX,
 * SC_LIMIT, SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err cube_attack_pair(const char *before, const char *after,
    attack_found_fn *found, void *arg, struct sc_diag *d, uint64_t *changed);

#endif
