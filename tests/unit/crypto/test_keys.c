/*
 * test_keys.c - the keyring on a real store: every derived key is
 * worked out a second time here, from the ring key and the rows alone, so that no
 * label, parent or binding can change without being noticed.
 */
#include "tap.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "crypto/keyring/keyring.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/index.h"
#include "crypto/rows/tables.h"

#include <sqlite3.h>
#include <unistd.h>

static const char policy_one[] =
    "{ \"scrim_policy\": 1, \"version\": \"t1\",\n"
    "  \"roles\": { \"shop\": { \"max_tier\": \"T3\", \"group\": \"use\", \"stores\": true, \"indexes_per_day\": 100000 } },\n"
    "  \"purposes\": [\"orders\"],\n"
    "  \"rules\": [ { \"id\": \"seal\", \"role\": [\"shop\"], \"purpose\": [\"orders\"],"
    " \"class\": \"*\", \"op\": \"write\", \"effect\": \"tokenise\" } ] }\n";

static const uint8_t ring_bytes[32] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const struct sc_name tenant = { "demo" };
static char dir[64], db_path[128];
static struct store *store;
static struct keyring *kr;

/* ---- the rows as they stand ---- */

struct row {
	uint64_t id, parent;
	uint8_t kind, class_id, tier, epoch, wrapped[48];
};

