/*
 * tables.c - keyd's tables and statements: all the SQL there is in crypto/.
 */
#include "crypto/keyd/tables.h"

/* SQLite's: PostgreSQL has BIGINT and BYTEA for these, and no WITHOUT ROWID. */
static const char sqlite[] =
    "CREATE TABLE IF NOT EXISTS keyring(id INTEGER PRIMARY KEY,"
    " kind INTEGER NOT NULL, class INTEGER NOT NULL, tier INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, state INTEGER NOT NULL, parent INTEGER NOT NULL,"
    " created INTEGER NOT NULL, wrapped BLOB NOT NULL,"
    " UNIQUE(kind, class, tier, epoch));"
    "CREATE TABLE IF NOT EXISTS subject(id INTEGER PRIMARY KEY,"
    " handle BLOB NOT NULL UNIQUE, kek INTEGER NOT NULL, wrapped BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS head(origin TEXT PRIMARY KEY,"
    " size INTEGER NOT NULL, root BLOB NOT NULL) WITHOUT ROWID;";

static const char *const statements[KEYD_STATEMENTS] = {
	/* parents first: KEKs are of the lowest kind */
	[KEYRING_LOAD] = "SELECT id, kind, class, tier, epoch, state, parent, wrapped"
			 " FROM keyring ORDER BY kind, id",
	[KEYRING_ADD] = "INSERT INTO keyring(id, kind, class, tier, epoch, state, parent,"
			" created, wrapped) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	[SUBJECT_BY_ID] = "SELECT id, kek, handle, wrapped FROM subject WHERE id = $1",
	[SUBJECT_BY_HANDLE] = "SELECT id, kek, handle, wrapped FROM subject WHERE handle = $1",
	/* a row comes back when there was none before */
	[SUBJECT_ADD] = "INSERT INTO subject(id, handle, kek, wrapped) VALUES($1, $2, $3, $4)"
			" ON CONFLICT(handle) DO NOTHING RETURNING id",
	[SUBJECT_ERASE] = "DELETE FROM subject WHERE handle = $1 RETURNING id",
	[SUBJECT_COUNT] = "SELECT count(*) FROM subject",
	[HEAD_FIND] = "SELECT origin, size, root FROM head WHERE origin = $1",
	[HEAD_OTHERS] = "SELECT count(*) FROM head WHERE origin <> $1",
	[HEAD_KEEP] = "INSERT INTO head(origin, size, root) VALUES($1, $2, $3)"
		      " ON CONFLICT(origin) DO UPDATE SET size = excluded.size,"
		      " root = excluded.root",
	[HEAD_FORGET] = "DELETE FROM head WHERE origin = $1",
};

const struct store_tables keyd_tables = { sqlite, statements, KEYD_STATEMENTS };
