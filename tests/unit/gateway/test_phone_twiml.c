/*
 * test_phone_twiml.c - webhooks from the head to the answer: whose they are, what
 * is asked for them, and that nothing but a sound one is asked for at all.
 *
 * The attempt and the store are stood in for; the signatures are real.
 */
#include "served_stage.h"

#include "crypto/tlog/note.h"
#include "gateway/api/api.h"
#include "gateway/twiml/twiml.h"
#include "gateway/twiml/visit.h"

#include <fcntl.h>
#include <unistd.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define KEY2 "another-key"
#define ACCOUNT "AC00000000000000000000000000000001"
#define PROJECT "00000000-0000-0000-0000-00000000000a"
#define CALL1 "CA00000000000000000000000000000001"
#define CALL2 "CA00000000000000000000000000000002"
#define LEG1 "CA000000000000000000000000000000f1"
#define SMS1 "SM00000000000000000000000000000001"
#define BASE "https://gw.example"
#define AT TWIML_PREFIX "rented/"
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>"
#define BUYER "+447700900123"
#define CALLER "+447700900456"
#define X "+441632960001"

/* ---- in the place of the service -------------------------------------------------------- */

static struct phone_pool pools[] = {
	{ .name = { "labels" }, .mode = PHONE_AXE, .ext_digits = 6 },
	{ .name = { "pairs" }, .mode = PHONE_AXB },
	{ .name = { "theirs" }, .mode = PHONE_AXE, .ext_digits = 6 },
};
static struct phone_line lines[] = {
	{ .e164 = X, .pool = 0 },
	{ .e164 = "+441632960002", .pool = 1 },
	{ .e164 = "+441632960003", .pool = 2 },
};
static char key_file[] = "/tmp/scrim-twiml-key.XXXXXX", key_file2[] = "/tmp/scrim-twiml-key.XXXXXX";
static struct phone_vendor vendors[] = {
	{ .name = { "rented" },
	    .kind = "twilio",
	    .account = ACCOUNT,
	    .base = BASE,
	    .key_files = { key_file, key_file2 },
	    .pools = { true, true },
	    .language = "en-GB" },
	{ .name = { "other" },
	    .kind = "signalwire",
	    .account = PROJECT,
	    .base = BASE,
	    .key_files = { key_file2 },
	    .pools = { false, false, true },
	    .language = "zh-CN" },
};
static struct phone_settings settings = { .pools = pools,
	.n_pools = 3,
	.lines = lines,
	.n_lines = 3,
	.vendors = vendors,
	.n_vendors = 2 };
static struct phone_service *const service = (struct phone_service *)&settings;

static struct {
	/* what the attempt was asked, and what it answers */
	unsigned asked, noted, freed;
	struct phone_attempt_in in;
	char caller[32];
	struct phone_call known;
	bool had_known, no_memory, late, other_digest;
	struct phone_attempt is;
	/* the store */
	unsigned raised;
	struct phone_call_write *write;
	unsigned opened, opted;
	struct phone_call_write *open;
	struct phone_call call;
	bool stale;
	struct phone_optout *opt;
	struct phone_optout was;
	enum sc_err raise_err, open_err, opened_err, write_err, opt_err;
	bool hold_write;
	size_t cap;
} saw;

const struct phone_settings *phone_settings_of(const struct phone_service *s)
{
	(void)s;
	return &settings;
}

uint32_t phone_line_find(const struct phone_service *s, struct sc_span e164)
{
	(void)s;
	for (uint32_t i = 0; i < settings.n_lines; i++)
		if (sc_span_is(e164, lines[i].e164))
			return i;
	return PHONE_NO_LINE;
}

uint64_t phone_now_s(const struct phone_service *s)
{
	(void)s;
	return 1000;
}

void phone_keyed(const struct phone_service *s, const char *label, struct sc_span a,
    struct sc_span b, uint8_t mac[static 32])
{
	static uint8_t text[4096];
	size_t n = (size_t)snprintf((char *)text, sizeof(text), "%s|%zu|", label, a.n);

	(void)s;
	memcpy(text + n, a.p == NULL ? (const uint8_t *)"" : a.p, a.n);
	memcpy(text + n + a.n, b.p == NULL ? (const uint8_t *)"" : b.p, b.n);
	hash_sha256(sc_span(text, n + a.n + b.n), mac);
}

enum sc_err phone_attempt_new(const struct phone_attempt_in *in, struct phone_attempt **out)
{
	*out = NULL;
	if (saw.no_memory)
		return SC_NOMEM;
	saw.asked++;
	saw.in = *in;
	snprintf(saw.caller, sizeof(saw.caller), "%.*s", SC_SPAN_ARG(in->caller));
	saw.had_known = in->known != NULL;
	if (in->known != NULL)
		saw.known = *in->known;
	saw.is.line = in->line;
	if (!saw.other_digest)
		memcpy(saw.is.call.digest, in->digest, CALL_DIGEST_BYTES);
	*out = &saw.is;
	if (!saw.late)
		in->done(&saw.is, in->arg);
	return SC_OK;
}

void phone_attempt_free(struct phone_attempt *a)
{
	saw.freed += a != NULL;
}

void phone_attempt_note(struct served_request *rq, const struct phone_attempt *a)
{
	saw.noted += a == &saw.is;
	rq->record.act = "phone.noted";
	rq->record.outcome = AUDIT_OK;
}

enum sc_err phone_call_raise(struct phone_service *s, struct worker *w, struct phone_call_write *cw)
{
	CHECK(s == service && w == &worker);
	if (saw.raise_err != SC_OK)
		return saw.raise_err;
	saw.raised++;
	saw.write = cw;
	saw.known = cw->call;
	if (!saw.hold_write)
		cw->write.done(&cw->write, saw.write_err);
	return SC_OK;
}

enum sc_err phone_call_open(struct phone_service *s, struct worker *w, struct phone_call_write *cw)
{
	CHECK(s == service && w == &worker);
	if (saw.open_err != SC_OK)
		return saw.open_err;
	saw.opened++;
	saw.open = cw;
	saw.call = cw->call;
	cw->fresh = !saw.stale;
	cw->write.service = s;
	cw->write.worker = w;
	if (!saw.hold_write)
		cw->write.done(&cw->write, saw.opened_err);
	return SC_OK;
}

enum sc_err phone_opt(struct phone_service *s, struct worker *w, struct phone_optout *o)
{
	CHECK(s == service && w == &worker);
	if (saw.opt_err != SC_OK)
		return saw.opt_err;
	saw.opted++;
	saw.opt = o;
	saw.was = *o;
	if (!saw.hold_write)
		o->write.done(&o->write, saw.write_err);
	return SC_OK;
}

void http_call_buffer_body(struct http_call *c, size_t cap)
{
	CHECK(c == &call);
	saw.cap = cap;
}

/* ---- sending ------------------------------------------------------------------------------ */

static struct served_request *rq;
static char sig[64];