/* The store has its file for itself, so it is read when it is closed. */
static bool read_row(const char *where, struct row *out)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	char sql[200];
	bool ok;

	snprintf(sql, sizeof(sql),
	    "SELECT id, parent, kind, class, tier, epoch, wrapped"
	    " FROM keyring WHERE %s",
	    where);
	ok = sqlite3_open(db_path, &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW && sqlite3_column_bytes(st, 6) == 48;
	if (ok) {
		out->id = (uint64_t)sqlite3_column_int64(st, 0);
		out->parent = (uint64_t)sqlite3_column_int64(st, 1);
		out->kind = (uint8_t)sqlite3_column_int(st, 2);
		out->class_id = (uint8_t)sqlite3_column_int(st, 3);
		out->tier = (uint8_t)sqlite3_column_int(st, 4);
		out->epoch = (uint8_t)sqlite3_column_int(st, 5);
		memcpy(out->wrapped, sqlite3_column_blob(st, 6), 48);
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	return ok;
}

static bool change(const char *sql)
{
	sqlite3 *db = NULL;
	bool ok = sqlite3_open(db_path, &db) == SQLITE_OK &&
	    sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK && sqlite3_changes(db) == 1;

	sqlite3_close(db);
	return ok;
}

/* ---- the same keys, worked out here ---- */

static struct siv_ctx *siv_under(const uint8_t key[32], const char *label)
{
	struct siv_ctx *c;
	uint8_t wide[64];

	if (hkdf_sha256(sc_span(key, 32), sc_span(NULL, 0), sc_span_str(label), wide, 64) !=
		SC_OK ||
	    siv_ctx_new(&c) != SC_OK || siv_set_key(c, wide) != SC_OK)
		abort();
	return c;
}

static bool unwrap_with(const uint8_t parent[32], const char *label, const struct sc_span *ad,
    const uint8_t wrapped[48], uint8_t out[32])
{
	struct siv_ctx *c = siv_under(parent, label);
	bool ok = false;

	if (siv_open(c, ad, 1, sc_span(wrapped, 48), out, &ok) != SC_OK)
		abort();
	siv_ctx_free(c);
	return ok;
}

/* "scrim1 key" NUL | tenant, behind its length | id | parent | kind class tier epoch */
static bool unwrap_row(const uint8_t parent[32], const char *label, const struct row *r,
    uint8_t out[32])
{
	uint8_t aad[64];
	struct sc_span ad;
	size_t n = 11;

	memcpy(aad, "scrim1 key", 11);
	aad[n++] = 4;
	memcpy(aad + n, "demo", 4);
	sc_be64_store(aad + n + 4, r->id);
	sc_be64_store(aad + n + 12, r->parent);
	n += 20;
	aad[n++] = r->kind;
	aad[n++] = r->class_id;
	aad[n++] = r->tier;
	aad[n++] = r->epoch;
	ad = sc_span(aad, n);
	return unwrap_with(parent, label, &ad, r->wrapped, out);
}

/* Do both contexts have the same key? Deterministic sealing tells. */
static bool same_key(struct siv_ctx *a, struct siv_ctx *b)
{
	const struct sc_span ad = SC_LIT("ad");
	uint8_t x[32], y[32];

	return siv_seal(a, &ad, 1, sc_span_str("0123456789abcdef"), x) == SC_OK &&
	    siv_seal(b, &ad, 1, sc_span_str("0123456789abcdef"), y) == SC_OK &&
	    memcmp(x, y, 32) == 0;
}

/* ---- opening and closing ---- */

static enum sc_err open_ring(bool init)
{
	struct sc_diag d = { .text = "" };
	char url[140];

	snprintf(url, sizeof(url), "sqlite:%s", db_path);
	if (store_open(url, &keyd_tables, &d, &store) != SC_OK)
		abort();
	return keyring_open(store, ring_bytes, &tenant, init, &d, &kr);
}

static void close_ring(void)
{
	keyring_free(kr);
	kr = NULL;
	store_close(store);
	store = NULL;
}

static unsigned n_made;
static uint8_t made_class[256], made_tier[256];

static void on_made(void *arg, const struct class_key *k, uint8_t tier)
{
	CHECK(arg == made_class && k != NULL);
	made_class[n_made] = k->class_id;
	made_tier[n_made++] = tier;
}

static void test_empty(void)
{
	CHECK(open_ring(false) == SC_AUTH && kr == NULL);
	close_ring();
}

/* Every key between the ring key and a class's sealing and indexing. */
static void test_class_keys(void)
{
	struct policy *p = NULL;
	struct row kek, key;
	uint8_t raw_kek[32], raw[32], index[32];
	struct hmac_key own;
	struct siv_ctx *seal, *wrap;
	struct sc_buf a, b;
	const struct class_key *c;
	char where[64];

	NEED(open_ring(true) == SC_OK);
	NEED(policy_load(sc_span_str(policy_one), "policy", NULL, &p) == SC_OK);
	NEED(keyring_add_classes(kr, p, on_made, made_class) == SC_OK);
	CHECK(n_made > 10);
	for (unsigned i = 0; i < n_made; i++)
		CHECK(policy_class_tier(p, made_class[i]) == made_tier[i]);
	NEED(keyring_add_classes(kr, p, on_made, made_class) == SC_OK);
	NEED((c = keyring_class(kr, CLASS_PHONE)) != NULL);
	CHECK(c->class_id == CLASS_PHONE && c->epoch == 'a' && c->state == KEY_ACTIVE);
	CHECK(keyring_class_by_id(kr, c->id) == c && keyring_class_by_id(kr, c->id ^ 1) == NULL);
	CHECK(keyring_class(kr, 200) == NULL);
	close_ring();

	snprintf(where, sizeof(where), "kind = 2 AND class = %d", CLASS_PHONE);
	NEED(read_row(where, &key));
	snprintf(where, sizeof(where), "kind = 1 AND id = %lld", (long long)key.parent);
	NEED(read_row(where, &kek));
	CHECK(kek.tier == key.tier && kek.tier == policy_class_tier(p, CLASS_PHONE));
	CHECK(kek.class_id == 0 && kek.parent == 0 && key.epoch == 'a');
	NEED(unwrap_row(ring_bytes, "scrim1|ring", &kek, raw_kek));
	NEED(unwrap_row(raw_kek, "scrim1|wrap", &key, raw));
	CHECK(!unwrap_row(raw_kek, "scrim1|seal", &key, index));
	NEED(hkdf_sha256(sc_span(raw, 32), sc_span(NULL, 0), sc_span_str("scrim1|index"), index,
		 32) == SC_OK);

	NEED(open_ring(false) == SC_OK);
	c = keyring_class(kr, CLASS_PHONE);
	seal = siv_under(raw, "scrim1|seal");
	wrap = siv_under(raw_kek, "scrim1|wrap");
	NEED(c != NULL && c->id == key.id);
	CHECK(same_key(seal, c->seal));
	CHECK(same_key(wrap, keyring_kek(kr, kek.id)));
	CHECK(keyring_kek(kr, kek.id ^ 1) == NULL);
	hmac_key_init(&own, index, 32);
	sc_buf_init(&a, 200), sc_buf_init(&b, 200);
	CHECK(index_print_class(&own, 'a', CLASS_PHONE, sc_span_str("07700 900123"), &a) == SC_OK);
	CHECK(index_print_class(&c->index, 'a', CLASS_PHONE, sc_span_str("07700 900123"), &b) ==
	    SC_OK);
	CHECK(a.n > 0 && sc_span_eq(sc_buf_span(&a), sc_buf_span(&b)));
	sc_buf_fini(&a), sc_buf_fini(&b);
	siv_ctx_free(seal), siv_ctx_free(wrap);
	hmac_key_fini(&own);
	policy_free(p);
	close_ring();
}

/* One key a class: no two classes, and no two KEKs, have the same. */
static void test_all_differ(void)
{
	const struct class_key *a, *b;
	uint32_t keks[KEY_STATE_COUNT], classes[KEY_STATE_COUNT];
	unsigned n = 0;

	NEED(open_ring(false) == SC_OK);
	for (unsigned i = 1; i < 256; i++)
		for (unsigned j = 1; j < i; j++) {
			if ((a = keyring_class(kr, (uint8_t)i)) == NULL ||
			    (b = keyring_class(kr, (uint8_t)j)) == NULL)
				continue;
			CHECK(a->id != b->id && !same_key(a->seal, b->seal));
			n++;
		}
	CHECK(n > 50);
	keyring_count(kr, keks, classes);
	CHECK(keks[KEY_ACTIVE] == 5 && classes[KEY_ACTIVE] == n_made);
	CHECK(keks[KEY_DISABLED] == 0 && classes[KEY_DESTROYED] == 0);
	close_ring();
}

/* A row that was changed in any of its columns opens nothing. */
static void test_rows_are_bound(void)
{
	static const struct {
		const char *change, *undo;
	} rows[] = {
		{ "tier = tier + 10", "tier = tier - 10" },
		{ "epoch = epoch + 1", "epoch = epoch - 1" },
		{ "id = id + 1", "id = id - 1" },
		{ "class = class + 100", "class = class - 100" },
	};
	char sql[200];
	bool ok;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(sql, sizeof(sql), "UPDATE keyring SET %s WHERE kind = 2 AND class = %d",
		    rows[i].change, CLASS_PHONE);
		NEED(change(sql));
		ok = open_ring(false) == SC_AUTH && kr == NULL;
		close_ring();
		CHECK(ok);
		snprintf(sql, sizeof(sql), "UPDATE keyring SET %s WHERE kind = 2 AND class = %d",
		    rows[i].undo, CLASS_PHONE + (i == 3 ? 100 : 0));
		NEED(change(sql));
	}
	NEED(open_ring(false) == SC_OK);
	close_ring();
	/* a handle key is no log key: both are wrapped by the ring key */
	NEED(change("DELETE FROM keyring WHERE kind = 3"));
	NEED(change("UPDATE keyring SET kind = 3 WHERE kind = 4"));
	CHECK(open_ring(false) == SC_AUTH);
	close_ring();
	NEED(change("UPDATE keyring SET kind = 4 WHERE kind = 3"));
	CHECK(open_ring(false) == SC_AUTH); /* there is no log key any more */
	close_ring();
	CHECK(open_ring(true) == SC_OK); /* --init makes what is missing */
	close_ring();
	NEED(open_ring(false) == SC_OK);
	close_ring();
}

