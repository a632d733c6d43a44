/*
 * book_callers.c - what calls leave at a binding: who was connected, the last
 * caller's token for calling back, how many calls are under way and how many
 * there were, and until when all of that holds its slot.
 *
 * Only a binding that was called has any of it.
 */
#include "gateway/book/book_private.h"

#define DAY_S (24 * 3600)

/* ---- room, and none again --------------------------------------------------------------- */

/* Pairs reach each other anyway; elsewhere A is looked for when the pool lets A call back. */
static bool calls_back(const struct phone_book *b, const struct book_binding *bd)
{
	const struct phone_pool *set = book_pool_set(b, bd);

	return set->mode == PHONE_AXE && set->callback && bd->a_party != 0 &&
	    bd->called != BOOK_NONE;
}

void book_person_unlink(struct phone_book *b, uint32_t at)
{
	if (calls_back(b, book_at(b, at)))
		book_unlink(b, BY_PERSON, at);
}

void book_person_link(struct phone_book *b, uint32_t at)
{
	if (calls_back(b, book_at(b, at)))
		book_link(b, BY_PERSON, at);
}

enum sc_err book_called_need(struct phone_book *b, uint32_t at, struct book_called **out)
{
	struct book_binding *bd = book_at(b, at);
	uint32_t called;
	enum sc_err err;

	if (bd->called != BOOK_NONE) {
		*out = book_called_at(b, bd->called);
		return SC_OK;
	}
	if ((err = book_slab_take(&b->called, &called)) != SC_OK)
		return err;
	*out = book_called_at(b, called);
	(*out)->callers = BOOK_NONE;
	bd->called = called;
	book_person_link(b, at);
	return SC_OK;
}

static void known_drop(struct phone_book *b, uint32_t known)
{
	struct book_known *k = book_known_at(b, known);

	if (--k->refs != 0)
		return;
	book_unlink(b, BY_KNOWN, known);
	book_token_drop(b, k->token);
	book_slab_give(&b->known, known);
}

static void forget_caller(struct phone_book *b, uint32_t *link)
{
	uint32_t node = *link;

	*link = book_caller_at(b, node)->more;
	book_unlink(b, BY_CALLER, node);
	known_drop(b, book_caller_at(b, node)->known);
	book_slab_give(&b->callers, node);
}

void book_called_forget(struct phone_book *b, uint32_t at)
{
	struct book_binding *bd = book_at(b, at);
	struct book_called *c;

	if (bd->called == BOOK_NONE)
		return;
	book_person_unlink(b, at);
	c = book_called_at(b, bd->called);
	while (c->callers != BOOK_NONE)
		forget_caller(b, &c->callers);
	book_slab_give(&b->called, bd->called);
	bd->called = BOOK_NONE;
}

/* ---- remembering -------------------------------------------------------------------------- */

static uint64_t party_of(const struct phone_book *b, const struct book_caller *c)
{
	return book_known_at(b, c->known)->party;
}

/* The link to CALLER's node, or to the last of a full list, or to its end. */
static uint32_t *seek_caller(const struct phone_book *b, struct book_called *c, uint64_t caller)
{
	uint32_t *link = &c->callers;

	for (size_t i = 1; *link != BOOK_NONE; i++) {
		struct book_caller *k = book_caller_at(b, *link);

		if (party_of(b, k) == caller || i == BOOK_CALLERS)
			break;
		link = &k->more;
	}
	return link;
}

/* CALLER among those who are known, and one more who rests on it; TOKEN is the one that counts now. */
static enum sc_err known_take(struct phone_book *b, uint64_t caller, struct sc_span token,
    uint32_t *known)
{
	uint32_t kept = BOOK_NONE;
	struct book_known *k;
	enum sc_err err;

	if (token.n != 0 && (err = book_token_new(b, token, &kept)) != SC_OK)
		return err;
	*known = book_known_find(b, caller);
	if (*known == BOOK_NONE && (err = book_slab_take(&b->known, known)) != SC_OK) {
		book_token_drop(b, kept);
		return err;
	}
	k = book_known_at(b, *known);
	if (k->refs++ == 0) {
		k->party = caller;
		k->token = BOOK_NONE;
		book_link(b, BY_KNOWN, *known);
	}
	if (kept != BOOK_NONE) {
		book_token_drop(b, k->token);
		k->token = kept;
	}
	return SC_OK;
}