/* The signature of BODY to PATH, as the vendor makes it. */
static void sign(const char *key, const char *path, const char *body)
{
	struct sc_arena arena = { .left = 0 };
	struct hmac_sha1_key k;
	struct web_form form;
	uint8_t mac[SHA1_BYTES];
	struct sc_buf text, b;
	struct sc_span part;

	sc_buf_init(&text, 1 << 16);
	sc_buf_init(&b, sizeof(sig) - 1);
	if (web_form_parse(sc_span_str(body), &arena, &form) != SC_OK ||
	    sc_buf_put_str(&text, BASE) != SC_OK || sc_buf_put_str(&text, path) != SC_OK)
		abort();
	for (size_t i = 0; i < form.n; i++)
		if (sc_buf_put_span(&text, form.v[i].name) != SC_OK ||
		    sc_buf_put_span(&text, form.v[i].value) != SC_OK)
			abort();
	hmac_sha1_key_init(&k, (const uint8_t *)key, strlen(key));
	part = sc_buf_span(&text);
	hmac_sha1(&k, &part, 1, mac);
	if (note_base64_print(mac, sizeof(mac), &b) != SC_OK)
		abort();
	memset(sig, 0, sizeof(sig));
	memcpy(sig, b.p, b.n);
	sc_buf_fini(&text);
	sc_buf_fini(&b);
	sc_arena_fini(&arena);
}

/* Keeps what the attempt will answer. */
static void fresh(void)
{
	struct phone_attempt is = saw.is;
	bool hold = saw.hold_write, late = saw.late, other = saw.other_digest;

	memset(&saw, 0, sizeof(saw));
	saw.is = is;
	saw.hold_write = hold;
	saw.late = late;
	saw.other_digest = other;
	request();
	call.user = NULL;
	head.method_id = HTTP_POST;
}

/* Hand the request over; the fields are there. */
static void deliver(const char *path, const char *body)
{
	head.path = sc_span_str(path);
	rq = served_begin(&worker, &call);
	api_twiml_begin(rq);
	if (did.responses == 0)
		rq->ops->on_end(rq, sc_span_str(body));
}

