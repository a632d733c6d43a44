/*
 * tables.c - keyd's tables and statements: all the SQL there is in crypto/.
 */
#include "crypto/rows/tables.h"

/*
 * SQLite's: PostgreSQL has BIGINT and BYTEA for these, no WITHOUT ROWID, and splits node by n and
 * person by handle.
 */
static const char sqlite[] =
    "CREATE TABLE IF NOT EXISTS keyring(id INTEGER PRIMARY KEY,"
    " kind INTEGER NOT NULL, class INTEGER NOT NULL, tier INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, state INTEGER NOT NULL, parent INTEGER NOT NULL,"
    " created INTEGER NOT NULL, wrapped BLOB NOT NULL,"
    " sealed INTEGER NOT NULL DEFAULT 0, opened INTEGER NOT NULL DEFAULT 0,"
    " last_opened INTEGER NOT NULL DEFAULT 0, UNIQUE(kind, class, tier, epoch));"
    /*
     * Row '': how far the tree of keys has come. The others, a row a keyd by its log's origin:
     * how far that log is carried out. One page takes them all.
     */
    "CREATE TABLE IF NOT EXISTS store(node TEXT PRIMARY KEY, gen INTEGER NOT NULL,"
    " applied INTEGER NOT NULL, id BLOB, epoch INTEGER NOT NULL DEFAULT 0,"
    " high INTEGER NOT NULL DEFAULT 0, lease INTEGER NOT NULL DEFAULT 0,"
    " people INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
    /* the boxes: n = level << 56 | index */
    "CREATE TABLE IF NOT EXISTS node(n INTEGER PRIMARY KEY, box BLOB NOT NULL);"
    /* the slots of a person: of several, after a merge, the newest seals and all open */
    "CREATE TABLE IF NOT EXISTS person(handle BLOB NOT NULL, seq INTEGER NOT NULL,"
    " slot INTEGER NOT NULL, PRIMARY KEY(handle, seq)) WITHOUT ROWID;"
    /* slots erased or merged since the last full backup, by the epoch they left behind */
    "CREATE TABLE IF NOT EXISTS touched(epoch INTEGER NOT NULL, slot INTEGER NOT NULL,"
    " PRIMARY KEY(epoch, slot)) WITHOUT ROWID;"
    /*
     * Slots that were given out by a store that was newer than this one; or that were skipped,
     * because nothing tells whether they were.
     */
    "CREATE TABLE IF NOT EXISTS lost(first INTEGER PRIMARY KEY, last INTEGER NOT NULL,"
    " skipped INTEGER NOT NULL);"
    /* the week in which something of theirs was sealed last */
    "CREATE TABLE IF NOT EXISTS week(slot INTEGER PRIMARY KEY, week INTEGER NOT NULL);"
    /*
     * Whose an order is: its id under a key of this keyd, a slot of theirs, and the commit of it.
     * That the slot is known by, and not the handle: a leaf says whose it is by now, and
     * no slot is given twice, so that who is erased has no order, whatever row is left.
     */
    "CREATE TABLE IF NOT EXISTS alias(alias BLOB PRIMARY KEY, slot INTEGER NOT NULL,"
    " gen INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS alias_of ON alias(slot);"
    /*
     * Keys whose erasure waits: whose, as they were asked about (HANDLE), the entry of keyd's log
     * that tells of it, when it was asked for (Unix ms), and due, as keyd counts the time it ran
     */
    "CREATE TABLE IF NOT EXISTS leaving(slot INTEGER PRIMARY KEY, handle BLOB NOT NULL,"
    " intent INTEGER NOT NULL, asked INTEGER NOT NULL, due INTEGER NOT NULL);"
    /* those for whom something was sealed after long, through WHO, and who wait to be young again */
    "CREATE TABLE IF NOT EXISTS returned(slot INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
    " who TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS returned_first ON returned(who, at, slot);"
    "CREATE TABLE IF NOT EXISTS seen(day INTEGER NOT NULL, who TEXT NOT NULL,"
    " kind INTEGER NOT NULL, subject INTEGER NOT NULL,"
    " PRIMARY KEY(day, who, kind, subject)) WITHOUT ROWID;"
    /* those whom nobody can name any more */
    "CREATE TABLE IF NOT EXISTS quota(day INTEGER NOT NULL, who TEXT NOT NULL,"
    " kind INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(day, who, kind)) WITHOUT ROWID;"
    /*
     * Values sealed on a day so that equal ones are equal: of a person (eight bytes of the handle)
     * and class, or (256 and more) a page of all of them
     */
    "CREATE TABLE IF NOT EXISTS mark(day INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " who INTEGER NOT NULL, v BLOB NOT NULL, PRIMARY KEY(day, kind, who)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS backup(at INTEGER PRIMARY KEY, epoch INTEGER NOT NULL,"
    " high INTEGER NOT NULL, whole INTEGER NOT NULL, told INTEGER NOT NULL, hash BLOB NOT NULL);"
    /* restores that were rehearsed, of a backup of that moment */
    "CREATE TABLE IF NOT EXISTS drill(at INTEGER PRIMARY KEY, backup INTEGER NOT NULL,"
    " people INTEGER NOT NULL, told INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS head(origin TEXT PRIMARY KEY,"
    " size INTEGER NOT NULL, root BLOB NOT NULL) WITHOUT ROWID;";

static const char *const statements[KEYD_STATEMENTS] = {
	/* parents first: KEKs are of the lowest kind */
	[KEYRING_LOAD] = "SELECT id, kind, class, tier, epoch, state, parent, wrapped, created,"
			 " sealed, opened, last_opened FROM keyring ORDER BY kind, id",
	[KEYRING_ADD] = "INSERT INTO keyring(id, kind, class, tier, epoch, state, parent,"
			" created, wrapped) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	[KEYRING_SET] = "UPDATE keyring SET state = $1, parent = $2, wrapped = $3 WHERE id = $4",
	[KEYRING_STATE] = "UPDATE keyring SET state = $1 WHERE id = $2",
	[KEYRING_REMOVE] = "DELETE FROM keyring WHERE id = $1",
	/* values sealed and opened under it since the last time, and the day of it */
	[KEYRING_USED] = "UPDATE keyring SET sealed = sealed + $1, opened = opened + $2,"
			 " last_opened = CASE WHEN $3 > last_opened THEN $3 ELSE last_opened END"
			 " WHERE id = $4",
	/* a row of a backup, as KEYRING_LOAD gives it */
	[KEYRING_PUT] = "INSERT INTO keyring(id, kind, class, tier, epoch, state, parent, wrapped,"
			" created, sealed, opened, last_opened)"
			" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
	[STORE_FIND] = "SELECT id, epoch, high, lease, people FROM store WHERE node = ''",
	[STORE_MAKE] = "INSERT INTO store(node, gen, applied, id, epoch, high, lease, people)"
		       " VALUES('', 0, 0, $1, $2, $3, $4, $5)",
	[STORE_KEEP] = "UPDATE store SET epoch = $1, high = $2, lease = $3, people = $4"
		       " WHERE node = ''",
	[WRITER_FIND] = "SELECT gen, applied FROM store WHERE node = $1",
	[WRITER_KEEP] = "INSERT INTO store(node, gen, applied) VALUES($1, $2, $3)"
			" ON CONFLICT(node) DO UPDATE SET gen = excluded.gen,"
			" applied = excluded.applied",
	[WRITER_ALL] = "SELECT node, gen, applied FROM store WHERE node <> ''",
	[WRITER_FORGET] = "DELETE FROM store WHERE node <> ''",
	[NODE_FIND] = "SELECT box FROM node WHERE n = $1",
	[NODE_KEEP] = "INSERT INTO node(n, box) VALUES($1, $2)"
		      " ON CONFLICT(n) DO UPDATE SET box = excluded.box",
	[NODE_REMOVE] = "DELETE FROM node WHERE n = $1",
	[NODE_RANGE] = "SELECT n, box FROM node WHERE n >= $1 AND n <= $2 ORDER BY n",
	/* the newest first */
	[PERSON_FIND] = "SELECT slot, seq FROM person WHERE handle = $1 ORDER BY seq DESC",
	/*
	 * Without RETURNING: for it SQLite keeps a journal of each statement, and takes longer to
	 * end one the more a job has done
	 */
	[PERSON_ADD] = "INSERT INTO person(handle, seq, slot) VALUES($1, $2, $3)"
		       " ON CONFLICT(handle, seq) DO NOTHING",
	[PERSON_ERASE] = "DELETE FROM person WHERE handle = $1",
	[PERSON_RANGE] = "SELECT handle, seq, slot FROM person WHERE handle > $1"
			 " ORDER BY handle, seq LIMIT $2",
	[TOUCHED_ADD] = "INSERT INTO touched(epoch, slot) VALUES($1, $2) ON CONFLICT DO NOTHING",
	[TOUCHED_SINCE] = "SELECT epoch, slot FROM touched WHERE epoch >= $1 ORDER BY epoch, slot",
	[TOUCHED_FORGET] = "DELETE FROM touched WHERE epoch < $1",
	/* one that there was may reach further now */
	[LOST_ADD] = "INSERT INTO lost(first, last, skipped) VALUES($1, $2, $3)"
		     " ON CONFLICT(first) DO UPDATE SET last = excluded.last",
	[LOST_ALL] = "SELECT first, last, skipped FROM lost ORDER BY first",
	[WEEK_FIND] = "SELECT week, (SELECT count(*) FROM returned WHERE slot = $1)"
		      " FROM week WHERE slot = $1",
	[WEEK_KEEP] = "INSERT INTO week(slot, week) VALUES($1, $2)"
		      " ON CONFLICT(slot) DO UPDATE SET week = excluded.week",
	[WEEK_ERASE] = "DELETE FROM week WHERE slot = $1",
	/* of a range: who looks for few among many must not walk through all of them at once */
	[WEEK_BEFORE] = "SELECT slot, week FROM week WHERE week < $1 AND slot >= $2 AND slot < $3"
			" ORDER BY slot LIMIT $4",
	[WEEK_SINCE] = "SELECT slot, week FROM week WHERE slot >= $1 AND week >= $2 ORDER BY slot",
	[WEEK_COUNTS] = "SELECT week, count(*) FROM week GROUP BY week ORDER BY week",
	[ALIAS_FIND] = "SELECT slot FROM alias WHERE alias = $1",
	[ALIAS_KEEP] = "INSERT INTO alias(alias, slot, gen) VALUES($1, $2, $3)"
		       " ON CONFLICT(alias) DO UPDATE SET slot = excluded.slot,"
		       " gen = excluded.gen",
	[ALIAS_ERASE] = "DELETE FROM alias WHERE slot = $1",
	[ALIAS_SINCE] = "SELECT alias, slot, gen FROM alias WHERE gen > $1 ORDER BY alias",
	/* what a chain of backups still has of those who were erased between them */
	[ALIAS_SWEEP] = "DELETE FROM alias WHERE slot NOT IN (SELECT slot FROM person)",
	[WEEK_NEWEST] = "SELECT COALESCE(max(week), 0) FROM week",
	[WEEK_NO_LATER] = "UPDATE week SET week = $1 WHERE week > $1",
	[LEAVING_ADD] = "INSERT INTO leaving(slot, handle, intent, asked, due)"
			" VALUES($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
	[LEAVING_ALL] = "SELECT slot, handle, intent, asked, due FROM leaving ORDER BY slot",
	[LEAVING_REMOVE] = "DELETE FROM leaving WHERE slot = $1",
	[LEAVING_NO_LATER] = "UPDATE leaving SET due = $1 WHERE due > $1",
	[RETURN_ADD] = "INSERT INTO returned(slot, at, who) VALUES($1, $2, $3)"
		       " ON CONFLICT DO NOTHING",
	[RETURN_NEXT] = "SELECT r.slot, COALESCE(w.week, 0) FROM returned r"
			" LEFT JOIN week w ON w.slot = r.slot"
			" WHERE r.who = $1 ORDER BY r.at, r.slot LIMIT $2",
	[RETURN_REMOVE] = "DELETE FROM returned WHERE slot = $1",
	[RETURN_COUNT] = "SELECT count(*) FROM returned",
	/* a row comes back when it was not there before */
	[SEEN_ADD] = "INSERT INTO seen(day, who, kind, subject) VALUES($1, $2, $3, $4)"
		     " ON CONFLICT DO NOTHING RETURNING subject",
	[SEEN_DAY] = "SELECT who, kind, subject FROM seen WHERE day = $1",
	[SEEN_ALL] = "SELECT day, who, kind, subject FROM seen",
	/* the days there are, each found by the one before it */
	[SEEN_DAYS] = "WITH RECURSIVE d(day) AS (SELECT min(day) FROM seen UNION ALL"
		      " SELECT (SELECT min(day) FROM seen WHERE seen.day > d.day) FROM d"
		      " WHERE d.day IS NOT NULL) SELECT day FROM d WHERE day IS NOT NULL"
		      " ORDER BY day",
	/* a bite; a row comes back for each that went */
	[SEEN_FORGET] = "DELETE FROM seen WHERE (day, who, kind, subject) IN"
			" (SELECT day, who, kind, subject FROM seen WHERE day < $1 LIMIT $2)"
			" RETURNING day",
	[QUOTA_ADD] = "INSERT INTO quota(day, who, kind, n) VALUES($1, $2, $3, $4)"
		      " ON CONFLICT(day, who, kind) DO UPDATE SET n = quota.n + excluded.n",
	[QUOTA_FIND] = "SELECT n FROM quota WHERE day = $1 AND who = $2 AND kind = $3",
	[QUOTA_DAY] = "SELECT who, kind, n FROM quota WHERE day = $1 AND kind < 64",
	[QUOTA_ALL] = "SELECT day, who, kind, n FROM quota",
	[QUOTA_FORGET] = "DELETE FROM quota WHERE day < $1 AND kind < 64",
	/* those kinds that are kept for good: 64, what was sealed for nobody, by route */
	[UNOWNED_ALL] = "SELECT who, min(day), sum(n) FROM quota WHERE kind = 64 GROUP BY who"
			" ORDER BY who",
	[MARK_KEEP] = "INSERT INTO mark(day, kind, who, v) VALUES($1, $2, $3, $4)"
		      " ON CONFLICT(day, kind, who) DO UPDATE SET v = excluded.v",
	[MARK_DAY] = "SELECT kind, who, v FROM mark WHERE day = $1",
	/* the days there are, the newest first */
	[MARK_DAYS] = "WITH RECURSIVE d(day) AS (SELECT max(day) FROM mark UNION ALL"
		      " SELECT (SELECT max(day) FROM mark WHERE mark.day < d.day) FROM d"
		      " WHERE d.day IS NOT NULL) SELECT day FROM d WHERE day IS NOT NULL"
		      " ORDER BY day DESC",
	[MARK_FORGET] = "DELETE FROM mark WHERE (day, kind, who) IN"
			" (SELECT day, kind, who FROM mark WHERE day < $1 LIMIT $2)"
			" RETURNING day",
	[BACKUP_ADD] = "INSERT INTO backup(at, epoch, high, whole, told, hash)"
		       " VALUES($1, $2, $3, $4, 0, $5)",
	[BACKUP_ALL] = "SELECT at, epoch, high, whole, told, hash FROM backup ORDER BY at",
	[BACKUP_TELL] = "UPDATE backup SET told = 1 WHERE at = $1",
	[DRILL_ADD] = "INSERT INTO drill(at, backup, people, told) VALUES($1, $2, $3, 0)"
		      " ON CONFLICT DO NOTHING",
	[DRILL_ALL] = "SELECT at, backup, people, told FROM drill ORDER BY at",
	[DRILL_TELL] = "UPDATE drill SET told = 1 WHERE at = $1",
	[HEAD_FIND] = "SELECT origin, size, root FROM head WHERE origin = $1",
	[HEAD_OTHERS] = "SELECT count(*) FROM head WHERE origin <> $1",
	[HEAD_ALL] = "SELECT origin, size, root FROM head",
	[HEAD_KEEP] = "INSERT INTO head(origin, size, root) VALUES($1, $2, $3)"
		      " ON CONFLICT(origin) DO UPDATE SET size = excluded.size,"
		      " root = excluded.root",
	[HEAD_FORGET] = "DELETE FROM head WHERE origin = $1",
};

const struct store_tables keyd_tables = { .sqlite = sqlite,
	.statements = statements,
	.n = KEYD_STATEMENTS,
	.shared = true,
	/* keys lie in boxes whose key dies outside of the database */
	.worthless = true };
