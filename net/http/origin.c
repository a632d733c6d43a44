/*
 * origin.c - where requests go: origin URLs and their addresses.
 *
 * Names are looked up when the origin is made, and again on a thread of its
 * own when nobody answers any more: getaddrinfo() blocks, a loop must not.
 */
#include "net/http/client_private.h"

#include "net/http/grammar.h"
#include "net/http/resolve.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_PAUSE_MS 5000 /* between two look-ups of one name */

/* ---- URLs ---- */

static enum sc_err bad_url(struct sc_diag *diag)
{
	sc_diag_set(diag,
	    "an upstream is http://HOST[:PORT][/prefix], https://..., "
	    "or http+unix:/path/of/socket");
	return SC_SYNTAX;
}

/* Copy N bytes of P as a string. */
static bool copy(char *to, size_t size, const char *p, size_t n)
{
	if (n >= size)
		return false;
	memcpy(to, p, n);
	to[n] = '\0';
	return true;
}

/* "HOST", "HOST:PORT", "[V6]", "[V6]:PORT" */
static bool parse_authority(struct http_origin *o, const char *p, size_t n)
{
	const char *host = p, *end = p + n, *after;

	if (!copy(o->authority, sizeof(o->authority), p, n))
		return false;
	if (n > 0 && *p == '[') {
		host = p + 1;
		if ((after = memchr(p, ']', n)) == NULL)
			return false;
		n = (size_t)(after - host);
		after++;
	} else {
		after = memchr(p, ':', n);
		if (after == NULL)
			after = end;
		n = (size_t)(after - p);
	}
	if (n == 0 || !copy(o->host, sizeof(o->host), host, n))
		return false;
	for (size_t i = 0; o->host[i] != '\0'; i++)
		if ((uint8_t)o->host[i] <= ' ' || strchr("/?#@\\%\"<>", o->host[i]) != NULL)
			return false;
	if (after == end)
		return copy(o->port, sizeof(o->port), o->tls != NULL ? "443" : "80",
		    o->tls != NULL ? 3 : 2);
	after++;
	if (after == end || (size_t)(end - after) > 5 ||
	    strspn(after, "0123456789") < (size_t)(end - after))
		return false;
	return copy(o->port, sizeof(o->port), after, (size_t)(end - after));
}

/* What is put before every target: without a slash at its end. */
static bool parse_prefix(struct http_origin *o, const char *p)
{
	size_t n = strlen(p);

	while (n > 0 && p[n - 1] == '/')
		n--;
	return grammar_all(sc_span(p, n), GRAMMAR_TARGET) && memchr(p, '?', n) == NULL &&
	    copy(o->prefix, sizeof(o->prefix), p, n);
}

static enum sc_err parse_unix(struct http_origin *o, const char *path, struct sc_diag *diag)
{
	enum sc_err err;

	if ((err = address_unix(path, &o->addresses[0], diag)) != SC_OK)
		return err;
	o->n_addresses = 1;
	strcpy(o->authority, "localhost");
	return SC_OK;
}

static enum sc_err parse_url(struct http_origin *o, const char *url, struct sc_diag *diag)
{
	size_t n;

	if (strncmp(url, "http+unix:", 10) == 0) {
		o->tls = NULL;
		return parse_unix(o, url + 10, diag);
	}
	if (strncmp(url, "http://", 7) == 0) {
		o->tls = NULL;
		url += 7;
	} else if (strncmp(url, "https://", 8) == 0) {
		if (o->tls == NULL) {
			sc_diag_set(diag, "https needs a TLS context");
			return SC_SYNTAX;
		}
		url += 8;
	} else {
		return bad_url(diag);
	}
	n = strcspn(url, "/");
	if (!parse_authority(o, url, n) || !parse_prefix(o, url + n))
		return bad_url(diag);
	return SC_OK;
}

/* ---- names ---- */

static unsigned look_up(const struct http_origin *o, int flags, struct address *out)
{
	return resolve_name(o->host, o->port, flags, out, ORIGIN_ADDRESSES);
}

/* LATER: a name can wait. */
static enum sc_err resolve(struct http_origin *o, bool later, struct sc_diag *diag)
{
	o->n_addresses = look_up(o, AI_NUMERICHOST, o->addresses);
	if (o->n_addresses != 0)
		return SC_OK;
	o->named = true;
	if (later)
		return SC_OK;
	o->n_addresses = look_up(o, 0, o->addresses);
	if (o->n_addresses != 0)
		return SC_OK;
	sc_diag_set(diag, "the name %s is not known", o->host);
	return SC_IO;
}

static void *look_thread(void *arg)
{
	struct http_origin *o = arg;

	o->n_fresh = look_up(o, 0, o->fresh);
	loop_wake_post(&o->looked);
	return NULL;
}

static void origin_on_looked(struct loop_wake *w)
{
	struct http_origin *o = loop_owner(w, struct http_origin, looked);

	pthread_join(o->thread, NULL);
	o->looking = false;
	o->look_after = loop_now_ms(o->client->loop) + LOOK_PAUSE_MS;
	if (o->n_fresh == 0)
		return; /* the old ones are the best there is */
	memcpy(o->addresses, o->fresh, sizeof(o->fresh));
	o->n_addresses = o->n_fresh;
	o->at = 0;
}

void origin_look_again(struct http_origin *o)
{
	if (!o->named || o->looking || loop_now_ms(o->client->loop) < o->look_after)
		return;
	o->looking = pthread_create(&o->thread, NULL, look_thread, o) == 0;
}

/* ---- an origin ---- */

static enum sc_err origin_new(struct http_client *c, const char *url, struct tls_context *tls,
    bool later, struct sc_diag *diag, struct http_origin **out)
{
	struct http_origin *o;
	enum sc_err err;

	*out = NULL;
	if ((o = calloc(1, sizeof(*o))) == NULL)
		return SC_NOMEM;
	o->client = c;
	o->tls = tls;
	if ((err = parse_url(o, url, diag)) != SC_OK)
		goto out;
	if (o->n_addresses == 0 && (err = resolve(o, later, diag)) != SC_OK)
		goto out;
	loop_wake_init(c->loop, &o->looked, origin_on_looked);
	if (o->n_addresses == 0)
		origin_look_again(o);
	o->next = c->origins;
	c->origins = o;
	*out = o;
	o = NULL;
out:
	free(o);
	return err;
}

enum sc_err http_client_origin(struct http_client *c, const char *url, struct tls_context *tls,
    struct sc_diag *diag, struct http_origin **out)
{
	return origin_new(c, url, tls, false, diag, out);
}

enum sc_err http_client_origin_later(struct http_client *c, const char *url,
    struct tls_context *tls, struct sc_diag *diag, struct http_origin **out)
{
	return origin_new(c, url, tls, true, diag, out);
}

void origin_free(struct http_origin *o)
{
	if (o->looking)
		pthread_join(o->thread, NULL);
	loop_wake_fini(&o->looked);
	tls_session_free(o->session);
	free(o);
}
