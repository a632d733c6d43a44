/*
 * book_load.c - bindings as they were kept: what a start reads.
 */
#include "gateway/book/book_private.h"

/* Does the configuration still have what the row stands on? Its pool is its line's now. */
static bool is_known(const struct phone_settings *s, const struct phone_binding *row)
{
	const struct phone_line *line = row->line < s->n_lines ? &s->lines[row->line] : NULL;

	return line != NULL && line->pool < s->n_pools && s->pools[line->pool].mode == row->mode;
}

static bool token_ok(struct sc_span token)
{
	return token.n != 0 && token.n <= PHONE_TOKEN_PACKED_MAX;
}

static bool row_ok(const struct phone_binding *row)
{
	if (!token_ok(row->a))
		return false;
	switch (row->mode) {
	case PHONE_AXE: return row->ext < BOOK_EXT_NONE;
	case PHONE_AXB:
		return token_ok(row->b) && row->a_party != 0 && row->b_party != 0 &&
		    row->a_party != row->b_party;
	default: return true;
	}
}

static bool slot_free(const struct phone_book *b, const struct phone_binding *row)
{
	if (row->mode == PHONE_AXB)
		return book_pair_fits(b, row->line, row->a_party, row->b_party, BOOK_NONE);
	return book_slot_find(b, row->line, row->mode == PHONE_AXE ? row->ext : BOOK_EXT_NONE) ==
	    BOOK_NONE;
}

/* What is kept of its last call. */
static enum sc_err load_last_call(struct phone_book *b, uint32_t at, uint64_t last_call_at)
{
	struct book_called *c;
	enum sc_err err;

	if (last_call_at == 0)
		return SC_OK;
	if ((err = book_called_need(b, at, &c)) == SC_OK)
		c->last_call_at = book_seconds(last_call_at);
	return err;
}

enum sc_err book_load(struct phone_book *b, const struct phone_binding *row,
    const uint8_t order[static 16])
{
	struct phone_binding kept = *row;
	uint32_t at;
	enum sc_err err;

	if (!is_known(b->settings, row))
		return SC_SYNTAX;
	if (row->mode != PHONE_AXE)
		kept.ext = PHONE_NO_EXT;
	if (!row_ok(&kept) || !slot_free(b, &kept) || book_find(b, row->id) != BOOK_NONE)
		return SC_CORRUPT;
	if ((err = book_make(b, &kept, order, &at)) != SC_OK)
		return err;
	if ((err = load_last_call(b, at, row->last_call_at)) != SC_OK) {
		book_unmake(b, at);
		return err;
	}
	if (row->ended_at != 0)
		book_at(b, at)->refs = 0;
	book_slot_take(b, at);
	book_enter(b, at,
	    row->ended_at != 0 || row->state == BOOK_COOLING ? BOOK_COOLING : BOOK_LIVE);
	return SC_OK;
}

enum sc_err book_load_order(struct phone_book *b, uint32_t at, const uint8_t order[static 16])
{
	return book_used(b, at) == NULL || book_order_has(b, at, order) ?
	    SC_OK :
	    book_order_add(b, at, order);
}
