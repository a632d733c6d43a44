/*
 * test_people.c - everybody's keys beside a naive map: made, found, merged, forgotten, over
 * restarts; and the edges of leases, groups and what is written along.
 *
 * DEEP=1: many more steps.
 */
#include "tap.h"
#include "unit/crypto/people_world.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/keystore/people_int.h"
#include "crypto/keytree/slot_id.h"

#include <sqlite3.h>
#include <unistd.h>

static struct people_world w;
static uint64_t seed = 20;

static uint32_t roll(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* A number of the store, as it lies; it is not open. */
static int64_t ask_db(const char *sql)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	int64_t n = -1;
	char path[128];

	snprintf(path, sizeof(path), "%s/keyd.db", w.dir);
	if (sqlite3_open(path, &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static bool change_db(const char *sql)
{
	sqlite3 *db = NULL;
	char path[128];
	bool ok;

	snprintf(path, sizeof(path), "%s/keyd.db", w.dir);
	ok = sqlite3_open(path, &db) == SQLITE_OK &&
	    sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK && sqlite3_changes(db) > 0;
	sqlite3_close(db);
	return ok;
}

static bool again(void)
{
	world_stop(&w);
	return world_start(&w, false, false) == SC_OK;
}

static uint64_t people(void)
{
	struct people_counts c;

	people_count(w.pp, &c);
	return c.people;
}

static enum person_state state_of(uint64_t id)
{
	struct used_key k;

	return world_open(&w, id, &k) == SC_OK ? k.state : (enum person_state)99;
}

/* ---- one person ---- */

static void test_one(void)
{
	struct used_key a, b, c;
	struct siv_ctx *siv;
	const struct person_key *k;
	struct person_key bent;
	uint8_t h[HANDLE_BYTES];
	bool found;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &a) == SC_OK && a.state == PERSON_LIVE);
	NEED(world_seal(&w, "bob", &b) == SC_OK && people() == 2);
	CHECK(a.id != b.id && memcmp(a.proof, b.proof, 32) != 0);
	CHECK(world_open(&w, a.id, &c) == SC_OK && memcmp(a.proof, c.proof, 32) == 0);
	NEED(again());
	CHECK(world_open(&w, a.id, &c) == SC_OK && memcmp(a.proof, c.proof, 32) == 0);
	CHECK(world_seal(&w, "ann", &c) == SC_OK && c.id == a.id);
	CHECK(memcmp(a.proof, c.proof, 32) == 0 && people() == 2);
	/* a wrapped key is bound to all that names it */
	world_handle(&w, "ann", h);
	NEED((k = people_by_handle(w.pp, h)) != NULL && siv_ctx_new(&siv) == SC_OK);
	CHECK(people_use(w.pp, k, siv) == SC_OK && memcmp(k->handle, h, HANDLE_BYTES) == 0);
	for (int i = 0; i < 4; i++) {
		bent = *k;
		if (i == 0)
			bent.id ^= 1;
		else if (i == 1)
			bent.handle[0] ^= 1;
		else if (i == 2)
			bent.wrapped[20] ^= 1;
		else
			bent.state = PERSON_GONE;
		CHECK(people_use(w.pp, &bent, siv) == SC_CORRUPT);
	}
	siv_ctx_free(siv);
	/* forgotten, at once and after a restart, and back as another */
	NEED(world_erase(&w, "ann", &found) == SC_OK && found && people() == 1);
	CHECK(people_by_handle(w.pp, h) == NULL && state_of(a.id) == PERSON_GONE);
	NEED(world_erase(&w, "ann", &found) == SC_OK && !found);
	NEED(again());
	CHECK(state_of(a.id) == PERSON_GONE && state_of(b.id) == PERSON_LIVE);
	NEED(world_seal(&w, "ann", &c) == SC_OK && c.state == PERSON_LIVE && people() == 2);
	CHECK(c.id != a.id && memcmp(c.proof, a.proof, 32) != 0);
	CHECK(state_of(a.id) == PERSON_GONE && state_of(c.id) == PERSON_LIVE);
	world_stop(&w);
}

/* A handle is the handle key's word for a name, and nothing else's. */
static void test_handles(void)
{
	const struct sc_span parts[] = { SC_LIT("subject\0"), SC_LIT("cust-1") };
	uint8_t full[HASH_BYTES], got[HANDLE_BYTES];

	NEED(world_start(&w, false, false) == SC_OK);
	hmac_sha256(keyring_handle_key(w.kr), parts, 2, full);
	world_handle(&w, "cust-1", got);
	CHECK(memcmp(got, full, HANDLE_BYTES) == 0);
	world_handle(&w, "cust-2", got);
	CHECK(memcmp(got, full, HANDLE_BYTES) != 0);
	world_stop(&w);
}

/* An id that was made up is known without a read; a slot's that was not given out is unknown. */
static void test_ids(void)
{
	struct slot_ids *ids;
	uint64_t id, slot;
	struct people_counts c;
	unsigned none = 0;
	bool ok;

	NEED(world_start(&w, false, false) == SC_OK);
	for (unsigned i = 0; i < 1000; i++) {
		id = (uint64_t)roll(1u << 31) << 32 | roll(1u << 31);
		none += people_by_id(w.pp, id) != NULL &&
		    people_by_id(w.pp, id)->state == PERSON_NONE &&
		    people_by_id(w.pp, id)->id == id;
	}
	CHECK(none == 1000);
	people_count(w.pp, &c);
	NEED(slot_ids_new(keyring_slot_key(w.kr), &ids) == SC_OK);
	/* behind the last that was given out, and the last there is */
	for (int i = 0; i < 3; i++) {
		slot = i == 0 ? c.slots : i == 1 ? c.slots + 1 : TREE_SLOTS - 1;
		NEED(slot_id_of(ids, slot, &id) == SC_OK);
		CHECK(people_by_id(w.pp, id) == NULL && state_of(id) == PERSON_UNKNOWN);
	}
	NEED(slot_id_of(ids, c.slots - 1, &id) == SC_OK &&
	    slot_id_slot(ids, id, &slot, &ok) == SC_OK);
	CHECK(ok && slot == c.slots - 1 && state_of(id) == PERSON_LIVE);
	slot_ids_free(ids);
	people_count(w.pp, &c);
	CHECK(c.unknown == 3 && c.broken == 0);
	/* it is told to who waits and then asked for again: it may be given out by then */
	NEED(slot_ids_new(keyring_slot_key(w.kr), &ids) == SC_OK);
	NEED(slot_id_of(ids, c.slots, &id) == SC_OK && state_of(id) == PERSON_UNKNOWN);
	slot_ids_free(ids);
	struct used_key k;
	NEED(world_seal(&w, "the next one", &k) == SC_OK && k.id == id);
	CHECK(state_of(id) == PERSON_LIVE);
	world_stop(&w);
}

/* Damage is told apart from being gone, for each of those it hits and nobody else. */
static void test_damage(void)
{
	struct used_key k, a, b;
	struct people_counts c;

	NEED(world_start(&w, false, false) == SC_OK);
	NEED(world_seal(&w, "ann", &a) == SC_OK && world_seal(&w, "bob", &b) == SC_OK);
	world_stop(&w);
	/* another byte than stands there, whichever that is */
	NEED(change_db("UPDATE node SET box = substr(box, 1, 100) ||"
		       " CASE substr(box, 101, 1) WHEN x'00' THEN x'01' ELSE x'00' END ||"
		       " substr(box, 102) WHERE n = 0"));
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(world_open(&w, a.id, &k) == SC_OK && k.state == PERSON_BROKEN);
	CHECK(world_seal(&w, "ann", &k) == SC_OK && k.state == PERSON_BROKEN);
	CHECK(world_open(&w, a.id, &k) == SC_OK && k.state == PERSON_BROKEN);
	people_count(w.pp, &c);
	CHECK(c.broken >= 2 && c.unknown == 0);
	world_stop(&w);
	NEED(change_db("DELETE FROM node WHERE n = 0"));
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(world_open(&w, b.id, &k) == SC_OK && k.state == PERSON_BROKEN);
	world_stop(&w);
	/* without the top box nothing opens */
	NEED(change_db("DELETE FROM node WHERE n >= 288230376151711744"));
	CHECK(world_start(&w, false, false) == SC_CORRUPT);
	CHECK(strstr(w.d.text, "scrim keys restore") != NULL);
	world_remove(&w);
	/* a row that leads to somebody else's key does not seal under it */
	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &a) == SC_OK && world_seal(&w, "bob", &b) == SC_OK);
	world_stop(&w);
	NEED(change_db("UPDATE person SET slot = 1 - slot"));
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(world_seal(&w, "ann", &k) == SC_OK && k.state == PERSON_BROKEN);
	CHECK(world_open(&w, a.id, &k) == SC_OK && k.state == PERSON_LIVE);
	world_stop(&w);
	world_remove(&w);
}

