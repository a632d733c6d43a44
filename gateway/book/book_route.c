/*
 * book_route.c - who is reached by a call. Nothing here changes the book, takes
 * memory or walks further than one chain.
 *
 * Whoever has no part in a binding is told the same whether there is one or not.
 */
#include "gateway/book/book_private.h"

/* The channel is open in the pool and at the binding, and so is the direction. */
static bool is_open(const struct phone_book *b, const struct book_binding *bd, uint8_t channel,
    unsigned direction)
{
	const struct phone_pool *set = book_pool_set(b, bd);
	bool pool_has = channel == PHONE_VOICE ? set->voice : channel == PHONE_SMS && set->sms;

	return pool_has && (bd->channels & channel) != 0 && (bd->directions & direction) != 0;
}

/* CALLER asks for the person of AT in DIRECTION. */
static enum phone_answer judge(const struct phone_book *b, const struct phone_now *now, uint32_t at,
    const struct book_call *c, unsigned direction)
{
	const struct book_binding *bd = book_at(b, at);

	if (bd->state == BOOK_PENDING)
		return PHONE_NOBODY;
	if (!book_is_live(bd, now))
		return book_was_connected(b, at, c->caller) ? PHONE_LATE : PHONE_NOBODY;
	if (!is_open(b, bd, c->channel, direction))
		return book_is_party(b, at, c->caller) ? PHONE_ONE_WAY : PHONE_NOBODY;
	return book_is_busy(b, at, now, c->channel) ? PHONE_BUSY : PHONE_CONNECT;
}

static void answer(struct book_way *out, enum phone_answer a, uint32_t at)
{
	out->answer = a;
	if (a != PHONE_NOBODY && a != PHONE_COLLECT)
		out->at = at;
}

/* ---- to A, by extension or by X alone ---------------------------------------------------- */

static void route_slot(const struct phone_book *b, const struct phone_now *now,
    const struct book_call *c, uint32_t ext, struct book_way *out)
{
	uint32_t at = ext > BOOK_EXT_NONE ? BOOK_NONE : book_slot_find(b, c->line, ext);

	if (at == BOOK_NONE)
		return;
	answer(out, judge(b, now, at, c, PHONE_TO_A), at);
	if (out->answer == PHONE_CONNECT)
		out->to = book_token_span(b, book_at(b, at)->a_token);
}

/* ---- back to the last caller --------------------------------------------------------------- */

/* Whom AT's person would call back, and not too long after; NULL: nobody. */
static const struct book_called *last_called(const struct phone_book *b,
    const struct phone_now *now, uint32_t at)
{
	const struct book_binding *bd = book_at(b, at);
	const struct book_called *c = book_called_at(b, bd->called);

	if (!book_is_live(bd, now) || book_last_token(b, at) == BOOK_NONE ||
	    book_latest(now) >= (uint64_t)c->began_at + book_pool_set(b, bd)->callback_s)
		return NULL;
	return c;
}

/* Of all bindings that the caller has at this X, the one that was called last. */
static uint32_t find_called(const struct phone_book *b, const struct phone_now *now,
    const struct book_call *c)
{
	uint32_t best = BOOK_NONE, began_at = 0;

	for (uint32_t at = book_people_of(b, c->line, c->caller); at != BOOK_NONE;
	     at = book_next(b, BY_PERSON, at)) {
		const struct book_binding *bd = book_at(b, at);
		const struct book_called *k;

		if (bd->line != c->line || bd->a_party != c->caller ||
		    (k = last_called(b, now, at)) == NULL)
			continue;
		if (best == BOOK_NONE || k->began_at > began_at) {
			best = at;
			began_at = k->began_at;
		}
	}
	return best;
}

static void route_back(const struct phone_book *b, const struct phone_now *now,
    const struct book_call *c, struct book_way *out)
{
	uint32_t at = c->caller == 0 ? BOOK_NONE : find_called(b, now, c);

	out->answer = PHONE_COLLECT;
	if (at == BOOK_NONE)
		return;
	out->callback = out->to_b = true;
	answer(out, judge(b, now, at, c, PHONE_TO_B), at);
	if (out->answer == PHONE_CONNECT)
		out->to = book_token_span(b, book_last_token(b, at));
}

/* ---- by mode -------------------------------------------------------------------------------- */

typedef void route_fn(const struct phone_book *b, const struct phone_now *now,
    const struct book_call *c, struct book_way *out);

static void route_axe(const struct phone_book *b, const struct phone_now *now,
    const struct book_call *c, struct book_way *out)
{
	if (c->ext == PHONE_NO_EXT)
		route_back(b, now, c, out);
	else if (c->ext != BOOK_EXT_NONE)
		route_slot(b, now, c, c->ext, out);
}

/* Either reaches the other. */
static void route_axb(const struct phone_book *b, const struct phone_now *now,
    const struct book_call *c, struct book_way *out)
{
	int side = 0;
	uint32_t at = c->caller == 0 ? BOOK_NONE : book_party_find(b, c->line, c->caller, &side);
	const struct book_binding *bd;

	if (at == BOOK_NONE)
		return;
	bd = book_at(b, at);
	out->to_b = side == 0;
	answer(out, judge(b, now, at, c, out->to_b ? PHONE_TO_B : PHONE_TO_A), at);
	if (out->answer == PHONE_CONNECT)
		out->to = book_token_span(b,
		    out->to_b ? book_pair_at(b, bd->pair)->b_token : bd->a_token);
}

static void route_axn(const struct phone_book *b, const struct phone_now *now,
    const struct book_call *c, struct book_way *out)
{
	route_slot(b, now, c, BOOK_EXT_NONE, out);
}

static route_fn *const routes[PHONE_MODE_COUNT] = {
	[PHONE_AXE] = route_axe,
	[PHONE_AXB] = route_axb,
	[PHONE_AXN] = route_axn,
};

void book_route(const struct phone_book *b, const struct phone_now *now, const struct book_call *c,
    struct book_way *out)
{
	const struct phone_settings *s = b->settings;
	const struct phone_line *line = c->line < s->n_lines ? &s->lines[c->line] : NULL;

	*out = (struct book_way){ .answer = PHONE_NOBODY, .at = BOOK_NONE };
	if (line != NULL && line->pool < s->n_pools && line->state != PHONE_LINE_SUSPENDED)
		routes[s->pools[line->pool].mode](b, now, c, out);
}
