/*
 * listen.c - the addresses scrimd listens on.
 *
 * Addresses are numbers, never names: a name could come to mean another
 * machine. Without TLS only loopback is accepted, unless the file says
 * "plain": true because something in front ends the TLS. A Unix socket may be
 * one principal's: whoever the file system lets open it is that one.
 */
#include "gateway/config/sections.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#define HOST_MAX 253

/* A DNS name or an IPv4 address: what may stand in Host and in a certificate. */
static bool host_ok(const char *h)
{
	return h[0] != '\0' && h[0] != '.' && h[0] != '-' &&
	    h[strspn(h, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] ==
	    '\0';
}

bool config_authority(struct sc_span text, struct sockaddr_storage *addr, struct sc_span *port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;
	bool six = text.n > 0 && text.p[0] == '[';
	const uint8_t *end = text.n == 0 ? NULL : memchr(text.p, six ? ']' : ':', text.n);
	size_t n = end == NULL ? text.n : (size_t)(end - text.p);
	char host[HOST_MAX + 1];
	uint64_t number = 0;

	memset(addr, 0, sizeof(*addr));
	if (n > HOST_MAX || (six && end == NULL))
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)n - six, (const char *)text.p + six);
	*port = sc_span_from(text, n + six);
	if (port->n != 0) {
		if (port->p[0] != ':')
			return false;
		*port = sc_span_from(*port, 1);
		if (port->n > 5 || !sc_span_u64(*port, &number) || number == 0 || number > 65535)
			return false;
	}
	if (six && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)number);
	} else if (!six && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)number);
	} else {
		return !six && host_ok(host);
	}
	return true;
}

bool config_loopback(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)addr)->sin_addr.s_addr) >> 24 == 127;
	return addr->ss_family == AF_INET6 &&
	    IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)addr)->sin6_addr);
}

/* Nobody on another machine reaches it. */
static bool is_near(const struct config_listener *l)
{
	return l->addr.ss_family == AF_UNIX || config_loopback(&l->addr);
}

static bool read_unix(struct shape_ctx *c, const struct doc_node *node, struct config_listener *l)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&l->addr;
	const char *path = l->address + strlen("unix:");
	size_t n;

	if (path[0] == '\0')
		return shape_must(c, node, "be unix:PATH, such as \"unix:run/telephony.sock\"");
	if ((l->address = shape_beside(c, "unix:", path)) == NULL)
		return false;
	path = l->address + strlen("unix:");
	if ((n = strlen(path)) >= sizeof(un->sun_path))
		return shape_wrong(c, node,
		    "the socket's whole path is longer than the %zu bytes that the system allows",
		    sizeof(un->sun_path) - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, n);
	return true;
}

static bool read_address(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct config_listener *l = field;
	struct sc_span port;

	if (!shape_text(c, node, &l->address))
		return false;
	if (strncmp(l->address, "unix:", strlen("unix:")) == 0)
		return read_unix(c, node, l);
	return (config_authority(sc_span_str(l->address), &l->addr, &port) &&
		   l->addr.ss_family != AF_UNSPEC && port.n != 0 && port.p[0] != '0') ||
	    shape_must(c, node,
		"be a number and a port, such as \"127.0.0.1:8443\" or \"[::1]:8443\", "
		"or unix:PATH");
}

static bool check_listener(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct config_listener *l = into;
	bool local = l->addr.ss_family == AF_UNIX;

	if (local && (l->plain || l->tls_cert != NULL))
		return shape_wrong(c, doc_find(object, l->plain ? "plain" : "tls"),
		    "a Unix socket needs neither \"tls\" nor \"plain\"");
	if (!local && l->principal.s[0] != '\0')
		return shape_wrong(c, doc_find(object, "principal"),
		    "only a Unix socket can be one principal's own");
	if (l->plain && l->tls_cert != NULL)
		return shape_wrong(c, doc_find(object, "plain"),
		    "\"plain\" and \"tls\" exclude each other");
	if (!l->plain && l->tls_cert == NULL && !is_near(l))
		return shape_wrong(c, doc_find(object, "address"),
		    "%s can be reached from other machines: add \"tls\", or \"plain\": true "
		    "when something in front of it ends the TLS",
		    l->address);
	return true;
}

static const char *same_address(const void *a, const void *b)
{
	const struct config_listener *x = a, *y = b;

	return memcmp(&x->addr, &y->addr, sizeof(x->addr)) == 0 ? "address" : NULL;
}

bool config_check_listeners(struct shape_ctx *c, const struct doc_node *object,
    const struct config *config)
{
	const struct doc_node *at = doc_find(object, "listen")->first;

	for (size_t i = 0; i < config->n_listeners; i++, at = at->next) {
		const struct sc_name *name = &config->listeners[i].principal;

		if (name->s[0] != '\0' &&
		    policy_principal_of_socket(config->principals.v, config->principals.n, name) ==
			NULL)
			return shape_wrong(c, doc_find(at, "principal"),
			    "no principal called %s has \"socket\": true", name->s);
	}
	return true;
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
	{ "address", read_address, SHAPE_HERE, .need = true, .max = CONFIG_PATH_MAX },
	{ "principal", shape_name, AT(principal) },
	{ "tls", shape_object, SHAPE_HERE, .shape = &tls },
	{ "plain", shape_bool, AT(plain) },
	{ .key = NULL },
};
const struct shape config_listener_shape = { "listener", rows, sizeof(struct config_listener),
	.check = check_listener, .twin = same_address };
