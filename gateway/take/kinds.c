/*
 * kinds.c - what events are called elsewhere: Segment's e-commerce, e-mail and push
 * lists, GA4's recommended events, and our own names.
 *
 * "Product Clicked" and select_item are not among them: the product's own page follows, and
 * would be counted twice. Nor are steps of a checkout.
 */
#include "gateway/take/private.h"

#include <string.h>

struct kind_name {
	const char *name;
	uint8_t n, kind;
};
#define NAME(text, number) \
	{ \
		text, sizeof(text) - 1, number \
	}

static const struct kind_name names[] = {
	/* Segment, e-commerce (v2) */
	NAME("Product Viewed", FEED_PRODUCT),
	NAME("Product List Viewed", FEED_PAGE),
	NAME("Product List Filtered", FEED_PAGE),
	NAME("Products Searched", FEED_SEARCH),
	NAME("Product Added", FEED_CART_ADD),
	NAME("Product Removed", FEED_CART_REMOVE),
	NAME("Cart Viewed", FEED_PAGE),
	NAME("Checkout Started", FEED_CHECKOUT),
	NAME("Order Completed", FEED_PURCHASE),
	NAME("Order Refunded", FEED_REFUND),
	NAME("Order Cancelled", FEED_REFUND),
	NAME("Promotion Viewed", FEED_EXPOSURE),
	NAME("Promotion Clicked", FEED_OUTCOME),
	/* e-mail, push, accounts */
	NAME("Email Delivered", FEED_EXPOSURE),
	NAME("Email Opened", FEED_OUTCOME),
	NAME("Email Link Clicked", FEED_OUTCOME),
	NAME("Unsubscribed", FEED_OUTCOME),
	NAME("Push Notification Received", FEED_EXPOSURE),
	NAME("Push Notification Tapped", FEED_OUTCOME),
	NAME("Signed In", FEED_LOGIN),
	NAME("Signed Up", FEED_LOGIN),
	/* GA4 */
	NAME("page_view", FEED_PAGE),
	NAME("screen_view", FEED_PAGE),
	NAME("view_item", FEED_PRODUCT),
	NAME("view_item_list", FEED_PAGE),
	NAME("view_cart", FEED_PAGE),
	NAME("search", FEED_SEARCH),
	NAME("view_search_results", FEED_SEARCH),
	NAME("add_to_cart", FEED_CART_ADD),
	NAME("remove_from_cart", FEED_CART_REMOVE),
	NAME("begin_checkout", FEED_CHECKOUT),
	NAME("purchase", FEED_PURCHASE),
	NAME("refund", FEED_REFUND),
	NAME("view_promotion", FEED_EXPOSURE),
	NAME("select_promotion", FEED_OUTCOME),
	NAME("login", FEED_LOGIN),
	NAME("sign_up", FEED_LOGIN),
	/* ours, where neither has them */
	NAME("page", FEED_PAGE),
	NAME("product", FEED_PRODUCT),
	NAME("cart_add", FEED_CART_ADD),
	NAME("cart_remove", FEED_CART_REMOVE),
	NAME("checkout", FEED_CHECKOUT),
	NAME("exposure", FEED_EXPOSURE),
	NAME("outcome", FEED_OUTCOME),
};

uint8_t take_kind(const struct collect_settings *s, struct sc_span name)
{
	for (size_t i = 0; i < s->n_aliases; i++)
		if (sc_span_is(name, s->aliases[i].name))
			return s->aliases[i].kind;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].n == name.n && memcmp(names[i].name, name.p, name.n) == 0)
			return names[i].kind;
	return 0;
}