/* ---- beside a naive map ---- */

#define NAMES 60
#define KEYS_MAX 8

static struct model {
	struct used_key key[KEYS_MAX];
	unsigned n;
} model[NAMES];
static struct used_key dead[20000];
static unsigned n_dead;

static char *name_of(unsigned i)
{
	static char names[NAMES][16];

	snprintf(names[i], sizeof(names[i]), "p-%u", i);
	return names[i];
}

static bool same(const struct used_key *a, const struct used_key *b)
{
	return a->id == b->id && a->state == b->state && memcmp(a->proof, b->proof, 32) == 0;
}

static bool step_seal(unsigned i)
{
	struct model *m = &model[i];
	struct used_key k;

	if (world_seal(&w, name_of(i), &k) != SC_OK || k.state != PERSON_LIVE)
		return false;
	if (m->n > 0)
		return same(&k, &m->key[m->n - 1]);
	for (unsigned x = 0; x < n_dead; x++)
		if (dead[x].id == k.id || memcmp(dead[x].proof, k.proof, 32) == 0)
			return false;
	m->key[m->n++] = k;
	return true;
}

static bool step_open(unsigned i)
{
	struct model *m = &model[i];
	struct used_key k;
	unsigned x;

	if (m->n > 0) {
		x = roll(m->n);
		return world_open(&w, m->key[x].id, &k) == SC_OK && same(&k, &m->key[x]);
	}
	if (n_dead == 0)
		return true;
	x = roll(n_dead);
	return world_open(&w, dead[x].id, &k) == SC_OK && k.state == PERSON_GONE;
}

