/*
 * answer.c - what a handler answers, put into its connection's queue.
 */
#include "net/http/server_private.h"

#include <string.h>

#define STATUS_HAS_NO_BODY(s) ((s) < 200 || (s) == 204 || (s) == 304)

static void call_finish(struct conn *c)
{
	c->in_call = false;
	c->answer = ANS_DONE;
	conn_skip_body(c);
}

/*
 * Write what is there. What follows from it (the next request, closing,
 * freeing) is left to the next turn, unless the pump is running anyway.
 */
static void call_flush(struct conn *c)
{
	size_t moved;

	if (c->pumping)
		return;
	if (c->stream.established && conn_pending(c) != 0) {
		enum stream_io io = outq_flush(&c->out, &c->stream, &moved);

		c->progress |= moved != 0;
		c->blocked_on_read = io == STREAM_WANT_READ;
		if (io == STREAM_FAILED || io == STREAM_EOF)
			c->dead = true;
	}
	if (!conn_rest(c))
		conn_kick(c);
}

/* ---- heads ---- */

/* Build the head in the server's scratch buffer. */
static enum sc_err answer_head(struct conn *c, unsigned status, const struct http_field *fields,
    size_t n, uint64_t length, struct sc_span *out)
{
	struct http_server *s = c->server;
	struct http_build b = { .fields = fields,
		.n_fields = n,
		.length = length,
		.close = c->close_after || s->draining };
	enum sc_err err;

	c->close_after = b.close;
	/* whoever speaks 1.0 expects the end unless told (RFC 9112 §9.3) */
	b.keep_alive = !b.close && c->call.head->minor == 0;
	if (STATUS_HAS_NO_BODY(status))
		b.length = HTTP_LENGTH_NONE;
	sc_buf_clear(&s->head);
	if ((err = http_head_build_response(&s->head, status, &b)) != SC_OK)
		return err;
	*out = sc_buf_span(&s->head);
	return SC_OK;
}

/* The fields and, unless they have one, a Date (RFC 9110 §6.6.1). */
static enum sc_err answer_head_dated(struct conn *c, unsigned status,
    const struct http_field *fields, size_t n, uint64_t length, struct sc_span *out)
{
	struct http_field dated[HTTP_FIELDS_MAX + 32];

	if (n >= HTTP_FIELDS_MAX + 32)
		return SC_LIMIT;
	if (http_fields_find(fields, n, "date") != NULL)
		return answer_head(c, status, fields, n, length, out);
	dated[0] = (struct http_field){ SC_LIT("Date"), server_date(c->server) };
	if (n != 0)
		memcpy(dated + 1, fields, n * sizeof(*fields));
	return answer_head(c, status, dated, n + 1, length, out);
}

/* ---- whole answers ---- */

/* The queue has the body behind its headroom: put the head before it. */
static enum sc_err answer_whole(struct conn *c, unsigned status, const struct http_field *fields,
    size_t n)
{
	struct sc_span head;
	enum sc_err err;

	err = answer_head_dated(c, status, fields, n, outq_pending(&c->out), &head);
	if (err != SC_OK)
		return err;
	if (c->no_answer_body || STATUS_HAS_NO_BODY(status))
		sc_buf_truncate(&c->out.buf, c->out.sent);
	if ((err = outq_head(&c->out, head)) == SC_OK)
		c->body_begun = false;
	return err;
}

static bool answer_begin(struct conn *c, size_t size_hint)
{
	/* a body that was begun and given up must never leave without its head */
	if (conn_pending(c) != 0) {
		/* only "100 Continue" can be waiting here */
		size_t moved;

		if (outq_flush(&c->out, &c->stream, &moved) != STREAM_OK)
			return false;
	}
	outq_clear(&c->out);
	c->body_begun = true;
	return outq_body_begin(&c->out, size_hint) == SC_OK;
}

void answer_problem(struct conn *c, const struct http_problem *p)
{
	static const struct http_field fields[] = {
		{ SC_LIT("Content-Type"), SC_LIT(HTTP_PROBLEM_TYPE) },
		{ SC_LIT("Cache-Control"), SC_LIT("no-store") },
		{ SC_LIT("Retry-After"), SC_LIT(HTTP_RETRY_AFTER) },
	};

	c->answer = ANS_DONE;
	if (!answer_begin(c, 512) ||
	    http_problem_print(p, SIZE_MAX, c->call.request_id, &c->out.buf) != SC_OK ||
	    answer_whole(c, p->status, fields, p->status == 503 ? 3 : 2) != SC_OK)
		c->dead = true;
}

