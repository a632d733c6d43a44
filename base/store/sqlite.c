/*
 * sqlite.c - the store's rows in SQLite.
 *
 * One connection, used by one thread; a shared store's journal is carried into the
 * database by another (checkpoint.c). WAL with synchronous=FULL: a commit is
 * on the disk when it returns. secure_delete overwrites what is deleted,
 * but copies of a row stay where pages were once split, and in the journal:
 * erase_traces() therefore rewrites the database and cuts the journal.
 */
#include "base/store/backend.h"

#include "base/store/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct sqlite_store {
	sqlite3 *db;
	struct store_checkpoint *checkpoint; /* of a shared one's owner */
	bool beside;
	int lock; /* of a shared one's owner; -1: none */
	size_t n;
	sqlite3_stmt *statements[]; /* as in the tables */
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

static enum sc_err exec(struct sqlite_store *s, const char *sql)
{
	return err_of(sqlite3_exec(s->db, sql, NULL, NULL, NULL));
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
static enum sc_err pragma(struct sqlite_store *s, const char *sql, const char *want)
{
	char got[32] = "";
	int rc = sqlite3_exec(s->db, sql, first_column, got, NULL);

	if (rc != SQLITE_OK)
		return err_of(rc);
	return want == NULL || strcmp(got, want) == 0 ? SC_OK : SC_IO;
}

enum when { ALWAYS, ALONE, SHARED, PRECIOUS, WORTHLESS };

static const struct set_up_row {
	enum when when;
	const char *sql, *want;
} set_up_rows[] = {
	{ ALONE, "PRAGMA locking_mode=EXCLUSIVE", "exclusive" },
	{ ALWAYS, "PRAGMA journal_mode=WAL", "wal" },
	{ ALWAYS, "PRAGMA synchronous=FULL", NULL },
	{ ALWAYS, "PRAGMA synchronous", "2" },
	{ PRECIOUS, "PRAGMA secure_delete=ON", "1" },
	{ WORTHLESS, "PRAGMA secure_delete=OFF", "0" }, /* some libraries are built with it on */
	/*
	 * A commit behind a split of a page walks through the whole cache, so this is a few times
	 * what lies above the leaves of ten million people.
	 */
	{ SHARED, "PRAGMA cache_size=-16384", NULL },
	{ ALWAYS, "PRAGMA temp_store=MEMORY", NULL },
	{ ALWAYS, "PRAGMA foreign_keys=ON", NULL },
	{ ALWAYS, "PRAGMA trusted_schema=OFF", NULL },
	/* the journal is written over in place, which syncs faster than growing it */
	{ ALWAYS, "PRAGMA journal_size_limit=-1", "-1" },
	{ ALWAYS, "PRAGMA wal_autocheckpoint=4000", "4000" },
};

static enum sc_err set_up(struct sqlite_store *s, const struct store_tables *tables)
{
	enum sc_err err;

	for (size_t i = 0; i < sizeof(set_up_rows) / sizeof(set_up_rows[0]); i++) {
		const struct set_up_row *r = &set_up_rows[i];

		if ((r->when == ALONE && tables->shared) ||
		    (r->when == SHARED && !tables->shared) ||
		    (r->when == PRECIOUS && tables->worthless) ||
		    (r->when == WORTHLESS && !tables->worthless))
			continue;
		if ((err = pragma(s, r->sql, r->want)) != SC_OK)
			return err;
	}
	if (tables->shared)
		return SC_OK;
	return pragma(s, "PRAGMA quick_check(1)", "ok") == SC_OK ? SC_OK : SC_CORRUPT;
}

/* One owner at a time, where the database itself lets others in. */
static enum sc_err take_lock(struct sqlite_store *s, const char *path, struct sc_diag *d)
{
	char name[PATH_MAX];

	if (snprintf(name, sizeof(name), "%s.lock", path) >= (int)sizeof(name))
		return SC_LIMIT;
	s->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock < 0) {
		sc_diag_set(d, "cannot make the store's lock file: %s", strerror(errno));
		return SC_IO;
	}
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return SC_OK;
	sc_diag_set(d, "another process has this store open");
	return SC_AGAIN;
}