static bool step_erase(unsigned i)
{
	struct model *m = &model[i];
	bool found;

	if (world_erase(&w, name_of(i), &found) != SC_OK || found != (m->n > 0))
		return false;
	while (m->n > 0 && n_dead < sizeof(dead) / sizeof(dead[0]))
		dead[n_dead++] = m->key[--m->n];
	return true;
}

/* Their keys by slot: in the order in which they were made, as proofs of the model have it. */
static uint64_t slot(uint64_t id)
{
	struct slot_ids *ids;
	uint64_t s = 0;
	bool ok;

	if (slot_ids_new(keyring_slot_key(w.kr), &ids) != SC_OK ||
	    slot_id_slot(ids, id, &s, &ok) != SC_OK || !ok)
		abort();
	slot_ids_free(ids);
	return s;
}

static bool step_merge(unsigned i, unsigned k)
{
	struct model *a = &model[i], *b = &model[k];
	bool found;

	if (i == k || a->n + b->n > KEYS_MAX)
		return true;
	if (world_merge(&w, name_of(i), name_of(k), &found) != SC_OK || found != (a->n > 0))
		return false;
	while (a->n > 0) {
		unsigned at = b->n++;

		for (b->key[at] = a->key[--a->n];
		     at > 0 && slot(b->key[at - 1].id) > slot(b->key[at].id); at--) {
			struct used_key t = b->key[at];

			b->key[at] = b->key[at - 1];
			b->key[at - 1] = t;
		}
	}
	return true;
}

static bool step(void)
{
	unsigned i = roll(NAMES), what = roll(100);

	if (what < 45)
		return step_open(i);
	if (what < 80)
		return step_seal(i);
	if (what < 90)
		return step_erase(i);
	if (what < 97)
		return step_merge(i, roll(NAMES));
	return what == 97 ? again() : what == 98 ? world_turn(&w) == SC_OK : true;
}

static bool all_agree(void)
{
	struct used_key k;
	uint64_t alive = 0;

	for (unsigned i = 0; i < NAMES; i++) {
		alive += model[i].n > 0;
		for (unsigned x = 0; x < model[i].n; x++)
			if (world_open(&w, model[i].key[x].id, &k) != SC_OK ||
			    !same(&k, &model[i].key[x]))
				return false;
	}
	for (unsigned x = 0; x < n_dead; x++)
		if (world_open(&w, dead[x].id, &k) != SC_OK || k.state != PERSON_GONE)
			return false;
	return people() == alive;
}

