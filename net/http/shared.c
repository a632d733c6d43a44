/*
 * shared.c - process-wide ceilings, counted with atomics.
 */
#include "net/http/shared_private.h"

#include <stdlib.h>

enum sc_err http_shared_new(const struct http_limits *limits, struct http_shared **out)
{
	struct http_shared *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return SC_NOMEM;
	http_shared_set_limits(s, limits);
	pthread_mutex_init(&s->lock, NULL);
	return SC_OK;
}

void http_shared_set_limits(struct http_shared *s, const struct http_limits *limits)
{
	atomic_store(&s->max_connections, limits->max_connections);
	atomic_store(&s->max_buffered, limits->max_buffered);
}

void http_shared_free(struct http_shared *s)
{
	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->lock);
	free(s);
}

bool http_shared_enter(struct http_shared *s)
{
	if (atomic_fetch_add(&s->connections, 1) < s->max_connections)
		return true;
	atomic_fetch_sub(&s->connections, 1);
	return false;
}

void http_shared_leave(struct http_shared *s)
{
	atomic_fetch_sub(&s->connections, 1);
}

bool http_shared_take(struct http_shared *s, size_t n)
{
	size_t max = atomic_load_explicit(&s->max_buffered, memory_order_relaxed);

	if (n > max)
		return false;
	if (atomic_fetch_add(&s->buffered, n) <= max - n)
		return true;
	atomic_fetch_sub(&s->buffered, n);
	return false;
}

void http_shared_give(struct http_shared *s, size_t n)
{
	atomic_fetch_sub(&s->buffered, n);
}
