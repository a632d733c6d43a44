/*
 * diff.h - what somebody who has two releases sees by holding one against the other.
 *
 * Public files alone: manifests and rows. Two releases of a dataset, or of two datasets about one
 * population: rows are counted by the cells that both generalise, and a count that differs by
 * fewer than k people is what may tell somebody. Nobody's lineage is known here: that two classes
 * of equal cells have other people in them, files do not tell. So a finding is a question, and
 * none is no proof; lineage_check() is.
 */
#ifndef ANALYTICS_LINEAGE_DIFF_H
#define ANALYTICS_LINEAGE_DIFF_H

#include "analytics/shelf/shelf.h"

enum diff_where {
	DIFF_BOTH,  /* generalised in both */
	DIFF_FIRST, /* a column of the first alone */
	DIFF_SECOND,
	DIFF_OPEN, /* generalised in one, and as it was in the other: dangerous */
};

struct diff_column {
	const char *name; /* the manifests' */
	enum diff_where where;
};

/* Cells that tell: counts that differ by 1 to k - 1. */
struct diff_cells {
	const char *const *text; /* of each column that is DIFF_BOTH, in their order */
	size_t n;
	uint64_t first, second; /* rows */
};
typedef void diff_cells_fn(void *arg, const struct diff_cells *c);

struct release_diff {
	bool same_dataset;
	uint32_t k; /* the greater of both */
	struct diff_column columns[2 * SHELF_COLUMNS_MAX];
	size_t n_columns;
	uint64_t stayed, changed, appeared, vanished; /* classes, by the cells that both have */
	uint64_t dangerous;                           /* of those that changed */
	bool danger;
};

/*
 * Hold B against A, in each the table that has generalised columns; EACH is told of every count
 * that is dangerous. Fails with SC_SYNTAX (no such table), SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err diff_releases(const struct shelf_release *a, const struct shelf_release *b,
    diff_cells_fn *each, void *arg, struct sc_diag *d, struct release_diff *out);

#endif
