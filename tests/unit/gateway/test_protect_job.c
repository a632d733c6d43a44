/*
 * test_protect_job.c - running a plan: which windows go to keyd, what is made of its
 * answers, what is said for the record, and what a failure leaves behind.
 */
#include "glass.h"

#define FILE_CLASS(id) "\"class" #id "\":{\"id\":" #id ",\"tier\":\"T1\"}"

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\","
    "\"roles\":{\"shop\":{\"max_tier\":\"T3\"},\"carrier\":{\"max_tier\":\"T2\"},"
    "\"marketing\":{\"max_tier\":\"T1\"},\"teller\":{\"max_tier\":\"T3\"},"
    "\"turner\":{\"max_tier\":\"T3\"}},"
    "\"classes\":{" FILE_CLASS(64) "," FILE_CLASS(65) "," FILE_CLASS(66) "," FILE_CLASS(67) "," FILE_CLASS(68) "," FILE_CLASS(69) "," FILE_CLASS(70) "," FILE_CLASS(71) "," FILE_CLASS(72) "," FILE_CLASS(
	73) "," FILE_CLASS(74) "," FILE_CLASS(75) "," FILE_CLASS(76) "," FILE_CLASS(77) "," FILE_CLASS(78) "," FILE_CLASS(79) "},"
															      "\"purposes\":[\"order_processing\",\"delivery\",\"audit\"],"
															      "\"rules\":["
															      "{\"id\":\"t\",\"role\":[\"teller\",\"turner\"],\"purpose\":[\"delivery\"],"
															      "\"class\":[\"name\"],\"op\":[\"read\"],\"effect\":\"tokenise\"},"
															      "{\"id\":\"u\",\"role\":[\"turner\"],\"purpose\":[\"delivery\"],"
															      "\"class\":[\"phone\"],\"op\":[\"read\"],\"effect\":\"reveal\"},"
															      "{\"id\":\"w\",\"role\":[\"shop\"],\"purpose\":[\"order_processing\"],"
															      "\"class\":[\"name\",\"phone\",\"address\",\"email\",\"geo\"],\"op\":[\"write\"],\"effect\":\"tokenise\"},"
															      "{\"id\":\"n\",\"role\":[\"carrier\"],\"purpose\":[\"delivery\"],\"class\":[\"phone\"],"
															      "\"op\":[\"read\",\"share\"],\"effect\":\"mask\"},"
															      "{\"id\":\"a\",\"role\":[\"carrier\"],\"purpose\":[\"delivery\"],\"class\":[\"name\",\"address\"],"
															      "\"op\":[\"read\",\"share\"],\"effect\":\"reveal\"},"
															      "{\"id\":\"x\",\"role\":[\"shop\"],\"purpose\":[\"audit\"],\"class\":[\"*\"],\"op\":[\"export\"],"
															      "\"effect\":\"reveal\"}]}";

static const struct side restore = { .way = PLAN_RESTORE, .role = "shop", .purpose = "audit" };

/* ---- windows ------------------------------------------------------------------------------ */

/* A document {"f":[V,V,...]} of N values, made by PRINT; in the heap. */
static char *list_of(size_t n, void (*print)(char *to, size_t size, size_t i))
{
	struct sc_buf b;
	char one_value[512], *s;

	sc_buf_init(&b, 1 << 24);
	CHECK(sc_buf_put_str(&b, "{\"f\":[") == SC_OK);
	for (size_t i = 0; i < n; i++) {
		print(one_value, sizeof(one_value), i);
		CHECK(sc_buf_printf(&b, "%s%s", i == 0 ? "" : ",", one_value) == SC_OK);
	}
	CHECK(sc_buf_put_str(&b, "]}") == SC_OK);
	s = strndup((const char *)b.p, b.n);
	sc_buf_fini(&b);
	return s;
}

static void print_number(char *to, size_t size, size_t i)
{
	snprintf(to, size, "\"%zu\"", i);
}

/* Every second one opens, the others are in clear and are sealed. */
static void print_mixed(char *to, size_t size, size_t i)
{
	if (i % 2 == 0)
		snprintf(to, size, "\"%s\"", token_of(CLASS_NAME, 0, "Ann"));
	else
		snprintf(to, size, "\"B\"");
}

