/*
 * key_check.c - one moment of the store, gone through: boxes from the top down, then
 * the rows that speak of who lives in them (key_check_rows.c), then the database itself.
 */
#include "crypto/keycheck/key_check_int.h"

#include "crypto/prim/vault.h"

#include <stdlib.h>
#include <string.h>

#define TOP (TREE_LEVELS - 1)
#define TELL_EACH 1024 /* boxes */

static const struct part_row {
	const char *name, *advice;
} part_rows[KEY_CHECK_PARTS] = {
	[KEY_CHECK_DATABASE] = { "database",
	    "the file is damaged: restore the newest backup (scrim keys restore)" },
	[KEY_CHECK_EPOCH] = { "epoch file",
	    "put the newest keyd.epoch or its twin back; keyd mends the other at its start. Or the "
	    "database is the older one: the newest of that, or scrim keys restore" },
	[KEY_CHECK_BOXES] = { "boxes",
	    "those keys open nothing any more: restore the newest backup (scrim keys restore)" },
	[KEY_CHECK_PEOPLE] = { "people",
	    "the index of people is damaged: restore the newest backup (scrim keys restore), which "
	    "makes it anew" },
	[KEY_CHECK_WEEKS] = { "weeks",
	    "rows of people who are gone: nothing opens by them; report it, it should not be" },
	[KEY_CHECK_ORDERS] = { "orders",
	    "rows that lead to nobody: what names such an order alone is nobody's, or refused; "
	    "report it, it should not be" },
	[KEY_CHECK_LOST] = { "lost slots",
	    "after a restore this is what it lacks. Otherwise an older store was put back and went "
	    "on: restore the newest backup (scrim keys restore)" },
	[KEY_CHECK_BACKUPS] = { "backups", "take a whole backup (scrim keys backup --full)" },
	[KEY_CHECK_KEYRING] = { "keyring",
	    "some class's tokens do not open: restore the newest backup (scrim keys restore)" },
	[KEY_CHECK_LOG] = { "log",
	    "put the newest copy of keyd's log back; scrim audit verify says what is missing" },
};

const char *key_check_name(enum key_check_part part)
{
	return part_rows[part].name;
}

const char *key_check_advice(enum key_check_part part)
{
	return part_rows[part].advice;
}

enum key_check_grade key_check_worst(const struct key_check_report *r)
{
	enum key_check_grade worst = KEY_CHECK_SKIPPED;

	for (unsigned i = 0; i < KEY_CHECK_PARTS; i++)
		if (r->part[i].grade > worst)
			worst = r->part[i].grade;
	return worst;
}

/* ---- boxes ---- */

static bool all_zero(const uint8_t *p, size_t n)
{
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= p[i];
	return any == 0;
}

static void look_at_leaf(struct key_checking *k, uint64_t index, const uint8_t *plain)
{
	const size_t each = TREE_SECRET_BYTES + HANDLE_BYTES;

	for (unsigned i = 0; i < TREE_LEAF; i++) {
		const uint8_t *p = plain + i * each;
		uint64_t slot = index * TREE_LEAF + i;

		if (all_zero(p, TREE_SECRET_BYTES))
			continue;
		if (slot >= k->now.high) {
			key_check_add(k->r, KEY_CHECK_BOXES, KEY_CHECK_WRONG,
			    "slot %llu has a key, and none past %llu was given out",
			    (unsigned long long)slot, (unsigned long long)k->now.high);
			continue;
		}
		k->living[slot / 8] |= (uint8_t)(1 << slot % 8);
		k->keys++;
		k->sum += key_check_sum(p + TREE_SECRET_BYTES, slot);
	}
}

/* Read and open the box of LEVEL, INDEX under KEY. *OK false: it is told, and goes on beside it. */
static enum sc_err open_one(struct key_checking *k, unsigned level, uint64_t index,
    const uint8_t *key, uint8_t *plain, bool *ok)
{
	const struct tree_rows rows = store_rows_boxes(k->tx);
	uint8_t box[TREE_BOX];
	bool there;
	enum sc_err err;

	*ok = false;
	err = rows.read(rows.arg, TREE_PLACE(level, index), box, &there);
	/* another length than a box has */
	if (err == SC_CORRUPT)
		there = true;
	else if (err != SC_OK)
		return err;
	else if (there &&
	    (err = tree_box_open(k->tree, TREE_PLACE(level, index), key, box, plain, ok)) != SC_OK)
		return err;
	if (*ok) {
		k->r->boxes++;
		return SC_OK;
	}
	key_check_add(k->r, KEY_CHECK_BOXES, KEY_CHECK_WRONG, "box %u/%llu %s", level,
	    (unsigned long long)index,
	    there ? "does not open under the key above it" : "is missing, and its key is there");
	return SC_OK;
}

/* The boxes open from the top one to where the walk is. */
struct box_path {
	uint64_t index[TREE_LEVELS];
	unsigned next[TREE_LEVELS]; /* the child that comes next */
	uint8_t plain[TREE_LEVELS][TREE_PLAIN];
};

