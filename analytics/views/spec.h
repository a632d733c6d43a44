/*
 * spec.h - what is published of which table, and under which rules: a file of datasets.
 *
 *	{ "datasets": [ { "name": "patients", "title": "Who was treated", "from": "csv",
 *	  "person": "patient_id", "k": 10, "columns": [
 *	    { "name": "age", "is": "quasi", "grid": { "min": 0, "max": 100, "step": 5 } },
 *	    { "name": "place", "is": "quasi", "hierarchy": "place.csv" },
 *	    { "name": "diagnosis", "is": "sensitive", "l": 3, "t": 0.3 } ] } ] }
 *
 * Paths are relative to the file itself. A column of the source that no dataset names is
 * never published: a new column of somebody's table stays out until it is thought about.
 */
#ifndef ANALYTICS_VIEWS_SPEC_H
#define ANALYTICS_VIEWS_SPEC_H

#include "analytics/recode/recode.h"
#include "analytics/views/report.h"
#include "base/name.h"

#define VIEW_DATASETS_MAX 16
#define VIEW_COLUMNS_MAX 64 /* that a dataset names */
#define VIEW_LENGTHS_MAX 16 /* of prefixes */

enum view_from { VIEW_CSV, VIEW_FEATURES };
enum view_is { VIEW_QUASI, VIEW_SENSITIVE, VIEW_PLAIN, VIEW_DROP };

struct view_dates {
	const char *from, *to; /* days, both of them within */
	uint8_t finest;        /* enum hierarchy_date */
};

struct view_column {
	const char *name;   /* as it is published: [a-z][a-z0-9_]* */
	const char *source; /* as the source calls it */
	const char *means, *means_zh, *unit;
	uint8_t is; /* enum view_is */
	/* of a quasi-identifier */
	uint8_t kind;     /* enum view_rule_kind */
	const char *tree; /* VIEW_HIERARCHY: the file */
	struct hierarchy_grid grid;
	bool clamp; /* VIEW_GRID: a number outside the domain counts as its nearest end */
	struct view_dates dates;
	size_t lengths[VIEW_LENGTHS_MAX], n_lengths;
	/* of a sensitive column */
	struct recode_rule rule;
	bool ruled;                    /* something was said; else view_rule_usual() */
	const struct sc_span *ordered; /* its values in their order; NULL: as they come */
	size_t n_ordered;
};

struct view_spec {
	const char *name; /* of the dataset, and of its table: [a-z][a-z0-9_]* */
	const char *title, *title_zh;
	uint8_t from;           /* enum view_from */
	char separator;         /* of a CSV file; 0: as its first line shows */
	const char *person;     /* column that says whose a row is; NULL: each its own person's */
	const char *population; /* datasets with the same one are about the same people */
	uint32_t k, suppression_ppm, m;
	uint8_t profile; /* enum recode_profile */
	struct view_column *columns;
	size_t n_columns;
};

/* A file of them. */
struct view_specs {
	struct view_spec *v;
	size_t n;
	struct sc_arena arena; /* all that the above points to */
};

/* Every key that the file may have. */
extern const struct shape view_specs_shape;

/*
 * Read PATH. On SC_OK OUT is the caller's to view_specs_fini(). Fails with SC_SYNTAX,
 * SC_LIMIT, SC_IO, SC_NOMEM; ALL (empty) tells what is wrong, and where.
 */
SC_CHECKED enum sc_err view_specs_load(const char *path, struct sc_diags *all,
    struct view_specs *out);
void view_specs_fini(struct view_specs *s); /* all zero is fine */

/* The dataset NAME; NULL as NAME: the only one. NULL: there is none, or several to choose from. */
const struct view_spec *view_specs_find(const struct view_specs *s, const char *name);

/* What a sensitive column wants when nothing was said: l 2 of two values, else 3, and t 0.3. */
struct recode_rule view_rule_usual(size_t n_values);

extern const char *const view_profile_names[]; /* by enum recode_profile, ended by NULL */

#endif
