/*
 * attack_lp.h - one part's rules as a linear program, by Clp.
 *
 * Clp works in floating point. So what it answers is not believed: its point is where a
 * search for a whole witness begins, and its bound is added up again from its multipliers,
 * which gives a true bound whatever they are (weak duality).
 */
#ifndef ANALYTICS_CUBE_ATTACK_LP_H
#define ANALYTICS_CUBE_ATTACK_LP_H

#include "analytics/cube/attack_system.h"

/* For PART of S as it is bounded now. Fails with SC_LIMIT (too large), SC_NOMEM. */
SC_CHECKED enum sc_err attack_lp_new(const struct attack_system *s, const struct attack_part *part,
    struct attack_lp **out);
void attack_lp_free(struct attack_lp *lp); /* NULL is fine */

enum attack_lp_answer { ATTACK_LP_OPTIMAL, ATTACK_LP_NONE, ATTACK_LP_UNKNOWN };

/*
 * The least sum of the N terms FIRST, each times SIGN: *BOUND is a lower bound of it, POINT
 * (a value for each member) where it is about reached. ATTACK_LP_NONE: no point keeps the
 * rules; ATTACK_LP_UNKNOWN: it could not be found out.
 */
enum attack_lp_answer attack_lp_solve(struct attack_lp *lp, const struct attack_term *first,
    size_t n, int sign, int64_t *bound, int64_t *point);

#endif