static void post(const char *path, const char *body)
{
	fresh();
	field("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
	sign(strstr(path, "/other/") != NULL ? KEY2 : KEY, path, body);
	field(strstr(path, "/other/") != NULL ? "X-SignalWire-Signature" : "X-Twilio-Signature",
	    sig);
	deliver(path, body);
}

static const char *urlencoded(const char *s)
{
	static char out[8][512];
	static unsigned at;
	char *p = out[at = (at + 1) % 8];

	for (; *s != '\0'; s++, p += strlen(p))
		sprintf(p, strchr("+&=%;# ", *s) != NULL || (uint8_t)*s >= 0x80 ? "%%%02X" : "%c",
		    (uint8_t)*s);
	*p = '\0';
	return out[at];
}

static const char *call_of(const char *sid, const char *from, const char *to, const char *status)
{
	static char body[1024];

	snprintf(body, sizeof(body),
	    "AccountSid=" ACCOUNT "&ApiVersion=2010-04-01&CallSid=%s&CallStatus=%s&Called=%s"
	    "&Caller=%s&Direction=inbound&From=%s&FromCity=&To=%s",
	    sid, status, urlencoded(to), urlencoded(from), urlencoded(from), urlencoded(to));
	return body;
}

static const char *voice_of(const char *sid)
{
	return call_of(sid, CALLER, X, "ringing");
}

static const char *digits_of(const char *sid, const char *digits)
{
	static char body[1100];

	snprintf(body, sizeof(body), "%s&Digits=%s", call_of(sid, CALLER, X, "in-progress"),
	    urlencoded(digits));
	return body;
}

static const char *path_of(enum twiml_hook hook, unsigned step, const char *sid)
{
	static char url[2][TWIML_URL_MAX];
	static unsigned at;
	char token[TWIML_TOKEN_MAX + 1];

	at = !at;
	twiml_token(service, &vendors[0].name, hook, step, sc_span_str(sid), token);
	if (!twiml_url_print("", &vendors[0].name, hook, step, token, url[at]))
		abort();
	return url[at];
}

static void will_be(enum phone_answer answer, unsigned step)
{
	memset(&saw.is, 0, sizeof(saw.is));
	saw.is.answer = answer;
	saw.is.call.step = (uint8_t)step;
	saw.is.max_call_s = 1800;
	if (answer == PHONE_CONNECT)
		snprintf(saw.is.to, sizeof(saw.is.to), "%s", BUYER);
}

static bool forged(void)
{
	return did.status == 403 && did.body[0] == '\0' && did.responses == 1 &&
	    strcmp(did.fields,
		"Content-Type: text/plain\nCache-Control: no-store\n"
		"Scrim-Request-Id: 0123456789abcdef\n") == 0 &&
	    did.record.kind == AUDIT_DENIAL && did.record.outcome == AUDIT_REFUSED &&
	    did.record.asking.principal == NULL && saw.asked == 0 && saw.raised == 0 &&
	    did.notes == 1 && strstr(did.line, "\"act\":\"phone.forged\"") != NULL;
}

static bool says(const char *xml)
{
	char want[1024];

	snprintf(want, sizeof(want), HEAD "%s</Response>", xml);
	if (did.status == 200 && did.responses == 1 && strcmp(did.body, want) == 0 &&
	    strstr(did.fields, "Content-Type: text/xml; charset=utf-8\n") != NULL)
		return true;
	printf("# %u %s\n# %s\n", did.status, did.body, want);
	return false;
}

static bool gathers(unsigned step, const char *sid)
{
	char want[1024];

	snprintf(want, sizeof(want),
	    "<Gather input=\"dtmf\" numDigits=\"6\" timeout=\"8\" finishOnKey=\"#\" "
	    "actionOnEmptyResult=\"true\" method=\"POST\" action=\"" BASE "%s\">"
	    "<Say language=\"en-GB\">Please enter the extension, then press the hash key.</Say>"
	    "</Gather><Hangup/>",
	    path_of(TWIML_STEP, step, sid));
	return says(want);
}

#define BYE "<Say language=\"en-GB\">This extension cannot be reached. Goodbye.</Say><Hangup/>"
#define LATE "<Say language=\"en-GB\">This number is not in use any more. Goodbye.</Say><Hangup/>"

static bool dials(const char *sid)
{
	char want[1024];

	snprintf(want, sizeof(want),
	    "<Dial callerId=\"" X "\" answerOnBridge=\"true\" timeout=\"30\" timeLimit=\"1800\" "
	    "record=\"do-not-record\" ringTone=\"uk\" method=\"POST\" action=\"" BASE "%s\">"
	    "<Number statusCallback=\"" BASE "%s\" statusCallbackMethod=\"POST\" "
	    "statusCallbackEvent=\"initiated ringing answered completed\">" BUYER
	    "</Number></Dial>",
	    path_of(TWIML_DIAL, 0, sid), path_of(TWIML_STATUS, 0, sid));
	return says(want);
}

/* ---- whose is it? --------------------------------------------------------------------------- */

static void test_sound(void)
{
	uint8_t key[32];

	will_be(PHONE_COLLECT, 1);
	post(AT "voice", voice_of(CALL1));
	CHECK(gathers(1, CALL1));
	CHECK(saw.asked == 1 && saw.noted == 1 && saw.freed == 1 && saw.cap == WEB_FORM_BODY_MAX);
	CHECK(saw.in.line == 0 && saw.in.ext == PHONE_NO_EXT && saw.in.channel == PHONE_VOICE);
	CHECK(saw.in.collects && saw.in.keep_refusals && !saw.in.again && !saw.had_known);
	CHECK(strcmp(saw.caller, CALLER) == 0);
	phone_keyed(service, "twiml.id", sc_span_str(ACCOUNT), sc_span_str(CALL1), key);
	CHECK(memcmp(saw.in.key, key, CALL_KEY_BYTES) == 0);
	CHECK(strcmp(did.record.asking.principal->s, "rented") == 0);
	CHECK(did.record.asking.op == POLICY_SHARE && did.record.kind == AUDIT_REQUEST);
	CHECK(strstr(did.line, "\"auth\":\"signature\"") != NULL);
	CHECK(metric(METRIC_WEBHOOK_FIRST_KEY) == 1 && metric(METRIC_API) == 1 &&
	    metrics_in_all() == 2);
	/* nothing of who called whom is in the record */
	CHECK(strstr(did.line, "7700") == NULL && strstr(did.line, "1632") == NULL &&
	    strstr(did.line, CALL1) == NULL);
	/* the other key, and unread fields that nobody has heard of */
	fresh();
	field("Content-Type", "application/x-www-form-urlencoded");
	sign(KEY2, AT "voice", voice_of(CALL2));
	field("x-twilio-signature", sig);
	deliver(AT "voice", voice_of(CALL2));
	CHECK(gathers(1, CALL2) && metric(METRIC_WEBHOOK_SECOND_KEY) == 1 && metrics_in_all() == 2);
}

static void test_forged(void)
{
	static const char *const types = "application/x-www-form-urlencoded";
	char body[1100], other[1100];

	will_be(PHONE_CONNECT, 0);
	/* no signature, an empty one, two, another header's, another key's, a wrong one */
	for (unsigned i = 0; i < 8; i++) {
		fresh();
		field("Content-Type", types);
		sign(i == 4 ? "wrong" : KEY, i == 5 ? AT "message" : AT "voice", voice_of(CALL1));
		if (i == 1)
			field("X-Twilio-Signature", "");
		else if (i == 3)
			field("X-SignalWire-Signature", sig);
		else if (i == 6)
			field("X-Twilio-Signature", "AAAA");
		else if (i == 7)
			sig[3] = sig[3] == 'A' ? 'B' : 'A';
		if (i == 2 || i == 4 || i == 5 || i == 7)
			field("X-Twilio-Signature", sig);
		if (i == 2)
			field("X-Twilio-Signature", sig);
		field("X-Forwarded-Host", "gw.example");
		deliver(AT "voice", voice_of(CALL1));
		CHECK(forged() && metric(METRIC_REFUSED_AUTH) == 1 && metrics_in_all() == 2);
	}
	/* signed, but not as this vendor writes: account, direction, ids, numbers, repetition */
	{
		static const char *const from[] = { "AccountSid=" ACCOUNT, "AccountSid=" ACCOUNT,
			"AccountSid=" ACCOUNT, "Direction=inbound", "CallSid=" CALL1,
			"CallSid=" CALL1, "From=%2B447700900456", "To=%2B441632960001",
			"From=%2B447700900456", "CallStatus=ringing", "CallSid=" CALL1,
			"Direction=inbound", "CallSid=" CALL1, "To=%2B441632960001" };
		static const char *const to[] = { "AccountSid=AC00000000000000000000000000000002",
			"AccountSid=", "Account=" ACCOUNT, "Direction=outbound-api",
			"CallSid=" CALL1 "0", "CallSid=" SMS1, "From=%2B447700900456x",
			"To=client%3Ax", "From=a&From=%2B447700900456", "CallStatus=ring",
			"CallSid=" CALL1 "&CallSid=" CALL1, "Directions=inbound", "callsid=" CALL1,
			"To=%2B%D9%A4%D9%A4%D9%A1" };

		for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
			const char *at;

			snprintf(body, sizeof(body), "%s", voice_of(CALL1));
			at = strstr(body, from[i]);
			while (at != NULL && at != body && at[-1] != '&')
				at = strstr(at + 1, from[i]);
			NEED(at != NULL);
			snprintf(other, sizeof(other), "%.*s%s%s", (int)(at - body), body, to[i],
			    at + strlen(from[i]));
			post(AT "voice", other);
			CHECK(forged());
			CHECK(metric(METRIC_WEBHOOK_FIRST_KEY) == 1 &&
			    metric(METRIC_REFUSED_AUTH) == 1 && metrics_in_all() == 3);
		}
	}
	snprintf(body, sizeof(body), "%s&AccountSid=" ACCOUNT, voice_of(CALL1));
	post(AT "voice", body);
	CHECK(forged());
	post(AT "voice", "");
	CHECK(forged());
}

/* A captured request with every border between name, value and neighbour moved. */
static void test_folded(void)
{
	static const char *const bodies[3] = { "voice", "digits", "message" };
	unsigned tried = 0, taken = 0;

	will_be(PHONE_CONNECT, 0);
	for (unsigned b = 0; b < 3; b++) {
		char body[1100], path[TWIML_URL_MAX], genuine[64];

		snprintf(body, sizeof(body), "%s",
		    b == 0     ? voice_of(CALL1) :
			b == 1 ? digits_of(CALL1, "004711") :
				 "AccountSid=" ACCOUNT
				 "&Body=hello&From=%2B447700900456&MessageSid=" SMS1
				 "&NumMedia=0&NumSegments=1&OptOutType=STOP&To=%2B441632960001");
		snprintf(path, sizeof(path), "%s",
		    b == 0     ? AT "voice" :
			b == 1 ? path_of(TWIML_STEP, 1, CALL1) :
				 AT "message");
		post(path, body);
		CHECK(saw.asked == 1);
		memcpy(genuine, sig, sizeof(genuine));
		for (size_t i = 0; body[i] != '\0'; i++) {
			char bent[1200];

			if (body[i] != '&' && body[i] != '=')
				continue;
			/* the border gone, or moved by one to either side */
			for (int move = -1; move <= 1; move++) {
				if (move == 0)
					snprintf(bent, sizeof(bent), "%.*s%s", (int)i, body,
					    body + i + 1);
				else if (move < 0)
					snprintf(bent, sizeof(bent), "%.*s%c%c%s", (int)i - 1, body,
					    body[i], body[i - 1], body + i + 1);
				else
					snprintf(bent, sizeof(bent), "%.*s%c%c%s", (int)i, body,
					    body[i + 1], body[i], body + i + 2);
				fresh();
				field("Content-Type", "application/x-www-form-urlencoded");
				field("X-Twilio-Signature", genuine);
				deliver(path, bent);
				tried++;
				taken += saw.asked != 0 || did.status == 200;
			}
		}
		CHECK(strlen(bodies[b]) != 0 && tried != 0);
	}
	printf("# %u foldings, %u taken\n", tried, taken);
	CHECK(tried > 150 && taken == 0);
}

