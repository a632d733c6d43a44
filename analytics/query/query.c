/*
 * query.c - a statement from its text to its rows.
 */
#include "analytics/query/private.h"
#include "analytics/query/words.h"

#include "base/text/utf8.h"

#include <stdio.h>
#include <string.h>
#include <stdlib.h>

const struct query_limits query_usual_limits = {
	.steps = 500000000,
	.rows = 100000,
	.bytes = 16u << 20,
	.heap = 128u << 20,
	.sql_bytes = 16384,
	.ms = 10000,
};

enum sc_err query_init(void)
{
	return meter_init();
}

/* ---- opening ------------------------------------------------------------------------------ */

/* Unlike what a statement may use up, these are about its form: nobody needs more. */
static const struct {
	int id, max;
} forms[] = {
	{ SQLITE_LIMIT_LENGTH, 65536 }, /* of a value, and of a row */
	{ SQLITE_LIMIT_SQL_LENGTH, 65536 },
	{ SQLITE_LIMIT_COLUMN, 256 },
	{ SQLITE_LIMIT_EXPR_DEPTH, 200 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 16 },
	{ SQLITE_LIMIT_VDBE_OP, 50000 },
	{ SQLITE_LIMIT_FUNCTION_ARG, 16 },
	{ SQLITE_LIMIT_ATTACHED, 0 },
	{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 128 },
	{ SQLITE_LIMIT_VARIABLE_NUMBER, 0 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 0 },
	{ SQLITE_LIMIT_WORKER_THREADS, 0 },
};

static const struct {
	int id, on;
} switches[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
	{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
	{ SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0 },
	{ SQLITE_DBCONFIG_DQS_DML, 0 }, /* "text" in double quotes is a name, or nothing */
	{ SQLITE_DBCONFIG_DQS_DDL, 0 },
};

static enum sc_err harden(sqlite3 *db)
{
	static const char pragmas[] =
	    "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;"
	    "PRAGMA cell_size_check=ON; PRAGMA cache_size=-8192; PRAGMA cache_spill=OFF;";

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (sqlite3_db_config(db, switches[i].id, switches[i].on, NULL) != SQLITE_OK)
			return SC_BUG;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		sqlite3_limit(db, forms[i].id, forms[i].max);
	return sqlite3_drop_modules(db, NULL) == SQLITE_OK &&
		sqlite3_exec(db, pragmas, NULL, NULL, NULL) == SQLITE_OK ?
	    SC_OK :
	    SC_IO;
}

/* "file:FOLDER/release.db?immutable=1", what is not plain in it percent-encoded. */
static enum sc_err print_uri(const char *folder, struct sc_buf *out)
{
	enum sc_err err = sc_buf_put_str(out, "file:");

	for (const char *p = folder; *p != '\0' && err == SC_OK; p++)
		err = strchr("?#%", *p) != NULL ? sc_buf_printf(out, "%%%02X", (unsigned)*p) :
						  sc_buf_put(out, p, 1);
	if (err == SC_OK)
		err = sc_buf_put_str(out, "/" SHELF_DB "?immutable=1");
	return err == SC_OK ? sc_buf_put(out, "", 1) : err;
}

/* What the file holds beside the release's tables: nothing, when a shelf made it. */
static enum sc_err learn_hidden(struct query_file *f)
{
	sqlite3_stmt *s = NULL;
	enum sc_err err = SC_OK;
	int rc = sqlite3_prepare_v2(f->db, "SELECT name FROM sqlite_schema", -1, &s, NULL);

	while (rc == SQLITE_OK && err == SC_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 0);

		rc = SQLITE_OK;
		if (name == NULL || allow_find_table(f, name) != NULL)
			continue;
		if (f->n_hidden == QUERY_HIDDEN_MAX)
			err = SC_CORRUPT;
		else if ((f->hidden[f->n_hidden++] = sc_arena_copy(&f->arena, sc_span_str(name))) ==
		    NULL)
			err = SC_NOMEM;
	}
	sqlite3_finalize(s);
	if (err == SC_OK && rc != SQLITE_DONE)
		err = rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ? SC_CORRUPT : SC_IO;
	return err;
}

