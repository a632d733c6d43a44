/*
 * op_head.c - SIGN_HEAD: a signature over the head of another log, for a head
 * that extends the last one signed here and for nothing else. Of which logs, keyd.json says.
 *
 * The new head is on disk before its signature exists, so that no crash lets
 * an older one be signed again beside it; and the signature leaves when the log's record of it
 * is on disk, so that none is out of which keyd's log does not tell.
 */
#include "crypto/keyd/key_request.h"

#include "base/log.h"
#include "crypto/rows/signed_heads.h"
#include "crypto/tlog/merkle.h"
#include "crypto/tlog/note.h"

#include <stdlib.h>
#include <string.h>

struct signing {
	struct inbox_job job;
	struct reply_address address;
	struct asking_kept who;
	struct signed_head head; /* the last one, and the new one when that extends it */
	bool refused;
	/* as asked */
	uint64_t size;
	struct merkle_hash root, proof[CRYPTO_PROOF_MAX];
	size_t n_proof;
};
_Static_assert(SIGNED_HEADS_ORIGIN_MAX == NOTE_NAME_MAX, "every origin can be kept");

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

/* Does what was asked extend the head we signed last? */
static bool extends(const struct signing *s)
{
	const struct signed_head *h = &s->head;
	struct merkle_hash old;

	memcpy(old.b, h->root, HASH_BYTES);
	if (s->size < h->size)
		return false;
	/* the last one again, because its signature got lost: no proof is needed */
	if (s->size == h->size && h->size > 0)
		return memcmp(h->root, s->root.b, HASH_BYTES) == 0;
	if (h->size == 0)
		return s->n_proof == 0;
	return merkle_check_consistency(h->size, s->size, &old, &s->root, s->proof, s->n_proof) ==
	    SC_OK;
}

/* On the store's thread: what is judged now is judged by all that was kept before. */
static enum sc_err judge(struct store_job *j, struct store_tx *tx)
{
	struct signing *s = loop_owner(j, struct signing, job.job);
	enum sc_err err;

	if ((err = signed_heads_last(tx, &s->head)) != SC_OK)
		return err;
	s->refused = !extends(s);
	if (s->refused)
		return SC_OK;
	s->head.size = s->size;
	memcpy(s->head.root, s->root.b, HASH_BYTES);
	return signed_heads_advance(tx, &s->head);
}

/* The signature is held until RECORD, which tells of it, is on disk too. */
static enum sc_err answer(struct signing *s, struct peer *p, uint64_t record)
{
	struct answer_frames a;
	enum sc_err err = answer_begin(&a, &p->held, s->address.op, s->address.req_id);

	if (err != SC_OK)
		return err;
	err = answer_head(s->address.e, &a, s->refused ? WIRE_DENIED : WIRE_OK, &s->head);
	if (err == SC_OK)
		reply_hold(&s->address, p, a.start, record);
	else
		answer_drop(&a);
	return err;
}

static void on_judged(struct inbox_job *j, enum sc_err err)
{
	struct signing *s = loop_owner(j, struct signing, job);
	struct engine *e = s->address.e;
	struct peer *p = reply_peer(&s->address);
	uint64_t record;

	if (err == SC_OK && s->refused)
		log_event(LOG_WARN, "keyd.head_refused", LOG_U64("have", s->head.size),
		    LOG_U64("asked", s->size), LOG_END);
	if (err == SC_OK &&
	    keylog_head(e->p.keylog, &s->who.asking, s->head.origin, s->size, s->root.b,
		s->refused ? AUDIT_REFUSED : AUDIT_OK, &record) != SC_OK)
		err = SC_LIMIT;
	if (err == SC_OK && p != NULL)
		err = answer(s, p, record);
	if (err != SC_OK)
		reply_fail(&s->address, err);
	free(s);
}

/* Is ORIGIN "TENANT/NAME"? */
static bool is_log(const struct engine *e, struct sc_span origin, const char *name)
{
	const size_t tenant = strlen(e->p.tenant->s);

	return sc_span_starts(origin, e->p.tenant->s) && origin.n > tenant &&
	    origin.p[tenant] == '/' && sc_span_is(sc_span_from(origin, tenant + 1), name);
}

/*
 * The gateway's own log, and those that keyd.json names: a peer that could name others would
 * have whatever it likes signed, and fill what is remembered.
 */
static bool is_signed_here(const struct engine *e, const struct sc_name *node,
    struct sc_span origin)
{
	bool found = is_log(e, origin, node->s);

	for (size_t i = 0; i < e->p.n_logs && !found; i++)
		found = is_log(e, origin, e->p.logs[i].s);
	/* our own log's head is not for others to ask for, whatever it is called */
	return found && !sc_span_is(origin, e->p.origin);
}

enum sc_err op_head(struct key_request *req, struct sc_reader *r)
{
	struct engine *e = req->e;
	struct wire_head n;
	struct signing *s;

	if (wire_head_decode(r, &n) != SC_OK || !note_name_ok(n.origin) || n.size > INT64_MAX)
		return SC_SYNTAX;
	/* what cannot be recorded is not signed, nor remembered as signed */
	if (tlog_failed(e->p.log))
		return SC_LIMIT;
	if (req->who.asking.node == NULL || !is_signed_here(e, req->who.asking.node, n.origin))
		return SC_AUTH;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return SC_NOMEM;
	s->job.job.run = judge;
	s->job.on_loop = on_judged;
	s->address = key_request_address(req);
	asking_keep(&s->who, &req->who.asking);
	memcpy(s->head.origin, n.origin.p, n.origin.n);
	s->size = n.size;
	s->n_proof = n.n_proof;
	memcpy(s->root.b, n.root, HASH_BYTES);
	if (n.n_proof > 0)
		memcpy(s->proof, n.proof, n.n_proof * sizeof(s->proof[0]));
	inbox_submit(e->p.inbox, &s->job);
	return SC_OK;
}
