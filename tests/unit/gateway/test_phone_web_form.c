/*
 * test_phone_web_form.c - a webhook's body has one meaning or none, and a field
 * that is read is exactly what it may be.
 */
#include "gateway/twiml/vendor.h"

#include "tap.h"

static struct sc_arena arena;
static struct web_form form;

static enum sc_err parse(const char *body)
{
	sc_arena_fini(&arena);
	return web_form_parse(sc_span_str(body), &arena, &form);
}

/* The fields of FORM as "name=value|..." */
static const char *printed(void)
{
	static char out[4096];
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < form.n; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%.*s=%.*s|",
		    SC_SPAN_ARG(form.v[i].name), SC_SPAN_ARG(form.v[i].value));
	return out;
}

static void test_reads(void)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "a=1", "a=1|" },
		{ "a=", "a=|" },
		{ "b=2&a=1", "a=1|b=2|" },
		{ "CallSid=1&Called=2&CallStatus=3", "CallSid=1|CallStatus=3|Called=2|" },
		{ "a=2&b=x&a=1", "a=2|a=1|b=x|" },
		{ "ab=1&a=2", "a=2|ab=1|" },
		{ "a=x+y%20z", "a=x y z|" },
		{ "a=1%2B1%3D2%26%25%3b%23", "a=1+1=2&%;#|" },
		{ "a=b=c", "a=b=c|" },
		{ "%41=%e4%B8%8A", "A=上|" },
		{ "a=\xe4\xb8\x8a", "a=上|" },
		{ "a=!'()*~-._", "a=!'()*~-._|" },
		{ "a=%0d%0A%09", "a=\r\n\t|" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(parse(cases[i][0]) == SC_OK);
		CHECK(strcmp(printed(), cases[i][1]) == 0);
	}
}

static void test_refuses(void)
{
	static const char *const cases[] = { "a", "=1", "&", "a=1&", "&a=1", "a=1&&b=2", "a=%",
		"a=%4", "a=%4g", "a=%g4", "%zz=1", "a=1;b=2", "a=1#b", "a=x y", "a=\t", "a=\n",
		"a=\x7f", "a=\x01", "a=%ff", "a=\xff", "a=%ed%a0%80", "a=%c0%80", "%ff=1",
		"a=%e4%b8", "a=1&b=%e4&c=%b8%8a", "a=1&b" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(parse(cases[i]) == SC_SYNTAX);
		CHECK(form.n == 0 && form.v == NULL);
	}
}

static void test_ceilings(void)
{
	static char body[WEB_FORM_BODY_MAX + 2];
	size_t n = 0;

	for (unsigned i = 0; i < WEB_FORM_FIELDS_MAX; i++)
		n += (size_t)snprintf(body + n, sizeof(body) - n, "%sf%u=%u", i == 0 ? "" : "&", i,
		    i);
	CHECK(parse(body) == SC_OK && form.n == WEB_FORM_FIELDS_MAX);
	snprintf(body + n, sizeof(body) - n, "&g=");
	CHECK(parse(body) == SC_LIMIT && form.n == 0);
	memset(body, 'a', WEB_FORM_BODY_MAX);
	body[1] = '=';
	body[WEB_FORM_BODY_MAX] = '\0';
	CHECK(parse(body) == SC_OK && form.v[0].value.n == WEB_FORM_BODY_MAX - 2);
	body[WEB_FORM_BODY_MAX] = 'a';
	body[WEB_FORM_BODY_MAX + 1] = '\0';
	CHECK(parse(body) == SC_LIMIT);
}

static void test_find(void)
{
	size_t n;

	CHECK(parse("b=1&a=2&b=3&bb=4") == SC_OK);
	CHECK(sc_span_is(web_form_find(&form, "b", &n)->value, "1") && n == 2);
	CHECK(sc_span_is(web_form_find(&form, "a", NULL)->value, "2"));
	CHECK(web_form_find(&form, "c", &n) == NULL && n == 0);
	CHECK(web_form_find(&form, "", NULL) == NULL);
}

/* ---- patterns ----------------------------------------------------------------------- */

#define HEX32 "0123456789abcdef0123456789abcdef"
#define UUID "01234567-89ab-cdef-0123-456789abcdef"

static bool fits(const char *kind, enum twiml_field field, const char *value)
{
	return twiml_fits(&twiml_vendor_find(kind)->patterns[field], sc_span_str(value));
}

