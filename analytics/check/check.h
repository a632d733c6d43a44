/*
 * check.h - is a finished release what it says: derived again from its text.
 *
 * Shares no code with what makes releases, and knows nothing of how they are made: rows
 * are equal when their cells are the same bytes, "*" is a value as any other, and every
 * figure comes from counting rows. It reads hierarchies by itself, too.
 */
#ifndef ANALYTICS_RELEASE_CHECK_H
#define ANALYTICS_RELEASE_CHECK_H

#include "analytics/release/limits.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"

enum check_kind {
	CHECK_TREE, /* TEXT is lines of "value;level 1;...": a cell is of its value's line, or "*" */
	CHECK_GRID,   /* a cell is "*", or whole steps from one number to another */
	CHECK_DATES,  /* a cell is "*", a year, a quarter, a month or a day */
	CHECK_PREFIX, /* a cell is "*", a value, or its beginning and a "*" */
};

struct check_column {
	enum check_kind kind;
	struct sc_span text;  /* of a tree */
	int64_t step, origin; /* of a grid, in units of 10^-decimals */
	uint8_t decimals;     /* ... */
	uint8_t finest;       /* dates: 0 days, 1 months, 2 quarters, 3 years */
};

/* What a sensitive column wants of every class; 0 wants nothing. */
struct check_rule {
	uint32_t distinct, entropy_milli, closeness_ppm, share_ppm;
	const struct sc_span *order; /* t by the order of these values; NULL: by equality */
	size_t n_order;
};

#define CHECK_COLUMNS_MAX RELEASE_COLUMNS_MAX
#define CHECK_SENSITIVE_MAX RELEASE_SENSITIVE_MAX

struct check_wants {
	uint32_t k; /* people */
	struct check_column columns[CHECK_COLUMNS_MAX];
	struct check_rule rules[CHECK_SENSITIVE_MAX];
	size_t n_columns, n_sensitive;
	uint32_t suppression_ppm;
};

/* Rows of text: cell C of row I at [i * (n_columns + n_sensitive) + c], sensitive ones last. */
struct check_rows {
	const struct sc_span *cells;
	size_t n;
};

struct check_report {
	bool ok;
	uint64_t rows, suppressed, classes, min_people, min_rows;
	uint32_t min_distinct[CHECK_SENSITIVE_MAX];
};

/*
 * Check RELEASED, whose row I was row FROM[I] of ORIGINAL and is of PERSONS[I]; PERSONS may
 * be NULL where every row is a person's own. In *OUT what was found; where it is not ok, D
 * says what is wrong, with the row (from 1) as its line and no value of it. Fails with
 * SC_SYNTAX when a hierarchy cannot be read, SC_LIMIT past a ceiling, SC_NOMEM.
 */
SC_CHECKED enum sc_err check_release(const struct check_wants *wants,
    const struct check_rows *original, const struct check_rows *released, const uint32_t *from,
    const uint64_t *persons, struct check_report *out, struct sc_diag *d);

#endif