static const struct field_rule f_seal[] = { RULE("$.f", &form_seal, CLASS_NAME) };
static const struct field_rule f_policy[] = { RULE("$.f", &form_policy, CLASS_NAME) };

static void test_windows(void)
{
	static const size_t sizes[] = { 1, 511, 512, 513, 1024, 1025 };
	const struct side s = SIDE(f_seal, PLAN_STORE, "shop", "order_processing");

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *doc = list_of(sizes[i], print_number);
		size_t whole = sizes[i] / 512, rest = sizes[i] % 512;

		CHECK(run(&s, doc) == PROTECT_DONE);
		CHECK(glass.items == sizes[i] && glass.calls == whole + (rest != 0));
		for (size_t c = 0; c < glass.calls; c++)
			CHECK(glass.call[c].n == (c < whole ? 512 : rest) && glass.call[c].seal);
		CHECK(protect_result(job)->counts.sealed == sizes[i]);
		/* in order: the last window began where the one before ended */
		CHECK(atoi(glass.item[0].value) == (int)((glass.calls - 1) * 512));
		CHECK(run(&restore, (free(doc), doc = taken_out())) == PROTECT_DONE);
		CHECK(out_has("{\"f\":[\"0\"") && out.n < 8 * sizes[i] + 16);
		free(doc);
	}
}

/* One call has one context: sealing and opening take turns. */
static void test_turns(void)
{
	struct side s = SIDE(f_policy, PLAN_READ, "shop", "order_processing");
	char *doc = list_of(5, print_mixed), want[1024];

	s.reader = "teller";
	s.reads_for = "delivery";
	CHECK(run(&s, doc) == PROTECT_DONE && glass.calls == 1 && glass.items == 2);
	for (size_t c = 0; c < glass.calls; c++) {
		const struct asking *ctx = &glass.call[c].ctx;

		CHECK(glass.call[c].seal && ctx->op == POLICY_WRITE);
		CHECK(ctx->role == one.writer.role && ctx->purpose == one.writer.purpose);
	}
	s.reader = "turner"; /* opens phones, seals names */
	free(doc);
	snprintf(want, sizeof(want), "{\"f\":[\"%s\",\"B\",\"%s\",\"C\",null,\"%s\"]}",
	    token_of(CLASS_PHONE, 0, "1"), token_of(CLASS_PHONE, 0, "2"),
	    token_of(CLASS_PHONE, 0, "3"));
	CHECK(run(&s, want) == PROTECT_DONE && glass.calls == 5 && glass.items == 5);
	for (size_t c = 0; c < 5; c++) {
		const struct asking *ctx = &glass.call[c].ctx;

		CHECK(glass.call[c].n == 1 && glass.call[c].seal == (c % 2 == 1));
		CHECK(ctx->op == (c % 2 == 1 ? POLICY_WRITE : POLICY_READ));
		CHECK(ctx->role == (c % 2 == 1 ? one.writer.role : one.reader.role));
	}
	snprintf(want, sizeof(want), "{\"f\":[\"1\",\"%s\",\"2\",\"%s\",null,\"3\"]}",
	    token_of(CLASS_NAME, TOKEN_STRING, "B"), token_of(CLASS_NAME, TOKEN_STRING, "C"));
	CHECK(out_is(want));
	CHECK(protect_result(job)->counts.sealed == 2);
	CHECK(protect_result(job)->counts.revealed == 3);
}

