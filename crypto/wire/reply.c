/*
 * reply.c - the replies of keyd: written by it, read by keyc. Format: wire.h.
 */
#include "crypto/wire/wire.h"

#include <string.h>

/* Offsets inside a reply frame. */
enum {
	AT_ERR = WIRE_HEAD,
	AT_RECORD = AT_ERR + 1,
	AT_N_RESULTS = AT_RECORD + 8,
	REPLY_FIXED = 1 + 8 + 2
};

enum sc_err wire_reply_begin(struct sc_buf *b, uint16_t op, uint64_t req_id, size_t *at)
{
	uint8_t *p;
	enum sc_err err;

	if ((err = sc_buf_reserve(b, WIRE_HEAD + REPLY_FIXED)) != SC_OK ||
	    (err = wire_frame_begin(b, op | WIRE_REPLY, req_id, at)) != SC_OK ||
	    (err = sc_buf_grow(b, REPLY_FIXED, &p)) != SC_OK)
		return err;
	memset(p, 0, REPLY_FIXED);
	return SC_OK;
}

enum sc_err wire_result_begin(struct sc_buf *b, const struct wire_result *head, size_t *at)
{
	uint8_t *p;
	enum sc_err err;

	*at = b->n;
	if ((err = sc_buf_grow(b, WIRE_RESULT_HEAD, &p)) != SC_OK)
		return err;
	p[0] = head->status;
	p[1] = head->action;
	p[2] = head->class_id;
	p[3] = head->kind;
	sc_be32_store(p + 4, 0);
	return SC_OK;
}

void wire_result_mark(struct sc_buf *b, size_t at, uint8_t bits)
{
	b->p[at + 3] |= bits;
}

void wire_result_end(struct sc_buf *b, size_t at)
{
	sc_be32_store(b->p + at + 4, (uint32_t)(b->n - at - WIRE_RESULT_HEAD));
}

enum sc_err wire_result_encode(struct sc_buf *b, const struct wire_result *r)
{
	enum sc_err err;
	size_t at;

	if (r->value.n > WIRE_TEXT_MAX)
		return SC_LIMIT;
	if ((err = sc_buf_reserve(b, WIRE_RESULT_HEAD + r->value.n)) != SC_OK ||
	    (err = wire_result_begin(b, r, &at)) != SC_OK ||
	    (err = sc_buf_put_span(b, r->value)) != SC_OK)
		return err;
	wire_result_end(b, at);
	return SC_OK;
}

enum sc_err wire_reply_end(struct sc_buf *b, size_t at, const struct wire_reply *rep,
    uint16_t flags)
{
	size_t n = (size_t)rep->n_handles * HANDLE_BYTES;
	uint8_t *p;
	enum sc_err err;

	if (rep->n_handles > HANDLES_MAX)
		return SC_LIMIT;
	if ((err = sc_buf_grow(b, 1 + n, &p)) != SC_OK)
		return err;
	p[0] = rep->n_handles;
	if (n > 0)
		memcpy(p + 1, rep->handles, n);
	b->p[at + AT_ERR] = rep->err;
	sc_be64_store(b->p + at + AT_RECORD, rep->record);
	sc_be16_store(b->p + at + AT_N_RESULTS, rep->n_results);
	wire_frame_end(b, at, flags);
	return SC_OK;
}

static void read_result(struct sc_reader *r, struct wire_result *out)
{
	static const uint8_t none[WIRE_RESULT_HEAD];
	const uint8_t *p = sc_read_bytes(r, WIRE_RESULT_HEAD).p;

	if (p == NULL)
		p = none;
	out->status = p[0];
	out->action = p[1];
	out->class_id = p[2];
	out->kind = p[3];
	out->value = sc_read_bytes(r, sc_be32_load(p + 4));
}

enum sc_err wire_reply_decode(struct sc_span body, struct wire_reply *out)
{
	struct sc_reader r = sc_reader(body);
	struct wire_result res;

	memset(out, 0, sizeof(*out));
	out->err = sc_read_u8(&r);
	out->record = sc_read_u64(&r);
	out->n_results = sc_read_u16(&r);
	if (r.bad || out->err > SC_BUG || out->n_results > CRYPTO_ITEMS_MAX)
		return SC_SYNTAX;
	out->results = r;
	for (unsigned i = 0; i < out->n_results && !r.bad; i++) {
		read_result(&r, &res);
		if (res.value.n > WIRE_TEXT_MAX)
			return SC_SYNTAX;
	}
	out->n_handles = sc_read_u8(&r);
	if (r.bad || out->n_handles > HANDLES_MAX)
		return SC_SYNTAX;
	out->handles = sc_read_bytes(&r, (size_t)out->n_handles * HANDLE_BYTES).p;
	return sc_reader_done(&r) ? SC_OK : SC_SYNTAX;
}

void wire_reply_result(struct wire_reply *rep, struct wire_result *out)
{
	read_result(&rep->results, out);
}
