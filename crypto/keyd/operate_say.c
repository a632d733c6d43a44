/*
 * operate_say.c - what operators are answered in words, and who they are.
 */
#include "crypto/keyd/key_request.h"

#include "base/text/jsonw.h"

#include <stdio.h>

enum sc_err operate_put(struct answer_frames *a, struct sc_buf *to, uint16_t op, uint64_t req_id,
    struct sc_span text)
{
	enum sc_err err;

	if ((err = answer_begin(a, to, op, req_id)) != SC_OK)
		return err;
	return answer_put(a, WIRE_OK, ACTION_REVEAL, CLASS_NONE, 0, text);
}

enum sc_err operate_answer(struct key_request *req, struct sc_span text)
{
	enum sc_err err = operate_put(&req->answer, &req->peer->out, req->op, req->req_id, text);

	return err != SC_OK ? err : answer_end(&req->answer, WIRE_NO_RECORD, NULL, 0);
}

/* Nobody operates anonymously: who it is the kernel says, whatever the question does. */
void operate_name(const struct key_request *req, struct sc_name *out)
{
	snprintf(out->s, sizeof(out->s), "uid-%u", req->peer->uid);
}

/* Who tried what he may not, or what there is none of, is told too: of no key. */
static enum sc_err record_refusal(const struct key_request *req, const char *act)
{
	struct asking_kept who;
	uint64_t record;

	asking_keep(&who, &req->who.asking);
	operate_name(req, &who.principal);
	return keylog_keys(req->e->p.keylog, &who.asking, act, NULL, 0, AUDIT_REFUSED, &record);
}

enum sc_err operate_refuse(struct key_request *req, const char *act, const struct sc_diag *d)
{
	struct sc_buf text;
	struct jsonw w;
	enum sc_err err;

	if (record_refusal(req, act) != SC_OK)
		return SC_LIMIT;
	sc_buf_init(&text, 4096);
	w = jsonw(&text);
	jsonw_object(&w);
	jsonw_kstr(&w, "refused", d->text);
	jsonw_object_end(&w);
	err = w.err != SC_OK ? w.err : operate_answer(req, sc_buf_span(&text));
	sc_buf_fini(&text);
	return err;
}
