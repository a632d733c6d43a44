/*
 * lines.c - what an event is about: a product, several, or an order with its
 * lines, each an event of its own.
 */
#include "gateway/take/private.h"

#define BIT(kind) (1u << (kind))
/* An event of these is of one product, or of each of several. */
#define OF_A_PRODUCT \
	(BIT(FEED_PRODUCT) | BIT(FEED_CART_ADD) | BIT(FEED_CART_REMOVE) | BIT(FEED_ITEM))
#define OF_AN_ORDER (BIT(FEED_PURCHASE) | BIT(FEED_REFUND))
#define OF_A_CAMPAIGN (BIT(FEED_EXPOSURE) | BIT(FEED_OUTCOME))
#define AMOUNT_MAX 64 /* bytes of its text */

static bool is_one_of(uint8_t kind, uint32_t kinds)
{
	return (kinds & BIT(kind)) != 0;
}

/* The first of these that is an amount, in steps. */
static uint32_t amount_of(const struct take *t, const struct doc_node *const *p,
    const enum sent_property *which, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; v == 0 && i < n; i++)
		v = take_amount(take_text(t, p[which[i]], AMOUNT_MAX), t->s->words->price_step);
	return v;
}

/* What properties P, of the event itself or of one of its products, say of a product. */
static void read_product(const struct take *t, const struct doc_node *const *p,
    struct collect_taken *x)
{
	static const enum sent_property prices[] = { SENT_PRICE, SENT_VALUE };
	struct sc_span category = take_text(t, p[SENT_OF_CATEGORY], FEED_WORD_BYTES);

	x->product = take_id(t, p[SENT_PRODUCT]);
	if (x->product.n == 0)
		x->product = take_id(t, p[SENT_SKU]);
	x->event.price = amount_of(t, p, prices, 2);
	x->event.quantity = (uint8_t)take_count(p[SENT_QUANTITY], UINT8_MAX, 0);
	if (category.n != 0)
		x->event.category = (uint16_t)feed_list_find(&t->s->words->categories, category);
	x->honeypot = x->product.n != 0 && feed_list_find(&t->s->honeypots, x->product) != 0;
}

/* Of an event of a product without its product nothing can be said. */
static enum sc_err put_product(struct take *t, struct collect_taken *x)
{
	if (x->product.n == 0 && is_one_of(x->event.kind, OF_A_PRODUCT))
		x->refused = FEED_BAD_FORM;
	return take_put(t, x);
}

/* Each of PRODUCTS as an event like X, numbered from LINE on. */
static enum sc_err put_products(struct take *t, const struct doc_node *products,
    const struct collect_taken *x, uint16_t line)
{
	enum sc_err err = SC_OK;

	for (const struct doc_node *m = products->first; err == SC_OK && m != NULL; m = m->next) {
		const struct doc_node *p[SENT_PROPERTIES_N] = { NULL };
		struct collect_taken one = *x;

		one.line = line++;
		if (take_product(t, m, p))
			read_product(t, p, &one);
		err = put_product(t, &one);
	}
	return err;
}

/* An order as a whole, then its lines, if those are taken. */
static enum sc_err put_order(struct take *t, const struct sent_event *e,
    const struct doc_node *products, struct collect_taken *x)
{
	static const enum sent_property totals[] = { SENT_TOTAL, SENT_REVENUE, SENT_VALUE };
	enum sc_err err;

	x->order = take_id(t, e->p[SENT_ORDER]);
	x->event.price = amount_of(t, e->p, totals, 3);
	if (x->order.n == 0)
		x->refused = FEED_BAD_FORM;
	if ((err = take_put(t, x)) != SC_OK || x->refused != 0 || products == NULL ||
	    x->event.kind != FEED_PURCHASE || !is_one_of(FEED_ITEM, t->visit->site->kinds))
		return err;
	x->event.kind = FEED_ITEM;
	x->event.price = 0;
	return put_products(t, products, x, 1);
}

enum sc_err take_lines(struct take *t, const struct sent_event *e, struct collect_taken *x)
{
	const struct doc_node *products = e->p[SENT_PRODUCTS];
	uint8_t kind = x->event.kind;

	if (products != NULL && products->kind != DOC_LIST)
		products = NULL;
	take_classes(t, e, &x->event);
	if (is_one_of(kind, OF_AN_ORDER))
		return put_order(t, e, products, x);
	if (is_one_of(kind, OF_A_CAMPAIGN))
		x->event.arm = (uint8_t)take_count(e->p[SENT_ARM], UINT8_MAX, 0);
	if (is_one_of(kind, OF_A_PRODUCT) && products != NULL && products->n > 0)
		return put_products(t, products, x, 0);
	read_product(t, e->p, x);
	return put_product(t, x);
}