static void test_naive_map(void)
{
	unsigned steps = getenv("DEEP") != NULL ? 40000 : 1200, differ = 0;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	for (unsigned i = 0; i < steps && differ == 0; i++) {
		if (!step())
			printf("# step %u differs\n", i), differ++;
		if (i % 400 == 399)
			differ += !all_agree();
	}
	CHECK(differ == 0 && n_dead > 20);
	CHECK(all_agree());
	NEED(again());
	CHECK(all_agree());
	world_stop(&w);
	/* a row of the tree, of people and of weeks for each that is alive, and none for others */
	CHECK(ask_db("SELECT count(DISTINCT handle) FROM person") ==
	    ask_db("SELECT people FROM store"));
	CHECK(ask_db("SELECT count(*) FROM person") == ask_db("SELECT count(*) FROM week"));
	CHECK(ask_db("SELECT count(*) FROM week WHERE slot NOT IN (SELECT slot FROM person)") == 0);
	/* seq goes by slots, from 0 */
	CHECK(ask_db("SELECT count(*) FROM person a, person b WHERE a.handle = b.handle AND"
		     " a.seq < b.seq AND a.slot >= b.slot") == 0);
	CHECK(ask_db("SELECT count(*) FROM (SELECT max(seq) m, count(*) c FROM person GROUP BY"
		     " handle) WHERE m <> c - 1") == 0);
	world_remove(&w);
}

/* ---- many at once ---- */

static unsigned done_ok, done_limit, done_bad, done_found;

static void on_done(void *owner, enum sc_err err)
{
	(void)owner;
	done_ok += err == SC_OK;
	done_limit += err == SC_LIMIT;
	done_bad += err != SC_OK && err != SC_LIMIT;
}

static void on_found(void *owner, enum sc_err err, bool found)
{
	on_done(owner, err);
	done_found += found;
}

static void number_handle(uint64_t i, uint8_t out[HANDLE_BYTES])
{
	memset(out, 0, HANDLE_BYTES);
	sc_be64_store(out, i * 0x9e3779b97f4a7c15u);
	sc_be64_store(out + 8, i);
}

/* Ask for the keys of FROM .. TO, as a frame does. */
static bool ask_many(uint64_t from, uint64_t to)
{
	uint8_t h[HANDLE_BYTES];
	struct key_fetch *f;

	if (key_fetch_new(w.pp, &f) != SC_OK)
		return false;
	for (uint64_t i = from; i < to; i++) {
		number_handle(i, h);
		if (key_fetch_handle(f, h) != SC_OK)
			return false;
	}
	people_fetch(f, NULL, on_done);
	return true;
}

static uint64_t id_of(uint64_t i)
{
	const struct person_key *k;
	uint8_t h[HANDLE_BYTES];

	number_handle(i, h);
	k = people_by_handle(w.pp, h);
	return k == NULL ? 0 : k->id;
}

#define CROWD 5000
#define ERASED 1000

static void test_erase_crowd(void)
{
	static uint64_t ids[CROWD];
	struct people_counts before, after;
	uint8_t h[HANDLE_BYTES];
	unsigned wrong = 0;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	done_ok = done_bad = done_found = 0;
	NEED(ask_many(0, CROWD) && world_wait(&w) && done_ok == 1 && people() == CROWD);
	for (uint64_t i = 0; i < CROWD; i++)
		ids[i] = id_of(i);
	people_count(w.pp, &before);
	/* all are handed in before any is told; new people wait among them */
	for (uint64_t i = 0; i < ERASED; i++) {
		number_handle(i * 5, h);
		people_intend(w.pp);
		NEED(people_erase(w.pp, &ids[i * 5], 1, tlog_next(w.log), NULL, on_found) == SC_OK);
		if (i % 100 == 0)
			NEED(ask_many(CROWD + i, CROWD + i + 10));
	}
	NEED(world_wait(&w));
	people_count(w.pp, &after);
	CHECK(done_bad == 0 && done_found == ERASED && after.epoch > before.epoch);
	CHECK(after.epoch - before.epoch < 30 && after.people == CROWD - ERASED + 100);
	for (uint64_t i = 0; i < CROWD; i++)
		wrong += state_of(ids[i]) != (i % 5 == 0 ? PERSON_GONE : PERSON_LIVE);
	CHECK(wrong == 0);
	NEED(again());
	for (uint64_t i = 0; i < CROWD; i += 7)
		wrong += state_of(ids[i]) != (i % 5 == 0 ? PERSON_GONE : PERSON_LIVE);
	CHECK(wrong == 0 && people() == CROWD - ERASED + 100);
	world_stop(&w);
}

/* One handle many times in a fetch, and in two at once, is one person. */
static void test_twice_in_one(void)
{
	uint8_t h[HANDLE_BYTES];
	struct key_fetch *f, *g;
	uint64_t n;

	NEED(world_start(&w, false, false) == SC_OK);
	n = people();
	number_handle(1u << 20, h);
	done_ok = done_bad = 0;
	NEED(key_fetch_new(w.pp, &f) == SC_OK && key_fetch_new(w.pp, &g) == SC_OK);
	for (int i = 0; i < 3; i++)
		NEED(key_fetch_handle(f, h) == SC_OK && key_fetch_handle(g, h) == SC_OK);
	people_fetch(f, NULL, on_done);
	people_fetch(g, NULL, on_done);
	NEED(world_wait(&w));
	CHECK(done_ok == 2 && people() == n + 1 && people_by_handle(w.pp, h) != NULL);
	CHECK(state_of(id_of(1u << 20)) == PERSON_LIVE);
	NEED(again());
	CHECK(people() == n + 1 && state_of(id_of(1u << 20)) != PERSON_LIVE);
	world_stop(&w);
	world_remove(&w);
}

