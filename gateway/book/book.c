/*
 * book.c - the book as a whole: made, measured, viewed.
 *
 * Where the rest is: book_bind.c, book_change.c, book_load.c and book_due.c are
 * what happens to a binding; book_route.c who is reached; book_slots.c which slot
 * is given; book_states.c, book_orders.c and book_callers.c what a binding consists
 * of; book_find.c and book_lines.c the tables; book_slab.c, book_index.c,
 * book_tokens.c and book_hours.c what all of it is kept in.
 */
#include "gateway/book/book_private.h"

#include <stdlib.h>
#include <string.h>

enum sc_err book_new(const struct phone_settings *settings, struct phone_book **out)
{
	struct phone_book *b = calloc(1, sizeof(*b));
	enum sc_err err;

	*out = NULL;
	if (b == NULL)
		return SC_NOMEM;
	b->settings = settings;
	book_slab_init(&b->bindings, sizeof(struct book_binding));
	book_slab_init(&b->pairs, sizeof(struct book_pair));
	book_slab_init(&b->orders, sizeof(struct book_order));
	book_slab_init(&b->called, sizeof(struct book_called));
	book_slab_init(&b->callers, sizeof(struct book_caller));
	book_slab_init(&b->known, sizeof(struct book_known));
	book_tokens_init(&b->tokens);
	if ((err = book_find_init(b)) == SC_OK && (err = book_lines_init(b)) == SC_OK) {
		*out = b;
		b = NULL;
	}
	book_free(b);
	return err;
}

void book_free(struct phone_book *b)
{
	if (b == NULL)
		return;
	book_lines_fini(b);
	for (size_t i = 0; i < BOOK_INDEXES; i++)
		book_index_fini(&b->index[i]);
	book_chunks_fini(&b->tokens.chunks);
	book_slab_fini(&b->bindings);
	book_slab_fini(&b->pairs);
	book_slab_fini(&b->orders);
	book_slab_fini(&b->called);
	book_slab_fini(&b->callers);
	book_slab_fini(&b->known);
	free(b);
}

void book_view(const struct phone_book *b, uint32_t at, struct phone_binding *out)
{
	const struct book_binding *bd = book_used(b, at);

	memset(out, 0, sizeof(*out));
	if (bd == NULL)
		return;
	memcpy(out->id, bd->id, sizeof(out->id));
	out->mode = book_pool_set(b, bd)->mode;
	out->state = bd->state == BOOK_TAKEN_BACK ? BOOK_COOLING : bd->state;
	out->directions = bd->directions;
	out->channels = bd->channels;
	out->pool = book_pool_of(b, bd);
	out->line = bd->line;
	out->ext = bd->ext == BOOK_EXT_NONE ? PHONE_NO_EXT : bd->ext;
	out->a = book_token_span(b, bd->a_token);
	out->a_party = bd->a_party;
	if (bd->paired) {
		out->b = book_token_span(b, book_pair_at(b, bd->pair)->b_token);
		out->b_party = book_pair_at(b, bd->pair)->b_party;
	}
	out->made_at = bd->made_at;
	out->expires_at = bd->expires_at;
	out->ended_at = bd->ended_at;
	if (bd->called != BOOK_NONE)
		out->last_call_at = book_called_at(b, bd->called)->last_call_at;
	out->version = bd->version;
	out->refs = bd->refs;
}

size_t book_count(const struct phone_book *b)
{
	return b->bindings.n;
}

static size_t pool_memory(const struct book_pool *p)
{
	return (size_t)p->due_chunks * BOOK_DUE_CHUNK * sizeof(struct book_due_row) +
	    (p->due[0].room + p->due[1].room) * sizeof(p->due[0].chunks[0]) +
	    p->hours.room * sizeof(p->hours.v[0]);
}

size_t book_memory(const struct phone_book *b)
{
	size_t n = sizeof(*b) + b->fixed + b->tokens.chunks.bytes;
	const struct book_slab *slabs[] = { &b->bindings, &b->pairs, &b->orders, &b->called,
		&b->callers, &b->known };

	for (size_t i = 0; i < sizeof(slabs) / sizeof(slabs[0]); i++)
		n += slabs[i]->chunks.bytes;
	for (size_t i = 0; i < BOOK_INDEXES; i++)
		n += b->index[i].heads.bytes;
	for (size_t i = 0; i < b->settings->n_pools; i++)
		n += pool_memory(&b->pools[i]);
	return n;
}
