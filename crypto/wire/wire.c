/*
 * wire.c - frames, contexts and the items of requests. Formats: wire.h.
 */
#include "crypto/wire/wire.h"

#include "policy/words/words.h"

#include <string.h>

enum sc_err wire_frame_decode(struct sc_span *packet, struct wire_frame *out)
{
	struct sc_reader r = sc_reader(*packet);
	uint32_t magic, n;

	memset(out, 0, sizeof(*out));
	magic = sc_read_u32(&r);
	out->op = sc_read_u16(&r);
	out->flags = sc_read_u16(&r);
	out->req_id = sc_read_u64(&r);
	n = sc_read_u32(&r);
	if (r.bad || magic != WIRE_MAGIC || n > WIRE_FRAME_MAX ||
	    (out->flags & ~(WIRE_F_MORE | WIRE_F_NAMED)) != 0)
		return SC_SYNTAX;
	out->body = sc_read_bytes(&r, n);
	if (r.bad)
		return SC_SYNTAX;
	*packet = sc_span(r.p, (size_t)(r.end - r.p));
	return SC_OK;
}

enum sc_err wire_frame_begin(struct sc_buf *b, uint16_t op, uint64_t req_id, size_t *at)
{
	uint8_t *p;
	enum sc_err err;

	*at = b->n;
	if ((err = sc_buf_grow(b, WIRE_HEAD, &p)) != SC_OK)
		return err;
	sc_be32_store(p, WIRE_MAGIC);
	sc_be16_store(p + 4, op);
	sc_be16_store(p + 6, 0);
	sc_be64_store(p + 8, req_id);
	sc_be32_store(p + 16, 0);
	return SC_OK;
}

void wire_frame_end(struct sc_buf *b, size_t at, uint16_t flags)
{
	sc_be16_store(b->p + at + 6, flags);
	sc_be32_store(b->p + at + 16, (uint32_t)(b->n - at - WIRE_HEAD));
}

/* ---- who asks ---- */

static uint8_t *put_field(uint8_t *p, const char *text, size_t n)
{
	*p++ = (uint8_t)n;
	memcpy(p, text, n);
	return p + n;
}

static const uint8_t no_session[ASKING_SESSION];

enum sc_err wire_asking_encode(struct sc_buf *b, const struct asking *a)
{
	const char *text[] = { a->tenant->s, a->principal->s, a->route == NULL ? "" : a->route->s,
		a->recipient == NULL ? "" : a->recipient->s, a->reason == NULL ? "" : a->reason->s,
		a->ticket == NULL ? "" : a->ticket->s };
	size_t lengths[6],
	    n = 6 + ASKING_SESSION + 6 + 4 + 4 + 8 + ASKING_HASH + 2 + a->statement.n;
	const bool share = a->op == POLICY_SHARE;
	uint8_t *p;
	enum sc_err err;

	if (a->statement.n > CRYPTO_STATEMENT_MAX)
		return SC_LIMIT;
	for (size_t i = 0; i < 6; i++)
		n += lengths[i] = strlen(text[i]);
	if ((err = sc_buf_grow(b, n, &p)) != SC_OK)
		return err;
	p = put_field(p, text[0], lengths[0]);
	p = put_field(p, text[1], lengths[1]);
	memcpy(p, a->session != NULL ? a->session : no_session, ASKING_SESSION);
	p += ASKING_SESSION;
	*p++ = a->role;
	*p++ = a->purpose;
	*p++ = a->op;
	*p++ = a->approvals;
	*p++ = share ? a->recipient_role : ASKING_UNSET;
	*p++ = share ? a->recipient_purpose : ASKING_UNSET;
	sc_be32_store(p, a->consents);
	sc_be32_store(p + 4, a->records);
	sc_be64_store(p + 8, a->request_id);
	p += 16;
	for (size_t i = 2; i < 6; i++)
		p = put_field(p, text[i], lengths[i]);
	memcpy(p, a->policy_hash, ASKING_HASH);
	sc_be16_store(p + ASKING_HASH, (uint16_t)a->statement.n);
	if (a->statement.n > 0)
		memcpy(p + ASKING_HASH + 2, a->statement.p, a->statement.n);
	return SC_OK;
}

/* An absent name is an empty field; any other must be a name. */
static const struct sc_name *read_name(struct sc_reader *r, bool needed, struct sc_name *out)
{
	struct sc_span s = sc_read_field8(r);

	if (r->bad || (s.n == 0 && !needed))
		return NULL;
	if (sc_name_parse(s, out) != SC_OK)
		r->bad = true;
	return out;
}

