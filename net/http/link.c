/*
 * link.c - an upstream connection: birth, pump, pool, death.
 *
 * link_pump() is the only place that calls the owner back. What the owner
 * asks for from outside fills the queue, is written at once, and fails, if it
 * does, in the next turn.
 */
#include "net/http/client_private.h"

#include <stdlib.h>

#define PUMP_READS 16

static void link_on_ready(struct loop_io *io, uint32_t events);
static void link_on_deadline(struct loop_timer *t);
static void link_on_kick(struct loop_timer *t);

/* ---- birth and death ---- */

enum sc_err link_new(struct http_origin *o, struct link **out)
{
	struct http_client *c = o->client;
	struct link *l = calloc(1, sizeof(*l));

	*out = l;
	if (l == NULL)
		return SC_NOMEM;
	l->client = c;
	l->origin = o;
	l->stream.fd = -1;
	l->io.on_ready = link_on_ready;
	reader_init(&l->reader, c->shared);
	outq_init(&l->out);
	loop_timer_init(&l->deadline, link_on_deadline);
	loop_timer_init(&l->kick, link_on_kick);
	if ((l->next = c->links) != NULL)
		l->next->prev = l;
	c->links = l;
	o->open++;
	c->stats.open++;
	return SC_OK;
}

void link_disconnect(struct link *l)
{
	loop_remove(l->client->loop, &l->io);
	stream_close(&l->stream);
}

static void link_leave_pool(struct link *l)
{
	if (l->idle_prev != NULL)
		l->idle_prev->idle_next = l->idle_next;
	else
		l->origin->idle = l->idle_next;
	if (l->idle_next != NULL)
		l->idle_next->idle_prev = l->idle_prev;
	l->client->stats.idle--;
}

/* Also for one that link_take() just took out of the pool: it is not IDLE then. */
void link_free(struct link *l)
{
	struct http_client *c = l->client;

	if (l->state == LINK_IDLE)
		link_leave_pool(l);
	link_disconnect(l);
	loop_timer_clear(c->loop, &l->deadline);
	loop_timer_clear(c->loop, &l->kick);
	reader_fini(&l->reader);
	outq_fini(&l->out);
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		c->links = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	l->origin->open--;
	c->stats.open--;
	free(l);
}

void link_kick(struct link *l)
{
	if (!l->pumping)
		loop_timer_set(l->client->loop, &l->kick, 0);
}

/* Something broke: told by the pump. The first reason counts. */
void link_break(struct link *l, enum http_client_error why)
{
	if (l->failing)
		return;
	l->failing = true;
	l->why = why;
}

/* ---- writing ---- */

void link_flush(struct link *l)
{
	size_t moved;

	if (l->state != LINK_BUSY || outq_pending(&l->out) == 0 || l->failing)
		return;
	switch (outq_flush(&l->out, &l->stream, &moved)) {
	case STREAM_EOF:
	case STREAM_FAILED:
		/* an answer may still lie there, such as a 413 before we were done */
		l->write_failed = true;
		l->out.sent = l->out.buf.n;
		link_kick(l);
		break;
	case STREAM_OK:
	case STREAM_WANT_READ:
	case STREAM_WANT_WRITE: break;
	}
	l->progress |= moved != 0;
}

static void link_writable(struct link *l)
{
	if (!l->want_writable || l->released ||
	    outq_pending(&l->out) > l->client->limits.high_water / 2)
		return;
	l->want_writable = false;
	if (l->handler->on_writable != NULL)
		l->handler->on_writable(&l->x);
}

void link_send(struct link *l)
{
	l->state = LINK_BUSY;
	l->eof = false;
	link_flush(l);
	if (outq_pending(&l->out) != 0)
		link_kick(l);
	link_arm(l);
}

/* ---- reading ---- */

/* Read once. True when there may be more right away. */
static bool link_read(struct link *l)
{
	size_t room, got;
	uint8_t *to;

	if (reader_wake(&l->reader) != SC_OK) {
		link_break(l, HTTP_ERR_MEMORY);
		return false;
	}
	to = reader_room(&l->reader, &room);
	if (room == 0)
		return false;
	switch (stream_read(&l->stream, to, room, &got)) {
	case STREAM_OK:
		reader_added(&l->reader, got);
		l->progress = true;
		l->answered = true; /* which makes a retry impossible */
		l->out.keep = false;
		return got == room || stream_pending(&l->stream);
	case STREAM_EOF: l->eof = true; return false;
	case STREAM_FAILED:
		/* not an orderly end: a body that ends with the connection is cut short */
		link_break(l, HTTP_ERR_CLOSED);
		return false;
	case STREAM_WANT_READ:
	case STREAM_WANT_WRITE:
	default: return false;
	}
}

/* ---- failing, and the one retry ---- */

static bool link_retry(struct link *l)
{
	if (!l->reused || !l->may_retry || l->answered || l->why != HTTP_ERR_CLOSED)
		return false;
	link_disconnect(l);
	l->may_retry = l->failing = false;
	l->out.sent = 0; /* all of it is still there */
	l->out.keep = false;
	l->client->stats.retried++;
	link_connect(l);
	return true;
}

static void link_fail(struct link *l)
{
	if (link_retry(l))
		return;
	link_disconnect(l);
	l->state = LINK_FAILED;
	l->keep = false;
	outq_clear(&l->out);
	l->handler->on_error(&l->x, l->why);
}

/* ---- deadlines ---- */

