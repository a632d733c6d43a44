/*
 * book_due.c - what becomes due and when: two heaps a pool, of the live ones by
 * their expiry and of the cooling ones by their release; and the sweep.
 *
 * A binding knows its place, so that a change of its time moves it. Moving from
 * one heap to the other cannot fail: chunks are shared by the two, and
 * one more than both can need is there before a binding is made.
 */
#include "gateway/book/book_private.h"

#include <stdlib.h>
#include <string.h>

#define ARITY 4u /* children lie side by side: half as many cache lines as with two */

static struct book_due_row *row_at(const struct book_heap *h, uint32_t place)
{
	return &h->chunks[place / BOOK_DUE_CHUNK][place % BOOK_DUE_CHUNK];
}

/* ---- room -------------------------------------------------------------------------- */

static void spare_put(struct book_pool *p, void *chunk)
{
	memcpy(chunk, &p->spare, sizeof(p->spare));
	p->spare = chunk;
}

static struct book_due_row *spare_take(struct book_pool *p)
{
	void *chunk = p->spare;

	memcpy(&p->spare, chunk, sizeof(p->spare));
	return chunk;
}

static enum sc_err reserve_pointers(struct book_heap *h, uint32_t n)
{
	struct book_due_row **v;

	if (h->room >= n)
		return SC_OK;
	if ((v = realloc(h->chunks, 2 * n * sizeof(v[0]))) == NULL)
		return SC_NOMEM;
	h->chunks = v;
	h->room = 2 * n;
	return SC_OK;
}

enum sc_err book_due_reserve(struct phone_book *b, uint16_t pool)
{
	struct book_pool *p = &b->pools[pool];
	/* L and C fill at most one chunk more than L + C would */
	uint32_t need = p->n / BOOK_DUE_CHUNK + 2;

	for (; p->due_chunks < need; p->due_chunks++) {
		void *chunk = malloc(BOOK_DUE_CHUNK * sizeof(struct book_due_row));

		if (chunk == NULL)
			return SC_NOMEM;
		spare_put(p, chunk);
	}
	if (reserve_pointers(&p->due[0], need) != SC_OK ||
	    reserve_pointers(&p->due[1], need) != SC_OK)
		return SC_NOMEM;
	return SC_OK;
}

void book_due_fini(struct phone_book *b, uint16_t pool)
{
	struct book_pool *p = &b->pools[pool];

	for (size_t i = 0; i < 2; i++) {
		for (uint32_t k = 0; k < p->due[i].n_chunks; k++)
			free(p->due[i].chunks[k]);
		free(p->due[i].chunks);
	}
	while (p->spare != NULL)
		free(spare_take(p));
}

/* ---- the heap ----------------------------------------------------------------------- */

static void put(struct phone_book *b, struct book_heap *h, uint32_t place, struct book_due_row row)
{
	*row_at(h, place) = row;
	book_at(b, row.at)->place = place;
}

static void sift_up(struct phone_book *b, struct book_heap *h, uint32_t place,
    struct book_due_row row)
{
	while (place != 0) {
		uint32_t parent = (place - 1) / ARITY;

		if (row_at(h, parent)->due <= row.due)
			break;
		put(b, h, place, *row_at(h, parent));
		place = parent;
	}
	put(b, h, place, row);
}

static uint32_t least_child(const struct book_heap *h, uint32_t place)
{
	uint32_t first = ARITY * place + 1, least = first;

	for (uint32_t i = first + 1; i < first + ARITY && i < h->n; i++)
		if (row_at(h, i)->due < row_at(h, least)->due)
			least = i;
	return least;
}

/* ROW belongs at PLACE or below it. */
static void sift_down(struct phone_book *b, struct book_heap *h, uint32_t place,
    struct book_due_row row)
{
	while (ARITY * place + 1 < h->n) {
		uint32_t child = least_child(h, place);

		if (row_at(h, child)->due >= row.due)
			break;
		put(b, h, place, *row_at(h, child));
		place = child;
	}
	put(b, h, place, row);
}

static void settle(struct phone_book *b, struct book_heap *h, uint32_t place,
    struct book_due_row row)
{
	if (place != 0 && row_at(h, (place - 1) / ARITY)->due > row.due)
		sift_up(b, h, place, row);
	else
		sift_down(b, h, place, row);
}