static const struct policy_reason *read_words(struct sc_reader *r, struct policy_reason *out,
    enum sc_err *err)
{
	struct sc_span s = sc_read_field8(r);

	if (r->bad || s.n == 0)
		return NULL;
	if (s.n > POLICY_REASON_MAX)
		r->bad = true;
	else if (policy_reason_parse(s, out, NULL) != SC_OK)
		*err = SC_AUTH;
	return out;
}

enum sc_err wire_asking_decode(struct sc_reader *r, struct asking_kept *out)
{
	struct asking *a = &out->asking;
	enum sc_err err = SC_OK;

	memset(a, 0, sizeof(*a));
	a->tenant = read_name(r, true, &out->tenant);
	a->principal = read_name(r, true, &out->principal);
	a->session = sc_read_bytes(r, ASKING_SESSION).p;
	a->role = sc_read_u8(r);
	a->purpose = sc_read_u8(r);
	a->op = sc_read_u8(r);
	a->approvals = sc_read_u8(r);
	a->recipient_role = sc_read_u8(r);
	a->recipient_purpose = sc_read_u8(r);
	a->consents = sc_read_u32(r);
	a->records = sc_read_u32(r);
	a->request_id = sc_read_u64(r);
	a->route = read_name(r, false, &out->route);
	a->recipient = read_name(r, false, &out->recipient);
	a->reason = read_words(r, &out->reason, &err);
	a->ticket = read_words(r, &out->ticket, &err);
	a->policy_hash = sc_read_bytes(r, ASKING_HASH).p;
	a->statement = sc_read_field16(r);
	if (a->statement.n > CRYPTO_STATEMENT_MAX)
		r->bad = true;
	return r->bad ? SC_SYNTAX : err;
}

/* ---- subjects and items ---- */

enum sc_err wire_item_encode(struct sc_buf *b, const struct wire_item *it)
{
	uint8_t *p;
	enum sc_err err;

	if (it->value.n > WIRE_TEXT_MAX)
		return SC_LIMIT;
	if ((err = sc_buf_grow(b, WIRE_ITEM_HEAD + it->value.n, &p)) != SC_OK)
		return err;
	p[0] = it->class_id;
	p[1] = it->flags;
	sc_be16_store(p + 2, it->subject);
	sc_be32_store(p + 4, (uint32_t)it->value.n);
	if (it->value.n > 0)
		memcpy(p + WIRE_ITEM_HEAD, it->value.p, it->value.n);
	return SC_OK;
}

static void read_item(struct sc_reader *r, struct wire_item *out)
{
	static const uint8_t none[WIRE_ITEM_HEAD];
	const uint8_t *p = sc_read_bytes(r, WIRE_ITEM_HEAD).p;

	if (p == NULL)
		p = none;
	out->class_id = p[0];
	out->flags = p[1];
	out->subject = sc_be16_load(p + 2);
	out->value = sc_read_bytes(r, sc_be32_load(p + 4));
}

enum sc_err wire_order_encode(struct sc_buf *b, const struct wire_order *o)
{
	enum sc_err err;

	if (o->id.n > CRYPTO_SUBJECT_MAX || o->person.n > CRYPTO_SUBJECT_MAX)
		return SC_LIMIT;
	if ((err = sc_buf_put_field16(b, o->id)) != SC_OK ||
	    (err = sc_buf_put_be8(b, o->flags)) != SC_OK)
		return err;
	return sc_buf_put_field16(b, o->person);
}

/* The order behind the items, if anything is there. ASKED: some item is of its person. */
static bool read_order(struct sc_reader *r, bool asked, struct wire_order *o)
{
	if (sc_reader_done(r))
		return !asked;
	o->id = sc_read_field16(r);
	o->flags = sc_read_u8(r);
	o->person = sc_read_field16(r);
	return sc_reader_done(r) && o->id.n > 0 && o->id.n <= CRYPTO_SUBJECT_MAX &&
	    o->person.n <= CRYPTO_SUBJECT_MAX &&
	    (o->flags & ~(WIRE_ORDER_SAYS | WIRE_ORDER_REQUIRED)) == 0 &&
	    ((o->flags & WIRE_ORDER_SAYS) == 0 || (!asked && o->person.n > 0));
}

enum sc_err wire_list_decode(struct sc_reader *r, struct wire_list *out)
{
	struct wire_item it;
	const uint8_t *from;
	bool asked = false;

