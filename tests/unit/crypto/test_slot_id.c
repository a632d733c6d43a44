/*
 * test_slot_id.c - slots as key ids: a permutation that shows no order, in which a
 * made-up id is no slot.
 */
#include "crypto/keytree/slot_id.h"
#include "crypto/keytree/tree.h"
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

int main(void)
{
	RUN(test_inverse, "an id leads back to its slot, and the first past the last to none");
	return tap_done();
}