/* A state that there is none of is damage, not a key without one. */
static void test_states(void)
{
	static const char *const none[] = { "0", "6" };
	char sql[100];

	for (size_t i = 0; i < 2; i++) {
		snprintf(sql, sizeof(sql), "UPDATE keyring SET state = %s WHERE kind = 4", none[i]);
		NEED(change(sql));
		CHECK(open_ring(false) == SC_CORRUPT && kr == NULL);
		close_ring();
	}
	NEED(change("UPDATE keyring SET state = 1 WHERE kind = 4"));
	CHECK(open_ring(false) == SC_OK);
	close_ring();
}

/* The keys of handles, of analytics, of the dataset: rows of their own under the ring key. */
static const struct mac_of_ring {
	const char *where;
	const struct hmac_key *(*of)(const struct keyring *kr);
} macs[] = {
	{ "kind = 4", keyring_handle_key },
	{ "kind = 5", keyring_analytics_key },
	{ "kind = 6", keyring_dataset_key },
};

static void mac_of(const struct hmac_key *k, const char *text, uint8_t out[32])
{
	const struct sc_span part = sc_span_str(text);

	hmac_sha256(k, &part, 1, out);
}

static void test_macs(void)
{
	uint8_t raw[3][32], said[3][32], own[32], index[32];
	struct row row;
	struct hmac_key key;
	const struct class_key *c;

	for (int i = 0; i < 3; i++) {
		NEED(read_row(macs[i].where, &row));
		CHECK(row.class_id == 0 && row.tier == 0 && row.parent == 0 && row.epoch == 'a');
		NEED(unwrap_row(ring_bytes, "scrim1|ring", &row, raw[i]));
		CHECK(!unwrap_row(ring_bytes, "scrim1|wrap", &row, own));
	}
	NEED(read_row("kind = 7", &row));
	NEED(unwrap_row(ring_bytes, "scrim1|ring", &row, own));
	NEED(open_ring(false) == SC_OK);
	CHECK(memcmp(keyring_slot_key(kr), own, 32) == 0);
	for (int i = 0; i < 3; i++) {
		hmac_key_init(&key, raw[i], 32);
		mac_of(&key, "cust-1", own);
		mac_of(macs[i].of(kr), "cust-1", said[i]);
		CHECK(memcmp(own, said[i], 32) == 0);
		hmac_key_fini(&key);
	}
	/* no two alike, and none alike an index key of the order table's */
	for (int i = 0; i < 3; i++) {
		CHECK(memcmp(raw[i], raw[(i + 1) % 3], 32) != 0);
		CHECK(memcmp(said[i], said[(i + 1) % 3], 32) != 0);
		for (unsigned id = 1; id < 256; id++) {
			if ((c = keyring_class(kr, (uint8_t)id)) == NULL)
				continue;
			mac_of(&c->index, "cust-1", index);
			CHECK(memcmp(index, said[i], 32) != 0);
		}
	}
	close_ring();
}

