/*
 * tables.c - the database of a release as it is written.
 */
#include "analytics/shelf/tables.h"

#include "analytics/shelf/names.h"
#include "base/text/utf8.h"

#include <stdio.h>
#include <string.h>

#define SQL_MAX 8192 /* forty columns of 63 letters, twice */

static enum sc_err say(struct shelf_tables *w, struct sc_diag *d, enum sc_err err, const char *what)
{
	if (err == SC_IO && w->db != NULL && sqlite3_errcode(w->db) != SQLITE_OK)
		sc_diag_set(d, "%s: %s", what, sqlite3_errstr(sqlite3_errcode(w->db)));
	else
		sc_diag_set(d, "%s", what);
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", w->path);
	return err;
}

/* ---- the database ------------------------------------------------------------------- */

static const char begin[] = "PRAGMA page_size=4096; PRAGMA encoding='UTF-8';"
			    "PRAGMA auto_vacuum=NONE; PRAGMA journal_mode=OFF;"
			    "PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
			    "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
			    "PRAGMA application_id=0x5343524d; PRAGMA user_version=1; BEGIN";

enum sc_err tables_open(struct shelf_tables *w, struct sc_diag *d)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_EXRESCODE;

	if (sqlite3_open_v2(w->path, &w->db, flags, NULL) != SQLITE_OK ||
	    sqlite3_exec(w->db, begin, NULL, NULL, NULL) != SQLITE_OK)
		return say(w, d, SC_IO, "the release's database cannot be made");
	return SC_OK;
}

/* Everything that SQL is made of here is a word of [a-z0-9_]: quotes are never in it. */
static enum sc_err run(struct shelf_tables *w, struct sc_buf *sql, struct sc_diag *d)
{
	if (sc_buf_put(sql, "", 1) != SC_OK)
		return SC_NOMEM;
	if (sqlite3_exec(w->db, (const char *)sql->p, NULL, NULL, NULL) != SQLITE_OK)
		return say(w, d, SC_IO, "a table of the release cannot be made");
	return SC_OK;
}

static enum sc_err create(struct shelf_tables *w, const struct shelf_table *t, struct sc_diag *d)
{
	struct sc_buf sql;
	enum sc_err err;

	sc_buf_init(&sql, SQL_MAX);
	err = sc_buf_printf(&sql, "CREATE TABLE \"%s\"(", t->name);
	for (size_t i = 0; i < t->n_columns && err == SC_OK; i++)
		err = sc_buf_printf(&sql, "%s\"%s\" %s NOT NULL", i == 0 ? "" : ",",
		    t->columns[i].name, t->columns[i].type == SHELF_TEXT ? "TEXT" : "INTEGER");
	if (err == SC_OK)
		err = sc_buf_put_str(&sql, ") STRICT");
	if (err == SC_OK)
		err = run(w, &sql, d);
	sc_buf_fini(&sql);
	return err;
}

/* Its insert takes rows of N columns of TABLE from here on. */
static enum sc_err prepare(struct shelf_tables *w, const char *table, size_t n, struct sc_diag *d)
{
	char sql[256];
	int at = snprintf(sql, sizeof(sql), "INSERT INTO \"%s\" VALUES(", table);

	for (size_t i = 0; i < n; i++)
		at += snprintf(sql + at, sizeof(sql) - (size_t)at, i == 0 ? "?" : ",?");
	snprintf(sql + at, sizeof(sql) - (size_t)at, ")");
	sqlite3_finalize(w->insert);
	w->insert = NULL;
	if (sqlite3_prepare_v2(w->db, sql, -1, &w->insert, NULL) != SQLITE_OK)
		return say(w, d, SC_IO, "a table of the release cannot be written");
	return SC_OK;
}

static const char *unfit_columns(const struct shelf_table *t)
{
	if (t->n_columns == 0)
		return "a table needs a column";
	for (size_t i = 0; i < t->n_columns; i++) {
		if (!shelf_column_ok(t->columns[i].name))
			return "a column's name must be [a-z][a-z0-9_]*, 63 at most, and none that "
			       "PostgreSQL keeps for itself";
		for (size_t k = 0; k < i; k++)
			if (strcmp(t->columns[i].name, t->columns[k].name) == 0)
				return "two columns of a table have the same name";
	}
	return NULL;
}

static const char *unfit(const struct shelf_tables *w, const struct shelf_table *t)
{
	if (!shelf_table_ok(t->name))
		return "a table's name must be [a-z][a-z0-9_]*, 63 at most, not \"dictionary\" "
		       "and none that a database keeps for itself";
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(t->name, w->v[i]->name) == 0)
			return "two tables have the same name";
	return unfit_columns(t);
}

