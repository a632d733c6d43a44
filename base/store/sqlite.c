/*
 * sqlite.c - the store's rows in SQLite.
 *
 * One connection, used by one thread. WAL with synchronous=FULL: a commit is
 * on the disk when it returns. secure_delete overwrites what is deleted,
 * but copies of a row stay where pages were once split, and in the journal:
 * erase_traces() therefore rewrites the database and cuts the journal.
 */
#include "base/store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATEMENTS_MAX 64 /* different SQL texts of one program */

struct store_stmt {
	const char *sql;
	sqlite3_stmt *st;
};

struct store_tx {
	sqlite3 *db;
	unsigned n;
	struct store_stmt statements[STATEMENTS_MAX];
};

static enum sc_err err_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return SC_OK;
	case SQLITE_NOMEM: return SC_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return SC_CORRUPT;
	case SQLITE_CONSTRAINT: return SC_SYNTAX;
	case SQLITE_TOOBIG:
	case SQLITE_FULL: return SC_LIMIT;
	case SQLITE_ERROR:
	case SQLITE_MISUSE:
	case SQLITE_RANGE: return SC_BUG;
	default: return SC_IO;
	}
}

static enum sc_err exec(struct store_tx *tx, const char *sql)
{
	return err_of(sqlite3_exec(tx->db, sql, NULL, NULL, NULL));
}

/* ---- opening ---- */

/* Make the file ourselves, so that it is never readable by others. */
static enum sc_err make_file(const char *path, struct sc_diag *d)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		sc_diag_set(d, "cannot open the store: %s", strerror(errno));
		return SC_IO;
	}
	close(fd);
	return SC_OK;
}

static int first_column(void *arg, int n, char **values, char **names)
{
	char *out = arg;

	(void)names;
	if (n > 0 && values[0] != NULL)
		snprintf(out, 32, "%s", values[0]);
	return 0;
}

/* Run one pragma and insist on what it answers. */
static enum sc_err pragma(struct store_tx *tx, const char *sql, const char *want)
{
	char got[32] = "";
	int rc = sqlite3_exec(tx->db, sql, first_column, got, NULL);

	if (rc != SQLITE_OK)
		return err_of(rc);
	return want == NULL || strcmp(got, want) == 0 ? SC_OK : SC_IO;
}

static enum sc_err set_up(struct store_tx *tx)
{
	static const struct {
		const char *sql, *want;
	} rows[] = {
		{ "PRAGMA locking_mode=EXCLUSIVE", "exclusive" },
		{ "PRAGMA journal_mode=WAL", "wal" },
		{ "PRAGMA synchronous=FULL", NULL },
		{ "PRAGMA synchronous", "2" },
		{ "PRAGMA secure_delete=ON", "1" },
		{ "PRAGMA temp_store=MEMORY", NULL },
		{ "PRAGMA foreign_keys=ON", NULL },
		{ "PRAGMA trusted_schema=OFF", NULL },
		/* the journal is written over in place, which syncs faster than growing it */
		{ "PRAGMA journal_size_limit=-1", "-1" },
		{ "PRAGMA wal_autocheckpoint=4000", "4000" },
		{ "PRAGMA quick_check(1)", "ok" },
	};
	enum sc_err err;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((err = pragma(tx, rows[i].sql, rows[i].want)) != SC_OK)
			return i + 1 == sizeof(rows) / sizeof(rows[0]) ? SC_CORRUPT : err;
	return SC_OK;
}

enum sc_err sqlite_tx_open(const char *path, const char *schema, struct sc_diag *d,
    struct store_tx **out)
{
	struct store_tx *tx;
	enum sc_err err;
	int rc;

	*out = NULL;
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", path);
	if ((tx = calloc(1, sizeof(*tx))) == NULL)
		return SC_NOMEM;
	if ((err = make_file(path, d)) != SC_OK)
		goto out;
	rc = sqlite3_open_v2(path, &tx->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
		SQLITE_OPEN_EXRESCODE,
	    NULL);
	if ((err = err_of(rc)) != SC_OK)
		goto out;
	sqlite3_busy_timeout(tx->db, 2000);
	if ((err = set_up(tx)) != SC_OK || (err = exec(tx, schema)) != SC_OK)
		goto out;
	*out = tx;
	tx = NULL;
out:
	if (err != SC_OK && tx != NULL && tx->db != NULL)
		sc_diag_set(d, "cannot use the store: %s", sqlite3_errmsg(tx->db));
	sqlite_tx_close(tx);
	return err;
}