/* Without any one of them nothing opens, and --init makes that one alone. */
static void test_macs_needed(void)
{
	uint8_t before[3][32], after[3][32];
	char sql[100];

	for (int gone = 1; gone < 3; gone++) {
		NEED(open_ring(false) == SC_OK);
		for (int i = 0; i < 3; i++)
			mac_of(macs[i].of(kr), "cust-1", before[i]);
		close_ring();
		snprintf(sql, sizeof(sql), "DELETE FROM keyring WHERE %s", macs[gone].where);
		NEED(change(sql));
		CHECK(open_ring(false) == SC_AUTH && kr == NULL);
		close_ring();
		NEED(open_ring(true) == SC_OK);
		for (int i = 0; i < 3; i++) {
			mac_of(macs[i].of(kr), "cust-1", after[i]);
			CHECK((memcmp(before[i], after[i], 32) == 0) == (i != gone));
		}
		close_ring();
		NEED(open_ring(false) == SC_OK); /* and it is kept */
		mac_of(macs[gone].of(kr), "cust-1", before[gone]);
		CHECK(memcmp(before[gone], after[gone], 32) == 0);
		close_ring();
	}
	/* one does not stand in for another */
	NEED(change("UPDATE keyring SET kind = 9 WHERE kind = 5"));
	CHECK(open_ring(false) == SC_AUTH);
	close_ring();
	NEED(change("UPDATE keyring SET kind = 5 WHERE kind = 9"));
	NEED(open_ring(false) == SC_OK);
	close_ring();
}

