/*
 * rules.h - a dataset's columns in the hand: where each is in the source, and its hierarchy,
 * as recoding wants it and as the checker does.
 */
#ifndef ANALYTICS_VIEWS_RULES_H
#define ANALYTICS_VIEWS_RULES_H

#include "analytics/check/check.h"
#include "analytics/views/spec.h"
#include "analytics/views/views.h"

#define VIEW_CELL_MAX 32 /* bytes of a number that was put back into its domain */

/* Published columns in this order: quasi-identifiers, sensitive ones, plain ones. */
struct view_rules {
	const struct view_spec *spec;
	const struct view_column *columns[SHELF_COLUMNS_MAX];
	size_t at[SHELF_COLUMNS_MAX];    /* of the source */
	size_t place[SHELF_COLUMNS_MAX]; /* in the published table: the spec's order */
	size_t n_quasi, n_sensitive, n_plain, n;
	uint64_t dropped; /* columns of the source that are not published */
	struct hierarchy *h[RELEASE_COLUMNS_MAX];
	struct sc_buf trees[RELEASE_COLUMNS_MAX]; /* texts of hierarchies */
	char clamped[RELEASE_COLUMNS_MAX][VIEW_CELL_MAX];
};

/*
 * Find SPEC's columns in SOURCE and make their hierarchies; a source whose values some
 * hierarchy is made of is read once. Fails with SC_SYNTAX (a column is not there; a hierarchy
 * cannot be read), SC_IO, SC_LIMIT, SC_NOMEM; D says which. Release with view_rules_fini().
 */
SC_CHECKED enum sc_err view_rules_init(struct view_rules *r, const struct view_spec *spec,
    struct view_source *source, struct sc_diag *d);
void view_rules_fini(struct view_rules *r); /* all zero is fine */

/* Of a row of the source, the published columns' cells: OUT has N, valid until the next call. */
void view_rules_pick(struct view_rules *r, const struct sc_span *cells, struct sc_span *out);

/* What a sensitive column wants, who had N_VALUES of it. */
struct recode_rule view_rules_sensitive(const struct view_rules *r, size_t s, size_t n_values);

/* What the checker is told: K, the columns, RULES (as many as there are sensitive columns). */
void view_rules_wants(const struct view_rules *r, const struct recode_rule *rules, uint32_t k,
    uint32_t suppression_ppm, struct check_wants *out);

#endif
