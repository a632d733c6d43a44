/*
 * forwarded.c - the public name of what stands behind the gateway, told both ways.
 *
 * An upstream that does not know by which scheme and name it was called makes links to
 * its own address, or refuses what it takes for no TLS. The caller's address is not told:
 * it is personal.
 */
#include "gateway/proxy/forwarded.h"

#include <string.h>

enum { OF_PROTO = 1, OF_HOST = 2, OF_CALLER = 4 };

/* As CGI and its like read them, with '_' for '-', in small letters. */
static const struct {
	const char *name;
	uint8_t of;
} spoken[] = {
	{ "x-forwarded-proto", OF_PROTO },
	{ "x-forwarded-host", OF_HOST },
	{ "forwarded", OF_PROTO | OF_HOST | OF_CALLER },
	{ "x-forwarded-port", OF_PROTO },
	{ "x-forwarded-ssl", OF_PROTO },
	{ "x-forwarded-scheme", OF_PROTO },
	{ "x-forwarded-protocol", OF_PROTO },
	{ "x-forwarded-server", OF_HOST },
	{ "x-forwarded-for", OF_CALLER },
	{ "x-scheme", OF_PROTO },
	{ "x-url-scheme", OF_PROTO },
	{ "front-end-https", OF_PROTO },
	{ "x-real-ip", OF_CALLER },
	{ "x-client-ip", OF_CALLER },
	{ "true-client-ip", OF_CALLER },
	{ "cf-connecting-ip", OF_CALLER },
};

static bool is_called(struct sc_span name, const char *as)
{
	for (size_t i = 0; i < name.n; i++)
		if (as[i] != (name.p[i] == '_' ? '-' : (char)(name.p[i] | 0x20)))
			return false; /* '-' has that bit, and AS ends with a NUL */
	return as[name.n] == '\0';
}

/* What the field NAME speaks of; few begin as these do. */
static uint8_t speaks_of(struct sc_span name)
{
	switch (name.n < 2 ? 0 : (name.p[0] | 0x20) << 8 | (name.p[1] | 0x20)) {
	case 'x' << 8 | '-':
	case 'x' << 8 | ('_' | 0x20):
	case 'f' << 8 | 'o':
	case 'f' << 8 | 'r':
	case 't' << 8 | 'r':
	case 'c' << 8 | 'f': break;
	default: return 0;
	}
	for (size_t i = 0; i < sizeof(spoken) / sizeof(spoken[0]); i++)
		if (is_called(name, spoken[i].name))
			return spoken[i].of;
	return 0;
}

size_t forwarded_tell(enum config_forwarded how, bool tls, struct sc_span host,
    struct http_field *v, size_t n)
{
	const uint8_t ours = how == CONFIG_FORWARDED_NONE ? OF_PROTO | OF_HOST | OF_CALLER :
	    tls                                           ? OF_PROTO | OF_HOST :
							    0;
	uint8_t said = 0;
	size_t kept = 0;

	if (how == CONFIG_FORWARDED_PASS)
		return n;
	for (size_t i = 0; i < n; i++) {
		uint8_t of = speaks_of(v[i].name);

		if ((of & ours) != 0)
			continue;
		said |= of;
		if (kept != i)
			v[kept] = v[i];
		kept++;
	}
	if (how == CONFIG_FORWARDED_NONE)
		return kept;
	if ((said & OF_PROTO) == 0)
		v[kept++] = (struct http_field){ SC_LIT("X-Forwarded-Proto"),
			tls ? sc_span("https", 5) : sc_span("http", 4) };
	if ((said & OF_HOST) == 0 && host.n != 0)
		v[kept++] = (struct http_field){ SC_LIT("X-Forwarded-Host"), host };
	return kept;
}

/* ---- on the way back ---- */

/* URL behind its scheme, of which *PORT is the usual port; empty: it is no http URL. */
static struct sc_span behind_scheme(struct sc_span url, const char **port)
{
	static const char *const schemes[] = { "http://", "https://" };
	static const char *const ports[] = { ":80", ":443" };

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(schemes[i]);

		*port = ports[i];
		if (url.n > n && sc_span_caseeq(sc_span(url.p, n), schemes[i]))
			return sc_span_from(url, n);
	}
	return sc_span(NULL, 0);
}

/* The authority that REST begins with, without the usual PORT. */
static struct sc_span authority(struct sc_span rest, const char *port, size_t *n)
{
	size_t m = strlen(port);

	for (*n = 0; *n < rest.n && strchr("/?#", rest.p[*n]) == NULL; (*n)++)
		;
	rest.n = *n;
	if (rest.n > m && memcmp(rest.p + rest.n - m, port, m) == 0)
		rest.n -= m;
	return rest;
}

static bool same_caseless(struct sc_span a, struct sc_span b)
{
	return a.n == b.n && a.n != 0 && sc_caseless_eq(a.p, (const char *)b.p, a.n);
}

/* The path of URL where it leads to UPSTREAM, by either scheme; else URL. */
static struct sc_span own_path(struct sc_span url, struct sc_span upstream)
{
	const char *port;
	struct sc_span rest = behind_scheme(url, &port), own, theirs;
	size_t n, m;

	/* browsers take blanks and line ends away: what is behind one may be another host */
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ')
			return url;
	if (rest.n == 0)
		return url;
	theirs = authority(rest, port, &n);
	own = behind_scheme(upstream, &port);
	own = authority(own, port, &m);
	if (!same_caseless(theirs, own))
		return url;
	rest = sc_span_from(rest, n);
	if (rest.n == 0)
		return sc_span("/", 1);
	/* "//name" or "/\name" would lead to another host */
	if (rest.p[0] != '/' || (rest.n > 1 && (rest.p[1] == '/' || rest.p[1] == '\\')))
		return url;
	return rest;
}

void forwarded_place(const struct config_route *r, struct http_field *v, size_t n)
{
	if (r->forwarded == CONFIG_FORWARDED_NONE)
		return;
	for (size_t i = 0; i < n; i++)
		if (sc_span_caseeq(v[i].name, "Location") ||
		    sc_span_caseeq(v[i].name, "Content-Location"))
			v[i].value = own_path(v[i].value, sc_span_str(r->upstream.url));
}