static enum link_deadline link_deadline(const struct link *l)
{
	switch (l->state) {
	case LINK_CONNECTING:
	case LINK_HANDSHAKE: return LD_CONNECT;
	case LINK_IDLE: return LD_IDLE;
	case LINK_ENDED:
	case LINK_FAILED: return LD_NONE;
	case LINK_BUSY:
	default: break;
	}
	if (l->paused) /* the owner's pause is not the upstream's delay */
		return l->endless ? LD_NONE : LD_TOTAL;
	if (l->answered || outq_pending(&l->out) != 0)
		return LD_GAP;
	return l->request_done ? LD_FIRST : LD_TOTAL;
}

void link_arm(struct link *l)
{
	const struct http_limits *lim = &l->client->limits;
	enum link_deadline d = link_deadline(l);
	uint64_t now = loop_now_ms(l->client->loop);
	uint64_t left = l->total_at > now ? l->total_at - now : 0;
	uint64_t ms = d == LD_CONNECT ? lim->connect_ms :
	    d == LD_FIRST             ? l->first_byte_ms :
	    d == LD_GAP               ? (l->endless ? lim->endless_ms : lim->gap_ms) :
	    d == LD_IDLE              ? lim->pool_idle_ms :
					left;
	bool again = d == LD_GAP && l->progress;

	l->progress = false;
	if (d == l->armed && !again)
		return;
	l->armed = d;
	if (d == LD_NONE) {
		loop_timer_clear(l->client->loop, &l->deadline);
		return;
	}
	if (d != LD_IDLE && !l->endless && ms > left)
		ms = left;
	loop_timer_set(l->client->loop, &l->deadline, ms);
}

/* ---- the pump ---- */

static void link_watch(struct link *l)
{
	uint32_t events = 0;
	size_t room = 1;

	if (l->stream.fd < 0)
		return;
	if (l->reader.block != NULL)
		reader_room(&l->reader, &room);
	if (!l->paused && room != 0 && !l->eof)
		events |= EPOLLIN;
	if (l->state == LINK_CONNECTING || (l->state == LINK_BUSY && outq_pending(&l->out) != 0))
		events |= EPOLLOUT;
	if (loop_change(l->client->loop, &l->io, events) != SC_OK)
		link_break(l, HTTP_ERR_CLOSED);
}

static void link_exchange(struct link *l, bool readable)
{
	int reads = 0;

	link_flush(l);
	link_writable(l);
	for (;;) {
		link_parse(l);
		if (!readable || l->paused || l->eof || !link_can_go_on(l))
			break;
		if (reads++ == PUMP_READS) {
			l->more = stream_pending(&l->stream);
			break;
		}
		readable = link_read(l);
	}
	if (l->write_failed && !l->answered && link_can_go_on(l))
		link_break(l, HTTP_ERR_CLOSED);
	if (l->eof && !l->paused && link_can_go_on(l))
		link_step_eof(l);
}

static void link_pump(struct link *l, bool ready)
{
	l->pumping = true;
	l->more = false;
	if (l->state == LINK_CONNECTING && ready && !l->failing)
		link_step_connect(l);
	if (l->state == LINK_HANDSHAKE && !l->failing)
		link_step_handshake(l);
	if (l->state == LINK_BUSY && !l->failing)
		link_exchange(l, ready || l->write_failed || stream_pending(&l->stream));
	if (l->failing && l->state != LINK_FAILED && l->state != LINK_ENDED && !l->released)
		link_fail(l);
	l->pumping = false;
	if (l->released) {
		link_release(l);
		return;
	}
	link_watch(l);
	if (l->more || (l->failing && l->state == LINK_BUSY))
		link_kick(l);
	link_arm(l);
}

static void link_pool(struct link *l)
{
	struct http_origin *o = l->origin;

	if (l->stream.tls != NULL && !l->reused) {
		void *session = stream_session(&l->stream);

		if (session != NULL) {
			tls_session_free(o->session);
			o->session = session;
		}
	}
	reader_next_message(&l->reader);
	l->x = (struct http_exchange){ NULL, NULL, NULL };
	l->state = LINK_IDLE;
	l->idle_prev = NULL;
	if ((l->idle_next = o->idle) != NULL)
		o->idle->idle_prev = l;
	o->idle = l;
	l->client->stats.idle++;
	link_watch(l);
	link_arm(l);
	if (l->failing)
		link_free(l);
}

void link_release(struct link *l)
{
	if (l->pumping) {
		l->released = true;
		return;
	}
	if (l->state == LINK_ENDED && l->keep && l->stream.fd >= 0)
		link_pool(l);
	else
		link_free(l);
}

/* Idle, or waiting for its owner's release: nothing should come. */
static void link_unexpected(struct link *l)
{
	uint8_t byte;
	size_t got;

	/* a TLS session ticket is not data */
	if (stream_read(&l->stream, &byte, 1, &got) == STREAM_WANT_READ)
		return;
	if (l->state == LINK_IDLE) {
		link_free(l);
		return;
	}
	l->keep = false;
	link_disconnect(l);
}

static void link_on_ready(struct loop_io *io, uint32_t events)
{
	struct link *l = loop_owner(io, struct link, io);

	if (l->state == LINK_IDLE || l->state == LINK_ENDED) {
		link_unexpected(l);
		return;
	}
	if ((events & (EPOLLHUP | EPOLLERR)) != 0 && (l->paused || l->eof))
		link_break(l, HTTP_ERR_CLOSED);
	link_pump(l, true);
}

static void link_on_kick(struct loop_timer *t)
{
	link_pump(loop_owner(t, struct link, kick), false);
}

static void link_on_deadline(struct loop_timer *t)
{
	struct link *l = loop_owner(t, struct link, deadline);

	l->armed = LD_NONE;
	if (l->state == LINK_IDLE) {
		link_free(l);
		return;
	}
	link_break(l,
	    l->state == LINK_CONNECTING || l->state == LINK_HANDSHAKE ? HTTP_ERR_CONNECT :
									HTTP_ERR_TIMEOUT);
	link_pump(l, false);
}
