/*
 * test_key_change.c - rotating and destroying keys on a real store: what was sealed
 * before opens, what was destroyed is out of reach of all that is left, and a change that did
 * not come to its end has not begun.
 */
#include "tap.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/keyring/key_change.h"
#include "crypto/keyring/key_uses.h"
#include "crypto/keyring/keyring_int.h"
#include "crypto/rows/tables.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char policy_one[] =
    "{ \"scrim_policy\": 1, \"version\": \"t1\",\n"
    "  \"roles\": { \"shop\": { \"max_tier\": \"T3\", \"group\": \"use\", \"stores\": true, \"indexes_per_day\": 100000 } },\n"
    "  \"purposes\": [\"orders\"],\n"
    "  \"rules\": [ { \"id\": \"seal\", \"role\": [\"shop\"], \"purpose\": [\"orders\"],"
    " \"class\": \"*\", \"op\": \"write\", \"effect\": \"tokenise\" } ] }\n";

static const struct sc_name tenant = { "demo" };
static char dir[64], url[140];
static uint8_t ring[KEY_BYTES] = { 7, 7, 7 }; /* as the tree would have it */
static struct store *store;
static struct keyring *kr;
static struct policy *policy;
static struct loop *loop;
static struct inbox inbox;
static struct sc_diag diag;

static enum sc_err open_ring(const uint8_t key[KEY_BYTES], bool init)
{
	if (store_open(url, &keyd_tables, &diag, &store) != SC_OK)
		abort();
	inbox.store = store;
	return keyring_open(store, key, &tenant, init, &diag, &kr);
}

static void close_ring(void)
{
	keyring_free(kr);
	kr = NULL;
	store_close(store);
	store = NULL;
}

static bool reopen(void)
{
	close_ring();
	return open_ring(ring, false) == SC_OK;
}

/* ---- a change, as people_turn() carries it out ---- */

struct change_job {
	struct store_job job;
	struct key_change *change;
	enum sc_err then; /* what the job comes to behind it */
};

static enum sc_err run_change(struct store_job *j, struct store_tx *tx)
{
	struct change_job *c = (struct change_job *)j;
	const bool turns = key_change_ring(c->change) != NULL;
	enum sc_err err = key_change_run(c->change, tx, turns ? ring : NULL);

	return err != SC_OK ? err : c->then;
}

static enum sc_err carry_out(struct key_change *change, enum sc_err then)
{
	struct change_job c = { .job.run = run_change, .change = change, .then = then };
	enum sc_err err = store_run(store, &c.job);

	if (err == SC_OK && key_change_ring(change) != NULL)
		memcpy(ring, key_change_ring(change), sizeof(ring));
	key_change_end(change, err);
	return err;
}

static enum sc_err rotate(uint8_t class_id)
{
	const struct key_change_class v = { class_id,
		(uint8_t)policy_class_tier(policy, class_id) };
	struct key_change *change;
	enum sc_err err = key_change_classes(kr, &v, 1, &diag, &change);

	return err != SC_OK ? err : carry_out(change, SC_OK);
}

static enum sc_err destroy(uint8_t class_id, char version)
{
	struct key_change *change;
	enum sc_err err = key_change_destroy(kr, class_id, version, &diag, &change);

	return err != SC_OK ? err : carry_out(change, SC_OK);
}

/* ---- what a key is known by: what it makes of a text ---- */

#define MARK_BYTES 32

static void mark_of(const struct class_key *k, uint8_t out[MARK_BYTES])
{
	const struct sc_span ad = SC_LIT("ad");

	if (k->seal == NULL ||
	    siv_seal(k->seal, &ad, 1, sc_span_str("0123456789abcdef"), out) != SC_OK)
		memset(out, 0, MARK_BYTES);
}

static const struct class_key *version(uint8_t class_id, char epoch)
{
	const struct class_key *k = keyring_class_newest(kr, class_id);

	while (k != NULL && k->epoch != epoch)
		k = k->older;
	return k;
}

