/*
 * upstream.c - the order system or carrier behind a route, as a URL.
 *
 * Scheme, host and port only: requests keep their own path, so a path here
 * would silently be lost.
 */
#include "gateway/config/sections.h"

#include <string.h>

#define URL_MAX 512

static bool read_url(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct config_upstream *u = field;
	struct sockaddr_storage addr;
	struct sc_span url, rest, port;

	if (!shape_text(c, node, &u->url))
		return false;
	url = sc_span_str(u->url);
	u->tls = sc_span_starts(url, "https://");
	if (!u->tls && !sc_span_starts(url, "http://"))
		return shape_wrong(c, node, "an upstream must begin with http:// or https://");
	rest = sc_span_from(url, u->tls ? 8 : 7);
	if (rest.n > 0 && rest.p[rest.n - 1] == '/')
		rest.n--;
	if (memchr(rest.p, '@', rest.n) != NULL)
		return shape_wrong(c, node, "an upstream must not hold a user name or password");
	if (memchr(rest.p, '/', rest.n) != NULL)
		return shape_wrong(c, node,
		    "an upstream must not have a path: requests keep their own");
	return config_authority(rest, &addr, &port) ||
	    shape_wrong(c, node, "an upstream must be http(s)://HOST or http(s)://HOST:PORT");
}

static bool check_upstream(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct config_upstream *u = into;

	return u->ca == NULL || u->tls ||
	    shape_wrong(c, doc_find(object, "ca"), "\"ca\" needs an https:// upstream");
}

static const struct shape_row rows[] = {
	{ "url", read_url, SHAPE_HERE, .need = true, .max = URL_MAX },
	{ "ca", shape_path, SHAPE_AT(struct config_upstream, ca), .max = CONFIG_PATH_MAX },
	{ .key = NULL },
};
const struct shape config_upstream_shape = { .what = "upstream",
	.rows = rows,
	.check = check_upstream };

bool config_read_upstream(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return node->kind == DOC_OBJECT ? shape_fill(c, c->row->shape, node, field) :
					  shape_read(c, &rows[0], node, field);
}