/* A fetch on either side of an erasure, all under way at once, brings nobody back. */
static void test_fetch_around_erasure(void)
{
	struct used_key a;
	uint8_t h[HANDLE_BYTES];
	struct key_fetch *f;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &a) == SC_OK && again());
	world_handle(&w, "ann", h);
	for (int i = 0; i < 3; i++) {
		if (i == 1) {
			people_intend(w.pp);
			NEED(people_erase(w.pp, &a.id, 1, tlog_next(w.log), NULL, on_found) ==
			    SC_OK);
			continue;
		}
		NEED(key_fetch_new(w.pp, &f) == SC_OK && key_fetch_id(f, a.id) == SC_OK);
		people_fetch(f, NULL, on_done);
	}
	NEED(world_wait(&w));
	CHECK(people_by_id(w.pp, a.id) != NULL && people_by_id(w.pp, a.id)->state == PERSON_GONE);
	CHECK(people_by_handle(w.pp, h) == NULL && people() == 0);
	world_stop(&w);
	/* the week of who is gone is not written any more, though the loop still had the key */
	CHECK(ask_db("SELECT count(*) FROM week") == 0);
	CHECK(ask_db("SELECT count(*) FROM person") == 0);
	CHECK(ask_db("SELECT count(*) FROM touched") == 1);
	world_remove(&w);
}

static void test_weeks(void)
{
	const struct person_key *k;
	const uint64_t now = clock_unix_ms(), later = now + 7 * UINT64_C(86400000);
	struct used_key a, b;
	uint8_t h[HANDLE_BYTES];
	bool found;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &a) == SC_OK && world_seal(&w, "bob", &b) == SC_OK);
	world_handle(&w, "ann", h);
	NEED((k = people_by_handle(w.pp, h)) != NULL && k->week == now / 604800000);
	atomic_store(&w.pp->clock.believed_ms, later);
	people_sealed(w.pp, k, later, 0);
	CHECK(k->week == later / 604800000);
	NEED(again());
	CHECK(people_time(w.pp) >= later); /* what was believed is kept */
	atomic_store(&w.pp->clock.believed_ms, now);
	NEED(world_seal(&w, "ann", &a) == SC_OK);
	/* read along with the key; what was sealed now is of this week again */
	NEED(world_open(&w, b.id, &b) == SC_OK && (k = people_by_id(w.pp, b.id)) != NULL);
	CHECK(k->week == now / 604800000);
	people_sealed(w.pp, k, later, 0);
	/* erased before it was written */
	NEED(world_erase(&w, "bob", &found) == SC_OK && found);
	world_stop(&w);
	CHECK(ask_db("SELECT count(*) FROM week") == 1);
	CHECK(ask_db("SELECT week FROM week WHERE slot = 0") == (int64_t)(now / 604800000));
	world_remove(&w);
}

/* Never slower than the steady clock, never back, and a week a day at the most. */
static void test_clock(void)
{
	const uint64_t day = 86400000, t = UINT64_C(20000) * day;
	uint64_t believed = t, wall = t;

	CHECK(people_time_after(t, 1000, t + 1000) == t + 1000);
	CHECK(people_time_after(t, 1000, t + 6999) == t + 6999);
	CHECK(people_time_after(t, 1000, t + 7000) == t + 7000);
	CHECK(people_time_after(t, 1000, t + 7001) == t + 7000);
	CHECK(people_time_after(t, day, t + 400 * day) == t + 7 * day);
	CHECK(people_time_after(t, 0, t + 400 * day) == t);
	CHECK(people_time_after(t, day, t - 400 * day) == t + day);
	CHECK(people_time_after(t, day, 0) == t + day);
	/* set forth and back each second of a day */
	for (int i = 0; i < 86400; i++) {
		wall = t + (uint64_t)i * 1000 + (i % 2 == 0 ? 100 * day : 0);
		believed = people_time_after(believed, 1000, wall);
	}
	CHECK(believed >= t + day && believed <= t + 7 * day);
}