static bool has_mark(uint8_t class_id, char epoch, const uint8_t mark[MARK_BYTES])
{
	const struct class_key *k = version(class_id, epoch);
	uint8_t now[MARK_BYTES];

	if (k == NULL)
		return false;
	mark_of(k, now);
	return memcmp(now, mark, MARK_BYTES) == 0;
}

/* The marks of all that opens, to be found again. */
struct marks {
	uint8_t class_id[600];
	char epoch[600];
	uint8_t mark[600][MARK_BYTES];
	size_t n;
};

static void take_marks(struct marks *m)
{
	m->n = 0;
	for (unsigned id = 1; id <= CLASS_MAX; id++)
		for (const struct class_key *k = keyring_class_newest(kr, (uint8_t)id); k != NULL;
		     k = k->older) {
			m->class_id[m->n] = (uint8_t)id;
			m->epoch[m->n] = k->epoch;
			mark_of(k, m->mark[m->n++]);
		}
}

/* How many of M are not what they were. */
static size_t changed(const struct marks *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += !has_mark(m->class_id[i], m->epoch[i], m->mark[i]);
	return n;
}

static struct marks marks;

/* ---- versions ---- */

static void test_letters(void)
{
	static const char all[] = "abcdefghjkmnpqrstvwxyz0123456789";

	for (int i = 0; i < KEY_VERSIONS; i++)
		CHECK(key_version_letter(i) == all[i] && key_version_number(all[i]) == i);
	CHECK(key_version_number('i') == -1 && key_version_number('l') == -1);
	CHECK(key_version_number('A') == -1 && key_version_number('\0') == -1);
}

static void test_rotate(void)
{
	uint8_t before[MARK_BYTES], after[MARK_BYTES];
	const struct class_key *old, *now;
	uint64_t old_id;

	NEED((old = keyring_class(kr, CLASS_PHONE)) != NULL && old->epoch == 'a');
	old_id = old->id;
	mark_of(old, before);
	NEED(rotate(CLASS_PHONE) == SC_OK);
	for (int again = 0; again < 2; again++) {
		NEED((now = keyring_class(kr, CLASS_PHONE)) != NULL);
		CHECK(now->epoch == 'b' && now->state == KEY_ACTIVE && now->id != old_id);
		CHECK(now == keyring_class_newest(kr, CLASS_PHONE) && now->since_ms > 0);
		mark_of(now, after);
		CHECK(memcmp(before, after, MARK_BYTES) != 0);
		NEED((old = keyring_class_by_id(kr, old_id)) != NULL);
		CHECK(old == now->older && old->older == NULL && old->state == KEY_DECRYPT_ONLY);
		CHECK(has_mark(CLASS_PHONE, 'a', before));
		CHECK(has_mark(CLASS_PHONE, 'b', after));
		NEED(reopen());
	}
	CHECK(keyring_class(kr, CLASS_NAME)->epoch == 'a');
}

/* All classes at once, or none of them. */
static void test_all_classes(void)
{
	struct key_change_class v[CLASS_MAX];
	struct key_change *change;
	const uint64_t *ids;
	size_t n = 0, n_ids;

	for (unsigned id = 1; id <= CLASS_MAX; id++)
		if (keyring_class(kr, (uint8_t)id) != NULL)
			v[n++] = (struct key_change_class){ (uint8_t)id,
				keyring_class(kr, (uint8_t)id)->tier };
	NEED(n > 10);
	take_marks(&marks);
	NEED(key_change_classes(kr, v, n, &diag, &change) == SC_OK);
	ids = key_change_ids(change, &n_ids);
	CHECK(n_ids == n && ids[0] != ids[1] && key_change_ring(change) == NULL);
	NEED(carry_out(change, SC_OK) == SC_OK);
	CHECK(changed(&marks) == 0);
	for (size_t i = 0; i < n; i++)
		CHECK(keyring_class(kr, v[i].class_id)->older != NULL);
	v[n] = (struct key_change_class){ 200, TIER_T2 }; /* a class without a key */
	NEED(n < CLASS_MAX);
	diag.text[0] = '\0';
	CHECK(key_change_classes(kr, v, n + 1, &diag, &change) == SC_LIMIT && change == NULL);
	CHECK(strstr(diag.text, "no key for that class") != NULL);
	CHECK(keyring_class(kr, CLASS_NAME)->epoch == 'b');
}

