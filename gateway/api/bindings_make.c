/*
 * bindings_make.c - POST /v1/bindings: virtual numbers for orders.
 *
 *	{"items":[{"pool":"cn","order_ref":"SO-1","a":"+447700900123","subject":"c1"}, ...]}
 *	{"items":[{"status":"bound","id":"...","x":"+441632960001","ext":"0427", ...}, ...]}
 *
 * or one such object, which is answered like one. Each item has a status of its
 * own. What is made is durable before it is answered, a few hundred at a time.
 */
#include "gateway/api/api.h"
#include "gateway/api/bindings.h"

#include <stdlib.h>
#include <string.h>

struct binding_batch {
	struct binding_task task;
	struct phone_service *service;
	struct sc_arena arena; /* the body's tree, and all that is made of it */
	struct binding_item *items;
	size_t n;
	bool single;
	struct sc_span key; /* the head's, of a single one */
	struct api_numbers numbers;
	struct phone_want *wants;
	size_t n_wants, done, under_way;
};

static void release(struct binding_task *t)
{
	struct binding_batch *b = loop_owner(t, struct binding_batch, task);

	api_numbers_fini(&b->numbers);
	sc_arena_fini(&b->arena);
	free(b);
}

/* ---- the answer ----------------------------------------------------------------------------- */

/* What a label bears instead, where the pool says something. */
static void print_exhausted(struct jsonw *w, const struct binding_batch *b,
    const struct binding_item *it)
{
	const struct phone_pool *pool = &phone_settings_of(b->service)->pools[it->pool];

	if (it->want->retry_at != 0)
		binding_print_time(w, "retry_at", it->want->retry_at);
	if (pool->hotline != NULL)
		jsonw_kstr(w, "hotline", pool->hotline);
}

static void print_bound(struct jsonw *w, const struct binding_batch *b,
    const struct binding_item *it)
{
	static const struct mask_form house = { MASK_HOUSE, 0, 0 };
	struct sc_buf masked;

	sc_buf_init(&masked, 256);
	if (it->a->e164[0] != '\0' && w->err == SC_OK)
		w->err = mask_value_as(house, CLASS_PHONE, sc_span_str(it->a->e164), &masked);
	binding_print(w, phone_settings_of(b->service), &it->want->binding, sc_buf_span(&masked));
	sc_buf_fini(&masked);
}

static void print_item(struct jsonw *w, const struct binding_batch *b,
    const struct binding_item *it)
{
	const struct binding_status_row *row = &binding_statuses[it->status];

	jsonw_kstr(w, "status", row->name);
	if (it->why != NULL || row->detail != NULL)
		jsonw_kstr(w, "reason", it->why != NULL ? it->why : row->detail);
	if (it->status == BINDING_EXHAUSTED)
		print_exhausted(w, b, it);
	else if (row->problem == NULL)
		print_bound(w, b, it);
}

static size_t count_good(const struct binding_batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += binding_statuses[b->items[i].status].problem == NULL;
	return n;
}

