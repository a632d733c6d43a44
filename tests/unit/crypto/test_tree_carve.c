/*
 * test_tree_carve.c - who has every version of every box that was ever written, the
 * epoch file as it is now and the root key opens all the living and nobody
 * erased; who has kept the old epoch keys too opens them all.
 */
#include "crypto/keytree/tree.h"

#include "crypto/prim/random.h"
#include "tap.h"
#include "unit/crypto/box_rows.h"

#include <unistd.h>

enum { PEOPLE = 1500, GROUPS = 120, BOXES = 64, KEYS_MAX = 4096 };

static struct epoch_place place = { .tenant = SC_LIT("shop"), .store_id = "a store" };
static struct sc_secret *root;

static struct {
	struct tree_person p;
	bool written; /* it stood in a box once */
	bool erased;
	bool opened; /* by the attacker */
} person[PEOPLE];

static struct box_rows *store;
static struct tree_rows rows;
static struct tree *tree;
static struct epoch_file *epochs;
static uint64_t epoch;
static uint8_t kept[2 * GROUPS][EPOCH_KEY_BYTES]; /* what an attacker has who was there before */
static size_t n_kept;

/* ---- the store ---------------------------------------------------------------------- */

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* As keyd does it: commit under the spare, then lay the next over the old. */
static void end_group(void)
{
	const bool turns = tree_turns(tree);

	must(tree_write(tree, &rows, epoch_file_key(epochs, epoch + turns)) == SC_OK);
	tree_keep(tree);
	box_rows_commit(store);
	if (!turns)
		return;
	memcpy(kept[n_kept++], epoch_file_key(epochs, epoch), EPOCH_KEY_BYTES);
	must(epoch_file_write(epochs, epoch + 2) == SC_OK);
	epoch++;
}

static void live(void)
{
	unsigned seed = 5;
	size_t high = 0;

	must(epoch_file_make(&place, root, NULL, &epochs) == SC_OK);
	must(tree_begin(tree) == SC_OK);
	end_group();
	for (unsigned g = 0; g < GROUPS; g++) {
		const size_t until = high + 1 + rand_r(&seed) % 15u;
		const unsigned go = rand_r(&seed) % 4u;

		for (; high < until && high < PEOPLE; high++) {
			random_bytes(&person[high].p, sizeof(person[high].p));
			must(tree_reach(tree, &rows, high) == SC_OK);
			tree_put(tree, high, &person[high].p);
		}
		for (unsigned i = 0; i < go; i++) {
			const size_t who = rand_r(&seed) % high;

			must(tree_reach(tree, &rows, who) == SC_OK);
			tree_erase(tree, who);
			person[who].erased = true;
		}
		for (size_t i = 0; i < high; i++) /* who came and went at once stood in no box */
			person[i].written |= !person[i].erased;
		end_group();
	}
}

/* ---- the attacker -------------------------------------------------------------------- */

struct found_key {
	uint64_t place;
	uint8_t key[TREE_SECRET_BYTES];
};

static struct found_key found[KEYS_MAX * TREE_LEVELS];
static size_t n_found;

static void learn(uint64_t at, const uint8_t *key)
{
	static const uint8_t zero[TREE_SECRET_BYTES];

	if (memcmp(key, zero, sizeof(zero)) == 0)
		return;
	for (size_t i = 0; i < n_found; i++)
		if (found[i].place == at && memcmp(found[i].key, key, sizeof(zero)) == 0)
			return;
	must(n_found < sizeof(found) / sizeof(found[0]));
	found[n_found].place = at;
	memcpy(found[n_found++].key, key, sizeof(zero));
}