static enum sc_err open_db(struct query_file *f, const struct shelf_release *r)
{
	const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_PRIVATECACHE;
	struct sc_buf uri;
	enum sc_err err;

	sc_buf_init(&uri, 8192);
	if ((err = print_uri(r->folder, &uri)) == SC_OK &&
	    sqlite3_open_v2((const char *)uri.p, &f->db, flags, NULL) != SQLITE_OK)
		err = SC_IO;
	sc_buf_fini(&uri);
	if (err == SC_OK && (err = harden(f->db)) == SC_OK &&
	    (err = allow_learn(f, &r->manifest)) == SC_OK)
		err = learn_hidden(f);
	/* it stays for the connection's life: SQLite asks again when it prepares again */
	if (err == SC_OK && sqlite3_set_authorizer(f->db, allow_act, f) != SQLITE_OK)
		err = SC_BUG;
	return err;
}

enum sc_err query_file_open(const struct shelf_release *r, struct sc_diag *d,
    struct query_file **out)
{
	struct query_file *f;
	enum sc_err err;

	*out = NULL;
	if (!meter_ready())
		return SC_BUG;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return SC_NOMEM;
	if ((err = open_db(f, r)) == SC_OK) {
		*out = f;
		return SC_OK;
	}
	sc_diag_set(d, "the release's database cannot be opened");
	query_file_close(f);
	return err;
}

void query_file_close(struct query_file *f)
{
	if (f == NULL)
		return;
	sqlite3_close(f->db);
	sc_arena_fini(&f->arena);
	free(f);
}

/* ---- preparing ---------------------------------------------------------------------------- */

struct run {
	struct query_file *f;
	struct sc_span sql;
	const struct query_limits *limits;
	const struct query_sink *sink; /* NULL: it is not run */
	struct sc_diag *d;
	struct query_done *done;
	struct query_meter meter;
	sqlite3_stmt *stmt;
	uint64_t bytes;
};

static enum sc_err refuse(struct run *r, enum sc_err err, size_t at, const char *why)
{
	sc_diag_set(r->d, "%s", why);
	say_place(r->sql, at, r->d);
	return err;
}

/* What is refused before SQLite sees it. */
static enum sc_err look_at_text(struct run *r)
{
	if (r->sql.n > r->limits->sql_bytes)
		return refuse(r, SC_LIMIT, r->sql.n, "the statement is too long");
	for (size_t i = 0, n; i < r->sql.n; i += n)
		if ((n = utf8_length(sc_span_from(r->sql, i))) == 0 || r->sql.p[i] == 0)
			return refuse(r, SC_SYNTAX, i, "the statement is not UTF-8 text");
	if (sql_is_over(r->sql, 0))
		return refuse(r, SC_SYNTAX, r->sql.n, "there is no statement");
	return SC_OK;
}

static enum sc_err look_at_form(struct run *r, const char *tail)
{
	const size_t end = (size_t)(tail - (const char *)r->sql.p);

	if (!sql_is_over(r->sql, end))
		return refuse(r, SC_AUTH, end, "one statement at a time");
	if (r->stmt == NULL)
		return refuse(r, SC_SYNTAX, r->sql.n, "there is no statement");
	if (sqlite3_stmt_isexplain(r->stmt) != 0)
		return refuse(r, SC_AUTH, r->sql.n, "EXPLAIN is not answered: only SELECT is");
	if (sqlite3_stmt_readonly(r->stmt) == 0 || sqlite3_column_count(r->stmt) == 0)
		return refuse(r, SC_AUTH, r->sql.n, "only SELECT is answered");
	return SC_OK;
}

static void tell_tables(struct run *r)
{
	for (size_t i = 0; i < r->f->n_tables; i++)
		if (r->f->tables[i].read)
			r->done->tables[r->done->n_tables++] = r->f->tables[i].name;
}

static enum sc_err prepare(struct run *r)
{
	struct query_file *f = r->f;
	const char *tail = NULL;
	enum sc_err err;
	int rc;