/* A second of a kind, rightly wrapped, is not taken for the first. */
static void test_second_mac(void)
{
	struct sc_span ad;
	struct siv_ctx *ring = siv_under(ring_bytes, "scrim1|ring");
	uint8_t aad[64], wrapped[48];
	char sql[300], hex[97];

	memcpy(aad, "scrim1 key", 11);
	aad[11] = 4;
	memcpy(aad + 12, "demo", 4);
	sc_be64_store(aad + 16, 99);
	sc_be64_store(aad + 24, 0);
	memcpy(aad + 32, (const uint8_t[]){ 4, 0, 0, 'b' }, 4);
	ad = sc_span(aad, 36);
	NEED(siv_seal(ring, &ad, 1, sc_span(ring_bytes, 32), wrapped) == SC_OK);
	siv_ctx_free(ring);
	for (int i = 0; i < 48; i++)
		snprintf(hex + 2 * i, 3, "%02x", wrapped[i]);
	snprintf(sql, sizeof(sql),
	    "INSERT INTO keyring(id, kind, class, tier, epoch, state, parent, created, wrapped)"
	    " VALUES(99, 4, 0, 0, %d, 1, 0, 0, x'%s')",
	    'b', hex);
	NEED(change(sql));
	CHECK(open_ring(false) == SC_CORRUPT && kr == NULL);
	close_ring();
	NEED(change("DELETE FROM keyring WHERE id = 99"));
}

static void test_signers(void)
{
	struct note_signer s[5];
	struct sc_buf vkey, again;

	NEED(open_ring(false) == SC_OK);
	for (int i = 0; i < 4; i++)
		CHECK(keyring_signer(kr, "demo/one", &s[i]) == SC_OK);
	CHECK(keyring_signer(kr, "demo/one", &s[4]) == SC_LIMIT);
	sc_buf_init(&vkey, 500), sc_buf_init(&again, 500);
	CHECK(keyring_vkey(kr, "demo/one", &vkey) == SC_OK);
	CHECK(note_key_print(&s[3].key, &again) == SC_OK);
	CHECK(sc_span_eq(sc_buf_span(&vkey), sc_buf_span(&again)));
	sc_buf_fini(&vkey), sc_buf_fini(&again);
	close_ring();
}

int main(void)
{
	char cmd[128];

	snprintf(dir, sizeof(dir), "/tmp/scrim-keys-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(db_path, sizeof(db_path), "%s/keyd.db", dir);
	RUN(test_empty, "a store without keys is not made to have some by merely opening it");
	RUN(test_class_keys, "class keys are what ring key, rows and labels make them");
	RUN(test_all_differ, "no two classes share a key");
	RUN(test_rows_are_bound, "a key row that was moved or changed opens nothing");
	RUN(test_states, "a key in a state that there is none of is damage");
	RUN(test_macs, "handles, analytics and the dataset have keys of their own, like no other");
	RUN(test_macs_needed,
	    "a keyring without one of them is none, and --init makes what is missing");
	RUN(test_second_mac, "a second key of a kind is no key but a corrupt keyring");
	RUN(test_signers, "signers are few, and all of the one log key");
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		printf("# could not remove %s\n", dir);
	return tap_done();
}
