/*
 * address.c - "HOST:PORT" and "unix:PATH" to socket addresses.
 */
#include "net/address/address.h"

#include "base/span.h"

#include <arpa/inet.h>
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

/* HOST, a number, with PORT. */
static bool numbers(const char *host, uint16_t port, struct address *out)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		memcpy(&out->ss, &v4, out->n = sizeof(v4));
		return true;
	}
	if (inet_pton(AF_INET6, host, &v6.sin6_addr) != 1)
		return false;
	memcpy(&out->ss, &v6, out->n = sizeof(v6));
	return true;
}

enum sc_err address_parse(const char *text, struct address *out, struct sc_diag *diag)
{
	char host[256];
	const char *port;
	uint64_t number;

	memset(out, 0, sizeof(*out));
	if (strncmp(text, "unix:", 5) == 0)
		return address_unix(text + 5, out, diag);
	if (!split(text, host, &port) || strlen(port) > 5 ||
	    !sc_span_u64(sc_span_str(port), &number) || number > UINT16_MAX ||
	    !numbers(strcmp(host, "*") == 0 ? "0.0.0.0" : host, (uint16_t)number, out)) {
		sc_diag_set(diag, "an address is ADDRESS:PORT, [IPV6]:PORT, *:PORT or unix:PATH");
		return SC_SYNTAX;
	}
	return SC_OK;
}