static void test_patterns(void)
{
	static const struct {
		const char *kind;
		enum twiml_field field;
		const char *yes[10], *no[14];
	} cases[] = {
		{ "twilio", TWIML_CALL, { "CA" HEX32 },
		    { "", "CA", "CA" HEX32 "0", "CA0123456789abcdef0123456789abcde", "ca" HEX32,
			"SM" HEX32, "CA0123456789ABCDEF0123456789abcdef", HEX32, UUID,
			"CA" HEX32 "CallStatusringing", "CA0123456789abcdef0123456789abcdeg",
			" CA" HEX32, "CA" HEX32 "\n" } },
		{ "twilio", TWIML_ACCOUNT, { "AC" HEX32 },
		    { "", "CA" HEX32, "AC" HEX32 "ApiVersion" } },
		{ "twilio", TWIML_MESSAGE, { "SM" HEX32, "MM" HEX32 },
		    { "", "CA" HEX32, "SX" HEX32, "M|" HEX32, "|M" HEX32, "SM" } },
		{ "signalwire", TWIML_CALL, { UUID },
		    { "", "CA" HEX32, UUID "0", "01234567-89ab-cdef-0123-456789abcdeF",
			"0123456789ab-cdef-0123-456789abcdef0",
			"01234567-89ab-cdef-0123-456789abcde-",
			"01234567089ab-cdef-0123-456789abcdef" } },
		{ "telnyx", TWIML_CALL, { "v3:a", "v3:A-z_09" },
		    { "", "v3:", "v2:a", "v3:a.b", "v3:a b", "v3", UUID } },
		{ "twilio", TWIML_FROM,
		    { "+447700900123", "", "anonymous", "client:alice", "sip:bob@a.example",
			"12345", "Restricted", "A Shop", "+266696687" },
		    { "+447700900123FromCityLONDON", "+4", "+04477009001", "+44770090012345678",
			"447700900123+", "client:a b", ":a", "Client:a", "client:\xc3\xa9",
			"+44 7700 900123", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "+٤٤٧٧٠٠٩٠٠١٢٣" } },
		{ "twilio", TWIML_TO, { "+441632960001" },
		    { "", "441632960001", "+441632960001ToCity", "client:x",
			"+44163296000100000" } },
		{ "twilio", TWIML_DIRECTION, { "inbound" },
		    { "", "outbound", "outbound-dial", "inboundFrom", "Inbound", "inboun" } },
		{ "twilio", TWIML_CALL_STATUS,
		    { "queued", "initiated", "ringing", "in-progress", "completed", "busy",
			"failed", "no-answer", "canceled", "answered" },
		    { "", "ring", "ringing ", "ringingCalled", "queued initiated", " ",
			"RINGING" } },
		{ "twilio", TWIML_DIGITS,
		    { "", "1", "004711", "12#*", "01234567890123456789012345678901" },
		    { "012345678901234567890123456789012", "4a", "12 3", "٤٧١١", "４７１１",
			"4711D" } },
		{ "twilio", TWIML_DIAL_STATUS,
		    { "completed", "answered", "busy", "no-answer", "failed", "canceled" },
		    { "", "ringing", "completedDirectioninbound" } },
		{ "twilio", TWIML_OPT_OUT, { "STOP", "START", "HELP" },
		    { "", "stop", "STOPStop" } },
		{ "twilio", TWIML_ERROR_CODE, { "", "21610", "12345678" },
		    { "123456789", "2161O" } },
		{ "twilio", TWIML_BODY, { "", "anything; 上" }, { NULL } },
		{ "twilio", TWIML_MESSAGE_STATUS, { "delivered", "undelivered" }, { "", "gone" } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t k = 0; k < 10 && cases[i].yes[k] != NULL; k++)
			CHECK(fits(cases[i].kind, cases[i].field, cases[i].yes[k]));
		for (size_t k = 0; k < 14 && cases[i].no[k] != NULL; k++)
			CHECK(!fits(cases[i].kind, cases[i].field, cases[i].no[k]));
	}
	{
		static char body[8194];

		memset(body, 'x', 8193);
		CHECK(!fits("twilio", TWIML_BODY, body));
		body[8192] = '\0';
		CHECK(fits("twilio", TWIML_BODY, body));
		/* a NUL is no character of any alphabet, though it ends one */
		CHECK(!twiml_fits(&twiml_vendor_find("twilio")->patterns[TWIML_DIGITS],
		    sc_span("1\0", 2)));
	}
}

static void test_read_fields(void)
{
	const struct twiml_pattern *p = twiml_vendor_find("twilio")->patterns;
	const uint32_t need = TWIML_BIT(TWIML_CALL) | TWIML_BIT(TWIML_FROM),
		       may = TWIML_BIT(TWIML_DIGITS);
	static const struct {
		const char *body;
		bool ok;
	} cases[] = {
		{ "CallSid=CA" HEX32 "&From=%2B447700900123", true },
		{ "CallSid=CA" HEX32 "&From=", true },
		{ "CallSid=CA" HEX32 "&From=&Digits=12", true },
		{ "CallSid=CA" HEX32 "&From=&Digits=x", false },
		{ "CallSid=CA" HEX32 "&From=&Digits=1&Digits=1", false },
		{ "CallSid=CA" HEX32, false },
		{ "From=", false },
		{ "CallSid=CA" HEX32 "&From=&From=", false },
		{ "CallSid=CA" HEX32 "&CallSid=CA" HEX32 "&From=", false },
		{ "CallSid=CA" HEX32 "&From=&callsid=x", true },
		/* what is not read may stand there as often as it likes */
		{ "CallSid=CA" HEX32 "&From=&To=x&To=y&Direction=", true },
	};
	struct twiml_read r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(parse(cases[i].body) == SC_OK);
		CHECK(twiml_fields_read(p, &form, need, may, &r) == cases[i].ok);
	}
	CHECK(parse("From=&CallSid=CA" HEX32 "&Digits=&To=%2B441632960001") == SC_OK);
	CHECK(twiml_fields_read(p, &form, need, may, &r));
	CHECK(sc_span_is(r.v[TWIML_CALL], "CA" HEX32) && r.v[TWIML_FROM].p != NULL &&
	    r.v[TWIML_FROM].n == 0);
	CHECK(r.v[TWIML_DIGITS].p != NULL && r.v[TWIML_TO].p == NULL);
}

