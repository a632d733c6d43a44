/*
 * test_traffic_table.c - rows in a fixed piece of memory, fingerprints, and ids by filters: against
 * plain lists.
 */
#include "gateway/traffic/seen.h"

#include "tap.h"

struct row {
	struct traffic_row row;
	uint64_t value;
};

static void test_rows(void)
{
	struct traffic_table t;
	bool made;

	NEED(traffic_table_init(&t, sizeof(struct row), sizeof(struct row) * 8 * 64) == SC_OK);
	CHECK(t.n_sets == 64 && t.bytes == sizeof(struct row) * 512);
	for (uint64_t k = 1; k <= 100; k++) {
		struct row *r = traffic_table_get(&t, k, 1000 + k, &made);

		CHECK(made && r->row.key == k && r->row.age_ms == 1000 + k && r->value == 0);
		r->value = k * 3;
	}
	for (uint64_t k = 1; k <= 100; k++) {
		struct row *r = traffic_table_get(&t, k, 2000, &made);

		CHECK(!made && r->value == k * 3 && r->row.age_ms == 2000);
		CHECK(traffic_table_find(&t, k) == r);
	}
	CHECK(traffic_table_find(&t, 101) == NULL && t.evicted == 0);
	traffic_table_drop(&t, traffic_table_find(&t, 5));
	CHECK(traffic_table_find(&t, 5) == NULL && traffic_table_find(&t, 6) != NULL);
	traffic_table_fini(&t);
}

/* One set of eight: the least recently asked for goes, and says when it was. */
static void test_oldest_goes(void)
{
	struct traffic_table t;
	bool made;

	NEED(traffic_table_init(&t, sizeof(struct row), 1) == SC_OK);
	CHECK(t.n_sets == 1);
	for (uint64_t k = 1; k <= 8; k++)
		(void)traffic_table_get(&t, k, k * 10, &made);
	CHECK(t.evicted == 0);
	(void)traffic_table_get(&t, 1, 90, &made);
	(void)traffic_table_get(&t, 9, 91, &made);
	CHECK(made && t.evicted == 1 && t.evicted_ms == 20);
	CHECK(traffic_table_find(&t, 2) == NULL && traffic_table_find(&t, 1) != NULL);
	(void)traffic_table_get(&t, 2, 92, &made);
	CHECK(made && t.evicted == 2 && t.evicted_ms == 30 && traffic_table_find(&t, 3) == NULL);
	/* what went was wiped */
	CHECK(((struct row *)traffic_table_find(&t, 2))->value == 0);
	traffic_table_drop(&t, traffic_table_find(&t, 9));
	(void)traffic_table_get(&t, 10, 1, &made);
	CHECK(t.evicted == 2);
	traffic_table_fini(&t);
}

static void test_set(void)
{
	struct traffic_set s;

	NEED(traffic_set_init(&s, 1) == SC_OK);
	CHECK(s.n_sets == 1 && s.bytes == 64);
	for (uint64_t v = 1; v <= 8; v++) {
		CHECK(!traffic_set_has(&s, v));
		CHECK(!traffic_set_add(&s, v, (uint16_t)(v == 4 ? 1 : 100 + v)));
		CHECK(traffic_set_has(&s, v) && traffic_set_add(&s, v, 500));
	}
	CHECK(s.evicted == 0);
	CHECK(!traffic_set_add(&s, 9, 200) && s.evicted == 1);
	for (uint64_t v = 1; v <= 9; v++)
		CHECK(traffic_set_has(&s, v) == (v != 4));
	traffic_set_fini(&s);
}

static void test_seen(void)
{
	struct traffic_seen s;

	NEED(traffic_seen_init(&s, (size_t)8 * 3 * 1024) == SC_OK);
	CHECK(s.bytes == 8 * 3 * 1024 && s.ids_max == 1024);
	for (uint64_t id = 1; id <= 900; id++)
		CHECK(!traffic_seen_again(&s, id, 20000));
	for (uint64_t id = 1; id <= 900; id++)
		CHECK(traffic_seen_again(&s, id, 20000));
	/* another day's are another's */
	CHECK(!traffic_seen_again(&s, 1, 20001) && traffic_seen_again(&s, 1, 20001));
	CHECK(s.forgotten == 0);
	traffic_seen_fini(&s);
}

/* A day of more ids than a filter takes has several; where there are no more, the oldest day goes. */
static void test_seen_flood(void)
{
	struct traffic_seen s;
	size_t wrong = 0;

	NEED(traffic_seen_init(&s, (size_t)8 * 3 * 1024) == SC_OK);
	for (uint64_t id = 1; id <= 1000; id++)
		wrong += traffic_seen_again(&s, id, 19999);
	for (uint64_t id = 1; id <= 7 * 1024; id++)
		wrong += traffic_seen_again(&s, id << 20, 20000);
	CHECK(wrong <= 8 && s.forgotten == 0);
	for (uint64_t id = 1; id <= 1000; id++)
		CHECK(traffic_seen_again(&s, id, 19999));
	/* the eighth filter of the day takes the oldest day's, whose ids are then new once more */
	for (uint64_t id = 7 * 1024 + 1; id <= 7 * 1024 + 200; id++)
		wrong += traffic_seen_again(&s, id << 20, 20000);
	CHECK(s.forgotten >= 990 && s.forgotten <= 1000);
	CHECK(!traffic_seen_again(&s, 77, 19999));
	traffic_seen_fini(&s);
}

/* A new id taken for an old one: one in seventy thousand when a filter is full. */
static void test_seen_false(void)
{
	struct traffic_seen s;
	size_t wrong = 0;

	NEED(traffic_seen_init(&s, (size_t)8 * 3 * 100000) == SC_OK);
	for (uint64_t id = 1; id <= 99000; id++)
		wrong += traffic_seen_again(&s, id * 7919, 1);
	CHECK(wrong <= 4);
	traffic_seen_fini(&s);
}

static void test_hash(void)
{
	const uint8_t key[TRAFFIC_KEY_BYTES] = { 1 }, other[TRAFFIC_KEY_BYTES] = { 2 };

	CHECK(traffic_hash(key, 1, 2) == traffic_hash(key, 1, 2));
	CHECK(traffic_hash(key, 1, 2) != traffic_hash(key, 2, 1));
	CHECK(traffic_hash(key, 1, 2) != traffic_hash(other, 1, 2));
}

int main(void)
{
	RUN(test_rows, "rows are found by their keys");
	RUN(test_oldest_goes, "the oldest of eight goes");
	RUN(test_set, "fingerprints, and the one of the lowest hour goes");
	RUN(test_seen, "ids of a day are known again");
	RUN(test_seen_flood, "a flood takes the oldest day's filter, and says so");
	RUN(test_seen_false, "hardly a new id is taken for an old one");
	RUN(test_hash, "a hash is of its key and of both numbers in their order");
	return tap_done();
}
