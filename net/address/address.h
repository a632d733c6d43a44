/*
 * address.h - "HOST:PORT" and "unix:PATH" to socket addresses.
 */
#ifndef NET_ADDRESS_ADDRESS_H
#define NET_ADDRESS_ADDRESS_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
	struct sockaddr_storage ss;
	socklen_t n;
};

/*
 * Parse "127.0.0.1:80", "[::1]:80", "*:80" (any) or "unix:PATH". Names are
 * not looked up. Fails with SC_SYNTAX and fills DIAG.
 */
SC_CHECKED enum sc_err address_parse(const char *text, struct address *out, struct sc_diag *diag);
/* The socket file PATH. Fails with SC_SYNTAX when it is too long or empty. */
SC_CHECKED enum sc_err address_unix(const char *path, struct address *out, struct sc_diag *diag);

#endif
