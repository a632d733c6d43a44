/*
 * listen.h - accepting connections, and sharing them out between the servers
 * of several threads (private to net/http).
 */
#ifndef NET_HTTP_LISTEN_H
#define NET_HTTP_LISTEN_H

#include "net/http/server_private.h"

/* Put S among those that share. */
void listen_join(struct http_server *s);
/* Stop listening, and take no more from others. Harmless twice. */
void listen_leave(struct http_server *s);

#endif