static unsigned children_of(unsigned level)
{
	return level == TOP ? TREE_CHILDREN - 1 : TREE_CHILDREN;
}

/* The next child of the box at LEVEL that has a key; false: none is left. */
static bool next_child(struct box_path *p, unsigned level, uint64_t *index, const uint8_t **key)
{
	while (p->next[level] < children_of(level)) {
		unsigned i = p->next[level]++;

		*key = p->plain[level] + i * (size_t)TREE_SECRET_BYTES;
		*index = p->index[level] * TREE_CHILDREN + i;
		if (!all_zero(*key, TREE_SECRET_BYTES))
			return true;
	}
	return false;
}

static enum sc_err walk(struct key_checking *k, struct box_path *p)
{
	uint64_t index, leaves = k->now.high / TREE_LEAF + 1;
	unsigned level = TOP;
	const uint8_t *key;
	enum sc_err err;
	bool ok;

	while (level <= TOP) {
		if (!next_child(p, level, &index, &key)) {
			level++;
			continue;
		}
		if ((err = open_one(k, level - 1, index, key, p->plain[level - 1], &ok)) != SC_OK)
			return err;
		if (ok && level - 1 == 0)
			look_at_leaf(k, index, p->plain[0]);
		else if (ok) {
			level--;
			p->index[level] = index;
			p->next[level] = 0;
		}
		if (k->r->boxes % TELL_EACH == 0 &&
		    (err = key_check_go_on(k, "boxes", k->r->boxes, leaves)) != SC_OK)
			return err;
	}
	return SC_OK;
}

static enum sc_err check_boxes(struct key_checking *k)
{
	struct box_path *p = vault_alloc(sizeof(*p));
	const uint8_t *key;
	enum sc_err err = SC_NOMEM;
	bool ok;

	if (p == NULL)
		return err;
	memset(p, 0, sizeof(*p));
	err = SC_STALE;
	if ((key = k->c->key(k->c->arg, k->now.epoch)) == NULL ||
	    (err = open_one(k, TOP, 0, key, p->plain[TOP], &ok)) != SC_OK || !ok)
		goto out;
	memcpy(k->r->ring, p->plain[TOP] + (TREE_CHILDREN - 1) * (size_t)TREE_SECRET_BYTES,
	    sizeof(k->r->ring));
	k->r->has_ring = true;
	err = walk(k, p);
out:
	vault_free(p);
	if (err == SC_OK)
		key_check_add(k->r, KEY_CHECK_BOXES, KEY_CHECK_FINE, "%llu boxes, %llu keys",
		    (unsigned long long)k->r->boxes, (unsigned long long)k->keys);
	k->r->keys = k->keys;
	return err;
}

/* ---- the moment ---- */

static enum sc_err begin(struct key_checking *k)
{
	bool there;
	enum sc_err err;

	if ((err = store_rows_find(k->tx, k->c->node, k->id, &k->now, &there)) != SC_OK)
		return err;
	if (!there)
		return SC_CORRUPT;
	k->r->epoch = k->now.epoch;
	k->r->high = k->now.high;
	k->r->gen = k->now.gen;
	k->r->applied = k->now.applied;
	if ((k->living = calloc((size_t)(k->now.high / 8 + 1), 1)) == NULL)
		return SC_NOMEM;
	return tree_new(sc_span_str(k->c->tenant->s), k->id, 2 * TREE_LEVELS, &k->tree);
}

static enum sc_err check_database(struct key_checking *k)
{
	struct sc_diag d = { .text = "" };
	enum sc_err err = store_check(k->tx, &d);

	if (err == SC_CORRUPT)
		key_check_add(k->r, KEY_CHECK_DATABASE, KEY_CHECK_WRONG, "%s", d.text);
	else if (err != SC_OK)
		return err;
	key_check_add(k->r, KEY_CHECK_DATABASE, KEY_CHECK_FINE, "its pages hold together");
	return SC_OK;
}

/* In the order in which one needs what those before it saw. */
static enum sc_err (*const steps[])(struct key_checking *) = { begin, check_boxes, key_check_people,
	key_check_weeks, key_check_orders, key_check_lost, key_check_backups, check_database };

enum sc_err key_check_moment(struct store_tx *tx, const struct key_check *c,
    struct key_check_report *r)
{
	struct key_checking k = { .c = c, .tx = tx, .r = r };
	enum sc_err err = SC_OK;

	memset(r, 0, sizeof(*r));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && err == SC_OK; i++)
		if ((err = key_check_go_on(&k, "store", i, sizeof(steps) / sizeof(steps[0]))) ==
		    SC_OK)
			err = steps[i](&k);
	/* a damaged page may end any of them */
	if (err == SC_CORRUPT) {
		key_check_add(r, KEY_CHECK_DATABASE, KEY_CHECK_WRONG,
		    "a page or row cannot be read");
		err = SC_OK;
	}
	free(k.living);
	tree_free(k.tree);
	return err;
}
