/*
 * released.c - a finished table, read back from its file.
 */
#include "analytics/views/released.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* A database that is read. */
struct released_file {
	sqlite3 *db;
	sqlite3_stmt *st;
	struct sc_diag *d;
	enum sc_err err;
};

static void open_file(struct released_file *f, const char *path, struct sc_diag *d)
{
	*f = (struct released_file){ .d = d };
	if (sqlite3_open_v2(path, &f->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
	    SQLITE_OK)
		return;
	sc_diag_set(d, "the release's tables cannot be opened: %s", sqlite3_errmsg(f->db));
	f->err = SC_IO;
}

static enum sc_err close_file(struct released_file *f)
{
	sqlite3_finalize(f->st);
	sqlite3_close(f->db);
	return f->err;
}

static void fail(struct released_file *f)
{
	sc_diag_set(f->d, "the release's tables cannot be read back: %s", sqlite3_errmsg(f->db));
	f->err = SC_CORRUPT;
}

static void prepare(struct released_file *f, const char *sql, size_t n)
{
	sqlite3_finalize(f->st);
	f->st = NULL;
	if (f->err == SC_OK && sqlite3_prepare_v2(f->db, sql, (int)n, &f->st, NULL) != SQLITE_OK)
		fail(f);
}

/* Is there another row? */
static bool step(struct released_file *f)
{
	const int rc = f->err == SC_OK ? sqlite3_step(f->st) : SQLITE_DONE;

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		fail(f);
	return rc == SQLITE_ROW;
}

/* ---- what is in it -------------------------------------------------------------------- */

static void look_for_others(struct released_file *f, const struct shelf_table *t)
{
	static const char sql[] =
	    "SELECT count(*) FROM sqlite_schema WHERE name <> 'dictionary' AND name <> ?1 "
	    "AND name NOT LIKE 'sqlite_autoindex_dictionary%'";

	prepare(f, sql, sizeof(sql) - 1);
	if (f->err == SC_OK && sqlite3_bind_text(f->st, 1, t->name, -1, SQLITE_STATIC) != SQLITE_OK)
		fail(f);
	if (!step(f) || sqlite3_column_int64(f->st, 0) == 0)
		return;
	sc_diag_set(f->d,
	    "the release's file has tables, views or indexes that it does not tell of");
	f->err = SC_CORRUPT;
}

/* Names are words (shelf/manifest.h): they need no escape between quotes. */
static void look_at_columns(struct released_file *f, const struct shelf_table *t)
{
	char sql[128];
	const int n = snprintf(sql, sizeof(sql), "SELECT * FROM \"%.63s\" LIMIT 0", t->name);
	bool same;

	prepare(f, sql, (size_t)n);
	if (f->err != SC_OK)
		return;
	same = (size_t)sqlite3_column_count(f->st) == t->n_columns;
	for (size_t i = 0; same && i < t->n_columns; i++)
		same = strcmp(sqlite3_column_name(f->st, (int)i), t->columns[i].name) == 0;
	if (same)
		return;
	sc_diag_set(f->d, "table %.63s has other columns than the release tells of", t->name);
	f->err = SC_CORRUPT;
}

enum sc_err view_released_look(const char *path, const struct shelf_table *t, struct sc_diag *d)
{
	struct released_file f;

	open_file(&f, path, d);
	look_for_others(&f, t);
	look_at_columns(&f, t);
	return close_file(&f);
}

/* ---- rows ----------------------------------------------------------------------------- */

static void write_query(struct released_file *f, const struct shelf_table *t, const size_t *which,
    size_t n, struct sc_buf *out)
{
	f->err = sc_buf_put_str(out, "SELECT ");
	for (size_t i = 0; f->err == SC_OK && i < n; i++)
		f->err =
		    sc_buf_printf(out, "%s\"%s\"", i == 0 ? "" : ",", t->columns[which[i]].name);
	if (f->err == SC_OK)
		f->err = sc_buf_printf(out, " FROM \"%s\" ORDER BY rowid", t->name);
}

static void read_row(struct released_file *f, struct view_cells *out)
{
	struct sc_span row[SHELF_COLUMNS_MAX];

	for (size_t i = 0; i < out->width; i++) {
		if (sqlite3_column_type(f->st, (int)i) != SQLITE_TEXT) {
			sc_diag_set(f->d, "row %zu of the release has a cell that is no text",
			    out->n + 1);
			f->err = SC_CORRUPT;
			return;
		}
		row[i].p = sqlite3_column_text(f->st, (int)i);
		row[i].n = (size_t)sqlite3_column_bytes(f->st, (int)i);
	}
	f->err = view_cells_add(out, row);
}

enum sc_err view_released_read(const char *path, const struct shelf_table *t, const size_t *which,
    size_t n, struct view_cells *out, struct sc_diag *d)
{
	struct released_file f;
	struct sc_buf sql;

	view_cells_init(out, n);
	sc_buf_init(&sql, 16384);
	open_file(&f, path, d);
	if (f.err == SC_OK)
		write_query(&f, t, which, n, &sql);
	prepare(&f, (const char *)sql.p, sql.n);
	while (step(&f))
		read_row(&f, out);
	sc_buf_fini(&sql);
	return close_file(&f);
}
