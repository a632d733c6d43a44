/*
 * upstream.c - the order system or carrier behind a route, as a URL.
 *
 * Scheme, host and port only: requests keep their own path, so a path here
 * would silently be lost.
 */
#include "gateway/config/read.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

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

/* Decimal, 1 to 65535. */
static bool parse_port(struct sc_span s, uint16_t *port)
{
	uint32_t v = 0;

	if (s.n == 0 || s.n > 5)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (uint32_t)(s.p[i] - '0');
	}
	if (v == 0 || v > 65535)
		return false;
	*port = (uint16_t)v;
	return true;
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
	return rest.p[0] == ':' && parse_port(sc_span_from(rest, 1), port);
}

static enum sc_err keep(struct config_reader *r, struct config_upstream *u, struct sc_span url,
    struct sc_span host, bool port_is_usual)
{
	bool v6 = memchr(host.p, ':', host.n) != NULL;
	size_t n = host.n + 10;

	u->url = config_copy(r->box, url);
	u->host = config_copy(r->box, host);
	u->authority = config_alloc(r->box, n);
	if (u->url == NULL || u->host == NULL || u->authority == NULL)
		return SC_NOMEM;
	if (port_is_usual)
		snprintf(u->authority, n, v6 ? "[%s]" : "%s", u->host);
	else
		snprintf(u->authority, n, v6 ? "[%s]:%u" : "%s:%u", u->host, u->port);
	return SC_OK;
}

static enum sc_err read_url(struct config_reader *r, const cJSON *it, struct config_upstream *u)
{
	struct sc_span url, rest, host;
	uint16_t usual;
	enum sc_err err;

	if ((err = config_text(r, it, 512, &url)) != SC_OK)
		return err;
	if (!sc_span_starts(url, "http://") && !sc_span_starts(url, "https://"))
		return config_refuse(r, it,
		    "an upstream must begin with "
		    "http:// or https://");
	u->tls = sc_span_starts(url, "https://");
	rest = sc_span_from(url, u->tls ? 8 : 7);
	if (rest.n > 0 && rest.p[rest.n - 1] == '/')
		rest.n--;
	if (memchr(rest.p, '@', rest.n) != NULL)
		return config_refuse(r, it,
		    "an upstream must not hold a user "
		    "name or password");
	if (memchr(rest.p, '/', rest.n) != NULL)
		return config_refuse(r, it,
		    "an upstream must not have a path: "
		    "requests keep their own");
	usual = u->tls ? 443 : 80;
	u->port = usual;
	if (!split_authority(rest, &host, &u->port))
		return config_refuse(r, it,
		    "an upstream must be "
		    "http(s)://HOST or http(s)://HOST:PORT");
	return keep(r, u, url, host, u->port == usual);
}

enum sc_err config_read_upstream(struct config_reader *r, const cJSON *it,
    struct config_upstream *u)
{
	static const char *const allowed[] = { "url", "ca", NULL };
	const cJSON *url, *ca;
	enum sc_err err;

	if (!cJSON_IsObject(it))
		return read_url(r, it, u);
	if ((err = config_keys(r, it, "\"upstream\"", allowed)) != SC_OK ||
	    (err = config_need(r, it, "\"upstream\"", "url", &url)) != SC_OK ||
	    (err = read_url(r, url, u)) != SC_OK)
		return err;
	if ((ca = config_get(it, "ca")) == NULL)
		return SC_OK;
	if (!u->tls)
		return config_refuse(r, ca, "\"ca\" needs an https:// upstream");
	return config_path(r, ca, &u->ca);
}