static void test_last_version(void)
{
	NEED(keyring_class(kr, CLASS_EMAIL) != NULL);
	while (keyring_class(kr, CLASS_EMAIL)->epoch != '9')
		NEED(rotate(CLASS_EMAIL) == SC_OK);
	take_marks(&marks);
	diag.text[0] = '\0';
	CHECK(rotate(CLASS_EMAIL) == SC_LIMIT);
	CHECK(strstr(diag.text, "all its 32 versions") != NULL);
	NEED(reopen());
	CHECK(changed(&marks) == 0);
	CHECK(keyring_class(kr, CLASS_EMAIL)->epoch == '9');
	for (int i = 0; i < KEY_VERSIONS; i++)
		CHECK(version(CLASS_EMAIL, key_version_letter(i)) != NULL);
	NEED(rotate(CLASS_NAME) == SC_OK); /* others go on */
}

static void test_one_at_a_time(void)
{
	const struct key_change_class v = { CLASS_NAME, TIER_T2 };
	struct key_change *change, *second;
	char was = keyring_class(kr, CLASS_NAME)->epoch;

	NEED(key_change_classes(kr, &v, 1, &diag, &change) == SC_OK);
	CHECK(key_change_classes(kr, &v, 1, &diag, &second) == SC_AGAIN && second == NULL);
	CHECK(key_change_tier(kr, TIER_T2, &diag, &second) == SC_AGAIN && second == NULL);
	CHECK(key_change_destroy(kr, CLASS_PHONE, 'a', &diag, &second) == SC_AGAIN);
	CHECK(keyring_add_classes(kr, policy, NULL, NULL) == SC_AGAIN);
	key_change_end(change, SC_IO);
	CHECK(keyring_class(kr, CLASS_NAME)->epoch == was);
	CHECK(keyring_add_classes(kr, policy, NULL, NULL) == SC_OK);
	CHECK(key_change_classes(kr, &v, 0, &diag, &change) == SC_BUG);
}

/* ---- tiers ---- */

static void test_tier(void)
{
	struct tier_key before, after, other, other_after;
	struct key_change *change;
	uint8_t old_ring[KEY_BYTES];

	memcpy(old_ring, ring, sizeof(ring));
	take_marks(&marks);
	NEED(keyring_tier(kr, TIER_T2, &before) && keyring_tier(kr, TIER_T3, &other));
	NEED(key_change_tier(kr, TIER_T2, &diag, &change) == SC_OK);
	NEED(carry_out(change, SC_OK) == SC_OK);
	NEED(keyring_tier(kr, TIER_T2, &after) && after.id != before.id);
	CHECK(before.version == 'a' && after.version == 'b');
	CHECK(memcmp(old_ring, ring, sizeof(ring)) != 0);
	CHECK(keyring_kek(kr, before.id) == NULL && keyring_kek(kr, after.id) != NULL);
	NEED(reopen());
	CHECK(changed(&marks) == 0);
	CHECK(keyring_kek(kr, before.id) == NULL);
	CHECK(keyring_tier(kr, TIER_T3, &other_after) && other.id == other_after.id);
	NEED(rotate(CLASS_NAME) == SC_OK && reopen()); /* new keys go under the new one */
	for (int i = 2; i < KEY_VERSIONS + 2; i++) {
		NEED(key_change_tier(kr, TIER_T2, &diag, &change) == SC_OK);
		NEED(carry_out(change, SC_OK) == SC_OK);
		NEED(keyring_tier(kr, TIER_T2, &after));
		CHECK(after.version == key_version_letter(i % KEY_VERSIONS));
	}
	NEED(reopen());
	CHECK(changed(&marks) == 0);
	CHECK(key_change_tier(kr, 77, &diag, &change) == SC_LIMIT && change == NULL);
}