static void test_one_parse(void)
{
	char body[1200];

	will_be(PHONE_NOBODY, 0);
	post(AT "message",
	    "AccountSid=" ACCOUNT "&Body=hello&From=%2B447700900456&MessageSid=" SMS1
	    "&NumSegments=1&OptOutType=STOP&To=%2B441632960001&Zz=1");
	CHECK(did.status == 200);
	/* STOP folded away: every field that is read is as it should be, and yet */
	fresh();
	field("Content-Type", "application/x-www-form-urlencoded");
	field("X-Twilio-Signature", sig);
	snprintf(body, sizeof(body),
	    "AccountSid=" ACCOUNT "&Body=hello&From=%%2B447700900456&MessageSid=" SMS1
	    "&NumSegments=1OptOutTypeSTOP&To=%%2B441632960001&Zz=1");
	deliver(AT "message", body);
	CHECK(forged() && metric(METRIC_WEBHOOK_BENT) == 1);
	/* the same fields in another order are the same */
	fresh();
	field("Content-Type", "application/x-www-form-urlencoded");
	field("X-Twilio-Signature", sig);
	deliver(AT "message",
	    "Zz=1&To=%2B441632960001&OptOutType=STOP&NumSegments=1&MessageSid=" SMS1
	    "&From=%2B447700900456&Body=hello&AccountSid=" ACCOUNT);
	CHECK(did.status == 200);
}

/* Somebody else's words with another id in them, delivered as the vendor does. */
static void test_two_ids(void)
{
	char body[1200];

	will_be(PHONE_CONNECT, 0);
	snprintf(body, sizeof(body), "%s&CallerName=CallSid" CALL2, voice_of(CALL1));
	post(AT "voice", body);
	CHECK(forged());
	snprintf(body, sizeof(body), "%s&CallerName=CallSid" CALL1, voice_of(CALL1));
	post(AT "voice", body);
	CHECK(saw.asked == 1);
	snprintf(body, sizeof(body), "%s&ParentCallSid=" CALL2, digits_of(CALL1, "004711"));
	post(path_of(TWIML_STEP, 1, CALL1), body);
	CHECK(forged());
	post(AT "message",
	    "AccountSid=" ACCOUNT "&Body=MessageSidSM00000000000000000000000000000009"
	    "&From=%2B447700900456&MessageSid=" SMS1 "&To=%2B441632960001");
	CHECK(forged());
}

static void test_shapes(void)
{
	static const struct {
		const char *path, *type, *encoding, *body;
		unsigned status;
	} cases[] = {
		{ AT "nothing", "application/x-www-form-urlencoded", NULL, "", 404 },
		{ TWIML_PREFIX "stranger/voice", "application/x-www-form-urlencoded", NULL, "",
		    404 },
		{ AT "voice", "application/json", NULL, "{}", 415 },
		{ AT "voice", NULL, NULL, "", 415 },
		{ AT "voice", "application/x-www-form-urlencoded;charset=gbk", NULL, "", 415 },
		{ AT "voice", "application/x-www-form-urlencodedx", NULL, "", 415 },
		{ AT "voice", "application/x-www-form-urlencoded", "gzip", "", 415 },
		{ AT "voice", "multipart/form-data", NULL, "", 415 },
		{ AT "voice", "application/x-www-form-urlencoded", NULL, "a=%", 400 },
		{ AT "voice", "application/x-www-form-urlencoded", NULL, "a=1;b=2", 400 },
		{ AT "voice", "application/x-www-form-urlencoded", NULL, "a=%ff", 400 },
		{ AT "voice", "APPLICATION/x-www-form-urlencoded ; charset=\"UTF-8\"", NULL,
		    "a=%ff", 400 },
		{ AT "voice", "application/x-www-form-urlencoded", NULL, "a=1", 403 },
	};

	will_be(PHONE_CONNECT, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh();
		if (cases[i].type != NULL)
			field("Content-Type", cases[i].type);
		if (cases[i].encoding != NULL)
			field("Content-Encoding", cases[i].encoding);
		deliver(cases[i].path, cases[i].body);
		CHECK(did.status == cases[i].status && saw.asked == 0);
		CHECK((metric(METRIC_REFUSED_BODY) == 1) ==
		    (cases[i].status == 400 || cases[i].status == 415));
	}
	/* two types; a query; no virtual numbers at all */
	fresh();
	field("Content-Type", "application/x-www-form-urlencoded");
	field("Content-Type", "application/x-www-form-urlencoded");
	deliver(AT "voice", "");
	CHECK(did.status == 415);
	fresh();
	field("Content-Type", "application/x-www-form-urlencoded");
	head.query = sc_span("", 0);
	deliver(AT "voice", voice_of(CALL1));
	CHECK(did.status == 404);
	shared.phone = NULL;
	post(AT "voice", voice_of(CALL1));
	CHECK(did.status == 404);
	shared.phone = service;
	config->phone = NULL;
	post(AT "voice", voice_of(CALL1));
	CHECK(did.status == 404);
	config->phone = &settings;
	/* a log that cannot be written */
	fresh();
	did.log_failed = true;
	field("Content-Type", "application/x-www-form-urlencoded");
	sign(KEY, AT "voice", voice_of(CALL1));
	field("X-Twilio-Signature", sig);
	deliver(AT "voice", voice_of(CALL1));
	CHECK(did.status == 503 && saw.asked == 0);
	/* memory */
	fresh();
	saw.no_memory = true;
	field("Content-Type", "application/x-www-form-urlencoded");
	field("X-Twilio-Signature", sig);
	deliver(AT "voice", voice_of(CALL1));
	CHECK(did.status == 503 && saw.freed == 0);
}

/* ---- calls -------------------------------------------------------------------------------------- */

