/*
 * bindings_list.c - GET /v1/bindings/{id} and GET /v1/bindings?order_ref=...
 *
 * Which virtual number leads to whom, and whom the caller may see of it: tokens
 * are opened as policy says to this reader, which for most is a mask.
 */
#include "gateway/api/api.h"
#include "gateway/api/bindings.h"

#include <stdlib.h>
#include <string.h>

struct binding_listing {
	struct binding_task task;
	struct phone_service *service;
	uint8_t id[PHONE_ID_BYTES];
	bool single;
	struct sc_buf order; /* the reference */
	struct phone_list list;
	struct phone_listed listed[PHONE_LIST_MAX];
	struct protect_value values[2 * PHONE_LIST_MAX]; /* A and B of each */
	struct sc_buf tokens, seen; /* the values, and what may be seen of them */
};

static void release(struct binding_task *t)
{
	struct binding_listing *l = loop_owner(t, struct binding_listing, task);

	sc_buf_fini(&l->order);
	sc_buf_fini(&l->tokens);
	sc_buf_fini(&l->seen);
	free(l);
}

/* ---- the answer ----------------------------------------------------------------------------- */

static struct sc_span seen(const struct binding_listing *l, const struct protect_value *v)
{
	bool text = !v->skip && v->status == WIRE_OK && v->kind == CODEC_TEXT && v->n != 0;

	return sc_span(text ? l->seen.p + v->at : NULL, text ? v->n : 0);
}

/* Whom it leads to, as far as the reader may see. */
static void print_party(struct jsonw *w, const struct binding_listing *l, const char *key,
    const struct protect_value *v)
{
	struct sc_span text = seen(l, v);

	if (v->skip)
		return;
	jsonw_key(w, key);
	jsonw_object(w);
	if (v->status != WIRE_OK) {
		jsonw_kstr(w, "status", v->status == WIRE_GONE ? "gone" : "denied");
	} else {
		jsonw_kstr(w, "action", policy_action_name(v->action));
		jsonw_key(w, "value");
		if (text.p == NULL)
			jsonw_null(w);
		else
			jsonw_span(w, text);
	}
	jsonw_object_end(w);
}

static void print_words(struct jsonw *w, const char *key, uint8_t bits, const char *const words[2])
{
	jsonw_key(w, key);
	jsonw_array(w);
	for (unsigned i = 0; i < 2; i++)
		if ((bits >> i & 1) != 0)
			jsonw_str(w, words[i]);
	jsonw_array_end(w);
}

static void print_one(struct jsonw *w, const struct binding_listing *l, size_t i)
{
	static const char *const ways[] = { "to_a", "to_b" },
				 *const channels[] = { "voice", "sms" };
	const struct phone_settings *set = phone_settings_of(l->service);
	const struct phone_listed *one = &l->listed[i];
	const struct phone_binding *b = &one->binding;
	const struct protect_value *a = &l->values[2 * i];
	bool masked = a->action == ACTION_MASK;

	binding_print(w, set, b, masked ? seen(l, a) : sc_span(NULL, 0));
	jsonw_kstr(w, "mode", phone_mode_names[b->mode]);
	jsonw_kstr(w, "order_ref", one->order_ref);
	jsonw_ku64(w, "orders", b->refs);
	print_party(w, l, "a", a);
	print_party(w, l, "b", &l->values[2 * i + 1]);
	print_words(w, "directions", b->directions, ways);
	print_words(w, "channels", b->channels, channels);
	binding_print_time(w, "made_at", b->made_at);
	if (b->ended_at != 0)
		binding_print_time(w, "ended_at", b->ended_at);
	if (one->cool_until != 0)
		binding_print_time(w, "free_at", one->cool_until);
}

