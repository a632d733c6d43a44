/*
 * exchange.c - what the owner of an exchange may do with it.
 */
#include "net/http/client_private.h"

static struct link *link_of(struct http_exchange *x)
{
	return loop_owner(x, struct link, x);
}

void http_exchange_buffer_body(struct http_exchange *x, size_t cap)
{
	struct link *l = link_of(x);

	reader_body_start(&l->reader, &l->reader.block->head, READER_BUFFER, cap);
	l->chosen = true;
}

void http_exchange_endless(struct http_exchange *x)
{
	link_of(x)->endless = true;
}

void http_exchange_pause(struct http_exchange *x)
{
	link_of(x)->paused = true;
}

void http_exchange_resume(struct http_exchange *x)
{
	struct link *l = link_of(x);

	if (!l->paused)
		return;
	l->paused = false;
	link_kick(l);
}

/* The connection is not as it was promised to be: tell in the next turn. */
static void give_up(struct link *l, enum http_client_error why)
{
	link_break(l, why);
	link_kick(l);
}

bool http_exchange_write(struct http_exchange *x, struct sc_span bytes)
{
	struct link *l = link_of(x);
	enum sc_err err;

	if (bytes.n == 0 || l->request_done || l->failing || l->eof || l->state == LINK_ENDED ||
	    l->state == LINK_FAILED)
		return true;
	if (!l->chunked_request) {
		if (bytes.n > l->request_left) {
			give_up(l, HTTP_ERR_PROTOCOL); /* more than was announced */
			return true;
		}
		l->request_left -= bytes.n;
	}
	err = l->chunked_request ? chunked_put(&l->out.buf, bytes) :
				   sc_buf_put_span(&l->out.buf, bytes);
	if (err != SC_OK)
		give_up(l, HTTP_ERR_MEMORY);
	link_flush(l);
	if (outq_pending(&l->out) != 0 && l->state == LINK_BUSY)
		link_kick(l);
	l->want_writable = outq_pending(&l->out) > l->client->limits.high_water;
	return !l->want_writable;
}

void http_exchange_end(struct http_exchange *x)
{
	struct link *l = link_of(x);

	if (l->request_done || l->state == LINK_ENDED || l->state == LINK_FAILED)
		return;
	l->request_done = true;
	l->want_writable = false;
	if (l->chunked_request) {
		if (chunked_put_end(&l->out.buf) != SC_OK)
			give_up(l, HTTP_ERR_MEMORY);
	} else if (l->request_left != 0) {
		give_up(l, HTTP_ERR_CLOSED); /* the upstream must not wait for the rest */
		return;
	}
	link_flush(l);
	link_kick(l);
}

void http_exchange_release(struct http_exchange *x)
{
	if (x != NULL)
		link_release(link_of(x));
}
