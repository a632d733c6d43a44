/*
 * tree.c - everybody's keys, in boxes.
 *
 * The top box is always open. Below it a walk goes down level by level, and
 * what it needs it takes from the open boxes or reads. That every key of a child stands in its
 * parent, and is zero when there is no such child, is the one invariant:
 * a box that is not there is open too while its group lasts ("absent"), all zero, so that
 * whoever reached it can put somebody into it without another read.
 */
#include "crypto/keytree/tree.h"

#include "base/buf.h"
#include "crypto/keytree/box.h"
#include "crypto/keytree/open_boxes.h"
#include "crypto/prim/random.h"
#include "crypto/prim/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = TREE_LEVELS - 1, KEY = TREE_SECRET_BYTES };

_Static_assert(TREE_LEAF * sizeof(struct tree_person) == TREE_PLAIN, "a leaf is full of people");
_Static_assert(TREE_CHILDREN *TREE_SECRET_BYTES == TREE_PLAIN, "and a box above of keys");
_Static_assert(EPOCH_KEY_BYTES == TREE_SECRET_BYTES, "the epoch's key is that of the top box");

/* Who looks needs boxes that no group holds, and whoever reaches one more path. */
#define BOXES_MIN (2u * TREE_LEVELS)

struct tree {
	struct box_sealer *sealer;
	struct open_boxes *boxes;
	bool top_changed, turns;
	uint8_t top[TREE_PLAIN];
};

/* A caller broke the contract: nothing sound can follow. */
static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "tree: %s\n", what);
	abort();
}

static bool is_zero(const uint8_t *p, size_t n)
{
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= p[i];
	return any == 0;
}

/* Which box of LEVEL holds SLOT. */
static uint64_t index_at(uint64_t slot, unsigned level)
{
	uint64_t index = slot / TREE_LEAF;

	while (level-- != 0)
		index /= TREE_CHILDREN;
	return index;
}

/* Where the key of box INDEX stands in its parent, which is open at PARENT. */
static uint8_t *child_key(uint8_t *parent, uint64_t index)
{
	return parent + index % TREE_CHILDREN * KEY;
}

static uint8_t *person_at(struct open_box *leaf, uint64_t slot)
{
	return leaf->plain + slot % TREE_LEAF * sizeof(struct tree_person);
}

enum sc_err tree_new(struct sc_span tenant, const uint8_t store_id[static STORE_ID_BYTES],
    uint32_t boxes, struct tree **out)
{
	struct tree *t = vault_alloc(sizeof(*t));
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (t == NULL)
		return SC_NOMEM;
	if ((err = box_sealer_new(tenant, store_id, &t->sealer)) != SC_OK ||
	    (err = open_boxes_new(boxes < BOXES_MIN ? BOXES_MIN : boxes, &t->boxes)) != SC_OK) {
		tree_free(t);
		return err;
	}
	*out = t;
	return SC_OK;
}

void tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	open_boxes_free(t->boxes);
	box_sealer_free(t->sealer);
	vault_free(t);
}

void tree_drop(struct tree *t)
{
	open_boxes_clear(t->boxes);
	sc_wipe(t->top, TREE_PLAIN);
	t->top_changed = t->turns = false;
}

enum sc_err tree_begin(struct tree *t)
{
	tree_drop(t);
	random_bytes(child_key(t->top, TREE_CHILDREN - 1), KEY);
	t->top_changed = true;
	return SC_OK;
}

const uint8_t *tree_ring(const struct tree *t)
{
	return t->top + (size_t)(TREE_CHILDREN - 1) * KEY;
}

/* ---- reading --------------------------------------------------------------------- */

static enum sc_err read_box(struct tree *t, const struct tree_rows *rows, uint64_t place,
    const uint8_t *key, uint8_t *plain)
{
	uint8_t box[TREE_BOX];
	bool ok = false;
	enum sc_err err = rows->read(rows->arg, place, box, &ok);

	if (err == SC_OK && ok)
		err = box_open(t->sealer, place, key, box, plain, &ok);
	return err == SC_OK && !ok ? SC_CORRUPT : err;
}

