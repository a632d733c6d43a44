/*
 * test_mirror.c - what the mirror gives back is the store as it was when it was last answered:
 * whole, cut at any byte of its last records, after erasures and turns; and what is not of one
 * piece is refused.
 *
 * DEEP=1: every byte.
 */
#include "tap.h"
#include "unit/crypto/people_world.h"

#include "crypto/backup/mirror_load.h"
#include "crypto/backup/rebuild.h"
#include "crypto/rows/tables.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORDS 64

static struct people_world w;
static struct sc_diag diag;
static struct backup_rebuilt built;

static bool sh(const char *what)
{
	char cmd[600];

	snprintf(cmd, sizeof(cmd), "cd '%s' && %s", w.dir, what);
	return system(cmd) == 0;
}

static enum sc_err restore(void)
{
	static char store[96], epoch[96], second[96];
	uint8_t key[32] = { 1, 2, 3 };
	struct settings s = w.settings;
	struct backup_chain chain = { .n = 0 };
	struct backup_rebuild how = { .settings = &s, .chain = &chain, .mirror = second };
	enum sc_err err;

	snprintf(store, sizeof(store), "%s/other.db", w.dir);
	snprintf(epoch, sizeof(epoch), "%s/other.epoch", w.dir);
	snprintf(second, sizeof(second), "%s/second", w.dir);
	s.store = store;
	s.epoch = epoch;
	memset(&diag, 0, sizeof(diag));
	memset(&built, 0, sizeof(built));
	backup_places_clear(&s, false);
	if ((err = sc_secret_new_take(key, sizeof(key), &how.root)) == SC_OK &&
	    (err = mirror_chain(second, &diag, &chain)) == SC_OK &&
	    (err = backup_chain_verify(&chain, NULL, &how.watch, &diag)) == SC_OK)
		err = backup_rebuild(&how, &diag, &built);
	backup_chain_fini(&chain);
	sc_secret_free(how.root);
	return err;
}

/* Rows of TABLE that only one of both stores has; -1: it cannot be asked. */
static int differ(sqlite3 *db, const char *table)
{
	sqlite3_stmt *st = NULL;
	char sql[400];
	int n = -1;

	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM (SELECT * FROM (SELECT * FROM main.%s EXCEPT SELECT * FROM o.%s)"
	    " UNION ALL SELECT * FROM (SELECT * FROM o.%s EXCEPT SELECT * FROM main.%s))",
	    table, table, table, table);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* Neither store is open. */
static bool same(void)
{
	static const char *const tables[] = { "node", "keyring", "store", "person", "week", "alias",
		"seen", "quota", "lost", "head" };
	char path[128], attach[200];
	sqlite3 *db = NULL;
	bool ok;

	snprintf(path, sizeof(path), "%s/keyd.db", w.dir);
	snprintf(attach, sizeof(attach), "ATTACH '%s/other.db' AS o", w.dir);
	ok = sqlite3_open(path, &db) == SQLITE_OK &&
	    sqlite3_exec(db, attach, NULL, NULL, NULL) == SQLITE_OK;
	for (size_t i = 0; ok && i < sizeof(tables) / sizeof(tables[0]); i++) {
		const int n = differ(db, tables[i]);

		if (n != 0)
			printf("# %s: %d rows differ\n", tables[i], n);
		ok = n == 0;
	}
	sqlite3_close(db);
	return ok;
}

/* ---- the journal's records ---- */

static uint64_t ends[RECORDS + 1]; /* where each begins, and the last ends */
static uint64_t gens[RECORDS + 1]; /* the commit it is of; [0]: the base's */
static unsigned records;

/* How many are read, TORN and how it ended. */
static enum sc_err read_all(unsigned *n, bool *torn)
{
	char path[128];
	struct backup_found base;
	struct mirror_reader r;
	struct mirror_record x;
	bool there = true;
	enum sc_err err;

	snprintf(path, sizeof(path), "%s/second/base.scb", w.dir);
	if ((err = backup_look(path, &diag, &base)) != SC_OK)
		return err;
	snprintf(path, sizeof(path), "%s/second", w.dir);
	err = mirror_reader_open(&r, path, base.hash, &diag);
	gens[0] = base.header.gen;
	for (*n = 0; err == SC_OK && there && *n <= RECORDS;) {
		ends[*n] = r.at;
		if ((err = mirror_next(&r, &x, &there, &diag)) == SC_OK && there)
			gens[++*n] = x.now.gen;
	}
	*torn = r.torn;
	mirror_reader_close(&r);
	return err;
}

static bool journal_cut(uint64_t n)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/second/journal", w.dir);
	return sh("cp kept second/journal") && truncate(path, (off_t)n) == 0;
}

