/*
 * test_tree_model.c - a naive map beside the tree, over steps by lot: the same
 * key, gone, or nobody.
 *
 *	TREE_STEPS=2000000 TREE_SEED=7 test_tree_model
 */
#include "crypto/keytree/tree.h"

#include "crypto/prim/random.h"
#include "tap.h"
#include "unit/crypto/box_rows.h"

enum { BOXES = 16, GROUP_MAX = 50, RUN_LENGTH = 40 };

/* The map: every slot that was put, in order. */
struct known {
	uint64_t slot;
	bool living, was; /* WAS: before this group */
	struct tree_person p, p_was;
	uint64_t group; /* the last in which it changed */
};

static struct {
	struct known *v;
	size_t n, n_was; /* N_WAS: before this group */
	size_t cap;
	size_t changed[GROUP_MAX];
	size_t n_changed;
	uint64_t high, high_was, group;
} map;

static struct box_rows *store;
static struct tree_rows rows;
static struct tree *tree;
static uint8_t key[EPOCH_KEY_BYTES];
static uint64_t lot;

static struct {
	size_t put, erased, looked, turned, kept, dropped, full;
} did;

static uint64_t draw(uint64_t below)
{
	lot ^= lot << 13;
	lot ^= lot >> 7;
	lot ^= lot << 17;
	return (lot >> 11) % below;
}

static uint64_t number(const char *name, uint64_t usual)
{
	const char *said = getenv(name);

	return said == NULL ? usual : strtoull(said, NULL, 10);
}

/* The person of SLOT, or NULL: nobody was ever there. */
static struct known *map_find(uint64_t slot)
{
	size_t a = 0, b = map.n;

	while (a < b) {
		const size_t m = a + (b - a) / 2;

		if (map.v[m].slot < slot)
			a = m + 1;
		else
			b = m;
	}
	return a < map.n && map.v[a].slot == slot ? &map.v[a] : NULL;
}

/* Before K is changed: what it was before the group. */
static void map_touch(struct known *k)
{
	if (k->group == map.group)
		return;
	k->group = map.group;
	k->was = k->living;
	k->p_was = k->p;
	map.changed[map.n_changed++] = (size_t)(k - map.v);
}

static struct known *map_add(uint64_t slot)
{
	if (map.n == map.cap) {
		map.cap = map.cap == 0 ? 1024 : 2 * map.cap;
		if ((map.v = realloc(map.v, map.cap * sizeof(map.v[0]))) == NULL)
			abort();
	}
	map.v[map.n] = (struct known){ .slot = slot, .group = UINT64_MAX };
	return &map.v[map.n++];
}

/* The group is over; does it stand? */
static void map_end(bool stands)
{
	for (size_t i = 0; i < map.n_changed && !stands; i++) {
		struct known *k = &map.v[map.changed[i]];

		k->living = k->was;
		k->p = k->p_was;
	}
	if (stands) {
		map.n_was = map.n;
		map.high_was = map.high;
	}
	map.n = map.n_was;
	map.high = map.high_was;
	map.n_changed = 0;
	map.group++;
}

/* ---- a step ---------------------------------------------------------------------- */

static bool agrees(uint64_t slot)
{
	const struct known *k = map_find(slot);
	struct tree_person p;
	bool gone;

	did.looked++;
	if (tree_look(tree, &rows, slot, &p, &gone) != SC_OK)
		return false;
	if (k == NULL || !k->living)
		return gone;
	return !gone && memcmp(&p, &k->p, sizeof(p)) == 0;
}

/* Reach it; *FULL: the group has no room. */
static bool reach(uint64_t slot, bool *full)
{
	const enum sc_err err = tree_reach(tree, &rows, slot);

	*full = err == SC_AGAIN;
	did.full += *full;
	return err == SC_OK || *full;
}