enum sc_err tree_open(struct tree *t, const struct tree_rows *rows,
    const uint8_t key[static EPOCH_KEY_BYTES])
{
	tree_drop(t);
	return read_box(t, rows, TREE_PLACE(TOP, 0), key, t->top);
}

/* The box at PLACE, whose KEY is not zero. */
static enum sc_err get(struct tree *t, const struct tree_rows *rows, uint64_t place,
    const uint8_t *key, struct open_box **out)
{
	struct open_box *x = open_boxes_find(t->boxes, place);
	enum sc_err err;

	*out = x;
	if (x != NULL)
		return SC_OK;
	if ((x = open_boxes_take(t->boxes, place)) == NULL)
		return SC_BUG;
	if ((err = read_box(t, rows, place, key, x->plain)) != SC_OK) {
		open_boxes_give(t->boxes, x);
		return err;
	}
	*out = x;
	return SC_OK;
}

enum sc_err tree_look(struct tree *t, const struct tree_rows *rows, uint64_t slot,
    struct tree_person *out, bool *gone)
{
	struct open_box *x = NULL;
	uint8_t *above = t->top;
	enum sc_err err;

	*gone = true;
	if (slot >= TREE_SLOTS)
		return SC_BUG;
	for (unsigned level = TOP; level-- != 0; above = x->plain) {
		const uint64_t index = index_at(slot, level);
		const uint8_t *key = child_key(above, index);

		if (is_zero(key, KEY))
			return SC_OK;
		if ((err = get(t, rows, TREE_PLACE(level, index), key, &x)) != SC_OK)
			return err;
	}
	if (is_zero(person_at(x, slot), TREE_SECRET_BYTES))
		return SC_OK;
	memcpy(out, person_at(x, slot), sizeof(*out));
	*gone = false;
	return SC_OK;
}

enum sc_err tree_box_open(const struct tree *t, uint64_t place,
    const uint8_t key[static TREE_SECRET_BYTES], const uint8_t box[static TREE_BOX],
    uint8_t plain[static TREE_PLAIN], bool *ok)
{
	return box_open(t->sealer, place, key, box, plain, ok);
}

/* ---- changing -------------------------------------------------------------------- */

/* May the path of SLOT be held in this group? Who looks must find room beside. */
static bool room_for(const struct tree *t, uint64_t slot)
{
	uint32_t more = TREE_LEVELS;

	for (unsigned level = 0; level < TOP; level++) {
		const struct open_box *x =
		    open_boxes_find(t->boxes, TREE_PLACE(level, index_at(slot, level)));

		more += x == NULL || !x->held;
	}
	return open_boxes_room(t->boxes) >= more;
}

enum sc_err tree_reach(struct tree *t, const struct tree_rows *rows, uint64_t slot)
{
	struct open_box *x = NULL;
	uint8_t *above = t->top;
	enum sc_err err;

	if (slot >= TREE_SLOTS)
		return SC_BUG;
	if (!room_for(t, slot))
		return SC_AGAIN;
	for (unsigned level = TOP; level-- != 0; above = x->plain) {
		const uint64_t index = index_at(slot, level), place = TREE_PLACE(level, index);
		const uint8_t *key = child_key(above, index);

		if (!is_zero(key, KEY)) {
			if ((err = get(t, rows, place, key, &x)) != SC_OK)
				return err;
		} else if ((x = open_boxes_find(t->boxes, place)) == NULL) {
			if ((x = open_boxes_take(t->boxes, place)) == NULL)
				return SC_BUG;
			memset(x->plain, 0, TREE_PLAIN);
			x->absent = true;
		}
		open_boxes_hold(t->boxes, x);
	}
	return SC_OK;
}

/* The path of SLOT, which was reached: PATH[level], without the top. */
static void find_path(struct tree *t, uint64_t slot, struct open_box *path[static TOP])
{
	must(slot < TREE_SLOTS, "no such slot");
	for (unsigned level = 0; level < TOP; level++) {
		path[level] = open_boxes_find(t->boxes, TREE_PLACE(level, index_at(slot, level)));
		must(path[level] != NULL && path[level]->held, "a slot that was not reached");
	}
}