enum sc_err tables_add(struct shelf_tables *w, const struct shelf_table *t, struct sc_diag *d)
{
	const char *what;
	enum sc_err err;

	if (w->n == SHELF_TABLES_MAX || t->n_columns > SHELF_COLUMNS_MAX)
		return say(w, d, SC_LIMIT,
		    "a release has too many tables, or a table too many columns");
	if ((what = unfit(w, t)) != NULL)
		return say(w, d, SC_SYNTAX, what);
	if ((err = create(w, t, d)) != SC_OK ||
	    (err = prepare(w, t->name, t->n_columns, d)) != SC_OK)
		return err;
	w->v[w->n++] = t;
	return SC_OK;
}

static int bind_text(sqlite3_stmt *st, int i, struct sc_span s)
{
	const char *p = s.n == 0 ? "" : (const char *)s.p;

	return s.n > INT_MAX ? SQLITE_TOOBIG : sqlite3_bind_text(st, i, p, (int)s.n, SQLITE_STATIC);
}

/* Text that PostgreSQL would take too. */
static bool is_text(struct sc_span s)
{
	return utf8_valid(s) && (s.n == 0 || memchr(s.p, '\0', s.n) == NULL);
}

enum sc_err tables_row(struct shelf_tables *w, const struct shelf_value *v, struct sc_diag *d)
{
	const struct shelf_table *t = w->v[w->n - 1];
	int rc = SQLITE_OK;

	for (size_t i = 0; i < t->n_columns && rc == SQLITE_OK; i++) {
		if (t->columns[i].type == SHELF_INTEGER) {
			rc = sqlite3_bind_int64(w->insert, (int)i + 1, v[i].number);
			continue;
		}
		if (!is_text(v[i].text))
			return say(w, d, SC_SYNTAX, "a row's text is not UTF-8");
		rc = bind_text(w->insert, (int)i + 1, v[i].text);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_step(w->insert);
	sqlite3_reset(w->insert);
	if (rc != SQLITE_DONE)
		return say(w, d, (rc & 0xff) == SQLITE_NOMEM ? SC_NOMEM : SC_IO,
		    "a row of the release cannot be written");
	w->rows[w->n - 1]++;
	return SC_OK;
}

/* ---- what the tables say of themselves ------------------------------------------------ */

static bool put_texts(struct shelf_tables *w, const char *const *v, size_t n)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < n && rc == SQLITE_OK; i++)
		rc = bind_text(w->insert, (int)i + 1, sc_span_str(v[i]));
	if (rc == SQLITE_OK)
		rc = sqlite3_step(w->insert);
	sqlite3_reset(w->insert);
	return rc == SQLITE_DONE;
}

static enum sc_err put_dictionary(struct shelf_tables *w, struct sc_diag *d)
{
	static const char sql[] =
	    "CREATE TABLE dictionary(table_name TEXT NOT NULL,column_name TEXT NOT NULL,"
	    "type TEXT NOT NULL,role TEXT NOT NULL,unit TEXT NOT NULL,means TEXT NOT NULL,"
	    "means_zh TEXT NOT NULL) STRICT";
	enum sc_err err;

	if (sqlite3_exec(w->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return say(w, d, SC_IO, "the dictionary cannot be made");
	if ((err = prepare(w, "dictionary", 7, d)) != SC_OK)
		return err;
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->v[i]->n_columns; k++) {
			const struct shelf_column *c = &w->v[i]->columns[k];
			const char *const v[] = { w->v[i]->name, c->name, shelf_type_name(c->type),
				shelf_role_name(c->role), c->unit, c->means, c->means_zh };

			if (!put_texts(w, v, sizeof(v) / sizeof(v[0])))
				return say(w, d, SC_IO, "the dictionary cannot be written");
		}
	return SC_OK;
}

enum sc_err tables_close(struct shelf_tables *w, struct sc_diag *d)
{
	enum sc_err err;

	if (w->db == NULL)
		return SC_OK;
	if ((err = put_dictionary(w, d)) != SC_OK)
		return err;
	sqlite3_finalize(w->insert);
	w->insert = NULL;
	if (sqlite3_exec(w->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return say(w, d, SC_IO, "the release's database cannot be written");
	sqlite3_close(w->db);
	w->db = NULL;
	return SC_OK;
}

void tables_fini(struct shelf_tables *w)
{
	sqlite3_finalize(w->insert);
	sqlite3_close(w->db);
	memset(w, 0, sizeof(*w));
}
