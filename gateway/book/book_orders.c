/*
 * book_orders.c - the orders that rest on a binding. The first stands in the
 * binding itself, which is all that nearly every one has.
 */
#include "gateway/book/book_private.h"

#include <string.h>

static struct book_order *order_at(const struct phone_book *b, uint32_t order)
{
	return book_slab_at(&b->orders, order);
}

enum sc_err book_order_add(struct phone_book *b, uint32_t at, const uint8_t order[static 16])
{
	struct book_binding *bd = book_at(b, at);
	struct book_order *o;
	uint32_t node;
	enum sc_err err;

	if (bd->refs == UINT16_MAX)
		return SC_LIMIT;
	if ((err = book_slab_take(&b->orders, &node)) != SC_OK)
		return err;
	o = order_at(b, node);
	memcpy(o->key, order, sizeof(o->key));
	o->at = at;
	o->more = bd->orders;
	bd->orders = node;
	bd->refs += bd->ended_at == 0;
	book_link(b, BY_ORDER, 2 * node + 1);
	return SC_OK;
}

/* The node of ORDER among those of AT; AT's own is not one. BOOK_NONE: it has none. */
static uint32_t find_more(const struct phone_book *b, uint32_t at, const uint8_t order[static 16])
{
	uint32_t node = book_at(b, at)->orders;

	while (node != BOOK_NONE && memcmp(order_at(b, node)->key, order, 16) != 0)
		node = order_at(b, node)->more;
	return node;
}

bool book_order_has(const struct phone_book *b, uint32_t at, const uint8_t order[static 16])
{
	return memcmp(book_at(b, at)->order, order, 16) == 0 ||
	    find_more(b, at, order) != BOOK_NONE;
}

static void remove_more(struct phone_book *b, uint32_t at, uint32_t node)
{
	uint32_t *link = &book_at(b, at)->orders;

	while (*link != node)
		link = &order_at(b, *link)->more;
	*link = order_at(b, node)->more;
	book_unlink(b, BY_ORDER, 2 * node + 1);
	book_slab_give(&b->orders, node);
}

void book_order_drop(struct phone_book *b, uint32_t at, const uint8_t order[static 16])
{
	struct book_binding *bd = book_at(b, at);
	uint32_t node = find_more(b, at, order);

	bd->refs -= bd->refs != 0;
	if (node != BOOK_NONE) {
		remove_more(b, at, node);
	} else if (bd->orders != BOOK_NONE) {
		/* another one takes the place in the binding */
		node = bd->orders;
		book_unlink(b, BY_ORDER, 2 * at);
		memcpy(bd->order, order_at(b, node)->key, sizeof(bd->order));
		book_link(b, BY_ORDER, 2 * at);
		remove_more(b, at, node);
	}
}

void book_orders_forget(struct phone_book *b, uint32_t at)
{
	while (book_at(b, at)->orders != BOOK_NONE)
		remove_more(b, at, book_at(b, at)->orders);
}
