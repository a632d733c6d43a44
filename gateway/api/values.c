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

#include <stdlib.h>
#include <string.h>

static void batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	free(b->v);
	free(b->values);
	sc_buf_fini(&b->plain);
	sc_buf_fini(&b->texts);
	free(b);
}

static void on_leave(struct served_request *rq)
{
	batch_free(rq->state);
	rq->state = NULL;
}

static void refuse(struct served_request *rq, unsigned status, const char *name, const char *detail,
    size_t offset)
{
	on_leave(rq);
	served_refuse(rq, status, name, detail, offset);
}

static void on_values(struct protect_job *job, void *arg)
{
	const struct protect_result *r = protect_result(job);
	struct served_request *rq = arg;
	enum sc_err err;

	if (rq->record.kind == AUDIT_SEARCH && !r->searched)
		rq->record.asking.op = POLICY_WRITE;
	served_note_result(rq, r);
	if (r->outcome != PROTECT_DONE) {
		on_leave(rq);
		served_refuse_outcome(rq, r);
		return;
	}
	err = batch_print(rq, rq->state, &rq->out);
	on_leave(rq);
	if (err == SC_OK)
		served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
	else
		served_refuse(rq, 500, "internal", "the answer could not be built", SIZE_MAX);
}

/* The "items" of a body that has nothing else; false when it is not of that shape. */
static bool find_items(const struct body_value *root, struct body_value *items)
{
	struct sc_span rest = body_inside(root), name;
	struct body_value value;

	items->kind = BODY_NONE;
	if (root->kind != BODY_OBJECT)
		return false;
	while (body_member(&rest, &name, &value)) {
		if (!body_name_is(name, "items") || value.kind != BODY_ARRAY ||
		    items->kind != BODY_NONE)
			return false;
		*items = value;
	}
	return items->kind == BODY_ARRAY;
}

/* How many elements ITEMS has; counting ends behind MAX. */
static size_t count_items(const struct body_value *items, size_t max)
{
	struct sc_span rest = body_inside(items);
	struct body_value element;
	size_t n = 0;

	while (n <= max && body_element(&rest, &element))
		n++;
	return n;
}

/* Room for N items, and for every string of BODY unescaped. */
static bool make_room(struct batch *b, size_t n, struct sc_span body)
{
	b->v = calloc(n, sizeof(*b->v));
	b->values = calloc(n, sizeof(*b->values));
	sc_buf_init(&b->plain, body.n + 1);
	return b->v != NULL && b->values != NULL &&
	    (memchr(body.p, '\\', body.n) == NULL || sc_buf_reserve(&b->plain, body.n) == SC_OK);
}

static void take_and_ask(struct served_request *rq, struct sc_span body,
    const struct body_value *items)
{
	struct batch *b = rq->state;
	const struct protect_input in = {
		.keyc = rq->worker->keyc,
		.policy = rq->gen->config->policy,
		.codec = &codec_json,
		.way = b->kind == BATCH_REVEAL ? PLAN_READ : PLAN_STORE,
		.caller = &rq->record.asking,
		.reader = &rq->reader,
		.body = body,
		.out = &b->texts,
		.done = on_values,
		.arg = rq,
	};

	batch_take(in.policy, b, body, items);
	protect_values(rq->job, &in, b->values, b->n);
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct sc_diag diag = { .text = "" };
	struct body_value root, items;
	size_t n, max = rq->gen->config->limits.items_max;

	if (body_check(body, &diag, &root) != SC_OK) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
		refuse(rq, 400, "malformed-json", diag.text, diag.offset);
		return;
	}
	if (!find_items(&root, &items)) {
		refuse(rq, 400, "items", "send {\"items\":[...]} and no other member", SIZE_MAX);
		return;
	}
	n = count_items(&items, max);
	if (n == 0 || n > max)
		refuse(rq, 400, "items",
		    n == 0 ? "send {\"items\":[...]} with at least one item" :
			     "too many items in one request: see limits.items_max",
		    SIZE_MAX);
	else if (!make_room(rq->state, n, body))
		refuse(rq, 503, "busy", "memory is short; try again", SIZE_MAX);
	else
		take_and_ask(rq, body, &items);
}

static const struct served_ops values_ops = { .on_end = on_end, .on_leave = on_leave };

/* The purpose of storing when the caller names none. */
static int default_purpose(const struct served_request *rq)
{
	static const struct sc_span name = SC_LIT("order_processing");
	uint8_t id;

	return policy_purpose(rq->gen->config->policy, name, &id) ? id : -1;
}

static void begin(struct served_request *rq, enum batch_kind kind, enum audit_kind record,
    uint8_t op)
{
	struct batch *b;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	rq->record.kind = record;
	if (!served_identify(rq, kind == BATCH_REVEAL ? -1 : default_purpose(rq)) ||
	    !served_log_ready(rq))
		return;
	served_ask(rq, op);
	if ((b = calloc(1, sizeof(*b))) == NULL) {
		served_refuse(rq, 503, "busy", "memory is short; try again", SIZE_MAX);
		return;
	}
	b->kind = kind;
	sc_buf_init(&b->texts, VISIT_OUT_MAX);
	rq->state = b;
	rq->ops = &values_ops;
	http_call_buffer_body(rq->call, rq->gen->config->limits.body_max);
}

void api_seal_begin(struct served_request *rq)
{
	begin(rq, BATCH_SEAL, AUDIT_SEAL, POLICY_WRITE);
}

void api_reveal_begin(struct served_request *rq)
{
	begin(rq, BATCH_REVEAL, AUDIT_REVEAL, POLICY_READ);
}

void api_index_begin(struct served_request *rq)
{
	begin(rq, BATCH_INDEX, AUDIT_SEARCH, POLICY_SEARCH);
}

void api_mask_begin(struct served_request *rq)
{
	begin(rq, BATCH_MASK, AUDIT_REQUEST, POLICY_WRITE);
}
