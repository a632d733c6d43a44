/*
 * test_tree.c - the tree of keys: who was put is there, who was erased is gone, what
 * does not open is told, and what fails has changed nothing.
 */
#include "crypto/keytree/tree.h"

#include "crypto/prim/random.h"
#include "tap.h"
#include "unit/crypto/box_rows.h"

enum { BOXES = 64 };

static const struct sc_span tenant = SC_LIT("shop");
static const uint8_t store_id[STORE_ID_BYTES] = "a store";
static const uint8_t epoch_key[3][EPOCH_KEY_BYTES] = { "first", "second", "third" };

static struct box_rows *store;
static struct tree_rows rows;
static struct tree *tree;

static struct tree_person person_of(uint64_t slot)
{
	struct tree_person p = { { 1 }, { 2 } };

	memcpy(p.secret + 8, &slot, sizeof(slot));
	memcpy(p.handle + 8, &slot, sizeof(slot));
	return p;
}

/* The group is over, under the key of EPOCH. */
static void end_group(unsigned epoch)
{
	if (tree_write(tree, &rows, epoch_key[epoch]) != SC_OK)
		abort();
	tree_keep(tree);
	box_rows_commit(store);
}

static void put(uint64_t slot)
{
	const struct tree_person p = person_of(slot);

	if (tree_reach(tree, &rows, slot) != SC_OK)
		abort();
	tree_put(tree, slot, &p);
}

static void erase(uint64_t slot)
{
	if (tree_reach(tree, &rows, slot) != SC_OK)
		abort();
	tree_erase(tree, slot);
}

static void setup(void)
{
	store = box_rows_new(false);
	rows = box_rows_of(store);
	if (tree_new(tenant, store_id, BOXES, &tree) != SC_OK || tree_begin(tree) != SC_OK)
		abort();
	end_group(0);
}

static void teardown(void)
{
	tree_free(tree);
	box_rows_free(store);
}

/* What SLOT is: 'l' living and who was put there, 'g' gone, 'c' corrupt, '?' anything else. */
static char look(uint64_t slot)
{
	const struct tree_person want = person_of(slot);
	struct tree_person p;
	bool gone;
	enum sc_err err = tree_look(tree, &rows, slot, &p, &gone);

	if (err != SC_OK)
		return err == SC_CORRUPT ? 'c' : '?';
	if (gone)
		return 'g';
	return memcmp(&p, &want, sizeof(p)) == 0 ? 'l' : '?';
}

/* Slots at every edge of the boxes. */
static const uint64_t edges[] = { 0, 79, 80, 80 * 120 - 1, 80 * 120, 80 * 120 * 120 - 1,
	80 * 120 * 120, (uint64_t)80 * 120 * 120 * 120 - 1, (uint64_t)80 * 120 * 120 * 120,
	TREE_SLOTS - 1 };
enum { EDGES = sizeof(edges) / sizeof(edges[0]) };

static void test_edges(void)
{
	setup();
	for (size_t i = 0; i < EDGES; i++) {
		CHECK(look(edges[i]) == 'g');
		put(edges[i]);
	}
	CHECK(!tree_turns(tree));
	end_group(0);
	NEED(tree_open(tree, &rows, epoch_key[0]) == SC_OK);
	for (size_t i = 0; i < EDGES; i++)
		CHECK(look(edges[i]) == 'l');
	CHECK(look(1) == 'g' && look(TREE_SLOTS - 2) == 'g' && look(400) == 'g');
	CHECK(look(TREE_SLOTS) == '?'); /* there the ring key lies */
	CHECK(tree_reach(tree, &rows, TREE_SLOTS) == SC_BUG);
	teardown();
}

static void test_erase(void)
{
	setup();
	for (uint64_t slot = 0; slot < 100; slot++)
		put(slot);
	end_group(0);
	erase(5);
	CHECK(tree_turns(tree));
	CHECK(look(5) == 'g');
	end_group(1);
	CHECK(!tree_turns(tree));
	CHECK(tree_open(tree, &rows, epoch_key[0]) == SC_CORRUPT);
	NEED(tree_open(tree, &rows, epoch_key[1]) == SC_OK);
	for (uint64_t slot = 0; slot < 100; slot++)
		CHECK(look(slot) == (slot == 5 ? 'g' : 'l'));
	/* nobody there: nothing to destroy */
	erase(5);
	erase(7777777);
	CHECK(!tree_turns(tree));
	store->writes = store->removes = 0;
	end_group(1);
	CHECK(store->writes == 0 && store->removes == 0);
	teardown();
}

