/*
 * match.c - finding things in a finished configuration.
 */
#include "gateway/config/config.h"

#include <string.h>

static bool path_fits(const struct config_route *rt, struct sc_span path)
{
	if (path.n < rt->path_n || (!rt->prefix && path.n != rt->path_n))
		return false;
	return memcmp(path.p, rt->path, rt->path_n) == 0;
}

/* Is A, which fits as well as B, the closer fit? */
static bool closer(const struct config_route *a, const struct config_route *b)
{
	if (a->prefix != b->prefix)
		return !a->prefix;
	if (a->path_n != b->path_n)
		return a->path_n > b->path_n;
	return a->method != NULL && b->method == NULL;
}

const struct config_route *config_route_match(const struct config *c, struct sc_span method,
    struct sc_span path)
{
	const struct config_route *best = NULL;

	if (path.n == 0)
		return NULL;
	for (size_t i = 0; i < c->n_routes; i++) {
		const struct config_route *rt = &c->routes[i];

		if (rt->method != NULL && !sc_span_is(method, rt->method))
			continue;
		if (path_fits(rt, path) && (best == NULL || closer(rt, best)))
			best = rt;
	}
	return best;
}

const struct config_route *config_route_find(const struct config *c, struct sc_span name)
{
	for (size_t i = 0; i < c->n_routes; i++)
		if (sc_span_is(name, c->routes[i].name.s))
			return &c->routes[i];
	return NULL;
}

const struct config_listener *config_first_address(const struct config *c)
{
	for (size_t i = 0; i < c->n_listeners; i++)
		if (c->listeners[i].addr.ss_family != AF_UNIX)
			return &c->listeners[i];
	return NULL;
}

bool config_route_takes(const struct config_route *r, uint8_t role)
{
	return r->any_role || r->from[role];
}