static bool journal_spoil(uint64_t at)
{
	char path[128];
	uint8_t c;
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "%s/second/journal", w.dir);
	if ((fd = open(path, O_RDWR)) < 0)
		return false;
	ok = pread(fd, &c, 1, (off_t)at) == 1;
	c ^= 0x40;
	ok = ok && pwrite(fd, &c, 1, (off_t)at) == 1;
	close(fd);
	return ok;
}

/* ---- tests ---- */

static struct used_key ann, bob, cat, dan;

static void test_equal(void)
{
	struct order_person o;
	struct used_key k;
	char name[16];
	bool found, torn;

	NEED(world_make(&w));
	w.mirror = true;
	NEED(world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &ann) == SC_OK && world_seal(&w, "bob", &bob) == SC_OK);
	for (unsigned i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		NEED(world_seal(&w, name, &k) == SC_OK);
		NEED(world_order(&w, name, i % 2 == 0 ? "ann" : name, true, &o, &k) == SC_OK);
	}
	NEED(world_erase(&w, "ann", &found) == SC_OK && found);
	NEED(world_turn(&w) == SC_OK && world_merge(&w, "n0", "n1", &found) == SC_OK && found);
	NEED(world_seal(&w, "ann", &cat) == SC_OK && cat.id != ann.id);
	world_stop(&w);
	NEED(read_all(&records, &torn) == SC_OK && !torn && records >= 5);
	CHECK(restore() == SC_OK && same());
	CHECK(built.header.epoch == 2 && built.header.gen == gens[records]);
	/* nothing is there twice: what is there is gone on from */
	NEED(sh("cp second/base.scb first") && world_start(&w, false, false) == SC_OK);
	NEED(world_seal(&w, "dan", &dan) == SC_OK);
	world_stop(&w);
	CHECK(restore() == SC_OK && same());
	CHECK(sh("cmp -s second/base.scb first"));
}

/* As keyd would: out of the mirror, every key that was answered opens. */
static void test_opens(void)
{
	struct used_key k;

	NEED(restore() == SC_OK &&
	    sh("rm -f keyd.db* keyd.epoch && mv other.db keyd.db && mv other.epoch keyd.epoch && "
	       "rm -f other* keyd.db.restoring"));
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(world_open(&w, bob.id, &k) == SC_OK && k.state == PERSON_LIVE &&
	    memcmp(k.proof, bob.proof, 32) == 0);
	CHECK(world_open(&w, dan.id, &k) == SC_OK && k.state == PERSON_LIVE &&
	    memcmp(k.proof, dan.proof, 32) == 0);
	CHECK(world_open(&w, ann.id, &k) == SC_OK && k.state == PERSON_GONE);
	CHECK(world_open(&w, cat.id, &k) == SC_OK && k.state == PERSON_LIVE);
	world_stop(&w);
}

/* Two new people are the last records: cut anywhere, what is before the cut is there. */
static void test_cuts(void)
{
	const uint64_t step = getenv("DEEP") != NULL ? 1 : 131;
	uint64_t from[RECORDS + 1], gen[RECORDS + 1], wrong = 0;
	struct used_key k;
	unsigned n, all;
	bool torn;

	NEED(world_start(&w, false, false) == SC_OK && world_seal(&w, "eve", &k) == SC_OK &&
	    world_seal(&w, "fay", &k) == SC_OK);
	world_stop(&w);
	NEED(sh("cp second/journal kept") && read_all(&all, &torn) == SC_OK && !torn && all >= 2);
	memcpy(from, ends, sizeof(from));
	memcpy(gen, gens, sizeof(gen));
	for (uint64_t at = from[all - 2]; at <= from[all]; at += step) {
		const unsigned want = at == from[all] ? all :
		    at >= from[all - 1]               ? all - 1 :
							all - 2;

		NEED(journal_cut(at));
		wrong += read_all(&n, &torn) != SC_OK || n != want || torn != (at != from[want]);
	}
	CHECK(wrong == 0);
	const uint64_t edges[] = { from[all - 2], from[all - 2] + 1, from[all - 1] - 1,
		from[all - 1], from[all - 1] + 1, from[all] - 1, from[all] };

	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		const unsigned want = edges[i] == from[all] ? all :
		    edges[i] >= from[all - 1]               ? all - 1 :
							      all - 2;

		NEED(journal_cut(edges[i]));
		CHECK(restore() == SC_OK && built.header.gen == gen[want]);
	}
	CHECK(same());
}

