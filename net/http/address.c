/*
 * address.c - "HOST:PORT" and "unix:PATH" to socket addresses.
 */
#include "net/http/address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

enum sc_err address_unix(const char *path, struct address *out, struct sc_diag *diag)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(un.sun_path)) {
		sc_diag_set(diag, "a socket path has 1 to %zu bytes", sizeof(un.sun_path) - 1);
		return SC_SYNTAX;
	}
	memcpy(un.sun_path, path, n);
	memset(out, 0, sizeof(*out));
	memcpy(&out->ss, &un, sizeof(un));
	out->n = sizeof(un);
	return SC_OK;
}

/* Cut "HOST:PORT" into HOST (brackets taken off) and PORT. */
static bool split(const char *text, char host[static 256], const char **port)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon == NULL ? 0 : (size_t)(colon - text);

	if (n == 0 || n >= 256)
		return false;
	*port = colon + 1;
	if (text[0] == '[') {
		if (text[n - 1] != ']')
			return false;
		text++;
		n -= 2;
	} else if (memchr(text, ':', n) != NULL) {
		return false; /* a bare IPv6 address: where would the port begin? */
	}
	memcpy(host, text, n);
	host[n] = '\0';
	return true;
}

unsigned address_look_up(const char *host, const char *port, int flags, struct address *out,
    unsigned max)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = flags | AI_NUMERICSERV };
	struct addrinfo *list = NULL;
	unsigned n = 0;

	if (getaddrinfo(host, port, &hints, &list) != 0)
		return 0;
	for (struct addrinfo *a = list; a != NULL && n < max; a = a->ai_next) {
		memset(&out[n], 0, sizeof(out[n]));
		memcpy(&out[n].ss, a->ai_addr, a->ai_addrlen);
		out[n++].n = a->ai_addrlen;
	}
	freeaddrinfo(list);
	return n;
}

enum sc_err address_parse(const char *text, struct address *out, struct sc_diag *diag)
{
	char host[256];
	const char *port;

	memset(out, 0, sizeof(*out));
	if (strncmp(text, "unix:", 5) == 0)
		return address_unix(text + 5, out, diag);
	if (!split(text, host, &port) || strlen(port) > 5 ||
	    strspn(port, "0123456789") != strlen(port) || port[0] == '\0' ||
	    address_look_up(strcmp(host, "*") == 0 ? "0.0.0.0" : host, port,
		AI_NUMERICHOST | AI_PASSIVE, out, 1) == 0) {
		sc_diag_set(diag, "an address is ADDRESS:PORT, [IPV6]:PORT, *:PORT or unix:PATH");
		return SC_SYNTAX;
	}
	return SC_OK;
}