static void print_items(struct jsonw *w, const struct binding_batch *b)
{
	jsonw_key(w, "items");
	jsonw_array(w);
	for (size_t i = 0; i < b->n; i++) {
		jsonw_object(w);
		print_item(w, b, &b->items[i]);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void refuse_one(struct served_request *rq, const struct binding_item *it)
{
	struct protect_result r = { .outcome = PROTECT_NUMBERS_EXHAUSTED };

	if (it->status != BINDING_EXHAUSTED) {
		binding_refuse(rq, it->status, it->why);
		return;
	}
	r.retry_at = it->want->retry_at;
	served_refuse_outcome(rq, &r);
}

static void answer(struct binding_batch *b)
{
	struct served_request *rq = b->task.rq;
	struct jsonw w = jsonw(&rq->out);
	size_t good = count_good(b);

	if (b->single && good == 0) {
		refuse_one(rq, &b->items[0]);
		return;
	}
	jsonw_object(&w);
	if (b->single) {
		print_item(&w, b, &b->items[0]);
		binding_note(rq, b->items[0].want->binding.id);
	} else {
		print_items(&w, b);
	}
	binding_print_request(&w, rq);
	jsonw_object_end(&w);
	rq->record.asking.records = (uint32_t)b->n;
	rq->record.outcome = good == b->n ? AUDIT_OK : good != 0 ? AUDIT_PARTIAL : AUDIT_REFUSED;
	if (w.err == SC_OK)
		served_answer(rq, b->single ? binding_statuses[b->items[0].status].http : 200,
		    "application/json", sc_buf_span(&rq->out));
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

/* ---- making them -------------------------------------------------------------------------------- */

static enum binding_status status_of(enum phone_bound got)
{
	static const uint8_t statuses[] = {
		[PHONE_BOUND_NEW] = BINDING_BOUND,
		[PHONE_BOUND_SAME] = BINDING_SAME,
		[PHONE_BOUND_CONFLICT] = BINDING_PAIR_CONFLICT,
		[PHONE_BOUND_TAKEN] = BINDING_EXT_TAKEN,
		[PHONE_BOUND_EXHAUSTED] = BINDING_EXHAUSTED,
		[PHONE_BOUND_KEY] = BINDING_KEY_REUSED,
	};

	return statuses[got];
}

static void bind_more(struct binding_batch *b)
{
	size_t n = b->n_wants - b->done;
	enum sc_err err;

	if (n == 0) {
		for (size_t i = 0; i < b->n; i++)
			if (b->items[i].want != NULL)
				b->items[i].status = status_of(b->items[i].want->got);
		answer(b);
		return;
	}
	b->under_way = n < PHONE_BATCH_MAX ? n : PHONE_BATCH_MAX;
	err = phone_bind(b->service, b->task.rq->worker, binding_task_write(&b->task),
	    &b->wants[b->done], b->under_way);
	if (err != SC_OK)
		binding_task_failed(&b->task, err);
}

static void on_written(struct binding_task *t, enum sc_err err)
{
	struct binding_batch *b = loop_owner(t, struct binding_batch, task);

	if (err != SC_OK) {
		binding_refuse_store(t->rq, err);
		return;
	}
	b->done += b->under_way;
	bind_more(b);
}

static uint8_t usual_channels(const struct phone_pool *pool)
{
	return (uint8_t)((pool->voice ? PHONE_VOICE : 0) | (pool->sms ? PHONE_SMS : 0));
}

/* IT has numbers that may be kept: what the service is asked for. */
static void make_want(struct binding_batch *b, struct binding_item *it)
{
	const struct phone_pool *pool = &phone_settings_of(b->service)->pools[it->pool];
	struct phone_want *want = &b->wants[b->n_wants++];

	it->want = want;
	*want = (struct phone_want){
		.pool = it->pool,
		.region = it->said.region.s[0] != '\0' ? &it->said.region : NULL,
		.line = it->line,
		.ext = it->ext,
		.order_ref = sc_span_str(it->said.order_ref),
		.subject = it->subject,
		.a = it->a->token,
		.a_party = it->a->party,
		.expires_at = it->expires_at,
		.ttl_s = it->ttl_s,
		.directions = it->said.directions != 0 ? it->said.directions :
							 PHONE_TO_A | PHONE_TO_B,
		.channels = it->said.channels != 0 ? it->said.channels : usual_channels(pool),
		.key = it->said.key != NULL ? sc_span_str(it->said.key) : b->key,
	};
	if (it->b != NULL) {
		want->b = it->b->token;
		want->b_party = it->b->party;
	}
}

static enum binding_status judge_numbers(const struct binding_item *it)
{
	if (it->a->status == NUMBER_INVALID || (it->b != NULL && it->b->status == NUMBER_INVALID))
		return BINDING_NUMBER_INVALID;
	if (it->a->status == NUMBER_DENIED || (it->b != NULL && it->b->status == NUMBER_DENIED))
		return BINDING_DENIED;
	/* nobody is joined to himself */
	return it->b != NULL && it->a->party == it->b->party ? BINDING_NUMBER_INVALID :
							       BINDING_BOUND;
}

static void on_numbers(struct served_request *rq)
{
	struct binding_batch *b = loop_owner(rq->state, struct binding_batch, task);

	for (size_t i = 0; i < b->n; i++) {
		struct binding_item *it = &b->items[i];

		if (it->status != BINDING_BOUND)
			continue;
		it->status = judge_numbers(it);
		if (it->status == BINDING_BOUND)
			make_want(b, it);
	}
	bind_more(b);
}

/* ---- the body --------------------------------------------------------------------------------------- */

#define NODES_AN_ITEM 24 /* its members, and some that nobody understands */
#define NODES_MORE 1024

static struct api_number *add_number(struct binding_batch *b, const struct binding_item *it,
    const char *said)
{
	const struct phone_pool *pool = &phone_settings_of(b->service)->pools[it->pool];
	struct api_number *a = &b->numbers.v[b->numbers.n];

	if (said == NULL)
		return NULL;
	*a = (struct api_number){
		.said = sc_span_str(said),
		.subject = it->subject,
		.guest = it->guest,
		.pool = pool,
		.pair = pool->mode == PHONE_AXB,
	};
	b->numbers.n++;
	return a;
}

static void take_items(struct binding_batch *b, struct shape_ctx *c, const struct doc_node *first)
{
	for (size_t i = 0; i < b->n; i++, first = first->next) {
		struct binding_item *it = &b->items[i];

		binding_take(c, b->service, first, it);
		if (it->status != BINDING_BOUND)
			continue;
		it->a = add_number(b, it, it->said.a);
		it->b = add_number(b, it, it->said.b);
	}
}

static bool make_room(struct binding_batch *b)
{
	b->items = sc_arena_alloc(&b->arena, b->n * sizeof(*b->items));
	b->wants = sc_arena_alloc(&b->arena, b->n * sizeof(*b->wants));
	b->numbers.v = sc_arena_alloc(&b->arena, 2 * b->n * sizeof(*b->numbers.v));
	return b->items != NULL && b->wants != NULL && b->numbers.v != NULL;
}

/* The items of ROOT, or ROOT itself; NULL when it was refused and answered. */
static const struct doc_node *find_items(struct binding_batch *b, const struct doc_node *root)
{
	const struct doc_node *items = doc_find(root, "items");
	struct served_request *rq = b->task.rq;

	b->single = root->kind == DOC_OBJECT && items == NULL;
	b->n = b->single ? 1 : items == NULL ? 0 : items->n;
	if (b->single)
		return root;
	if (b->n == 0 || items->kind != DOC_LIST || root->n != 1)
		served_refuse(rq, 400, "items",
		    "send {\"items\":[...]} with at least one item and no other "
		    "member, or one item");
	else if (b->n > rq->gen->config->limits.items_max)
		served_refuse(rq, 400, "items",
		    "too many items in one request: see limits.items_max");
	else if (b->key.n != 0)
		served_refuse(rq, 400, "idempotency-key",
		    "an Idempotency-Key is for one binding; items have a \"key\" each");
	else
		return items->first;
	return NULL;
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct binding_batch *b = loop_owner(rq->state, struct binding_batch, task);
	size_t max = rq->gen->config->limits.items_max * NODES_AN_ITEM + NODES_MORE;
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = &b->arena, .all = &all };
	const struct doc_node *first;
	struct sc_diag diag;
	enum sc_err err;

	if (!binding_key(rq, &b->arena, &b->key))
		return;
	if ((err = doc_load_sent(&b->arena, body, max, &diag, &c.doc)) != SC_OK) {
		binding_refuse_body(rq, err, &diag);
		return;
	}
	if ((first = find_items(b, c.doc.root)) == NULL)
		return;
	if (!make_room(b)) {
		served_refuse_busy(rq);
		return;
	}
	take_items(b, &c, first);
	if (c.err != SC_OK) {
		served_refuse_busy(rq);
		return;
	}
	b->numbers.done = on_numbers;
	api_numbers_resolve(&b->numbers, rq, &b->arena);
}

static const struct served_ops make_ops = { .on_end = on_end, .on_leave = binding_task_leave };

void api_bindings_make(struct served_request *rq)
{
	struct binding_batch *b;

	if (!binding_begin(rq, AUDIT_ADMIN, "phone.bind"))
		return;
	if ((b = calloc(1, sizeof(*b))) == NULL) {
		served_refuse_busy(rq);
		return;
	}
	b->service = rq->worker->shared->phone;
	b->task.on_written = on_written;
	b->task.release = release;
	binding_task_begin(&b->task, rq, &make_ops);
	http_call_buffer_body(rq->call, rq->gen->config->limits.http.max_body);
}
