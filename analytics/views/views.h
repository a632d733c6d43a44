/*
 * views.h - from rows to a release: recode, hold against what was published before, check,
 * write, report.
 *
 *	source (a CSV file, or the feature store) -> table -> recode, or lineage -> checker
 *	-> shelf, with report.json and report.html
 */
#ifndef ANALYTICS_VIEWS_VIEWS_H
#define ANALYTICS_VIEWS_VIEWS_H

#include "analytics/lineage/lineage.h"
#include "analytics/recode/measure.h"
#include "analytics/shelf/shelf.h"

struct view_spec; /* what a dataset's columns are, and its rules: a part of a file, spec.h */

/* Rows of text, each somebody's, one after the other. */
struct view_source {
	const char *const *names; /* of the columns */
	size_t n;
	/*
	 * The next row into CELLS (N of them, valid until the next call) and *PERSON.
	 * *END: there is none. Fails with SC_SYNTAX (D: which line; never a value),
	 * SC_IO, SC_NOMEM.
	 */
	enum sc_err (*next)(void *arg, struct sc_span *cells, uint64_t *person, bool *end,
	    struct sc_diag *d);
	enum sc_err (*again)(void *arg, struct sc_diag *d); /* from the first row */
	void *arg;
};

/* What is made. Borrowed. */
struct view_order {
	const struct view_spec *spec;
	struct view_source *source;
	const char *tenant;
	const char *root; /* the shelf it goes on */
	uint64_t number, made_ms;
	const char *from, *to;             /* days, or "" */
	uint8_t previous[SHELF_SHA_BYTES]; /* of the manifest before it, or zeros */
	uint8_t key[RELEASE_KEY_BYTES];    /* secret, new for each release */
	struct lineage *lineage;           /* noted in and saved; NULL: it stands by itself */
	/* May be NULL; told how far it is, in thousandths. False gives the release up. */
	bool (*progress)(void *ctx, unsigned permille);
	void *ctx;
};

struct view_made {
	uint8_t sha256[SHELF_SHA_BYTES]; /* of the manifest */
	struct release_measures measures;
	uint64_t dropped; /* columns of the source that the spec does not name */
};

/*
 * Make it. Fails with SC_LIMIT (it cannot be released under its rules; D says which,
 * with figures), SC_SYNTAX (a row, or the spec, does not fit), SC_CORRUPT (the checker
 * does not agree: nothing is left on the shelf), SC_AGAIN (progress() said no),
 * SC_STALE, SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err view_make(const struct view_order *o, struct sc_diag *d,
    struct view_made *out);

#endif
