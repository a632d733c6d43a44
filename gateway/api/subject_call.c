/*
 * subject_call.c - what requests about subjects begin and end with.
 */
#include "gateway/api/subject_call.h"

#include "base/text/jsonw.h"
#include "gateway/api/batch.h"
#include "net/http/head.h"

#include <string.h>

bool subject_call_begin(struct served_request *rq, uint8_t op, subject_may_fn *may)
{
	const char *why;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	if (!served_identify(rq, -1) || !served_log_ready(rq))
		return false;
	served_ask(rq, op);
	if (may(rq->gen->config->policy, &rq->record.asking, &why))
		return true;
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_POLICY, 1);
	return served_refuse(rq, 403, "policy", why);
}

bool subject_call_path(struct served_request *rq, struct sc_span id)
{
	return (http_percent_decode(id, &rq->out) && rq->out.n != 0 &&
		   rq->out.n <= CRYPTO_SUBJECT_MAX) ||
	    served_refuse(rq, 400, "subject",
		"the subject in the path is malformed or longer than 512 bytes");
}

bool subject_call_body(struct served_request *rq, const char *member, struct sc_span body,
    struct sc_buf *out)
{
	const struct shape_row rows[] = {
		{ member, batch_take_subject, SHAPE_HERE, .need = true },
		{ .key = NULL },
	};
	const struct shape shape = { .what = "body", .rows = rows };
	struct sc_arena arena = { .left = 0 };
	struct shape_ctx c = { .arena = &arena };
	const struct doc_node *subject = NULL;
	struct sc_diag diag;
	bool json, understood;

	json = doc_load_sent(&arena, body, body.n, &diag, &c.doc) == SC_OK;
	understood = json && shape_fill(&c, &shape, c.doc.root, &subject) &&
	    doc_said(&c.doc, subject).n <= CRYPTO_SUBJECT_MAX &&
	    sc_buf_put_span(out, doc_said(&c.doc, subject)) == SC_OK && out->n != 0;
	sc_arena_fini(&arena);
	if (!json)
		return served_refuse_at(rq, 400, "malformed-json", diag.text, diag.offset);
	if (understood)
		return true;
	sc_diag_set(&diag,
	    "send {\"%s\":...}, a string or a number of 1 to 512 bytes, and no other member",
	    member);
	return served_refuse(rq, 400, "subject", diag.text);
}

bool subject_call_reply(struct served_request *rq, const struct keyc_reply *reply,
    enum wire_status *status)
{
	if (reply->err != SC_OK || reply->n == 0) {
		served_refuse_keys(rq, reply->err);
		return false;
	}
	*status = reply->results[0].status;
	if (reply->record != WIRE_NO_RECORD)
		rq->record.keyd_index = reply->record;
	rq->record.n_subjects = reply->n_subjects < 2 ? reply->n_subjects : 2;
	memcpy(rq->subjects, reply->subjects, rq->record.n_subjects * AUDIT_HANDLE_BYTES);
	rq->record.subjects = (const uint8_t(*)[AUDIT_HANDLE_BYTES])rq->subjects;
	return true;
}

void subject_call_answer(struct served_request *rq, const struct keyc_reply *reply,
    enum wire_status status, const char *done)
{
	struct jsonw w;

	sc_buf_clear(&rq->out);
	w = jsonw(&rq->out);
	jsonw_object(&w);
	jsonw_kstr(&w, "status", status == WIRE_OK ? done : "unknown");
	if (reply->record != WIRE_NO_RECORD)
		jsonw_ku64(&w, "record", reply->record);
	/* what an erasure does not reach, as keyd counts it */
	if (reply->results[0].value.n != 0) {
		jsonw_key(&w, "not_reached");
		jsonw_raw(&w, reply->results[0].value);
	}
	jsonw_object_end(&w);
	rq->record.outcome = AUDIT_OK;
	served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
}