/* What needs no key rides along and stands where it stood, at every edge of a window. */
static void test_riders(void)
{
	static const struct field_rule rules[] = { RULE("$.f", &form_seal, CLASS_NAME),
		RULE("$.d", &form_drop, CLASS_EMAIL), RULE("$.e", &form_drop, CLASS_NONE) };
	const struct side s = SIDE(rules, PLAN_STORE, "shop", "order_processing");
	const char *a = token_of(CLASS_NAME, 0, "A");
	char want[512];

	CHECK(run(&s, "{\"d\":1,\"f\":\"A\",\"e\":[2,\"x\"],\"f\":\"A\",\"d\":\"y\"} ") ==
	    PROTECT_DONE);
	snprintf(want, sizeof(want),
	    "{\"d\":null,\"f\":\"%s\",\"e\":[null,null],\"f\":\"%s\","
	    "\"d\":null} ",
	    a, a);
	CHECK(out_is(want) && glass.calls == 1 && glass.items == 2);
	CHECK(protect_result(job)->counts.dropped == 4);
	CHECK(protect_result(job)->n_classes == 2);
	CHECK(protect_result(job)->classes[0].id == CLASS_EMAIL);
	CHECK(protect_result(job)->classes[0].n == 2 && protect_result(job)->classes[1].n == 2);
	/* without a key nobody is asked */
	CHECK(run(&s, "{\"d\":1,\"e\":2}") == PROTECT_DONE && glass.calls == 0);
	CHECK(out_is("{\"d\":null,\"e\":null}"));
}

/* ---- what is made of answers -------------------------------------------------------------- */

static uint32_t counter(const struct audit_counts *c, enum policy_action a)
{
	const uint32_t of[] = { [ACTION_DENY] = c->denied,
		[ACTION_DROP] = c->dropped,
		[ACTION_MASK] = c->masked,
		[ACTION_GENERALISE] = c->generalised,
		[ACTION_TOKENISE] = c->tokenised,
		[ACTION_REVEAL] = c->revealed };

	return of[a];
}

static uint32_t all_counts(const struct audit_counts *c)
{
	return c->sealed + c->indexed + c->revealed + c->masked + c->generalised + c->tokenised +
	    c->dropped + c->denied + c->gone + c->bad + c->unknown + c->broken + c->dormant +
	    c->queued + c->foreign;
}

/* keyd says what it did with each: a number in clear stands bare, a mask never does. */
static void test_opened(void)
{
	static const struct field_rule rules[] = { RULE("$.f", &form_policy, CLASS_NAME),
		RULE("$.t", &form_scan, CLASS_NONE) };
	const struct side s = SIDE(rules, PLAN_READ, "carrier", "delivery");
	const char *name = token_of(CLASS_NAME, 0, "A\"n");
	const char *number = token_of(CLASS_NAME, TOKEN_NUMBER, "17");
	const char *literal = token_of(CLASS_NAME, TOKEN_LITERAL, "true");
	char doc[1024], stays[1024];

	snprintf(doc, sizeof(doc), "{\"f\":[\"%s\",\"%s\",\"%s\"],\"t\":\"x %s y %s\"}", name,
	    number, literal, name, number);
	snprintf(stays, sizeof(stays), "\"t\":\"x %s y %s\"}", name, number);
	for (enum policy_action a = ACTION_DENY; a <= ACTION_REVEAL; a++) {
		const struct audit_counts *c = &protect_result(job)->counts;

		glass.action = a;
		CHECK(run(&s, doc) == PROTECT_DONE && glass.items == 5);
		CHECK(counter(c, a) == 5 && all_counts(c) == 5);
		CHECK(
		    protect_result(job)->n_classes == 1 && protect_result(job)->classes[0].n == 5);
		if (a == ACTION_REVEAL) {
			CHECK(out_is("{\"f\":[\"A\\\"n\",17,true],\"t\":\"x A\\\"n y 17\"}"));
		} else if (a == ACTION_MASK || a == ACTION_GENERALISE) {
			CHECK(
			    out_is("{\"f\":[\"A\\\"n\",\"17\",\"true\"],\"t\":\"x A\\\"n y 17\"}"));
		} else if (a == ACTION_TOKENISE) {
			CHECK(out_is(doc));
		} else {
			CHECK(out_has("{\"f\":[null,null,null],") && out_has(stays));
		}
	}
	glass_reset();
}

/* What keyd stores poorer than was decided here is no token, and is written as a text. */
static void test_stored_poorer(void)
{
	static const struct field_rule rules[] = { RULE("$.f", &form_seal, CLASS_NAME),
		RULE("$.n", &form_seal, CLASS_NAME) };
	const struct side s = SIDE(rules, PLAN_STORE, "shop", "order_processing");
	const struct audit_counts *c = &protect_result(job)->counts;

	glass.stored = ACTION_MASK;
	CHECK(run(&s, "{\"f\":\"A\",\"n\":5}") == PROTECT_DONE && out_has("{\"f\":\"sct1-"));
	CHECK(c->sealed == 0 && c->masked == 2);
	glass.stored = ACTION_DROP;
	CHECK(
	    run(&s, "{\"f\":\"A\",\"n\":5}") == PROTECT_DONE && out_is("{\"f\":null,\"n\":null}"));
	CHECK(c->sealed == 0 && c->dropped == 2);
	glass_reset();
}