/* A parameter's number is its place, as PostgreSQL has it: SQLite counts them by appearance. */
static bool fits(sqlite3_stmt *st)
{
	int n = sqlite3_bind_parameter_count(st);
	char want[8];

	if (n > STORE_VALUES_MAX || sqlite3_column_count(st) > STORE_VALUES_MAX)
		return false;
	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(st, i);

		snprintf(want, sizeof(want), "$%d", i);
		if (name == NULL || strcmp(name, want) != 0)
			return false;
	}
	return true;
}

static enum sc_err prepare(struct sqlite_store *s, const struct store_tables *tables)
{
	for (size_t i = 0; i < tables->n; i++) {
		int rc = sqlite3_prepare_v3(s->db, tables->statements[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &s->statements[i], NULL);

		if (rc != SQLITE_OK)
			return err_of(rc);
		if (!fits(s->statements[i]))
			return SC_BUG;
	}
	return SC_OK;
}

static void sqlite_close(void *db)
{
	struct sqlite_store *s = db;

	for (size_t i = 0; i < s->n; i++)
		sqlite3_finalize(s->statements[i]);
	checkpoint_stop(s->checkpoint);
	sqlite3_close(s->db);
	if (s->lock >= 0)
		close(s->lock);
	free(s);
}

static enum sc_err sqlite_open(const char *path, const struct store_tables *tables, bool beside,
    struct sc_diag *d, void **out)
{
	struct sqlite_store *s;
	enum sc_err err;
	int rc;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s) + tables->n * sizeof(s->statements[0]))) == NULL)
		return SC_NOMEM;
	s->n = tables->n;
	s->beside = beside;
	s->lock = -1;
	if (!beside &&
	    ((tables->shared && (err = take_lock(s, path, d)) != SC_OK) ||
		(err = make_file(path, d)) != SC_OK))
		goto out;
	rc = sqlite3_open_v2(path, &s->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
		SQLITE_OPEN_EXRESCODE,
	    NULL);
	if ((err = err_of(rc)) != SC_OK)
		goto out;
	sqlite3_busy_timeout(s->db, 2000);
	if ((err = set_up(s, tables)) != SC_OK ||
	    (!beside && (err = exec(s, tables->sqlite)) != SC_OK) ||
	    (err = prepare(s, tables)) != SC_OK ||
	    (tables->shared && !beside &&
		(err = checkpoint_start(path, s->db, &s->checkpoint)) != SC_OK))
		goto out;
	*out = s;
	return SC_OK;
out:
	if (s->db != NULL)
		sc_diag_set(d, "cannot use the store: %s%s", sqlite3_errmsg(s->db),
		    err == SC_CORRUPT ? ". Put back the newest copy of it, with its own -wal, or "
					"restore a backup" :
					"");
	sqlite_close(s);
	return err;
}

/* ---- transactions ---- */

static enum sc_err sqlite_begin(void *db)
{
	const struct sqlite_store *s = db;

	/* who looks beside the owner waits for nobody until it writes */
	return exec(db, s->beside ? "BEGIN" : "BEGIN IMMEDIATE");
}

static void sqlite_rollback(void *db)
{
	(void)exec(db, "ROLLBACK");
}

static enum sc_err sqlite_commit(void *db)
{
	enum sc_err err = exec(db, "COMMIT");

	/* a failed commit may have been taken back already; then this says no */
	if (err != SC_OK)
		sqlite_rollback(db);
	return err;
}

static enum sc_err sqlite_savepoint(void *db)
{
	return exec(db, "SAVEPOINT job");
}

static enum sc_err sqlite_savepoint_end(void *db, bool keep)
{
	return exec(db, keep ? "RELEASE job" : "ROLLBACK TO job; RELEASE job");
}

static enum sc_err sqlite_erase_traces(void *db)
{
	enum sc_err err;