/* A byte is another: in the last record it was never answered, before it all is refused. */
static void test_broken(void)
{
	const uint64_t step = getenv("DEEP") != NULL ? 1 : 67;
	uint64_t from[RECORDS + 1], wrong = 0;
	unsigned n, all;
	bool torn;

	NEED(sh("cp kept second/journal") && read_all(&all, &torn) == SC_OK && all >= 2);
	memcpy(from, ends, sizeof(from));
	for (uint64_t at = from[all - 2]; at < from[all]; at++) {
		const bool last = at >= from[all - 1];
		enum sc_err err;

		if (at % step != 0 && at - from[all - 2] > 100)
			continue;
		NEED(journal_spoil(at));
		err = read_all(&n, &torn);
		wrong += last ? err != SC_OK || n != all - 1 || !torn : err != SC_SYNTAX;
		NEED(journal_spoil(at));
	}
	CHECK(wrong == 0);
	NEED(journal_spoil(from[all - 2] + 300));
	CHECK(restore() == SC_SYNTAX && strstr(diag.text, "in the middle") != NULL);
	CHECK(sh("test ! -e other.db && test -e second/keyd.epoch"));
	/* where the store lives on, a fresh base takes its place */
	NEED(world_start(&w, false, false) == SC_OK);
	world_stop(&w);
	CHECK(restore() == SC_OK && same());
}

/* The last record turns the epoch: it is there before the twin's old key is not. */
static void test_turn(void)
{
	struct used_key gus;
	unsigned all;
	bool torn, found;

	NEED(world_start(&w, false, false) == SC_OK && world_seal(&w, "gus", &gus) == SC_OK);
	NEED(sh("cp second/keyd.epoch before && cp second/journal short"));
	NEED(world_erase(&w, "gus", &found) == SC_OK && found);
	world_stop(&w);
	NEED(sh("cp second/journal kept && cp second/keyd.epoch after"));
	NEED(read_all(&all, &torn) == SC_OK && restore() == SC_OK && same());
	const uint64_t epoch = built.header.epoch;

	/* died before the record, in it, behind it, and behind the block */
	NEED(sh("cp before second/keyd.epoch && cp short second/journal"));
	CHECK(restore() == SC_OK && built.header.epoch == epoch - 1);
	NEED(sh("cp kept second/journal"));
	CHECK(restore() == SC_OK && built.header.epoch == epoch);
	NEED(sh("cp after second/keyd.epoch"));
	CHECK(restore() == SC_OK && built.header.epoch == epoch);
	/* an older mirror opens nothing beside the newer twin: who was erased stays so */
	NEED(sh("cp short second/journal"));
	CHECK(restore() == SC_AUTH && strstr(diag.text, "not of one time") != NULL);
	NEED(sh("cp kept second/journal"));
}

/* An older database put back: a base of it would be written over the newest people's only keys. */
static void test_newer(void)
{
	struct used_key hal, k;

	NEED(world_keep(&w, "sooner") && world_start(&w, false, false) == SC_OK);
	NEED(world_seal(&w, "hal", &hal) == SC_OK);
	world_stop(&w);
	NEED(world_keep(&w, "newest") && world_put_back(&w, "sooner", "db"));
	NEED(sh("cat second/base.scb second/journal >before"));
	CHECK(world_start(&w, false, false) == SC_CORRUPT);
	CHECK(strstr(w.d.text, "the mirror has commit") != NULL);
	CHECK(sh("cat second/base.scb second/journal | cmp -s - before"));
	CHECK(restore() == SC_OK);
	NEED(world_put_back(&w, "newest", "db") && world_start(&w, false, false) == SC_OK);
	CHECK(world_open(&w, hal.id, &k) == SC_OK && k.state == PERSON_LIVE);
	world_stop(&w);
}

static void test_missing(void)
{
	NEED(sh("mv second/base.scb aside"));
	CHECK(restore() == SC_IO && strstr(diag.text, "base is not there") != NULL);
	NEED(sh("mv aside second/base.scb && mv second/keyd.epoch aside"));
	CHECK(restore() != SC_OK);
	NEED(sh("mv aside second/keyd.epoch"));
	/* another store's mirror is never written over */
	NEED(sh(
	    "mkdir old && mv keyd.db* keyd.epoch log old/ && cp second/keyd.epoch old/twin && rm "
	    "second/keyd.epoch"));
	CHECK(world_start(&w, true, false) == SC_AUTH && strstr(w.d.text, "another store") != NULL);
	world_remove(&w);
}

int main(void)
{
	RUN(test_equal, "what is restored equals the store, row by row; a mirror is gone on from");
	RUN(test_opens, "every key that was answered opens, erased ones do not");
	RUN(test_cuts, "cut at any byte, what was answered before is there");
	RUN(test_broken, "a byte that is another is seen, and refused where it was answered");
	RUN(test_turn, "the mirror opens at each step of an erasure");
	RUN(test_newer, "one that is newer than the database is never written over");
	RUN(test_missing, "what is missing, or another's, is told");
	return tap_done();
}