static void test_empty_boxes(void)
{
	setup();
	put(0);
	put(1);
	put(80);
	put(81 * 120);
	end_group(0);
	erase(0);
	end_group(1);
	CHECK(box_rows_at(store, TREE_PLACE(0, 0)) != NULL);
	erase(1);
	store->writes = store->removes = 0;
	end_group(2);
	CHECK(store->writes == 4 && store->removes == 1);
	CHECK(box_rows_at(store, TREE_PLACE(0, 0)) == NULL);
	CHECK(box_rows_at(store, TREE_PLACE(1, 0)) != NULL);
	CHECK(look(0) == 'g' && look(80) == 'l');
	/* and the same upwards: 80 is the last below its parent */
	erase(80);
	end_group(2);
	CHECK(box_rows_at(store, TREE_PLACE(1, 0)) == NULL);
	CHECK(look(80) == 'g' && look(81 * 120) == 'l');
	/* nobody anywhere: the top box stays, and somebody can come */
	erase(81 * 120);
	end_group(2);
	CHECK(box_rows_at(store, TREE_PLACE(3, 0)) == NULL);
	put(3);
	erase(3);
	put(4);
	end_group(2);
	NEED(tree_open(tree, &rows, epoch_key[2]) == SC_OK);
	CHECK(look(3) == 'g' && look(4) == 'l' && look(0) == 'g');
	teardown();
}

static void test_ring(void)
{
	static const uint8_t other[TREE_SECRET_BYTES] = "another ring";
	uint8_t was[TREE_SECRET_BYTES];

	setup();
	memcpy(was, tree_ring(tree), sizeof(was));
	put(TREE_SLOTS - 1);
	end_group(0);
	NEED(tree_open(tree, &rows, epoch_key[0]) == SC_OK);
	CHECK(memcmp(was, tree_ring(tree), sizeof(was)) == 0);
	tree_turn(tree);
	CHECK(tree_turns(tree));
	store->writes = 0;
	end_group(1);
	CHECK(store->writes == 1);
	tree_set_ring(tree, other);
	CHECK(tree_turns(tree));
	end_group(2);
	CHECK(tree_open(tree, &rows, epoch_key[1]) == SC_CORRUPT);
	NEED(tree_open(tree, &rows, epoch_key[2]) == SC_OK);
	CHECK(memcmp(other, tree_ring(tree), sizeof(other)) == 0);
	CHECK(look(TREE_SLOTS - 1) == 'l');
	teardown();
}

/* The box at PLACE is spoilt: SLOT below it is corrupt for who looks and who would change. */
static void spoilt(uint64_t place, uint64_t slot)
{
	if (place == TREE_PLACE(4, 0)) {
		CHECK(tree_open(tree, &rows, epoch_key[0]) == SC_CORRUPT);
		return;
	}
	NEED(tree_open(tree, &rows, epoch_key[0]) == SC_OK);
	CHECK(look(slot) == 'c');
	CHECK(tree_reach(tree, &rows, slot) == SC_CORRUPT);
	CHECK(look(slot) == 'c'); /* and nothing of it has stayed */
	CHECK(look(5000000) == 'l' || place == TREE_PLACE(3, 0));
}

static void test_spoilt_boxes(void)
{
	uint8_t was[TREE_BOX], *box, *other;

	setup();
	put(5);
	put(100);
	put(5000000);
	end_group(0);
	other = box_rows_at(store, TREE_PLACE(0, 1));
	for (unsigned level = 0; level < TREE_LEVELS; level++) {
		const uint64_t place = TREE_PLACE(level, 0);

		box = box_rows_at(store, place);
		memcpy(was, box, TREE_BOX);
		for (size_t at = 0; at < TREE_BOX; at += at < 32 ? 1 : 97) {
			box[at] ^= 0x10;
			spoilt(place, 5);
			box[at] ^= 0x10;
		}
		memset(box, 0, TREE_BOX);
		spoilt(place, 5);
		memcpy(box, was, TREE_BOX - 1); /* cut, and filled with a zero */
		box[TREE_BOX - 1] = was[TREE_BOX - 1] ^ 1;
		spoilt(place, 5);
		memcpy(box, other, TREE_BOX); /* another place's */
		spoilt(place, 5);
		memcpy(box, was, TREE_BOX);
		NEED(tree_open(tree, &rows, epoch_key[0]) == SC_OK);
		CHECK(look(5) == 'l');
	}
	rows.remove(store, TREE_PLACE(1, 0)); /* missing under a living key */
	spoilt(TREE_PLACE(1, 0), 5);
	teardown();
}

static void test_other_stores(void)
{
	static const struct sc_span none = SC_LIT("");
	static uint8_t id[STORE_ID_BYTES] = "another";
	struct tree *other;

	setup();
	NEED(tree_new(none, store_id, BOXES, &other) == SC_OK);
	CHECK(tree_open(other, &rows, epoch_key[0]) == SC_CORRUPT);
	tree_free(other);
	NEED(tree_new(tenant, id, BOXES, &other) == SC_OK);
	CHECK(tree_open(other, &rows, epoch_key[0]) == SC_CORRUPT);
	tree_free(other);
	teardown();
}

