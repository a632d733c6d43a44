/*
 * conn.c - a server connection: birth, pump, reading and writing, death.
 *
 * conn_pump() does everything that can be done now and is the only place
 * where a connection is freed while the loop runs. The http_call_*()
 * functions only fill the queue, write it, and leave the rest to the next
 * turn, so no callback is ever made from inside one.
 */
#include "net/http/server_private.h"

#include <stdlib.h>
#include <unistd.h>

/* Reads in one pump: a peer that sends without end must not keep the loop. */
#define PUMP_READS 16
/* Bytes thrown away while lingering. */
#define LINGER_BYTES (4 * 1024 * 1024)

static void conn_on_ready(struct loop_io *io, uint32_t events);
static void conn_on_kick(struct loop_timer *t);

/* ---- birth and death ---- */

bool conn_new(struct http_server *s, const struct arrival *a)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		close(a->fd);
		return false;
	}
	c->io.fd = a->fd;
	c->io.on_ready = conn_on_ready;
	if (stream_init_accept(&c->stream, a->fd, a->tls) != SC_OK ||
	    loop_add(s->loop, &c->io, EPOLLIN) != SC_OK) {
		stream_close(&c->stream);
		free(c);
		return false;
	}
	c->server = s;
	c->input = a->tls == NULL ? IN_HEAD : IN_HANDSHAKE;
	c->peer = a->peer;
	c->call = (struct http_call){ .arg = s->arg,
		.server = s,
		.loop = s->loop,
		.peer = &c->peer,
		.listener = a->listener,
		.tls = a->tls != NULL };
	reader_init(&c->reader, s->shared);
	outq_init(&c->out);
	loop_timer_init(&c->deadline, conn_on_deadline);
	loop_timer_init(&c->kick, conn_on_kick);
	if ((c->next = s->conns) != NULL)
		c->next->prev = c;
	s->conns = c;
	c->armed = a->tls == NULL ? DL_IDLE : DL_HANDSHAKE;
	loop_timer_set(s->loop, &c->deadline,
	    a->tls == NULL ? s->limits.idle_ms : s->limits.handshake_ms);
	return true;
}

static void conn_abort_call(struct conn *c)
{
	if (!c->in_call)
		return;
	c->in_call = false;
	if (c->server->handler.on_abort != NULL)
		c->server->handler.on_abort(&c->call);
}

void conn_destroy(struct conn *c)
{
	struct http_server *s = c->server;

	conn_abort_call(c);
	loop_remove(s->loop, &c->io);
	loop_timer_clear(s->loop, &c->deadline);
	loop_timer_clear(s->loop, &c->kick);
	stream_close(&c->stream);
	reader_fini(&c->reader);
	outq_fini(&c->out);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		s->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	free(c);
	server_closed(s);
}

void conn_kick(struct conn *c)
{
	if (!c->pumping)
		loop_timer_set(c->server->loop, &c->kick, 0);
}

void conn_refuse(struct conn *c, const struct http_problem *p)
{
	bool begun = c->answer != ANS_NONE;

	conn_abort_call(c);
	if (begun) {
		c->dead = true; /* half an answer: only breaking off is honest */
		return;
	}
	c->close_after = true;
	c->input = IN_DONE;
	answer_problem(c, p);
}

/* ---- after the answer ---- */

/*
 * Closing at once while the peer still sends would destroy the answer on its
 * way (RFC 9112 §9.6): say goodbye, then read until it has closed too.
 */
static void conn_linger(struct conn *c)
{
	stream_shutdown(&c->stream);
	if (c->eof) {
		c->dead = true;
		return;
	}
	c->input = IN_LINGER;
	c->window_bytes = 0;
}

/* The queue is empty and the call is over. */
static void conn_next_request(struct conn *c)
{
	if (c->close_after || c->server->draining || (c->eof && reader_unread(&c->reader) == 0)) {
		conn_linger(c);
		return;
	}
	c->answer = ANS_NONE;
	c->input = IN_HEAD;
	reader_next_message(&c->reader);
}

/* ---- reading and writing ---- */

static bool conn_wants_read(const struct conn *c)
{
	size_t room = 1;

	if (c->eof || c->dead)
		return false;
	if (c->input == IN_HANDSHAKE || c->input == IN_LINGER)
		return true;
	if (c->input == IN_BODY && c->paused)
		return false;
	if (c->reader.block != NULL)
		reader_room(&c->reader, &room);
	return room != 0;
}

