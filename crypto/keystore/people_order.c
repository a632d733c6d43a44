/*
 * people_order.c - whose an order is: a row from its alias to a slot of theirs.
 *
 *	first	a document names order and buyer, and something of it is sealed: the row
 *	later	one names the order alone: the slot's leaf says who it is, their newest key seals
 *
 * The leaf decides, so a merge moves orders by moving the leaf, and a row whose slot is empty
 * is nobody's. Rows go with their slots all the same (store_rows_forget()): that somebody had
 * an order is about them, too.
 *
 * Who may place orders may choose an order's id, and so name themselves for somebody else's. If
 * the last word counted, what the shop adds to that order later would be sealed as theirs: what
 * is somebody else's, in tokens that they may use as their own. So the first word counts while
 * its person lives; what a document says of itself is sealed as it says, and told apart.
 */
#include "crypto/keystore/people_fetch_int.h"

#include "base/weak.h"
#include "crypto/rows/tables.h"

#include <stdint.h>
#include <string.h>

/* ---- names of orders ---- */

void people_alias(const struct people *pp, struct sc_span order, uint8_t out[static HANDLE_BYTES])
{
	uint8_t full[HASH_BYTES];

	hmac_sha256(keyring_alias_key(pp->kr), &order, 1, full);
	memcpy(out, full, HANDLE_BYTES);
}

void key_fetch_order(struct key_fetch *f, struct order_person *o)
{
	f->order = o;
}

/* ---- looking ---- */

struct alias_row {
	const struct order_person *o;
	uint64_t slot, gen;
	bool there;
};

static bool bind_alias(void *arg, size_t i, struct store_value *v)
{
	const struct alias_row *r = arg;

	(void)i;
	v[0] = store_blob(r->o->alias, HANDLE_BYTES);
	v[1] = store_number(r->slot);
	v[2] = store_number(r->gen);
	return true;
}

static enum sc_err take_slot(void *arg, size_t i, const struct store_value *v)
{
	struct alias_row *r = arg;

	(void)i;
	r->slot = (uint64_t)v[0].number;
	r->there = true;
	return SC_OK;
}

/* Who lives in SLOT. Where nobody can tell, the order is somebody's who is not reached. */
static enum sc_err look(struct people *pp, struct store_tx *tx, uint64_t slot,
    struct order_person *o)
{
	const struct tree_rows rows = store_rows_boxes(tx);
	struct tree_person p;
	bool gone = false;
	enum sc_err err;

	o->broken = slot >= pp->ks->now.high || keystore_is_lost(pp->ks, slot);
	if (o->broken)
		return SC_OK;
	err = tree_look(pp->ks->tree, &rows, slot, &p, &gone);
	o->broken = err == SC_CORRUPT;
	o->found = err == SC_OK && !gone;
	if (o->found)
		memcpy(o->who, p.handle, HANDLE_BYTES);
	sc_wipe(&p, sizeof(p));
	return err == SC_CORRUPT ? SC_OK : err;
}

/* The want of F for HANDLE's newest key. */
static enum sc_err want(struct key_fetch *f, const uint8_t *handle, size_t *at)
{
	struct want *w;
	enum sc_err err;

	for (*at = 0; *at < f->n; (*at)++)
		if (f->wants[*at].by_handle &&
		    memcmp(f->wants[*at].key.handle, handle, HANDLE_BYTES) == 0)
			return SC_OK;
	if ((err = fetch_want(f, &w)) != SC_OK)
		return err;
	w->by_handle = true;
	memcpy(w->key.handle, handle, HANDLE_BYTES);
	return SC_OK;
}

/* O's document says whose it is. */
static enum sc_err claim(struct key_fetch *f, struct order_person *o)
{
	const bool same = o->found && memcmp(o->who, o->handle, HANDLE_BYTES) == 0;

	if (same)
		return SC_OK;
	if ((o->found || o->broken) && !WEAK("order-taken-over")) {
		o->other = true;
		return SC_OK;
	}
	return o->keep ? want(f, o->handle, &f->keep) : SC_OK;
}

/* It does not. */
static enum sc_err ask(struct key_fetch *f, struct order_person *o)
{
	size_t at;
	enum sc_err err;

	if (o->broken || (!o->found && !o->named))
		return SC_OK;
	if (o->found)
		return want(f, o->who, &at);
	memcpy(o->who, o->handle, HANDLE_BYTES);
	o->found = true;
	err = want(f, o->who, &at);
	if (o->keep)
		f->keep = at;
	return err;
}

enum sc_err fetch_order_find(struct key_fetch *f, struct store_tx *tx)
{
	struct order_person *o = f->order;
	struct alias_row r = { .o = o };
	enum sc_err err;

	/* it may have been tried in a group that was full */
	o->found = o->broken = o->other = false;
	f->keep = SIZE_MAX;
	if ((err = store_ask(tx,
		 &(struct store_batch){ ALIAS_FIND, 1, bind_alias, take_slot, &r })) != SC_OK ||
	    (r.there && (err = look(f->pp, tx, r.slot, o)) != SC_OK))
		return err;
	return o->says ? claim(f, o) : ask(f, o);
}

/* ---- keeping ---- */

enum sc_err fetch_order_keep(struct key_fetch *f, struct store_tx *tx)
{
	struct keystore *ks = f->pp->ks;
	/* the number that this group's commit will have */
	struct alias_row r = { .o = f->order, .gen = ks->now.gen + 1 };
	const struct want *w;
	enum sc_err err;

	if (f->keep == SIZE_MAX)
		return SC_OK;
	w = &f->wants[f->keep];
	if (!fetch_made_here(f, w) && w->key.state != PERSON_LIVE)
		return SC_OK;
	r.slot = w->key.slot;
	err = store_ask(tx, &(struct store_batch){ ALIAS_KEEP, 1, bind_alias, NULL, &r });
	if (err == SC_OK)
		ks->changed = true;
	return err;
}