/* ---- destroying ---- */

static void test_refused(void)
{
	static const struct {
		uint8_t class_id;
		char version;
		const char *why;
	} rows[] = {
		{ CLASS_PHONE, 'z', "no such version" },
		{ 200, 'a', "no such version" },
		{ CLASS_EMAIL, '9', "rotate the class first" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		diag.text[0] = '\0';
		CHECK(destroy(rows[i].class_id, rows[i].version) == SC_LIMIT);
		CHECK(strstr(diag.text, rows[i].why) != NULL);
	}
}

/* A job that fails behind the change: store and memory are as they were. */
static void test_undone(void)
{
	const enum sc_err errs[] = { SC_IO, SC_CORRUPT };
	struct key_change *change;

	take_marks(&marks);
	for (size_t i = 0; i < 2; i++) {
		NEED(key_change_destroy(kr, CLASS_PHONE, 'a', &diag, &change) == SC_OK);
		CHECK(carry_out(change, errs[i]) == errs[i]);
		CHECK(changed(&marks) == 0 && version(CLASS_PHONE, 'a')->state == KEY_DECRYPT_ONLY);
		NEED(reopen()); /* under the old ring key */
		CHECK(changed(&marks) == 0);
	}
}

static void test_destroy(void)
{
	uint8_t old_ring[KEY_BYTES], none[MARK_BYTES] = { 0 };
	const struct class_key *k;
	uint64_t id = version(CLASS_PHONE, 'a')->id;

	memcpy(old_ring, ring, sizeof(ring));
	NEED(destroy(CLASS_PHONE, 'a') == SC_OK);
	for (int again = 0; again < 2; again++) {
		NEED((k = keyring_class_by_id(kr, id)) != NULL);
		CHECK(k->state == KEY_DESTROYED && k->seal == NULL && k->epoch == 'a');
		CHECK(memcmp(&k->index, &(struct hmac_key){ 0 }, sizeof(k->index)) == 0);
		CHECK(changed(&marks) == 1 && has_mark(CLASS_PHONE, 'a', none));
		CHECK(keyring_class(kr, CLASS_PHONE)->epoch == 'c');
		NEED(reopen());
	}
	diag.text[0] = '\0';
	CHECK(destroy(CLASS_PHONE, 'a') == SC_LIMIT);
	CHECK(strstr(diag.text, "destroyed already") != NULL);
	close_ring();
	CHECK(open_ring(old_ring, false) == SC_AUTH && kr == NULL);
	close_ring();
	NEED(open_ring(ring, false) == SC_OK);
}

/* ---- who has the ring key and all files ---- */

struct carve {
	uint8_t *bytes;
	size_t n;
};

/* The files as they lie there while the store is open: database, journal. */
static struct carve files(void)
{
	static const char *const names[] = { "keyd.db", "keyd.db-wal" };
	struct carve c = { calloc(1, 64u << 20), 0 };
	char cmd[200], path[128];
	FILE *f;

	for (size_t i = 0; i < 2; i++) {
		snprintf(cmd, sizeof(cmd), "cp '%s/%s' '%s/copy'", dir, names[i], dir);
		snprintf(path, sizeof(path), "%s/copy", dir);
		if (system(cmd) != 0 || (f = fopen(path, "r")) == NULL)
			continue;
		c.n += fread(c.bytes + c.n, 1, (64u << 20) - c.n, f);
		fclose(f);
	}
	return c;
}

/* Is R's key anywhere in C, under WITH? */
static bool is_in(const struct carve *c, const uint8_t with[KEY_BYTES], const char *label,
    const struct key_row *r, uint8_t key[KEY_BYTES])
{
	struct key_row at = *r;
	struct siv_ctx *siv;
	bool found = false;

	if (key_siv_new(with, label, &siv) != SC_OK)
		abort();
	for (size_t i = 0; i + KEY_WRAPPED <= c->n && !found; i++) {
		memcpy(at.wrapped, c->bytes + i, KEY_WRAPPED);
		found = key_row_unwrap(kr, siv, &at, key) == SC_OK;
	}
	siv_ctx_free(siv);
	return found;
}

/* Under WITH, by way of the KEK, is the class key there? */
static bool reaches(const struct carve *c, const uint8_t with[KEY_BYTES], const struct key_row *kek,
    const struct key_row *class)
{
	uint8_t raw[KEY_BYTES], key[KEY_BYTES];

	return is_in(c, with, "scrim1|ring", kek, raw) && is_in(c, raw, "scrim1|wrap", class, key);
}

static void test_carve(void)
{
	struct key_rows rows = { .n = 0 };
	struct key_row kek = { .id = 0 }, victim = { .id = 0 }, alive = { .id = 0 };
	uint8_t old_ring[KEY_BYTES];
	struct tier_key tier;
	struct carve c;

	NEED(rotate(CLASS_PHONE) == SC_OK);
	NEED(key_rows_load(store, &rows) == SC_OK);
	for (size_t i = 0; i < rows.n; i++) {
		if (rows.v[i].kind == KIND_CLASS && rows.v[i].class_id == CLASS_PHONE &&
		    rows.v[i].epoch == 'b')
			victim = rows.v[i];
		if (rows.v[i].kind == KIND_CLASS && rows.v[i].class_id == CLASS_PHONE &&
		    rows.v[i].epoch == 'c')
			alive = rows.v[i];
	}
	for (size_t i = 0; i < rows.n; i++)
		if (rows.v[i].id == victim.parent)
			kek = rows.v[i];
	key_rows_fini(&rows);
	NEED(victim.id != 0 && alive.id != 0 && kek.id != 0);
	memcpy(old_ring, ring, sizeof(ring));
	c = files();
	CHECK(reaches(&c, ring, &kek, &victim));
	free(c.bytes);
	NEED(destroy(CLASS_PHONE, 'b') == SC_OK);
	c = files();
	/* whoever kept the old epoch, and with it the old ring key, has it still: so this bites */
	CHECK(reaches(&c, old_ring, &kek, &victim));
	CHECK(!reaches(&c, ring, &kek, &victim));
	NEED(keyring_tier(kr, victim.tier, &tier));
	kek.id = tier.id;
	kek.epoch = (uint8_t)tier.version;
	CHECK(!reaches(&c, ring, &kek, &victim));
	victim.parent = alive.parent = kek.id;
	CHECK(!reaches(&c, ring, &kek, &victim));
	CHECK(reaches(&c, ring, &kek, &alive));
	free(c.bytes);
}

/* A row that says destroyed and has a key, or the other way about, is damage. */
static bool change_rows(const char *sql)
{
	char path[128];
	sqlite3 *db = NULL;
	bool ok;

	snprintf(path, sizeof(path), "%s/keyd.db", dir);
	ok = sqlite3_open(path, &db) == SQLITE_OK &&
	    sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK && sqlite3_changes(db) == 1;
	sqlite3_close(db);
	return ok;
}

static void test_rows(void)
{
	static const struct {
		const char *change, *undo;
		uint8_t class_id;
		char version;
	} rows[] = {
		{ "state = 4", "state = 2", CLASS_NAME, 'a' },
		{ "state = 2", "state = 4", CLASS_PHONE, 'b' },
		{ "epoch = 105", "epoch = 98", CLASS_PHONE, 'b' }, /* 'i' is no digit */
	};
	char sql[200];
	bool ok;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const long long id = (long long)version(rows[i].class_id, rows[i].version)->id;

		close_ring();
		snprintf(sql, sizeof(sql), "UPDATE keyring SET %s WHERE id = %lld", rows[i].change,
		    id);
		NEED(change_rows(sql));
		ok = open_ring(ring, false) == SC_CORRUPT && kr == NULL;
		CHECK(ok);
		close_ring();
		snprintf(sql, sizeof(sql), "UPDATE keyring SET %s WHERE id = %lld", rows[i].undo,
		    id);
		NEED(change_rows(sql) && open_ring(ring, false) == SC_OK);
	}
}

