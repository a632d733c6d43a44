/*
 * sms.c - POST /v1/sms: a telephony peer has a text to a virtual number.
 *
 *	{"x":"+441632960001","from":"+447700900123","body":"4711 at the gate","message":"..."}
 *	{"action":"relay","to":"+44...","from":"+441632960001","body":"at the gate"}
 *
 * Words that stop texts are never relayed: who sends one gets no more from that
 * X until they take it back. Whether a number leads nowhere, or to somebody who
 * wants no texts, a stranger is told the same. A body is neither logged nor kept.
 */
#include "gateway/api/api.h"
#include "gateway/api/calling.h"
#include "gateway/number/text.h"

#define BODY_MAX 32768 /* every character of a text may be written as \uXXXX, twice */
#define ID_MAX 128
#define NUMBER_TEXT_MAX 128

#define AT(field) SHAPE_AT(struct calling_said, field)

static bool take_body(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	size_t n = 0;

	if (!calling_take_text(c, node, field))
		return false;
	for (const char *p = node->text; *p != '\0'; p++)
		n += ((uint8_t)*p & 0xC0) != 0x80;
	return n <= PHONE_TEXT_MAX ||
	    shape_must(c, node, "be at most %d characters long", PHONE_TEXT_MAX);
}

static const struct shape_row rows[] = {
	{ "x", calling_take_text, AT(x), .need = true, .max = NUMBER_TEXT_MAX },
	{ "ext", calling_take_text, AT(ext), .max = NUMBER_TEXT_MAX },
	{ "from", calling_take_text, AT(caller), .need = true, .max = NUMBER_TEXT_MAX },
	{ "body", take_body, AT(body), .need = true, .max = 4 * PHONE_TEXT_MAX },
	{ "message", calling_take_id, AT(id), .need = true, .max = ID_MAX },
	{ "confirm", shape_bool, AT(confirm) },
	{ .key = NULL },
};
static const struct shape sms_shape = { .what = "body", .rows = rows };

/* ---- answered -------------------------------------------------------------------------- */

/* ACTION, and of a text that is relayed to whom and what. */
static void answer(struct served_request *rq, const char *action, const struct phone_attempt *a)
{
	const struct phone_settings *set = phone_settings_of(rq->worker->shared->phone);
	const struct calling *c = rq->state;
	struct jsonw w = jsonw(&rq->out);

	jsonw_object(&w);
	jsonw_kstr(&w, "message", c->said.id);
	jsonw_kstr(&w, "action", action);
	if (a != NULL) {
		jsonw_kstr(&w, "to", a->to);
		jsonw_kstr(&w, "from", set->lines[a->line].e164);
		jsonw_key(&w, "body");
		jsonw_span(&w, sc_buf_span(&c->text));
	}
	jsonw_object_end(&w);
	if (w.err == SC_OK)
		served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

static void on_attempt(struct phone_attempt *a, void *arg)
{
	struct served_request *rq = arg;

	phone_attempt_note(rq, a);
	if (a->answer == PHONE_CONNECT)
		answer(rq, "relay", a);
	else if (a->answer == PHONE_DOWN)
		served_refuse(rq, 503, "phone-unavailable",
		    "texts cannot be relayed at the moment");
	else
		answer(rq, a->answer == PHONE_COLLECT ? "hold" : "discard", NULL);
}

/* ---- STOP and START ----------------------------------------------------------------------- */

static void on_opted(struct served_request *rq, bool out, enum sc_err err)
{
	rq->record.act = out ? "phone.stop" : "phone.start";
	rq->record.outcome = AUDIT_OK;
	if (err == SC_OK)
		answer(rq, out ? "opted_out" : "discard", NULL);
	else
		served_refuse(rq, 503, "phone-unavailable", "this cannot be kept at the moment");
}

static void on_who(struct phone_attempt *a, void *arg)
{
	struct served_request *rq = arg;
	const struct calling *c = rq->state;

	rq->record.asking.records = 1;
	if (a->answer == PHONE_DOWN)
		served_refuse(rq, 503, "phone-unavailable", "this cannot be kept at the moment");
	else if (a->caller_party == 0)
		on_attempt(a, rq); /* withheld: there is nobody to be asked for */
	else
		calling_opt(rq, c->word == PHONE_TEXT_STOP, on_opted);
}

/* ---- read ---------------------------------------------------------------------------------- */

/* The extension that an address needs, off the front of BODY. */
static void take_ext(struct served_request *rq, struct sc_span *body)
{
	const struct phone_pool *pool = calling_pool(rq);
	struct calling *c = rq->state;
	struct sc_span rest = *body;
	uint8_t digits;
	uint32_t ext;

	if (pool == NULL || pool->mode != PHONE_AXE || c->ext != PHONE_NO_EXT ||
	    !phone_text_take_ext(&rest, &ext, &digits) || digits != pool->ext_digits)
		return;
	*body = rest;
	c->ext = ext;
	c->ext_digits = digits;
}

/* No answer is built of what the pool does not let through; none, of a text without digits, is held. */
static enum phone_pass pass_of(const struct served_request *rq)
{
	const struct phone_pool *pool = calling_pool(rq);
	const struct calling *c = rq->state;

	if (!c->hides || pool == NULL || pool->sms_digits != PHONE_SMS_HOLD)
		return PHONE_PASS;
	return c->said.confirm ? PHONE_CONFIRMED : PHONE_HOLD;
}

static bool is_discarded(const struct served_request *rq)
{
	const struct phone_pool *pool = calling_pool(rq);
	const struct calling *c = rq->state;

	return pool == NULL || (c->hides && pool->sms_digits == PHONE_SMS_DISCARD);
}

static void discard(struct served_request *rq, const char *why)
{
	rq->record.act = "phone.nobody";
	rq->record.outcome = AUDIT_REFUSED;
	rq->record.why = why;
	answer(rq, "discard", NULL);
}

static void on_end(struct served_request *rq, struct sc_span whole)
{
	struct phone_attempt_in in = { .channel = PHONE_SMS, .done = on_attempt };
	struct calling *c = rq->state;
	struct sc_span body;

	if (!calling_read(rq, whole, &sms_shape))
		return;
	body = sc_span_str(c->said.body);
	c->word = phone_text_word(body);
	take_ext(rq, &body);
	if (c->word == PHONE_TEXT_NONE)
		c->word = phone_text_word(body);
	if (phone_text_redact(body, &c->text, &c->hides) != SC_OK) {
		served_refuse_busy(rq);
		return;
	}
	in.pass = c->word != PHONE_TEXT_NONE ? PHONE_WHO : pass_of(rq);
	if (in.pass == PHONE_WHO)
		in.done = on_who;
	if (c->line == PHONE_NO_LINE)
		discard(rq, "no number of ours");
	else if (in.pass != PHONE_WHO && is_discarded(rq))
		discard(rq, "the text holds a number");
	else
		calling_attempt(rq, &in);
}

static const struct served_ops sms_ops = { .on_end = on_end, .on_leave = calling_leave };

void api_sms_begin(struct served_request *rq)
{
	calling_begin(rq, &sms_ops, BODY_MAX);
}
