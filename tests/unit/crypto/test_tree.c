/*
 * test_tree.c - the tree of keys: who was put is there, who was erased is gone, and
 * what fails has changed nothing.
 */
#include "crypto/keytree/tree.h"
#include "crypto/prim/random.h"
#include "tap.h"

/* A few rows, in memory. */
#define ROWS 64
static struct {
	uint64_t place[ROWS];
	uint8_t box[ROWS][TREE_BOX];
	bool there[ROWS];
	size_t n;
} rows_of;

static size_t row(uint64_t place)
{
	size_t i = 0;

	while (i < rows_of.n && rows_of.place[i] != place)
		i++;
	if (i == rows_of.n)
		rows_of.place[rows_of.n++] = place;
	return i;
}

static enum sc_err on_read(void *arg, uint64_t place, uint8_t box[TREE_BOX], bool *there)
{
	const size_t i = row(place);

	(void)arg;
	memcpy(box, rows_of.box[i], TREE_BOX);
	*there = rows_of.there[i];
	return SC_OK;
}

static enum sc_err on_write(void *arg, uint64_t place, const uint8_t box[TREE_BOX])
{
	const size_t i = row(place);

	(void)arg;
	memcpy(rows_of.box[i], box, TREE_BOX);
	rows_of.there[i] = true;
	return SC_OK;
}

static enum sc_err on_remove(void *arg, uint64_t place)
{
	(void)arg;
	rows_of.there[row(place)] = false;
	return SC_OK;
}

static const struct tree_rows rows = { on_read, on_write, on_remove, NULL };
static const uint8_t store_id[STORE_ID_BYTES] = "a store";
static const uint8_t epoch_key[2][EPOCH_KEY_BYTES] = { "first", "second" };

static void test_basics(void)
{
	const struct sc_span tenant = SC_LIT("shop");
	struct tree_person p = { { 7 }, { 8 } }, q;
	struct tree *t;
	bool gone;

	NEED(tree_new(tenant, store_id, 16, &t) == SC_OK);
	NEED(tree_begin(t) == SC_OK);
	NEED(tree_write(t, &rows, epoch_key[0]) == SC_OK);
	tree_keep(t);
	CHECK(tree_look(t, &rows, 5, &q, &gone) == SC_OK && gone);
	NEED(tree_reach(t, &rows, 5) == SC_OK);
	NEED(tree_reach(t, &rows, 6) == SC_OK);
	tree_put(t, 5, &p);
	tree_put(t, 6, &p);
	CHECK(!tree_turns(t));
	NEED(tree_write(t, &rows, epoch_key[0]) == SC_OK);
	tree_keep(t);
	NEED(tree_open(t, &rows, epoch_key[0]) == SC_OK);
	CHECK(tree_look(t, &rows, 5, &q, &gone) == SC_OK && !gone && !memcmp(&p, &q, sizeof(p)));
	NEED(tree_reach(t, &rows, 5) == SC_OK);
	tree_erase(t, 5);
	CHECK(tree_turns(t));
	NEED(tree_write(t, &rows, epoch_key[1]) == SC_OK);
	tree_keep(t);
	CHECK(tree_open(t, &rows, epoch_key[0]) == SC_CORRUPT);
	NEED(tree_open(t, &rows, epoch_key[1]) == SC_OK);
	CHECK(tree_look(t, &rows, 5, &q, &gone) == SC_OK && gone);
	CHECK(tree_look(t, &rows, 6, &q, &gone) == SC_OK && !gone && !memcmp(&p, &q, sizeof(p)));
	tree_free(t);
}

int main(void)
{
	RUN(test_basics, "who was put is there, who was erased is gone, the neighbour stays");
	return tap_done();
}