	f->denial = (struct query_denial){ .what = DENIED_NOTHING };
	for (size_t i = 0; i < f->n_tables; i++)
		f->tables[i].read = false;
	if ((err = look_at_text(r)) != SC_OK)
		return err;
	sqlite3_progress_handler(f->db, METER_STEPS, meter_tick, &r->meter);
	rc = sqlite3_prepare_v3(f->db, (const char *)r->sql.p, (int)r->sql.n, 0, &r->stmt, &tail);
	if (rc != SQLITE_OK)
		return say_refused(f, &r->meter, rc, r->sql, r->d);
	if ((err = look_at_form(r, tail)) == SC_OK)
		tell_tables(r);
	return err;
}

/* ---- running ------------------------------------------------------------------------------ */

static struct query_value value_at(sqlite3_stmt *s, int i)
{
	struct query_value v = { .type = QUERY_NULL };

	switch (sqlite3_column_type(s, i)) {
	case SQLITE_INTEGER:
		v.type = QUERY_INTEGER;
		v.integer = sqlite3_column_int64(s, i);
		break;
	case SQLITE_FLOAT:
		v.type = QUERY_REAL;
		v.real = sqlite3_column_double(s, i);
		break;
	case SQLITE_TEXT:
	case SQLITE_BLOB: /* as it is */
		v.type = QUERY_TEXT;
		v.text.p = sqlite3_column_blob(s, i);
		v.text.n = (size_t)sqlite3_column_bytes(s, i);
		break;
	}
	return v;
}

static enum sc_err tell_columns(struct run *r, size_t n)
{
	const char *names[256];

	for (size_t i = 0; i < n; i++)
		if ((names[i] = sqlite3_column_name(r->stmt, (int)i)) == NULL)
			return SC_NOMEM;
	return r->sink->columns(r->sink->arg, names, n);
}

/* The row that was stepped to. *FULL: it is one too many, or too long. */
static enum sc_err tell_row(struct run *r, size_t n, bool *full)
{
	struct query_value v[256];
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++) {
		v[i] = value_at(r->stmt, (int)i);
		bytes += 8 + v[i].text.n;
	}
	*full = r->done->rows == r->limits->rows || r->bytes + bytes > r->limits->bytes;
	if (*full)
		return SC_OK;
	r->bytes += bytes;
	r->done->rows++;
	return r->sink->row(r->sink->arg, v, n);
}

static enum sc_err run(struct run *r)
{
	const size_t n = (size_t)sqlite3_column_count(r->stmt);
	enum sc_err err = n <= 256 ? tell_columns(r, n) : SC_LIMIT;
	int rc = SQLITE_ROW;

	while (err == SC_OK && (rc = sqlite3_step(r->stmt)) == SQLITE_ROW && !r->done->cut)
		err = tell_row(r, n, &r->done->cut);
	if (err == SC_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
		err = say_refused(r->f, &r->meter, rc, r->sql, r->d);
	return err;
}

static enum sc_err ask(struct run *r)
{
	enum sc_err err;

	memset(r->done, 0, sizeof(*r->done));
	meter_begin(&r->meter, r->limits, r->sink);
	err = prepare(r);
	if (err == SC_OK && r->sink != NULL)
		err = run(r);
	sqlite3_finalize(r->stmt);
	sqlite3_progress_handler(r->f->db, 0, NULL, NULL);
	meter_end();
	r->done->steps = r->meter.steps;
	return err;
}

enum sc_err query_check(struct query_file *f, struct sc_span sql, const struct query_limits *l,
    struct sc_diag *d, struct query_done *out)
{
	struct run r = { .f = f, .sql = sql, .limits = l, .d = d, .done = out };

	return ask(&r);
}

enum sc_err query_run(struct query_file *f, struct sc_span sql, const struct query_limits *l,
    const struct query_sink *sink, struct sc_diag *d, struct query_done *out)
{
	struct run r = { .f = f, .sql = sql, .limits = l, .sink = sink, .d = d, .done = out };

	return ask(&r);
}
