/*
 * listen.c - the addresses scrimd listens on.
 *
 * Addresses are numbers, never names: a name could come to mean another
 * machine. Without TLS only loopback is accepted, unless the file says
 * "plain": true because something in front ends the TLS.
 */
#include "gateway/config/read.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

/* Decimal port of at most 5 digits, 1 to 65535; 0 when it is none. */
static uint16_t parse_port(struct sc_span s)
{
	uint32_t v = 0;

	if (s.n == 0 || s.n > 5 || s.p[0] == '0')
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		v = v * 10 + (uint32_t)(s.p[i] - '0');
	}
	return v > 65535 ? 0 : (uint16_t)v;
}

bool config_address(struct sc_span text, struct sockaddr_storage *addr, socklen_t *len,
    bool *loopback)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;
	char host[INET6_ADDRSTRLEN];
	size_t colon = text.n;
	uint16_t port;

	memset(addr, 0, sizeof(*addr));
	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || (port = parse_port(sc_span_from(text, colon))) == 0)
		return false;
	text.n = colon - 1;
	if (text.p[0] == '[' && text.p[text.n - 1] == ']' && text.n >= 2)
		text = sc_span(text.p + 1, text.n - 2);
	else if (memchr(text.p, ':', text.n) != NULL)
		return false; /* IPv6 needs its brackets */
	if (text.n == 0 || text.n >= sizeof(host))
		return false;
	snprintf(host, sizeof(host), "%.*s", SC_SPAN_ARG(text));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*len = sizeof(*v4);
		*loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
		return true;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		*len = sizeof(*v6);
		*loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
		return true;
	}
	return false;
}

static enum sc_err read_tls(struct config_reader *r, const cJSON *it, struct config_listener *l)
{
	static const char *const allowed[] = { "cert", "key", "client_ca", NULL };
	const cJSON *cert, *key, *ca;
	enum sc_err err;

	if ((err = config_keys(r, it, "\"tls\"", allowed)) != SC_OK ||
	    (err = config_need(r, it, "\"tls\"", "cert", &cert)) != SC_OK ||
	    (err = config_need(r, it, "\"tls\"", "key", &key)) != SC_OK ||
	    (err = config_path(r, cert, &l->tls_cert)) != SC_OK ||
	    (err = config_path(r, key, &l->tls_key)) != SC_OK)
		return err;
	if ((ca = config_get(it, "client_ca")) != NULL)
		return config_path(r, ca, &l->tls_client_ca);
	return SC_OK;
}

static enum sc_err read_one(struct config_reader *r, const cJSON *it, struct config_listener *l)
{
	static const char *const allowed[] = { "address", "tls", "plain", NULL };
	const cJSON *address, *tls, *plain;
	bool loopback, plain_ok = false;
	struct sc_span s;
	enum sc_err err;

	if ((err = config_keys(r, it, "a listener", allowed)) != SC_OK ||
	    (err = config_need(r, it, "a listener", "address", &address)) != SC_OK ||
	    (err = config_text(r, address, 64, &s)) != SC_OK)
		return err;
	if (!config_address(s, &l->addr, &l->addr_len, &loopback))
		return config_refuse(r, address,
		    "\"address\" must be a number "
		    "and a port, such as \"127.0.0.1:8443\" or \"[::1]:8443\"");
	if ((l->address = config_copy(r->box, s)) == NULL)
		return SC_NOMEM;
	if ((plain = config_get(it, "plain")) != NULL &&
	    (err = config_bool(r, plain, &plain_ok)) != SC_OK)
		return err;
	if ((tls = config_get(it, "tls")) != NULL)
		return plain_ok ?
		    config_refuse(r, plain, "\"plain\" and \"tls\" exclude each other") :
		    read_tls(r, tls, l);
	if (!loopback && !plain_ok)
		return config_refuse(r, address,
		    "%s can be reached from "
		    "other machines: add \"tls\", or \"plain\": true when "
		    "something in front of it ends the TLS",
		    l->address);
	return SC_OK;
}

enum sc_err config_read_listen(struct config_reader *r, const cJSON *it)
{
	struct config *c = r->c;
	const cJSON *e;
	size_t n, i = 0;
	enum sc_err err;

	if ((err = config_list(r, it, CONFIG_LISTENERS_MAX, &n)) != SC_OK)
		return err;
	if (n == 0)
		return config_refuse(r, it, "\"listen\" names no address");
	if ((c->listeners = config_alloc(r->box, n * sizeof(*c->listeners))) == NULL)
		return SC_NOMEM;
	cJSON_ArrayForEach(e, it)
	{
		struct config_listener *l = &c->listeners[i];

		if ((err = read_one(r, e, l)) != SC_OK)
			return err;
		for (size_t j = 0; j < i; j++)
			if (c->listeners[j].addr_len == l->addr_len &&
			    memcmp(&c->listeners[j].addr, &l->addr, l->addr_len) == 0)
				return config_refuse(r, config_get(e, "address"),
				    "%s is listed twice", l->address);
		c->n_listeners = ++i;
	}
	return SC_OK;
}