static void test_answers(void)
{
	static const struct {
		enum phone_answer answer;
		const char *first; /* NULL: Gather */
		const char *keyed; /* the same, at the first step */
	} cases[] = {
		{ PHONE_COLLECT, NULL, NULL },
		{ PHONE_NOBODY, NULL, NULL },
		{ PHONE_ONE_WAY, NULL, NULL },
		{ PHONE_LATE, LATE, LATE },
		{ PHONE_BUSY, "<Reject/>", BYE },
		{ PHONE_BLOCKED, "<Reject/>", BYE },
		{ PHONE_WITHHELD, "<Reject/>", BYE },
		{ PHONE_REPLAYED, "<Reject/>", "<Hangup/>" },
	};
	static const uint8_t zeros[16];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		will_be(cases[i].answer, 1);
		post(AT "voice", voice_of(CALL1));
		CHECK(cases[i].first == NULL ? gathers(1, CALL1) : says(cases[i].first));
		will_be(cases[i].answer, 2);
		post(path_of(TWIML_STEP, 1, CALL1), digits_of(CALL1, "004711"));
		CHECK(cases[i].keyed == NULL ? gathers(2, CALL1) : says(cases[i].keyed));
		/* it goes on with the call that the token names, at its step */
		CHECK(saw.had_known && saw.known.step == 1 && saw.known.line == 0 &&
		    saw.known.state == CALL_ASKED && saw.in.ext == 4711);
		CHECK(memcmp(saw.known.key, saw.in.key, CALL_KEY_BYTES) == 0 &&
		    memcmp(saw.known.key, zeros, 16) != 0);
		CHECK(memcmp(saw.known.digest, saw.in.digest, CALL_DIGEST_BYTES) == 0);
		/* after the last asking, misses are sent away alike */
		will_be(cases[i].answer, TWIML_STEPS + 1);
		post(path_of(TWIML_STEP, TWIML_STEPS, CALL1), digits_of(CALL1, "004711"));
		CHECK(says(cases[i].keyed == NULL ? BYE : cases[i].keyed));
		/* and nobody asks a pair for an extension */
		will_be(cases[i].answer, 1);
		post(AT "voice", call_of(CALL1, CALLER, "+441632960002", "ringing"));
		CHECK(!saw.in.collects && saw.in.line == 1);
		CHECK(says(cases[i].first == NULL ? "<Reject/>" : cases[i].first));
	}
	will_be(PHONE_CONNECT, 0);
	post(AT "voice", voice_of(CALL1));
	CHECK(dials(CALL1));
	will_be(PHONE_CONNECT, 2);
	post(path_of(TWIML_STEP, 1, CALL1), digits_of(CALL1, "004711"));
	CHECK(dials(CALL1));
	will_be(PHONE_DOWN, 0);
	post(AT "voice", voice_of(CALL1));
	CHECK(did.status == 503 && strstr(did.fields, "problem+json") != NULL);
	post(path_of(TWIML_STEP, 1, CALL1), digits_of(CALL1, "004711"));
	CHECK(did.status == 503);
	/* a call that was answered is hung up and not rejected */
	will_be(PHONE_BLOCKED, 0);
	post(AT "voice", call_of(CALL1, CALLER, X, "answered"));
	CHECK(says(BYE));
	post(AT "voice", call_of(CALL1, CALLER, X, "in-progress"));
	CHECK(says(BYE));
}

/* What is remembered of signatures is lost with the process; the ids are not. */
static void test_known_with_other_fields(void)
{
	static const struct {
		bool keyed, text;
		unsigned step; /* of the call as it is */
		bool bent;
	} cases[] = {
		{ false, false, 0, true },
		{ false, false, 1, true },
		{ false, false, 2, false },
		{ true, false, 1, false },
		{ true, false, 2, true },
		{ true, false, 3, false },
		{ false, true, 0, true },
	};

	saw.other_digest = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		will_be(PHONE_REPLAYED, cases[i].step);
		if (cases[i].text)
			post(AT "message",
			    "AccountSid=" ACCOUNT "&Body=hello&From=%2B447700900456"
			    "&MessageSid=" SMS1 "&To=%2B441632960001");
		else
			post(cases[i].keyed ? path_of(TWIML_STEP, 1, CALL1) : AT "voice",
			    cases[i].keyed ? digits_of(CALL1, "004711") : voice_of(CALL1));
		CHECK(cases[i].bent == (did.status == 403 && did.body[0] == '\0'));
		CHECK(cases[i].bent == (metric(METRIC_WEBHOOK_BENT) == 1));
		CHECK(cases[i].bent ==
		    (did.record.kind == AUDIT_DENIAL &&
			strstr(did.line, "\"act\":\"phone.forged\"") != NULL));
		CHECK(cases[i].bent || did.status == 200);
	}
	/* another answer is no replay */
	will_be(PHONE_NOBODY, 1);
	post(AT "voice", voice_of(CALL1));
	CHECK(gathers(1, CALL1));
	saw.other_digest = false;
}

static void test_digits(void)
{
	static const struct {
		const char *digits;
		uint32_t ext;
	} cases[] = { { "004711", 4711 }, { "000000", 0 }, { "999999", 999999 },
		{ "", PHONE_NO_EXT }, { "4711", PHONE_NO_EXT }, { "0047110", PHONE_NO_EXT },
		{ "00471#", PHONE_NO_EXT }, { "*04711", PHONE_NO_EXT } };

	will_be(PHONE_NOBODY, 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		post(path_of(TWIML_STEP, 1, CALL1), digits_of(CALL1, cases[i].digits));
		CHECK(saw.asked == 1 && saw.in.ext == cases[i].ext && gathers(2, CALL1));
	}
	post(path_of(TWIML_STEP, 1, CALL1), digits_of(CALL1, "٠٠٤٧١١"));
	CHECK(forged());
	post(path_of(TWIML_STEP, 1, CALL1), call_of(CALL1, CALLER, X, "in-progress"));
	CHECK(forged()); /* without Digits it is no keypad's */
}

static void test_tokens(void)
{
	will_be(PHONE_CONNECT, 1);
	post(path_of(TWIML_STEP, 1, CALL2), digits_of(CALL1, "004711"));
	CHECK(forged());
	post(AT "voice/2/00000000000000000000000000000000", digits_of(CALL1, "004711"));
	CHECK(forged());
	post(AT "dial/00000000000000000000000000000000",
	    "AccountSid=" ACCOUNT "&CallSid=" CALL1 "&DialCallStatus=completed");
	CHECK(forged());
	post(path_of(TWIML_STATUS, 0, CALL2),
	    "AccountSid=" ACCOUNT "&CallSid=" LEG1 "&CallStatus=ringing&ParentCallSid=" CALL1);
	CHECK(forged());
	/* the leg's own id opens nothing */
	post(path_of(TWIML_STATUS, 0, LEG1),
	    "AccountSid=" ACCOUNT "&CallSid=" LEG1 "&CallStatus=ringing&ParentCallSid=" CALL1);
	CHECK(forged());
}

