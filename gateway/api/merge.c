/*
 * merge.c - two subjects that are one person, such as a guest who registers.
 *
 *	POST /v1/subjects/{id}/merge	{"from":"guest:SO-2201"}
 *
 * What was sealed for the one in `from` is {id}'s from now on: its tokens open as they did,
 * and erasing {id} destroys them too. That it was asked for is on disk before keyd is asked.
 */
#include "gateway/api/api.h"
#include "gateway/api/subject_call.h"
#include "net/http/head.h"

#include <stdlib.h>

/* What the request holds beside rq->out, which is who stays. */
struct merging {
	struct sc_buf from;
};

static bool refuse_status(struct served_request *rq, uint8_t status)
{
	if (status == WIRE_QUOTA)
		return served_refuse(rq, 429, "quota",
		    "the day's limit of people that this role may merge is used up");
	if (status == WIRE_TOO_LARGE)
		return served_refuse(rq, 422, "too-many-keys",
		    "the two have more keys than one person may have");
	return served_refuse(rq, 403, "policy",
	    "the key service's policy does not let this caller merge subjects");
}

static void on_merged(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct served_request *rq = loop_owner(call, struct served_request, key_call);
	enum wire_status status;

	if (!subject_call_reply(rq, reply, &status))
		return;
	if (status != WIRE_OK && status != WIRE_GONE)
		refuse_status(rq, (uint8_t)status);
	else
		subject_call_answer(rq, reply, status, "merged");
}

static void on_intent_durable(struct durable_wait *wait, bool ok)
{
	struct served_request *rq = loop_owner(wait, struct served_request, wait);
	const struct merging *m = rq->state;
	enum sc_err err = SC_LIMIT;

	rq->key_call.done = on_merged;
	if (ok)
		err = keyc_merge_subjects(rq->worker->keyc, &rq->key_call, &rq->reader,
		    sc_buf_span(&m->from), sc_buf_span(&rq->out));
	if (err != SC_OK)
		served_refuse_keys(rq, err);
}

/* ---- the request ---------------------------------------------------------------------- */

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct merging *m = rq->state;

	if (!subject_call_body(rq, "from", body, &m->from))
		return;
	if (sc_span_eq(sc_buf_span(&m->from), sc_buf_span(&rq->out)))
		served_refuse(rq, 400, "subject",
		    "nobody is merged with themselves: \"from\" is the subject in the path");
	else if (served_record_intent(rq, on_intent_durable) != SC_OK)
		served_refuse_keys(rq, SC_LIMIT);
}

static void on_leave(struct served_request *rq)
{
	struct merging *m = rq->state;

	sc_buf_fini(&m->from);
	free(m);
	rq->state = NULL;
}

static const struct served_ops merge_ops = { .on_end = on_end, .on_leave = on_leave };

struct sc_span api_merge_id(const struct http_head *h)
{
	return h->method_id == HTTP_POST ? api_path_id(h->path, "/v1/subjects/", "/merge") :
					   sc_span(NULL, 0);
}

void api_merge_begin(struct served_request *rq, struct sc_span id)
{
	struct merging *m;

	rq->record.kind = AUDIT_ADMIN;
	rq->record.act = "subjects.merge";
	if (!subject_call_begin(rq, POLICY_MERGE, protect_mergeable) || !subject_call_path(rq, id))
		return;
	if ((m = calloc(1, sizeof(*m))) == NULL) {
		served_refuse_busy(rq);
		return;
	}
	sc_buf_init(&m->from, CRYPTO_SUBJECT_MAX);
	rq->state = m;
	rq->ops = &merge_ops;
	http_call_buffer_body(rq->call, SUBJECT_BODY_MAX);
}
