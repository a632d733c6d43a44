/*
 * resolve.h - names to addresses (private to net/http).
 */
#ifndef NET_HTTP_RESOLVE_H
#define NET_HTTP_RESOLVE_H

#include "net/address/address.h"

/* Look HOST and PORT (digits) up with the AI_* FLAGS: how many of at most MAX were found. May block. */
unsigned resolve_name(const char *host, const char *port, int flags, struct address *out,
    unsigned max);

#endif