static void test_turned_away(void)
{
	static const char *const over[] = { "completed", "busy", "failed", "no-answer",
		"canceled" };

	will_be(PHONE_CONNECT, 0);
	/* X that is nobody's, and X that is another vendor's */
	post(AT "voice", call_of(CALL1, CALLER, "+441632960099", "ringing"));
	CHECK(says("<Reject/>") && saw.asked == 0 && did.record.outcome == AUDIT_REFUSED);
	CHECK(strstr(did.line, "\"act\":\"phone.nobody\"") != NULL);
	post(AT "voice", call_of(CALL1, CALLER, "+441632960003", "ringing"));
	CHECK(says("<Reject/>") && saw.asked == 0);
	post(path_of(TWIML_STEP, 1, CALL1), digits_of(CALL1, "004711"));
	CHECK(saw.asked == 1);
	/* a pool that a reload gave to somebody else */
	vendors[0].pools[0] = false;
	post(path_of(TWIML_STEP, 1, CALL1), digits_of(CALL1, "004711"));
	CHECK(says("<Hangup/>") && saw.asked == 0);
	vendors[0].pools[0] = true;
	for (size_t i = 0; i < 5; i++) {
		post(AT "voice", call_of(CALL1, CALLER, X, over[i]));
		CHECK(says("<Reject/>") && saw.asked == 0);
	}
	/* who withholds his number is nobody in particular */
	will_be(PHONE_WITHHELD, 0);
	post(AT "voice", call_of(CALL1, "+266696687", X, "ringing"));
	CHECK(saw.asked == 1 && saw.caller[0] == '\0' && says("<Reject/>"));
	post(AT "voice", call_of(CALL1, "anonymous", X, "queued"));
	CHECK(saw.asked == 1 && saw.caller[0] == '\0');
}

static void test_signalwire(void)
{
	char body[512];

	snprintf(body, sizeof(body),
	    "AccountSid=" PROJECT
	    "&CallSid=00000000-0000-0000-0000-0000000000c1&CallStatus=initiated"
	    "&Direction=inbound&From=%%2B447700900456&To=%%2B441632960003");
	will_be(PHONE_LATE, 0);
	post(TWIML_PREFIX "other/voice", body);
	CHECK(says("<Say language=\"zh-CN\">该号码已停止使用，再见。</Say><Hangup/>") &&
	    saw.in.line == 2);
	/* the one's requests are not the other's */
	post(TWIML_PREFIX "other/voice", voice_of(CALL1));
	CHECK(forged());
	post(AT "voice", body);
	CHECK(forged());
}

static void test_fallback(void)
{
	char body[1200];

	will_be(PHONE_REPLAYED, 0);
	vendors[0].retries = true;
	snprintf(body, sizeof(body), "%s&ErrorCode=11200&ErrorUrl=https%%3A%%2F%%2Fgw.example",
	    voice_of(CALL1));
	post(AT "fallback", body);
	CHECK(says("<Reject/>") && saw.asked == 1 && saw.in.again && saw.in.channel == PHONE_VOICE);
	{
		uint8_t digest[CALL_DIGEST_BYTES];

		/* what is read is the same as at first */
		memcpy(digest, saw.in.digest, sizeof(digest));
		post(AT "voice", voice_of(CALL1));
		CHECK(memcmp(digest, saw.in.digest, sizeof(digest)) == 0 && saw.in.again);
		post(AT "voice", voice_of(CALL2));
		CHECK(memcmp(digest, saw.in.digest, sizeof(digest)) != 0);
		post(AT "voice", call_of(CALL1, CALLER, X, "queued"));
		CHECK(memcmp(digest, saw.in.digest, sizeof(digest)) != 0);
	}
	vendors[0].retries = false;
	post(AT "fallback",
	    "AccountSid=" ACCOUNT "&Body=hello&ErrorCode=11200&From=%2B447700900456"
	    "&MessageSid=" SMS1 "&To=%2B441632960001");
	CHECK(says("") && saw.in.channel == PHONE_SMS && !saw.in.again);
	post(AT "fallback", "AccountSid=" ACCOUNT "&ErrorCode=11200");
	CHECK(forged());
}

static void test_leaving(void)
{
	saw.late = true;
	will_be(PHONE_CONNECT, 0);
	post(AT "voice", voice_of(CALL1));
	CHECK(did.responses == 0 && saw.asked == 1 && saw.freed == 0);
	rq->call = NULL;
	rq->record.outcome = AUDIT_FAILED;
	served_end(rq);
	CHECK(saw.freed == 1 && saw.noted == 0);
	post(AT "voice", voice_of(CALL1));
	saw.in.done(&saw.is, saw.in.arg);
	CHECK(dials(CALL1) && saw.freed == 1);
	saw.late = false;
}

/* ---- what became of them ---------------------------------------------------------------------------- */

static void test_status(void)
{
	static const struct {
		const char *word;
		enum call_state state;
		uint64_t rung, answered, ended;
	} cases[] = {
		{ "queued", CALL_DIALLED, 0, 0, 0 },
		{ "initiated", CALL_DIALLED, 0, 0, 0 },
		{ "ringing", CALL_RINGING, 1000, 0, 0 },
		{ "in-progress", CALL_ANSWERED, 0, 1000, 0 },
		{ "answered", CALL_ANSWERED, 0, 1000, 0 },
		{ "completed", CALL_ENDED, 0, 0, 1000 },
		{ "busy", CALL_ENDED, 0, 0, 1000 },
		{ "failed", CALL_ENDED, 0, 0, 1000 },
		{ "no-answer", CALL_ENDED, 0, 0, 1000 },
		{ "canceled", CALL_ENDED, 0, 0, 1000 },
	};
	uint8_t parent[32], child[32];
	char body[512];

	phone_keyed(service, "twiml.id", sc_span_str(ACCOUNT), sc_span_str(CALL1), parent);
	phone_keyed(service, "twiml.id", sc_span_str(ACCOUNT), sc_span_str(LEG1), child);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* To is whom we hide; it may be anything */
		snprintf(body, sizeof(body),
		    "AccountSid=" ACCOUNT "&CallSid=" LEG1 "&CallStatus=%s&From=%%2B441632960001"
		    "&ParentCallSid=" CALL1 "&SequenceNumber=1&To=%%2B447700900123&To=x",
		    cases[i].word);
		post(path_of(TWIML_STATUS, 0, CALL1), body);
		CHECK(did.status == 204 && did.body[0] == '\0' && saw.raised == 1);
		CHECK(saw.known.state == cases[i].state && saw.known.rung_at == cases[i].rung &&
		    saw.known.answered_at == cases[i].answered &&
		    saw.known.ended_at == cases[i].ended);
		CHECK(memcmp(saw.known.key, parent, 16) == 0 &&
		    memcmp(saw.known.child, child, 16) == 0);
		CHECK(did.record.outcome == AUDIT_OK && strstr(did.line, "7700") == NULL &&
		    strstr(did.line, "\"act\":\"phone.event\"") != NULL);
	}
	post(path_of(TWIML_DIAL, 0, CALL1),
	    "AccountSid=" ACCOUNT "&CallSid=" CALL1 "&DialCallSid=" LEG1
	    "&DialCallStatus=no-answer&From=x&From=y");
	CHECK(says("<Hangup/>") && saw.known.state == CALL_ENDED && saw.known.ended_at == 1000);
	CHECK(memcmp(saw.known.key, parent, 16) == 0 && memcmp(saw.known.child, child, 16) == 0);
	post(path_of(TWIML_DIAL, 0, CALL1),
	    "AccountSid=" ACCOUNT "&CallSid=" CALL1 "&DialCallStatus=failed");
	memset(child, 0, sizeof(child));
	CHECK(says("<Hangup/>") && memcmp(saw.known.child, child, 16) == 0);
}

