/*
 * test_key_year.c - what people are called in records: by another key each year, kept with the key
 * that is at hand, carried back by a start, and by nobody once the year is destroyed.
 */
#include "tap.h"

#include "unit/crypto/people_world.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/keyd/keylog_name.h"
#include "crypto/keyring/key_change.h"
#include "crypto/keyring/keyring_int.h"
#include "crypto/keystore/log_fact.h"

#include <string.h>

#define DAY_MS UINT64_C(86400000)
#define Y2025 UINT64_C(1735689600000) /* its first millisecond */
#define Y2026 UINT64_C(1767225600000)

static struct people_world w;
static const uint8_t ann[HANDLE_BYTES] = "ann-in-the-store", bob[HANDLE_BYTES] = "bob-in-the-store";

static void test_years(void)
{
	CHECK(key_year_of(0) == 1970 && key_year_end(0) == 365 * DAY_MS);
	CHECK(key_year_of(Y2025 - 1) == 2024 && key_year_end(Y2025 - 1) == Y2025);
	CHECK(key_year_of(Y2025) == 2025 && key_year_end(Y2025) == Y2026);
	CHECK(key_year_of(Y2026 - 1) == 2025);
}

/* This one's and the next one's are there from the beginning, and made once. */
static unsigned made;

static void on_made(void *arg, const struct year_key *k)
{
	(void)arg, (void)k;
	made++;
}

static void test_made(void)
{
	const unsigned now = key_year_of(clock_unix_ms());
	const struct year_key *y = keyring_year(w.kr, now);

	NEED(y != NULL && keyring_year(w.kr, now + 1) != NULL);
	CHECK(keyring_year(w.kr, now + 2) == NULL && keyring_year(w.kr, 1969) == NULL);
	CHECK(keyring_year_by_id(w.kr, y->id) == y && keyring_year_by_id(w.kr, y->id + 1) == NULL);
	made = 0;
	CHECK(keyring_make_years(w.kr, clock_unix_ms(), on_made, NULL) == SC_OK && made == 0);
	CHECK(keyring_make_years(w.kr, Y2025 - 1, on_made, NULL) == SC_OK && made >= 1);
	CHECK(keyring_year(w.kr, 2024) != NULL && keyring_year(w.kr, 2025) != NULL);
	CHECK(keyring_make_years(w.kr, UINT64_C(9000000000000), NULL, NULL) == SC_LIMIT);
}

/* HMAC-SHA256 under the row's own key: nothing that stays makes it again. */
static void test_handles(void)
{
	static const struct sc_span label = SC_LIT("handle\0");
	const struct sc_span parts[] = { label, sc_span(ann, HANDLE_BYTES) };
	struct key_rows rows = { .n = 0 };
	uint8_t a[HANDLE_BYTES], b[HANDLE_BYTES], full[HASH_BYTES], key[KEY_BYTES];
	const struct year_key *y = keyring_year(w.kr, 2024);
	bool seen = false;

	CHECK(keyring_year_handle(w.kr, 2024, ann, a) == SC_OK);
	CHECK(keyring_year_handle(w.kr, 2024, ann, b) == SC_OK && memcmp(a, b, sizeof(a)) == 0);
	CHECK(keyring_year_handle(w.kr, 2025, ann, b) == SC_OK && memcmp(a, b, sizeof(a)) != 0);
	CHECK(keyring_year_handle(w.kr, 2024, bob, b) == SC_OK && memcmp(a, b, sizeof(a)) != 0);
	CHECK(memcmp(a, ann, sizeof(a)) != 0);
	CHECK(keyring_year_handle(w.kr, 2001, ann, b) == SC_LIMIT);
	NEED(key_rows_load(keystore_store(w.ks), &rows) == SC_OK);
	for (size_t i = 0; i < rows.n; i++) {
		struct hmac_key mac;

		if (rows.v[i].id != y->id)
			continue;
		seen = true;
		CHECK(rows.v[i].kind == KIND_YEAR && rows.v[i].class_id == 2024 - KEY_YEAR_FIRST);
		NEED(key_row_unwrap(w.kr, keyring_kek(w.kr, rows.v[i].parent), &rows.v[i], key) ==
		    SC_OK);
		hmac_key_init(&mac, key, sizeof(key));
		hmac_sha256(&mac, parts, 2, full);
		CHECK(memcmp(full, a, sizeof(a)) == 0);
	}
	CHECK(seen);
	key_rows_fini(&rows);
}

