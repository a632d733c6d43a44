/*
 * book_states.c - a binding put into the tables and taken out again, and its
 * way from state to state.
 *
 *	book_make()  NOWHERE -> PENDING -> LIVE -> COOLING -> RELEASING  book_unmake()
 *	                                            ^  |          |
 *	                                  abandoned |  v taken    | kept
 *	                                     TAKEN_BACK  <--------+
 *
 * What can fail is done in book_make(): from then on nothing needs memory.
 */
#include "gateway/book/book_private.h"

#include <string.h>

_Static_assert(PHONE_LINES_MAX <= UINT16_MAX + 1, "a line is named by 16 bits");

/* ---- made and unmade ------------------------------------------------------------------- */

static void fill(struct book_binding *bd, const struct phone_binding *row,
    const uint8_t order[static 16])
{
	memcpy(bd->id, row->id, sizeof(bd->id));
	memcpy(bd->order, order, sizeof(bd->order));
	bd->a_party = row->a_party;
	bd->made_at = book_seconds(row->made_at);
	bd->expires_at = book_seconds(row->expires_at);
	bd->ended_at = book_seconds(row->ended_at);
	bd->version = row->version;
	bd->line = (uint16_t)row->line;
	bd->refs = 1;
	bd->ext = row->ext == PHONE_NO_EXT ? BOOK_EXT_NONE : row->ext & BOOK_EXT_NONE;
	bd->directions = row->directions & 3;
	bd->channels = row->channels & 3;
	bd->state = BOOK_NOWHERE;
	bd->place = bd->orders = bd->called = BOOK_NONE;
	bd->a_token = BOOK_NONE;
	bd->used = 1;
}

static enum sc_err make_pair(struct phone_book *b, uint32_t at, const struct phone_binding *row)
{
	struct book_pair *p;
	uint32_t pair, token;
	enum sc_err err;

	if ((err = book_token_new(b, row->b, &token)) != SC_OK)
		return err;
	if ((err = book_slab_take(&b->pairs, &pair)) != SC_OK) {
		book_token_drop(b, token);
		return err;
	}
	p = book_pair_at(b, pair);
	p->b_party = row->b_party;
	p->b_token = token;
	p->at = at;
	book_at(b, at)->pair = pair;
	book_at(b, at)->paired = 1;
	return SC_OK;
}

static void drop_parts(struct phone_book *b, uint32_t at)
{
	const struct book_binding *bd = book_at(b, at);

	if (bd->paired) {
		book_token_drop(b, book_pair_at(b, bd->pair)->b_token);
		book_slab_give(&b->pairs, bd->pair);
	}
	book_token_drop(b, bd->a_token);
	book_slab_give(&b->bindings, at);
}

enum sc_err book_make(struct phone_book *b, const struct phone_binding *row,
    const uint8_t order[static 16], uint32_t *at)
{
	uint16_t pool = b->settings->lines[row->line].pool;
	uint32_t token;
	enum sc_err err;

	if ((err = book_due_reserve(b, pool)) != SC_OK ||
	    (err = book_hours_reserve(&b->pools[pool].hours)) != SC_OK ||
	    (err = book_slab_take(&b->bindings, at)) != SC_OK)
		return err;
	fill(book_at(b, *at), row, order);
	if ((err = book_token_new(b, row->a, &token)) == SC_OK) {
		book_at(b, *at)->a_token = token;
		if (row->mode == PHONE_AXB)
			err = make_pair(b, *at, row);
	}
	if (err != SC_OK) {
		drop_parts(b, *at);
		return err;
	}
	b->pools[pool].n++;
	book_link(b, BY_ID, *at);
	book_link(b, BY_ORDER, 2 * *at);
	return SC_OK;
}

void book_unmake(struct phone_book *b, uint32_t at)
{
	book_enter(b, at, BOOK_NOWHERE);
	book_called_forget(b, at);
	book_orders_forget(b, at);
	book_unlink(b, BY_ORDER, 2 * at);
	book_unlink(b, BY_ID, at);
	b->pools[book_pool_of(b, book_at(b, at))].n--;
	drop_parts(b, at);
}

/* ---- its slot ---------------------------------------------------------------------------- */

void book_slot_take(struct phone_book *b, uint32_t at)
{
	const struct book_binding *bd = book_at(b, at);
	uint32_t pair = bd->pair;

	book_line_take(b, at, 1);
	if (!bd->paired) {
		book_link(b, BY_SLOT, at);
		return;
	}
	book_link(b, BY_PARTY, 2 * pair);
	book_link(b, BY_PARTY, 2 * pair + 1);
	book_link(b, BY_PAIR, pair);
}

void book_slot_give(struct phone_book *b, uint32_t at)
{
	const struct book_binding *bd = book_at(b, at);
	uint32_t pair = bd->pair;

	book_line_take(b, at, -1);
	if (!bd->paired) {
		book_unlink(b, BY_SLOT, at);
		return;
	}
	book_unlink(b, BY_PARTY, 2 * pair);
	book_unlink(b, BY_PARTY, 2 * pair + 1);
	book_unlink(b, BY_PAIR, pair);
}

/* ---- its state ---------------------------------------------------------------------------- */

enum {
	COUNTS_LIVE = 1,    /* holds its slot for somebody who is reached, or soon will be */
	COUNTS_COOLING = 2, /* holds it so that nobody is */
	WAITS = 4,          /* in a heap */
	MAY_COME_BACK = 8,  /* in BY_COOLING */
};

static const uint8_t traits[] = {
	[BOOK_PENDING] = COUNTS_LIVE,
	[BOOK_LIVE] = COUNTS_LIVE | WAITS,
	[BOOK_COOLING] = COUNTS_COOLING | WAITS | MAY_COME_BACK,
	[BOOK_RELEASING] = COUNTS_COOLING,
	[BOOK_TAKEN_BACK] = 0,
	[BOOK_NOWHERE] = 0,
};

/* BY is 1, or minus 1 as sums without a sign have it. */
static void count(struct phone_book *b, const struct book_binding *bd, uint64_t by)
{
	struct book_pool *p = &b->pools[book_pool_of(b, bd)];
	struct book_line *l = &b->lines[bd->line];
	uint8_t t = traits[bd->state];

	if (t & COUNTS_LIVE) {
		p->live += by;
		l->live += (uint32_t)by;
	}
	if (t & COUNTS_COOLING) {
		p->cooling += by;
		l->cooling += (uint32_t)by;
	}
}

static void leave(struct phone_book *b, uint32_t at)
{
	struct book_binding *bd = book_at(b, at);

	count(b, bd, UINT64_MAX);
	if (traits[bd->state] & WAITS)
		book_due_remove(b, at);
	if (traits[bd->state] & MAY_COME_BACK)
		book_unlink(b, BY_COOLING, at);
	if (traits[bd->state] & COUNTS_LIVE)
		book_hours_remove(&b->pools[book_pool_of(b, bd)].hours, bd->made_at);
}

void book_enter(struct phone_book *b, uint32_t at, unsigned state)
{
	struct book_binding *bd = book_at(b, at);

	leave(b, at);
	bd->state = state & 7;
	count(b, bd, 1);
	if (traits[state] & WAITS)
		book_due_add(b, at);
	if (traits[state] & MAY_COME_BACK)
		book_link(b, BY_COOLING, at);
	if (traits[state] & COUNTS_LIVE)
		book_hours_add(&b->pools[book_pool_of(b, bd)].hours, bd->made_at);
}