/* A machine that was off is behind for a sixth of that; weeks are never skipped twice. */
static void test_clock_behind(void)
{
	const uint64_t hour = 3600000, t = UINT64_C(20000) * 24 * hour, off = 60 * 24 * hour;
	uint64_t believed = t, wall = t + off;
	unsigned hours = 0;

	for (; believed < wall; hours++) {
		wall += hour;
		believed = people_time_after(believed, hour, wall);
		CHECK(believed <= wall);
	}
	CHECK(hours == 60 * 24 / 6);
}

/* ---- erasures that wait ---- */

static bool left_ok;

static void on_left(void *owner, enum sc_err err, bool found)
{
	(void)owner;
	left_ok = err == SC_OK && found;
}

/* NAME's keys leave, by an intent that is durable. */
static bool leave(const char *name, struct people_leaver *who)
{
	memset(who, 0, sizeof(*who));
	world_handle(&w, name, who->handle);
	if (world_intend(&w, name, who->ids, &who->n, &who->intent) != SC_OK)
		return false;
	left_ok = false;
	return people_leave(w.pp, who, NULL, on_left) == SC_OK && world_wait(&w) && left_ok;
}

static bool stay(const struct people_leaver *who)
{
	left_ok = false;
	people_intend(w.pp);
	return people_stay(w.pp, who, tlog_next(w.log), NULL, on_left) == SC_OK && world_wait(&w) &&
	    left_ok;
}

/* Whom it waits for as H. */
static bool find_leaving(const uint8_t h[HANDLE_BYTES], struct people_leaver *out)
{
	uint64_t from = 0;

	while (people_leaving_next(w.pp, from, out)) {
		if (memcmp(out->handle, h, HANDLE_BYTES) == 0)
			return true;
		from = out->intent + 1;
	}
	return false;
}

static enum person_state state_now(uint64_t id)
{
	struct used_key k = { .state = PERSON_NONE };

	return world_open(&w, id, &k) == SC_OK ? k.state : PERSON_NONE;
}

/* As gone to whoever opens; another to whoever is sealed for; and all comes back. */
static void test_leaving(void)
{
	struct people_leaver who, listed;
	struct used_key a, b, c, d;
	uint8_t h[HANDLE_BYTES];

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(people_grace(w.pp, 3600000) == SC_OK && people_leaving_count(w.pp) == 0);
	NEED(world_seal(&w, "ann", &a) == SC_OK && world_seal(&w, "bob", &b) == SC_OK);
	NEED(leave("ann", &who) && who.n == 1 && people_leaving_count(w.pp) == 1);
	CHECK(state_now(a.id) == PERSON_GONE && state_now(b.id) == PERSON_LIVE);
	world_handle(&w, "ann", h);
	CHECK(find_leaving(h, &listed) && listed.ids[0] == a.id && listed.left_ms > 3500000 &&
	    listed.left_ms <= 3600000);
	CHECK(!people_leaving_due(w.pp, &listed));
	NEED(world_seal(&w, "ann", &c) == SC_OK);
	CHECK(c.id != a.id && c.state == PERSON_LIVE && people() == 2);
	NEED(world_seal(&w, "ann", &d) == SC_OK);
	CHECK(d.id == c.id);
	NEED(again() && people_grace(w.pp, 3600000) == SC_OK);
	CHECK(people_leaving_count(w.pp) == 1 && state_now(a.id) == PERSON_GONE);
	NEED(world_seal(&w, "ann", &d) == SC_OK);
	CHECK(d.id == c.id && people() == 2);
	/* both are hers again, and the newest seals */
	NEED(find_leaving(h, &listed) && stay(&listed));
	CHECK(people_leaving_count(w.pp) == 0 && state_now(a.id) == PERSON_LIVE);
	NEED(world_open(&w, a.id, &d) == SC_OK);
	CHECK(memcmp(a.proof, d.proof, sizeof(a.proof)) == 0);
	NEED(world_seal(&w, "ann", &d) == SC_OK);
	CHECK(d.id == c.id && people() == 2);
	world_stop(&w);
	CHECK(ask_db("SELECT count(*) FROM leaving") == 0);
	world_remove(&w);
}

