/*
 * op_head.c - SIGN_HEAD: a signature over the head of another log, for a head
 * that extends the last one signed here and for nothing else.
 *
 * The new head is on disk before its signature exists, so that no crash lets
 * an older one be signed again beside it.
 */
#include "crypto/keyd/key_request.h"

#include "base/log.h"
#include "crypto/tlog/merkle.h"
#include "crypto/tlog/note.h"

#include <stdlib.h>
#include <string.h>

struct signing {
	struct reply_address address;
	struct sc_name principal;
	uint64_t request_id;
	uint64_t size;
	uint8_t root[HASH_BYTES];
};

static enum sc_err sign(struct engine *e, const struct signed_head *h, struct sc_buf *out)
{
	struct note_signer s = e->signer;
	enum sc_err err;

	if ((err = note_key_make(h->origin, NOTE_ED25519, e->signer.key.pub, &s.key)) != SC_OK)
		return err;
	return note_sign_head(&s, h->origin, h->size, h->root, out);
}

/* One text result. */
static enum sc_err put_text(struct answer_frames *a, enum wire_status status,
    const struct sc_buf *text)
{
	return answer_put(a, status, ACTION_REVEAL, CLASS_NONE, 0, sc_buf_span(text));
}

/*
 * The three texts of the answer: the signed head (also when it is merely the
 * last one, because the new one was refused), our own log's, and the vkey.
 */
static enum sc_err answer_head(struct engine *e, struct answer_frames *a, enum wire_status status,
    const struct signed_head *h)
{
	struct sc_buf note, own, vkey;
	enum sc_err err = SC_OK;

	sc_buf_init(&note, NOTE_MAX);
	sc_buf_init(&own, NOTE_MAX);
	sc_buf_init(&vkey, NOTE_VKEY_MAX);
	if (h->size > 0 || status == WIRE_OK)
		err = sign(e, h, &note);
	if (err != SC_OK || (err = tlog_checkpoint(e->p.log, &own)) != SC_OK ||
	    (err = keyring_vkey(e->p.keyring, h->origin, &vkey)) != SC_OK ||
	    (err = put_text(a, status, &note)) != SC_OK ||
	    (err = put_text(a, WIRE_OK, &own)) != SC_OK ||
	    (err = put_text(a, WIRE_OK, &vkey)) != SC_OK)
		goto out;
	err = answer_end(a, WIRE_NO_RECORD, NULL, 0);
out:
	sc_buf_fini(&note);
	sc_buf_fini(&own);
	sc_buf_fini(&vkey);
	return err;
}

static void on_kept(void *owner, struct signed_head *h, enum sc_err err)
{
	struct signing *s = owner;
	struct engine *e = s->address.e;
	const struct asking who = { .principal = &s->principal,
		.role = ASKING_UNSET,
		.purpose = ASKING_UNSET,
		.op = ASKING_UNSET,
		.request_id = s->request_id };
	struct peer *p = reply_peer(&s->address);
	struct answer_frames a = { .b = NULL };
	uint64_t record;

	if (err == SC_OK &&
	    keylog_head(e->p.keylog, &who, h->origin, s->size, s->root, AUDIT_OK, &record) != SC_OK)
		err = SC_LIMIT;
	if (err == SC_OK && p != NULL) {
		if ((err = answer_begin(&a, &p->out, s->address.op, s->address.req_id)) == SC_OK)
			err = answer_head(e, &a, WIRE_OK, h);
		if (err != SC_OK)
			answer_drop(&a);
	}
	if (err != SC_OK)
		reply_fail(&s->address, err);
	free(s);
}

/* Does (size, root) extend the head we signed last? */
static bool extends(const struct signed_head *h, const struct wire_head *n)
{
	struct merkle_hash proof[CRYPTO_PROOF_MAX], old, root;

	memcpy(old.b, h->root, HASH_BYTES);
	memcpy(root.b, n->root, HASH_BYTES);
	for (size_t i = 0; i < n->n_proof; i++)
		memcpy(proof[i].b, n->proof + i * HASH_BYTES, HASH_BYTES);
	if (n->size < h->size)
		return false;
	/* the last one again, because its signature got lost: no proof is needed */
	if (n->size == h->size && h->size > 0)
		return memcmp(h->root, n->root, HASH_BYTES) == 0;
	if (h->size == 0)
		return n->n_proof == 0;
	return merkle_check_consistency(h->size, n->size, &old, &root, proof, n->n_proof) == SC_OK;
}

static enum sc_err refuse(struct key_request *req, const struct signed_head *h,
    const struct wire_head *n)
{
	uint64_t record;
	enum sc_err err;

	log_event(LOG_WARN, "keyd.head_refused", LOG_U64("have", h->size),
	    LOG_U64("asked", n->size), LOG_END);
	if (keylog_head(req->e->p.keylog, &req->who.asking, h->origin, n->size, n->root,
		AUDIT_REFUSED, &record) != SC_OK)
		return SC_LIMIT;
	if ((err = answer_begin(&req->answer, &req->peer->out, req->op, req->req_id)) != SC_OK)
		return err;
	return answer_head(req->e, &req->answer, WIRE_DENIED, h);
}

enum sc_err op_head(struct key_request *req, struct sc_reader *r)
{
	struct engine *e = req->e;
	struct wire_head n;
	struct signing *s;
	struct signed_head *h;
	enum sc_err err;

	if (wire_head_decode(r, &n) != SC_OK || !note_name_ok(n.origin) || n.size > INT64_MAX)
		return SC_SYNTAX;
	/* what cannot be recorded is not signed, nor remembered as signed */
	if (tlog_failed(e->p.log))
		return SC_LIMIT;
	/* our own log's head is not for others to ask for */
	if (sc_span_is(n.origin, e->p.origin))
		return SC_AUTH;
	if ((err = signed_heads_find(e->heads, n.origin, &h)) != SC_OK)
		return err;
	if (h->busy)
		return SC_AGAIN;
	if (!extends(h, &n))
		return refuse(req, h, &n);
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return SC_NOMEM;
	s->address = key_request_address(req);
	s->principal = *req->who.asking.principal;
	s->request_id = req->who.asking.request_id;
	s->size = n.size;
	memcpy(s->root, n.root, HASH_BYTES);
	if ((err = signed_heads_advance(e->heads, h, n.size, n.root, s, on_kept)) != SC_OK)
		free(s);
	return err;
}
