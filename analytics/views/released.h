/*
 * released.h - the rows of a release as whoever gets its file reads them.
 */
#ifndef ANALYTICS_VIEWS_RELEASED_H
#define ANALYTICS_VIEWS_RELEASED_H

#include "analytics/views/cells.h"
#include "base/diag.h"

/*
 * Does the database at PATH hold the table T with T's columns, the dictionary, and nothing
 * else? Fails with SC_CORRUPT (it does not; D says what is there), SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err view_released_look(const char *path, const struct shelf_table *t,
    struct sc_diag *d);

/*
 * Read T's rows in their order, of each the N columns whose numbers are at WHICH. Fails with
 * SC_CORRUPT (a cell that is no text), SC_IO, SC_NOMEM. OUT is to be released with
 * view_cells_fini() whatever comes of it.
 */
SC_CHECKED enum sc_err view_released_read(const char *path, const struct shelf_table *t,
    const size_t *which, size_t n, struct view_cells *out, struct sc_diag *d);

#endif