/* Its time is that for which keyd ran, and the file's when that is less than what was said. */
static void test_leaving_due(void)
{
	struct people_leaver ann, bob, due;
	struct used_key a, b, c;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(people_grace(w.pp, 3600000) == SC_OK && world_seal(&w, "ann", &a) == SC_OK &&
	    world_seal(&w, "bob", &b) == SC_OK && leave("ann", &ann));
	atomic_fetch_add(&w.pp->clock.ran_ms, 1800000);
	NEED(leave("bob", &bob) && world_seal(&w, "ann", &c) == SC_OK);
	atomic_fetch_add(&w.pp->clock.ran_ms, 1700000);
	CHECK(!people_leaving_due(w.pp, &due));
	atomic_fetch_add(&w.pp->clock.ran_ms, 100001);
	NEED(people_leaving_due(w.pp, &due));
	CHECK(due.intent == ann.intent && due.n == 1 && due.ids[0] == a.id);
	/* once, and not to be taken back any more, unless it failed */
	CHECK(!people_leaving_due(w.pp, &due) && !find_leaving(ann.handle, &due));
	people_leaving_failed(w.pp, ann.intent);
	NEED(people_leaving_due(w.pp, &due));
	people_intend(w.pp);
	NEED(people_erase(w.pp, due.ids, due.n, tlog_next(w.log), NULL, on_found) == SC_OK &&
	    world_wait(&w));
	CHECK(people_leaving_count(w.pp) == 1 && state_now(a.id) == PERSON_GONE);
	CHECK(state_now(c.id) == PERSON_LIVE && people() == 2);
	/* what ran is kept, and a shorter grace is theirs too who wait */
	NEED(again() && people_grace(w.pp, 60000) == SC_OK);
	CHECK(people_ran(w.pp) >= 3600001);
	NEED(people_leaving_next(w.pp, 0, &due) && due.intent == bob.intent);
	CHECK(due.left_ms <= 60000 && !people_leaving_next(w.pp, bob.intent + 1, &due));
	world_stop(&w);
	CHECK(ask_db("SELECT count(*) FROM leaving") == 1);
	world_remove(&w);
}

/* ---- leases ---- */

/*
 * Every slot was leased in the log before: in whatever order it is read, none is past the lease.
 * What is leased and not used grows with what is, for a crash costs it.
 */
static void test_leases(void)
{
	const uint64_t step = 250, all = 144000;
	uint64_t most = 0, unused;
	struct people_counts c;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	CHECK(world_turn(&w) == SC_OK && w.leases == 0 && w.lease == 0);
	done_ok = done_bad = done_limit = 0;
	for (uint64_t i = 0; i < all; i += step) {
		NEED(ask_many(i, i + step) && world_wait(&w));
		people_count(w.pp, &c);
		NEED(c.slots == i + step && c.slots <= w.lease);
		unused = w.lease - c.slots;
		NEED(unused <= 65520 && unused <= 2 * c.slots);
		most = unused > most ? unused : most;
	}
	CHECK(done_ok == all / step && done_bad + done_limit == 0);
	CHECK(most > 65520 / 2 && w.leases >= 8 && w.leases <= 20);
	printf("# %u leases\n", w.leases);
	world_stop(&w);
	CHECK(ask_db("SELECT high FROM store") == (int64_t)all);
	CHECK(ask_db("SELECT lease FROM store") == (int64_t)w.lease);
	/* what is left of it is used before another is asked for */
	w.leases = 0;
	NEED(world_start(&w, false, false) == SC_OK && ask_many(all, all + step) && world_wait(&w));
	people_count(w.pp, &c);
	CHECK(w.leases == 0 && c.slots == all + step && c.skipped == 0);
	world_stop(&w);
	world_remove(&w);
}

/* Without a lease in the log nobody gets a key, and who has one keeps it. */
static void test_no_lease(void)
{
	struct used_key a, b;
	struct people_counts c;

	NEED(world_make(&w));
	w.deaf = true;
	NEED(world_start(&w, true, false) == SC_OK);
	CHECK(world_seal(&w, "ann", &a) == SC_LIMIT);
	people_count(w.pp, &c);
	CHECK(c.people == 0 && c.slots == 0);
	w.deaf = false;
	NEED(world_seal(&w, "ann", &a) == SC_OK && a.state == PERSON_LIVE);
	CHECK(w.leases == 1 && w.lease == 80);
	/* to the last slot of it */
	w.deaf = true;
	done_ok = done_limit = done_bad = 0;
	NEED(ask_many(0, 40) && world_wait(&w));
	NEED(ask_many(40, 80) && world_wait(&w));
	CHECK(done_ok == 1 && done_limit == 1); /* one too many */
	NEED(ask_many(40, 79) && world_wait(&w));
	people_count(w.pp, &c);
	CHECK(done_ok == 2 && c.slots == 80 && c.people == 80);
	CHECK(world_seal(&w, "bob", &b) == SC_LIMIT && world_seal(&w, "ann", &b) == SC_OK);
	w.deaf = false;
	CHECK(world_seal(&w, "bob", &b) == SC_OK && b.state == PERSON_LIVE);
	/* more at once than a lease has */
	NEED(ask_many(1000, 1000 + 7000) && world_wait(&w));
	people_count(w.pp, &c);
	CHECK(done_ok == 3 && c.slots == 7081);
	world_stop(&w);
	world_remove(&w);
}

