/*
 * test_phone_twiml_render.c - what a vendor is told is well-formed, shows X and
 * nobody else, and its paths are bound to their call.
 */
#include "gateway/twiml/render.h"
#include "gateway/twiml/token.h"

#include "crypto/prim/hash.h"
#include "tap.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>"

static struct sc_buf out;

static const char *rendered(const struct twiml_answer *a)
{
	sc_buf_clear(&out);
	if (twiml_xml.print(a, &out) != SC_OK || sc_buf_put(&out, "", 1) != SC_OK)
		return "failed";
	return (const char *)out.p;
}

static void test_verbs(void)
{
	static const struct {
		struct twiml_answer a;
		const char *want;
	} cases[] = {
		{ { .verb = TWIML_DO_HANGUP }, HEAD "<Hangup/></Response>" },
		{ { .verb = TWIML_DO_REJECT }, HEAD "<Reject/></Response>" },
		{ { .verb = TWIML_DO_NOTHING }, HEAD "</Response>" },
		{ { .verb = TWIML_DO_BYE, .language = "en-GB" },
		    HEAD "<Say language=\"en-GB\">This extension cannot be reached. Goodbye.</Say>"
			 "<Hangup/></Response>" },
		{ { .verb = TWIML_DO_LATE, .language = "zh-CN" },
		    HEAD
		    "<Say language=\"zh-CN\">该号码已停止使用，再见。</Say><Hangup/></Response>" },
		{ { .verb = TWIML_DO_GATHER,
		      .language = "zh",
		      .digits = 6,
		      .action = "https://a/b" },
		    HEAD
		    "<Gather input=\"dtmf\" numDigits=\"6\" timeout=\"8\" finishOnKey=\"#\" "
		    "actionOnEmptyResult=\"true\" method=\"POST\" action=\"https://a/b\">"
		    "<Say language=\"zh-CN\">请输入分机号，按井号键结束。</Say></Gather><Hangup/>"
		    "</Response>" },
		{ { .verb = TWIML_DO_DIAL,
		      .language = "en-GB",
		      .x = "+441632960001",
		      .to = "+447700900123",
		      .action = "https://a/d",
		      .status = "https://a/s",
		      .max_call_s = 1800 },
		    HEAD "<Dial callerId=\"+441632960001\" answerOnBridge=\"true\" timeout=\"30\" "
			 "timeLimit=\"1800\" record=\"do-not-record\" ringTone=\"uk\" "
			 "method=\"POST\" action=\"https://a/d\"><Number "
			 "statusCallback=\"https://a/s\" statusCallbackMethod=\"POST\" "
			 "statusCallbackEvent=\"initiated ringing answered completed\">"
			 "+447700900123</Number></Dial></Response>" },
		{ { .verb = TWIML_DO_MESSAGE,
		      .x = "+441632960001",
		      .to = "+447700900123",
		      .action = "https://a/m",
		      .text = SC_LIT("At the <door> & \"gate\" 'now'\n上海 😀") },
		    HEAD "<Message to=\"+447700900123\" from=\"+441632960001\" method=\"POST\" "
			 "action=\"https://a/m\"><Body>At the &lt;door&gt; &amp; &quot;gate&quot; "
			 "&apos;now&apos;\n上海 😀</Body></Message></Response>" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(strcmp(rendered(&cases[i].a), cases[i].want) == 0);
}

static void test_characters(void)
{
	struct twiml_answer a = { .verb = TWIML_DO_MESSAGE, .x = "", .to = "", .action = "" };
	static const char *const kept[] = { "\t", "\n", " ", "~", "\xc2\xa0", "\xef\xbf\xbd", "é" };

	/* U+0001, U+0000, CR, DEL, C1, two that are no characters */
	a.text = (struct sc_span)SC_LIT(
	    "a\x01\x00\r\x1f\x7f\xc2\x80\xc2\x9f\xef\xbf\xbe\xef\xbf\xbf"
	    "\xf0\x9f\xbf\xbe"
	    "b");
	CHECK(strstr(rendered(&a), "<Body>ab</Body>") != NULL);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		char want[32];

		a.text = sc_span_str(kept[i]);
		snprintf(want, sizeof(want), "<Body>%s</Body>", kept[i]);
		CHECK(strstr(rendered(&a), want) != NULL);
	}
	a.text = sc_span_str("]]>");
	CHECK(strstr(rendered(&a), "]]&gt;") != NULL);
	a.text = sc_span_str("\xff");
	CHECK(strcmp(rendered(&a), "failed") == 0);
	a.text = sc_span_str("ok\xed\xa0\x80");
	CHECK(strcmp(rendered(&a), "failed") == 0);
	/* attributes are text as well */
	a.text = sc_span_str("");
	a.x = "\"><Dial>";
	CHECK(strstr(rendered(&a), "from=\"&quot;&gt;&lt;Dial&gt;\"") != NULL);
}

static void test_ceiling(void)
{
	static char text[TWIML_ANSWER_MAX];
	struct twiml_answer a = { .verb = TWIML_DO_MESSAGE, .x = "", .to = "", .action = "" };
	struct sc_buf b;

	sc_buf_init(&b, TWIML_ANSWER_MAX);
	memset(text, 'x', sizeof(text));
	a.text = sc_span(text, sizeof(text));
	CHECK(twiml_xml.print(&a, &b) == SC_LIMIT);
	sc_buf_fini(&b);
	for (size_t max = 0; max < 60; max++) {
		a.text = sc_span(NULL, 0);
		sc_buf_init(&b, max);
		CHECK(twiml_xml.print(&a, &b) == SC_LIMIT);
		sc_buf_fini(&b);
	}
}

static void test_speech(void)
{
	CHECK(strcmp(twiml_speech("zh-CN")->tone, "cn") == 0);
	CHECK(strcmp(twiml_speech("zh-TW")->language, "zh-CN") == 0);
	CHECK(strcmp(twiml_speech("en-US")->language, "en-GB") == 0);
	CHECK(strcmp(twiml_speech("de-DE")->language, "en-GB") == 0);
	CHECK(strcmp(twiml_speech("")->language, "en-GB") == 0);
	CHECK(strcmp(twiml_speech(NULL)->language, "en-GB") == 0);
}

/* ---- paths ----------------------------------------------------------------------------- */

/* In the service's place: a token is a keyed hash, and this is the key. */
void phone_keyed(const struct phone_service *s, const char *label, struct sc_span a,
    struct sc_span b, uint8_t mac[static 32])
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s|%.*s|%.*s", label, SC_SPAN_ARG(a), SC_SPAN_ARG(b));

	(void)s;
	hash_sha256(sc_span(text, (size_t)n), mac);
}

