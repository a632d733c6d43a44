/*
 * test_table.c - the table and the slab against plain arrays.
 */
#include "analytics/features/slab.h"
#include "analytics/features/table.h"
#include "fold_kit.h"
#include "tap.h"

#define N 40000u

static uint64_t keys[N];

/* Half of them by lot, half in a row, as pairs of identities are. */
static void make_keys(void)
{
	kit_seed(7);
	for (uint32_t i = 0; i < N; i++)
		keys[i] = i % 2 == 0 ? (uint64_t)kit_any(UINT32_MAX) << 32 | (i + 1) :
				       UINT64_C(5) << 32 | i;
}

static void test_table(void)
{
	struct fold_table t = { 0 };

	make_keys();
	CHECK(table_find(&t, 1) == 0 && table_find(&t, 0) == 0);
	table_prefetch(&t, 1);
	for (int turn = 0; turn < 2; turn++) {
		for (uint32_t i = 0; i < N; i++) {
			CHECK(table_find(&t, keys[i]) == 0);
			NEED(table_add(&t, keys[i], i + 1) == SC_OK);
			CHECK(
			    t.n == i + 1 && t.n <= t.size / 8 * 5 && (t.size & (t.size - 1)) == 0);
		}
		for (uint32_t i = 0; i < N; i++)
			CHECK(table_find(&t, keys[i]) == i + 1);
		CHECK(t.size == 65536 && table_find(&t, 0) == 0 && table_find(&t, 3) == 0);
		table_clear(&t);
		CHECK(t.n == 0 && table_find(&t, keys[0]) == 0);
	}
	table_fini(&t);
	CHECK(t.n == 0 && t.v == NULL);
	table_clear(&t);
	table_fini(&t);
}

/* Keys that all want the last place go on at the first. */
static void test_around(void)
{
	struct fold_table t = { 0 };
	uint64_t wants_last[5];
	size_t n = 0;

	NEED(table_add(&t, 1, 1) == SC_OK);
	for (uint64_t k = 2; n < 5; k++)
		if (table_home(&t, k) == t.size - 1)
			wants_last[n++] = k;
	for (uint32_t i = 0; i < 4; i++)
		NEED(table_add(&t, wants_last[i], 10 + i) == SC_OK);
	for (uint32_t i = 0; i < 4; i++)
		CHECK(table_find(&t, wants_last[i]) == 10 + i);
	CHECK(table_find(&t, wants_last[4]) == 0 && table_find(&t, 1) == 1);
	table_fini(&t);
}

static void test_slab(void)
{
	struct fold_slab s;
	uint32_t i;

	slab_init(&s, 24);
	for (int turn = 0; turn < 2; turn++) {
		for (uint32_t want = 1; want <= 9000; want++) {
			uint64_t *v;

			NEED(slab_add(&s, &i) == SC_OK);
			v = slab_at(&s, i);
			CHECK(i == want && v[0] == 0 && v[1] == 0 && v[2] == 0);
			v[0] = v[2] = want;
		}
		for (uint32_t k = 1; k <= 9000; k++)
			CHECK(*(uint64_t *)slab_at(&s, k) == k &&
			    ((uint64_t *)slab_at(&s, k))[2] == k);
		CHECK(s.n_blocks == 3);
		slab_clear(&s);
		CHECK(s.n == 0);
	}
	s.n = UINT32_MAX;
	CHECK(slab_add(&s, &i) == SC_NOMEM && s.n == UINT32_MAX);
	slab_fini(&s);
	CHECK(s.n == 0 && s.blocks == NULL && s.each == 24);
}

int main(void)
{
	RUN(test_table, "what was put is found, however much there is, and nothing else");
	RUN(test_around, "a table goes around its end");
	RUN(test_slab, "things are zeroed, numbered from 1, and never move");
	return tap_done();
}