static void test_dead_log(void)
{
	struct used_key a, b;
	char path[128];
	uint64_t end = clock_mono_ms() + 10000;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &a) == SC_OK && again());
	snprintf(path, sizeof(path), "%s/log/state", w.dir);
	NEED(unlink(path) == 0);
	while (!tlog_failed(w.log) && clock_mono_ms() < end)
		usleep(10000);
	NEED(tlog_failed(w.log));
	CHECK(world_seal(&w, "bob", &b) == SC_LIMIT && people() == 1);
	CHECK(world_seal(&w, "ann", &b) == SC_OK && b.id == a.id);
	world_stop(&w);
	world_remove(&w);
}

static void test_fetch_ceiling(void)
{
	uint8_t h[HANDLE_BYTES];
	struct key_fetch *f;
	uint64_t n = 0;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(key_fetch_new(w.pp, &f) == SC_OK);
	for (; n < 20000; n++) {
		number_handle(n, h);
		if (key_fetch_handle(f, h) != SC_OK)
			break;
	}
	CHECK(n == 2 * 4096 + 8);
	CHECK(key_fetch_handle(f, h) == SC_LIMIT);
	key_fetch_free(f);
	key_fetch_free(NULL);
	world_stop(&w);
}

/* How far the log is carried out: past what is done, never past what is not. */
static void test_applied(void)
{
	uint64_t ids[PEOPLE_SLOTS_MAX], first, second;
	struct used_key a, b, c;
	size_t n;
	bool found;

	NEED(world_start(&w, false, false) == SC_OK);
	NEED(world_seal(&w, "ann", &a) == SC_OK && world_seal(&w, "bob", &b) == SC_OK);
	/* an intent that is open, and commits behind it */
	NEED(world_intend(&w, "ann", ids, &n, &first) == SC_OK && n == 1);
	NEED(world_erase(&w, "bob", &found) == SC_OK && found && world_durable(&w));
	NEED(world_seal(&w, "cat", &c) == SC_OK);
	world_stop(&w);
	CHECK(ask_db("SELECT applied FROM store WHERE node <> ''") == (int64_t)first);
	/* carried out at the start; Bob's is done and told of */
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(w.told == 1 && w.replayed.erased == 1 && state_of(a.id) == PERSON_GONE);
	NEED(world_durable(&w) && world_seal(&w, "dan", &c) == SC_OK);
	/* an intent that was let go of holds nothing up */
	NEED(world_intend(&w, "dan", ids, &n, &second) == SC_OK && n == 1);
	people_let_go(w.pp);
	NEED(world_seal(&w, "eve", &c) == SC_OK);
	world_stop(&w);
	CHECK(ask_db("SELECT applied FROM store WHERE node <> ''") > (int64_t)second);
	world_remove(&w);
}

int main(void)
{
	RUN(test_one, "a key is made, found, used, forgotten for good, and then another");
	RUN(test_handles, "a handle is the handle key's word for a name");
	RUN(test_ids, "made-up ids are none, slots that nobody has are unknown");
	RUN(test_damage, "damage is told apart from being gone");
	RUN(test_naive_map, "over random steps and restarts it is what a naive map would be");
	RUN(test_erase_crowd, "a thousand erased at once are gone, and nobody else is");
	RUN(test_twice_in_one, "one handle asked for many times at once is one person");
	RUN(test_fetch_around_erasure, "no fetch brings an erased key back");
	RUN(test_weeks, "a week is written once, read along, and goes with the person");
	RUN(test_clock, "time goes by no faster than a week a day, and never back");
	RUN(test_clock_behind, "a machine that was off comes right");
	RUN(test_leaving, "whoever leaves is as gone, sealed for anew, and comes back whole");
	RUN(test_leaving_due, "nobody goes before their time, and everybody then");
	RUN(test_leases, "every slot was leased in the log before it was given out, and few more");
	RUN(test_no_lease, "a lease is used to its last slot and not one further");
	RUN(test_dead_log, "while the log is dead nobody new gets a key, and who has one keeps it");
	RUN(test_fetch_ceiling, "a fetch asks for so many and not one more");
	RUN(test_applied, "the log is carried out as far as said, and no intent is passed over");
	return tap_done();
}
