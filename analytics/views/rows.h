/*
 * rows.h - a source's rows in memory, as recoding wants them, beside those columns that go
 * as they are.
 */
#ifndef ANALYTICS_VIEWS_ROWS_H
#define ANALYTICS_VIEWS_ROWS_H

#include "analytics/views/rules.h"

/* Whose each value of a column is. */
struct view_owner {
	uint64_t person; /* the first */
	uint32_t rows;
	bool shared; /* another has it, too */
};
struct view_owners {
	struct view_owner *v; /* by the value's number */
	size_t n, cap;
};

struct view_rows {
	struct release_table table;
	size_t n_plain;
	struct release_labels labels[SHELF_COLUMNS_MAX]; /* of the plain columns */
	uint32_t *plain; /* of row I and plain column P at [i * n_plain + p]: its label */
	size_t cap;
	struct view_owners owners[SHELF_COLUMNS_MAX]; /* of sensitive columns, then of plain ones */
};

/* May be NULL; told how many rows were read. False gives it up. */
typedef bool view_rows_fn(void *arg, uint64_t rows);

/*
 * Read SOURCE from its first row. Fails with SC_SYNTAX (a value that does not fit: D has its
 * line and its column's name; a column that tells people apart), SC_LIMIT, SC_AGAIN
 * (progress), SC_IO, SC_STALE, SC_NOMEM. Release with view_rows_fini().
 */
SC_CHECKED enum sc_err view_rows_read(struct view_rows *rows, struct view_rules *rules,
    struct view_source *source, view_rows_fn *progress, void *arg, struct sc_diag *d);
void view_rows_fini(struct view_rows *rows); /* all zero is fine */

#endif
