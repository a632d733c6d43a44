/*
 * message.c - texts: one to X goes on to whom X leads to, from X, with what looks
 * like a number taken out. Of pictures nothing goes on: they lie with the vendor
 * under addresses that tell the sender's account.
 *
 * Who is not reached is not told: a text has no unanswered state to leave it in.
 */
#include "gateway/number/text.h"
#include "gateway/twiml/visit.h"

#include "base/text/utf8.h"

#define CHARACTERS_MAX 1600 /* of a text; the vendor refuses longer ones */

static void turn_away(struct twiml_visit *v, const char *why)
{
	v->rq->record.act = "phone.nobody";
	v->rq->record.outcome = AUDIT_REFUSED;
	v->rq->record.why = why;
	twiml_nothing(v);
}

static size_t characters(struct sc_span s)
{
	size_t n = 0;

	for (; s.n != 0; n++) {
		size_t len = utf8_length(s);

		s = sc_span_from(s, len == 0 ? 1 : len);
	}
	return n;
}

static void answer(struct twiml_visit *v, const struct phone_attempt *a)
{
	char action[TWIML_URL_MAX];
	const struct twiml_answer out = {
		.verb = TWIML_DO_MESSAGE,
		.x = phone_settings_of(v->phone)->lines[v->line].e164,
		.to = a->to,
		.action = action,
		.text = sc_buf_span(&v->text),
	};

	if (a->answer == PHONE_DOWN)
		served_refuse(v->rq, 503, "phone-unavailable",
		    "texts cannot be passed on at the moment");
	else if (a->answer != PHONE_CONNECT ||
	    !twiml_url_print(v->vendor->base, &v->vendor->name, TWIML_MESSAGE_SENT, 0, "", action))
		twiml_nothing(v);
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

/* Take the extension off the front of *BODY, where X needs one; PHONE_NO_EXT when there is none. */
static uint32_t take_ext(const struct phone_pool *pool, struct sc_span *body)
{
	struct sc_span rest = *body;
	uint8_t digits;
	uint32_t ext;

	if (pool->mode != PHONE_AXE || !phone_text_take_ext(&rest, &ext, &digits) ||
	    digits != pool->ext_digits)
		return PHONE_NO_EXT;
	*body = rest;
	return ext;
}

/* What may be told of BODY to v->text. False when it may not go on at all, and was answered. */
static bool take_text(struct twiml_visit *v, struct sc_span body)
{
	bool found;

	if (phone_text_redact(body, &v->text, &found) != SC_OK) {
		served_refuse_busy(v->rq);
		return false;
	}
	if (found && twiml_pool(v)->sms_digits != PHONE_SMS_REDACT)
		turn_away(v, "the text holds a number");
	else if (characters(sc_buf_span(&v->text)) > CHARACTERS_MAX)
		turn_away(v, "the text is too long");
	else
		return true;
	return false;
}

static void attempt(struct twiml_visit *v, uint32_t ext)
{
	struct phone_attempt_in in = {
		.rq = v->rq,
		.line = v->line,
		.ext = ext,
		.caller = twiml_caller(v->read.v[TWIML_FROM]),
		.channel = PHONE_SMS,
		.again = v->vendor->retries,
		.keep_refusals = true,
		.done = on_attempt,
		.arg = v,
	};

	twiml_key(v, v->read.v[TWIML_MESSAGE], in.key);
	twiml_digest(v, in.digest);
	if (phone_attempt_new(&in, &v->attempt) != SC_OK)
		served_refuse_busy(v->rq);
}

/* A word that stops texts or begins them again, with or without an extension before it. */
static enum phone_text_word word_of(const struct twiml_visit *v, struct sc_span body)
{
	struct sc_span type = v->read.v[TWIML_OPT_OUT];
	enum phone_text_word word = phone_text_word(v->read.v[TWIML_BODY]);

	/* the vendor knows words of more languages; that it says none proves nothing */
	if (sc_span_is(type, "STOP"))
		return PHONE_TEXT_STOP;
	if (sc_span_is(type, "START"))
		return PHONE_TEXT_START;
	return word != PHONE_TEXT_NONE ? word : phone_text_word(body);
}

void twiml_on_message(struct twiml_visit *v)
{
	struct sc_span body = v->read.v[TWIML_BODY];
	enum phone_text_word word;
	uint32_t ext;

	if (!twiml_find_line(v)) {
		turn_away(v, "no number of this vendor");
		return;
	}
	ext = take_ext(twiml_pool(v), &body);
	word = word_of(v, body);
	if (word != PHONE_TEXT_NONE)
		twiml_on_optout(v, word == PHONE_TEXT_STOP);
	else if (sc_span_is(v->read.v[TWIML_OPT_OUT], "HELP"))
		turn_away(v, "the vendor answers that itself");
	else if (take_text(v, body))
		attempt(v, ext);
}
