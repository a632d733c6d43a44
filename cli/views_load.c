/*
 * views_load.c - a release as tables of PostgreSQL's (a database holds one dataset).
 *
 *	schema current		the release that is read
 *	       next		one that is loaded: complete, or not there
 *	       rNUMBER		those that were current before
 *
 * Each schema's comment says which release it is, by its manifest. The rows go into `next` in
 * one transaction; another renames: who has a transaction open goes on reading the release that
 * it began with, and nobody waits.
 */
#include "cli/views_load.h"

#include "cli/cli.h"
#include "cli/pg.h"

#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define COPY_BYTES (64u << 10)
#define ANSWER_MAX (1u << 20)
#define COMMENT_MAX (8u << 10)
#define KEY_BYTES 2000       /* a row of an index holds some 2,700 */
#define LOCK 0x53435249      /* who loads; another waits for nobody */
#define LOCK_TIMEOUT "10s"   /* renaming waits for nobody who reads */
#define MARK "scrim release" /* begins the comment of a schema that is ours */

struct loading {
	const struct shelf_release *r;
	struct pg_conn *pg;
	sqlite3 *db;
	struct sc_buf answer;
	char comment[SC_NAME_MAX + 128]; /* of the release's schema */
	uint64_t current;                /* the number that is read now; 0: none */
};

/* ---- the release's rows ----------------------------------------------------------------- */

static int sqlite_fail(const struct loading *l)
{
	return cli_fail(CLI_NO, "the release's database cannot be read: %s", sqlite3_errmsg(l->db));
}