/* What keyd did not open is null to a reader, stays in a text, and is counted by why. */
static void test_withheld(void)
{
	static const struct field_rule rules[] = { RULE("$.f", &form_policy, CLASS_NAME),
		RULE("$.t", &form_scan, CLASS_NONE) };
	const struct side reads = SIDE(rules, PLAN_READ, "carrier", "delivery");
	const char *name = token_of(CLASS_NAME, 0, "Ann");
	const struct audit_counts *c = &protect_result(job)->counts;
	char doc[512], want[512];

	snprintf(doc, sizeof(doc), "{\"f\":\"%s\",\"t\":\"x %s\"}", name, name);
	snprintf(want, sizeof(want), "{\"f\":null,\"t\":\"x %s\"}", name);
	for (enum wire_status st = WIRE_DENIED; st < WIRE_STATUS_COUNT; st++) {
		bool leaves = st == WIRE_GONE || st == WIRE_BAD_TOKEN || st == WIRE_UNKNOWN_KEY ||
		    st == WIRE_BROKEN_KEY;

		bool stays = st == WIRE_UNSIGNED; /* a token, for its reader to sign for */

		glass.status = st;
		/* there is none while somebody's return waits its turn: no label without an address */
		if (st == WIRE_QUEUED) {
			CHECK(run(&reads, doc) == PROTECT_QUEUED && out.n == 0);
			CHECK(run(&restore, doc) == PROTECT_QUEUED && out.n == 0);
			continue;
		}
		CHECK(run(&reads, doc) == PROTECT_DONE && out_is(stays ? doc : want));
		CHECK(c->dormant == (st == WIRE_DORMANT ? 2 : 0));
		CHECK(c->gone == (st == WIRE_GONE ? 2 : 0));
		CHECK(c->unknown == (st == WIRE_UNKNOWN_KEY ? 2 : 0));
		CHECK(c->broken == (st == WIRE_BROKEN_KEY ? 2 : 0));
		CHECK(c->bad == (st == WIRE_BAD_TOKEN || st == WIRE_BAD_VALUE ? 2 : 0));
		CHECK(c->foreign == (st == WIRE_FOREIGN ? 2 : 0));
		CHECK(c->denied + c->foreign ==
			(leaves || st == WIRE_BAD_VALUE || st == WIRE_DORMANT ? 0 : 2) &&
		    all_counts(c) == 2);
		/* a restore is whole or not at all; what nobody can open stays what it is */
		CHECK(run(&restore, doc) ==
		    (leaves || stays           ? PROTECT_DONE :
			    st == WIRE_DORMANT ? PROTECT_DORMANT :
						 PROTECT_REFUSED));
		CHECK(leaves || stays ? out_is(doc) : out.n == 0);
	}
	glass_reset();
	/* one of several */
	glass.odd = 2;
	glass.odd_status = WIRE_GONE;
	CHECK(run(&reads, doc) == PROTECT_DONE);
	snprintf(want, sizeof(want), "{\"f\":\"Ann\",\"t\":\"x %s\"}", name);
	CHECK(out_is(want) && c->gone == 1 && c->revealed == 1);
	glass_reset();
}

/* One value that keyd does not seal, and nothing goes on. */
static void test_unsealed(void)
{
	const struct side s = SIDE(f_seal, PLAN_STORE, "shop", "order_processing");

	for (enum wire_status st = WIRE_DENIED; st < WIRE_STATUS_COUNT; st++) {
		glass_reset();
		glass.odd = 2;
		glass.odd_status = st;
		CHECK(run(&s, "{\"f\":[\"Ann\",\"Bob\",\"Cy\"]}") ==
		    (st == WIRE_TOO_LARGE      ? PROTECT_TOO_LARGE :
			    st == WIRE_FOREIGN ? PROTECT_FOREIGN :
						 PROTECT_REFUSED));
		CHECK(out.n == 0 && protect_result(job)->n_classes == 0);
	}
	glass_reset();
}

