/*
 * tables.c - the tables and statements of collecting: all the SQL there is in
 * gateway/collect/.
 *
 * Every row begins with its tenant. People and devices stand under handles of keyd's
 * analytics-only index key. Words of consent are appended, never changed; when a person is
 * erased their handle becomes nothing, and that something was said and ended stays.
 */
#include "gateway/consent/tables.h"

/* SQLite's: PostgreSQL has BIGINT and BYTEA for these, and no WITHOUT ROWID. */
static const char sqlite[] =
    /* the door's own keys: of event numbers, of tags; each for its time */
    "CREATE TABLE IF NOT EXISTS secret(tenant TEXT NOT NULL, name TEXT NOT NULL,"
    " from_s INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY(tenant, name, from_s))"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS state(tenant TEXT NOT NULL, name TEXT NOT NULL,"
    " value INTEGER NOT NULL, PRIMARY KEY(tenant, name)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS consent(tenant TEXT NOT NULL, seq INTEGER NOT NULL,"
    " handle BLOB NOT NULL, pseudonym INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " purpose TEXT NOT NULL, word INTEGER NOT NULL, version INTEGER NOT NULL,"
    " verified INTEGER NOT NULL, at_ms INTEGER NOT NULL, said_ms INTEGER NOT NULL,"
    " source TEXT NOT NULL, method TEXT NOT NULL, text BLOB NOT NULL, evidence BLOB NOT NULL,"
    " PRIMARY KEY(tenant, seq)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS consent_of ON consent(tenant, handle);"
    "CREATE TABLE IF NOT EXISTS link(tenant TEXT NOT NULL, device BLOB NOT NULL,"
    " person BLOB NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,"
    " device_pseudonym INTEGER NOT NULL, person_pseudonym INTEGER NOT NULL,"
    " PRIMARY KEY(tenant, device, person, from_ms)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS link_of ON link(tenant, person);";

static const char *const statements[COLLECT_STATEMENT_COUNT] = {
	/* tenant, name -> from_s, value; the newest first */
	[SECRET_GET] = "SELECT from_s, value FROM secret WHERE tenant = $1 AND name = $2"
		       " ORDER BY from_s DESC",
	[SECRET_PUT] = "INSERT INTO secret(tenant, name, from_s, value) VALUES($1, $2, $3, $4)",
	/* tenant, name, before: those that began before it */
	[SECRET_FORGET] = "DELETE FROM secret WHERE tenant = $1 AND name = $2 AND from_s < $3",
	[STATE_GET] = "SELECT value FROM state WHERE tenant = $1 AND name = $2",
	[STATE_PUT] = "INSERT INTO state(tenant, name, value) VALUES($1, $2, $3)"
		      " ON CONFLICT(tenant, name) DO UPDATE SET value = excluded.value",
	/* tenant, seq, handle, pseudonym, kind, purpose, word, version, verified, at_ms, said_ms,
	   source, method, text, evidence */
	[CONSENT_ADD] = "INSERT INTO consent(tenant, seq, handle, pseudonym, kind, purpose, word,"
			" version, verified, at_ms, said_ms, source, method, text, evidence)"
			" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
	/* tenant -> seq, handle, kind, purpose, word, version, verified, at_ms; in order */
	[CONSENT_LOAD] = "SELECT seq, handle, kind, purpose, word, version, verified, at_ms"
			 " FROM consent WHERE tenant = $1 ORDER BY seq",
	/* tenant, handle -> purpose, word, version, verified, at_ms, said_ms, source, method, text,
	   evidence; in order */
	[CONSENT_OF] = "SELECT purpose, word, version, verified, at_ms, said_ms, source, method,"
		       " text, evidence FROM consent WHERE tenant = $1 AND handle = $2"
		       " ORDER BY seq",
	/* tenant, handle */
	[CONSENT_ANONYMISE] = "UPDATE consent SET handle = x'', pseudonym = 0, evidence = x'',"
			      " text = x'' WHERE tenant = $1 AND handle = $2",
	/* tenant -> device, person, from_ms, to_ms, device_pseudonym, person_pseudonym */
	[LINK_LOAD] = "SELECT device, person, from_ms, to_ms, device_pseudonym, person_pseudonym"
		      " FROM link WHERE tenant = $1",
	/* tenant, device, person, from_ms, to_ms, device_pseudonym, person_pseudonym; the same
	   again says until when */
	[LINK_PUT] = "INSERT INTO link(tenant, device, person, from_ms, to_ms, device_pseudonym,"
		     " person_pseudonym) VALUES($1, $2, $3, $4, $5, $6, $7)"
		     " ON CONFLICT(tenant, device, person, from_ms) DO UPDATE SET"
		     " to_ms = excluded.to_ms",
	/* to_ms, tenant, device, person: of those that are open */
	[LINK_END] = "UPDATE link SET to_ms = $1 WHERE tenant = $2 AND device = $3"
		     " AND person = $4 AND to_ms = 0",
	/* tenant, person */
	[LINK_FORGET] = "DELETE FROM link WHERE tenant = $1 AND person = $2",
};

const struct store_tables collect_tables = {
	.sqlite = sqlite,
	.statements = statements,
	.n = COLLECT_STATEMENT_COUNT,
};