static bool step_put(bool *full)
{
	const bool again = map.n != 0 && draw(20) == 0;
	const uint64_t slot = again ? map.v[draw(map.n)].slot : map.high;
	struct known *k;

	if (!reach(slot, full) || *full)
		return *full;
	k = again ? map_find(slot) : map_add(slot);
	map_touch(k);
	k->living = true;
	random_bytes(&k->p, sizeof(k->p));
	tree_put(tree, slot, &k->p);
	if (!again)
		map.high++;
	/* a lease that was lost, near or far */
	if (!again && draw(400) == 0)
		map.high += draw(draw(3) == 0 ? 20000000 : 300);
	did.put++;
	return agrees(slot);
}

static bool step_erase(bool *full)
{
	static size_t next; /* often the next in line, so that whole boxes are emptied */
	struct known *k;

	if (map.n == 0)
		return true;
	if (next >= map.n || draw(RUN_LENGTH) == 0)
		next = draw(map.n);
	k = &map.v[next++];
	if (!reach(k->slot, full) || *full)
		return *full;
	map_touch(k);
	k->living = false;
	tree_erase(tree, k->slot);
	did.erased++;
	return agrees(k->slot);
}

static bool step(bool *full)
{
	const uint64_t kind = draw(100);

	if (kind < 35)
		return step_put(full);
	if (kind < 60)
		return step_erase(full);
	if (kind == 60) {
		tree_turn(tree);
		did.turned++;
		return true;
	}
	if (kind < 90 && map.n != 0)
		return agrees(map.v[draw(map.n)].slot);
	return agrees(draw(2) == 0 ? draw(map.high + 200) : draw(TREE_SLOTS));
}

/* The end of a group: it stands, it fails at some write, or it is called off. */
static bool end_group(void)
{
	uint8_t next[EPOCH_KEY_BYTES];
	const uint64_t how = draw(10);
	bool stands;

	memcpy(next, key, sizeof(next));
	if (tree_turns(tree))
		random_bytes(next, sizeof(next));
	store->fail_at = how == 0 ? 1 + (unsigned)draw(12) : 0;
	stands = how != 1 && tree_write(tree, &rows, next) == SC_OK;
	store->fail_at = 0;
	map_end(stands);
	if (!stands) {
		did.dropped++;
		box_rows_rollback(store);
		tree_drop(tree);
		return tree_open(tree, &rows, key) == SC_OK;
	}
	did.kept++;
	tree_keep(tree);
	box_rows_commit(store);
	memcpy(key, next, sizeof(key));
	return how != 2 || tree_open(tree, &rows, key) == SC_OK;
}

static void test_by_lot(void)
{
	const uint64_t n = number("TREE_STEPS", getenv("DEEP") != NULL ? 2000000 : 20000);
	uint64_t left = 1;
	bool full, ok;

	lot = number("TREE_SEED", 1) * 0x9e3779b97f4a7c15u + 1;
	NEED(tree_begin(tree) == SC_OK && tree_write(tree, &rows, key) == SC_OK);
	tree_keep(tree);
	box_rows_commit(store);
	for (uint64_t i = 0; i < n; i++) {
		full = false;
		ok = step(&full);
		if (full || --left == 0) {
			ok = ok && end_group();
			left = 1 + draw(GROUP_MAX);
		}
		if (!ok)
			printf("# step %llu\n", (unsigned long long)i);
		NEED(ok);
	}
	NEED(end_group() && tree_open(tree, &rows, key) == SC_OK); /* kept or not */
	for (size_t i = 0; i < map.n; i++)
		NEED(agrees(map.v[i].slot));
	printf(
	    "# %zu put, %zu erased, %zu looked at, %zu turns, %zu groups kept, %zu not, %zu full\n",
	    did.put, did.erased, did.looked, did.turned, did.kept, did.dropped, did.full);
	/* else too little was tried */
	CHECK(
	    did.put > n / 5 && did.erased > n / 6 && did.dropped > n / 400 && did.full > n / 4000);
}

int main(void)
{
	static const struct sc_span tenant = SC_LIT("shop");
	static const uint8_t store_id[STORE_ID_BYTES] = "a store";

	store = box_rows_new(false);
	rows = box_rows_of(store);
	if (tree_new(tenant, store_id, BOXES, &tree) != SC_OK)
		return 1;
	RUN(test_by_lot, "a naive map and the tree agree at every step");
	tree_free(tree);
	box_rows_free(store);
	free(map.v);
	return tap_done();
}
