/*
 * peer.c - the two queues of a peer: held until durable, then out.
 */
#include "crypto/keyd/peer.h"

#include "base/grow.h"
#include "base/weak.h"

#include <stdlib.h>
#include <string.h>

void peer_init(struct peer *p, uint64_t id)
{
	memset(p, 0, sizeof(*p));
	p->id = id;
	p->io.fd = p->link.stream.fd = -1;
	sc_buf_init(&p->out, PEER_OUT_MAX);
	sc_buf_init(&p->held, PEER_OUT_MAX);
}

void peer_fini(struct peer *p)
{
	sc_buf_fini(&p->out);
	sc_buf_fini(&p->held);
	free(p->queue);
	sessions_fini(&p->sessions);
	memset(p, 0, sizeof(*p));
	p->io.fd = -1;
}

static enum sc_err grow(struct peer *p)
{
	size_t cap = sc_grown(p->cap);
	struct held_reply *q;

	if (cap > PEER_HELD_MAX)
		return SC_LIMIT;
	if ((q = calloc(cap, sizeof(*q))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < p->n; i++)
		q[i] = p->queue[(p->head + i) & (p->cap - 1)];
	free(p->queue);
	p->queue = q;
	p->head = 0;
	p->cap = cap;
	return SC_OK;
}

enum sc_err peer_hold(struct peer *p, size_t start, uint64_t record, uint16_t op, uint64_t req_id)
{
	struct held_reply *h;
	enum sc_err err;

	if (p->n == p->cap && (err = grow(p)) != SC_OK)
		return err;
	h = &p->queue[(p->head + p->n++) & (p->cap - 1)];
	h->record = record;
	h->req_id = req_id;
	h->bytes = p->held.n - start;
	h->op = op;
	return SC_OK;
}

enum sc_err peer_answer(struct peer *p, uint16_t op, uint64_t req_id, enum sc_err err)
{
	const struct wire_reply rep = { .err = (uint8_t)err, .record = WIRE_NO_RECORD };
	size_t at;
	enum sc_err e;

	if ((e = wire_reply_begin(&p->out, op, req_id, &at)) != SC_OK)
		return e;
	return wire_reply_end(&p->out, at, &rep, 0);
}

enum sc_err peer_release(struct peer *p, uint64_t durable, bool failed)
{
	const struct held_reply *h;
	size_t bytes = 0;
	enum sc_err err;

	for (; p->n > 0; p->n--) {
		h = &p->queue[p->head];
		if (h->record < durable || WEAK("answer-before-record"))
			err = sc_buf_put(&p->out, p->held.p + bytes, h->bytes);
		else if (failed)
			err = peer_answer(p, h->op, h->req_id, SC_LIMIT);
		else
			break;
		if (err != SC_OK)
			return err;
		bytes += h->bytes;
		p->head = (p->head + 1) & (p->cap - 1);
	}
	sc_buf_consume(&p->held, bytes);
	return SC_OK;
}
