/*
 * subjects.c - destroying a person's key for good.
 *
 *	POST /v1/subjects/erase		{"subject":"SO/2201"}
 *	POST /v1/subjects/{id}/erase	the id percent-encoded: SO%2F2201
 *
 * Whoever can be sealed can be erased, whatever characters the id has, so the
 * id is taken as it was sealed: decoded once and compared byte for byte. That
 * it was asked for is on disk before keyd is asked; what came of it is a
 * second record. In between they leave what is collected, and virtual numbers that lead
 * to them end: when that fails, the key is still there and it is asked again.
 *
 *	intent durable -> collecting forgets -> bindings ended -> key destroyed -> answer
 *
 * Where keyd has a grace the last but one is that the key opens nothing any more: 202, and until
 * when an operator of keyd can take that back. What came before it is not brought back.
 */
#include "gateway/api/api.h"
#include "gateway/api/bindings.h"
#include "gateway/api/collect.h"
#include "gateway/api/subject_call.h"
#include "base/text/jsonw.h"
#include "net/http/head.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "/v1/subjects/"
#define SUFFIX "/erase"

/* It waits, and is as good as done for everybody but an operator: with the time when it will be. */
static void answer_leaving(struct served_request *rq, const struct keyc_reply *reply)
{
	const struct sc_span until = reply->results[0].value;
	uint64_t at_s = 0;
	struct jsonw w;

	for (size_t i = 0; i < until.n && i < 19; i++)
		at_s = at_s * 10 + (uint64_t)(until.p[i] - '0') % 10;
	sc_buf_clear(&rq->out);
	w = jsonw(&rq->out);
	jsonw_object(&w);
	jsonw_kstr(&w, "status", "waits");
	jsonw_ku64(&w, "until", at_s);
	if (reply->record != WIRE_NO_RECORD)
		jsonw_ku64(&w, "record", reply->record);
	jsonw_object_end(&w);
	rq->record.outcome = AUDIT_OK;
	served_answer(rq, 202, "application/json", sc_buf_span(&rq->out));
}

static void on_erased(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct served_request *rq = loop_owner(call, struct served_request, key_call);
	enum wire_status status;

	if (!subject_call_reply(rq, reply, &status))
		return;
	if (status == WIRE_QUOTA)
		served_refuse(rq, 429, "erasures-used-up",
		    "as many people were erased today as keyd's file lets; this one was "
		    "not. Try again tomorrow");
	else if (status == WIRE_LEAVING)
		answer_leaving(rq, reply);
	else if (status != WIRE_OK && status != WIRE_GONE)
		served_refuse(rq, 403, "policy",
		    "the key service's policy does not let this "
		    "caller erase a subject");
	else
		subject_call_answer(rq, reply, status, "erased");
}

static void erase(struct served_request *rq)
{
	enum sc_err err;

	rq->key_call.done = on_erased;
	err =
	    keyc_erase_subject(rq->worker->keyc, &rq->key_call, &rq->reader, sc_buf_span(&rq->out));
	if (err != SC_OK)
		served_refuse_keys(rq, err);
}

/* ---- virtual numbers that lead to the person ---------------------------------------- */

struct subject_end {
	struct binding_task task;
	struct phone_ending ending;
	struct sc_buf subject; /* as long as the write */
};

static void release(struct binding_task *t)
{
	struct subject_end *k = loop_owner(t, struct subject_end, task);

	sc_buf_fini(&k->subject);
	free(k);
}

static void on_ended(struct binding_task *t, enum sc_err err)
{
	if (err != SC_OK)
		binding_refuse_store(t->rq, err);
	else
		erase(t->rq);
}

static void end_bindings(struct served_request *rq)
{
	struct subject_end *k = calloc(1, sizeof(*k));
	enum sc_err err;

	if (k == NULL) {
		served_refuse_busy(rq);
		return;
	}
	sc_buf_init(&k->subject, CRYPTO_SUBJECT_MAX);
	k->task.on_written = on_ended;
	k->task.release = release;
	binding_task_begin(&k->task, rq, rq->ops);
	if ((err = sc_buf_put_span(&k->subject, sc_buf_span(&rq->out))) == SC_OK) {
		k->ending.which.subject = sc_buf_span(&k->subject);
		err = phone_end(rq->worker->shared->phone, rq->worker, binding_task_write(&k->task),
		    &k->ending);
	}
	if (err != SC_OK)
		binding_task_failed(&k->task, err);
}

static void on_forgotten(struct served_request *rq)
{
	if (rq->worker->shared->phone != NULL)
		end_bindings(rq);
	else
		erase(rq);
}

static void on_intent_durable(struct durable_wait *wait, bool ok)
{
	struct served_request *rq = loop_owner(wait, struct served_request, wait);

	if (!ok)
		served_refuse_keys(rq, SC_LIMIT);
	else if (rq->worker->shared->collect != NULL)
		collect_forget(rq, sc_buf_span(&rq->out), on_forgotten);
	else
		on_forgotten(rq);
}

/* ---- the request ---------------------------------------------------------------------- */

/* A path that names the subject leaves nothing to be said in the body. */
static bool says_nothing(struct sc_span body)
{
	return codec_blank(body) || sc_span_is(body, "{}");
}

static bool body_fits(struct served_request *rq, struct sc_span body)
{
	if (rq->out.n == 0)
		return subject_call_body(rq, "subject", body, &rq->out);
	return says_nothing(body) ||
	    served_refuse(rq, 400, "subject",
		"the path names the subject, so the body must be empty");
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	if (!body_fits(rq, body))
		return;
	/* that it was asked for is on disk before anything happens */
	if (served_record_intent(rq, on_intent_durable) != SC_OK)
		served_refuse_keys(rq, SC_LIMIT);
}

static const struct served_ops subject_ops = { .on_end = on_end, .on_leave = binding_task_leave };

static bool begin(struct served_request *rq)
{
	rq->record.kind = AUDIT_ERASE;
	return subject_call_begin(rq, POLICY_DELETE, protect_erasable);
}

static void read_body(struct served_request *rq)
{
	rq->ops = &subject_ops;
	http_call_buffer_body(rq->call, SUBJECT_BODY_MAX);
}

void api_erase_begin(struct served_request *rq)
{
	if (begin(rq))
		read_body(rq);
}

struct sc_span api_path_id(struct sc_span path, const char *prefix, const char *suffix)
{
	struct sc_span id = sc_span(NULL, 0);

	if (!sc_span_starts(path, prefix) || path.n <= strlen(prefix) + strlen(suffix) ||
	    !sc_span_is(sc_span_from(path, path.n - strlen(suffix)), suffix))
		return id;
	id = sc_span_from(path, strlen(prefix));
	id.n -= strlen(suffix);
	/* one segment, and none that somebody on the way may have resolved */
	if (memchr(id.p, '/', id.n) != NULL || sc_span_is(id, ".") || sc_span_is(id, ".."))
		id.n = 0;
	return id;
}

bool api_subject_path(const struct http_head *h)
{
	return h->method_id == HTTP_POST && api_path_id(h->path, PREFIX, SUFFIX).n != 0;
}

void api_subject_begin(struct served_request *rq)
{
	struct sc_span id = api_path_id(rq->call->head->path, PREFIX, SUFFIX);

	if (id.n == 0) {
		served_refuse(rq, 404, "no-route",
		    "POST /v1/subjects/{id}/erase or /merge with the id in one "
		    "segment, percent-encoded, or POST /v1/subjects/erase");
		return;
	}
	if (begin(rq) && subject_call_path(rq, id))
		read_body(rq);
}
