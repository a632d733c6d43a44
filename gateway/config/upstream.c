/*
 * upstream.c - the order system or carrier behind a route, as a URL.
 *
 * Scheme, host and port only: requests keep their own path, so a path here
 * would silently be lost.
 */
#include "gateway/config/sections.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define URL_MAX 512

/* A DNS name or an IPv4 address: what may stand in Host and in a certificate. */
static bool host_ok(struct sc_span h)
{
	if (h.n == 0 || h.n > 253 || h.p[0] == '.' || h.p[0] == '-')
		return false;
	for (size_t i = 0; i < h.n; i++) {
		uint8_t c = h.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '.' || c == '_'))
			return false;
	}
	return true;
}

static bool ipv6_ok(struct sc_span h)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr a;

	if (h.n == 0 || h.n >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", SC_SPAN_ARG(h));
	return inet_pton(AF_INET6, text, &a) == 1;
}

/* Split "host[:port]" or "[v6][:port]". */
static bool split_authority(struct sc_span a, struct sc_span *host, uint16_t *port)
{
	const uint8_t *end;
	struct sc_span rest;

	if (a.n > 0 && a.p[0] == '[') {
		if ((end = memchr(a.p, ']', a.n)) == NULL)
			return false;
		*host = sc_span(a.p + 1, (size_t)(end - a.p) - 1);
		rest = sc_span_from(a, (size_t)(end - a.p) + 1);
		if (!ipv6_ok(*host))
			return false;
	} else {
		end = memchr(a.p, ':', a.n);
		*host = end == NULL ? a : sc_span(a.p, (size_t)(end - a.p));
		rest = sc_span_from(a, host->n);
		if (!host_ok(*host))
			return false;
	}
	if (rest.n == 0)
		return true;
	return rest.p[0] == ':' && (*port = config_port(sc_span_from(rest, 1))) != 0;
}

/* HOST, and PORT unless it is the scheme's own, as Host says it. */
static bool keep(struct shape_ctx *c, struct config_upstream *u, struct sc_span host,
    bool port_is_usual)
{
	bool v6 = memchr(host.p, ':', host.n) != NULL;
	size_t n = host.n + 10;
	char *authority = shape_alloc(c, n);

	if (authority == NULL || (u->host = sc_arena_copy(c->arena, host)) == NULL)
		return false;
	if (port_is_usual)
		snprintf(authority, n, v6 ? "[%s]" : "%s", u->host);
	else
		snprintf(authority, n, v6 ? "[%s]:%u" : "%s:%u", u->host, u->port);
	u->authority = authority;
	return true;
}

static bool read_url(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct config_upstream *u = field;
	struct sc_span url, rest, host;
	uint16_t usual;

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
	usual = u->tls ? 443 : 80;
	u->port = usual;
	if (!split_authority(rest, &host, &u->port))
		return shape_wrong(c, node,
		    "an upstream must be http(s)://HOST or http(s)://HOST:PORT");
	return keep(c, u, host, u->port == usual);
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
