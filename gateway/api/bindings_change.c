/*
 * bindings_change.c - PATCH /v1/bindings/{id}: another number for one of the two,
 * another end, other ways; what stands on the label stays.
 */
#include "gateway/api/api.h"
#include "gateway/api/bindings.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX (16u << 10)

struct binding_edit {
	struct binding_task task;
	struct phone_service *service;
	struct sc_arena arena;
	struct binding_said said;
	struct api_numbers numbers;
	struct api_number parties[2];
	struct api_number *a, *b; /* NULL: stays */
	struct phone_patch patch;
};

static void release(struct binding_task *t)
{
	struct binding_edit *e = loop_owner(t, struct binding_edit, task);

	api_numbers_fini(&e->numbers);
	sc_arena_fini(&e->arena);
	sc_wipe(e->parties, sizeof(e->parties));
	free(e);
}

/* ---- after ------------------------------------------------------------------------------------ */

static void on_changed(struct binding_task *t, enum sc_err err)
{
	struct binding_edit *e = loop_owner(t, struct binding_edit, task);
	enum binding_status status = binding_status_of(e->patch.got);
	struct served_request *rq = t->rq;
	struct jsonw w = jsonw(&rq->out);

	if (err != SC_OK) {
		binding_refuse_store(rq, err);
		return;
	}
	if (status != BINDING_CHANGED) {
		binding_refuse(rq, status, NULL);
		return;
	}
	jsonw_object(&w);
	jsonw_kstr(&w, "status", binding_statuses[status].name);
	binding_print(&w, phone_settings_of(e->service), &e->patch.binding, sc_span(NULL, 0));
	binding_print_request(&w, rq);
	jsonw_object_end(&w);
	binding_note(rq, e->patch.binding.id);
	rq->record.asking.records = 1;
	rq->record.outcome = AUDIT_OK;
	served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
}

static void change(struct binding_edit *e)
{
	enum sc_err err =
	    phone_change(e->service, e->task.rq->worker, binding_task_write(&e->task), &e->patch);

	if (err != SC_OK)
		binding_task_failed(&e->task, err);
}

/* ---- numbers ------------------------------------------------------------------------------------ */

/* False when it may not be kept, which was answered. */
static bool take_number(struct served_request *rq, const struct api_number *a,
    struct sc_span *token, uint64_t *party)
{
	if (a == NULL)
		return true;
	if (a->status != NUMBER_OK)
		return binding_refuse(rq,
		    a->status == NUMBER_DENIED ? BINDING_DENIED : BINDING_NUMBER_INVALID, NULL);
	*token = a->token;
	*party = a->party;
	return true;
}

/* Nobody is joined to himself. */
static bool joins_two(const struct binding_edit *e, const struct phone_binding *b)
{
	uint64_t x = e->a != NULL ? e->a->party : b->a_party;
	uint64_t y = e->b != NULL ? e->b->party : b->b_party;

	return b->mode != PHONE_AXB || x != y;
}

static void on_numbers(struct served_request *rq)
{
	struct binding_edit *e = loop_owner(rq->state, struct binding_edit, task);
	struct book_change *c = &e->patch.change;
	struct phone_binding b;

	if (!take_number(rq, e->a, &c->a, &c->a_party) ||
	    !take_number(rq, e->b, &c->b, &c->b_party))
		return;
	if (e->a != NULL)
		e->patch.subject = e->a->subject;
	c->parties = e->a != NULL || e->b != NULL;
	if (!phone_find(e->service, e->patch.id, &b))
		binding_refuse(rq, BINDING_UNKNOWN, NULL);
	else if (!joins_two(e, &b))
		binding_refuse(rq, BINDING_NUMBER_INVALID, NULL);
	else
		change(e);
}

static struct api_number *add_number(struct binding_edit *e, const struct phone_pool *pool,
    struct sc_span subject, const char *said)
{
	struct api_number *a = &e->parties[e->numbers.n];

	if (said == NULL)
		return NULL;
	*a = (struct api_number){
		.said = sc_span_str(said),
		.subject = subject,
		.pool = pool,
		.pair = pool->mode == PHONE_AXB,
	};
	e->numbers.n++;
	return a;
}

/* ---- the body -------------------------------------------------------------------------------------- */

