/*
 * request.c - what the bytes on a server connection mean: heads and bodies
 * become calls, malformed ones become refusals.
 */
#include "net/http/server_private.h"

#include <stdio.h>

/* Refuse what is not HTTP/1.1 as it is read here; WHY is a static text that quotes nothing. */
static void conn_malformed(struct conn *c, const char *why)
{
	char detail[160];
	const struct http_problem p = { 400, "malformed-request", NULL, detail };

	snprintf(detail, sizeof(detail),
	    "The request does not follow HTTP/1.1 as this server reads it: %s.", why);
	conn_refuse(c, &p);
}

/* ---- heads ---- */

static const struct http_problem problem_head_large = { 431, "head-too-large", NULL,
	"The request's head has too many bytes or fields." };
static const struct http_problem problem_expect = { 417, "expectation-failed", NULL,
	"Only 100-continue can be expected." };
static const struct http_problem problem_large = { 413, "body-too-large", NULL,
	"The request's body is larger than this route takes." };
static const struct http_problem problem_busy = { 503, "no-memory", NULL,
	"Too many bodies are being held right now. Try again later." };

/* The handler has seen the head; make its choice, or the lack of one, real. */
static void conn_accept_body(struct conn *c)
{
	const struct http_head *h = &c->reader.block->head;

	if (!c->in_call)
		return; /* answered at once */
	if (!c->chosen)
		http_call_buffer_body(&c->call, c->server->limits.max_body);
	if (h->framing == HTTP_LENGTH && h->content_length > c->reader.cap) {
		conn_refuse(c, &problem_large);
		return;
	}
	c->input = IN_BODY;
	/* a streamed answer that has begun said it already */
	if (c->answer == ANS_NONE)
		conn_continue(c);
}

void conn_continue(struct conn *c)
{
	const struct http_head *h = c->call.head;

	/* RFC 9110 §10.1.1: not when the body is already coming, not to HTTP/1.0 */
	if (!h->expect_continue || h->minor == 0 || h->framing == HTTP_NO_BODY ||
	    reader_unread(&c->reader) != 0)
		return;
	if (sc_buf_put_str(&c->out.buf, "HTTP/1.1 100 Continue\r\n\r\n") != SC_OK)
		c->dead = true;
}

static void conn_begin_call(struct conn *c, struct sc_span block)
{
	struct http_head *h = &c->reader.block->head;
	const char *why;
	enum sc_err err = http_head_parse_request(block, h, &why);

	c->answer = ANS_NONE;
	c->no_answer_body = c->endless = false;
	c->chosen = c->started_body = c->paused = c->want_writable = false;
	c->call.user = NULL;
	c->call.head = h;
	c->call.request_id = server_request_id(c->server);
	if (err == SC_LIMIT)
		conn_refuse(c, &problem_head_large);
	else if (err != SC_OK)
		conn_malformed(c, why);
	if (err != SC_OK)
		return;
	c->no_answer_body = h->method_id == HTTP_HEAD;
	c->close_after = h->close || c->server->draining;
	if (h->expect_other) {
		conn_refuse(c, &problem_expect);
		return;
	}
	c->in_call = true;
	c->server->handler.on_head(&c->call);
	conn_accept_body(c);
}

/* The peer will send no more. A half-closed client may still wait for an answer. */
void conn_eof(struct conn *c)
{
	c->eof = true;
	if (c->input == IN_DONE) {
		if (c->in_call && c->server->handler.on_half_closed != NULL)
			c->server->handler.on_half_closed(&c->call);
		return;
	}
	if (c->input == IN_BODY || (c->input == IN_HEAD && reader_unread(&c->reader) != 0))
		conn_malformed(c, "it ends before it is whole");
	else
		c->dead = true;
}

/* True when the pump can go on without more bytes. */
bool conn_step_head(struct conn *c)
{
	struct sc_span block;
	bool too_long;

	switch (reader_head(&c->reader, &block, &too_long)) {
	case HTTP_SCAN_MORE:
		if (c->eof)
			conn_eof(c);
		return c->eof && !c->dead;
	case HTTP_SCAN_DONE: conn_begin_call(c, block); return true;
	case HTTP_SCAN_BAD:
	default:
		c->answer = ANS_NONE;
		c->no_answer_body = false;
		c->call.request_id = server_request_id(c->server);
		if (too_long)
			conn_refuse(c, &problem_head_large);
		else
			conn_malformed(c, "a line that ends otherwise than by CR and LF, or a NUL");
		return true;
	}
}

/* ---- bodies ---- */

static void conn_body_done(struct conn *c)
{
	c->input = IN_DONE;
	if (c->in_call)
		c->server->handler.on_end(&c->call, reader_body(&c->reader));
}

bool conn_step_body(struct conn *c)
{
	struct sc_span data;

	if (c->paused)
		return false;
	switch (reader_body_next(&c->reader, &data)) {
	case READER_MORE: return false;
	case READER_DATA:
		c->window_bytes += data.n;
		if (c->in_call && c->server->handler.on_body != NULL)
			c->server->handler.on_body(&c->call, data);
		break;
	case READER_DONE: conn_body_done(c); break;
	case READER_TOO_LARGE: conn_refuse(c, &problem_large); break;
	case READER_NO_MEMORY: conn_refuse(c, &problem_busy); break;
	case READER_BAD: conn_malformed(c, "a malformed chunk or trailer"); break;
	}
	return true;
}

void conn_skip_body(struct conn *c)
{
	const struct http_head *h = &c->reader.block->head;
	struct sc_span data;

	if (c->input == IN_DONE)
		return;
	if (!c->started_body)
		reader_body_start(&c->reader, h, READER_DISCARD, UINT64_MAX);
	c->started_body = true;
	reader_body_discard(&c->reader);
	if (reader_body_next(&c->reader, &data) != READER_DONE)
		c->close_after = true;
	c->input = IN_DONE;
}