static int open_rows(struct loading *l)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", l->r->folder, SHELF_DB);
	if (sqlite3_open_v2(path, &l->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK ||
	    sqlite3_exec(l->db, "PRAGMA trusted_schema=OFF", NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fail(l);
	return CLI_GO_ON;
}

/* TEXT in COPY's text form. */
static enum sc_err put_text(struct sc_buf *b, const char *text, size_t n)
{
	static const char special[] = "\\\b\f\n\r\t\v", letters[] = "\\bfnrtv";
	enum sc_err err = SC_OK;

	for (size_t i = 0, plain = 0; i <= n && err == SC_OK; i++) {
		const char *at = i < n ? memchr(special, text[i], sizeof(special) - 1) : NULL;

		if (i < n && at == NULL)
			continue;
		err = sc_buf_put(b, text + plain, i - plain);
		plain = i + 1;
		if (err == SC_OK && at != NULL) {
			const char pair[2] = { '\\', letters[at - special] };

			err = sc_buf_put(b, pair, 2);
		}
	}
	return err;
}

static enum sc_err put_row(struct sc_buf *b, sqlite3_stmt *st)
{
	enum sc_err err = SC_OK;

	for (int i = 0; i < sqlite3_column_count(st) && err == SC_OK; i++) {
		const char *text = (const char *)sqlite3_column_text(st, i);

		if (i > 0 && (err = sc_buf_put_str(b, "\t")) != SC_OK)
			break;
		err = text == NULL ? SC_NOMEM :
				     put_text(b, text, (size_t)sqlite3_column_bytes(st, i));
	}
	return err == SC_OK ? sc_buf_put_str(b, "\n") : err;
}

/* Every row of the statement through the COPY that was begun. */
static int copy_rows(struct loading *l, sqlite3_stmt *st, const char *table, uint64_t of)
{
	struct sc_buf b;
	uint64_t n = 0;
	int step, rc = CLI_GO_ON;

	sc_buf_init(&b, 16u << 20);
	while (rc == CLI_GO_ON && (step = sqlite3_step(st)) == SQLITE_ROW) {
		if (put_row(&b, st) != SC_OK)
			rc = cli_fail(CLI_NO, "%s", cli_err_text(SC_NOMEM));
		if (rc != CLI_GO_ON || b.n < COPY_BYTES)
			continue;
		n++;
		cli_progress("%s: %" PRIu64 " KiB of %" PRIu64 " rows", table,
		    n * (COPY_BYTES >> 10), of);
		rc = pg_copy_put(l->pg, sc_buf_span(&b));
		sc_buf_clear(&b);
	}
	cli_progress(NULL);
	if (rc == CLI_GO_ON && step != SQLITE_DONE)
		rc = sqlite_fail(l);
	if (rc == CLI_GO_ON && b.n > 0)
		rc = pg_copy_put(l->pg, sc_buf_span(&b));
	sc_buf_fini(&b);
	return rc;
}

/* TABLE's rows, of which the manifest says there are OF; NULL: it does not say. */
static int copy_table(struct loading *l, const char *table, const uint64_t *of)
{
	char sql[128], target[128];
	sqlite3_stmt *st = NULL;
	uint64_t rows = 0;
	int rc;

	snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\" ORDER BY rowid", table);
	snprintf(target, sizeof(target), "\"next\".\"%s\"", table);
	if (sqlite3_prepare_v2(l->db, sql, -1, &st, NULL) != SQLITE_OK)
		return sqlite_fail(l);
	if ((rc = pg_copy_begin(l->pg, target)) == CLI_GO_ON)
		rc = copy_rows(l, st, table, of == NULL ? 0 : *of);
	sqlite3_finalize(st);
	if (rc == CLI_GO_ON)
		rc = pg_copy_end(l->pg, &rows);
	if (rc == CLI_GO_ON && of != NULL && rows != *of)
		rc = cli_fail(CLI_NO,
		    "%s has %" PRIu64 " rows in the database, %" PRIu64 " in the manifest", table,
		    rows, *of);
	return rc;
}

/* ---- tables ------------------------------------------------------------------------------- */

/* "a","b" of T's columns that are ROLE's, or of all of them with their types. */
static enum sc_err put_columns(struct sc_buf *b, const struct shelf_table *t, bool types,
    enum shelf_role role, size_t *n)
{
	enum sc_err err = SC_OK;

	*n = 0;
	for (size_t i = 0; i < t->n_columns && err == SC_OK; i++) {
		const struct shelf_column *c = &t->columns[i];

		if (!types && c->role != role)
			continue;
		err = sc_buf_printf(b, "%s\"%s\"%s", *n == 0 ? "" : ",", c->name,
		    !types                       ? "" :
			c->type == SHELF_INTEGER ? " bigint NOT NULL" :
						   " text NOT NULL");
		++*n;
	}
	return err == SC_OK ? sc_buf_put(b, "", 1) : err;
}

/* Do a cell's dimensions tell it from every other, in few enough bytes for an index? */
static bool is_key(struct loading *l, const struct shelf_table *t, const char *columns)
{
	char sql[2 * 8192];
	sqlite3_stmt *st = NULL;
	size_t n;
	bool key;

	n = (size_t)snprintf(sql, sizeof(sql), "SELECT 1 FROM (SELECT count(*) AS many,max(0");
	for (size_t i = 0; i < t->n_columns; i++)
		if (t->columns[i].role == SHELF_DIMENSION)
			n += (size_t)snprintf(sql + n, sizeof(sql) - n,
			    "+length(CAST(\"%s\" AS BLOB))", t->columns[i].name);
	snprintf(sql + n, sizeof(sql) - n,
	    ") AS long FROM \"%s\" GROUP BY %s) WHERE many>1 OR long>%d LIMIT 1", t->name, columns,
	    KEY_BYTES);
	key = sqlite3_prepare_v2(l->db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_DONE;
	sqlite3_finalize(st);
	return key;
}

/* COMMENT ON WHAT: what it means in both languages, and its unit. */
static int comment(struct loading *l, const char *what, const char *means, const char *means_zh,
    const char *unit)
{
	char text[COMMENT_MAX], *literal;
	int rc;

	snprintf(text, sizeof(text), "%s%s%s%s%s%s", means, unit[0] != '\0' ? " [" : "", unit,
	    unit[0] != '\0' ? "]" : "", means_zh[0] != '\0' ? "\n" : "", means_zh);
	if (text[0] == '\0')
		return CLI_GO_ON;
	if ((literal = pg_literal(l->pg, text)) == NULL)
		return CLI_NO;
	rc = pg_run(l->pg, "COMMENT ON %s IS %s", what, literal);
	pg_free(literal);
	return rc;
}

static int comment_table(struct loading *l, const struct shelf_table *t)
{
	char what[256];
	int rc;

	snprintf(what, sizeof(what), "TABLE \"next\".\"%s\"", t->name);
	rc = comment(l, what, t->means, t->means_zh, "");
	for (size_t i = 0; i < t->n_columns && rc == CLI_GO_ON; i++) {
		const struct shelf_column *c = &t->columns[i];

		snprintf(what, sizeof(what), "COLUMN \"next\".\"%s\".\"%s\"", t->name, c->name);
		rc = comment(l, what, c->means, c->means_zh, c->unit);
	}
	return rc;
}

static int create_table(struct loading *l, const struct shelf_table *t)
{
	struct sc_buf columns;
	size_t n;
	int rc;

	sc_buf_init(&columns, 8192);
	if (put_columns(&columns, t, true, SHELF_PLAIN, &n) != SC_OK)
		rc = cli_fail(CLI_NO, "%s", cli_err_text(SC_NOMEM));
	else
		rc = pg_run(l->pg, "CREATE TABLE \"next\".\"%s\" (%s)", t->name,
		    (const char *)columns.p);
	sc_buf_fini(&columns);
	return rc;
}

/* After the rows: an index is made faster of all of them. */
static int add_key(struct loading *l, const struct shelf_table *t)
{
	struct sc_buf columns;
	size_t n;
	int rc = CLI_GO_ON;

	sc_buf_init(&columns, 8192);
	if (put_columns(&columns, t, false, SHELF_DIMENSION, &n) != SC_OK)
		rc = cli_fail(CLI_NO, "%s", cli_err_text(SC_NOMEM));
	else if (n > 0 && is_key(l, t, (const char *)columns.p))
		rc = pg_run(l->pg, "ALTER TABLE \"next\".\"%s\" ADD PRIMARY KEY (%s)", t->name,
		    (const char *)columns.p);
	sc_buf_fini(&columns);
	return rc;
}

static int load_table(struct loading *l, const struct shelf_table *t)
{
	int rc;

	if ((rc = create_table(l, t)) != CLI_GO_ON || (rc = comment_table(l, t)) != CLI_GO_ON ||
	    (rc = copy_table(l, t->name, &t->rows)) != CLI_GO_ON ||
	    (rc = add_key(l, t)) != CLI_GO_ON)
		return rc;
	return pg_run(l->pg, "ANALYZE \"next\".\"%s\"", t->name);
}

static int load_dictionary(struct loading *l)
{
	int rc = pg_run(l->pg,
	    "CREATE TABLE \"next\".\"dictionary\" (table_name text NOT NULL, "
	    "column_name text NOT NULL, type text NOT NULL, role text NOT NULL, "
	    "unit text NOT NULL, means text NOT NULL, means_zh text NOT NULL, "
	    "PRIMARY KEY (table_name, column_name))");

	return rc != CLI_GO_ON ? rc : copy_table(l, "dictionary", NULL);
}

/* ---- schemas -------------------------------------------------------------------------------- */

/* Who may read the release that is current may read the next one. */
static int grant_readers(struct loading *l)
{
	char *line, *end;
	int rc = pg_ask(l->pg, &l->answer,
	    "SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE "
	    "quote_ident(pg_get_userbyid(a.grantee)) END FROM pg_namespace n, "
	    "aclexplode(n.nspacl) a WHERE n.nspname = 'current' AND a.privilege_type = 'USAGE' "
	    "AND a.grantee <> n.nspowner");

	if (rc != CLI_GO_ON)
		return rc;
	for (line = (char *)l->answer.p; *line != '\0' && rc == CLI_GO_ON; line = end + 1) {
		if ((end = strchr(line, '\n')) == NULL)
			break;
		*end = '\0';
		if ((rc = pg_run(l->pg, "GRANT USAGE ON SCHEMA \"next\" TO %s", line)) == CLI_GO_ON)
			rc = pg_run(l->pg, "GRANT SELECT ON ALL TABLES IN SCHEMA \"next\" TO %s",
			    line);
	}
	return rc;
}

static int load_all(struct loading *l)
{
	const struct shelf_manifest *m = &l->r->manifest;
	int rc;

	if ((rc = pg_run(l->pg, "DROP SCHEMA IF EXISTS \"next\" CASCADE")) != CLI_GO_ON ||
	    (rc = pg_run(l->pg, "CREATE SCHEMA \"next\"")) != CLI_GO_ON ||
	    (rc = comment(l, "SCHEMA \"next\"", l->comment, "", "")) != CLI_GO_ON)
		return rc;
	for (size_t i = 0; i < m->n_tables && rc == CLI_GO_ON; i++)
		rc = load_table(l, &m->tables[i]);
	if (rc == CLI_GO_ON)
		rc = load_dictionary(l);
	return rc == CLI_GO_ON ? grant_readers(l) : rc;
}

static int make_next(struct loading *l)
{
	int rc;

	if ((rc = pg_run(l->pg, "BEGIN")) == CLI_GO_ON && (rc = load_all(l)) == CLI_GO_ON)
		rc = pg_run(l->pg, "COMMIT");
	return rc;
}

static int make_current(struct loading *l)
{
	int rc;

	if ((rc = pg_run(l->pg, "SET lock_timeout = '" LOCK_TIMEOUT "'")) != CLI_GO_ON ||
	    (rc = pg_run(l->pg, "BEGIN")) != CLI_GO_ON)
		return rc;
	if (l->current != 0)
		rc = pg_run(l->pg, "ALTER SCHEMA \"current\" RENAME TO \"r%" PRIu64 "\"",
		    l->current);
	if (rc == CLI_GO_ON)
		rc = pg_run(l->pg, "ALTER SCHEMA \"next\" RENAME TO \"current\"");
	return rc == CLI_GO_ON ? pg_run(l->pg, "COMMIT") : rc;
}

/* ---- what is there --------------------------------------------------------------------------- */

/* The comment of SCHEMA in the answer, "" when it has none; *FOUND: the schema is there. */
static int ask_schema(struct loading *l, const char *schema, bool *found)
{
	char *end;
	int rc = pg_ask(l->pg, &l->answer,
	    "SELECT 'x' || coalesce(obj_description(oid, 'pg_namespace'), '') "
	    "FROM pg_namespace WHERE nspname = '%s'",
	    schema);

	if (rc != CLI_GO_ON)
		return rc;
	*found = l->answer.n > 1;
	sc_buf_consume(&l->answer, *found ? 1 : 0);
	if ((end = strchr((char *)l->answer.p, '\n')) != NULL)
		*end = '\0';
	return CLI_GO_ON;
}

/* "scrim release DATASET NUMBER sha256 HEX" */
static bool parse_comment(const char *text, const char *dataset, uint64_t *number)
{
	char name[SC_NAME_MAX + 1], hex[65];

	return sscanf(text, MARK " %63s %" SCNu64 " sha256 %64s", name, number, hex) == 3 &&
	    strcmp(name, dataset) == 0 && strlen(hex) == 64 && *number != 0;
}

/* Which release is read now, and is it this one? A schema that is not ours is left alone. */
static int look(struct loading *l, bool *already)
{
	const struct shelf_manifest *m = &l->r->manifest;
	const char *text;
	bool found;
	int rc = ask_schema(l, "current", &found);

	*already = false;
	if (rc != CLI_GO_ON || !found)
		return rc;
	text = (const char *)l->answer.p;
	*already = strcmp(text, l->comment) == 0;
	if (*already)
		return CLI_GO_ON;
	if (!parse_comment(text, m->dataset.s, &l->current))
		return cli_fail(CLI_NO,
		    "the database's schema \"current\" is no release of %s: a dataset has a "
		    "database of its own",
		    m->dataset.s);
	return l->current < m->number ?
	    CLI_GO_ON :
	    cli_fail(CLI_NO, "the database has release %" PRIu64 " of %s already", l->current,
		m->dataset.s);
}

/* `next` is dropped by whoever loads, so it must be ours. Left by one who got so far, it is used. */
static int look_at_next(struct loading *l, bool *whole)
{
	bool found;
	int rc = ask_schema(l, "next", &found);

	if (rc != CLI_GO_ON)
		return rc;
	*whole = found && strcmp((const char *)l->answer.p, l->comment) == 0;
	return !found || strncmp((const char *)l->answer.p, MARK, sizeof(MARK) - 1) == 0 ?
	    CLI_GO_ON :
	    cli_fail(CLI_NO, "the database has a schema \"next\" that is not ours");
}

static int lock(struct loading *l)
{
	int rc = pg_ask(l->pg, &l->answer, "SELECT pg_try_advisory_lock(%d)", LOCK);

	if (rc == CLI_GO_ON && l->answer.p[0] != 't')
		rc = cli_fail(CLI_NO, "somebody else is loading a release into this database");
	return rc;
}

static int load(struct loading *l, bool *already)
{
	bool whole;
	int rc;

	if ((rc = lock(l)) != CLI_GO_ON || (rc = look(l, already)) != CLI_GO_ON || *already ||
	    (rc = look_at_next(l, &whole)) != CLI_GO_ON)
		return rc;
	if (!whole && ((rc = open_rows(l)) != CLI_GO_ON || (rc = make_next(l)) != CLI_GO_ON))
		return rc;
	return make_current(l);
}

static void print_comment(struct loading *l)
{
	const struct shelf_manifest *m = &l->r->manifest;
	int n = snprintf(l->comment, sizeof(l->comment), MARK " %s %" PRIu64 " sha256 ",
	    m->dataset.s, m->number);

	for (size_t i = 0; i < SHELF_SHA_BYTES; i++)
		n += snprintf(l->comment + n, sizeof(l->comment) - (size_t)n, "%02x",
		    l->r->sha256[i]);
}

int views_load(const struct shelf_release *r, const char *url, bool *already)
{
	struct loading l = { .r = r };
	int rc;

	*already = false;
	if (strncmp(url, "postgresql://", 13) != 0 && strncmp(url, "postgres://", 11) != 0)
		return cli_fail(CLI_USAGE, "--to takes a database, postgresql://...");
	print_comment(&l);
	sc_buf_init(&l.answer, ANSWER_MAX);
	if ((rc = pg_open(url, &l.pg)) == CLI_GO_ON)
		rc = load(&l, already);
	sqlite3_close(l.db);
	pg_close(l.pg);
	sc_buf_fini(&l.answer);
	return rc;
}
