/*
 * outq.c - bytes on their way out of a connection.
 */
#include "net/http/outq.h"

#include <string.h>

void outq_init(struct outq *q)
{
	sc_buf_init(&q->buf, OUTQ_MAX);
	q->sent = 0;
	q->keep = false;
}

void outq_fini(struct outq *q)
{
	sc_buf_fini(&q->buf);
	q->sent = 0;
}

void outq_clear(struct outq *q)
{
	if (q->buf.cap > OUTQ_KEEP)
		sc_buf_fini(&q->buf);
	else
		sc_buf_clear(&q->buf);
	q->sent = 0;
	q->keep = false;
}

enum sc_err outq_body_begin(struct outq *q, size_t size_hint)
{
	enum sc_err err;
	uint8_t *room;

	if ((err = sc_buf_reserve(&q->buf, OUTQ_HEADROOM + size_hint)) != SC_OK)
		return err;
	if ((err = sc_buf_grow(&q->buf, OUTQ_HEADROOM, &room)) != SC_OK)
		return err;
	memset(room, 0, OUTQ_HEADROOM);
	q->sent = OUTQ_HEADROOM;
	return SC_OK;
}

enum sc_err outq_head(struct outq *q, struct sc_span head)
{
	size_t body_n = outq_pending(q);
	enum sc_err err;
	uint8_t *more;

	if (head.n > q->sent) {
		size_t extra = head.n - q->sent;

		if ((err = sc_buf_grow(&q->buf, extra, &more)) != SC_OK)
			return err;
		memmove(q->buf.p + head.n, q->buf.p + q->sent, body_n);
		q->sent = head.n;
	}
	q->sent -= head.n;
	memcpy(q->buf.p + q->sent, head.p, head.n);
	return SC_OK;
}

enum stream_io outq_flush(struct outq *q, struct net_stream *s, size_t *moved)
{
	*moved = 0;
	while (outq_pending(q) != 0) {
		enum stream_io io;
		size_t put;

		io = stream_write(s, q->buf.p + q->sent, outq_pending(q), &put);
		if (io != STREAM_OK) {
			/* keep a long stream's block from growing behind a slow peer */
			if (!q->keep && q->sent > OUTQ_KEEP && q->sent > q->buf.n / 2) {
				sc_buf_consume(&q->buf, q->sent);
				q->sent = 0;
			}
			return io;
		}
		q->sent += put;
		*moved += put;
	}
	if (q->buf.n != 0 && !q->keep)
		outq_clear(q);
	return STREAM_OK;
}