/* ---- bindings in it -------------------------------------------------------------------- */

static struct book_heap *heap_of(const struct phone_book *b, const struct book_binding *bd)
{
	return &b->pools[book_pool_of(b, bd)].due[bd->state == BOOK_COOLING];
}

static struct book_due_row row_of(const struct phone_book *b, uint32_t at)
{
	const struct book_binding *bd = book_at(b, at);
	uint64_t due = bd->state == BOOK_COOLING ? book_cools_until(b, at) : bd->expires_at;

	return (struct book_due_row){ book_seconds(due), at };
}

void book_due_add(struct phone_book *b, uint32_t at)
{
	const struct book_binding *bd = book_at(b, at);
	struct book_heap *h = heap_of(b, bd);

	if (h->n == h->n_chunks * BOOK_DUE_CHUNK)
		h->chunks[h->n_chunks++] = spare_take(&b->pools[book_pool_of(b, bd)]);
	sift_up(b, h, h->n++, row_of(b, at));
}

void book_due_remove(struct phone_book *b, uint32_t at)
{
	struct book_binding *bd = book_at(b, at);
	struct book_heap *h = heap_of(b, bd);
	struct book_due_row last = *row_at(h, --h->n);

	if (last.at != at)
		settle(b, h, bd->place, last);
	if (h->n == (h->n_chunks - 1) * BOOK_DUE_CHUNK)
		spare_put(&b->pools[book_pool_of(b, bd)], h->chunks[--h->n_chunks]);
	bd->place = BOOK_NONE;
}

void book_due_changed(struct phone_book *b, uint32_t at)
{
	struct book_binding *bd = book_at(b, at);

	if (bd->state == BOOK_LIVE || bd->state == BOOK_COOLING)
		settle(b, heap_of(b, bd), bd->place, row_of(b, at));
}

/* ---- the sweep ---------------------------------------------------------------------------- */

/* The first of H if it is due at NOW, or BOOK_NONE. */
static uint32_t first_due(const struct book_heap *h, uint64_t now)
{
	return h->n != 0 && row_at(h, 0)->due <= now ? row_at(h, 0)->at : BOOK_NONE;
}

/* What is next in POOL, which is then in its next state. */
static uint32_t sweep_one(struct phone_book *b, const struct phone_now *now, uint16_t pool,
    enum book_due *what)
{
	const struct book_pool *p = &b->pools[pool];
	uint32_t at = first_due(&p->due[0], book_latest(now));

	if (at != BOOK_NONE) {
		*what = BOOK_EXPIRED;
		book_enter(b, at, BOOK_COOLING);
	} else if ((at = first_due(&p->due[1], book_earliest(now))) != BOOK_NONE) {
		*what = BOOK_RELEASE;
		book_enter(b, at, BOOK_RELEASING);
	}
	return at;
}

size_t book_sweep(struct phone_book *b, const struct phone_now *now, size_t max,
    void (*due)(void *arg, uint32_t at, enum book_due what), void *arg)
{
	size_t n = 0, n_pools = b->settings->n_pools;
	enum book_due what;

	/* another pool comes first each time, so that a busy one does not starve others */
	for (size_t i = 0; i < n_pools && n < max; i++) {
		uint16_t pool = (uint16_t)((b->sweep_from + i) % n_pools);
		uint32_t at;

		while (n < max && (at = sweep_one(b, now, pool, &what)) != BOOK_NONE) {
			n++;
			due(arg, at, what);
		}
	}
	if (n_pools != 0)
		b->sweep_from = (uint32_t)((b->sweep_from + 1) % n_pools);
	return n;
}

void book_release(struct phone_book *b, uint32_t at)
{
	const struct book_binding *bd = book_used(b, at);

	if (bd == NULL || bd->state != BOOK_RELEASING)
		return;
	book_slot_give(b, at);
	book_unmake(b, at);
}

void book_keep(struct phone_book *b, uint32_t at)
{
	const struct book_binding *bd = book_used(b, at);

	if (bd != NULL && bd->state == BOOK_RELEASING)
		book_enter(b, at, BOOK_COOLING);
}
