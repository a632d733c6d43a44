/*
 * check_cell.h - does a published cell generalise a value?
 */
#ifndef ANALYTICS_RELEASE_CHECK_CELL_H
#define ANALYTICS_RELEASE_CHECK_CELL_H

#include "analytics/check/check.h"

/* A value's line, and the cells of all lines. */
struct check_line {
	struct sc_span value;
	size_t first, n; /* of the tree's cells */
};

struct check_tree {               /* all zero: none */
	struct check_line *lines; /* by value */
	size_t n_lines, cap_lines;
	struct sc_span *cells;
	size_t n_cells, cap_cells;
	uint8_t *text; /* what the cells point into, without quotes */
};

/* Fails with SC_SYNTAX (D says which line), SC_NOMEM; T is to be released in any case. */
SC_CHECKED enum sc_err check_tree_read(struct check_tree *t, struct sc_span text,
    struct sc_diag *d);
void check_tree_fini(struct check_tree *t);

/* T is of a CHECK_TREE alone. */
bool check_cell(const struct check_column *c, const struct check_tree *t, struct sc_span cell,
    struct sc_span value);

#endif
