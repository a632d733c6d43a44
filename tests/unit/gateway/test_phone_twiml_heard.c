/*
 * test_phone_twiml_heard.c - webhooks that tell of calls, and texts: what is kept of
 * them, what goes on, and what is heard once.
 */
#include "twiml_stage.h"

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

int main(void)
{
	if (!twiml_stage_begin())
		return 1;
	RUN(test_status, "a leg's states raise its call, and its number is not read");
	RUN(test_status_fails, "an event that cannot be kept is not heard");
	RUN(test_texts, "a text goes on from X, without numbers, or not at all");
	RUN(test_optouts, "a word that stops texts is kept for the person, and not passed on");
	RUN(test_optout_once, "the same word again changes nothing");
	RUN(test_optout_fails, "a word that cannot be kept is not taken as heard");
	return twiml_stage_over();
}