#define TOKEN "0123456789abcdef0123456789abcdef"

static void test_paths(void)
{
	static const struct {
		const char *path, *vendor;
		enum twiml_hook hook;
		unsigned step;
		const char *token;
	} good[] = {
		{ "acme/voice", "acme", TWIML_VOICE, 0, "" },
		{ "acme/voice/1/" TOKEN, "acme", TWIML_STEP, 1, TOKEN },
		{ "acme/voice/3/" TOKEN, "acme", TWIML_STEP, 3, TOKEN },
		{ "acme/dial/" TOKEN, "acme", TWIML_DIAL, 0, TOKEN },
		{ "acme/status/" TOKEN, "acme", TWIML_STATUS, 0, TOKEN },
		{ "a.b-c_d/message", "a.b-c_d", TWIML_INBOX, 0, "" },
		{ "acme/message-status", "acme", TWIML_MESSAGE_SENT, 0, "" },
		{ "acme/fallback", "acme", TWIML_FALLBACK, 0, "" },
	};
	static const char *const bad[] = { "", "acme", "acme/", "/voice", "acme/voice/",
		"acme/voices", "acme/voice/1", "acme/voice/1/", "acme/voice/0/" TOKEN,
		"acme/voice/4/" TOKEN, "acme/voice/01/" TOKEN, "acme/voice/a/" TOKEN,
		"acme/voice/1/" TOKEN "0", "acme/voice/1/0123456789abcdef0123456789abcde",
		"acme/voice/1/" TOKEN "/", "acme/voice/1/0123456789ABCDEF0123456789abcdef",
		"acme/voice/" TOKEN, "acme/voice/1/0123456789abcdeg0123456789abcdef", "acme/dial",
		"acme/dial/", "acme/dial/1/" TOKEN, "acme/dial/" TOKEN "/x", "acme/status",
		"acme/message/" TOKEN, "acme/message/", "acme/fallback/x", "acme/voiceAccountSidAC",
		"x/acme/voice" };
	struct twiml_path p;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char path[128];

		snprintf(path, sizeof(path), TWIML_PREFIX "%s", good[i].path);
		CHECK(twiml_path_parse(sc_span_str(path), &p));
		CHECK(sc_span_is(p.vendor, good[i].vendor) && p.hook == good[i].hook &&
		    p.step == good[i].step && sc_span_is(p.token, good[i].token));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char path[128];

		snprintf(path, sizeof(path), TWIML_PREFIX "%s", bad[i]);
		CHECK(!twiml_path_parse(sc_span_str(path), &p));
	}
	CHECK(!twiml_path_parse(sc_span_str("/v2/telephony/twiml/acme/voice"), &p));
}

static const struct sc_name acme = { "acme" }, other = { "other" };

