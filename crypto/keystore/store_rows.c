/*
 * store_rows.c - binding and taking the columns of those rows.
 */
#include "crypto/keystore/store_rows.h"

#include "base/grow.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>
#include <string.h>

#define ONE_MAX 8 /* parameters of a statement that is run once */

/* A statement run once, its parameters at hand. */
struct one {
	struct store_value v[ONE_MAX];
	size_t n;
	void *out;
};

static bool bind_one(void *arg, size_t i, struct store_value *v)
{
	const struct one *o = arg;

	(void)i;
	memcpy(v, o->v, o->n * sizeof(*v));
	return true;
}

static enum sc_err ask_one(struct store_tx *tx, unsigned statement, struct one *o,
    enum sc_err (*row)(void *arg, size_t i, const struct store_value *v))
{
	const struct store_batch b = { statement, 1, bind_one, row, o };

	return store_ask(tx, &b);
}

/* ---- how far the store has come ---- */

struct found_store {
	uint8_t *id;
	struct keystore_now *now;
	bool there;
};

static enum sc_err take_store(void *arg, size_t i, const struct store_value *v)
{
	struct found_store *f = ((struct one *)arg)->out;

	(void)i;
	if (v[0].bytes.n != STORE_ID_BYTES)
		return SC_CORRUPT;
	memcpy(f->id, v[0].bytes.p, STORE_ID_BYTES);
	f->now->epoch = (uint64_t)v[1].number;
	f->now->high = (uint64_t)v[2].number;
	f->now->lease = (uint64_t)v[3].number;
	f->now->people = (uint64_t)v[4].number;
	f->there = true;
	/* numbers that no store comes to: they are used as sizes */
	return v[1].number >= 0 && v[4].number >= 0 && f->now->high <= f->now->lease &&
		f->now->lease <= TREE_SLOTS ?
	    SC_OK :
	    SC_CORRUPT;
}

static enum sc_err take_writer(void *arg, size_t i, const struct store_value *v)
{
	struct found_store *f = ((struct one *)arg)->out;

	(void)i;
	f->now->gen = (uint64_t)v[0].number;
	f->now->applied = (uint64_t)v[1].number;
	return v[0].number >= 0 && v[1].number >= 0 ? SC_OK : SC_CORRUPT;
}

enum sc_err store_rows_find(struct store_tx *tx, const char *node,
    uint8_t id[static STORE_ID_BYTES], struct keystore_now *now, bool *there)
{
	struct found_store f = { id, now, false };
	struct one store = { .out = &f }, writer = { .v = { store_text(node) }, .n = 1, .out = &f };
	enum sc_err err;

	memset(now, 0, sizeof(*now));
	*there = false;
	if ((err = ask_one(tx, STORE_FIND, &store, take_store)) != SC_OK ||
	    (err = ask_one(tx, WRITER_FIND, &writer, take_writer)) != SC_OK)
		return err;
	*there = f.there;
	return SC_OK;
}

enum sc_err store_rows_make(struct store_tx *tx, const uint8_t id[static STORE_ID_BYTES],
    const struct keystore_now *now)
{
	struct one o = { .v = { store_blob(id, STORE_ID_BYTES), store_number(now->epoch),
			     store_number(now->high), store_number(now->lease),
			     store_number(now->people) },
		.n = 5 };

	return ask_one(tx, STORE_MAKE, &o, NULL);
}

enum sc_err store_rows_keep(struct store_tx *tx, const char *node, const struct keystore_now *now)
{
	struct one store = { .v = { store_number(now->epoch), store_number(now->high),
				 store_number(now->lease), store_number(now->people) },
		.n = 4 };
	struct one writer = { .v = { store_text(node), store_number(now->gen),
				  store_number(now->applied) },
		.n = 3 };
	enum sc_err err;

	if ((err = ask_one(tx, STORE_KEEP, &store, NULL)) != SC_OK)
		return err;
	return ask_one(tx, WRITER_KEEP, &writer, NULL);
}

static enum sc_err take_used(void *arg, size_t i, const struct store_value *v)
{
	(void)i;
	(void)v;
	*(bool *)((struct one *)arg)->out = true;
	return SC_OK;
}

enum sc_err store_rows_used(struct store_tx *tx, bool *used)
{
	const uint64_t top = TREE_PLACE(TREE_LEVELS - 1, 0);
	struct one box = { .v = { store_number(top) }, .n = 1, .out = used },
		   keys = { .out = used };
	enum sc_err err;

	*used = false;
	if ((err = ask_one(tx, NODE_FIND, &box, take_used)) != SC_OK)
		return err;
	return ask_one(tx, KEYRING_LOAD, &keys, take_used);
}

/* ---- boxes ---- */

struct box_read {
	uint8_t *box;
	bool *there;
};

static enum sc_err take_box(void *arg, size_t i, const struct store_value *v)
{
	const struct box_read *r = ((struct one *)arg)->out;

	(void)i;
	if (v[0].bytes.n != TREE_BOX)
		return SC_CORRUPT;
	memcpy(r->box, v[0].bytes.p, TREE_BOX);
	*r->there = true;
	return SC_OK;
}

static enum sc_err read_box(void *tx, uint64_t place, uint8_t box[TREE_BOX], bool *there)
{
	struct box_read r = { box, there };
	struct one o = { .v = { store_number(place) }, .n = 1, .out = &r };

	*there = false;
	return ask_one(tx, NODE_FIND, &o, take_box);
}

static enum sc_err write_box(void *tx, uint64_t place, const uint8_t box[TREE_BOX])
{
	struct one o = { .v = { store_number(place), store_blob(box, TREE_BOX) }, .n = 2 };

