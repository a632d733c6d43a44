/*
 * calling.c - telephony peers and what they say of a call or a text.
 *
 * A peer comes by a client certificate or by a socket of its own. A key that
 * could be copied is not enough: whoever has it could ask for number after
 * number from anywhere.
 */
#include "gateway/api/calling.h"

#include "gateway/api/api.h"
#include "gateway/phone/call_events.h"
#include "gateway/number/text.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 64
#define NO_SUCH_EXT 1000000u /* above what six digits can say */

/* ---- begun ---------------------------------------------------------------------------- */

static bool is_peer(struct served_request *rq)
{
	struct metrics *m = &rq->worker->shared->metrics;
	const char *why;

	served_ask(rq, POLICY_SHARE);
	if (!phone_peer_ok(rq)) {
		metric_add(m, METRIC_REFUSED_AUTH, 1);
		return served_refuse(rq, 403, "not-telephony",
		    "telephony peers come by a socket of their own or with a client certificate");
	}
	if (protect_callable(rq->gen->config->policy, &rq->record.asking, &why))
		return true;
	metric_add(m, METRIC_REFUSED_POLICY, 1);
	return served_refuse(rq, 403, "policy", why);
}

bool api_telephony_begin(struct served_request *rq)
{
	static const struct sc_span delivery = SC_LIT("delivery");
	uint8_t purpose;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	if (!served_identify(rq,
		policy_purpose(rq->gen->config->policy, delivery, &purpose) ? purpose : -1) ||
	    !is_peer(rq) || !served_log_ready(rq))
		return false;
	return rq->worker->shared->phone != NULL ||
	    served_refuse(rq, 404, "no-route", "the configuration has no virtual numbers");
}

bool calling_begin(struct served_request *rq, const struct served_ops *ops, size_t body_max)
{
	struct calling *c;

	if (!api_telephony_begin(rq))
		return false;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return served_refuse_busy(rq);
	c->line = PHONE_NO_LINE;
	c->ext = PHONE_NO_EXT;
	sc_buf_init(&c->text, 4 * PHONE_TEXT_MAX);
	rq->state = c;
	rq->ops = ops;
	http_call_buffer_body(rq->call, body_max);
	return true;
}

/* A write that outlives its request when the client leaves. */
struct calling_opting {
	struct phone_optout opt;
	struct served_request *rq; /* NULL: it has left */
	void (*done)(struct served_request *rq, bool out, enum sc_err err);
};

void calling_leave(struct served_request *rq)
{
	struct calling *c = rq->state;

	if (c == NULL)
		return;
	phone_attempt_free(c->attempt);
	if (c->opting != NULL)
		c->opting->rq = NULL;
	sc_arena_fini(&c->arena);
	sc_buf_fini(&c->text);
	sc_wipe(c, sizeof(*c));
	free(c);
	rq->state = NULL;
}

/* ---- read ------------------------------------------------------------------------------ */

bool calling_take_text(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind != DOC_TEXT || node->half)
		return shape_must(c, node, "be text in quotes");
	if (strlen(node->text) > c->row->max)
		return shape_must(c, node, "be at most %llu bytes long",
		    (unsigned long long)c->row->max);
	memcpy(field, &node->text, sizeof(node->text));
	return true;
}

bool calling_take_id(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return !node->half ? shape_text(c, node, field) : shape_must(c, node, "be text in quotes");
}

/* X, which may bring the extension along, and the extension, which may stand by itself: the same, if both. */
static const char *take_x(struct served_request *rq)
{
	struct calling *c = rq->state;
	const struct phone_settings *set = phone_settings_of(rq->worker->shared->phone);
	struct sc_span ext = sc_span_str(c->said.ext);
	struct phone_number no;
	uint64_t value;

	if (phone_number_parse(sc_span_str(c->said.x), set->home, &no) != SC_OK)
		return "\"x\" must be a telephone number, with its extension behind a star or none";
	c->line = phone_line_find(rq->worker->shared->phone, sc_span_str(no.e164));
	c->ext = no.ext;
	c->ext_digits = no.ext_digits;
	if (ext.n == 0)
		return NULL;
	if (ext.n > PHONE_EXT_DIGITS_MAX || !sc_span_u64(ext, &value))
		return "\"ext\" must be 1 to 6 digits in quotes";
	if (c->ext != PHONE_NO_EXT && (c->ext != value || c->ext_digits != ext.n))
		return "\"x\" and \"ext\" say two extensions";
	c->ext = (uint32_t)value;
	c->ext_digits = (uint8_t)ext.n;
	return NULL;
}