/* To the front of the list: whoever called longest ago is forgotten first. */
static void put_caller(struct phone_book *b, uint32_t at, struct book_called *c, uint32_t known,
    uint32_t node)
{
	*book_caller_at(b, node) = (struct book_caller){ .known = known,
		.more = c->callers,
		.line = book_at(b, at)->line };
	c->callers = node;
	book_link(b, BY_CALLER, node);
}

/* A is who is reached here, and so not somebody to call back; a pair needs nobody's token. */
static enum sc_err remember(struct phone_book *b, uint32_t at, struct book_called *c,
    uint64_t caller, struct sc_span token)
{
	const struct phone_pool *set = book_pool_set(b, book_at(b, at));
	uint32_t known, node, *link;
	enum sc_err err;

	if (set->mode != PHONE_AXE || !set->callback || token.n > PHONE_TOKEN_PACKED_MAX)
		token = sc_span(NULL, 0);
	if ((err = book_slab_take(&b->callers, &node)) != SC_OK)
		return err;
	if ((err = known_take(b, caller, token, &known)) != SC_OK) {
		book_slab_give(&b->callers, node);
		return err;
	}
	link = seek_caller(b, c, caller);
	if (*link != BOOK_NONE)
		forget_caller(b, link);
	put_caller(b, at, c, known, node);
	return SC_OK;
}

static void learn_party(struct phone_book *b, uint32_t at, uint64_t party)
{
	struct book_binding *bd = book_at(b, at);

	if (bd->a_party != 0 || party == 0 || bd->paired)
		return;
	bd->a_party = party;
	book_person_link(b, at);
}

static void count_call(struct book_called *c, const struct phone_now *now, uint32_t give_up_s)
{
	if (now->steady >= (uint64_t)c->began_at + give_up_s)
		c->under_way = 0;
	if (c->day_from == 0 || now->steady >= (uint64_t)c->day_from + DAY_S) {
		c->day_from = book_seconds(now->steady);
		c->in_day = 0;
	}
	c->under_way += c->under_way != UINT16_MAX;
	c->in_day += c->in_day != UINT16_MAX;
	c->began_at = book_seconds(book_latest(now));
}

static uint32_t give_up_s(const struct phone_book *b, const struct book_binding *bd)
{
	return book_pool_set(b, bd)->max_call_s + BOOK_GIVE_UP_S;
}

enum sc_err book_connected(struct phone_book *b, uint32_t at, const struct phone_now *now,
    uint64_t caller, struct sc_span token, uint64_t to_party)
{
	struct book_binding *bd = book_used(b, at);
	struct book_called *c;
	enum sc_err err;

	if (bd == NULL)
		return SC_OK;
	if ((err = book_called_need(b, at, &c)) != SC_OK)
		return err;
	if (caller != 0 && (caller != bd->a_party || bd->paired) &&
	    (err = remember(b, at, c, caller, token)) != SC_OK)
		return err;
	learn_party(b, at, to_party);
	count_call(c, now, give_up_s(b, bd));
	book_due_changed(b, at);
	return SC_OK;
}

enum sc_err book_load_caller(struct phone_book *b, uint32_t at, uint64_t caller,
    struct sc_span token, uint64_t seen_at)
{
	struct book_binding *bd = book_used(b, at);
	struct book_called *c;
	enum sc_err err;

	if (bd == NULL)
		return SC_OK;
	if ((err = book_called_need(b, at, &c)) != SC_OK)
		return err;
	if (caller != 0 && (caller != bd->a_party || bd->paired) &&
	    (err = remember(b, at, c, caller, token)) != SC_OK)
		return err;
	if (c->began_at < book_seconds(seen_at))
		c->began_at = book_seconds(seen_at);
	book_due_changed(b, at);
	return SC_OK;
}

void book_call_ended(struct phone_book *b, uint32_t at, const struct phone_now *now)
{
	const struct book_binding *bd = book_used(b, at);
	struct book_called *c;

	if (bd == NULL || bd->called == BOOK_NONE)
		return;
	c = book_called_at(b, bd->called);
	c->under_way -= c->under_way != 0;
	book_old_call_ended(b, at, now);
}