/* Read once. True when there may be more to read right away. */
static bool conn_read(struct conn *c)
{
	uint8_t sink[4096];
	size_t room, got;
	uint8_t *to;
	enum stream_io io;
	bool linger = c->input == IN_LINGER;

	if (!linger && reader_wake(&c->reader) != SC_OK) {
		c->dead = true;
		return false;
	}
	to = linger ? sink : reader_room(&c->reader, &room);
	if (linger)
		room = sizeof(sink);
	io = stream_read(&c->stream, to, room, &got);
	switch (io) {
	case STREAM_OK:
		c->progress = true;
		if (!linger)
			reader_added(&c->reader, got);
		else if ((c->window_bytes += got) > LINGER_BYTES)
			c->dead = true;
		sc_wipe(sink, linger ? got : 0);
		return got == room || stream_pending(&c->stream);
	case STREAM_EOF: conn_eof(c); return false;
	case STREAM_FAILED: c->dead = true; return false;
	case STREAM_WANT_READ:
	case STREAM_WANT_WRITE:
	default: return false;
	}
}

/* Write what waits. True when all of it is gone. */
static bool conn_flush(struct conn *c)
{
	size_t moved;
	enum stream_io io;

	io = outq_flush(&c->out, &c->stream, &moved);
	c->progress |= moved != 0;
	c->blocked_on_read = io == STREAM_WANT_READ;
	if (io == STREAM_FAILED || io == STREAM_EOF)
		c->dead = true;
	else
		answer_writable(c);
	return io == STREAM_OK;
}

static bool conn_step_handshake(struct conn *c)
{
	switch (stream_handshake(&c->stream)) {
	case STREAM_OK:
		c->input = IN_HEAD;
		if (stream_peer_spki(&c->stream, c->spki))
			c->call.peer_spki = c->spki;
		return true;
	case STREAM_WANT_READ:
	case STREAM_WANT_WRITE: /* what is left goes out with the next event */ return false;
	case STREAM_EOF:
	case STREAM_FAILED:
	default: c->dead = true; return false;
	}
}

static bool conn_is_answered(const struct conn *c)
{
	return c->answer == ANS_DONE && c->input == IN_DONE;
}

/* One step with what is there. False when nothing more can be done. */
static bool conn_step(struct conn *c)
{
	if (c->dead)
		return false;
	if (conn_is_answered(c)) {
		if (conn_flush(c))
			conn_next_request(c);
		return !c->dead && !conn_is_answered(c);
	}
	switch (c->input) {
	case IN_HANDSHAKE: return conn_step_handshake(c);
	case IN_HEAD: return conn_step_head(c);
	case IN_BODY: return conn_step_body(c);
	case IN_DONE:
	case IN_LINGER:
	default: return false;
	}
}

/* ---- the pump ---- */

/* What the descriptor is watched for. EPOLLIN stays on unless it would spin. */
static void conn_watch(struct conn *c, bool read_fired)
{
	uint32_t events = c->io.events;
	bool wants = conn_wants_read(c);

	if (wants || c->blocked_on_read)
		events |= EPOLLIN;
	else if (read_fired)
		events &= ~(uint32_t)EPOLLIN;
	if (conn_pending(c) != 0 && !c->blocked_on_read)
		events |= EPOLLOUT;
	else
		events &= ~(uint32_t)EPOLLOUT;
	if (loop_change(c->server->loop, &c->io, events) != SC_OK)
		c->dead = true;
}

static void conn_run(struct conn *c, bool readable)
{
	int reads = 0;

	c->pumping = true;
	for (;;) {
		while (conn_step(c))
			;
		if (!readable || !conn_wants_read(c) || c->input == IN_HANDSHAKE)
			break;
		if (reads++ == PUMP_READS)
			break;
		readable = conn_read(c);
	}
	/* a streamed answer; its writer may add more, or end it, when told of room */
	while (!c->dead && conn_pending(c) != 0 && !conn_is_answered(c) && conn_flush(c))
		while (conn_step(c))
			;
	c->pumping = false;
	/* bytes that the descriptor's readiness does not show */
	if (!c->dead && reads > PUMP_READS && stream_pending(&c->stream))
		conn_kick(c);
}

static void conn_finish_pump(struct conn *c, bool read_fired)
{
	if (!c->dead)
		conn_watch(c, read_fired);
	if (c->dead)
		conn_destroy(c);
	else
		conn_arm(c);
}

void conn_pump(struct conn *c)
{
	conn_run(c, stream_pending(&c->stream));
	conn_finish_pump(c, false);
}

bool conn_rest(struct conn *c)
{
	if (c->dead || outq_pending(&c->out) != 0 || !conn_is_answered(c) || c->close_after ||
	    c->eof || c->server->draining || reader_unread(&c->reader) != 0 ||
	    stream_pending(&c->stream) || c->io.events != EPOLLIN)
		return false;
	conn_next_request(c);
	conn_arm(c);
	return true;
}

static void conn_on_ready(struct loop_io *io, uint32_t events)
{
	struct conn *c = loop_owner(io, struct conn, io);
	bool readable = (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;

	/* both ways are shut and there is nothing left to read */
	if ((events & (EPOLLHUP | EPOLLERR)) != 0 && !conn_wants_read(c))
		c->dead = true;
	conn_run(c, readable);
	conn_finish_pump(c, readable);
}

static void conn_on_kick(struct loop_timer *t)
{
	conn_pump(loop_owner(t, struct conn, kick));
}