	return ask_one(tx, NODE_KEEP, &o, NULL);
}

static enum sc_err remove_box(void *tx, uint64_t place)
{
	struct one o = { .v = { store_number(place) }, .n = 1 };

	return ask_one(tx, NODE_REMOVE, &o, NULL);
}

struct tree_rows store_rows_boxes(struct store_tx *tx)
{
	return (struct tree_rows){ read_box, write_box, remove_box, tx };
}

/* ---- whose slots ---- */

struct slot_list {
	uint64_t *slots;
	size_t n;
};

/* What is bound beside each of some slots. */
struct slot_run {
	const uint64_t *slots;
	const uint8_t *handle; /* or ... */
	uint64_t epoch;
};

static enum sc_err take_slot(void *arg, size_t i, const struct store_value *v)
{
	struct slot_list *l = ((struct one *)arg)->out;

	(void)i;
	if (l->n == PEOPLE_SLOTS_MAX)
		return SC_LIMIT;
	l->slots[l->n++] = (uint64_t)v[0].number;
	return SC_OK;
}

enum sc_err store_rows_slots(struct store_tx *tx, const uint8_t handle[static HANDLE_BYTES],
    uint64_t slots[static PEOPLE_SLOTS_MAX], size_t *n)
{
	struct slot_list l = { .slots = slots };
	struct one o = { .v = { store_blob(handle, HANDLE_BYTES) }, .n = 1, .out = &l };
	enum sc_err err = ask_one(tx, PERSON_FIND, &o, take_slot);

	/* they come the newest first */
	for (size_t i = 0; i < l.n / 2; i++) {
		uint64_t t = slots[i];

		slots[i] = slots[l.n - 1 - i];
		slots[l.n - 1 - i] = t;
	}
	*n = l.n;
	return err;
}

static bool bind_given(void *arg, size_t i, struct store_value *v)
{
	const struct slot_run *l = arg;

	v[0] = store_blob(l->handle, HANDLE_BYTES);
	v[1] = store_number(i);
	v[2] = store_number(l->slots[i]);
	return true;
}

enum sc_err store_rows_give(struct store_tx *tx, const uint8_t handle[static HANDLE_BYTES],
    const uint64_t *slots, size_t n)
{
	struct slot_run l = { .handle = handle, .slots = slots };
	struct one old = { .v = { store_blob(handle, HANDLE_BYTES) }, .n = 1 };
	const struct store_batch add = { PERSON_ADD, n, bind_given, NULL, &l };
	enum sc_err err;

	if ((err = ask_one(tx, PERSON_ERASE, &old, NULL)) != SC_OK)
		return err;
	return store_ask(tx, &add);
}

static bool bind_touched(void *arg, size_t i, struct store_value *v)
{
	const struct slot_run *l = arg;

	v[0] = store_number(l->epoch);
	v[1] = store_number(l->slots[i]);
	return true;
}

enum sc_err store_rows_touched(struct store_tx *tx, uint64_t epoch, const uint64_t *slots, size_t n)
{
	struct slot_run l = { .epoch = epoch, .slots = slots };
	const struct store_batch add = { TOUCHED_ADD, n, bind_touched, NULL, &l };

	return store_ask(tx, &add);
}

static bool bind_slot(void *arg, size_t i, struct store_value *v)
{
	v[0] = store_number(((const struct slot_run *)arg)->slots[i]);
	return true;
}

enum sc_err store_rows_forget(struct store_tx *tx, const uint64_t *slots, size_t n)
{
	static const unsigned of_slot[] = { WEEK_ERASE, RETURN_REMOVE, ALIAS_ERASE };
	struct slot_run r = { .slots = slots };
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < sizeof(of_slot) / sizeof(of_slot[0]) && err == SC_OK; i++)
		err = store_ask(tx, &(struct store_batch){ of_slot[i], n, bind_slot, NULL, &r });
	return err;
}

enum sc_err store_rows_stay(struct store_tx *tx, const uint64_t *slots, size_t n)
{
	struct slot_run r = { .slots = slots };

	return store_ask(tx, &(struct store_batch){ LEAVING_REMOVE, n, bind_slot, NULL, &r });
}

/* ---- slots that nobody has who is known here ---- */

enum sc_err store_rows_lost_add(struct store_tx *tx, const struct slot_range *r)
{
	struct one o = { .v = { store_number(r->first), store_number(r->last),
			     store_number(r->skipped) },
		.n = 3 };

	return ask_one(tx, LOST_ADD, &o, NULL);
}

struct range_list {
	struct slot_range *v;
	size_t n, cap;
};

static enum sc_err take_lost(void *arg, size_t i, const struct store_value *v)
{
	struct range_list *l = ((struct one *)arg)->out;
	size_t cap = sc_grown(l->cap);
	struct slot_range *p;

	(void)i;
	if (l->n == l->cap) {
		if ((p = realloc(l->v, cap * sizeof(*p))) == NULL)
			return SC_NOMEM;
		l->v = p;
		l->cap = cap;
	}
	l->v[l->n++] =
	    (struct slot_range){ (uint64_t)v[0].number, (uint64_t)v[1].number, v[2].number != 0 };
	return SC_OK;
}

enum sc_err store_rows_lost(struct store_tx *tx, struct slot_range **out, size_t *n)
{
	struct range_list l = { .v = NULL };
	struct one o = { .out = &l };
	enum sc_err err = ask_one(tx, LOST_ALL, &o, take_lost);

	*out = NULL;
	*n = 0;
	if (err != SC_OK) {
		free(l.v);
		return err;
	}
	*out = l.v;
	*n = l.n;
	return SC_OK;
}
