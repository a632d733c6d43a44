/*
 * risk.h - how identifiable the people of a table are as it stands, and what a release of it
 * would cost.
 *
 * Somebody is singled out by a set of columns when nobody else has the same values in them.
 * Who looks for a person whom they know to be in the table (the prosecutor) finds them with
 * a chance of 1 in so many as are alike; who does not know it (the journalist), with that
 * at most; who tries for all (the marketer), finds as many as there are different ones.
 *
 * Memory: a row takes 4 bytes a column and 50 more; a release's, recode.h tells.
 */
#ifndef ANALYTICS_VIEWS_RISK_H
#define ANALYTICS_VIEWS_RISK_H

#include "analytics/views/rules.h"

#define VIEW_RISK_SETS 5  /* columns of the largest set that is looked for */
#define VIEW_RISK_SIZES 9 /* of groups: 1, 2, 3-4, 5-9, 10-19, 20-49, 50-99, 100-999, more */
#define VIEW_RISK_COSTS 3 /* k 5, 10 and 25 */

/* What a set of quasi-identifiers tells. */
struct view_risk_set {
	uint32_t columns; /* bits: of the dataset's quasi-identifiers, in the spec's order */
	uint64_t unique;  /* rows of who is singled out by it */
	uint64_t groups;  /* different combinations */
};

struct view_risk_size {
	uint64_t from, to; /* people; TO UINT64_MAX: any more */
	uint64_t groups, rows;
};

struct view_risk_sensitive {
	uint64_t told; /* rows of groups where all have the same value: it needs no singling out */
	uint32_t min_distinct; /* values of a group */
};

struct view_risk_cost {
	uint32_t k;
	bool ok;
	char why[256]; /* where it is not */
	struct release_measures measures;
};

struct view_risk {
	const char *columns[RELEASE_COLUMNS_MAX], *sensitive[RELEASE_SENSITIVE_MAX];
	size_t n_columns, n_sensitive;
	uint64_t rows, people, dropped;
	struct view_risk_set all, alone[RELEASE_COLUMNS_MAX];
	struct view_risk_set
	    best[VIEW_RISK_SETS]; /* of 1, 2... columns: those that single out most */
	size_t n_best;
	struct view_risk_size sizes[VIEW_RISK_SIZES]; /* of groups alike in all columns */
	uint32_t prosecutor_max_ppm, prosecutor_avg_ppm, marketer_ppm;
	struct view_risk_sensitive values[RELEASE_SENSITIVE_MAX];
	struct view_risk_cost costs[VIEW_RISK_COSTS];
};

/*
 * Look at SOURCE by SPEC. PROGRESS like view_order's. OUT's names are SPEC's. Fails with
 * SC_SYNTAX, SC_LIMIT, SC_AGAIN, SC_IO, SC_STALE, SC_NOMEM; D says why. That a release is
 * not possible is no failure: OUT's costs tell it.
 */
SC_CHECKED enum sc_err view_risk_look(const struct view_spec *spec, struct view_source *source,
    bool (*progress)(void *ctx, unsigned permille), void *ctx, struct sc_diag *d,
    struct view_risk *out);

#endif