/* Whichever way keyd fails, and whenever: nothing comes out, and the reason is the right one. */
static void test_failures(void)
{
	static const struct {
		enum sc_err err;
		enum protect_outcome called, answered;
	} rows[] = {
		{ SC_AGAIN, PROTECT_KEYS_AWAY, PROTECT_KEYS_AWAY },
		{ SC_LIMIT, PROTECT_TOO_LARGE, PROTECT_LOG_FULL },
		{ SC_AUTH, PROTECT_REFUSED, PROTECT_REFUSED },
		{ SC_NOMEM, PROTECT_FAILED, PROTECT_FAILED },
		{ SC_CORRUPT, PROTECT_FAILED, PROTECT_FAILED },
		{ SC_BUG, PROTECT_FAILED, PROTECT_FAILED },
	};
	const struct side s = SIDE(f_seal, PLAN_STORE, "shop", "order_processing");
	char *doc = list_of(600, print_number);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t good = 0; good < 2; good++) {
			glass_reset();
			glass.good_calls = good;
			glass.fail = rows[i].err;
			CHECK(run(&s, doc) == rows[i].called && out.n == 0);
			CHECK(glass.calls == good + 1);
			glass.fail = SC_OK;
			glass.reply = rows[i].err;
			CHECK(run(&s, doc) == rows[i].answered && out.n == 0);
			CHECK(glass.calls == good + 1);
		}
	}
	glass_reset();
	/* fewer answers than questions */
	glass.missing = 1;
	CHECK(run(&s, "{\"f\":[\"Ann\",\"Bob\"]}") == PROTECT_FAILED && out.n == 0);
	glass_reset();
	free(doc);
}

/* What stood in the output before is kept; a refusal takes back only its own. */
static void test_output_kept(void)
{
	const struct side s = SIDE(f_seal, PLAN_STORE, "shop", "order_processing");
	char *doc = list_of(600, print_number);
	struct protect_input in;

	glass.good_calls = 1;
	glass.reply = SC_AGAIN;
	prepare(&s, sc_span_str(doc));
	in = input(&s);
	sc_buf_clear(&out);
	CHECK(sc_buf_put_str(&out, "before") == SC_OK);
	protect_document(job, &in);
	CHECK(finished == 1 && protect_result(job)->outcome == PROTECT_KEYS_AWAY);
	CHECK(out_is("before"));
	glass_reset();
	prepare(&s, sc_span_str("{\"f\":null}"));
	in = input(&s);
	protect_document(job, &in);
	CHECK(finished == 1 && out_is("before{\"f\":null}"));
	free(doc);
}

/* An output with a ceiling takes what fits, however much longer tokens might have been. */
static void test_output_ceiling(void)
{
	const struct side s = SIDE(f_seal, PLAN_STORE, "shop", "order_processing");
	struct sc_buf keep = out;
	size_t need;

	CHECK(run(&s, "{\"f\":[\"A\",5,\"B\"]}") == PROTECT_DONE);
	need = out.n;
	keep = out;
	for (size_t room = 0; room <= need; room++) {
		sc_buf_init(&out, room);
		CHECK(run(&s, "{\"f\":[\"A\",5,\"B\"]}") ==
		    (room < need ? PROTECT_TOO_LARGE : PROTECT_DONE));
		CHECK(out.n == (room < need ? 0 : need));
		sc_buf_fini(&out);
	}
	/* room for all tokens is made at once */
	glass.later = true;
	sc_buf_init(&out, 1 << 20);
	CHECK(run(&s, "{\"f\":[\"A\",5,\"B\"]}") == (enum protect_outcome) - 1);
	CHECK(out.cap >= strlen("{\"f\":[\"A\",5,\"B\"]}") + 3 * 80 + CODEC_PAD);
	protect_cancel(job);
	sc_buf_fini(&out);
	glass_reset();
	/* the same where values are opened, dropped and masked */
	for (size_t room = 0; room <= 30; room++) {
		static const struct field_rule rules[] = { RULE("$.d", &form_drop, CLASS_NONE),
			RULE("$.m", &form_mask, CLASS_NAME),
			RULE("$.p", &form_policy, CLASS_NAME) };
		const struct side r = SIDE(rules, PLAN_READ, "carrier", "delivery");
		static const char want[] = "{\"p\":\"A\",\"d\":null,\"m\":\"A**\"}";
		char doc[256];

		snprintf(doc, sizeof(doc), "{\"p\":\"%s\",\"d\":1,\"m\":\"Ann\"}",
		    token_of(CLASS_NAME, 0, "A"));
		sc_buf_init(&out, room);
		CHECK(run(&r, doc) == (room < strlen(want) ? PROTECT_TOO_LARGE : PROTECT_DONE));
		CHECK(room < strlen(want) ? out.n == 0 : out_is(want));
		sc_buf_fini(&out);
	}
	out = keep;
}

