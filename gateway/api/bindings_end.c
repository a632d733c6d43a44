/*
 * bindings_end.c - bindings that end before their time: DELETE /v1/bindings/{id},
 * DELETE /v1/bindings?order_ref=... (the order was cancelled) and POST
 * /v1/bindings/complete (it was delivered: they live on for as long as the pool says).
 *
 * From the moment it was asked nobody is routed by them. Asked again the
 * answer is the same, so that a key is not needed.
 */
#include "gateway/api/api.h"
#include "gateway/api/bindings.h"

#include <stdlib.h>

#define BODY_MAX 1024

struct binding_close {
	struct binding_task task;
	uint8_t id[PHONE_ID_BYTES];
	struct sc_buf order; /* the reference */
	struct phone_ending ending;
};

static void release(struct binding_task *t)
{
	struct binding_close *k = loop_owner(t, struct binding_close, task);

	sc_buf_fini(&k->order);
	free(k);
}

static void on_ended(struct binding_task *t, enum sc_err err)
{
	struct binding_close *k = loop_owner(t, struct binding_close, task);
	enum binding_status status = binding_status_of(k->ending.got);
	struct served_request *rq = t->rq;
	struct jsonw w = jsonw(&rq->out);

	if (err != SC_OK) {
		binding_refuse_store(rq, err);
		return;
	}
	if (status != BINDING_CHANGED && status != BINDING_OVER) {
		binding_refuse(rq, status, NULL);
		return;
	}
	jsonw_object(&w);
	jsonw_kstr(&w, "status", k->ending.complete ? "completed" : "ended");
	jsonw_ku64(&w, "count", k->ending.n);
	binding_print_request(&w, rq);
	jsonw_object_end(&w);
	if (k->ending.which.id != NULL)
		binding_note(rq, k->id);
	rq->record.asking.records = (uint32_t)k->ending.n;
	rq->record.outcome = AUDIT_OK;
	served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
}

static void end(struct served_request *rq)
{
	struct binding_close *k = loop_owner(rq->state, struct binding_close, task);
	enum sc_err err = phone_end(rq->worker->shared->phone, rq->worker,
	    binding_task_write(&k->task), &k->ending);

	if (err != SC_OK)
		binding_task_failed(&k->task, err);
}

/* ---- what is said of them ------------------------------------------------------------------- */

static const struct shape_row order_rows[] = {
	{ "order_ref", shape_text, SHAPE_HERE, .need = true, .max = PHONE_ORDER_REF_MAX },
	{ .key = NULL },
};
static const struct shape order_shape = { .what = "body", .rows = order_rows };

/* The order of a body; false when it was refused and answered. */
static bool take_order(struct served_request *rq, struct binding_close *k, struct sc_span body)
{
	struct sc_arena arena = { .left = 0 };
	struct shape_ctx c = { .arena = &arena };
	const char *order = NULL;
	struct sc_diag diag;
	enum sc_err err;
	bool ok;

	err = doc_load_sent(&arena, body, body.n, &diag, &c.doc);
	ok = err == SC_OK && shape_fill(&c, &order_shape, c.doc.root, &order) &&
	    sc_buf_put_str(&k->order, order) == SC_OK;
	sc_arena_fini(&arena);
	k->ending.which.order_ref = sc_buf_span(&k->order);
	if (err != SC_OK)
		return binding_refuse_body(rq, err, &diag);
	return ok ||
	    served_refuse(rq, 400, "order-ref",
		"send {\"order_ref\":...}, a string of 1 to 128 bytes, and no other member");
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct binding_close *k = loop_owner(rq->state, struct binding_close, task);

	if (!k->ending.complete || take_order(rq, k, body))
		end(rq);
}

static const struct served_ops end_ops = { .on_end = on_end, .on_leave = binding_task_leave };

static struct binding_close *begin(struct served_request *rq, const char *act, size_t max_body)
{
	struct binding_close *k;

	if (!binding_begin(rq, AUDIT_ADMIN, act))
		return NULL;
	if ((k = calloc(1, sizeof(*k))) == NULL) {
		served_refuse_busy(rq);
		return NULL;
	}
	sc_buf_init(&k->order, PHONE_ORDER_REF_MAX);
	k->task.on_written = on_ended;
	k->task.release = release;
	binding_task_begin(&k->task, rq, &end_ops);
	http_call_buffer_body(rq->call, max_body);
	return k;
}

void api_binding_end(struct served_request *rq)
{
	struct binding_close *k = begin(rq, "phone.end", 0);

	if (k == NULL || !binding_path_id(rq, k->id) || !binding_if_match(rq, &k->ending.version))
		return;
	k->ending.which.id = k->id;
}

void api_bindings_end(struct served_request *rq)
{
	struct binding_close *k = begin(rq, "phone.end", 0);

	if (k != NULL && binding_query_order(rq, &k->order))
		k->ending.which.order_ref = sc_buf_span(&k->order);
}

void api_bindings_complete(struct served_request *rq)
{
	struct binding_close *k = begin(rq, "phone.complete", BODY_MAX);

	if (k != NULL)
		k->ending.complete = true;
}
