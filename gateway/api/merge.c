/*
 * merge.c - two subjects that are one person, such as a guest who registers.
 *
 *	POST /v1/subjects/{id}/merge	{"from":"guest:SO-2201"}
 *
 * What was sealed for the one in `from` is {id}'s from now on: its tokens open as they did,
 * and erasing {id} destroys them too. That it was asked for is on disk before keyd is asked.
 */
#include "base/text/jsonw.h"
#include "gateway/api/api.h"
#include "gateway/api/batch.h"
#include "net/http/head.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX 4096 /* 512 bytes, each of them escaped */

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
	struct jsonw w;

	if (reply->err != SC_OK || reply->n == 0) {
		served_refuse_keys(rq, reply->err);
		return;
	}
	status = reply->results[0].status;
	if (reply->record != WIRE_NO_RECORD)
		rq->record.keyd_index = reply->record;
	rq->record.n_subjects = reply->n_subjects < 2 ? reply->n_subjects : 2;
	memcpy(rq->subjects, reply->subjects, rq->record.n_subjects * AUDIT_HANDLE_BYTES);
	rq->record.subjects = (const uint8_t(*)[AUDIT_HANDLE_BYTES])rq->subjects;
	if (status != WIRE_OK && status != WIRE_GONE) {
		refuse_status(rq, (uint8_t)status);
		return;
	}
	sc_buf_clear(&rq->out);
	w = jsonw(&rq->out);
	jsonw_object(&w);
	jsonw_kstr(&w, "status", status == WIRE_OK ? "merged" : "unknown");
	if (reply->record != WIRE_NO_RECORD)
		jsonw_ku64(&w, "record", reply->record);
	jsonw_object_end(&w);
	rq->record.outcome = AUDIT_OK;
	served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
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

static const struct shape_row from_rows[] = {
	{ "from", batch_take_subject, SHAPE_HERE, .need = true },
	{ .key = NULL },
};
static const struct shape from_shape = { .what = "body", .rows = from_rows };

/* The subject in BODY, into M; false when it was refused and answered. */
static bool take_from(struct served_request *rq, struct merging *m, struct sc_span body)
{
	struct sc_arena arena = { .left = 0 };
	struct shape_ctx c = { .arena = &arena };
	const struct doc_node *from = NULL;
	struct sc_diag diag;
	bool json, understood;

	json = doc_load_sent(&arena, body, body.n, &diag, &c.doc) == SC_OK;
	understood = json && shape_fill(&c, &from_shape, c.doc.root, &from) &&
	    sc_buf_put_span(&m->from, doc_said(&c.doc, from)) == SC_OK && m->from.n != 0;
	sc_arena_fini(&arena);
	if (!json)
		return served_refuse_at(rq, 400, "malformed-json", diag.text, diag.offset);
	if (!understood)
		return served_refuse(rq, 400, "subject",
		    "send {\"from\":...}, a string or a number of 1 "
		    "to 512 bytes, and no other member");
	if (sc_span_eq(sc_buf_span(&m->from), sc_buf_span(&rq->out)))
		return served_refuse(rq, 400, "subject",
		    "nobody is merged with themselves: \"from\" is the subject in the path");
	return true;
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	if (!take_from(rq, rq->state, body))
		return;
	if (served_record_intent(rq, on_intent_durable) != SC_OK)
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

/* Who asks, and may they? False when it was refused and answered. */
static bool begin(struct served_request *rq)
{
	const char *why;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	rq->record.kind = AUDIT_ADMIN;
	rq->record.act = "subjects.merge";
	if (!served_identify(rq, -1) || !served_log_ready(rq))
		return false;
	served_ask(rq, POLICY_MERGE);
	if (protect_mergeable(rq->gen->config->policy, &rq->record.asking, &why))
		return true;
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_POLICY, 1);
	return served_refuse(rq, 403, "policy", why);
}

struct sc_span api_merge_id(const struct http_head *h)
{
	return h->method_id == HTTP_POST ? api_path_id(h->path, "/v1/subjects/", "/merge") :
					   sc_span(NULL, 0);
}

void api_merge_begin(struct served_request *rq, struct sc_span id)
{
	struct merging *m;

	if (!begin(rq))
		return;
	if (!http_percent_decode(id, &rq->out) || rq->out.n == 0 ||
	    rq->out.n > CRYPTO_SUBJECT_MAX) {
		served_refuse(rq, 400, "subject",
		    "the subject in the path is malformed or longer than 512 bytes");
		return;
	}
	if ((m = calloc(1, sizeof(*m))) == NULL) {
		served_refuse_busy(rq);
		return;
	}
	sc_buf_init(&m->from, CRYPTO_SUBJECT_MAX);
	rq->state = m;
	rq->ops = &merge_ops;
	http_call_buffer_body(rq->call, BODY_MAX);
}
