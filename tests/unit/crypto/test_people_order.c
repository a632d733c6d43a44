/*
 * test_people_order.c - whose an order is, in the store: who was named first, while they live.
 */
#include "tap.h"
#include "unit/crypto/people_world.h"

#include <sqlite3.h>

static struct people_world w;

/* One number that the stopped store gives to SQL; -1: none. */
static long long ask_db(const char *sql)
{
	char path[128];
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	long long n = -1;

	snprintf(path, sizeof(path), "%s/keyd.db", w.dir);
	if (sqlite3_open(path, &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK) {
		const int rc = sqlite3_step(st);

		n = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : rc == SQLITE_DONE ? 0 : -1;
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

/* Order ID is said to be NAME's: is it another's? */
static bool says(const char *id, const char *name)
{
	struct order_person o;
	struct used_key k;

	CHECK(world_order(&w, id, name, true, &o, &k) == SC_OK);
	return !o.other;
}

/* Whose key seals for order ID: NAME's? NULL: nobody's. */
static bool is_of(const char *id, const char *name)
{
	uint8_t handle[HANDLE_BYTES];
	struct order_person o;
	struct used_key k, own;

	CHECK(world_order(&w, id, NULL, false, &o, &k) == SC_OK && !o.broken);
	if (name == NULL || !o.found)
		return name == NULL && !o.found;
	world_handle(&w, name, handle);
	CHECK(world_seal(&w, name, &own) == SC_OK);
	return memcmp(handle, o.who, HANDLE_BYTES) == 0 && k.state == PERSON_LIVE && own.id == k.id;
}

static void test_first(void)
{
	struct order_person o;
	struct people_counts before, first, c;
	struct used_key ann, k;
	bool found;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	people_count(w.pp, &before);
	/* who is new is made with it: one person, one slot, one commit */
	CHECK(world_order(&w, "A-1", "ann", true, &o, &ann) == SC_OK && !o.other);
	people_count(w.pp, &first);
	CHECK(first.people == 1 && first.slots == 1 && first.gen == before.gen + 1);
	CHECK(says("A-1", "ann") && says("A-2", "ann"));
	/* that it is theirs is a commit like any other, and to say it again is none */
	people_count(w.pp, &c);
	CHECK(c.people == 1 && c.gen == first.gen + 1);
	CHECK(!says("A-1", "bob"));
	CHECK(is_of("A-1", "ann") && is_of("A-2", "ann") && is_of("B-1", NULL));
	/* bob is sealed for, and nobody else was made */
	people_count(w.pp, &c);
	CHECK(c.people == 2 && c.slots == 2);
	/* whoever it is asked with is it where nobody is known, and from then on */
	CHECK(world_order(&w, "G-1", "guest:G-1", false, &o, &k) == SC_OK && o.found);
	CHECK(is_of("G-1", "guest:G-1"));
	CHECK(world_order(&w, "A-1", "guest:A-1", false, &o, &k) == SC_OK && o.found &&
	    k.id == ann.id);
	CHECK(world_merge(&w, "guest:G-1", "ann", &found) == SC_OK && found);
	CHECK(is_of("G-1", "ann") && is_of("A-1", "ann"));
	world_stop(&w);
	CHECK(ask_db("SELECT count(*) FROM alias") == 3);
	/* by the commits in which they were written */
	CHECK(ask_db("SELECT count(DISTINCT gen) FROM alias") == 3);
	CHECK(ask_db("SELECT min(gen) FROM alias") == (long long)first.gen);
}

static void test_erased(void)
{
	struct used_key k;
	bool found;

	NEED(world_keep(&w, "old") && world_start(&w, false, false) == SC_OK);
	CHECK(is_of("A-1", "ann"));
	CHECK(says("B-1", "bob") && world_erase(&w, "ann", &found) == SC_OK && found);
	CHECK(is_of("A-1", NULL) && is_of("G-1", NULL) && is_of("B-1", "bob"));
	/* whoever comes again has none of their old orders */
	CHECK(world_seal(&w, "ann", &k) == SC_OK && is_of("A-2", NULL));
	CHECK(says("A-1", "cat") && is_of("A-1", "cat") && !says("A-1", "ann"));
	world_stop(&w);
	CHECK(ask_db("SELECT count(*) FROM alias") == 2);
	/* an older database: the log tells who was erased, and their orders go again */
	NEED(world_put_back(&w, "old", "db") && world_put_back(&w, "old", "epoch"));
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(w.replayed.erased == 1 && is_of("A-1", NULL) && is_of("G-1", NULL));
	world_stop(&w);
	CHECK(ask_db("SELECT count(*) FROM alias") == 0);
	world_remove(&w);
}

/* On any doubt it is somebody's, who is not reached; and nobody else gets it. */
static void test_damaged(void)
{
	struct order_person o;
	struct used_key k;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	CHECK(says("A-1", "ann") && says("A-2", "ann"));
	for (unsigned i = 0; i < 80; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%u", i);
		NEED(world_seal(&w, name, &k) == SC_OK);
	}
	world_stop(&w);
	/* a row that leads behind all slots, and one into a box that does not open */
	NEED(
	    ask_db("UPDATE alias SET slot = 100000 WHERE gen = (SELECT max(gen) FROM alias)") == 0);
	NEED(ask_db("UPDATE node SET box = substr(box, 1, 100) ||"
		    " CASE substr(box, 101, 1) WHEN x'00' THEN x'01' ELSE x'00' END ||"
		    " substr(box, 102)"
		    " WHERE n = 0") == 0);
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(world_order(&w, "A-1", "guest:A-1", false, &o, &k) == SC_OK && o.broken && !o.found);
	CHECK(world_order(&w, "A-2", NULL, false, &o, &k) == SC_OK && o.broken && !o.found);
	CHECK(!says("A-1", "bob") && !says("A-2", "bob"));
	world_stop(&w);
	world_remove(&w);
}

int main(void)
{
	RUN(test_first, "an order is whose it was first, through merges");
	RUN(test_erased, "until they are erased, here and where an older store is put back");
	RUN(test_damaged, "what cannot be read is somebody's");
	return tap_done();
}
