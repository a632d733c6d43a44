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
#include "crypto/tlog/note.h"

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

/* More than one frame to keyd holds: it has to be signed in parts. */
static void refuse_large(struct served_request *rq)
{
	served_refuse(rq, 413, "signed-batch-too-large",
	    "one signature is for at most 512 tokens, and for what fits one message to the key "
	    "service: sign smaller batches");
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
	if (r->outcome == PROTECT_TOO_LARGE && rq->reader.statement.n != 0)
		refuse_large(rq);
	else if (r->outcome != PROTECT_DONE)
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

/* What is signed is signed whole: an item that is left out would make it another batch. */
static bool is_whole(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->values[i].skip)
			return false;
	return true;
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	const struct config *config = rq->gen->config;
	struct sc_diag diag;
	enum sc_err err;

	err = batch_take(rq->state, config->policy, body, config->limits.items_max, &diag);
	if (err == SC_OK && rq->reader.statement.n != 0 && !is_whole(rq->state)) {
		served_refuse(rq, 400, "items",
		    "an item of a signed batch is no {\"token\":...}: nothing of it is opened");
	} else if (err == SC_OK) {
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

/* The caller's own statement, which keyd reads. False: it was refused and answered. */
static bool take_statement(struct served_request *rq, struct batch *b)
{
	struct sc_span text = http_head_find(rq->call->head, "Scrim-Signature");
	size_t n = sizeof(b->statement);

	if (text.n == 0 || b->kind->way != PLAN_READ)
		return true;
	if (note_base64_parse(text, b->statement, &n) != SC_OK || n == 0)
		return served_refuse(rq, 400, "bad-signature",
		    "Scrim-Signature is the base64 of a signed statement");
	rq->reader.statement = sc_span(b->statement, n);
	return true;
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
	if (!take_statement(rq, b))
		return;
	http_call_buffer_body(rq->call, rq->gen->config->limits.http.max_body);
}
