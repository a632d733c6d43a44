/*
 * book_change.c - a binding's parties, times and ways changed, and its end.
 */
#include "gateway/book/book_private.h"

/* ---- whom it leads to -------------------------------------------------------------------- */

/* New tokens, made before anything is changed. */
struct change_tokens {
	uint32_t a, b; /* or BOOK_NONE */
};

static enum sc_err make_tokens(struct phone_book *b, const struct book_binding *bd,
    const struct book_change *c, struct change_tokens *t)
{
	enum sc_err err = SC_OK;

	t->a = t->b = BOOK_NONE;
	if (!c->parties)
		return SC_OK;
	if (c->a.n > PHONE_TOKEN_PACKED_MAX || c->b.n > PHONE_TOKEN_PACKED_MAX)
		return SC_BUG;
	if (c->a.n != 0)
		err = book_token_new(b, c->a, &t->a);
	if (err == SC_OK && c->b.n != 0 && bd->paired)
		err = book_token_new(b, c->b, &t->b);
	if (err != SC_OK)
		book_token_drop(b, t->a);
	return err;
}

/* Whose blind indexes it will have. */
static void parties_after(const struct phone_book *b, const struct book_binding *bd,
    const struct book_change *c, uint64_t *a, uint64_t *b_party)
{
	*a = c->a.n != 0 ? c->a_party : bd->a_party;
	*b_party = 0;
	if (bd->paired)
		*b_party = c->b.n != 0 ? c->b_party : book_pair_at(b, bd->pair)->b_party;
}

/* Would each of a pair still lead to one at this X? */
static bool still_fits(const struct phone_book *b, uint32_t at, const struct book_change *c)
{
	const struct book_binding *bd = book_at(b, at);
	uint64_t a, b_party;

	if (!c->parties || !bd->paired)
		return true;
	parties_after(b, bd, c, &a, &b_party);
	return a != 0 && b_party != 0 && a != b_party &&
	    book_pair_fits(b, bd->line, a, b_party, at);
}

static void replace(struct phone_book *b, uint32_t *token, uint32_t by)
{
	if (by == BOOK_NONE)
		return;
	book_token_drop(b, *token);
	*token = by;
}

/* Out of the tables that know it by its parties, and in again. */
static void set_parties(struct phone_book *b, uint32_t at, const struct book_change *c,
    const struct change_tokens *t)
{
	struct book_binding *bd = book_at(b, at);
	uint64_t a, b_party;

	parties_after(b, bd, c, &a, &b_party);
	book_person_unlink(b, at);
	book_slot_give(b, at);
	bd->a_party = a;
	replace(b, &bd->a_token, t->a);
	if (bd->paired) {
		struct book_pair *p = book_pair_at(b, bd->pair);

		p->b_party = b_party;
		replace(b, &p->b_token, t->b);
	}
	book_slot_take(b, at);
	book_person_link(b, at);
}

/* ---- changing ------------------------------------------------------------------------------- */

enum sc_err book_change(struct phone_book *b, const struct phone_now *now, uint32_t at,
    uint32_t version, const struct book_change *c, bool *done)
{
	struct book_binding *bd = book_used(b, at);
	struct change_tokens t;
	enum sc_err err;

	*done = false;
	if (bd == NULL || !book_is_live(bd, now) || (version != 0 && version != bd->version) ||
	    !still_fits(b, at, c))
		return SC_OK;
	if ((err = make_tokens(b, bd, c, &t)) != SC_OK)
		return err;
	if (c->parties)
		set_parties(b, at, c, &t);
	if (c->ways) {
		bd->directions = c->directions & 3;
		bd->channels = c->channels & 3;
	}
	if (c->expiry) {
		bd->expires_at = book_seconds(book_expiry(c->expires_at, now));
		book_due_changed(b, at);
	}
	bd->version++;
	*done = true;
	return SC_OK;
}

/* ---- ending ---------------------------------------------------------------------------------- */

/* One that is not durable yet ends as soon as it is. */
static void end(struct phone_book *b, uint32_t at, uint64_t when)
{
	struct book_binding *bd = book_at(b, at);

	bd->ended_at = book_seconds(when);
	bd->refs = 0;
	bd->version++;
	if (bd->state == BOOK_LIVE)
		book_enter(b, at, BOOK_COOLING);
}

bool book_end(struct phone_book *b, const struct phone_now *now, uint32_t at, const uint8_t *order,
    bool all)
{
	const struct book_binding *bd = book_used(b, at);

	if (bd == NULL || bd->ended_at != 0 ||
	    (bd->state != BOOK_LIVE && bd->state != BOOK_PENDING))
		return false;
	if (!all && (order == NULL || !book_order_has(b, at, order)))
		return false;
	if (!all && bd->refs > 1) {
		book_order_drop(b, at, order);
		return false;
	}
	end(b, at, book_latest(now));
	return true;
}