/* The caller's number; all that is none is a number withheld. */
static void take_caller(struct served_request *rq)
{
	struct calling *c = rq->state;
	struct sc_span said = sc_span_str(c->said.caller);
	struct phone_number no;

	if (phone_number_is_e164(said))
		memcpy(c->caller, said.p, said.n);
	else if (phone_number_parse(said, phone_settings_of(rq->worker->shared->phone)->home,
		     &no) == SC_OK)
		memcpy(c->caller, no.e164, sizeof(c->caller));
	if (phone_number_is_withheld(sc_span_str(c->caller)))
		sc_wipe(c->caller, sizeof(c->caller));
	sc_wipe(&no, sizeof(no));
}

bool calling_read(struct served_request *rq, struct sc_span body, const struct shape *shape)
{
	struct calling *c = rq->state;
	struct sc_diags all = { .n = 0 };
	struct shape_ctx ctx = { .arena = &c->arena, .all = &all };
	struct sc_diag diag = { .text = "" };
	const char *wrong;

	if (doc_load_sent(&c->arena, body, NODES_MAX, &diag, &ctx.doc) != SC_OK) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
		return served_refuse_at(rq, 400, "malformed-json", diag.text, diag.offset);
	}
	if (!shape_fill(&ctx, shape, ctx.doc.root, &c->said)) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
		return served_refuse(rq, 400, "body",
		    all.n != 0 ? all.v[0].text : "the body is not what this path takes");
	}
	if ((wrong = take_x(rq)) != NULL) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
		return served_refuse(rq, 400, "number", wrong);
	}
	take_caller(rq);
	return true;
}

const struct phone_pool *calling_pool(const struct served_request *rq)
{
	const struct phone_settings *set = phone_settings_of(rq->worker->shared->phone);
	const struct calling *c = rq->state;

	return c->line == PHONE_NO_LINE ? NULL : &set->pools[set->lines[c->line].pool];
}

/* An extension as an attempt takes it: one with other than the pool's number of digits is nobody's. */
static uint32_t ext_of(const struct served_request *rq)
{
	const struct phone_pool *pool = calling_pool(rq);
	const struct calling *c = rq->state;

	/* 0471 is not 471 */
	if (c->ext != PHONE_NO_EXT && pool != NULL && pool->mode == PHONE_AXE &&
	    c->ext_digits != pool->ext_digits)
		return NO_SUCH_EXT;
	return c->ext;
}

bool calling_attempt(struct served_request *rq, struct phone_attempt_in *in)
{
	struct calling *c = rq->state;
	struct phone_service *s = rq->worker->shared->phone;
	const uint64_t numbers[] = { c->line, c->ext, c->ext_digits, c->said.kind };
	uint8_t whole[HASH_BYTES], text[HASH_BYTES];

	in->rq = rq;
	in->line = c->line;
	in->ext = ext_of(rq);
	in->caller = sc_span_str(c->caller);
	in->again = in->keep_refusals = true;
	in->arg = rq;
	if (c->said.body != NULL) {
		phone_keyed(s, "message", sc_span_str(c->said.id), sc_span(NULL, 0), whole);
		memcpy(in->key, whole, CALL_KEY_BYTES);
	} else {
		phone_call_key(s, sc_span_str(c->said.id), in->key);
	}
	phone_keyed(s, "text", sc_span_str(c->said.body), sc_span(NULL, 0), text);
	phone_keyed(s, "fields", sc_span(numbers, sizeof(numbers)), in->caller, whole);
	phone_keyed(s, "said", sc_span(whole, sizeof(whole)), sc_span(text, sizeof(text)), whole);
	memcpy(in->digest, whole, CALL_DIGEST_BYTES);
	return phone_attempt_new(in, &c->attempt) == SC_OK || served_refuse_busy(rq);
}

/* ---- no more texts ------------------------------------------------------------------------ */

static void on_opted(struct phone_write *wr, enum sc_err err)
{
	struct calling_opting *o =
	    loop_owner(loop_owner(wr, struct phone_optout, write), struct calling_opting, opt);
	struct served_request *rq = o->rq;
	struct calling *c;

	if (rq != NULL) {
		c = rq->state;
		c->opting = NULL;
		o->done(rq, o->opt.out, err);
	}
	free(o);
}

bool calling_opt(struct served_request *rq, bool out,
    void (*done)(struct served_request *rq, bool out, enum sc_err err))
{
	struct calling *c = rq->state;
	struct calling_opting *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return served_refuse_busy(rq);
	o->rq = rq;
	o->done = done;
	o->opt.write.done = on_opted;
	o->opt.line = c->line;
	o->opt.person = c->attempt->caller_party;
	o->opt.out = out;
	c->opting = o;
	if (phone_opt(rq->worker->shared->phone, rq->worker, &o->opt) == SC_OK)
		return true;
	c->opting = NULL;
	free(o);
	return served_refuse_busy(rq);
}