	memset(out, 0, sizeof(*out));
	out->n_subjects = sc_read_u16(r);
	if (r->bad || out->n_subjects > CRYPTO_ITEMS_MAX)
		return SC_SYNTAX;
	from = r->p;
	for (unsigned i = 0; i < out->n_subjects && !r->bad; i++) {
		struct sc_span s = sc_read_field16(r);

		if (s.n == 0 || s.n > CRYPTO_SUBJECT_MAX)
			return SC_SYNTAX;
	}
	if (r->bad)
		return SC_SYNTAX;
	out->subjects = sc_span(from, (size_t)(r->p - from));
	out->n_items = sc_read_u16(r);
	if (r->bad || out->n_items == 0 || out->n_items > CRYPTO_ITEMS_MAX)
		return SC_SYNTAX;
	out->items = *r;
	for (unsigned i = 0; i < out->n_items && !r->bad; i++) {
		read_item(r, &it);
		if (it.value.n > WIRE_TEXT_MAX ||
		    (it.subject < WIRE_OF_ORDER && it.subject >= out->n_subjects))
			return SC_SYNTAX;
		asked |= it.subject == WIRE_OF_ORDER;
	}
	return read_order(r, asked, &out->order) ? SC_OK : SC_SYNTAX;
}

void wire_list_item(struct wire_list *l, struct wire_item *out)
{
	read_item(&l->items, out);
}

/* ---- SIGN_HEAD ---- */

enum sc_err wire_head_encode(struct sc_buf *b, const struct wire_head *h)
{
	enum sc_err err;

	if (h->n_proof > CRYPTO_PROOF_MAX)
		return SC_LIMIT;
	if ((err = sc_buf_put_field8(b, h->origin)) != SC_OK ||
	    (err = sc_buf_put_be64(b, h->size)) != SC_OK ||
	    (err = sc_buf_put(b, h->root, HASH_BYTES)) != SC_OK ||
	    (err = sc_buf_put_be8(b, h->n_proof)) != SC_OK ||
	    (err = sc_buf_put(b, h->proof, (size_t)h->n_proof * HASH_BYTES)) != SC_OK)
		return err;
	return SC_OK;
}

enum sc_err wire_head_decode(struct sc_reader *r, struct wire_head *h)
{
	memset(h, 0, sizeof(*h));
	h->origin = sc_read_field8(r);
	h->size = sc_read_u64(r);
	h->root = sc_read_bytes(r, HASH_BYTES).p;
	h->n_proof = sc_read_u8(r);
	if (r->bad || h->n_proof > CRYPTO_PROOF_MAX)
		return SC_SYNTAX;
	h->proof = sc_read_bytes(r, (size_t)h->n_proof * HASH_BYTES).p;
	return sc_reader_done(r) ? SC_OK : SC_SYNTAX;
}

/* ---- HELLO ---- */

enum sc_err wire_hello_encode(struct sc_buf *b, bool reply, const struct wire_hello *h)
{
	enum sc_err err;

	if ((err = sc_buf_put_be16(b, h->version)) != SC_OK)
		return err;
	if (!reply)
		return sc_buf_put_field8(b, sc_span_str(h->node.s));
	if ((err = sc_buf_put(b, h->policy_hash, HASH_BYTES)) != SC_OK)
		return err;
	return sc_buf_put_be8(b, h->trouble);
}

enum sc_err wire_hello_decode(struct sc_span body, bool reply, struct wire_hello *out)
{
	struct sc_reader r = sc_reader(body);
	struct sc_span hash;

	memset(out, 0, sizeof(*out));
	out->version = sc_read_u16(&r);
	if (reply) {
		hash = sc_read_bytes(&r, HASH_BYTES);
		if (!r.bad)
			memcpy(out->policy_hash, hash.p, HASH_BYTES);
		out->trouble = sc_read_u8(&r);
		if ((out->trouble & ~WIRE_TROUBLE_ALL) != 0)
			return SC_SYNTAX;
	} else {
		(void)read_name(&r, false, &out->node);
	}
	return sc_reader_done(&r) ? SC_OK : SC_SYNTAX;
}

/* ---- PROVE ---- */

enum sc_err wire_proof_encode(struct sc_buf *b, const struct wire_proof *p)
{
	enum sc_err err = sc_buf_put(b, p->handle, ASKING_SESSION);

	return err != SC_OK ? err : sc_buf_put_field8(b, p->key);
}

enum sc_err wire_proof_decode(struct sc_span body, struct wire_proof *out)
{
	struct sc_reader r = sc_reader(body);

	out->handle = sc_read_bytes(&r, ASKING_SESSION).p;
	out->key = sc_read_field8(&r);
	return sc_reader_done(&r) && out->key.n > 0 &&
		memcmp(out->handle, no_session, ASKING_SESSION) != 0 ?
	    SC_OK :
	    SC_SYNTAX;
}