static void test_failed_write(void)
{
	unsigned n = 0;
	bool done = false;

	setup();
	put(5);
	put(6);
	put(100);
	end_group(0);
	for (; !done && n < 20; n++) {
		erase(5);
		erase(100); /* the last of its leaf */
		put(5000000);
		store->fail_at = n + 1;
		done = tree_write(tree, &rows, epoch_key[1]) == SC_OK;
		store->fail_at = 0;
		if (done)
			break;
		box_rows_rollback(store);
		tree_drop(tree);
		CHECK(!tree_turns(tree));
		NEED(tree_open(tree, &rows, epoch_key[0]) == SC_OK);
		CHECK(look(5) == 'l' && look(6) == 'l' && look(100) == 'l');
		CHECK(look(5000000) == 'g');
	}
	CHECK(n == 9); /* seven boxes below the top, that, and one gone */
	tree_keep(tree);
	box_rows_commit(store);
	NEED(tree_open(tree, &rows, epoch_key[1]) == SC_OK);
	CHECK(look(5) == 'g' && look(6) == 'l' && look(100) == 'g' && look(5000000) == 'l');
	teardown();
}

static void test_no_room(void)
{
	const uint64_t apart = (uint64_t)80 * 120 * 120 * 120;
	unsigned n = 0;

	setup();
	while (n < 40 && tree_reach(tree, &rows, n * apart) == SC_OK)
		n++;
	CHECK(n == (BOXES - TREE_LEVELS) / 4);
	CHECK(tree_reach(tree, &rows, n * apart) == SC_AGAIN);
	for (unsigned i = 0; i < n; i++) {
		const struct tree_person p = person_of(i * apart);

		tree_put(tree, i * apart, &p);
	}
	/* of the same leaf: needs no more, and looking goes on */
	CHECK(tree_reach(tree, &rows, 7) == SC_OK);
	CHECK(look(apart) == 'l' && look(100 * apart) == 'g');
	end_group(0);
	put(n * apart);
	end_group(0);
	CHECK(look(0) == 'l' && look(n * apart) == 'l');
	teardown();
}

/* What one erasure costs when the store has SLOTS, filled or as far apart as they lie. */
static void cost(uint64_t slots, uint64_t step)
{
	setup();
	for (uint64_t slot = 0; slot < slots; slot += step) {
		put(slot);
		if (slot / step % 10 == 9)
			end_group(0);
	}
	put(1); /* so that none is the last of its leaf */
	end_group(0);
	NEED(tree_open(tree, &rows, epoch_key[0]) == SC_OK);
	store->writes = store->reads = 0;
	erase(0);
	end_group(1);
	CHECK(store->reads == TREE_LEVELS - 1 && store->writes == TREE_LEVELS);
	CHECK(look(1) == 'l' && look(slots - step) == 'l');
	teardown();
}

static void test_cost(void)
{
	cost(1000, 1);
	cost(100000, 1);
	cost(10000000, 10000);
}

static void test_one_write_a_box(void)
{
	setup();
	for (uint64_t slot = 0; slot < 80; slot++)
		put(slot);
	end_group(0);
	store->writes = 0;
	for (uint64_t slot = 0; slot < 40; slot++)
		erase(slot);
	end_group(1);
	CHECK(store->writes == TREE_LEVELS);
	store->writes = 0;
	put(200); /* a leaf more: that and its parent */
	end_group(1);
	CHECK(store->writes == 2);
	store->writes = 0;
	put(201); /* the tail alone */
	end_group(1);
	CHECK(store->writes == 1);
	teardown();
}

static void test_box_open(void)
{
	uint8_t plain[TREE_PLAIN], child[TREE_PLAIN], box[TREE_BOX];
	bool ok;

	setup();
	put(5);
	end_group(0);
	NEED(tree_box_open(tree, TREE_PLACE(4, 0), epoch_key[0],
		 box_rows_at(store, TREE_PLACE(4, 0)), plain, &ok) == SC_OK);
	CHECK(ok && memcmp(plain + TREE_PLAIN - 32, tree_ring(tree), 32) == 0);
	memcpy(box, box_rows_at(store, TREE_PLACE(3, 0)), TREE_BOX);
	NEED(tree_box_open(tree, TREE_PLACE(3, 0), plain, box, child, &ok) == SC_OK && ok);
	CHECK(tree_box_open(tree, TREE_PLACE(2, 0), plain, box, child, &ok) == SC_OK && !ok);
	CHECK(tree_box_open(tree, TREE_PLACE(3, 1), plain, box, child, &ok) == SC_OK && !ok);
	for (size_t i = 0; i < TREE_PLAIN; i++)
		CHECK(child[i] == 0);
	teardown();
}

int main(void)
{
	RUN(test_edges, "who was put is there, at the edges of every box, and nobody else");
	RUN(test_erase, "who was erased is gone, the neighbours stay, the old epoch opens nothing");
	RUN(test_empty_boxes, "a box full of nobody loses its row, and can come back");
	RUN(test_ring, "the ring key stays until another is set, which turns the epoch");
	RUN(test_spoilt_boxes, "a box that is spoilt, swapped or missing is corrupt, never wrong");
	RUN(test_other_stores, "a box opens in its store and for its tenant alone");
	RUN(test_failed_write, "a group that fails at any write leaves the state before it");
	RUN(test_no_room, "a group that is full is told so, and looking goes on");
	RUN(test_cost, "an erasure writes five boxes in every store");
	RUN(test_one_write_a_box, "a group writes each box once, and only those that change");
	RUN(test_box_open, "a box opens by itself under the key in its parent");
	return tap_done();
}