/* Other ways for a binding that has those of B. */
static void take_ways(struct binding_edit *e, const struct phone_binding *b)
{
	struct book_change *c = &e->patch.change;

	c->ways = e->said.directions != 0 || e->said.channels != 0;
	if (!c->ways)
		return;
	c->directions = e->said.directions != 0 ? e->said.directions : b->directions;
	c->channels = e->said.channels != 0 ? e->said.channels : b->channels;
}

/* The version of body or head; false when they differ, which was answered. */
static bool take_version(struct served_request *rq, struct binding_edit *e)
{
	uint32_t *version = &e->patch.version;

	if (!binding_if_match(rq, version))
		return false;
	if (*version != 0 && e->said.version != 0 && *version != e->said.version)
		return served_refuse(rq, 400, "if-match",
		    "If-Match and \"version\" name two versions");
	if (*version == 0)
		*version = e->said.version;
	return true;
}

/* What was said, for the binding B that is there; false when it was refused and answered. */
static bool understand(struct served_request *rq, struct binding_edit *e,
    const struct phone_binding *b, struct sc_span subject)
{
	const struct phone_pool *pool = &phone_settings_of(e->service)->pools[b->pool];
	struct book_change *c = &e->patch.change;

	if (!take_version(rq, e))
		return false;
	if (e->said.b != NULL && b->mode != PHONE_AXB)
		return served_refuse(rq, 400, "items", "\"b\" is for pools that join two");
	c->expiry = e->said.ttl_s != 0 || e->said.expires_at != NULL;
	if (c->expiry &&
	    !binding_take_end(e->service, pool, &e->said, &c->expires_at, &e->patch.ttl_s))
		return binding_refuse(rq, BINDING_TTL, NULL);
	take_ways(e, b);
	if (e->said.key != NULL)
		e->patch.key = sc_span_str(e->said.key);
	e->numbers.v = e->parties;
	e->a = add_number(e, pool, subject, e->said.a);
	e->b = add_number(e, pool, subject, e->said.b);
	return c->expiry || c->ways || e->numbers.n != 0 ||
	    served_refuse(rq, 400, "items", "say what is to change");
}

/* The members of BODY; false when it was refused and answered. */
static bool take_body(struct served_request *rq, struct binding_edit *e, struct sc_span body,
    struct sc_span *subject)
{
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = &e->arena, .all = &all };
	struct sc_diag diag;
	enum sc_err err;

	if ((err = doc_load_sent(&e->arena, body, body.n, &diag, &c.doc)) != SC_OK)
		return binding_refuse_body(rq, err, &diag);
	if (!shape_fill(&c, &binding_patch_shape, c.doc.root, &e->said))
		return served_refuse(rq, 400, "items",
		    all.n == 0 ? "this is no change of a binding" : all.v[all.n - 1].text);
	*subject = binding_take_subject(&c, &e->said);
	return c.err == SC_OK || served_refuse_busy(rq);
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct binding_edit *e = loop_owner(rq->state, struct binding_edit, task);
	struct phone_binding b;
	struct sc_span subject;

	if (!binding_key(rq, &e->arena, &e->patch.key) || !take_body(rq, e, body, &subject))
		return;
	if (!phone_find(e->service, e->patch.id, &b)) {
		binding_refuse(rq, BINDING_UNKNOWN, NULL);
		return;
	}
	if (!understand(rq, e, &b, subject))
		return;
	e->numbers.done = on_numbers;
	api_numbers_resolve(&e->numbers, rq, &e->arena);
}

static const struct served_ops change_ops = { .on_end = on_end, .on_leave = binding_task_leave };

void api_binding_change(struct served_request *rq)
{
	struct binding_edit *e;

	if (!binding_begin(rq, AUDIT_ADMIN, "phone.change"))
		return;
	if ((e = calloc(1, sizeof(*e))) == NULL) {
		served_refuse_busy(rq);
		return;
	}
	e->service = rq->worker->shared->phone;
	e->task.on_written = on_changed;
	e->task.release = release;
	binding_task_begin(&e->task, rq, &change_ops);
	if (binding_path_id(rq, e->patch.id))
		http_call_buffer_body(rq->call, BODY_MAX);
}