/* What is kept with a key is of this year; a record of another year has that one's. */
static void test_kept(void)
{
	const unsigned now = people_year(w.pp, people_time(w.pp));
	uint8_t handle[HANDLE_BYTES], expect[HANDLE_BYTES];
	const struct person_key *k;
	struct used_key used;
	const uint8_t *told;

	CHECK(now == key_year_of(people_time(w.pp)));
	CHECK(people_year(w.pp, Y2026 - 1) == 2025 && people_year(w.pp, Y2026) == 2026 &&
	    people_year(w.pp, Y2025 - 1) == 2024);
	NEED(world_seal(&w, "ann", &used) == SC_OK);
	world_handle(&w, "ann", handle);
	NEED((k = people_by_handle(w.pp, handle)) != NULL);
	CHECK(k->year == now);
	NEED(keyring_year_handle(w.kr, now, handle, expect) == SC_OK);
	NEED(people_told(w.pp, k, now, &told) == SC_OK);
	CHECK(told == k->told && memcmp(told, expect, HANDLE_BYTES) == 0);
	NEED(keyring_year_handle(w.kr, 2025, handle, expect) == SC_OK);
	NEED(people_told(w.pp, k, 2025, &told) == SC_OK);
	CHECK(memcmp(told, expect, HANDLE_BYTES) == 0);
	CHECK(people_told(w.pp, k, 2001, &told) == SC_LIMIT);
	/* from then on that one is kept, and it goes back too */
	NEED((k = people_by_handle(w.pp, handle)) != NULL);
	CHECK(k->year == 2025);
	NEED(people_told(w.pp, k, now, &told) == SC_OK);
	NEED(keyring_year_handle(w.kr, now, handle, expect) == SC_OK);
	CHECK(memcmp(told, expect, HANDLE_BYTES) == 0);
}

/* ---- what a start reads of it ---- */

/* A merge of Ann into Bob that was done, counted at COUNTED_MS, as an entry. */
static enum sc_err merged(uint64_t counted_ms, struct sc_buf *out)
{
	uint8_t both[2 * HANDLE_BYTES];
	struct keylog_named named;
	struct audit_record r;
	enum sc_err err;

	memcpy(both, ann, HANDLE_BYTES);
	memcpy(both + HANDLE_BYTES, bob, HANDLE_BYTES);
	audit_record_init(&r, AUDIT_ADMIN);
	r.asking.counted_ms = counted_ms;
	if ((err = keylog_name(w.kr, &r, both, 2, true, &named)) != SC_OK)
		return err;
	r.act = "subjects.merge";
	r.outcome = AUDIT_OK;
	sc_buf_clear(out);
	return audit_record_print(&r, out);
}

static void test_replayed(void)
{
	static const uint8_t nobody[HANDLE_BYTES];
	uint8_t told[HANDLE_BYTES];
	struct sc_buf text;
	struct log_fact f;

	sc_buf_init(&text, AUDIT_RECORD_MAX);
	NEED(merged(Y2025 + DAY_MS, &text) == SC_OK);
	NEED(log_fact_read(w.kr, sc_buf_span(&text), &f) == SC_OK);
	CHECK(f.kind == FACT_MERGED && f.known);
	CHECK(memcmp(f.handle, ann, HANDLE_BYTES) == 0 && memcmp(f.into, bob, HANDLE_BYTES) == 0);
	NEED(keyring_year_handle(w.kr, 2025, ann, told) == SC_OK);
	CHECK(memcmp(f.told, told, HANDLE_BYTES) == 0);
	/* who does not ask is not told */
	NEED(log_fact_read(NULL, sc_buf_span(&text), &f) == SC_OK);
	CHECK(f.kind == FACT_MERGED && !f.known && memcmp(f.handle, nobody, HANDLE_BYTES) == 0);
	sc_buf_fini(&text);
}

/* A merge that the store lacks is done again, into somebody who had no key. */
static void test_merge_again(void)
{
	uint8_t both[2 * HANDLE_BYTES];
	struct used_key guest, opened;
	struct keylog_named named;
	struct audit_record r;
	struct sc_buf text;
	uint64_t record;
	bool found;

	sc_buf_init(&text, AUDIT_RECORD_MAX);
	NEED(world_seal(&w, "guest", &guest) == SC_OK);
	world_stop(&w);
	NEED(world_keep(&w, "before") && world_start(&w, false, false) == SC_OK);
	NEED(world_merge(&w, "guest", "account", &found) == SC_OK && found);
	world_handle(&w, "guest", both);
	world_handle(&w, "account", both + HANDLE_BYTES);
	audit_record_init(&r, AUDIT_ADMIN);
	NEED(keylog_name(w.kr, &r, both, 2, true, &named) == SC_OK);
	r.act = "subjects.merge";
	r.outcome = AUDIT_OK;
	NEED(audit_record_print(&r, &text) == SC_OK);
	NEED(tlog_append(w.log, sc_buf_span(&text), true, &record) == SC_OK && world_durable(&w));
	world_stop(&w);
	NEED(world_put_back(&w, "before", "db") && world_put_back(&w, "before", "epoch"));
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(w.replayed.order == ORDER_STORE_BEHIND);
	NEED(world_erase(&w, "account", &found) == SC_OK);
	CHECK(found);
	CHECK(world_open(&w, guest.id, &opened) == SC_OK && opened.state == PERSON_GONE);
	sc_buf_fini(&text);
}

