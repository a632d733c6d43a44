/*
 * tables.h - the database of a release as it is written.
 *
 * The same tables make the same bytes, whoever writes them and when: rows stand in the order
 * in which they came, pages in that of the tables, and nothing tells the time. There is no
 * journal, for a release that was not finished is no release.
 */
#ifndef ANALYTICS_SHELF_TABLES_H
#define ANALYTICS_SHELF_TABLES_H

#include "analytics/shelf/shelf.h"

#include <limits.h>
#include <sqlite3.h>

struct shelf_tables { /* all zero: not open */
	char path[PATH_MAX];
	sqlite3 *db; /* NULL: it is whole, or was never begun */
	sqlite3_stmt *insert;
	const struct shelf_table *v[SHELF_TABLES_MAX];
	uint64_t rows[SHELF_TABLES_MAX];
	size_t n;
};

/* T->path says where. Fails with SC_IO; T is to be given to tables_fini() whatever comes of it. */
SC_CHECKED enum sc_err tables_open(struct shelf_tables *t, struct sc_diag *d);
/* These two like shelf_table() and shelf_row(). */
SC_CHECKED enum sc_err tables_add(struct shelf_tables *w, const struct shelf_table *t,
    struct sc_diag *d);
SC_CHECKED enum sc_err tables_row(struct shelf_tables *w, const struct shelf_value *v,
    struct sc_diag *d);
/* Write the dictionary; the file is whole. Does nothing the second time. Fails with SC_IO. */
SC_CHECKED enum sc_err tables_close(struct shelf_tables *t, struct sc_diag *d);
void tables_fini(struct shelf_tables *t);

#endif
