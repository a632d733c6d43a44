/*
 * book_find.c - what a binding is found by: a row for each table, and the keys.
 *
 * A table's hash is SipHash-2-4 under a key of this process.
 */
#include "gateway/book/book_private.h"

#include "crypto/prim/random.h"

#include <sodium.h>
#include <string.h>

_Static_assert(BOOK_KEY_BYTES == crypto_shorthash_KEYBYTES, "SipHash's key");

static uint64_t hash_key(const struct phone_book *b, const void *p, size_t n)
{
	uint8_t out[crypto_shorthash_BYTES];
	uint64_t hash;

	crypto_shorthash(out, p, n, b->key);
	memcpy(&hash, out, sizeof(hash));
	return hash;
}

static uint64_t hash_pair(const struct phone_book *b, uint64_t x, uint64_t y, uint64_t z)
{
	const uint64_t key[] = { x, y, z };

	return hash_key(b, key, sizeof(key));
}

/* ---- by id and by slot -------------------------------------------------------------- */

static uint64_t hash_id(const struct phone_book *b, uint32_t at)
{
	return hash_key(b, book_at(b, at)->id, PHONE_ID_BYTES);
}

static uint32_t *next_id(const struct phone_book *b, uint32_t at)
{
	return &book_at(b, at)->by_id;
}

uint32_t book_find(const struct phone_book *b, const uint8_t id[static PHONE_ID_BYTES])
{
	uint32_t at = book_index_first(&b->index[BY_ID], hash_key(b, id, PHONE_ID_BYTES));

	while (at != BOOK_NONE && memcmp(book_at(b, at)->id, id, PHONE_ID_BYTES) != 0)
		at = book_at(b, at)->by_id;
	return at;
}

static uint64_t hash_slot(const struct phone_book *b, uint32_t at)
{
	const struct book_binding *bd = book_at(b, at);

	return hash_pair(b, bd->line, bd->ext, 0);
}

static uint32_t *next_slot(const struct phone_book *b, uint32_t at)
{
	return &book_at(b, at)->by_slot;
}

uint32_t book_slot_find(const struct phone_book *b, uint32_t line, uint32_t ext)
{
	uint32_t at = book_index_first(&b->index[BY_SLOT], hash_pair(b, line, ext, 0));

	for (; at != BOOK_NONE; at = book_at(b, at)->by_slot)
		if (book_at(b, at)->line == line && book_at(b, at)->ext == ext)
			break;
	return at;
}

/* ---- by order ------------------------------------------------------------------------ */

uint32_t book_node_order(const struct phone_book *b, uint32_t node, const uint8_t **key)
{
	const struct book_order *o;

	if (node % 2 == 0) {
		*key = book_at(b, node / 2)->order;
		return node / 2;
	}
	o = book_slab_at(&b->orders, node / 2);
	*key = o->key;
	return o->at;
}

static uint64_t hash_order(const struct phone_book *b, uint32_t node)
{
	const uint8_t *key;

	book_node_order(b, node, &key);
	return hash_key(b, key, 16);
}

static uint32_t *next_order(const struct phone_book *b, uint32_t node)
{
	struct book_order *o;

	if (node % 2 == 0)
		return &book_at(b, node / 2)->by_order;
	o = book_slab_at(&b->orders, node / 2);
	return &o->by_order;
}

uint32_t book_nodes_of(const struct phone_book *b, const uint8_t order[static 16])
{
	return book_index_first(&b->index[BY_ORDER], hash_key(b, order, 16));
}

uint32_t book_of_order(const struct phone_book *b, const uint8_t order[static 16], size_t i)
{
	uint32_t node = book_nodes_of(b, order);
	const uint8_t *key;

	for (; node != BOOK_NONE; node = book_next(b, BY_ORDER, node)) {
		uint32_t at = book_node_order(b, node, &key);

		if (book_at(b, at)->state != BOOK_RELEASING && memcmp(key, order, 16) == 0 &&
		    i-- == 0)
			return at;
	}
	return BOOK_NONE;
}

/* ---- pairs, by one of the two and by both ---------------------------------------------- */

static uint64_t party_of(const struct phone_book *b, uint32_t node)
{
	const struct book_pair *p = book_pair_at(b, node / 2);

	return node % 2 == 0 ? book_at(b, p->at)->a_party : p->b_party;
}

static uint64_t hash_party(const struct phone_book *b, uint32_t node)
{
	uint32_t at = book_pair_at(b, node / 2)->at;

	return hash_pair(b, book_at(b, at)->line, party_of(b, node), 0);
}

static uint32_t *next_party(const struct phone_book *b, uint32_t node)
{
	return &book_pair_at(b, node / 2)->by_party[node % 2];
}

uint32_t book_party_find(const struct phone_book *b, uint32_t line, uint64_t party, int *side)
{
	uint32_t node = book_index_first(&b->index[BY_PARTY], hash_pair(b, line, party, 0));

	for (; node != BOOK_NONE; node = *next_party(b, node)) {
		uint32_t at = book_pair_at(b, node / 2)->at;

		if (book_at(b, at)->line == line && party_of(b, node) == party) {
			*side = node % 2;
			return at;
		}
	}
	return BOOK_NONE;
}

static uint64_t hash_both(const struct phone_book *b, uint32_t pair)
{
	const struct book_pair *p = book_pair_at(b, pair);
	const struct book_binding *bd = book_at(b, p->at);

	return hash_pair(b, book_pool_of(b, bd), bd->a_party, p->b_party);
}

static uint32_t *next_both(const struct phone_book *b, uint32_t pair)
{
	return &book_pair_at(b, pair)->by_pair;
}

