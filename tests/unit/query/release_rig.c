/*
 * release_rig.c - making it.
 */
#include "release_rig.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct shelf_column sales_columns[] = {
	{ "category", SHELF_TEXT, SHELF_DIMENSION, "", "what was bought", "" },
	{ "channel", SHELF_TEXT, SHELF_DIMENSION, "", "how they came", "" },
	{ "orders", SHELF_INTEGER, SHELF_MEASURE, "", "orders", "" },
	{ "revenue", SHELF_INTEGER, SHELF_MEASURE, "cents", "revenue", "" },
};
static const struct shelf_column people_columns[] = {
	{ "region", SHELF_TEXT, SHELF_QUASI, "", "where", "" },
	{ "age", SHELF_TEXT, SHELF_QUASI, "years", "how old", "" },
	{ "visits", SHELF_INTEGER, SHELF_SENSITIVE, "", "visits", "" },
};
static const struct shelf_table tables[] = {
	{ "sales", "what was sold", "", sales_columns, 4, RIG_ROWS },
	{ "people", "who they are", "", people_columns, 3, RIG_ROWS },
};

static const char make[] =
    "CREATE TABLE sales(category TEXT, channel TEXT, orders INTEGER, revenue INTEGER);"
    "CREATE TABLE people(region TEXT, age TEXT, visits INTEGER);"
    "CREATE TABLE dictionary(table_name TEXT, column_name TEXT, type TEXT, role TEXT, unit TEXT,"
    " means TEXT, means_zh TEXT);"
    "CREATE TABLE hidden(secret TEXT, number INTEGER);"
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199)"
    " INSERT INTO sales SELECT 'category ' || (i % 7), CASE i % 3 WHEN 0 THEN 'web' WHEN 1 THEN"
    " 'app' ELSE '门店' END, i, i * 100 FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199)"
    " INSERT INTO people SELECT 'region ' || (i % 5), '20-29', i % 11 FROM n;"
    "INSERT INTO dictionary SELECT 'sales', name, type, 'measure', '', '', '' FROM"
    " pragma_table_info('sales');"
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 36)"
    " INSERT INTO hidden SELECT '" RIG_CANARY "', 7700900123 FROM n;"
    "CREATE VIEW peep AS SELECT secret FROM hidden;"
    "CREATE INDEX hidden_secret ON hidden(secret);";

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	printf("Bail out! %s\n", what);
	exit(1);
}

static void make_db(const char *path, const char *sql)
{
	sqlite3 *db;

	must(sqlite3_open(path, &db) == SQLITE_OK, "a database");
	must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static const char *beside(const struct release_rig *r, const char *name, char out[256])
{
	snprintf(out, 256, "%s/%s", r->folder, name);
	return out;
}

void release_rig_init(struct release_rig *r)
{
	const char *tmp = getenv("TMPDIR");
	char path[256];

	*r = (struct release_rig){ 0 };
	snprintf(r->folder, sizeof(r->folder), "%.90s/scrim-query-XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	must(mkdtemp(r->folder) != NULL, "a folder");
	make_db(beside(r, SHELF_DB, path), make);
	make_db(beside(r, "other.db", path),
	    "CREATE TABLE t(secret TEXT); INSERT INTO t VALUES ('" RIG_CANARY "');");
	r->release.folder = r->folder;
	r->release.manifest.tables = tables;
	r->release.manifest.n_tables = sizeof(tables) / sizeof(tables[0]);
}

void release_rig_fini(struct release_rig *r)
{
	char path[256];

	unlink(beside(r, SHELF_DB, path));
	unlink(beside(r, "other.db", path));
	rmdir(r->folder);
}