void sqlite_tx_close(struct store_tx *tx)
{
	unsigned i;

	if (tx == NULL)
		return;
	for (i = 0; i < tx->n; i++)
		sqlite3_finalize(tx->statements[i].st);
	sqlite3_close(tx->db);
	free(tx);
}

/* ---- transactions ---- */

enum sc_err sqlite_begin(struct store_tx *tx)
{
	return exec(tx, "BEGIN IMMEDIATE");
}

enum sc_err sqlite_commit(struct store_tx *tx)
{
	enum sc_err err = exec(tx, "COMMIT");

	/* a failed commit may have been taken back already; then this says no */
	if (err != SC_OK)
		(void)exec(tx, "ROLLBACK");
	return err;
}

enum sc_err sqlite_savepoint(struct store_tx *tx)
{
	return exec(tx, "SAVEPOINT job");
}

enum sc_err sqlite_savepoint_end(struct store_tx *tx, bool keep)
{
	unsigned i;

	for (i = 0; i < tx->n; i++)
		sqlite3_reset(tx->statements[i].st);
	return exec(tx, keep ? "RELEASE job" : "ROLLBACK TO job; RELEASE job");
}

enum sc_err sqlite_erase_traces(struct store_tx *tx)
{
	unsigned i;
	enum sc_err err;

	for (i = 0; i < tx->n; i++)
		sqlite3_reset(tx->statements[i].st);
	if ((err = pragma(tx, "PRAGMA wal_checkpoint(TRUNCATE)", "0")) != SC_OK ||
	    (err = exec(tx, "VACUUM")) != SC_OK)
		return err;
	return pragma(tx, "PRAGMA wal_checkpoint(TRUNCATE)", "0");
}

/* ---- statements ---- */

enum sc_err store_prepare(struct store_tx *tx, const char *sql, struct store_stmt **out)
{
	struct store_stmt *s;
	unsigned i;
	int rc;

	*out = NULL;
	for (i = 0; i < tx->n; i++)
		if (tx->statements[i].sql == sql) {
			*out = &tx->statements[i];
			return SC_OK;
		}
	if (tx->n == STATEMENTS_MAX)
		return SC_LIMIT;
	s = &tx->statements[tx->n];
	rc = sqlite3_prepare_v3(tx->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->st, NULL);
	if (rc != SQLITE_OK)
		return err_of(rc);
	s->sql = sql;
	tx->n++;
	*out = s;
	return SC_OK;
}

enum sc_err store_bind_i64(struct store_stmt *st, int i, int64_t v)
{
	return err_of(sqlite3_bind_int64(st->st, i, v));
}

enum sc_err store_bind_blob(struct store_stmt *st, int i, struct sc_span v)
{
	if (v.n > INT_MAX)
		return SC_LIMIT;
	if (v.n == 0)
		return err_of(sqlite3_bind_zeroblob(st->st, i, 0));
	return err_of(sqlite3_bind_blob(st->st, i, v.p, (int)v.n, SQLITE_STATIC));
}

enum sc_err store_bind_text(struct store_stmt *st, int i, struct sc_span v)
{
	if (v.n > INT_MAX)
		return SC_LIMIT;
	return err_of(sqlite3_bind_text(st->st, i, v.n == 0 ? "" : (const char *)v.p, (int)v.n,
	    SQLITE_STATIC));
}

enum sc_err store_bind_null(struct store_stmt *st, int i)
{
	return err_of(sqlite3_bind_null(st->st, i));
}

enum sc_err store_step(struct store_stmt *st, bool *row)
{
	int rc = sqlite3_step(st->st);

	*row = rc == SQLITE_ROW;
	return err_of(rc);
}

int64_t store_i64(struct store_stmt *st, int col)
{
	return sqlite3_column_int64(st->st, col);
}

struct sc_span store_bytes(struct store_stmt *st, int col)
{
	const void *p = sqlite3_column_blob(st->st, col);

	return sc_span(p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(st->st, col));
}

bool store_is_null(struct store_stmt *st, int col)
{
	return sqlite3_column_type(st->st, col) == SQLITE_NULL;
}

void store_reset(struct store_stmt *st)
{
	if (st == NULL)
		return;
	sqlite3_reset(st->st);
	sqlite3_clear_bindings(st->st);
}

int64_t store_changes(struct store_tx *tx)
{
	return sqlite3_changes64(tx->db);
}
