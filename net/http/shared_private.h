/*
 * shared_private.h - inside struct http_shared (private to net/http).
 */
#ifndef NET_HTTP_SHARED_PRIVATE_H
#define NET_HTTP_SHARED_PRIVATE_H

#include "net/http/shared.h"

#include <pthread.h>
#include <stdatomic.h>

struct http_server;

struct http_shared {
	atomic_uint max_connections;
	atomic_size_t max_buffered;
	atomic_uint connections;
	atomic_size_t buffered;
	pthread_mutex_t lock; /* over the list of servers and their inboxes */
	struct http_server *servers;
};

/* Count one connection more; false, and not counted, at the ceiling. */
bool http_shared_enter(struct http_shared *s);
void http_shared_leave(struct http_shared *s);

/* Take N bytes of the buffer budget; false, and nothing taken, at the ceiling. */
bool http_shared_take(struct http_shared *s, size_t n);
void http_shared_give(struct http_shared *s, size_t n);

#endif
