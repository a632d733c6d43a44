/*
 * test_slot_id.c - slots as key ids: a permutation that shows no order, in which a
 * made-up id is no slot.
 */
#include "crypto/keytree/slot_id.h"
#include "crypto/keytree/tree.h"
#include "crypto/prim/random.h"
#include "tap.h"

static const uint8_t key[SLOT_ID_KEY_BYTES] = { 1, 2, 3 };

static void test_inverse(void)
{
	const uint64_t edge[] = { 0, 1, 79, 80, TREE_SLOTS - 1, (uint64_t)1 << 33 };
	struct slot_ids *s;
	uint64_t id, slot;
	bool ok;

	NEED(slot_ids_new(key, &s) == SC_OK);
	for (size_t i = 0; i < sizeof(edge) / sizeof(edge[0]); i++) {
		CHECK(slot_id_of(s, edge[i], &id) == SC_OK);
		CHECK(slot_id_slot(s, id, &slot, &ok) == SC_OK && ok && slot == edge[i]);
	}
	CHECK(slot_id_of(s, TREE_SLOTS, &id) == SC_OK);
	CHECK(slot_id_slot(s, id, &slot, &ok) == SC_OK && !ok);
	slot_ids_free(s);
}

enum { SAMPLES = 100000 };

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void test_permutation(void)
{
	static uint64_t ids[SAMPLES];
	struct slot_ids *s;
	uint64_t x, back;
	bool ok;

	NEED(slot_ids_new(key, &s) == SC_OK);
	for (size_t i = 0; i < SAMPLES; i++) {
		CHECK(slot_id_of(s, i, &ids[i]) == SC_OK);
		/* any 64 bits, from either side */
		random_bytes(&x, sizeof(x));
		CHECK(slot_id_of(s, x, &back) == SC_OK);
		CHECK(slot_id_slot(s, back, &back, &ok) == SC_OK && back == x);
		CHECK(slot_id_slot(s, x, &back, &ok) == SC_OK && ok == (back < TREE_SLOTS));
		CHECK(slot_id_of(s, back, &back) == SC_OK && back == x);
	}
	qsort(ids, SAMPLES, sizeof(ids[0]), by_value);
	for (size_t i = 1; i < SAMPLES; i++)
		CHECK(ids[i] != ids[i - 1]);
	slot_ids_free(s);
}

/* Of random ids one in 2^30 is a slot. So that this can be seen: one in 2^10 is below 2^20 times that. */
static void test_forged(void)
{
	size_t slots = 0, near = 0;
	struct slot_ids *s;
	uint64_t id, slot;
	bool ok;

	NEED(slot_ids_new(key, &s) == SC_OK);
	for (size_t i = 0; i < 10 * SAMPLES; i++) {
		id = (i + 1) * 0x9e3779b97f4a7c15u;
		CHECK(slot_id_slot(s, id, &slot, &ok) == SC_OK);
		slots += ok;
		near += slot < TREE_SLOTS << 20;
	}
	CHECK(slots == 0);
	/* 935 are to be expected, give or take 31 */
	CHECK(near > 935 - 250 && near < 935 + 250);
	slot_ids_free(s);
}

static void test_no_order(void)
{
	size_t ascending = 0, bits = 0, ones[64] = { 0 };
	uint64_t before = 0, id;
	struct slot_ids *s;

	NEED(slot_ids_new(key, &s) == SC_OK);
	for (size_t i = 0; i < SAMPLES; i++) {
		CHECK(slot_id_of(s, i, &id) == SC_OK);
		ascending += id > before;
		bits += (size_t)__builtin_popcountll(id ^ before);
		for (unsigned b = 0; b < 64; b++)
			ones[b] += id >> b & 1;
		before = id;
	}
	/* six times what chance gives */
	CHECK(ascending > SAMPLES / 2 - 950 && ascending < SAMPLES / 2 + 950);
	CHECK(bits > SAMPLES * 32 - 7600 && bits < SAMPLES * 32 + 7600);
	for (unsigned b = 0; b < 64; b++)
		CHECK(ones[b] > SAMPLES / 2 - 950 && ones[b] < SAMPLES / 2 + 950);
	slot_ids_free(s);
}

static void test_key(void)
{
	static const uint8_t other[SLOT_ID_KEY_BYTES] = { 1, 2, 4 };
	struct slot_ids *a, *b;
	uint64_t x, y;
	bool ok;

	NEED(slot_ids_new(key, &a) == SC_OK && slot_ids_new(other, &b) == SC_OK);
	CHECK(slot_id_of(a, 7, &x) == SC_OK && slot_id_of(b, 7, &y) == SC_OK && x != y);
	CHECK(slot_id_slot(b, x, &y, &ok) == SC_OK && !ok);
	/* computed apart from this code: ids stand in tokens, so they must not change */
	CHECK(x == 0x91ecd3f2981b3484u);
	slot_ids_free(a);
	slot_ids_free(b);
}

int main(void)
{
	RUN(test_inverse, "an id leads back to its slot, and the first past the last to none");
	RUN(test_permutation, "no two slots have one id, and every id leads back");
	RUN(test_forged, "a made-up id is no slot");
	RUN(test_no_order, "ids show no order");
	RUN(test_key, "ids hang on the key, and are what the format says");
	return tap_done();
}