void http_call_problem(struct http_call *call, const struct http_problem *p)
{
	struct conn *c = conn_of(call);

	call_finish(c);
	answer_problem(c, p);
	call_flush(c);
}

void http_call_respond(struct http_call *call, unsigned status, const struct http_field *fields,
    size_t n_fields, struct sc_span body)
{
	static const struct http_problem internal = { 500, "internal", NULL, NULL };
	struct conn *c = conn_of(call);
	bool whole = answer_begin(c, body.n) && sc_buf_put_span(&c->out.buf, body) == SC_OK;

	/* before the head: it decides whether the connection has to close */
	call_finish(c);
	if (!whole || answer_whole(c, status, fields, n_fields) != SC_OK) {
		c->close_after = true;
		answer_problem(c, &internal);
	}
	call_flush(c);
}

/* ---- streamed answers ---- */

void http_call_start(struct http_call *call, unsigned status, const struct http_field *fields,
    size_t n_fields, uint64_t length)
{
	struct conn *c = conn_of(call);
	bool old = c->call.head->minor == 0;
	struct sc_span head;

	if (c->body_begun)
		outq_clear(&c->out);
	c->body_begun = false;
	if (c->input == IN_HEAD && c->chosen)
		conn_continue(c); /* the answer begins before the body is asked for */
	c->answer = ANS_STREAM;
	c->no_answer_body |= STATUS_HAS_NO_BODY(status);
	c->chunked_answer = length == HTTP_LENGTH_CHUNKED && !old;
	c->answer_left = length;
	if (length == HTTP_LENGTH_CHUNKED && old) {
		length = HTTP_LENGTH_NONE; /* ends when the connection does */
		c->close_after = true;
	}
	if (answer_head_dated(c, status, fields, n_fields, length, &head) != SC_OK ||
	    sc_buf_put_span(&c->out.buf, head) != SC_OK)
		c->dead = true;
	conn_kick(c);
}

void http_call_endless(struct http_call *call)
{
	conn_of(call)->endless = true;
}

bool http_call_write(struct http_call *call, struct sc_span bytes)
{
	struct conn *c = conn_of(call);
	enum sc_err err;

	if (c->no_answer_body || bytes.n == 0 || c->dead)
		return true;
	if (c->answer_left < HTTP_LENGTH_CHUNKED) {
		if (bytes.n > c->answer_left) {
			c->dead = true; /* more than was announced */
			conn_kick(c);
			return true;
		}
		c->answer_left -= bytes.n;
	}
	err = c->chunked_answer ? chunked_put(&c->out.buf, bytes) :
				  sc_buf_put_span(&c->out.buf, bytes);
	if (err != SC_OK)
		c->dead = true;
	call_flush(c);
	c->want_writable = outq_pending(&c->out) > c->server->limits.high_water;
	return !c->want_writable;
}

void http_call_end(struct http_call *call)
{
	struct conn *c = conn_of(call);

	if (c->answer_left < HTTP_LENGTH_CHUNKED && c->answer_left != 0 && !c->no_answer_body)
		c->dead = true;
	if (c->chunked_answer && !c->no_answer_body && chunked_put_end(&c->out.buf) != SC_OK)
		c->dead = true;
	c->want_writable = false;
	call_finish(c);
	call_flush(c);
}

void http_call_break(struct http_call *call)
{
	struct conn *c = conn_of(call);

	c->in_call = false;
	c->answer = ANS_DONE;
	c->input = IN_DONE;
	c->dead = true;
	conn_kick(c);
}

void answer_writable(struct conn *c)
{
	if (!c->want_writable || !c->in_call || c->dead ||
	    outq_pending(&c->out) > c->server->limits.high_water / 2)
		return;
	c->want_writable = false;
	if (c->server->handler.on_writable != NULL)
		c->server->handler.on_writable(&c->call);
}

/* ---- the request's body ---- */

static void choose_body(struct conn *c, enum reader_mode mode, uint64_t cap)
{
	reader_body_start(&c->reader, c->call.head, mode, cap);
	c->started_body = c->chosen = true;
}

void http_call_buffer_body(struct http_call *call, size_t cap)
{
	choose_body(conn_of(call), READER_BUFFER, cap);
}

void http_call_stream_body(struct http_call *call, uint64_t cap)
{
	choose_body(conn_of(call), READER_STREAM, cap);
}

void http_call_pause(struct http_call *call)
{
	conn_of(call)->paused = true;
}

void http_call_resume(struct http_call *call)
{
	struct conn *c = conn_of(call);

	if (!c->paused)
		return;
	c->paused = false;
	conn_kick(c);
}
