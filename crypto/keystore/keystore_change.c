/*
 * keystore_change.c - forgetting and merging people: everything that can fail first, rows
 * then, and the tree last, where nothing fails.
 */
#include "crypto/keystore/keystore_int.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

/* The living among some slots. */
struct living {
	uint64_t slots[PEOPLE_SLOTS_MAX];
	struct tree_person who[PEOPLE_SLOTS_MAX]; /* wiped by whoever looked */
	size_t n;
};

static bool among(uint64_t slot, const uint64_t *slots, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slots[i] == slot)
			return true;
	return false;
}

/* Who lives there, ready to be changed. */
static enum sc_err reach(struct keystore *ks, struct store_tx *tx, const uint64_t *slots, size_t n,
    struct living *l)
{
	const struct tree_rows rows = store_rows_boxes(tx);
	enum sc_err err;
	bool gone;

	if (n > PEOPLE_SLOTS_MAX)
		return SC_LIMIT;
	for (size_t i = 0; i < n; i++) {
		if (slots[i] >= ks->now.high || among(slots[i], l->slots, l->n))
			continue;
		if ((err = tree_look(ks->tree, &rows, slots[i], &l->who[l->n], &gone)) != SC_OK)
			return err;
		if (gone)
			continue;
		l->slots[l->n++] = slots[i];
		if ((err = tree_reach(ks->tree, &rows, slots[i])) != SC_OK)
			return err;
	}
	return SC_OK;
}

/* HANDLE has none of DEAD any more; *LEFT: how many they have still. */
static enum sc_err rows_without(struct store_tx *tx, const uint8_t *handle,
    const struct living *dead, size_t *left)
{
	uint64_t slots[PEOPLE_SLOTS_MAX];
	size_t n, kept = 0;
	enum sc_err err;

	if ((err = store_rows_slots(tx, handle, slots, &n)) != SC_OK)
		return err;
	for (size_t i = 0; i < n; i++)
		if (!among(slots[i], dead->slots, dead->n))
			slots[kept++] = slots[i];
	*left = kept;
	return store_rows_give(tx, handle, slots, kept);
}

static bool seen_before(const struct living *l, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (memcmp(l->who[k].handle, l->who[i].handle, HANDLE_BYTES) == 0)
			return true;
	return false;
}

/*
 * The leaves say whose the slots are, not the record of an erasure: its handle is of the
 * key of its day, and a merge may have come between.
 */
static enum sc_err erase_rows(struct keystore *ks, struct store_tx *tx, const struct living *l,
    uint64_t *people)
{
	enum sc_err err;
	size_t left;

	for (size_t i = 0; i < l->n; i++) {
		if (seen_before(l, i))
			continue;
		if ((err = rows_without(tx, l->who[i].handle, l, &left)) != SC_OK)
			return err;
		*people += left == 0;
	}
	if ((err = store_rows_touched(tx, ks->now.epoch, l->slots, l->n)) != SC_OK)
		return err;
	return store_rows_forget(tx, l->slots, l->n);
}

enum sc_err keystore_erase(struct keystore *ks, struct store_tx *tx, const uint64_t *slots,
    size_t n, bool *found)
{
	struct living l = { .n = 0 };
	uint64_t people = 0;
	enum sc_err err;

	*found = false;
	if ((err = store_rows_stay(tx, slots, n)) != SC_OK ||
	    (err = reach(ks, tx, slots, n, &l)) != SC_OK || l.n == 0 ||
	    (err = erase_rows(ks, tx, &l, &people)) != SC_OK)
		goto out;
	for (size_t i = 0; i < l.n; i++)
		tree_erase(ks->tree, l.slots[i]);
	ks->now.people -= people < ks->now.people ? people : ks->now.people;
	ks->changed = true;
	*found = true;
out:
	sc_wipe(l.who, sizeof(l.who));
	return err;
}

/* ---- merging ---- */

static int by_slot(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* SLOTS: INTO's, and then those of L too. */
static enum sc_err merge_rows(struct keystore *ks, struct store_tx *tx, const uint8_t *from,
    const uint8_t *into, const struct living *l, uint64_t *slots, size_t *n)
{
	enum sc_err err;

	if ((err = store_rows_slots(tx, into, slots, n)) != SC_OK)
		return err;
	if (*n + l->n > PEOPLE_SLOTS_MAX)
		return SC_LIMIT;
	memcpy(slots + *n, l->slots, l->n * sizeof(slots[0]));
	*n += l->n;
	qsort(slots, *n, sizeof(slots[0]), by_slot);
	if ((err = store_rows_give(tx, from, NULL, 0)) != SC_OK ||
	    (err = store_rows_give(tx, into, slots, *n)) != SC_OK)
		return err;
	return store_rows_touched(tx, ks->now.epoch, l->slots, l->n);
}

static enum sc_err merge(struct keystore *ks, struct store_tx *tx, const uint8_t *from,
    const uint8_t *into, struct living *l, uint64_t *slots, size_t *n)
{
	enum sc_err err;

	if ((err = store_rows_slots(tx, from, slots, n)) != SC_OK ||
	    (err = reach(ks, tx, slots, *n, l)) != SC_OK)
		return err;
	if (l->n < *n)
		return SC_CORRUPT; /* a row without a key */
	if (l->n == 0 || memcmp(from, into, HANDLE_BYTES) == 0)
		return SC_OK;
	if ((err = merge_rows(ks, tx, from, into, l, slots, n)) != SC_OK)
		return err;
	for (size_t i = 0; i < l->n; i++) {
		memcpy(l->who[i].handle, into, HANDLE_BYTES);
		tree_put(ks->tree, l->slots[i], &l->who[i]);
	}
	/* two people have become one */
	ks->now.people -= *n > l->n && ks->now.people > 0;
	ks->changed = true;
	return SC_OK;
}

enum sc_err keystore_merge(struct keystore *ks, struct store_tx *tx,
    const uint8_t from[static HANDLE_BYTES], const uint8_t into[static HANDLE_BYTES],
    uint64_t slots[static PEOPLE_SLOTS_MAX], size_t *n, bool *found)
{
	struct living l = { .n = 0 };
	enum sc_err err = merge(ks, tx, from, into, &l, slots, n);

	sc_wipe(l.who, sizeof(l.who));
	*found = err == SC_OK && l.n > 0;
	return err;
}
