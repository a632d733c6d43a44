/*
 * values.c - /v1/seal, /v1/reveal, /v1/index and /v1/mask: batches of values.
 *
 *	{"items":[{"class":"phone","value":"...","subject":"c1"}, ...]}
 *	{"items":[{"status":"ok","token":"sct1-..."}, ...],"request_id":"..."}
 *
 * Each item has a status of its own, so one bad item costs the others nothing.
 * Policy is asked here first; what it allows is asked of keyd, which decides
 * again by its own copy.
 */
#include "crypto/token/token.h"
#include "gateway/api/api.h"
#include "gateway/api/batch.h"

#include <stdlib.h>

static void batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	free(b->v);
	free(b->asks);
	sc_buf_fini(&b->plain);
	sc_buf_fini(&b->texts);
	sc_buf_fini(&b->token);
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

static void answer(struct visit *v, const struct keyc_reply *reply)
{
	enum sc_err err = batch_print(v, v->state, reply, &v->out);

	on_leave(v);
	if (err == SC_OK)
		visit_answer(v, 200, "application/json", sc_buf_span(&v->out));
	else
		visit_refuse(v, 500, "internal", "the answer could not be built", SIZE_MAX);
}

static void on_reply(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct visit *v = loop_owner(call, struct visit, key_call);

	if (reply->err != SC_OK) {
		on_leave(v);
		visit_refuse_keys(v, reply->err);
		return;
	}
	answer(v, reply);
}

static enum sc_err ask_keyd(struct visit *v)
{
	struct batch *b = v->state;

	v->key_call.done = on_reply;
	switch (b->kind) {
	case BATCH_SEAL:
		return keyc_seal(v->worker->keyc, &v->key_call, &v->reader, b->asks, b->n_asks);
	case BATCH_REVEAL:
		return keyc_open(v->worker->keyc, &v->key_call, &v->reader, b->asks, b->n_asks);
	case BATCH_INDEX:
		return keyc_index(v->worker->keyc, &v->key_call, &v->reader, b->asks, b->n_asks);
	case BATCH_MASK: break;
	}
	return SC_BUG;
}

/* The "items" of a body that has nothing else; false when it is not of that shape. */
static bool find_items(const struct body_value *root, struct body_value *items)
{
	struct sc_span rest = api_body_inside(root), name;
	struct body_value value;

	items->kind = BODY_NONE;
	if (root->kind != BODY_OBJECT)
		return false;
	while (api_body_member(&rest, &name, &value)) {
		if (!api_body_name_is(name, "items") || value.kind != BODY_ARRAY ||
		    items->kind != BODY_NONE)
			return false;
		*items = value;
	}
	return items->kind == BODY_ARRAY;
}

/* How many elements ITEMS has; counting ends behind MAX. */
static size_t count_items(const struct body_value *items, size_t max)
{
	struct sc_span rest = api_body_inside(items);
	struct body_value element;
	size_t n = 0;

	while (n <= max && api_body_element(&rest, &element))
		n++;
	return n;
}

/* Room for N items, and for every string of BODY unescaped. */
static bool make_room(struct batch *b, size_t n, struct sc_span body)
{
	b->v = calloc(n, sizeof(*b->v));
	b->asks = calloc(n, sizeof(*b->asks));
	sc_buf_init(&b->plain, body.n + 1);
	return b->v != NULL && b->asks != NULL &&
	    (memchr(body.p, '\\', body.n) == NULL || sc_buf_reserve(&b->plain, body.n) == SC_OK);
}

static void take_and_ask(struct visit *v, const struct body_value *items, size_t n)
{
	struct batch *b = v->state;
	enum sc_err err;

	/* each value is a document of its own */
	v->record.asking.records = v->reader.records = (uint32_t)n;
	if (b->kind == BATCH_INDEX)
		batch_choose_index_op(v, b, items);
	batch_take(v, b, items);
	if (b->n_asks == 0) {
		answer(v, NULL);
	} else if ((err = ask_keyd(v)) != SC_OK) {
		on_leave(v);
		if (err == SC_LIMIT)
			visit_refuse(v, 413, "value-too-large",
			    "a value or a subject is longer than Scrim carries", SIZE_MAX);
		else
			visit_refuse_keys(v, err);
	}
}

static void on_end(struct visit *v, struct sc_span body)
{
	struct sc_diag diag = { .text = "" };
	struct body_value root, items;
	size_t n, max = v->gen->config->limits.items_max;

	if (api_body_check(body, &diag, &root) != SC_OK) {
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
		take_and_ask(v, &items, n);
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
	sc_buf_init(&b->token, TOKEN_BYTES_MAX);
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
