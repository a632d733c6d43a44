/*
 * server.c - an HTTP server: its connections in all, drain, request ids.
 */
#include "net/http/server_private.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static void server_on_drain_check(struct loop_timer *t);

enum sc_err http_server_new(const struct http_server_options *o, struct http_server **out)
{
	struct http_server *s;
	enum sc_err err = SC_OK;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return SC_NOMEM;
	s->loop = o->loop;
	s->handler = *o->handler;
	s->arg = o->arg;
	s->limits = o->limits != NULL ? *o->limits : http_limits_default;
	sc_buf_init(&s->head, 4 * HTTP_HEAD_MAX);
	loop_timer_init(&s->drain_check, server_on_drain_check);
	if ((s->shared = o->shared) == NULL) {
		if ((err = http_shared_new(&s->limits, &s->own_shared)) != SC_OK)
			goto out;
		s->shared = s->own_shared;
	}
	listen_join(s);
	*out = s;
	s = NULL;
out:
	free(s);
	return err;
}

void http_server_free(struct http_server *s)
{
	if (s == NULL)
		return;
	s->draining = false;
	listen_leave(s);
	while (s->conns != NULL)
		conn_destroy(s->conns);
	loop_timer_clear(s->loop, &s->drain_check);
	sc_buf_fini(&s->head);
	http_shared_free(s->own_shared);
	free(s);
}

void http_server_set_limits(struct http_server *s, const struct http_limits *limits)
{
	s->limits = *limits;
}

void http_server_stats(const struct http_server *s, struct http_server_stats *out)
{
	*out = s->stats;
	out->open = atomic_load_explicit(&s->open, memory_order_relaxed);
}

/* ---- drain ---- */

static void server_on_drain_check(struct loop_timer *t)
{
	struct http_server *s = loop_owner(t, struct http_server, drain_check);
	void (*drained)(void *arg) = s->drained;

	if (!s->draining || s->conns != NULL || drained == NULL)
		return;
	s->drained = NULL;
	drained(s->drained_arg);
}

void http_server_drain(struct http_server *s, void (*drained)(void *arg), void *arg)
{
	s->draining = true;
	s->drained = drained;
	s->drained_arg = arg;
	listen_leave(s);
	for (struct conn *c = s->conns; c != NULL; c = c->next) {
		if (c->input == IN_HEAD && reader_unread(&c->reader) == 0)
			c->dead = true;
		conn_kick(c);
	}
	loop_timer_set(s->loop, &s->drain_check, 0);
}

void server_closed(struct http_server *s)
{
	atomic_fetch_sub(&s->open, 1);
	http_shared_leave(s->shared);
	if (s->draining && s->conns == NULL)
		loop_timer_set(s->loop, &s->drain_check, 0);
}

/* ---- small things every answer needs ---- */

uint64_t server_request_id(struct http_server *s)
{
	if (s->n_ids == 0) {
		/* ids are names, not secrets: a failure only makes them repeat */
		if (getrandom(s->ids, sizeof(s->ids), 0) < 0)
			s->ids[0] = loop_now_ms(s->loop);
		s->n_ids = sizeof(s->ids) / sizeof(s->ids[0]);
	}
	return s->ids[--s->n_ids];
}

struct sc_span server_date(struct http_server *s)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };
	time_t now = time(NULL);
	struct tm tm;

	if (now != s->date_at) {
		gmtime_r(&now, &tm);
		/* not strftime(): its names follow the locale */
		snprintf(s->date, sizeof(s->date), "%s, %02u %s %04u %02u:%02u:%02u GMT",
		    days[tm.tm_wday % 7], (unsigned)tm.tm_mday % 100, months[tm.tm_mon % 12],
		    (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
		    (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
		s->date_at = now;
	}
	return sc_span(s->date, sizeof(s->date) - 1);
}
