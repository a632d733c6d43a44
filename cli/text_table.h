/*
 * text_table.h - rows for a terminal, in columns as wide as what stands in them.
 *
 * Characters of East Asia take two places. What could move the cursor is shown as a mark.
 */
#ifndef CLI_TEXT_TABLE_H
#define CLI_TEXT_TABLE_H

#include "base/buf.h"

#define TEXT_TABLE_COLUMNS_MAX 256

struct text_cell {
	struct sc_span text;
	bool right; /* as numbers stand */
};

struct text_table {
	size_t n_columns;
	size_t widths[TEXT_TABLE_COLUMNS_MAX];
	bool names_said;
};

/* First each row, names too, so that the widths are known ... */
void text_table_measure(struct text_table *t, const struct text_cell *row, size_t n);
/* ... then each again, appended to OUT; the first is the names'. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err text_table_print(struct text_table *t, const struct text_cell *row, size_t n,
    struct sc_buf *out);

#endif
