/*
 * cells.h - rows of text in memory, each different text of a column once.
 *
 * 16 bytes a cell beside the texts.
 */
#ifndef ANALYTICS_VIEWS_CELLS_H
#define ANALYTICS_VIEWS_CELLS_H

#include "analytics/release/labels.h"
#include "analytics/shelf/manifest.h"

struct view_cells { /* view_cells_init(), then view_cells_fini() */
	size_t width, n, cap;
	struct sc_span *v; /* cell C of row I at [i * width + c] */
	struct release_labels labels[SHELF_COLUMNS_MAX];
};

void view_cells_init(struct view_cells *c, size_t width);
void view_cells_fini(struct view_cells *c); /* all zero is fine */
/* Append a row. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err view_cells_add(struct view_cells *c, const struct sc_span *row);

#endif
