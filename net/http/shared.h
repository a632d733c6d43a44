/*
 * shared.h - what the HTTP servers and clients of all threads share: the
 * process-wide ceilings, and a fair split of new connections.
 */
#ifndef NET_HTTP_SHARED_H
#define NET_HTTP_SHARED_H

#include "net/http/limits.h"
#include "base/err.h"

#include <stdbool.h>

struct http_shared;

/*
 * Ceilings are limits->max_connections and limits->max_buffered. Servers made
 * with the same one hand each new connection to whichever has the fewest.
 * Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err http_shared_new(const struct http_limits *limits, struct http_shared **out);
void http_shared_free(struct http_shared *s); /* after its servers and clients; NULL is fine */

/* Other ceilings from now on; what is open already stays. Any thread. */
void http_shared_set_limits(struct http_shared *s, const struct http_limits *limits);

#endif
