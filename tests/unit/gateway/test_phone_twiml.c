/*
 * test_phone_twiml.c - webhooks from the head to the answer: whose they are, what
 * is asked for them, and that nothing but a sound one is asked for at all.
 */
#include "twiml_stage.h"

/* ---- what is sent of a call, and what it is answered ---------------------------------------- */

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

int main(void)
{
	if (!twiml_stage_begin())
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
	RUN(test_policy, "a vendor whose role may not be told numbers is told none");
	return twiml_stage_over();
}
