/*
 * answer.c - results into frames, as many as it takes.
 */
#include "crypto/keyd/key_request.h"

/* What wire_reply_end() may still add. */
#define TAIL (1 + HANDLE_BYTES * HANDLES_MAX)

enum sc_err answer_begin(struct answer_frames *a, struct sc_buf *b, uint16_t op, uint64_t req_id)
{
	a->b = b;
	a->start = b->n;
	a->op = op;
	a->req_id = req_id;
	a->n = 0;
	a->flags = 0;
	return wire_reply_begin(b, op, req_id, &a->at);
}

enum sc_err answer_room(struct answer_frames *a, size_t max)
{
	const struct wire_reply more = { .err = SC_OK,
		.record = WIRE_NO_RECORD,
		.n_results = a->n };
	enum sc_err err;

	if (a->b->n - a->at + WIRE_RESULT_HEAD + max + TAIL <= WIRE_PACKET_MAX)
		return SC_OK;
	if (a->n == 0)
		return SC_LIMIT;
	if ((err = wire_reply_end(a->b, a->at, &more, WIRE_F_MORE)) != SC_OK)
		return err;
	a->n = 0;
	return wire_reply_begin(a->b, a->op, a->req_id, &a->at);
}

enum sc_err answer_put(struct answer_frames *a, enum wire_status status, enum policy_action action,
    uint8_t class_id, uint8_t kind, struct sc_span value)
{
	const struct wire_result r = { (uint8_t)status, (uint8_t)action, class_id, kind, value };
	enum sc_err err;

	if ((err = answer_room(a, value.n)) != SC_OK ||
	    (err = wire_result_encode(a->b, &r)) != SC_OK)
		return err;
	a->n++;
	return SC_OK;
}

enum sc_err answer_end(struct answer_frames *a, uint64_t record, const uint8_t *handles,
    uint8_t n_handles)
{
	const struct wire_reply rep = { .err = SC_OK,
		.record = record,
		.n_results = a->n,
		.handles = handles,
		.n_handles = n_handles };

	return wire_reply_end(a->b, a->at, &rep, a->flags);
}

void answer_drop(struct answer_frames *a)
{
	if (a->b != NULL)
		sc_buf_truncate(a->b, a->start);
}
