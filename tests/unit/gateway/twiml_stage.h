/*
 * twiml_stage.h - a vendor before the gateway: its requests are signed for real, the
 * attempt and the store are stood in for. A test includes this once.
 */
#ifndef TESTS_TWIML_STAGE_H
#define TESTS_TWIML_STAGE_H

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

#define BYE "<Say language=\"en-GB\">This extension cannot be reached. Goodbye.</Say><Hangup/>"
#define LATE "<Say language=\"en-GB\">This number is not in use any more. Goodbye.</Say><Hangup/>"

static bool twiml_stage_begin(void)
{
	struct sc_diag d;
	int a = mkstemp(key_file), b = mkstemp(key_file2);

	if (!stage_begin() || a < 0 || b < 0 || write(a, KEY "\n", 33) != 33 ||
	    write(b, KEY2, 11) != 11)
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

static int twiml_stage_over(void)
{
	twiml_free(shared.twiml);
	unlink(key_file);
	unlink(key_file2);
	return stage_over();
}

#endif