void tree_put(struct tree *t, uint64_t slot, const struct tree_person *p)
{
	struct open_box *path[TOP];

	find_path(t, slot, path);
	for (unsigned level = 0; level < TOP && path[level]->absent; level++) {
		uint8_t *above = level + 1 == TOP ? t->top : path[level + 1]->plain;

		random_bytes(child_key(above, index_at(slot, level)), KEY);
		path[level]->absent = false;
		path[level]->changed = true;
		if (level + 1 == TOP)
			t->top_changed = true;
		else
			path[level + 1]->changed = true;
	}
	memcpy(person_at(path[0], slot), p, sizeof(*p));
	path[0]->changed = true;
}

void tree_erase(struct tree *t, uint64_t slot)
{
	struct open_box *path[TOP];

	find_path(t, slot, path);
	if (is_zero(person_at(path[0], slot), TREE_SECRET_BYTES))
		return; /* nobody (any more): no key of theirs is to be destroyed */
	sc_wipe(person_at(path[0], slot), sizeof(struct tree_person));
	for (unsigned level = 0; level < TOP; level++)
		path[level]->changed = path[level]->rekey = true;
	tree_turn(t);
}

void tree_set_ring(struct tree *t, const uint8_t key[static TREE_SECRET_BYTES])
{
	memcpy(child_key(t->top, TREE_CHILDREN - 1), key, KEY);
	tree_turn(t); /* or the old one would be one copy of a page away */
}

void tree_turn(struct tree *t)
{
	t->turns = t->top_changed = true;
}

bool tree_turns(const struct tree *t)
{
	return t->turns;
}

/* ---- writing --------------------------------------------------------------------- */

/* X, whose key stands at KEY in its parent; *ABOVE: that changes too. */
static enum sc_err write_box(struct tree *t, const struct tree_rows *rows, struct open_box *x,
    uint8_t *key, bool *above)
{
	uint8_t box[TREE_BOX];
	enum sc_err err;

	if (is_zero(x->plain, TREE_PLAIN)) {
		sc_wipe(key, KEY);
		*above = x->absent = true;
		return rows->remove(rows->arg, x->place);
	}
	if (x->rekey) {
		random_bytes(key, KEY);
		*above = true;
	}
	if ((err = box_seal(t->sealer, x->place, key, x->plain, box)) != SC_OK)
		return err;
	return rows->write(rows->arg, x->place, box);
}

/* The changed boxes of LEVEL. */
static enum sc_err write_level(struct tree *t, const struct tree_rows *rows, unsigned level)
{
	const uint64_t mask = TREE_PLACE(1, 0) - 1;
	enum sc_err err = SC_OK;

	for (struct open_box *x = NULL;
	     err == SC_OK && (x = open_boxes_held(t->boxes, x)) != NULL;) {
		const uint64_t index = x->place & mask;
		struct open_box *parent = NULL;

		if (!x->changed || x->place >> 56 != level)
			continue;
		if (level + 1 < TOP)
			parent =
			    open_boxes_find(t->boxes, TREE_PLACE(level + 1, index / TREE_CHILDREN));
		err = write_box(t, rows, x, child_key(parent ? parent->plain : t->top, index),
		    parent ? &parent->changed : &t->top_changed);
	}
	return err;
}

enum sc_err tree_write(struct tree *t, const struct tree_rows *rows,
    const uint8_t key[static EPOCH_KEY_BYTES])
{
	uint8_t box[TREE_BOX];
	enum sc_err err;

	for (unsigned level = 0; level < TOP; level++)
		if ((err = write_level(t, rows, level)) != SC_OK)
			return err;
	if (!t->top_changed)
		return SC_OK;
	if ((err = box_seal(t->sealer, TREE_PLACE(TOP, 0), key, t->top, box)) != SC_OK)
		return err;
	return rows->write(rows->arg, TREE_PLACE(TOP, 0), box);
}

void tree_keep(struct tree *t)
{
	open_boxes_settle(t->boxes);
	t->top_changed = t->turns = false;
}