static void answer(struct binding_listing *l)
{
	struct served_request *rq = l->task.rq;
	struct jsonw w = jsonw(&rq->out);

	jsonw_object(&w);
	if (l->single) {
		print_one(&w, l, 0);
		binding_note(rq, l->listed[0].binding.id);
	} else {
		jsonw_key(&w, "items");
		jsonw_array(&w);
		for (size_t i = 0; i < l->list.n; i++) {
			jsonw_object(&w);
			print_one(&w, l, i);
			jsonw_object_end(&w);
		}
		jsonw_array_end(&w);
	}
	binding_print_request(&w, rq);
	jsonw_object_end(&w);
	rq->record.asking.records = (uint32_t)l->list.n;
	rq->record.outcome = AUDIT_OK;
	if (w.err == SC_OK)
		served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

/* ---- tokens to what may be seen -------------------------------------------------------------------- */

static void on_values(struct protect_job *job, void *arg)
{
	const struct protect_result *r = protect_result(job);
	struct binding_listing *l = arg;

	served_note_result(l->task.rq, r);
	if (r->outcome == PROTECT_DONE)
		answer(l);
	else
		served_refuse_outcome(l->task.rq, r);
}

static enum sc_err add_token(struct binding_listing *l, size_t i, const char *token)
{
	struct protect_value *v = &l->values[i];
	enum sc_err err =
	    protect_text(v, &form_policy, CLASS_PHONE, sc_span_str(token), &l->tokens);

	v->skip = token[0] == '\0';
	return err;
}

static void open_all(struct binding_listing *l)
{
	struct served_request *rq = l->task.rq;
	const struct protect_input in = {
		.keyc = rq->worker->keyc,
		.policy = rq->gen->config->policy,
		.codec = &codec_json,
		.way = PLAN_READ,
		.caller = &rq->record.asking,
		.reader = &rq->reader,
		.out = &l->seen,
		.done = on_values,
		.arg = l,
	};
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < l->list.n && err == SC_OK; i++)
		if ((err = add_token(l, 2 * i, l->listed[i].a)) == SC_OK)
			err = add_token(l, 2 * i + 1, l->listed[i].b);
	if (err == SC_OK)
		err = protect_texts(rq->job, &in, &l->tokens, l->values, 2 * l->list.n);
	if (err != SC_OK)
		served_refuse_busy(rq);
}

static void on_read(struct binding_task *t, enum sc_err err)
{
	struct binding_listing *l = loop_owner(t, struct binding_listing, task);

	if (err != SC_OK)
		binding_refuse_store(t->rq, err);
	else if (l->single && l->list.n == 0)
		binding_refuse(t->rq, BINDING_UNKNOWN, NULL);
	else if (l->list.n == 0)
		answer(l);
	else
		open_all(l);
}

/* ---- the request ----------------------------------------------------------------------------------------- */

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct binding_listing *l = loop_owner(rq->state, struct binding_listing, task);
	enum sc_err err;

	(void)body;
	err = phone_read(l->service, rq->worker, binding_task_write(&l->task), &l->list);
	if (err != SC_OK)
		binding_task_failed(&l->task, err);
}

static const struct served_ops list_ops = { .on_end = on_end, .on_leave = binding_task_leave };

static struct binding_listing *begin(struct served_request *rq)
{
	struct binding_listing *l;

	if (!binding_begin(rq, AUDIT_REVEAL, "phone.list"))
		return NULL;
	served_ask(rq, POLICY_READ);
	if ((l = calloc(1, sizeof(*l))) == NULL) {
		served_refuse_busy(rq);
		return NULL;
	}
	sc_buf_init(&l->order, PHONE_ORDER_REF_MAX);
	sc_buf_init(&l->tokens, 1u << 20);
	sc_buf_init(&l->seen, 1u << 20);
	l->service = rq->worker->shared->phone;
	l->list.v = l->listed;
	l->task.on_written = on_read;
	l->task.release = release;
	binding_task_begin(&l->task, rq, &list_ops);
	http_call_buffer_body(rq->call, 0);
	return l;
}

void api_binding_get(struct served_request *rq)
{
	struct binding_listing *l = begin(rq);

	if (l == NULL || !binding_path_id(rq, l->id))
		return;
	l->single = true;
	l->list.which.id = l->id;
}

void api_bindings_list(struct served_request *rq)
{
	struct binding_listing *l = begin(rq);

	if (l != NULL && binding_query_order(rq, &l->order))
		l->list.which.order_ref = sc_buf_span(&l->order);
}
