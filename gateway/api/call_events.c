/*
 * call_events.c - POST /v1/call-events: a telephony peer tells how its calls go.
 *
 *	{"type":"ring|answer|end","call":"...","at":1795003200,"cause":"busy"}
 *
 * A Standard Webhook, signed besides coming by the peer's own way: whoever could
 * end somebody's calls could have as many at once as they like. Events come in any
 * order and any number of times; a call's state only rises, and times stay
 * as they were first told.
 */
#include "gateway/api/api.h"
#include "gateway/api/calling.h"
#include "gateway/phone/call_events.h"
#include "net/http/head.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX 4096
#define NODES_MAX 32
#define ID_MAX 128

/* ---- what is told ------------------------------------------------------------------------- */

enum event_type { EVENT_RING, EVENT_ANSWER, EVENT_END };
static const char *const type_names[] = { "ring", "answer", "end", NULL };
static const struct shape_words types = { .what = "type", .list = type_names };

/* Why a call ended, as hooks are told. */
static const char *const cause_names[] = { "", "completed", "busy", "no_answer", "rejected",
	"cancelled", "unreachable", "failed", NULL };
static const struct shape_words causes = { .what = "cause", .list = cause_names };

struct call_event {
	uint8_t type, cause;
	const char *call;
	uint64_t at;
};
#define AT(field) SHAPE_AT(struct call_event, field)

static const struct shape_row rows[] = {
	{ "type", shape_word, AT(type), .need = true, .words = &types },
	{ "call", calling_take_id, AT(call), .need = true, .max = ID_MAX },
	{ "at", shape_count, AT(at), .max = UINT64_MAX },
	{ "cause", shape_word, AT(cause), .words = &causes },
	{ "event_id", shape_about, SHAPE_HERE },
	{ .key = NULL },
};
static const struct shape event_shape = { .what = "body", .rows = rows };

/* ---- written -------------------------------------------------------------------------------- */

/* It outlives the request when the client leaves. */
struct event_write {
	struct phone_call_write cw;
	struct served_request *rq; /* NULL: it has left */
	char call[ID_MAX + 1];
};

/* What a call's state is called; "" of one that is not known. */
static const char *const state_names[] = {
	[CALL_NEW] = "unknown",
	[CALL_ASKED] = "asked",
	[CALL_REFUSED] = "refused",
	[CALL_DIALLED] = "dialled",
	[CALL_RINGING] = "ringing",
	[CALL_ANSWERED] = "answered",
	[CALL_ENDED] = "ended",
};

static void answer(struct served_request *rq, const struct event_write *e)
{
	const struct phone_call *c = &e->cw.call;
	struct jsonw w = jsonw(&rq->out);

	if (c->bound) {
		memcpy(rq->binding, c->binding, sizeof(rq->binding));
		rq->record.binding = rq->binding;
	}
	if (c->state == CALL_NEW) {
		served_refuse(rq, 404, "call-unknown", "no call of that id was asked about");
		return;
	}
	rq->record.outcome = AUDIT_OK;
	jsonw_object(&w);
	jsonw_kstr(&w, "call", e->call);
	jsonw_kstr(&w, "state", state_names[c->state]);
	jsonw_object_end(&w);
	if (w.err == SC_OK)
		served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

static void on_raised(struct phone_write *wr, enum sc_err err)
{
	struct event_write *e =
	    loop_owner(loop_owner(wr, struct phone_call_write, write), struct event_write, cw);
	struct served_request *rq = e->rq;

	if (rq != NULL) {
		rq->state = NULL;
		if (err == SC_OK)
			answer(rq, e);
		else
			served_refuse(rq, 503, "phone-unavailable",
			    "events cannot be kept at the moment");
	}
	free(e);
}

static void raise(struct served_request *rq, const struct call_event *ev)
{
	struct phone_service *s = rq->worker->shared->phone;
	struct event_write *e = calloc(1, sizeof(*e));
	uint64_t now = phone_now_s(s), at = ev->at == 0 || ev->at > now ? now : ev->at;
	struct phone_call *c;

	if (e == NULL) {
		served_refuse_busy(rq);
		return;
	}
	c = &e->cw.call;
	memcpy(e->call, ev->call, strlen(ev->call));
	phone_call_key(s, sc_span_str(ev->call), c->key);
	c->state = (uint8_t)(CALL_RINGING + ev->type);
	c->rung_at = ev->type == EVENT_RING ? at : 0;
	c->answered_at = ev->type == EVENT_ANSWER ? at : 0;
	c->ended_at = ev->type == EVENT_END ? at : 0;
	e->cw.cause = ev->cause == 0 ? NULL : cause_names[ev->cause];
	e->cw.write.done = on_raised;
	e->rq = rq;
	rq->state = e;
	if (phone_call_raise(s, rq->worker, &e->cw) == SC_OK)
		return;
	rq->state = NULL;
	free(e);
	served_refuse_busy(rq);
}

/* ---- asked ------------------------------------------------------------------------------------ */

static bool is_signed(struct served_request *rq, struct sc_span body)
{
	const struct http_head *h = rq->call->head;
	const struct call_event_in in = {
		.id = http_head_only(h, "webhook-id"),
		.timestamp = http_head_only(h, "webhook-timestamp"),
		.signatures = http_head_only(h, "webhook-signature"),
		.body = body,
	};

	if (phone_event_signed(rq->worker->shared->phone, &in))
		return true;
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_AUTH, 1);
	return served_refuse(rq, 401, "signature",
	    "webhook-id, webhook-timestamp and webhook-signature do not sign this body");
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diags all = { .n = 0 };
	struct shape_ctx ctx = { .arena = &arena, .all = &all };
	struct sc_diag diag = { .text = "" };
	struct call_event ev = { .call = NULL };

	if (!is_signed(rq, body))
		return;
	if (doc_load_sent(&arena, body, NODES_MAX, &diag, &ctx.doc) != SC_OK)
		served_refuse_at(rq, 400, "malformed-json", diag.text, diag.offset);
	else if (!shape_fill(&ctx, &event_shape, ctx.doc.root, &ev))
		served_refuse(rq, 400, "body", all.n != 0 ? all.v[0].text : "not an event");
	else
		raise(rq, &ev);
	sc_arena_fini(&arena);
}

static void on_leave(struct served_request *rq)
{
	struct event_write *e = rq->state;

	if (e != NULL)
		e->rq = NULL;
	rq->state = NULL;
}

static const struct served_ops event_ops = { .on_end = on_end, .on_leave = on_leave };

void api_call_events_begin(struct served_request *rq)
{
	if (!api_telephony_begin(rq))
		return;
	rq->record.act = "phone.event";
	rq->ops = &event_ops;
	http_call_buffer_body(rq->call, BODY_MAX);
}