static void test_status_fails(void)
{
	const char *body = "AccountSid=" ACCOUNT "&CallSid=" CALL1 "&DialCallStatus=completed";

	fresh();
	saw.raise_err = SC_NOMEM;
	field("Content-Type", "application/x-www-form-urlencoded");
	sign(KEY, path_of(TWIML_DIAL, 0, CALL1), body);
	field("X-Twilio-Signature", sig);
	deliver(path_of(TWIML_DIAL, 0, CALL1), body);
	CHECK(did.status == 503);
	fresh();
	saw.write_err = SC_IO;
	field("Content-Type", "application/x-www-form-urlencoded");
	field("X-Twilio-Signature", sig);
	deliver(path_of(TWIML_DIAL, 0, CALL1), body);
	CHECK(did.status == 503 && saw.raised == 1);
	/* who asked has left: the write goes on by itself */
	saw.hold_write = true;
	post(path_of(TWIML_DIAL, 0, CALL1), body);
	CHECK(did.responses == 0 && saw.raised == 1);
	rq->call = NULL;
	rq->record.outcome = AUDIT_FAILED;
	served_end(rq);
	saw.write->write.done(&saw.write->write, SC_OK);
	CHECK(did.responses == 0 && did.notes == 1);
	saw.hold_write = false;
}

/* ---- texts ------------------------------------------------------------------------------------------- */

static const char *text_of(const char *to, const char *body)
{
	static char out[9000];

	snprintf(out, sizeof(out),
	    "AccountSid=" ACCOUNT "&Body=%s&From=%%2B447700900456&MediaUrl0=https%%3A%%2F%%2Fa%%2Fm"
	    "&MessageSid=" SMS1 "&NumMedia=1&To=%s",
	    body, urlencoded(to));
	return out;
}

#define MESSAGE(x, text) \
	"<Message to=\"" BUYER "\" from=\"" x "\" method=\"POST\" action=\"" BASE AT \
	"message-status\"><Body>" text "</Body></Message>"

static void test_texts(void)
{
	static char body[8192];

	will_be(PHONE_CONNECT, 0);
	post(AT "message", text_of(X, "004711+At+the+%3Cdoor%3E"));
	CHECK(says(MESSAGE(X, "At the &lt;door&gt;")));
	CHECK(saw.in.ext == 4711 && saw.in.channel == PHONE_SMS && !saw.in.collects &&
	    saw.in.keep_refusals && strcmp(saw.caller, CALLER) == 0);
	post(AT "message", text_of(X, "4711+hello"));
	CHECK(saw.in.ext == PHONE_NO_EXT && says(MESSAGE(X, "4711 hello")));
	post(AT "message", text_of("+441632960002", "004711+hello"));
	CHECK(saw.in.ext == PHONE_NO_EXT && says(MESSAGE("+441632960002", "004711 hello")));
	/* a number in it, by what its pool wants */
	post(AT "message", text_of(X, "004711+call+07700+900789"));
	CHECK(saw.asked == 1 && strstr(did.body, "900789") == NULL &&
	    strstr(did.body, "call ") != NULL);
	pools[0].sms_digits = PHONE_SMS_HOLD;
	post(AT "message", text_of(X, "004711+call+07700+900789"));
	CHECK(says("") && saw.asked == 0 && did.record.outcome == AUDIT_REFUSED);
	post(AT "message", text_of(X, "004711+hello"));
	CHECK(says(MESSAGE(X, "hello")));
	pools[0].sms_digits = PHONE_SMS_REDACT;
	/* the longest that the vendor takes */
	memset(body, 'x', sizeof(body));
	body[1600] = '\0';
	post(AT "message", text_of("+441632960002", body));
	CHECK(did.status == 200 && saw.asked == 1 && strstr(did.body, "<Message") != NULL);
	body[1600] = 'x';
	body[1601] = '\0';
	post(AT "message", text_of("+441632960002", body));
	CHECK(says("") && saw.asked == 0);
	for (enum phone_answer a = PHONE_COLLECT; a < PHONE_ANSWER_COUNT; a++) {
		will_be(a, 0);
		post(AT "message", text_of(X, "004711+hello"));
		CHECK(a == PHONE_DOWN ? did.status == 503 : says(""));
	}
	will_be(PHONE_CONNECT, 0);
	post(AT "message", text_of("+441632960003", "004711+hello"));
	CHECK(says("") && saw.asked == 0);
	post(AT "message-status",
	    "AccountSid=" ACCOUNT "&From=%2B441632960001&MessageSid=" SMS1
	    "&MessageStatus=delivered&To=%2B447700900123");
	CHECK(did.status == 204 && saw.asked == 0 && strstr(did.line, "7700") == NULL);
	post(AT "message-status", "AccountSid=" ACCOUNT "&MessageSid=" SMS1 "&MessageStatus=lost");
	CHECK(forged());
}

static void test_optouts(void)
{
	static const struct {
		const char *body, *type; /* of the vendor's own opinion; "": it says none */
		bool opts, out;
	} cases[] = {
		{ "STOP", "", true, true },
		{ "stop", "&OptOutType=STOP", true, true },
		{ "004711+Stop", "", true, true },
		{ "arr%C3%AAt", "&OptOutType=STOP", true, true },
		{ "START", "", true, false },
		{ "hallo", "&OptOutType=START", true, false },
		{ "HELP", "&OptOutType=HELP", false, false },
		{ "please+stop", "", false, false },
	};
	static char body[9200];

	will_be(PHONE_NOBODY, 0);
	saw.is.caller_party = 77;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(body, sizeof(body), "%s%s", text_of(X, cases[i].body), cases[i].type);
		post(AT "message", body);
		CHECK(says("") && saw.opted == cases[i].opts);
		CHECK(saw.asked == (cases[i].opts || cases[i].type[0] == '\0'));
		CHECK(saw.asked == 0 || (saw.in.pass == PHONE_WHO) == cases[i].opts);
		if (!cases[i].opts)
			continue;
		CHECK(saw.was.out == cases[i].out && saw.was.person == 77 && saw.was.line == 0);
		CHECK(strcmp(saw.caller, CALLER) == 0 && did.record.outcome == AUDIT_OK &&
		    strstr(did.line,
			cases[i].out ? "\"act\":\"phone.stop\"" : "\"act\":\"phone.start\"") !=
			NULL);
	}
	/* the vendor blocked one of ours: the person is whom it was to */
	snprintf(body, sizeof(body),
	    "AccountSid=" ACCOUNT "&ErrorCode=21610&From=%%2B441632960001&MessageSid=" SMS1
	    "&MessageStatus=undelivered&To=%%2B447700900123");
	post(AT "message-status", body);
	CHECK(did.status == 204 && saw.opted == 1 && saw.was.out && saw.was.line == 0 &&
	    strcmp(saw.caller, BUYER) == 0 && strstr(did.line, "7700") == NULL);
	snprintf(body, sizeof(body),
	    "AccountSid=" ACCOUNT "&ErrorCode=30003&From=%%2B441632960001&MessageSid=" SMS1
	    "&MessageStatus=undelivered&To=%%2B447700900123");
	post(AT "message-status", body);
	CHECK(did.status == 204 && saw.asked == 0);
	snprintf(body, sizeof(body),
	    "AccountSid=" ACCOUNT "&ErrorCode=21610&From=%%2B441632960003&MessageSid=" SMS1
	    "&MessageStatus=undelivered&To=%%2B447700900123");
	post(AT "message-status", body);
	CHECK(did.status == 204 && saw.asked == 0);
	/* nobody in particular; keyd away; the store away */
	saw.is.caller_party = 0;
	post(AT "message", text_of(X, "STOP"));
	CHECK(says("") && saw.asked == 1 && saw.opted == 0);
	will_be(PHONE_DOWN, 0);
	post(AT "message", text_of(X, "STOP"));
	CHECK(did.status == 503 && saw.opted == 0);
}

