/*
 * match.c - finding things in a finished configuration.
 */
#include "gateway/config/config.h"

#include <string.h>

/*
 * Walk PATH along a route's with placeholders: does it fit? What stands at the one called
 * NAME (NULL: none) is *AT.
 */
static bool walk(const struct config_route *rt, struct sc_span path, const char *name,
    struct sc_span *at)
{
	const char *p = rt->path, *end;
	size_t i = 0, from;

	while (*p != '\0') {
		if (*p != '{') {
			if (i == path.n || path.p[i++] != (uint8_t)*p++)
				return false;
			continue;
		}
		end = strchr(p, '}');
		for (from = i; i < path.n && path.p[i] != '/'; i++)
			;
		if (i == from)
			return false;
		if (name != NULL && strlen(name) == (size_t)(end - p - 1) &&
		    memcmp(p + 1, name, strlen(name)) == 0)
			*at = sc_span(path.p + from, i - from);
		p = end + 1;
	}
	return rt->prefix || i == path.n;
}

struct sc_span config_route_segment(const struct config_route *route, struct sc_span path,
    const char *name)
{
	struct sc_span at = { 0 };

	if (route->placed && !walk(route, path, name, &at))
		at = (struct sc_span){ 0 };
	return at;
}

static bool path_fits(const struct config_route *rt, struct sc_span path)
{
	if (rt->placed)
		return walk(rt, path, NULL, NULL);
	if (path.n < rt->path_n || (!rt->prefix && path.n != rt->path_n))
		return false;
	return memcmp(path.p, rt->path, rt->path_n) == 0;
}

/* Is A, which fits as well as B, the closer fit? */
static bool closer(const struct config_route *a, const struct config_route *b)
{
	if (a->prefix != b->prefix)
		return !a->prefix;
	if (a->placed != b->placed)
		return a->prefix ? a->path_n > b->path_n : !a->placed;
	/* both fit, so where they differ one has a placeholder: the later that is, the closer */
	for (size_t i = 0; a->placed && i < a->path_n && i < b->path_n; i++)
		if (a->path[i] != b->path[i] && (a->path[i] == '{' || b->path[i] == '{'))
			return b->path[i] == '{';
		else if (a->path[i] != b->path[i])
			break;
	if (a->path_n != b->path_n)
		return a->path_n > b->path_n;
	return a->method != NULL && b->method == NULL;
}

void config_route_methods(const struct config *c, struct sc_span path, struct http_allow *out)
{
	for (size_t i = 0; path.n != 0 && i < c->n_routes; i++)
		if (c->routes[i].method != NULL && path_fits(&c->routes[i], path))
			http_allow_add(out, sc_span_str(c->routes[i].method));
}

/* What a method means that nobody here knows is for an owner to say, who names it. */
static bool method_fits(const struct config_route *rt, struct sc_span method, bool known)
{
	return rt->method == NULL ? known : sc_span_is(method, rt->method);
}

const struct config_route *config_route_match(const struct config *c, struct sc_span method,
    struct sc_span path)
{
	const struct config_route *best = NULL;
	bool known = http_method_parse(method) != HTTP_OTHER;

	if (path.n == 0)
		return NULL;
	for (size_t i = 0; i < c->n_routes; i++) {
		const struct config_route *rt = &c->routes[i];

		if (!method_fits(rt, method, known))
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