static void test_tokens(void)
{
	char token[TWIML_TOKEN_MAX + 1], url[TWIML_URL_MAX];
	const struct sc_span sid = SC_LIT("CA1"), sid2 = SC_LIT("CA2");
	struct twiml_path p;

	twiml_token(NULL, &acme, TWIML_STEP, 2, sid, token);
	CHECK(strlen(token) == TWIML_TOKEN_MAX);
	CHECK(twiml_url_print("https://gw.example", &acme, TWIML_STEP, 2, token, url));
	NEED(twiml_path_parse(sc_span_str(url + strlen("https://gw.example")), &p));
	CHECK(p.hook == TWIML_STEP && p.step == 2);
	CHECK(twiml_token_ok(NULL, &acme, &p, sid));
	CHECK(!twiml_token_ok(NULL, &acme, &p, sid2));
	CHECK(!twiml_token_ok(NULL, &other, &p, sid));
	p.step = 1;
	CHECK(!twiml_token_ok(NULL, &acme, &p, sid));
	p.step = 2;
	p.hook = TWIML_DIAL;
	CHECK(!twiml_token_ok(NULL, &acme, &p, sid));
	p.hook = TWIML_STEP;
	for (size_t i = 0; i < TWIML_TOKEN_MAX; i++) {
		char bent[TWIML_TOKEN_MAX + 1];

		memcpy(bent, token, sizeof(bent));
		bent[i] = bent[i] == '0' ? '1' : '0';
		p.token = sc_span_str(bent);
		CHECK(!twiml_token_ok(NULL, &acme, &p, sid));
	}
	p.token = sc_span(token, TWIML_TOKEN_MAX - 1);
	CHECK(!twiml_token_ok(NULL, &acme, &p, sid));
	/* status and dial of one call are two */
	twiml_token(NULL, &acme, TWIML_STATUS, 0, sid, token);
	p = (struct twiml_path){ .hook = TWIML_DIAL, .token = sc_span_str(token) };
	CHECK(!twiml_token_ok(NULL, &acme, &p, sid));
	p.hook = TWIML_STATUS;
	CHECK(twiml_token_ok(NULL, &acme, &p, sid));
}

static void test_urls(void)
{
	char url[TWIML_URL_MAX], base[TWIML_URL_MAX];

	CHECK(twiml_url_print("https://a", &acme, TWIML_DIAL, 0, TOKEN, url));
	CHECK(strcmp(url, "https://a/v1/telephony/twiml/acme/dial/" TOKEN) == 0);
	CHECK(twiml_url_print("https://a", &acme, TWIML_STEP, 3, TOKEN, url));
	CHECK(strcmp(url, "https://a/v1/telephony/twiml/acme/voice/3/" TOKEN) == 0);
	CHECK(twiml_url_print("https://a", &acme, TWIML_MESSAGE_SENT, 0, "", url));
	CHECK(strcmp(url, "https://a/v1/telephony/twiml/acme/message-status") == 0);
	memset(base, 'x', sizeof(base));
	for (size_t n = TWIML_URL_MAX - 80; n < TWIML_URL_MAX; n++) {
		size_t whole = n + strlen("/v1/telephony/twiml/acme/voice/1/") + TWIML_TOKEN_MAX;

		base[n] = '\0';
		CHECK(twiml_url_print(base, &acme, TWIML_STEP, 1, TOKEN, url) ==
		    (whole < TWIML_URL_MAX));
		base[n] = 'x';
	}
}

static void test_needs(void)
{
	const uint32_t from_to = TWIML_BIT(TWIML_FROM) | TWIML_BIT(TWIML_TO);

	for (unsigned i = 0; i < TWIML_HOOKS; i++)
		CHECK((twiml_hook_needs((enum twiml_hook)i) & TWIML_BIT(TWIML_ACCOUNT)) != 0);
	CHECK((twiml_hook_needs(TWIML_VOICE) & from_to) == from_to);
	CHECK((twiml_hook_needs(TWIML_STEP) & from_to) == from_to);
	/* the callee's number is nothing that we would read */
	CHECK(((twiml_hook_needs(TWIML_STATUS) | twiml_hook_may(TWIML_STATUS)) & from_to) == 0);
	CHECK(((twiml_hook_needs(TWIML_DIAL) | twiml_hook_may(TWIML_DIAL)) & from_to) == 0);
	CHECK((twiml_hook_may(TWIML_INBOX) & TWIML_BIT(TWIML_OPT_OUT)) != 0);
}

int main(void)
{
	sc_buf_init(&out, TWIML_ANSWER_MAX);
	RUN(test_verbs, "each answer is this text, to the byte");
	RUN(test_characters, "what XML cannot carry is dropped, what would end a text is escaped");
	RUN(test_ceiling, "an answer has a ceiling");
	RUN(test_speech, "every language has texts");
	RUN(test_paths, "a path is exactly one of ours");
	RUN(test_tokens, "a token is good for its call, hook, step and vendor");
	RUN(test_urls, "a URL is printed whole or not at all");
	RUN(test_needs, "each webhook has its fields");
	sc_buf_fini(&out);
	return tap_done();
}
