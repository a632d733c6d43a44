/*
 * collect_orders.c - orders that pass on a route: which of the fields that its
 * rules collect says what.
 */
#include "gateway/config/collect.h"

#include <string.h>

/* const struct config_route's name; what a row's paths are of. */
static bool read_route(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct sc_name *name = field;

	if (!shape_name(c, node, field))
		return false;
	return config_route_find(c->arg, sc_span_str(name->s)) != NULL ||
	    shape_wrong(c, node, "there is no route \"%s\"", name->s);
}

static bool collects(const struct config_rules *rules, const char *at)
{
	for (size_t i = 0; i < rules->n; i++)
		if (rules->v[i].form == &form_collect && strcmp(rules->v[i].at, at) == 0)
			return true;
	return false;
}

static bool tags(const struct config_rules *rules, const char *at)
{
	for (size_t i = 0; i < rules->n; i++)
		if (rules->v[i].tag && strcmp(rules->v[i].at, at) == 0)
			return true;
	return false;
}

/* An address is compared, and never told: its rule has a tag. */
static bool tagged_path(struct shape_ctx *c, const struct config_route *rt,
    const struct doc_node *node)
{
	return node == NULL || rt == NULL || tags(&rt->request, node->text) ||
	    shape_wrong(c, node, "no rule of route \"%s\" has \"tag\": true at %.120s", rt->name.s,
		node->text);
}

/* A path that some rule of the route collects: nothing else is ever told of an order. */
static bool known_path(struct shape_ctx *c, const struct config_route *rt, size_t at,
    const char *path)
{
	if (rt == NULL || collects(&rt->request, path) || collects(&rt->response, path))
		return true;
	return shape_wrong_at(c, at, "no rule of route \"%s\" has \"do\": \"collect\" at %.120s",
	    rt->name.s, path);
}

static bool read_path(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return shape_text(c, node, field) &&
	    (node->text[0] == '$' ||
		shape_must(c, node,
		    "be the JSONPath of a rule with \"do\": \"collect\", such as \"$.id\""));
}

/* One route's orders are understood in one way. */
static const char *same_route(const void *a, const void *b)
{
	const struct collect_order *x = a, *y = b;

	return strcmp(x->route.s, y->route.s) == 0 ? "route" : NULL;
}

#define AT(field) SHAPE_AT(struct collect_order, field)
#define PATH(field) read_path, AT(field), .max = CONFIG_PATH_MAX
static const struct shape_row rows[] = {
	{ "route", read_route, AT(route), .need = true },
	{ "site", config_read_site, AT(shop), .need = true },
	{ "order", PATH(order), .need = true },
	{ "customer", PATH(customer) },
	{ "at", PATH(at) },
	{ "total", PATH(total) },
	{ "status", PATH(status) },
	{ "cancelled", config_read_words, AT(cancelled), .min = 1, .max = 64 },
	{ "product", PATH(product) },
	{ "category", PATH(category) },
	{ "price", PATH(price) },
	{ "quantity", PATH(quantity) },
	{ "address", PATH(address) },
	{ "traits", config_read_traits, AT(traits), .words = &config_traits },
	{ .key = NULL },
};
static bool check_order(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct collect_order *o = into;
	const struct config_route *rt = config_route_find(c->arg, sc_span_str(o->route.s));
	const struct doc_node *traits = doc_find(object, "traits"), *node;
	bool ok = true;

	for (const struct shape_row *row = rows; row->key != NULL; row++)
		if (row->read == read_path && strcmp(row->key, "address") != 0 &&
		    (node = doc_find(object, row->key)) != NULL)
			ok &= known_path(c, rt, node->at, node->text);
	for (node = traits == NULL ? NULL : traits->first; node != NULL; node = node->next)
		ok &= known_path(c, rt, node->key_at, node->key);
	ok &= tagged_path(c, rt, doc_find(object, "address"));
	if (o->cancelled.n > 0 && o->status == NULL)
		ok = shape_wrong(c, doc_find(object, "cancelled"),
		    "\"cancelled\" are words of \"status\", which is not here");
	return ok;
}

const struct shape config_order_shape = { "order", rows, sizeof(struct collect_order),
	.check = check_order, .twin = same_route };
