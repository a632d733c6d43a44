/*
 * book_bind.c - making a binding: the one there is, one that cools down, or a
 * new slot; and what became of it on disk.
 *
 *	same order, same person	SAME	as it is
 *	same pair		SHARED	one more order
 *	same person, cooling	AGAIN	the slot under a new id, PENDING
 *	otherwise		NEW	a slot that was drawn, PENDING
 */
#include "gateway/book/book_private.h"

#include <string.h>

static bool is_pair(const struct phone_book *b, const struct book_wanted *w)
{
	return b->settings->pools[w->pool].mode == PHONE_AXB;
}

static bool token_ok(struct sc_span token)
{
	return token.n != 0 && token.n <= PHONE_TOKEN_PACKED_MAX;
}

static bool wanted_ok(const struct phone_book *b, const struct book_wanted *w)
{
	if (w->pool >= b->settings->n_pools || !token_ok(w->a) || book_find(b, w->id) != BOOK_NONE)
		return false;
	return !is_pair(b, w) || (token_ok(w->b) && w->a_party != 0 && w->b_party != 0);
}

/* ---- what is there already ------------------------------------------------------------- */

/* Can a binding of AT's pool be what a ladder that begins at POOL gave? */
static bool in_ladder(const struct phone_settings *s, uint16_t pool, uint16_t of)
{
	for (size_t i = 0; pool < s->n_pools && i < s->n_pools; i++) {
		if (pool == of)
			return true;
		pool = s->pools[pool].next;
	}
	return false;
}

/* By the token, which is the same when it was sealed alike, or by the blind index. */
static bool same_person(const struct phone_book *b, uint32_t token, uint64_t party,
    struct sc_span wanted, uint64_t wanted_party)
{
	return sc_span_eq(book_token_span(b, token), wanted) ||
	    (party != 0 && party == wanted_party);
}

static bool same_people(const struct phone_book *b, uint32_t at, const struct book_wanted *w)
{
	const struct book_binding *bd = book_at(b, at);
	const struct book_pair *p;

	if (!same_person(b, bd->a_token, bd->a_party, w->a, w->a_party))
		return false;
	if (!bd->paired)
		return true;
	p = book_pair_at(b, bd->pair);
	return same_person(b, p->b_token, p->b_party, w->b, w->b_party);
}

/* Can something rest on it, now or once it is durable? */
static bool holds(const struct book_binding *bd, const struct phone_now *now)
{
	return book_is_live(bd, now) || (bd->state == BOOK_PENDING && bd->ended_at == 0);
}

static uint32_t find_same(const struct phone_book *b, const struct phone_now *now,
    const struct book_wanted *w)
{
	const uint8_t *key;

	for (uint32_t node = book_nodes_of(b, w->order); node != BOOK_NONE;
	     node = book_next(b, BY_ORDER, node)) {
		uint32_t at = book_node_order(b, node, &key);
		const struct book_binding *bd = book_at(b, at);

		if (memcmp(key, w->order, 16) == 0 && holds(bd, now) &&
		    in_ladder(b->settings, w->pool, book_pool_of(b, bd)) && same_people(b, at, w))
			return at;
	}
	return BOOK_NONE;
}

static uint32_t find_shared(const struct phone_book *b, const struct phone_now *now,
    const struct book_wanted *w)
{
	for (uint32_t pair = book_pairs_of(b, w->pool, w->a_party, w->b_party); pair != BOOK_NONE;
	     pair = book_next(b, BY_PAIR, pair)) {
		const struct book_pair *p = book_pair_at(b, pair);
		const struct book_binding *bd = book_at(b, p->at);

		if (bd->a_party == w->a_party && p->b_party == w->b_party &&
		    book_pool_of(b, bd) == w->pool && holds(bd, now) &&
		    (w->line == PHONE_NO_LINE || w->line == bd->line))
			return p->at;
	}
	return BOOK_NONE;
}

/* Is the slot of BD one that W may have? */
static bool slot_suits(const struct phone_book *b, const struct book_binding *bd,
    const struct book_wanted *w)
{
	const char *region = b->settings->lines[bd->line].region.s;

	return b->lines[bd->line].group != BOOK_NONE &&
	    (w->line == PHONE_NO_LINE || w->line == bd->line) &&
	    (bd->ext == BOOK_EXT_NONE || w->ext == PHONE_NO_EXT || w->ext == bd->ext) &&
	    (w->region == NULL || w->region->s[0] == '\0' || strcmp(w->region->s, region) == 0 ||
		b->settings->pools[w->pool].loose);
}

static bool same_tokens(const struct phone_book *b, const struct book_binding *bd,
    const struct book_wanted *w)
{
	return sc_span_eq(book_token_span(b, bd->a_token), w->a) &&
	    (!bd->paired ||
		sc_span_eq(book_token_span(b, book_pair_at(b, bd->pair)->b_token), w->b));
}

/* Not while somebody may still be talking: the end of that call begins a cooldown. */
static uint32_t find_cooling(const struct phone_book *b, const struct phone_now *now,
    const struct book_wanted *w)
{
	for (uint32_t at = book_cooling_of(b, w->pool, w->a); at != BOOK_NONE;
	     at = book_next(b, BY_COOLING, at)) {
		const struct book_binding *bd = book_at(b, at);

		if (book_pool_of(b, bd) == w->pool && same_tokens(b, bd, w) &&
		    slot_suits(b, bd, w) && book_calls_over(b, at) <= book_latest(now) &&
		    (!bd->paired || book_pair_fits(b, bd->line, w->a_party, w->b_party, at)))
			return at;
	}
	return BOOK_NONE;
}

