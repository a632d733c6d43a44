/*
 * make_private.h - a release that is made, as its parts hand it on.
 */
#ifndef ANALYTICS_VIEWS_MAKE_PRIVATE_H
#define ANALYTICS_VIEWS_MAKE_PRIVATE_H

#include "analytics/views/cells.h"
#include "analytics/views/rows.h"

struct view_making {
	const struct view_order *order;
	struct view_rules rules;
	struct view_rows rows;
	struct recode_rule wants[RELEASE_SENSITIVE_MAX];
	struct recode_settings set;
	struct recode_result *result;
	struct lineage_figures lineage;
	struct release_measures measures;
	struct view_cells cells; /* of every class */
	uint32_t *from;          /* row of the source that each published one was */
	size_t n_from;
	struct shelf_column columns[SHELF_COLUMNS_MAX];
	struct shelf_table table;
	struct shelf_writer *writer;
	const char *path; /* the database */
	struct check_report checked;
	uint8_t sha256[SHELF_SHA_BYTES]; /* of the manifest */
};

/*
 * Report and manifest: M's release is in its place. Fails like shelf_finish(); the writer is
 * then gone.
 */
SC_CHECKED enum sc_err view_tell(struct view_making *m, struct sc_diag *d);

#endif
