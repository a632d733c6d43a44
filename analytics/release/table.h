/*
 * table.h - the rows of a release before they are generalised: leaves, sensitive values, people.
 *
 * A row has a value in each quasi-identifier's column, one in each sensitive column, and
 * belongs to a person, who may have several. What else a row has stays with the caller,
 * who knows it by its number.
 */
#ifndef ANALYTICS_RELEASE_TABLE_H
#define ANALYTICS_RELEASE_TABLE_H

#include "analytics/release/hierarchy.h"
#include "analytics/release/labels.h"

struct release_sensitive {
	const struct sc_span *values; /* all there are, in their order; NULL: as they come */
	size_t n_values;
};

struct release_shape {
	const struct hierarchy *columns[RELEASE_COLUMNS_MAX]; /* as long as the table */
	size_t n_columns;                                     /* at least one */
	struct release_sensitive sensitive[RELEASE_SENSITIVE_MAX];
	size_t n_sensitive;
};

struct release_table {
	struct release_shape shape;
	uint16_t *leaves;  /* of row I and column C at [i * n_columns + c] */
	uint8_t *values;   /* of row I and sensitive column S at [i * n_sensitive + s] */
	uint64_t *persons; /* of row I */
	size_t n, cap;
	struct release_labels labels[RELEASE_SENSITIVE_MAX]; /* what the values are called */
};

/* Copies SHAPE and its values, not the hierarchies. Fails with SC_LIMIT, SC_SYNTAX, SC_NOMEM. */
SC_CHECKED enum sc_err release_table_init(struct release_table *t,
    const struct release_shape *shape, struct sc_diag *d);
void release_table_fini(struct release_table *t);

/*
 * Append a row: N_COLUMNS cells, N_SENSITIVE values, and who it is of. Fails with
 * SC_SYNTAX when a hierarchy, or a declared list, does not know a value (D tells the
 * column, never the value), SC_LIMIT past a ceiling, SC_NOMEM; the table is as it was.
 */
SC_CHECKED enum sc_err release_table_add(struct release_table *t, const struct sc_span *cells,
    const struct sc_span *values, uint64_t person, struct sc_diag *d);

#endif
