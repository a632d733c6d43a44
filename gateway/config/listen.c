/*
 * listen.c - the addresses scrimd listens on.
 *
 * Addresses are numbers, never names: a name could come to mean another
 * machine. Without TLS only loopback is accepted, unless the file says
 * "plain": true because something in front ends the TLS.
 */
#include "gateway/config/sections.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

uint16_t config_port(struct sc_span s)
{
	uint32_t v = 0;

	if (s.n > 5)
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		v = v * 10 + (uint32_t)(s.p[i] - '0');
	}
	return v > 65535 ? 0 : (uint16_t)v;
}

/* "1.2.3.4:80" or "[::1]:80" as a socket address; false when it is neither. */
static bool parse_address(struct sc_span text, struct config_listener *l)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&l->addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&l->addr;
	char host[INET6_ADDRSTRLEN];
	size_t colon = text.n;
	uint16_t port;

	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || (port = config_port(sc_span_from(text, colon))) == 0 ||
	    text.p[colon] == '0')
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
		l->addr_len = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		l->addr_len = sizeof(*v6);
		return true;
	}
	return false;
}

static bool is_loopback(const struct config_listener *l)
{
	if (l->addr.ss_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)&l->addr)->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)&l->addr)->sin6_addr);
}

static bool read_address(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct config_listener *l = field;

	if (!shape_text(c, node, &l->address))
		return false;
	return parse_address(sc_span_str(l->address), l) ||
	    shape_must(c, node,
		"be a number and a port, such as \"127.0.0.1:8443\" or \"[::1]:8443\"");
}

static bool check_listener(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct config_listener *l = into;

	if (l->plain && l->tls_cert != NULL)
		return shape_wrong(c, doc_find(object, "plain"),
		    "\"plain\" and \"tls\" exclude each other");
	if (!l->plain && l->tls_cert == NULL && !is_loopback(l))
		return shape_wrong(c, doc_find(object, "address"),
		    "%s can be reached from other machines: add \"tls\", or \"plain\": true "
		    "when something in front of it ends the TLS",
		    l->address);
	return true;
}

static const char *same_address(const void *a, const void *b)
{
	const struct config_listener *x = a, *y = b;

	return x->addr_len == y->addr_len && memcmp(&x->addr, &y->addr, x->addr_len) == 0 ?
	    "address" :
	    NULL;
}

#define AT(field) SHAPE_AT(struct config_listener, field)

static const struct shape_row tls_rows[] = {
	{ "cert", shape_path, AT(tls_cert), .need = true, .max = CONFIG_PATH_MAX },
	{ "key", shape_path, AT(tls_key), .need = true, .max = CONFIG_PATH_MAX },
	{ "client_ca", shape_path, AT(tls_client_ca), .max = CONFIG_PATH_MAX },
	{ .key = NULL },
};
static const struct shape tls = { .what = "section", .rows = tls_rows };

static const struct shape_row rows[] = {
	{ "address", read_address, SHAPE_HERE, .need = true, .max = 64 },
	{ "tls", shape_object, SHAPE_HERE, .shape = &tls },
	{ "plain", shape_bool, AT(plain) },
	{ .key = NULL },
};
const struct shape config_listener_shape = { "listener", rows, sizeof(struct config_listener),
	.check = check_listener, .twin = same_address };
