/*
 * render.c - TwiML.
 */
#include "gateway/twiml/render.h"

#include "base/text/utf8.h"

#include <string.h>
#include <strings.h>

/* ---- what is said ------------------------------------------------------------------- */

static const struct twiml_speech speeches[] = {
	{ "en-GB", "uk", "Please enter the extension, then press the hash key.",
	    "This extension cannot be reached. Goodbye.",
	    "This number is not in use any more. Goodbye." },
	{ "zh-CN", "cn", "请输入分机号，按井号键结束。", "该分机无法接通，再见。",
	    "该号码已停止使用，再见。" },
};

const struct twiml_speech *twiml_speech(const char *language)
{
	for (size_t i = 0; language != NULL && i < sizeof(speeches) / sizeof(speeches[0]); i++)
		if (strncasecmp(speeches[i].language, language, 2) == 0)
			return &speeches[i];
	return &speeches[0];
}

/* ---- XML 1.0 §2.2, §2.4 ---------------------------------------------------------------- */

static const char *escape_of(uint32_t cp)
{
	switch (cp) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&apos;";
	default: return NULL;
	}
}

/* What XML cannot carry, and what would only steer a terminal. */
static bool dropped(uint32_t cp)
{
	return (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7f && cp < 0xa0) ||
	    (cp & 0xfffe) == 0xfffe;
}

static enum sc_err put_text(struct sc_buf *out, struct sc_span s)
{
	enum sc_err err = SC_OK;
	uint32_t cp;
	size_t n;

	for (; s.n != 0 && err == SC_OK; s = sc_span_from(s, n)) {
		const char *escape;

		if ((n = utf8_decode(s, &cp)) == 0)
			return SC_SYNTAX;
		if (dropped(cp))
			continue;
		escape = escape_of(cp);
		err = escape != NULL ? sc_buf_put_str(out, escape) : sc_buf_put(out, s.p, n);
	}
	return err;
}

/* ---- verbs ----------------------------------------------------------------------------- */

/* A writer that remembers its first failure. */
struct xml_out {
	struct sc_buf *out;
	enum sc_err err;
};

static void raw(struct xml_out *x, const char *literal)
{
	if (x->err == SC_OK)
		x->err = sc_buf_put_str(x->out, literal);
}

static void text(struct xml_out *x, const char *s)
{
	if (x->err == SC_OK)
		x->err = put_text(x->out, sc_span_str(s));
}

static void attribute(struct xml_out *x, const char *name, const char *value)
{
	raw(x, " ");
	raw(x, name);
	raw(x, "=\"");
	text(x, value);
	raw(x, "\"");
}

static void number_attribute(struct xml_out *x, const char *name, uint64_t value)
{
	raw(x, " ");
	raw(x, name);
	raw(x, "=\"");
	if (x->err == SC_OK)
		x->err = sc_buf_put_u64(x->out, value);
	raw(x, "\"");
}

static void say(struct xml_out *x, const struct twiml_answer *a, const char *what)
{
	raw(x, "<Say");
	attribute(x, "language", twiml_speech(a->language)->language);
	raw(x, ">");
	text(x, what);
	raw(x, "</Say>");
}

static void hangup(struct xml_out *x, const struct twiml_answer *a)
{
	(void)a;
	raw(x, "<Hangup/>");
}

static void bye(struct xml_out *x, const struct twiml_answer *a)
{
	say(x, a, twiml_speech(a->language)->bye);
	hangup(x, a);
}

static void late(struct xml_out *x, const struct twiml_answer *a)
{
	say(x, a, twiml_speech(a->language)->late);
	hangup(x, a);
}

static void reject(struct xml_out *x, const struct twiml_answer *a)
{
	(void)a;
	raw(x, "<Reject/>");
}

static void nothing(struct xml_out *x, const struct twiml_answer *a)
{
	(void)x;
	(void)a;
}

/* Silence posts to the action as well, so that every call has an end that we made. */
static void gather(struct xml_out *x, const struct twiml_answer *a)
{
	raw(x, "<Gather input=\"dtmf\"");
	number_attribute(x, "numDigits", a->digits);
	raw(x, " timeout=\"8\" finishOnKey=\"#\" actionOnEmptyResult=\"true\" method=\"POST\"");
	attribute(x, "action", a->action);
	raw(x, ">");
	say(x, a, twiml_speech(a->language)->ask);
	raw(x, "</Gather>");
	hangup(x, a);
}

/*
 * Without a callerId the callee would see the caller's number; without answerOnBridge
 * the caller pays for the ringing. Nothing is recorded at the vendor.
 */
static void dial(struct xml_out *x, const struct twiml_answer *a)
{
	raw(x, "<Dial");
	attribute(x, "callerId", a->x);
	raw(x, " answerOnBridge=\"true\" timeout=\"30\"");
	number_attribute(x, "timeLimit", a->max_call_s);
	raw(x, " record=\"do-not-record\"");
	attribute(x, "ringTone", twiml_speech(a->language)->tone);
	raw(x, " method=\"POST\"");
	attribute(x, "action", a->action);
	raw(x, "><Number");
	attribute(x, "statusCallback", a->status);
	raw(x,
	    " statusCallbackMethod=\"POST\""
	    " statusCallbackEvent=\"initiated ringing answered completed\">");
	text(x, a->to);
	raw(x, "</Number></Dial>");
}

static void message(struct xml_out *x, const struct twiml_answer *a)
{
	raw(x, "<Message");
	attribute(x, "to", a->to);
	attribute(x, "from", a->x);
	raw(x, " method=\"POST\"");
	attribute(x, "action", a->action);
	raw(x, "><Body>");
	if (x->err == SC_OK)
		x->err = put_text(x->out, a->text);
	raw(x, "</Body></Message>");
}

static enum sc_err print_xml(const struct twiml_answer *a, struct sc_buf *out)
{
	static void (*const verbs[TWIML_VERBS])(struct xml_out *, const struct twiml_answer *) = {
		[TWIML_DO_DIAL] = dial,
		[TWIML_DO_GATHER] = gather,
		[TWIML_DO_HANGUP] = hangup,
		[TWIML_DO_BYE] = bye,
		[TWIML_DO_LATE] = late,
		[TWIML_DO_REJECT] = reject,
		[TWIML_DO_MESSAGE] = message,
		[TWIML_DO_NOTHING] = nothing,
	};
	struct xml_out x = { out, SC_OK };

	raw(&x, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>");
	verbs[a->verb](&x, a);
	raw(&x, "</Response>");
	return x.err;
}

const struct twiml_renderer twiml_xml = { "text/xml; charset=utf-8", print_xml };
