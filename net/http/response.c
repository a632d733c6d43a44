/*
 * response.c - what the bytes on an upstream connection mean: interim and
 * final heads, bodies, and the end.
 */
#include "net/http/client_private.h"

#define INTERIM_MAX 8 /* 1xx responses before the final one */

static void not_http(struct link *l, const char *why)
{
	l->x.why = why;
	link_break(l, HTTP_ERR_PROTOCOL);
}

static void link_begin_response(struct link *l, struct sc_span block)
{
	struct http_head *h = &l->reader.block->head;

	const char *why;
	enum sc_err err = http_head_parse_response(block, l->method, h, &why);

	if (err == SC_LIMIT)
		link_break(l, HTTP_ERR_HEAD);
	else if (err != SC_OK)
		not_http(l, why);
	else if (h->status == 101)
		not_http(l, "another protocol, which nobody asked for");
	if (err != SC_OK || h->status == 101)
		return;
	if (h->status < 200) {
		if (++l->interim > INTERIM_MAX)
			not_http(l, "interim answers without end");
		reader_drop_head(&l->reader);
		return;
	}
	l->head_done = true;
	l->keep = !h->close;
	l->x.head = h;
	if (l->handler->on_head != NULL)
		l->handler->on_head(&l->x);
	if (!l->released && !l->chosen)
		reader_body_start(&l->reader, h, READER_STREAM, UINT64_MAX);
}

static void link_step_head(struct link *l, bool *again)
{
	struct sc_span block;
	bool too_long;

	switch (reader_head(&l->reader, &block, &too_long)) {
	case HTTP_SCAN_MORE: *again = false; break;
	case HTTP_SCAN_DONE: link_begin_response(l, block); break;
	case HTTP_SCAN_BAD:
		if (too_long)
			link_break(l, HTTP_ERR_HEAD);
		else
			not_http(l, "a line that ends otherwise than by CR and LF, or a NUL");
		break;
	}
}

static void link_end(struct link *l)
{
	l->state = LINK_ENDED;
	/* bytes nobody asked for, or a request cut short: no second exchange here */
	if (reader_unread(&l->reader) != 0 || stream_pending(&l->stream) || l->eof ||
	    !l->request_done || l->write_failed || outq_pending(&l->out) != 0)
		l->keep = false;
	outq_clear(&l->out);
	l->handler->on_end(&l->x, reader_body(&l->reader));
}

static void link_step_body(struct link *l, bool *again)
{
	struct sc_span data;

	if (l->paused) {
		*again = false;
		return;
	}
	switch (reader_body_next(&l->reader, &data)) {
	case READER_MORE: *again = false; break;
	case READER_DATA:
		if (l->handler->on_body != NULL)
			l->handler->on_body(&l->x, data);
		break;
	case READER_DONE: link_end(l); break;
	case READER_BAD: not_http(l, "a malformed chunk or trailer"); break;
	case READER_TOO_LARGE: link_break(l, HTTP_ERR_TOO_LARGE); break;
	case READER_NO_MEMORY: link_break(l, HTTP_ERR_MEMORY); break;
	}
}

/* Everything that was read has been dealt with, and no more will come. */
void link_step_eof(struct link *l)
{
	if (l->head_done && reader_body_eof(&l->reader) == READER_DONE)
		link_end(l);
	else
		link_break(l, HTTP_ERR_CLOSED);
}

void link_parse(struct link *l)
{
	bool again = true;

	while (again && link_can_go_on(l)) {
		if (l->head_done)
			link_step_body(l, &again);
		else
			link_step_head(l, &again);
	}
}
