/*
 * cached.h - an answer that was made for its reader is kept by nobody for another.
 *
 * Of a route with rules for its answers each is that, also one in which nothing had to be
 * changed: the next may have a token there. What an upstream says of keeping its answer, and by
 * what it is known again, is about bytes that this reader never gets; a version made of clear
 * bytes lets them be guessed, too. So a request that only reads asks for the answer itself, and
 * on no condition. One that writes keeps its If-Match and If-None-Match, which are how a shop
 * does not lose somebody else's change.
 */
#ifndef GATEWAY_PROXY_CACHED_H
#define GATEWAY_PROXY_CACHED_H

#include "net/http/head.h"

#define CACHED_MORE 2

/* Does NAME, of an answer, speak of keeping it, or of which version it is? */
bool cached_says(struct sc_span name);
/* Does NAME, of a request by METHOD, ask for an answer on a condition, or for a part of it? */
bool cached_asks(enum http_method method, struct sc_span name);
/*
 * Behind the N fields at V, an answer's, come ours: that nobody keeps it, and by what it differs.
 * V has room for CACHED_MORE more. Returns how many there are.
 */
size_t cached_nowhere(struct http_field *v, size_t n);

#endif