void book_old_call_ended(struct phone_book *b, uint32_t at, const struct phone_now *now)
{
	const struct book_binding *bd = book_used(b, at);
	uint32_t ended = book_seconds(book_latest(now));
	struct book_called *c;

	if (bd == NULL || bd->called == BOOK_NONE)
		return;
	c = book_called_at(b, bd->called);
	if (c->last_call_at < ended)
		c->last_call_at = ended;
	book_due_changed(b, at);
}

/* ---- asking ---------------------------------------------------------------------------------- */

uint32_t book_last_token(const struct phone_book *b, uint32_t at)
{
	uint32_t called = book_at(b, at)->called, node;

	node = called == BOOK_NONE ? BOOK_NONE : book_called_at(b, called)->callers;
	return node == BOOK_NONE ? BOOK_NONE :
				   book_known_at(b, book_caller_at(b, node)->known)->token;
}

static bool was_caller(const struct phone_book *b, const struct book_binding *bd, uint64_t caller)
{
	uint32_t node = bd->called == BOOK_NONE ? BOOK_NONE :
						  book_called_at(b, bd->called)->callers;

	while (node != BOOK_NONE && party_of(b, book_caller_at(b, node)) != caller)
		node = book_caller_at(b, node)->more;
	return node != BOOK_NONE;
}

static bool is_side(const struct phone_book *b, const struct book_binding *bd, uint64_t caller)
{
	return caller == bd->a_party ||
	    (bd->paired && caller == book_pair_at(b, bd->pair)->b_party);
}

bool book_is_party(const struct phone_book *b, uint32_t at, uint64_t caller)
{
	const struct book_binding *bd = book_at(b, at);

	return caller != 0 && (is_side(b, bd, caller) || was_caller(b, bd, caller));
}

/* Whoever is called is connected as well. */
bool book_was_connected(const struct phone_book *b, uint32_t at, uint64_t caller)
{
	const struct book_binding *bd = book_at(b, at);

	if (caller == 0 || bd->called == BOOK_NONE)
		return false;
	return was_caller(b, bd, caller) ||
	    (is_side(b, bd, caller) && book_called_at(b, bd->called)->callers != BOOK_NONE);
}

bool book_knows(const struct phone_book *b, uint32_t line, uint64_t caller)
{
	uint32_t node = caller == 0 ? BOOK_NONE : book_callers_of(b, line, caller);

	for (; node != BOOK_NONE; node = book_next(b, BY_CALLER, node)) {
		const struct book_caller *c = book_caller_at(b, node);

		if (c->line == line && party_of(b, c) == caller)
			return true;
	}
	return false;
}

/* A limit of 0 is none. */
bool book_is_busy(const struct phone_book *b, uint32_t at, const struct phone_now *now,
    uint8_t channel)
{
	const struct book_binding *bd = book_at(b, at);
	const struct phone_pool *set = book_pool_set(b, bd);
	const struct book_called *c;

	if (bd->called == BOOK_NONE)
		return false;
	c = book_called_at(b, bd->called);
	if (channel == PHONE_VOICE && set->max_parallel != 0 && c->under_way >= set->max_parallel &&
	    now->steady < (uint64_t)c->began_at + give_up_s(b, bd))
		return true;
	return set->max_calls_day != 0 && c->in_day >= set->max_calls_day &&
	    now->steady < (uint64_t)c->day_from + DAY_S;
}

/* When the last call was over: one whose end was not told has lasted as long as it can. */
uint64_t book_calls_over(const struct phone_book *b, uint32_t at)
{
	const struct book_binding *bd = book_at(b, at);
	const struct book_called *c;
	uint64_t over;

	if (bd->called == BOOK_NONE)
		return 0;
	c = book_called_at(b, bd->called);
	over = (uint64_t)c->began_at + give_up_s(b, bd);
	if (over > c->last_call_at && (c->under_way != 0 || c->began_at > c->last_call_at))
		return over;
	return c->last_call_at;
}

uint64_t book_cools_until(const struct phone_book *b, uint32_t at)
{
	const struct book_binding *bd = book_at(b, at);
	uint64_t over = book_calls_over(b, at), last = bd->expires_at;

	if (last < bd->ended_at)
		last = bd->ended_at;
	if (last < over)
		last = over;
	return last + book_pool_set(b, bd)->cooldown_s;
}