static void test_caller(void)
{
	static const char *const withheld[] = { "", "anonymous", "+266696687", "+7378742833",
		"+2562533", "+8656696", "+86282452253", "client:a", "12345", "447700900123" };

	for (size_t i = 0; i < sizeof(withheld) / sizeof(withheld[0]); i++)
		CHECK(twiml_caller(sc_span_str(withheld[i])).n == 0);
	CHECK(sc_span_is(twiml_caller(sc_span_str("+447700900123")), "+447700900123"));
	CHECK(sc_span_is(twiml_caller(sc_span_str("+2666966870")), "+2666966870"));
}

static void test_only_id(void)
{
	static const struct {
		const char *kind;
		enum twiml_field field;
		const char *joined, *id;
		bool only;
	} cases[] = {
		{ "twilio", TWIML_MESSAGE, "BodyhiMessageSidSM" HEX32 "To+1", "SM" HEX32, true },
		{ "twilio", TWIML_MESSAGE, "MessageSidSM" HEX32 "SmsMessageSidSM" HEX32, "SM" HEX32,
		    true },
		{ "twilio", TWIML_MESSAGE, "MessageSidMM" HEX32 "MessageSidSM" HEX32, "SM" HEX32,
		    false },
		{ "twilio", TWIML_MESSAGE,
		    "MessageSidSM" HEX32 "MessageSidSM00000000000000000000000000000000", "SM" HEX32,
		    false },
		{ "twilio", TWIML_MESSAGE, "MessageSidSM0000000000000000000000000000000",
		    "SM" HEX32, true },
		{ "twilio", TWIML_MESSAGE, "MessageSidSX00000000000000000000000000000000",
		    "SM" HEX32, true },
		{ "twilio", TWIML_CALL,
		    "CallSidCA" HEX32 "XCallSidCA00000000000000000000000000000000", "CA" HEX32,
		    false },
		{ "signalwire", TWIML_CALL,
		    "CallSid" UUID "CallSid00000000-0000-0000-0000-000000000000", UUID, false },
		{ "signalwire", TWIML_CALL, "CallSid" UUID, UUID, true },
		{ "twilio", TWIML_CALL, "", "CA" HEX32, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(twiml_only_id(&twiml_vendor_find(cases[i].kind)->patterns[cases[i].field],
			  sc_span_str(cases[i].joined), sc_span_str(cases[i].id)) == cases[i].only);
}

static void test_vendors(void)
{
	struct phone_vendor v = { .sha256 = false };

	for (size_t i = 0; phone_vendor_kinds[i] != NULL; i++) {
		const struct twiml_vendor *row = twiml_vendor_find(phone_vendor_kinds[i]);

		NEED(row != NULL && strcmp(row->name, phone_vendor_kinds[i]) == 0);
		for (size_t f = 0; f < TWIML_FIELDS; f++)
			CHECK(row->patterns[f].name != NULL);
	}
	CHECK(twiml_vendor_find("plivo") == NULL && twiml_vendor_find("") == NULL);
	CHECK(twiml_vendor_key(twiml_vendor_find("twilio"), &v) == TWIML_KEY_SHA1);
	CHECK(twiml_vendor_key(twiml_vendor_find("telnyx"), &v) == TWIML_KEY_ED25519);
	v.sha256 = true;
	CHECK(twiml_vendor_key(twiml_vendor_find("twilio"), &v) == TWIML_KEY_SHA256);
	CHECK(twiml_vendor_key(twiml_vendor_find("telnyx"), &v) == TWIML_KEY_ED25519);
}

int main(void)
{
	RUN(test_reads, "a form is read as it was meant, its fields by the bytes of their names");
	RUN(test_refuses, "what two readers could understand differently is refused");
	RUN(test_ceilings, "fields and bytes have ceilings, to the edge");
	RUN(test_find, "a field is found with how often it stands there");
	RUN(test_patterns, "every field that is read fits its pattern whole, or not at all");
	RUN(test_read_fields, "a field that is read stands there once");
	RUN(test_caller, "who withholds his number has none, however the vendor spells it");
	RUN(test_only_id, "no second id stands in what was signed");
	RUN(test_vendors, "every vendor has all patterns and its own kind of key");
	sc_arena_fini(&arena);
	return tap_done();
}