/* ---- what still uses each ---- */

static void turn_for(uint64_t ms)
{
	uint64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end)
		if (loop_turn_once(loop, 20) != SC_OK)
			abort();
}

static void test_uses(void)
{
	const uint64_t day = 20000, now = day * 86400000 + 5;
	struct key_uses *u = NULL;
	struct key_use_counts n;

	NEED(key_uses_new(kr, loop, &inbox, &u) == SC_OK);
	for (int i = 0; i < 5; i++)
		keyring_sealed(kr, keyring_class(kr, CLASS_NAME));
	keyring_opened(kr, version(CLASS_NAME, 'a'), now);
	keyring_opened(kr, version(CLASS_NAME, 'a'), now - 1);
	keyring_used_end(kr, true);
	turn_for(1300); /* told after a second */
	keyring_opened(kr, version(CLASS_NAME, 'a'), now - 86400000);
	keyring_used_end(kr, true);
	keyring_opened(kr, version(CLASS_NAME, 'a'), now + 86400000);
	keyring_sealed(kr, keyring_class(kr, CLASS_NAME));
	keyring_used_end(kr, false);     /* it starts over */
	NEED(key_uses_save(u) == SC_OK); /* the rest, at the end */
	NEED(key_uses_save(u) == SC_OK);
	key_uses_free(u);
	key_uses_free(NULL);
	close_ring();
	NEED(open_ring(ring, false) == SC_OK);
	n = keyring_used(version(CLASS_NAME, 'a'));
	CHECK(n.sealed == 0 && n.opened == 3 && n.last_opened == day);
	n = keyring_used(keyring_class(kr, CLASS_NAME));
	CHECK(n.sealed == 5 && n.opened == 0 && n.last_opened == 0);
	n = keyring_used(keyring_class(kr, CLASS_EMAIL));
	CHECK(n.sealed == 0 && n.opened == 0);
}

