/*
 * recode_rig.h - tables of any kind, recoded, printed and checked: what the tests of
 * released views share.
 */
#ifndef TESTS_RECODE_RIG_H
#define TESTS_RECODE_RIG_H

#include "analytics/check/check.h"
#include "analytics/recode/measure.h"

#define RIG_ROWS_MAX 32000u

struct recode_rig {
	struct sc_arena arena; /* texts */
	struct hierarchy *h[RELEASE_COLUMNS_MAX];
	struct release_shape shape;
	struct release_table table;
	struct recode_settings set;
	struct check_wants wants; /* the same, to the checker */
	struct sc_span *cells;    /* as a file would have them: columns, then sensitive */
	uint64_t *persons;
	size_t n;
	struct recode_result *result;
	struct sc_span *released; /* likewise, of those released */
	uint32_t *from;
	uint64_t *from_persons;
	size_t n_released;
};

void rig_seed(uint64_t seed);
uint64_t rig_any(uint64_t n); /* below N */

/* An empty rig; then columns, then rows, then rig_recode(). */
void rig_init(struct recode_rig *r);
void rig_fini(struct recode_rig *r);
void rig_tree(struct recode_rig *r, const char *text);
void rig_grid(struct recode_rig *r, struct hierarchy_grid g);
void rig_dates(struct recode_rig *r, const char *from, const char *to, enum hierarchy_date finest);
/* A sensitive column; VALUES, each behind the other with ';', give their order, or NULL. */
void rig_sensitive(struct recode_rig *r, const char *values, struct recode_rule rule);
/* TEXT: all cells of a row with ';' between. */
void rig_row(struct recode_rig *r, const char *text, uint64_t person);
/* A table by lot: columns, hierarchies, rows, rules. */
void rig_random(struct recode_rig *r, uint64_t seed);

/* Put the rows into the table in the order of ORDER, or as they are (NULL), and recode it. */
enum sc_err rig_recode(struct recode_rig *r, const uint32_t *order, struct sc_diag *d);
/* Print what was released and check it. */
enum sc_err rig_check(struct recode_rig *r, struct check_report *out, struct sc_diag *d);

#endif
