/*
 * route.c - POST /v1/route: a telephony server asks what to do with a call or a
 * message to a virtual number.
 *
 *	{"x":"+441632960001*4711","caller":"+447700900123","kind":"INVITE","call":"..."}
 *	{"call":"...","action":"connect","answer":"connect","sip":200,"to":"+44...", ...}
 *
 * Every decision is a 200, so that another status, or none, is no decision.
 */
#include "gateway/api/api.h"
#include "gateway/api/calling.h"

#define BODY_MAX 8192
#define ID_MAX 128
#define NUMBER_TEXT_MAX 128

static const char *const kind_names[] = { "INVITE", "MESSAGE", NULL };
static const struct shape_words kinds = { .what = "kind", .list = kind_names };

#define AT(field) SHAPE_AT(struct calling_said, field)

static const struct shape_row rows[] = {
	{ "x", calling_take_text, AT(x), .need = true, .max = NUMBER_TEXT_MAX },
	{ "ext", calling_take_text, AT(ext), .max = NUMBER_TEXT_MAX },
	{ "caller", calling_take_text, AT(caller), .need = true, .max = NUMBER_TEXT_MAX },
	{ "kind", shape_word, AT(kind), .need = true, .words = &kinds },
	{ "call", calling_take_id, AT(id), .need = true, .max = ID_MAX },
	{ .key = NULL },
};
static const struct shape route_shape = { .what = "body", .rows = rows };

/* What a connected call may do. */
static void print_connect(struct jsonw *w, const struct served_request *rq,
    const struct phone_attempt *a)
{
	const struct phone_settings *set = phone_settings_of(rq->worker->shared->phone);

	jsonw_kstr(w, "to", a->to);
	jsonw_kstr(w, "display", set->lines[a->line].e164);
	jsonw_key(w, "binding");
	jsonw_hex(w, a->binding, PHONE_ID_BYTES);
	jsonw_ku64(w, "max_secs", a->max_call_s);
	/* nothing is recorded, so nobody need be told */
	jsonw_key(w, "record");
	jsonw_bool(w, false);
	jsonw_key(w, "notice");
	jsonw_bool(w, false);
}

static enum sc_err print(struct served_request *rq, const struct phone_attempt *a)
{
	const struct phone_answer_row *row = phone_answer_row(a->answer);
	const struct calling *c = rq->state;
	struct jsonw w = jsonw(&rq->out);

	jsonw_object(&w);
	jsonw_kstr(&w, "call", c->said.id);
	jsonw_kstr(&w, "action", row->action);
	jsonw_kstr(&w, "answer", row->name);
	jsonw_ku64(&w, "sip", row->sip);
	jsonw_kstr(&w, "reason", row->reason);
	if (a->answer == PHONE_CONNECT)
		print_connect(&w, rq, a);
	jsonw_object_end(&w);
	return w.err;
}

static void on_attempt(struct phone_attempt *a, void *arg)
{
	struct served_request *rq = arg;

	phone_attempt_note(rq, a);
	if (print(rq, a) == SC_OK)
		served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct phone_attempt_in in = { .done = on_attempt, .goes_on = true };
	const struct phone_pool *pool;
	const struct calling *c;

	if (!calling_read(rq, body, &route_shape))
		return;
	c = rq->state;
	pool = calling_pool(rq);
	in.channel = c->said.kind == CALLING_INVITE ? PHONE_VOICE : PHONE_SMS;
	in.collects = pool != NULL && pool->mode == PHONE_AXE;
	calling_attempt(rq, &in);
}

static const struct served_ops route_ops = { .on_end = on_end, .on_leave = calling_leave };

void api_route_begin(struct served_request *rq)
{
	calling_begin(rq, &route_ops, BODY_MAX);
}