/* ---- the end of a year ---- */

struct change_job {
	struct key_change *change;
	enum sc_err err;
};

static enum sc_err run_change(void *owner, struct store_tx *tx,
    const uint8_t ring[static TREE_SECRET_BYTES])
{
	return key_change_run(((struct change_job *)owner)->change, tx, ring);
}

static void on_changed(void *owner, enum sc_err err)
{
	struct change_job *c = owner;

	key_change_end(c->change, err);
	c->err = err;
}

static enum sc_err destroy(unsigned year)
{
	struct change_job c;
	struct sc_diag d;
	enum sc_err err;

	if ((err = key_change_destroy_year(w.kr, year, &d, &c.change)) != SC_OK ||
	    (err = people_turn(w.pp, key_change_ring(c.change), run_change, &c, on_changed)) !=
		SC_OK)
		return err;
	return world_wait(&w) ? c.err : SC_BUG;
}

static void test_destroyed(void)
{
	uint8_t before[HANDLE_BYTES], h[HANDLE_BYTES];
	const unsigned now = key_year_of(clock_unix_ms());
	struct sc_buf text;

	sc_buf_init(&text, AUDIT_RECORD_MAX);
	NEED(keyring_year_handle(w.kr, now, ann, before) == SC_OK);
	NEED(merged(Y2025 - 1, &text) == SC_OK);
	CHECK(destroy(2001) == SC_LIMIT);
	CHECK(destroy(2024) == SC_OK);
	CHECK(destroy(2024) == SC_LIMIT);
	for (int again = 0; again < 2; again++) {
		NEED(keyring_year(w.kr, 2024) != NULL);
		CHECK(keyring_year(w.kr, 2024)->state == KEY_DESTROYED);
		CHECK(keyring_year_handle(w.kr, 2024, ann, h) == SC_LIMIT);
		CHECK(merged(Y2025 - 1, &text) == SC_LIMIT);
		CHECK(keyring_year_handle(w.kr, now, ann, h) == SC_OK &&
		    memcmp(h, before, sizeof(h)) == 0);
		world_stop(&w);
		NEED(world_start(&w, false, false) == SC_OK);
	}
	/* a year that had its key gets no other */
	CHECK(keyring_make_years(w.kr, Y2025 - 1, NULL, NULL) == SC_OK);
	CHECK(keyring_year_handle(w.kr, 2024, ann, h) == SC_LIMIT);
	sc_buf_fini(&text);
}

/* An entry of that year is of nobody any more, for a start too. */
static void test_unknown(void)
{
	struct sc_buf text;
	struct log_fact f;

	sc_buf_init(&text, AUDIT_RECORD_MAX);
	NEED(merged(Y2025, &text) == SC_OK);
	NEED(destroy(2025) == SC_OK);
	NEED(log_fact_read(w.kr, sc_buf_span(&text), &f) == SC_OK);
	CHECK(f.kind == FACT_MERGED && !f.known);
	sc_buf_fini(&text);
}

int main(void)
{
	if (!world_make(&w) || world_start(&w, true, false) != SC_OK) {
		printf("Bail out! %s\n", w.d.text);
		return 1;
	}
	RUN(test_years, "a year is that of the day, UTC");
	RUN(test_made, "this year and the next one have a key, once");
	RUN(test_handles, "what somebody is called is that year's own, by its row alone");
	RUN(test_kept, "it is kept with their key, and made anew for another year");
	RUN(test_replayed, "a start reads of a merge who they are");
	RUN(test_merge_again, "and does one again that an older store lacks");
	RUN(test_destroyed, "a year that is destroyed calls nobody anything, for good");
	RUN(test_unknown, "and its entries are of nobody");
	world_stop(&w);
	world_remove(&w);
	return tap_done();
}