/* ---- for the record ------------------------------------------------------------------------ */

static void set_handles(size_t first, size_t n)
{
	glass.n_subjects = n;
	for (size_t i = 0; i < n; i++)
		memset(glass.subjects[i], (int)(first + i), AUDIT_HANDLE_BYTES);
}

/* keyd's record and whom it was about, of several answers put together. */
static void test_record(void)
{
	const struct side s = SIDE(f_seal, PLAN_STORE, "shop", "order_processing");
	const struct protect_result *r = protect_result(job);
	char *doc = list_of(3 * 512, print_number);

	glass.later = true;
	set_handles(1, 10);
	glass.record = 40;
	CHECK(run(&s, doc) == (enum protect_outcome) - 1);
	glass_answer();
	CHECK(r->record == 40 && r->n_subjects == 10 && r->subjects[9][15] == 10);
	set_handles(8, 6); /* 8, 9 and 10 again, then 11 to 13 */
	glass.record = WIRE_NO_RECORD;
	glass_answer();
	CHECK(r->record == 40 && r->n_subjects == 13 && r->subjects[10][0] == 11);
	set_handles(12, 16); /* only three more have room */
	glass.record = 41;
	glass_answer();
	CHECK(finished == 1 && r->outcome == PROTECT_DONE && r->record == 41);
	CHECK(r->n_subjects == AUDIT_HANDLES_MAX);
	for (size_t i = 0; i < r->n_subjects; i++)
		CHECK(r->subjects[i][0] == i + 1 && r->subjects[i][15] == i + 1);
	/* handles that differ in one byte only, the first or the last, are two */
	glass.later = false;
	set_handles(7, 2);
	memcpy(glass.subjects[1], glass.subjects[0], AUDIT_HANDLE_BYTES);
	glass.subjects[1][15] ^= 1;
	CHECK(run(&s, "{\"f\":\"A\"}") == PROTECT_DONE && r->n_subjects == 2);
	memcpy(glass.subjects[1], glass.subjects[0], AUDIT_HANDLE_BYTES);
	CHECK(run(&s, "{\"f\":\"A\"}") == PROTECT_DONE && r->n_subjects == 1);
	/* and nothing of it is left for the next document */
	glass_reset();
	CHECK(run(&s, "{\"f\":\"A\"}") == PROTECT_DONE && r->n_subjects == 0);
	CHECK(r->record == WIRE_NO_RECORD && r->counts.sealed == 1 && r->n_classes == 1);
	CHECK(run(&s, "{}") == PROTECT_DONE && r->counts.sealed == 0 && r->n_classes == 0);
	free(doc);
}

