/*
 * book_slab.c - room for many equal things, a chunk at a time: what was given
 * back is taken first, and nothing ever moves.
 */
#include "gateway/book/book_private.h"

#include <stdlib.h>
#include <string.h>

/* One chunk more, all zero. The row of pointers doubles, which is little. */
enum sc_err book_chunks_add(struct book_chunks *c, size_t bytes)
{
	void *chunk, **v;

	if (c->n == c->room) {
		uint32_t room = c->room == 0 ? 4 : c->room * 2;

		if ((v = realloc(c->v, room * sizeof(v[0]))) == NULL)
			return SC_NOMEM;
		c->bytes += (room - c->room) * sizeof(v[0]);
		c->v = v;
		c->room = room;
	}
	if ((chunk = calloc(1, bytes)) == NULL)
		return SC_NOMEM;
	c->v[c->n++] = chunk;
	c->bytes += bytes;
	return SC_OK;
}

void book_chunks_fini(struct book_chunks *c)
{
	for (uint32_t i = 0; i < c->n; i++)
		free(c->v[i]);
	free(c->v);
	memset(c, 0, sizeof(*c));
}

void book_slab_init(struct book_slab *s, size_t size)
{
	memset(s, 0, sizeof(*s));
	s->size = (uint32_t)size;
	s->free = BOOK_NONE;
}

void book_slab_fini(struct book_slab *s)
{
	book_chunks_fini(&s->chunks);
}

enum sc_err book_slab_take(struct book_slab *s, uint32_t *at)
{
	enum sc_err err;

	if (s->free != BOOK_NONE) {
		*at = s->free;
		memcpy(&s->free, book_slab_at(s, *at), sizeof(s->free));
		memset(book_slab_at(s, *at), 0, sizeof(s->free));
		s->n++;
		return SC_OK;
	}
	if (s->fresh == BOOK_MAX)
		return SC_LIMIT;
	if (s->fresh / BOOK_CHUNK == s->chunks.n &&
	    (err = book_chunks_add(&s->chunks, (size_t)BOOK_CHUNK * s->size)) != SC_OK)
		return err;
	*at = s->fresh++;
	s->n++;
	return SC_OK;
}

/* It begins with the one that was given back before; the rest is wiped. */
void book_slab_give(struct book_slab *s, uint32_t at)
{
	uint8_t *p = book_slab_at(s, at);

	memset(p, 0, s->size);
	memcpy(p, &s->free, sizeof(s->free));
	s->free = at;
	s->n--;
}
