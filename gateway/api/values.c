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

static void on_leave(struct visit *v)
{
	batch_free(v->state);
	v->state = NULL;
}

static void refuse(struct visit *v, unsigned status, const char *name, const char *detail,
    size_t offset)
{
	on_leave(v);
	visit_refuse(v, status, name, detail, offset);
}

static void on_values(struct protect_job *job, void *arg)
{
	const struct protect_result *r = protect_result(job);
	struct visit *v = arg;
	enum sc_err err;

	if (v->record.kind == AUDIT_SEARCH && !r->searched)
		v->record.asking.op = POLICY_WRITE;
	visit_note_result(v, r);
	if (r->outcome != PROTECT_DONE) {
		on_leave(v);
		visit_refuse_outcome(v, r);
		return;
	}
	err = batch_print(v, v->state, &v->out);
	on_leave(v);
	if (err == SC_OK)
		visit_answer(v, 200, "application/json", sc_buf_span(&v->out));
	else
		visit_refuse(v, 500, "internal", "the answer could not be built", SIZE_MAX);
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

static void take_and_ask(struct visit *v, struct sc_span body, const struct body_value *items)
{
	struct batch *b = v->state;
	const struct protect_input in = {
		.keyc = v->worker->keyc,
		.policy = v->gen->config->policy,
		.codec = &codec_json,
		.way = b->kind == BATCH_REVEAL ? PLAN_READ : PLAN_STORE,
		.caller = &v->record.asking,
		.reader = &v->reader,
		.body = body,
		.out = &b->texts,
		.done = on_values,
		.arg = v,
	};

	batch_take(in.policy, b, body, items);
	protect_values(v->job, &in, b->values, b->n);
}

static void on_end(struct visit *v, struct sc_span body)
{
	struct sc_diag diag = { .text = "" };
	struct body_value root, items;
	size_t n, max = v->gen->config->limits.items_max;

	if (body_check(body, &diag, &root) != SC_OK) {
		metric_add(&v->worker->gate->metrics, METRIC_REFUSED_BODY, 1);
		refuse(v, 400, "malformed-json", diag.text, diag.offset);
		return;
	}
	if (!find_items(&root, &items)) {
		refuse(v, 400, "items", "send {\"items\":[...]} and no other member", SIZE_MAX);
		return;
	}
	n = count_items(&items, max);
	if (n == 0 || n > max)
		refuse(v, 400, "items",
		    n == 0 ? "send {\"items\":[...]} with at least one item" :
			     "too many items in one request: see limits.items_max",
		    SIZE_MAX);
	else if (!make_room(v->state, n, body))
		refuse(v, 503, "busy", "memory is short; try again", SIZE_MAX);
	else
		take_and_ask(v, body, &items);
}

static const struct visit_ops values_ops = { .on_end = on_end, .on_leave = on_leave };

/* The purpose of storing when the caller names none. */
static int default_purpose(const struct visit *v)
{
	static const struct sc_span name = SC_LIT("order_processing");
	uint8_t id;

	return policy_purpose(v->gen->config->policy, name, &id) ? id : -1;
}

static void begin(struct visit *v, enum batch_kind kind, enum audit_kind record, uint8_t op)
{
	struct batch *b;

	metric_add(&v->worker->gate->metrics, METRIC_API, 1);
	v->record.kind = record;
	if (!visit_identify(v, kind == BATCH_REVEAL ? -1 : default_purpose(v)) ||
	    !visit_log_ready(v))
		return;
	visit_ask(v, op);
	if ((b = calloc(1, sizeof(*b))) == NULL) {
		visit_refuse(v, 503, "busy", "memory is short; try again", SIZE_MAX);
		return;
	}
	b->kind = kind;
	sc_buf_init(&b->texts, VISIT_OUT_MAX);
	v->state = b;
	v->ops = &values_ops;
	http_call_buffer_body(v->call, v->gen->config->limits.body_max);
}

void api_seal_begin(struct visit *v)
{
	begin(v, BATCH_SEAL, AUDIT_SEAL, POLICY_WRITE);
}

void api_reveal_begin(struct visit *v)
{
	begin(v, BATCH_REVEAL, AUDIT_REVEAL, POLICY_READ);
}

void api_index_begin(struct visit *v)
{
	begin(v, BATCH_INDEX, AUDIT_SEARCH, POLICY_SEARCH);
}

void api_mask_begin(struct visit *v)
{
	begin(v, BATCH_MASK, AUDIT_REQUEST, POLICY_WRITE);
}
