/*
 * op_prove_log.c - PROVE_LOG: our own log's head, and that it extends an older one, for witnesses
 * and gateways. The gateway cannot read our folder, and has no need to: it carries the proof, and
 * whoever gets it checks it. Nothing is told but hashes, and nothing is recorded.
 */
#include "crypto/keyd/key_request.h"

#include "crypto/tlog/note.h"
#include "crypto/tlog/witnessed.h"

#include <stdlib.h>

struct proving {
	struct inbox_job job;
	struct reply_address address;
	struct tlog *log;
	uint64_t old;
	struct sc_buf note;
	struct merkle_proof proof;
};

/* On the store's thread, for tiles are read; of the store it needs nothing. */
static enum sc_err prove(struct store_job *j, struct store_tx *tx)
{
	struct proving *p = loop_owner(j, struct proving, job.job);

	(void)tx;
	return tlog_prove(p->log, p->old, &p->note, &p->proof);
}

/* The head, its proof, and the key that it is signed by. */
static enum sc_err answer(const struct proving *p, struct peer *peer)
{
	const struct engine *e = p->address.e;
	const struct sc_span proof = sc_span(p->proof.h[0].b, p->proof.n * HASH_BYTES);
	struct answer_frames a = { .b = NULL };
	struct sc_buf vkey;
	enum sc_err err;

	sc_buf_init(&vkey, NOTE_VKEY_MAX);
	if ((err = keyring_vkey(e->p.keyring, e->p.origin, &vkey)) != SC_OK ||
	    (err = answer_begin(&a, &peer->out, p->address.op, p->address.req_id)) != SC_OK)
		goto out;
	if ((err = answer_put(&a, WIRE_OK, ACTION_REVEAL, CLASS_NONE, 0, sc_buf_span(&p->note))) !=
		SC_OK ||
	    (err = answer_put(&a, WIRE_OK, ACTION_REVEAL, CLASS_NONE, 0, proof)) != SC_OK ||
	    (err = answer_put(&a, WIRE_OK, ACTION_REVEAL, CLASS_NONE, 0, sc_buf_span(&vkey))) !=
		SC_OK ||
	    (err = answer_end(&a, WIRE_NO_RECORD, NULL, 0)) != SC_OK)
		answer_drop(&a);
out:
	sc_buf_fini(&vkey);
	return err;
}

static void on_proved(struct inbox_job *j, enum sc_err err)
{
	struct proving *p = loop_owner(j, struct proving, job);
	struct peer *peer = reply_peer(&p->address);

	if (err == SC_OK && peer != NULL)
		err = answer(p, peer);
	if (err != SC_OK)
		reply_fail(&p->address, err);
	sc_buf_fini(&p->note);
	free(p);
}

enum sc_err op_prove_log(struct key_request *req, struct sc_reader *r)
{
	const uint64_t old = sc_read_u64(r);
	struct engine *e = req->e;
	struct proving *p;

	if (!sc_reader_done(r) || old > INT64_MAX)
		return SC_SYNTAX;
	if (req->who.asking.node == NULL)
		return SC_AUTH;
	if (tlog_failed(e->p.log))
		return SC_LIMIT;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return SC_NOMEM;
	sc_buf_init(&p->note, NOTE_MAX);
	p->job.job.run = prove;
	p->job.on_loop = on_proved;
	p->address = key_request_address(req);
	p->log = e->p.log;
	p->old = old;
	inbox_submit(e->p.inbox, &p->job);
	return SC_OK;
}
