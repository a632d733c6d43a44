/*
 * voice.c - calls: an inbound one, and the digits that were typed in it.
 *
 *	voice -> Gather -> voice/1/TOKEN -> Gather -> voice/2/TOKEN ... -> Dial, or bye
 *
 * Bare numbers, wrong extensions, those that have ended, those that are somebody else's
 * are asked alike and sent away alike, byte for byte but for the token.
 */
#include "gateway/twiml/visit.h"

/* Was the call answered before, so that it can only be hung up? */
static bool is_answered(const struct twiml_visit *v)
{
	struct sc_span status = v->read.v[TWIML_CALL_STATUS];

	return v->path.hook == TWIML_STEP || sc_span_is(status, "in-progress") ||
	    sc_span_is(status, "answered");
}

static bool is_over(const struct twiml_visit *v)
{
	struct sc_span status = v->read.v[TWIML_CALL_STATUS];

	return !sc_span_is(status, "queued") && !sc_span_is(status, "initiated") &&
	    !sc_span_is(status, "ringing") && !sc_span_is(status, "in-progress") &&
	    !sc_span_is(status, "answered");
}

/* ---- what is answered --------------------------------------------------------------- */

/* May digits be asked for (again)? */
static bool may_ask(const struct twiml_visit *v, const struct phone_attempt *a)
{
	return twiml_pool(v)->mode == PHONE_AXE && a->call.step >= 1 && a->call.step <= TWIML_STEPS;
}

/* The verb for A's row of the answer table; TWIML_VERBS: HTTP 503. */
static enum twiml_verb verb_of(const struct twiml_visit *v, const struct phone_attempt *a)
{
	const struct phone_answer_row *row = phone_answer_row(a->answer);
	bool answered = is_answered(v);
	enum phone_verb verb = answered ? row->keyed : row->first;

	/* misses are asked again as long as a bare number would be */
	if (row->first == VERB_GATHER)
		verb = may_ask(v, a) ? VERB_GATHER : answered ? VERB_HANGUP : VERB_REJECT;
	switch (verb) {
	case VERB_DIAL: return TWIML_DO_DIAL;
	case VERB_GATHER: return TWIML_DO_GATHER;
	case VERB_SAY_HANGUP: return TWIML_DO_LATE;
	case VERB_REJECT: return TWIML_DO_REJECT;
	case VERB_HANGUP: return a->answer == PHONE_REPLAYED ? TWIML_DO_HANGUP : TWIML_DO_BYE;
	case VERB_HTTP_503: break;
	}
	return TWIML_VERBS;
}

/* The URL of HOOK at STEP for this call. */
static bool url_of(const struct twiml_visit *v, enum twiml_hook hook, unsigned step,
    char out[static TWIML_URL_MAX])
{
	char token[TWIML_TOKEN_MAX + 1];

	twiml_token(v->phone, &v->vendor->name, hook, step, v->read.v[TWIML_CALL], token);
	return twiml_url_print(v->vendor->base, &v->vendor->name, hook, step, token, out);
}

static void answer(struct twiml_visit *v, const struct phone_attempt *a)
{
	const struct phone_pool *pool = twiml_pool(v);
	char action[TWIML_URL_MAX], status[TWIML_URL_MAX];
	struct twiml_answer out = {
		.verb = verb_of(v, a),
		.language = v->vendor->language,
		.x = phone_settings_of(v->phone)->lines[v->line].e164,
		.to = a->to,
		.action = action,
		.status = status,
		.digits = pool->ext_digits,
		.max_call_s = a->max_call_s < v->row->min_call_s ? v->row->min_call_s :
								   a->max_call_s,
	};
	bool fits = true;

	if (out.verb == TWIML_DO_GATHER)
		fits = url_of(v, TWIML_STEP, a->call.step, action);
	else if (out.verb == TWIML_DO_DIAL)
		fits = url_of(v, TWIML_DIAL, 0, action) && url_of(v, TWIML_STATUS, 0, status);
	if (!fits || out.verb == TWIML_VERBS)
		served_refuse(v->rq, 503, "phone-unavailable",
		    "calls cannot be connected at the moment");
	else
		twiml_answer(v, &out);
}

static void on_attempt(struct phone_attempt *a, void *arg)
{
	struct twiml_visit *v = arg;

	phone_attempt_note(v->rq, a);
	if (!twiml_bent(v, a))
		answer(v, a);
}

/* ---- what is asked -------------------------------------------------------------------- */

/* Hang up, or leave it unanswered, without an attempt: there is none to make. */
static void turn_away(struct twiml_visit *v, const char *why)
{
	const struct twiml_answer a = { .verb = is_answered(v) ? TWIML_DO_HANGUP :
								 TWIML_DO_REJECT };

	v->rq->record.act = "phone.nobody";
	v->rq->record.outcome = AUDIT_REFUSED;
	v->rq->record.why = why;
	twiml_answer(v, &a);
}

static void attempt(struct twiml_visit *v, uint32_t ext, const struct phone_call *known)
{
	struct phone_attempt_in in = {
		.rq = v->rq,
		.line = v->line,
		.ext = ext,
		.caller = twiml_caller(v->read.v[TWIML_FROM]),
		.channel = PHONE_VOICE,
		.collects = twiml_pool(v)->mode == PHONE_AXE,
		.again = v->vendor->retries,
		.known = known,
		.keep_refusals = true,
		.done = on_attempt,
		.arg = v,
	};

	twiml_key(v, v->read.v[TWIML_CALL], in.key);
	twiml_digest(v, in.digest);
	if (phone_attempt_new(&in, &v->attempt) != SC_OK)
		served_refuse_busy(v->rq);
}

/* Is it a call under way to a number of this vendor? Else it is turned away. */
static bool may_go_on(struct twiml_visit *v)
{
	if (is_over(v))
		turn_away(v, "the call is over");
	else if (!twiml_find_line(v))
		turn_away(v, "no number of this vendor");
	else
		return true;
	return false;
}

void twiml_on_voice(struct twiml_visit *v)
{
	if (may_go_on(v))
		attempt(v, PHONE_NO_EXT, NULL);
}

/* The extension that was typed; PHONE_NO_EXT when it has not as many digits as there are. */
static uint32_t typed(struct sc_span digits, unsigned want)
{
	uint64_t ext;

	if (digits.n != want || !sc_span_u64(digits, &ext))
		return PHONE_NO_EXT;
	return (uint32_t)ext;
}

void twiml_on_step(struct twiml_visit *v)
{
	if (!may_go_on(v))
		return;
	/* From and To must be the call's: it is moved on only where they are the same */
	v->known = (struct phone_call){ .line = v->line,
		.state = CALL_ASKED,
		.step = (uint8_t)v->path.step };
	twiml_key(v, v->read.v[TWIML_CALL], v->known.key);
	twiml_digest(v, v->known.digest);
	attempt(v, typed(v->read.v[TWIML_DIGITS], twiml_pool(v)->ext_digits), &v->known);
}
