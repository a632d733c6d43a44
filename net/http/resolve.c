/*
 * resolve.c - names to addresses.
 */
#include "net/http/resolve.h"

#include <netdb.h>
#include <string.h>

unsigned resolve_name(const char *host, const char *port, int flags, struct address *out,
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