static void stop_with(const char *path, const char *body)
{
	field("Content-Type", "application/x-www-form-urlencoded");
	sign(KEY, path, body);
	field("X-Twilio-Signature", sig);
	deliver(path, body);
}

static void test_optout_once(void)
{
	uint8_t key[32];

	will_be(PHONE_NOBODY, 0);
	saw.is.caller_party = 77;
	post(AT "message", text_of(X, "STOP"));
	phone_keyed(service, "twiml.id", sc_span_str(ACCOUNT), sc_span_str(SMS1), key);
	CHECK(saw.opened == 1 && memcmp(saw.call.key, key, CALL_KEY_BYTES) == 0);
	CHECK(saw.call.caller == 77 && saw.call.line == 0 && saw.call.state == CALL_REFUSED);
	fresh();
	saw.stale = true;
	stop_with(AT "message", text_of(X, "STOP"));
	CHECK(says("") && saw.opened == 1 && saw.opted == 0);
}

static void test_optout_fails(void)
{
	static const struct {
		enum sc_err open, opened, opt, opting;
		unsigned opens, opts;
	} cases[] = {
		{ SC_NOMEM, SC_OK, SC_OK, SC_OK, 0, 0 },
		{ SC_OK, SC_IO, SC_OK, SC_OK, 1, 0 },
		{ SC_OK, SC_OK, SC_NOMEM, SC_OK, 1, 0 },
		{ SC_OK, SC_OK, SC_OK, SC_IO, 1, 1 },
	};

	will_be(PHONE_NOBODY, 0);
	saw.is.caller_party = 77;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh();
		saw.open_err = cases[i].open;
		saw.opened_err = cases[i].opened;
		saw.opt_err = cases[i].opt;
		saw.write_err = cases[i].opting;
		stop_with(AT "message", text_of(X, "STOP"));
		CHECK(did.status == 503 && did.responses == 1 && saw.opened == cases[i].opens &&
		    saw.opted == cases[i].opts);
	}
	/* the vendor leaves before the one write, or before the other */
	saw.hold_write = true;
	for (unsigned after = 0; after < 2; after++) {
		post(AT "message", text_of(X, "STOP"));
		CHECK(did.responses == 0 && saw.opened == 1 && saw.opted == 0);
		if (after == 1)
			saw.open->write.done(&saw.open->write, SC_OK);
		CHECK(saw.opted == after);
		rq->call = NULL;
		rq->record.outcome = AUDIT_FAILED;
		served_end(rq);
		if (after == 0)
			saw.open->write.done(&saw.open->write, SC_OK);
		CHECK(saw.opted == 1);
		saw.opt->write.done(&saw.opt->write, SC_OK);
		CHECK(did.responses == 0 && did.notes == 1);
	}
	saw.hold_write = false;
}

/* A role that may not be told numbers is not, whatever its vendor signs. */
static void test_policy(void)
{
	uint8_t role = vendors[0].role;

	NEED(policy_role(config->policy, sc_span_str("shop"), &vendors[0].role));
	will_be(PHONE_CONNECT, 0);
	post(AT "voice", voice_of(CALL1));
	CHECK(did.status == 403 && saw.asked == 0 && metric(METRIC_REFUSED_POLICY) == 1 &&
	    strstr(did.body, "urn:scrim:problem:policy") != NULL);
	vendors[0].role = role;
}

static bool begin(void)
{
	struct sc_diag d;
	int a = mkstemp(key_file), b = mkstemp(key_file2);

	if (a < 0 || b < 0 || write(a, KEY "\n", 33) != 33 || write(b, KEY2, 11) != 11)
		return false;
	close(a);
	close(b);
	if (!policy_role(config->policy, sc_span_str("telephony"), &vendors[0].role) ||
	    !policy_purpose(config->policy, sc_span_str("delivery"), &vendors[0].purpose))
		return false;
	vendors[1].role = vendors[0].role;
	vendors[1].purpose = vendors[0].purpose;
	config->phone = &settings;
	shared.phone = service;
	return twiml_new(&settings, &d, &shared.twiml) == SC_OK;
}

int main(void)
{
	if (!stage_begin() || !begin())
		return 1;
	RUN(test_sound, "a signed call of the account's is asked about, under the vendor's name");
	RUN(test_forged, "whatever is not the vendor's gets one empty 403, and nothing is asked");
	RUN(test_folded, "no folding of a captured request is taken");
	RUN(test_one_parse, "one signature is good for one parse, whatever the order");
	RUN(test_two_ids, "a text in which a second id stands is nobody's");
	RUN(test_shapes, "other bodies, paths and states of ours are told apart from forgeries");
	RUN(test_answers, "each row of the answer table is this TwiML, misses byte for byte alike");
	RUN(test_known_with_other_fields,
	    "a known id with other fields is a forgery, also after a restart");
	RUN(test_digits, "an extension has all its digits");
	RUN(test_tokens, "a path belongs to its call");
	RUN(test_turned_away, "what is not this vendor's, or over, is turned away unasked");
	RUN(test_signalwire, "a vendor's ids, headers and language are its own");
	RUN(test_fallback, "a fallback is what failed, once more");
	RUN(test_leaving, "who leaves has nothing under way");
	RUN(test_status, "a leg's states raise its call, and its number is not read");
	RUN(test_status_fails, "an event that cannot be kept is not heard");
	RUN(test_texts, "a text goes on from X, without numbers, or not at all");
	RUN(test_optouts, "a word that stops texts is kept for the person, and not passed on");
	RUN(test_optout_once, "the same word again changes nothing");
	RUN(test_optout_fails, "a word that cannot be kept is not taken as heard");
	RUN(test_policy, "a vendor whose role may not be told numbers is told none");
	twiml_free(shared.twiml);
	unlink(key_file);
	unlink(key_file2);
	return stage_over();
}
