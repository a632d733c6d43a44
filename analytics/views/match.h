/*
 * match.h - which row of a table became which row of its release, when nobody kept it: any
 * way to tell it by which every released row is of a row of its own whose values it
 * generalises.
 *
 * Where there is one, the release is a sound one of that table; which of several was the
 * real one cannot be told, and need not be.
 */
#ifndef ANALYTICS_VIEWS_MATCH_H
#define ANALYTICS_VIEWS_MATCH_H

#include "analytics/check/check.h"
#include "analytics/views/cells.h"

/*
 * FROM[i], for each row of RELEASED: a row of ORIGINAL, no two the same. Both have WIDTH
 * cells a row, of which the first are WANTS' columns and the others stay as they are. Fails
 * with SC_CORRUPT (there is no way), SC_LIMIT (too large to tell), SC_SYNTAX (a hierarchy),
 * SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err view_match(const struct check_wants *wants,
    const struct view_cells *original, const struct view_cells *released, uint32_t *from,
    struct sc_diag *d);

#endif