int main(void)
{
	char cmd[128];

	snprintf(dir, sizeof(dir), "/tmp/scrim-change-XXXXXX");
	if (mkdtemp(dir) == NULL || loop_new(&loop) != SC_OK ||
	    policy_load(sc_span_str(policy_one), "policy", NULL, &policy) != SC_OK)
		return 1;
	snprintf(url, sizeof(url), "sqlite:%s/keyd.db", dir);
	inbox_init(&inbox, loop, NULL);
	if (open_ring(ring, true) != SC_OK ||
	    keyring_add_classes(kr, policy, NULL, NULL) != SC_OK) {
		printf("Bail out! %s\n", diag.text);
		return 1;
	}
	RUN(test_letters, "versions go by Crockford's digits, from a to 9");
	RUN(test_rotate, "a new version seals, and what was sealed before opens");
	RUN(test_all_classes, "all classes are rotated together, or none");
	RUN(test_last_version, "a class has 32 versions, and the last one is refused with words");
	RUN(test_one_at_a_time, "one change at a time, and no class is made meanwhile");
	RUN(test_tier,
	    "a tier's key is replaced under every class of it, and its letters never end");
	RUN(test_refused, "what seals, or never was, is not destroyed");
	RUN(test_undone, "a change whose job does not stand has not begun");
	RUN(test_destroy,
	    "a destroyed version is known and opens nothing; the old ring key neither");
	RUN(test_carve, "no file gives a destroyed key to who has the ring key");
	RUN(test_rows, "a row that is destroyed has no key");
	RUN(test_uses, "what was sealed and opened is counted, a version apart");
	close_ring();
	policy_free(policy);
	inbox_fini(&inbox);
	loop_free(loop);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		printf("# could not remove %s\n", dir);
	return tap_done();
}