	if ((err = pragma(db, "PRAGMA wal_checkpoint(TRUNCATE)", "0")) != SC_OK ||
	    (err = exec(db, "VACUUM")) != SC_OK)
		return err;
	return pragma(db, "PRAGMA wal_checkpoint(TRUNCATE)", "0");
}

/* ---- statements ---- */

static enum sc_err bind(sqlite3_stmt *st, int i, const struct store_value *v)
{
	const char *p = v->bytes.n == 0 ? "" : (const char *)v->bytes.p;

	if (v->bytes.n > INT_MAX)
		return SC_LIMIT;
	switch (v->kind) {
	case STORE_NUMBER: return err_of(sqlite3_bind_int64(st, i, v->number));
	case STORE_BLOB: return err_of(sqlite3_bind_blob(st, i, p, (int)v->bytes.n, SQLITE_STATIC));
	case STORE_TEXT: return err_of(sqlite3_bind_text(st, i, p, (int)v->bytes.n, SQLITE_STATIC));
	}
	return SC_BUG;
}

static void take_row(sqlite3_stmt *st, struct store_value *v)
{
	for (int i = 0; i < sqlite3_column_count(st); i++) {
		int type = sqlite3_column_type(st, i);

		if (type == SQLITE_INTEGER) {
			v[i] = store_number((uint64_t)sqlite3_column_int64(st, i));
			continue;
		}
		/* the bytes first: asking for them may convert them */
		v[i].bytes.p = sqlite3_column_blob(st, i);
		v[i].bytes.n = (size_t)sqlite3_column_bytes(st, i);
		v[i].kind = type == SQLITE_TEXT ? STORE_TEXT : STORE_BLOB;
	}
}

static enum sc_err run_once(sqlite3_stmt *st, const struct store_batch *b, size_t i,
    struct store_value *v)
{
	enum sc_err err = SC_OK;
	int rc;

	for (int k = 0; k < sqlite3_bind_parameter_count(st) && err == SC_OK; k++)
		err = bind(st, k + 1, &v[k]);
	while (err == SC_OK) {
		rc = sqlite3_step(st);
		if ((err = err_of(rc)) != SC_OK || rc != SQLITE_ROW)
			break;
		if (b->row == NULL)
			continue;
		take_row(st, v);
		err = b->row(b->arg, i, v);
	}
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return err;
}

static enum sc_err sqlite_ask(void *db, const struct store_batch *b)
{
	struct sqlite_store *s = db;
	struct store_value v[STORE_VALUES_MAX] = { { .kind = STORE_NUMBER } };
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < b->n && err == SC_OK; i++)
		if (b->bind == NULL || b->bind(b->arg, i, v))
			err = run_once(s->statements[b->statement], b, i, v);
	return err;
}

/* The whole of what a pragma answers first. */
static int first_text(void *arg, int n, char **values, char **names)
{
	struct sc_diag *d = arg;

	(void)names;
	if (n > 0 && values[0] != NULL && d->text[0] == '\0')
		sc_diag_set(d, "%s", values[0]);
	return 0;
}

static enum sc_err sqlite_check(void *db, struct sc_diag *d)
{
	struct sqlite_store *s = db;
	struct sc_diag got = { .text = "" };
	enum sc_err err;

	err = err_of(sqlite3_exec(s->db, "PRAGMA quick_check(1)", first_text, &got, NULL));
	if (err == SC_OK && strcmp(got.text, "ok") == 0)
		return SC_OK;
	/* what it finds may stand on a line of its own behind where it was */
	for (char *p = got.text; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	sc_diag_set(d, "%s", err == SC_OK ? got.text : sqlite3_errmsg(s->db));
	return err == SC_OK ? SC_CORRUPT : err;
}

const struct store_backend store_sqlite = {
	.scheme = "sqlite:",
	.open = sqlite_open,
	.close = sqlite_close,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.savepoint = sqlite_savepoint,
	.savepoint_end = sqlite_savepoint_end,
	.ask = sqlite_ask,
	.check = sqlite_check,
	.erase_traces = sqlite_erase_traces,
};
