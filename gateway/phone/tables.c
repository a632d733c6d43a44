/*
 * tables.c - the tables and statements of virtual numbers: all the SQL there is
 * in gateway/.
 *
 * Every row begins with its tenant, so that the tables can be partitioned by it.
 * Numbers are sealed tokens and blind indexes. X and pools stand by name, not by
 * place in the configuration, which may change between two starts.
 */
#include "gateway/phone/tables.h"

/* SQLite's: PostgreSQL has BIGINT and BYTEA for these, and no WITHOUT ROWID. */
static const char sqlite[] =
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS binding(tenant TEXT NOT NULL, id BLOB NOT NULL,"
    " pool TEXT NOT NULL, mode INTEGER NOT NULL, x TEXT NOT NULL, ext INTEGER NOT NULL,"
    " a BLOB NOT NULL, b BLOB NOT NULL, a_party INTEGER NOT NULL, b_party INTEGER NOT NULL,"
    " directions INTEGER NOT NULL, channels INTEGER NOT NULL, made_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, last_call_at INTEGER NOT NULL,"
    " version INTEGER NOT NULL, subject BLOB NOT NULL, PRIMARY KEY(tenant, id)) WITHOUT ROWID;"
    /* what the book promises, once more: an extension leads to one binding */
    "CREATE UNIQUE INDEX IF NOT EXISTS binding_slot ON binding(tenant, x, ext) WHERE ext >= 0;"
    "CREATE INDEX IF NOT EXISTS binding_subject ON binding(tenant, subject) WHERE subject <> x'';"
    /* Idempotency-Keys, hashed, and what they were used for: as long as their binding */
    "CREATE TABLE IF NOT EXISTS idem(tenant TEXT NOT NULL, key BLOB NOT NULL,"
    " content BLOB NOT NULL, binding BLOB NOT NULL, PRIMARY KEY(tenant, key)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS idem_of_binding ON idem(tenant, binding);"
    "CREATE TABLE IF NOT EXISTS order_binding(tenant TEXT NOT NULL, order_ref TEXT NOT NULL,"
    " binding BLOB NOT NULL, PRIMARY KEY(tenant, order_ref, binding)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS order_of_binding ON order_binding(tenant, binding);"
    "CREATE TABLE IF NOT EXISTS caller(tenant TEXT NOT NULL, binding BLOB NOT NULL,"
    " party INTEGER NOT NULL, token BLOB NOT NULL, seen_at INTEGER NOT NULL,"
    " PRIMARY KEY(tenant, binding, party)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS call(tenant TEXT NOT NULL, id BLOB NOT NULL, digest BLOB NOT NULL,"
    " x TEXT NOT NULL, caller INTEGER NOT NULL, state INTEGER NOT NULL, answer INTEGER NOT NULL,"
    " step INTEGER NOT NULL, binding BLOB NOT NULL, child BLOB NOT NULL, repeats INTEGER NOT NULL,"
    " opened_at INTEGER NOT NULL, rung_at INTEGER NOT NULL, answered_at INTEGER NOT NULL,"
    " ended_at INTEGER NOT NULL, moved_at INTEGER NOT NULL, PRIMARY KEY(tenant, id)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS call_opened ON call(tenant, opened_at);"
    "CREATE TABLE IF NOT EXISTS optout(tenant TEXT NOT NULL, x TEXT NOT NULL,"
    " party INTEGER NOT NULL, PRIMARY KEY(tenant, x, party)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS hook(tenant TEXT NOT NULL, id BLOB NOT NULL, name TEXT NOT NULL,"
    " payload BLOB NOT NULL, made_at INTEGER NOT NULL, due_at INTEGER NOT NULL,"
    " tries INTEGER NOT NULL, PRIMARY KEY(tenant, id, name)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS hook_due ON hook(tenant, name, due_at);";

static const char *const statements[PHONE_STATEMENTS] = {
	[META_GET] = "SELECT value FROM meta WHERE name = $1",
	[META_PUT] = "INSERT INTO meta(name, value) VALUES($1, $2)"
		     " ON CONFLICT(name) DO UPDATE SET value = excluded.value",

	/* ---- bindings ---- */
	/* a row for each order of a binding; those of one binding follow each other */
	[BINDING_LOAD] =
	    "SELECT b.id, b.pool, b.mode, b.x, b.ext, b.a, b.b, b.a_party, b.b_party,"
	    " b.directions, b.channels, b.made_at, b.expires_at, b.ended_at, b.last_call_at,"
	    " b.version, o.order_ref FROM binding b LEFT JOIN order_binding o"
	    " ON o.tenant = b.tenant AND o.binding = b.id WHERE b.tenant = $1 ORDER BY b.id",
	[BINDING_ADD] =
	    "INSERT INTO binding(tenant, id, pool, mode, x, ext, a, b, a_party, b_party,"
	    " directions, channels, made_at, expires_at, ended_at, last_call_at, version,"
	    " subject) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
	    " 0, 0, 1, $15)",
	[BINDING_CHANGE] = "UPDATE binding SET a = $1, b = $2, a_party = $3, b_party = $4,"
			   " directions = $5, channels = $6, expires_at = $7, version = $8"
			   " WHERE tenant = $9 AND id = $10",
	[BINDING_SUBJECT] = "UPDATE binding SET subject = $1 WHERE tenant = $2 AND id = $3",
	[BINDING_EXPIRE] = "UPDATE binding SET expires_at = $1, version = $2"
			   " WHERE tenant = $3 AND id = $4",
	/* a row comes back when it had not ended before */
	[BINDING_END] = "UPDATE binding SET ended_at = $1, version = $2"
			" WHERE tenant = $3 AND id = $4 AND ended_at = 0 RETURNING id",
	[BINDING_FORGET] = "DELETE FROM binding WHERE tenant = $1 AND id = $2",
	[IDEM_LOAD] = "SELECT key, content, binding FROM idem WHERE tenant = $1",
	[IDEM_PUT] = "INSERT INTO idem(tenant, key, content, binding) VALUES($1, $2, $3, $4)"
		     " ON CONFLICT(tenant, key) DO UPDATE SET content = excluded.content,"
		     " binding = excluded.binding",
	[IDEM_FORGET] = "DELETE FROM idem WHERE tenant = $1 AND binding = $2",
	[ORDER_ADD] = "INSERT INTO order_binding(tenant, order_ref, binding) VALUES($1, $2, $3)"
		      " ON CONFLICT(tenant, order_ref, binding) DO NOTHING",
	[ORDER_FORGET] = "DELETE FROM order_binding WHERE tenant = $1 AND binding = $2"
			 " AND ($3 = '' OR order_ref = $3)",
	[BINDING_THERE] = "SELECT id FROM binding WHERE tenant = $1 AND id = $2",
	[BINDING_BY_ID] =
	    "SELECT b.id, min(o.order_ref), b.a, b.b FROM binding b JOIN order_binding o"
	    " ON o.tenant = b.tenant AND o.binding = b.id"
	    " WHERE b.tenant = $1 AND b.id = $2 GROUP BY b.id, b.a, b.b",
	[BINDINGS_OF_ORDER] =
	    "SELECT b.id, o.order_ref, b.a, b.b FROM order_binding o JOIN binding b"
	    " ON o.tenant = b.tenant AND o.binding = b.id"
	    " WHERE o.tenant = $1 AND o.order_ref = $2 ORDER BY b.made_at LIMIT $3",
	[BINDINGS_OF_SUBJECT] = "SELECT id FROM binding WHERE tenant = $1 AND subject = $2",

	/* ---- who was connected ---- */
	[CALLER_LOAD] = "SELECT binding, party, token, seen_at FROM caller WHERE tenant = $1"
			" ORDER BY seen_at",
	[CALLER_PUT] = "INSERT INTO caller(tenant, binding, party, token, seen_at)"
		       " VALUES($1, $2, $3, $4, $5) ON CONFLICT(tenant, binding, party)"
		       " DO UPDATE SET token = excluded.token, seen_at = excluded.seen_at",
	[CALLER_FORGET] = "DELETE FROM caller WHERE tenant = $1 AND binding = $2",
	[PARTY_PUT] =
	    "UPDATE binding SET a_party = $1 WHERE tenant = $2 AND id = $3 AND a_party = 0",
	[LAST_CALL_PUT] = "UPDATE binding SET last_call_at = $1 WHERE tenant = $2 AND id = $3"
			  " AND last_call_at < $1",

	/* ---- calls ---- */
	/* a row comes back when there was none before */
	[CALL_ADD] = "INSERT INTO call(tenant, id, digest, x, caller, state, answer, step, binding,"
		     " child, repeats, opened_at, rung_at, answered_at, ended_at, moved_at)"
		     " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0, $10, 0, 0, 0, $10)"
		     " ON CONFLICT(tenant, id) DO NOTHING RETURNING id",
	[CALL_FIND] = "SELECT digest, x, caller, state, answer, step, binding, child, repeats,"
		      " opened_at, rung_at, answered_at, ended_at, moved_at FROM call"
		      " WHERE tenant = $1 AND id = $2",
	/* another request, of which nothing was seen before; the state before it is $11, asked */
	[CALL_STEP] = "UPDATE call SET state = $1, answer = $2, binding = $3, digest = $4,"
		      " moved_at = $5, repeats = 0, step = step + 1 WHERE tenant = $6 AND id = $7"
		      " AND step = $8 AND x = $9 AND caller = $10 AND state = $11 RETURNING step",
	/* what became of one that may be connected: its state was $5, its answer $6 */
	[CALL_SETTLE] = "UPDATE call SET state = $1, answer = $2 WHERE tenant = $3 AND id = $4"
			" AND state = $5 AND answer = $6",
	/* times stay as they were first told; the child as well */
	[CALL_RAISE] = "UPDATE call SET state = CASE WHEN state < $1 THEN $1 ELSE state END,"
		       " rung_at = CASE WHEN rung_at = 0 THEN $2 ELSE rung_at END,"
		       " answered_at = CASE WHEN answered_at = 0 THEN $3 ELSE answered_at END,"
		       " ended_at = CASE WHEN ended_at = 0 THEN $4 ELSE ended_at END,"
		       " child = CASE WHEN child = '' THEN $5 ELSE child END"
		       " WHERE tenant = $6 AND id = $7 AND (child = '' OR $5 = '' OR child = $5)"
		       " RETURNING state",
	[CALL_REPEAT] = "UPDATE call SET repeats = repeats + 1 WHERE tenant = $1 AND id = $2"
			" RETURNING repeats",
	[CALLS_OPEN] = "SELECT id, binding, opened_at FROM call WHERE tenant = $1"
		       " AND opened_at < $2 AND moved_at < $2 AND state >= $3 AND state < $4"
		       " LIMIT $5",
	[CALLS_FORGET] = "DELETE FROM call WHERE tenant = $1 AND opened_at < $2",
	[OPTOUT_LOAD] = "SELECT x, party FROM optout WHERE tenant = $1",
	[OPTOUT_PUT] = "INSERT INTO optout(tenant, x, party) VALUES($1, $2, $3)"
		       " ON CONFLICT(tenant, x, party) DO NOTHING",
	[OPTOUT_FORGET] = "DELETE FROM optout WHERE tenant = $1 AND x = $2 AND party = $3",

	/* ---- events that wait to be told ---- */
	[HOOK_ADD] = "INSERT INTO hook(tenant, id, name, payload, made_at, due_at, tries)"
		     " VALUES($1, $2, $3, $4, $5, $6, 0)",
	/* what is due first, whether it is due or not: nothing of one hook waits for another's */
	[HOOK_NEXT] = "SELECT id, payload, made_at, due_at, tries FROM hook WHERE tenant = $1"
		      " AND name = $2 ORDER BY due_at, id LIMIT 1",
	[HOOK_LATER] = "UPDATE hook SET due_at = $1, tries = tries + 1"
		       " WHERE tenant = $2 AND id = $3 AND name = $4",
	[HOOK_DONE] = "DELETE FROM hook WHERE tenant = $1 AND id = $2 AND name = $3",
	[HOOK_DROP] = "DELETE FROM hook WHERE tenant = $1 AND name = $2",
	[HOOKS_FORGET] = "DELETE FROM hook WHERE tenant = $1 AND made_at < $2",
	[HOOKS_COUNT] = "SELECT count(*) FROM hook WHERE tenant = $1",
};

const struct store_tables phone_tables = { .sqlite = sqlite,
	.statements = statements,
	.n = PHONE_STATEMENTS };