/* What an open box at AT tells. */
static void read_open(uint64_t at, const uint8_t *plain)
{
	const unsigned level = (unsigned)(at >> 56);
	const uint64_t index = at & (TREE_PLACE(1, 0) - 1);

	if (level != 0) {
		for (uint64_t i = 0; i < TREE_CHILDREN - (level == TREE_LEVELS - 1); i++)
			learn(TREE_PLACE(level - 1, index * TREE_CHILDREN + i),
			    plain + i * TREE_SECRET_BYTES);
		return;
	}
	for (size_t i = 0; i < TREE_LEAF && index * TREE_LEAF + i < PEOPLE; i++) {
		const size_t who = index * TREE_LEAF + i;

		person[who].opened |= person[who].written &&
		    memcmp(plain + i * sizeof(struct tree_person), &person[who].p,
			sizeof(struct tree_person)) == 0;
	}
}

/* Try K on every version of its box that was ever written. */
static void try_key(const struct found_key *k)
{
	const uint64_t at = k->place;
	struct box_row *row = store->bucket[at * 0x9e3779b97f4a7c15u >> 48];
	uint8_t plain[TREE_PLAIN];
	bool ok;

	while (row != NULL && row->place != at)
		row = row->next;
	for (struct box_version *v = row == NULL ? NULL : row->newest; v != NULL; v = v->older) {
		if (!v->there)
			continue;
		must(tree_box_open(tree, at, k->key, v->box, plain, &ok) == SC_OK);
		if (ok)
			read_open(at, plain);
	}
}

/* Everything that these epoch keys lead to: how many of the living and of the erased open. */
static void attack(bool with_kept, size_t living[2], size_t erased[2])
{
	struct epoch_held held[2];
	struct epoch_file *f;
	bool repaired;

	n_found = 0;
	for (size_t i = 0; i < PEOPLE; i++)
		person[i].opened = false;
	must(epoch_file_open(&place, root, NULL, &repaired, &f) == SC_OK);
	epoch_file_held(f, held);
	for (unsigned i = 0; i < 2; i++)
		learn(TREE_PLACE(TREE_LEVELS - 1, 0), epoch_file_key(f, held[i].epoch));
	epoch_file_close(f);
	for (size_t i = 0; i < n_kept && with_kept; i++)
		learn(TREE_PLACE(TREE_LEVELS - 1, 0), kept[i]);
	for (size_t i = 0; i < n_found; i++)
		try_key(&found[i]);
	memset(living, 0, 2 * sizeof(living[0]));
	memset(erased, 0, 2 * sizeof(erased[0]));
	for (size_t i = 0; i < PEOPLE; i++) {
		size_t *of = person[i].erased ? erased : living;

		of[0] += person[i].opened;
		of[1] += person[i].written;
	}
}

static void test_carving(void)
{
	size_t living[2], erased[2];

	live();
	attack(false, living, erased);
	printf("# now: %zu of %zu living open, %zu of %zu erased\n", living[0], living[1],
	    erased[0], erased[1]);
	CHECK(living[1] > 500 && living[0] == living[1]);
	CHECK(erased[1] > 100 && erased[0] == 0);
	attack(true, living, erased);
	printf("# with the %zu old epoch keys: %zu of %zu erased\n", n_kept, erased[0], erased[1]);
	CHECK(living[0] == living[1]);
	CHECK(erased[0] == erased[1]);
	epoch_file_close(epochs);
}

int main(void)
{
	char dir[] = "/tmp/scrim-carve-XXXXXX", path[64];
	uint8_t key[32] = "root";

	if (mkdtemp(dir) == NULL || sc_secret_new_take(key, sizeof(key), &root) != SC_OK)
		return 1;
	snprintf(path, sizeof(path), "%s/keyd.epoch", dir);
	place.path = path;
	store = box_rows_new(true);
	rows = box_rows_of(store);
	if (tree_new(place.tenant, place.store_id, BOXES, &tree) != SC_OK)
		return 1;
	RUN(test_carving, "all the living open and nobody erased, but with the old epoch keys all");
	tree_free(tree);
	box_rows_free(store);
	sc_secret_free(root);
	unlink(path);
	rmdir(dir);
	return tap_done();
}