uint32_t book_pairs_of(const struct phone_book *b, uint16_t pool, uint64_t a, uint64_t b_party)
{
	return book_index_first(&b->index[BY_PAIR], hash_pair(b, pool, a, b_party));
}

/* ---- those who were called, and who called ---------------------------------------------- */

static uint64_t hash_person(const struct phone_book *b, uint32_t at)
{
	return hash_pair(b, book_at(b, at)->line, book_at(b, at)->a_party, 0);
}

static uint32_t *next_person(const struct phone_book *b, uint32_t at)
{
	return &book_called_at(b, book_at(b, at)->called)->by_person;
}

uint32_t book_people_of(const struct phone_book *b, uint32_t line, uint64_t party)
{
	return book_index_first(&b->index[BY_PERSON], hash_pair(b, line, party, 0));
}

static uint32_t *before_person(const struct phone_book *b, uint32_t at)
{
	return &book_called_at(b, book_at(b, at)->called)->before_person;
}

static uint64_t hash_caller(const struct phone_book *b, uint32_t caller)
{
	const struct book_caller *c = book_caller_at(b, caller);

	return hash_pair(b, c->line, book_known_at(b, c->known)->party, 0);
}

static uint32_t *next_caller(const struct phone_book *b, uint32_t caller)
{
	return &book_caller_at(b, caller)->by_caller;
}

static uint32_t *before_caller(const struct phone_book *b, uint32_t caller)
{
	return &book_caller_at(b, caller)->before_caller;
}

uint32_t book_callers_of(const struct phone_book *b, uint32_t line, uint64_t party)
{
	return book_index_first(&b->index[BY_CALLER], hash_pair(b, line, party, 0));
}

static uint64_t hash_known(const struct phone_book *b, uint32_t known)
{
	return hash_pair(b, book_known_at(b, known)->party, 0, 0);
}

static uint32_t *next_known(const struct phone_book *b, uint32_t known)
{
	return &book_known_at(b, known)->by_party;
}

uint32_t book_known_find(const struct phone_book *b, uint64_t party)
{
	uint32_t known = book_index_first(&b->index[BY_KNOWN], hash_pair(b, party, 0, 0));

	while (known != BOOK_NONE && book_known_at(b, known)->party != party)
		known = book_known_at(b, known)->by_party;
	return known;
}

/* ---- tokens ------------------------------------------------------------------------------- */

static uint64_t hash_token(const struct phone_book *b, uint32_t token)
{
	struct sc_span s = book_token_span(b, token);

	return hash_key(b, s.p, s.n);
}

static uint64_t hash_cooling(const struct phone_book *b, uint32_t at)
{
	return hash_pair(b, hash_token(b, book_at(b, at)->a_token), book_pool_of(b, book_at(b, at)),
	    0);
}

/* In the token's head, which is there for this: few bindings cool down at a time. */
static uint32_t *next_cooling(const struct phone_book *b, uint32_t at)
{
	return book_token_next(b, book_at(b, at)->a_token);
}

static uint32_t *before_cooling(const struct phone_book *b, uint32_t at)
{
	struct book_binding *bd = book_at(b, at);

	return bd->paired ? &book_pair_at(b, bd->pair)->before_cooling : &bd->before_cooling;
}

uint32_t book_cooling_of(const struct phone_book *b, uint16_t pool, struct sc_span a)
{
	return book_index_first(&b->index[BY_COOLING],
	    hash_pair(b, hash_key(b, a.p, a.n), pool, 0));
}

/* ---- lines --------------------------------------------------------------------------------- */

static uint64_t hash_number(const struct phone_book *b, uint32_t line)
{
	const char *e164 = b->settings->lines[line].e164;

	return hash_key(b, e164, strlen(e164));
}

static uint32_t *next_number(const struct phone_book *b, uint32_t line)
{
	return &b->lines[line].by_number;
}

uint32_t book_line(const struct phone_book *b, struct sc_span e164)
{
	uint32_t line = book_index_first(&b->index[BY_NUMBER], hash_key(b, e164.p, e164.n));

	while (line != BOOK_NONE && !sc_span_is(e164, b->settings->lines[line].e164))
		line = b->lines[line].by_number;
	return line == BOOK_NONE ? PHONE_NO_LINE : line;
}

/* ---- the tables ------------------------------------------------------------------------------ */

static const struct {
	uint64_t (*hash)(const struct phone_book *b, uint32_t node);
	uint32_t *(*next)(const struct phone_book *b, uint32_t node);
	uint32_t *(*before)(const struct phone_book *b, uint32_t node);
} rows[BOOK_INDEXES] = {
	[BY_ID] = { hash_id, next_id, NULL },
	[BY_SLOT] = { hash_slot, next_slot, NULL },
	[BY_ORDER] = { hash_order, next_order, NULL },
	[BY_PARTY] = { hash_party, next_party, NULL },
	[BY_PAIR] = { hash_both, next_both, NULL },
	[BY_PERSON] = { hash_person, next_person, before_person },
	[BY_CALLER] = { hash_caller, next_caller, before_caller },
	[BY_KNOWN] = { hash_known, next_known, NULL },
	[BY_COOLING] = { hash_cooling, next_cooling, before_cooling },
	[BY_NUMBER] = { hash_number, next_number, NULL },
};

enum sc_err book_find_init(struct phone_book *b)
{
	enum sc_err err = SC_OK;

	random_bytes(b->key, sizeof(b->key));
	for (size_t i = 0; i < BOOK_INDEXES && err == SC_OK; i++) {
		b->index[i].hash = rows[i].hash;
		b->index[i].next = rows[i].next;
		b->index[i].before = rows[i].before;
		err = book_index_init(&b->index[i]);
	}
	return err;
}
