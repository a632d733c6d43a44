/*
 * conn_deadline.c - how long a server connection may take for each thing.
 *
 * A connection waits for one thing at a time, so it has one timer.
 */
#include "net/http/server_private.h"

/* A connection this long without a request gives its buffers back. */
#define LULL_MS 2000

static const struct http_problem problem_slow = { 408, "too-slow", NULL,
	"The request did not arrive in time." };
static const struct http_problem problem_late = { 504, "no-answer", NULL,
	"No answer could be made in time." };

static enum conn_deadline conn_deadline(const struct conn *c)
{
	if (c->input == IN_HANDSHAKE)
		return DL_HANDSHAKE;
	if (c->input == IN_LINGER)
		return DL_LINGER;
	if (conn_pending(c) != 0)
		return DL_WRITE;
	if (c->input == IN_HEAD)
		return reader_unread(&c->reader) != 0 ? DL_HEAD :
		    c->reader.block != NULL           ? DL_LULL :
							DL_IDLE;
	return c->input == IN_BODY ? DL_BODY : DL_CALL;
}

static uint32_t conn_deadline_ms(const struct conn *c, enum conn_deadline d)
{
	const struct http_limits *l = &c->server->limits;

	switch (d) {
	case DL_HANDSHAKE: return l->handshake_ms;
	case DL_LULL: return l->idle_ms < LULL_MS ? l->idle_ms : LULL_MS;
	case DL_IDLE: return l->idle_ms;
	case DL_HEAD: return l->head_ms;
	case DL_BODY: return l->body_window_ms;
	case DL_CALL: return l->call_ms;
	case DL_WRITE: return l->write_stall_ms;
	case DL_LINGER:
	case DL_NONE:
	default: return l->linger_ms;
	}
}

/*
 * Set the deadline anew when it is about something else now, or when it
 * measures a stall and bytes moved. A lull after a request starts anew each time.
 */
void conn_arm(struct conn *c)
{
	enum conn_deadline d = conn_deadline(c);
	bool again = (d == DL_WRITE || d == DL_CALL || d == DL_LULL) && c->progress;

	c->progress = false;
	if (d == c->armed && !again)
		return;
	if (d == DL_BODY) {
		c->window_bytes = 0;
		c->window_ms = c->server->limits.body_window_ms;
	}
	c->armed = d;
	loop_timer_set(c->server->loop, &c->deadline, conn_deadline_ms(c, d));
}

/* A window of a body's time is over: did enough arrive? */
static void conn_check_rate(struct conn *c)
{
	/* the limits may have changed meanwhile: what was allotted counts */
	uint64_t need = (uint64_t)c->server->limits.body_rate * c->window_ms / 1000;

	if (c->paused || c->window_bytes >= need) {
		c->armed = DL_NONE; /* the next window */
		return;
	}
	conn_refuse(c, &problem_slow);
}

void conn_on_deadline(struct loop_timer *t)
{
	struct conn *c = loop_owner(t, struct conn, deadline);
	enum conn_deadline d = c->armed;

	c->armed = DL_NONE;
	switch (d) {
	case DL_LULL:
		reader_hibernate(&c->reader);
		stream_hibernate(&c->stream);
		outq_fini(&c->out);
		if (c->server->limits.idle_ms <= LULL_MS)
			c->dead = true;
		break;
	case DL_HEAD:
		c->answer = ANS_NONE;
		c->call.request_id = server_request_id(c->server);
		conn_refuse(c, &problem_slow);
		break;
	case DL_BODY: conn_check_rate(c); break;
	case DL_CALL:
		if (!c->endless)
			conn_refuse(c, &problem_late);
		break;
	case DL_HANDSHAKE:
	case DL_WRITE:
	case DL_IDLE:
	case DL_LINGER:
	case DL_NONE:
	default: c->dead = true; break;
	}
	conn_pump(c);
}