/* Each class once, with how many; built-in ones by id, the file's by name; at most 32. */
static void test_classes(void)
{
	enum { builtin = CLASS_BUILTIN_END - 1, n = builtin + 16 };
	static struct field_rule rules[n];
	static char at[n][16], doc[n * 48];
	struct side s = { .rules = rules,
		.n = n,
		.way = PLAN_STORE,
		.role = "shop",
		.purpose = "order_processing" };
	const struct protect_result *r = protect_result(job);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		snprintf(at[i], sizeof(at[i]), "$.f%zu", i);
		rules[i] = (struct field_rule)RULE(at[i], &form_drop, 0);
		rules[i].class_id = (uint8_t)(i < builtin ? i + 1 : 64 + i - builtin);
		len += (size_t)snprintf(doc + len, sizeof(doc) - len, "%s\"f%zu\":1,\"f%zu\":2",
		    i == 0 ? "{" : ",", i, i);
	}
	snprintf(doc + len, sizeof(doc) - len, "}");
	CHECK(run(&s, doc) == PROTECT_DONE);
	CHECK(r->n_classes == AUDIT_CLASSES_MAX && r->counts.dropped == 2 * n);
	for (size_t i = 0; i < r->n_classes; i++) {
		CHECK(r->classes[i].id == rules[i].class_id && r->classes[i].n == 2);
		CHECK(i < builtin ? r->classes[i].name == NULL :
				    r->classes[i].name != NULL &&
			    r->classes[i].name == policy_class_name(policy, r->classes[i].id));
	}
	/* the first one past the ceiling is left out, those before it go on counting */
	snprintf(doc + len, sizeof(doc) - len, ",\"f0\":3,\"f%d\":3}", n - 1);
	CHECK(run(&s, doc) == PROTECT_DONE && r->n_classes == AUDIT_CLASSES_MAX);
	CHECK(r->classes[0].n == 3 && r->classes[31].n == 2);
}

/* ---- leaving --------------------------------------------------------------------------- */

static void test_cancel(void)
{
	const struct side s = SIDE(f_seal, PLAN_STORE, "shop", "order_processing");
	struct protect_job *other = protect_job_new();
	struct protect_input in;

	NEED(other != NULL);
	protect_cancel(other); /* idle */
	CHECK(glass.cancelled == 0);
	glass.later = true;
	prepare(&s, sc_span_str("{\"f\":\"A\"}"));
	in = input(&s);
	sc_buf_clear(&out);
	protect_document(other, &in);
	CHECK(glass.waiting != NULL && finished == 0);
	protect_cancel(other);
	CHECK(glass.cancelled == 1 && finished == 0);
	protect_cancel(other); /* once is enough */
	CHECK(glass.cancelled == 1);
	protect_document(other, &in);
	protect_job_free(other); /* while it waits */
	CHECK(glass.cancelled == 2 && finished == 0);
	glass.later = false;
	CHECK(run(&s, "{\"f\":\"A\"}") == PROTECT_DONE);
	protect_cancel(job); /* it has ended */
	CHECK(glass.cancelled == 2);
	CHECK(run(&s, "{,}") == PROTECT_MALFORMED);
	protect_cancel(job);
	CHECK(glass.cancelled == 2);
	protect_job_free(NULL);
	glass_reset();
}

/* A reader's operation and the tier decide, and a share is not a read. */
static void test_restore_denied(void)
{
	struct side s = restore;
	char doc[256];

	snprintf(doc, sizeof(doc), "{\"a\":\"%s\"}", token_of(CLASS_NAME, 0, "Ann"));
	CHECK(run(&s, doc) == PROTECT_DONE && glass.call[0].ctx.op == POLICY_EXPORT);
	s.op = POLICY_READ;
	CHECK(run(&s, doc) == PROTECT_FORBIDDEN && out.n == 0 && glass.calls == 0);
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_windows, "keyd is asked for 512 values at a time, in order");
	RUN(test_turns, "sealing and opening take turns, each in its own context");
	RUN(test_riders, "what needs no key stands where it stood");
	RUN(test_opened, "what keyd made of a token stands as what it is, and is counted so");
	RUN(test_stored_poorer, "what keyd stores poorer is written as what it is");
	RUN(test_withheld, "what keyd did not open is withheld and counted by why");
	RUN(test_unsealed, "one value that is not sealed and nothing goes on");
	RUN(test_failures, "whenever keyd fails nothing comes out, for the right reason");
	RUN(test_output_kept, "what stood in the output before is kept");
	RUN(test_output_ceiling, "an output's ceiling is met exactly, and gives nothing");
	RUN(test_record, "the record has keyd's index and at most sixteen people, each once");
	RUN(test_classes, "the record has at most 32 classes, each with its number");
	RUN(test_cancel, "a cancelled document is not heard of again");
	RUN(test_restore_denied, "a restore is an export");
	return glass_over();
}