/* ---- making one --------------------------------------------------------------------------- */

static enum sc_err make(struct phone_book *b, const struct phone_now *now,
    const struct book_wanted *w, uint32_t line, uint32_t ext, uint32_t *at)
{
	struct phone_binding row = {
		.mode = b->settings->pools[w->pool].mode,
		.directions = w->directions,
		.channels = w->channels,
		.line = line,
		.ext = ext,
		.a = w->a,
		.b = w->b,
		.a_party = w->a_party,
		.b_party = w->b_party,
		.made_at = now->wall,
		.expires_at = book_expiry(w->expires_at, now),
		.version = 1,
	};

	memcpy(row.id, w->id, sizeof(row.id));
	return book_make(b, &row, w->order, at);
}

/* The slot of WAS, if it is one, goes to the new one; that of nobody is free. */
static enum sc_err take(struct phone_book *b, const struct phone_now *now,
    const struct book_wanted *w, uint32_t line, uint32_t ext, uint32_t was, uint32_t *at)
{
	enum sc_err err = make(b, now, w, line, ext, at);

	if (err != SC_OK)
		return err;
	if (was != BOOK_NONE) {
		book_slot_give(b, was);
		book_enter(b, was, BOOK_TAKEN_BACK);
	}
	book_at(b, *at)->place = was;
	book_slot_take(b, *at);
	book_enter(b, *at, BOOK_PENDING);
	return SC_OK;
}

static enum sc_err take_fresh(struct phone_book *b, const struct phone_now *now,
    const struct book_wanted *w, uint32_t *at, enum book_bound *how)
{
	uint32_t line, ext;

	if (is_pair(b, w) && w->a_party == w->b_party) {
		*how = BOOK_CONFLICT;
		return SC_OK;
	}
	book_slot_choose(b, w, &line, &ext, how);
	return *how == BOOK_NEW ? take(b, now, w, line, ext, BOOK_NONE, at) : SC_OK;
}

enum sc_err book_bind(struct phone_book *b, const struct phone_now *now,
    const struct book_wanted *w, uint32_t *at, enum book_bound *how)
{
	uint32_t was;

	*at = BOOK_NONE;
	*how = BOOK_EXHAUSTED;
	if (!wanted_ok(b, w))
		return SC_BUG;
	if ((*at = find_same(b, now, w)) != BOOK_NONE) {
		*how = BOOK_SAME;
		return SC_OK;
	}
	if (is_pair(b, w) && (*at = find_shared(b, now, w)) != BOOK_NONE) {
		*how = BOOK_SHARED;
		return book_order_add(b, *at, w->order);
	}
	if ((was = find_cooling(b, now, w)) == BOOK_NONE)
		return take_fresh(b, now, w, at, how);
	*how = BOOK_AGAIN;
	return take(b, now, w, book_at(b, was)->line, book_at(b, was)->ext, was, at);
}

/* ---- what became of it ----------------------------------------------------------------------- */

static struct book_binding *pending(const struct phone_book *b, uint32_t at)
{
	struct book_binding *bd = book_used(b, at);

	return bd != NULL && bd->state == BOOK_PENDING ? bd : NULL;
}

bool book_was(const struct phone_book *b, uint32_t at, uint8_t id[static PHONE_ID_BYTES])
{
	const struct book_binding *bd = pending(b, at);

	if (bd == NULL || bd->place == BOOK_NONE)
		return false;
	memcpy(id, book_at(b, bd->place)->id, PHONE_ID_BYTES);
	return true;
}

void book_confirm(struct phone_book *b, uint32_t at)
{
	struct book_binding *bd = pending(b, at);
	uint32_t was;

	if (bd == NULL)
		return;
	was = bd->place;
	bd->place = BOOK_NONE;
	book_enter(b, at, bd->ended_at == 0 ? BOOK_LIVE : BOOK_COOLING);
	if (was != BOOK_NONE)
		book_unmake(b, was);
}

/* The slot goes back to whoever it was taken from. */
static void undo(struct phone_book *b, uint32_t at)
{
	uint32_t was = book_at(b, at)->place;

	book_slot_give(b, at);
	book_unmake(b, at);
	if (was == BOOK_NONE)
		return;
	book_slot_take(b, was);
	book_enter(b, was, BOOK_COOLING);
}

void book_abandon(struct phone_book *b, uint32_t at, enum book_bound how,
    const uint8_t order[static 16])
{
	struct book_binding *bd = book_used(b, at);

	if (bd == NULL || how == BOOK_SAME || !book_order_has(b, at, order))
		return;
	if (bd->state == BOOK_PENDING && bd->refs <= 1) {
		undo(b, at);
		return;
	}
	book_order_drop(b, at, order);
	/* the others have ended meanwhile: nobody rests on it */
	if (bd->state == BOOK_LIVE && bd->refs == 0) {
		bd->ended_at = bd->made_at;
		book_enter(b, at, BOOK_COOLING);
	}
}
