/*
 * values.c - /v1/seal, /v1/reveal, /v1/index and /v1/mask: batches of values.
 *
 *	{"items":[{"class":"phone","value":"...","subject":"c1"}, ...]}
 *	{"items":[{"status":"ok","token":"sct1-..."}, ...],"request_id":"..."}
 *
 * Each item has a status of its own, so one bad item costs the others nothing.
 * What becomes of a value is protect_values()' to say.
 */
#include "gateway/api/api.h"
#include "gateway/api/batch.h"
#include "gateway/collect/granted.h"

#include <stdlib.h>
#include <string.h>

static void on_leave(struct served_request *rq)
{
	struct batch *b = rq->state;

	if (b == NULL)
		return;
	sc_arena_fini(&b->arena);
	sc_buf_fini(&b->texts);
	free(b);
}

static void on_values(struct protect_job *job, void *arg)
{
	const struct protect_result *r = protect_result(job);
	struct served_request *rq = arg;

	if (rq->record.kind == AUDIT_SEARCH && !r->searched) {
		rq->record.kind = AUDIT_SEAL;
		rq->record.asking.op = POLICY_WRITE;
	}
	served_note_result(rq, r);
	if (r->outcome != PROTECT_DONE)
		served_refuse_outcome(rq, r);
	else if (batch_print(rq, rq->state, &rq->out) == SC_OK)
		served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

static void ask(struct served_request *rq, struct sc_span body)
{
	struct batch *b = rq->state;
	const struct protect_input in = {
		.keyc = rq->worker->keyc,
		.policy = rq->gen->config->policy,
		.codec = &codec_json,
		.way = b->kind->way,
		.caller = &rq->record.asking,
		.reader = &rq->reader,
		.body = body,
		.out = &b->texts,
		.consents = collect_consents(rq->worker, rq->gen->config),
		.done = on_values,
		.arg = rq,
	};

	protect_values(rq->job, &in, b->values, b->n);
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	const struct config *config = rq->gen->config;
	struct sc_diag diag;
	enum sc_err err;

	err = batch_take(rq->state, config->policy, body, config->limits.items_max, &diag);
	if (err == SC_OK) {
		ask(rq, body);
	} else if (err == SC_SYNTAX) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
		served_refuse_at(rq, 400, "malformed-json", diag.text, diag.offset);
	} else if (err == SC_LIMIT) {
		served_refuse(rq, 400, "items", diag.text);
	} else {
		served_refuse_busy(rq);
	}
}

static const struct served_ops values_ops = { .on_end = on_end, .on_leave = on_leave };

/* The purpose of storing when the caller names none. */
static int default_purpose(const struct served_request *rq)
{
	static const struct sc_span name = SC_LIT("order_processing");
	uint8_t id;

	return policy_purpose(rq->gen->config->policy, name, &id) ? id : -1;
}

void api_batch_begin(struct served_request *rq)
{
	const struct batch_kind *kind = batch_kind_of(rq->call->head->path);
	struct batch *b;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	rq->record.kind = kind->record;
	if (!served_identify(rq, kind->way == PLAN_READ ? -1 : default_purpose(rq)) ||
	    !served_log_ready(rq))
		return;
	served_ask(rq, kind->op);
	if ((b = calloc(1, sizeof(*b))) == NULL) {
		served_refuse_busy(rq);
		return;
	}
	b->kind = kind;
	sc_buf_init(&b->texts, VISIT_OUT_MAX);
	rq->state = b;
	rq->ops = &values_ops;
	http_call_buffer_body(rq->call, rq->gen->config->limits.http.max_body);
}
