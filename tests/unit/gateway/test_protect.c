/*
 * test_protect.c - the enforcement point, with a keyd made of glass.
 *
 * The fake "seals" by writing the value where the ciphertext would stand, so
 * that tests can see what was asked; it answers at once or as told.
 */
#include "crypto/token/token.h"
#include "gateway/protect/document.h"
#include "tap.h"

/* ---- the fake key service ------------------------------------------------------------ */

static struct {
	enum sc_err fail;		/* keyc_seal/open fail with this */
	enum sc_err reply;		/* reply->err */
	enum keyc_status open_status;
	enum policy_action open_action;
	size_t calls, items;
	char subject[64];
	struct sc_buf values;
	struct keyc_result results[KEYC_ITEMS_MAX];
	size_t at[KEYC_ITEMS_MAX], n[KEYC_ITEMS_MAX];
} fake;

static void fake_answer(struct keyc_call *call, size_t n)
{
	struct keyc_reply reply = { .err = fake.reply, .results = fake.results, .n = n,
	    .record = 7 };

	for (size_t i = 0; i < n; i++)
		fake.results[i].value = sc_span(fake.values.p + fake.at[i], fake.n[i]);
	if (reply.err != SC_OK)
		reply.n = 0;
	call->done(call, &reply);
}

enum sc_err keyc_seal(struct keyc *kc, struct keyc_call *call, const struct keyc_context *ctx,
    const struct keyc_item *items, size_t n)
{
	(void)kc;
	(void)ctx;
	fake.calls++;
	fake.items += n;
	if (fake.fail != SC_OK)
		return fake.fail;
	snprintf(fake.subject, sizeof(fake.subject), "%.*s", SC_SPAN_ARG(items[0].subject));
	sc_buf_clear(&fake.values);
	for (size_t i = 0; i < n; i++) {
		uint8_t glass[16 + 4096] = { 0 };
		struct token_parts t = { .flags = items[i].flags, .class_id = items[i].class_id,
		    .tier = 2, .key_id = 1, .siv_ct = { glass, 16 + items[i].value.n } };

		memcpy(glass + 16, items[i].value.p, items[i].value.n);
		fake.at[i] = fake.values.n;
		if (token_print(&t, &fake.values) != SC_OK)
			abort();
		fake.n[i] = fake.values.n - fake.at[i];
		fake.results[i].status = KEYC_OK;
		fake.results[i].action = ACTION_TOKENISE;
	}
	fake_answer(call, n);
	return SC_OK;
}

enum sc_err keyc_open(struct keyc *kc, struct keyc_call *call, const struct keyc_context *ctx,
    const struct keyc_item *items, size_t n)
{
	struct sc_buf scratch;
	struct token_parts t;

	(void)kc;
	(void)ctx;
	fake.calls++;
	if (fake.fail != SC_OK)
		return fake.fail;
	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	sc_buf_clear(&fake.values);
	for (size_t i = 0; i < n; i++) {
		if (token_parse(items[i].value, &scratch, &t) != SC_OK)
			abort();
		fake.at[i] = fake.values.n;
		fake.n[i] = t.siv_ct.n - 16;
		if (sc_buf_put(&fake.values, t.siv_ct.p + 16, fake.n[i]) != SC_OK)
			abort();
		fake.results[i].status = fake.open_status;
		fake.results[i].action = fake.open_action;
		fake.results[i].kind = t.flags & TOKEN_KIND_MASK;
	}
	sc_buf_fini(&scratch);
	fake_answer(call, n);
	return SC_OK;
}

void keyc_cancel(struct keyc_call *call)
{
	(void)call;
}

/* ---- one document through ------------------------------------------------------------- */

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\","
    "\"roles\":{\"shop\":{\"max_tier\":\"T3\"},\"carrier\":{\"max_tier\":\"T2\"},"
    "\"marketing\":{\"max_tier\":\"T1\"}},"
    "\"purposes\":[\"order_processing\",\"delivery\",\"audit\"],"
    "\"rules\":["
    "{\"id\":\"w\",\"role\":[\"shop\"],\"purpose\":[\"order_processing\"],"
    "\"class\":[\"name\",\"phone\",\"address\",\"email\",\"geo\"],\"op\":[\"write\"],\"effect\":\"tokenise\"},"
    "{\"id\":\"n\",\"role\":[\"carrier\"],\"purpose\":[\"delivery\"],\"class\":[\"phone\"],"
    "\"op\":[\"read\",\"share\"],\"effect\":\"mask\"},"
    "{\"id\":\"a\",\"role\":[\"carrier\"],\"purpose\":[\"delivery\"],\"class\":[\"name\",\"address\"],"
    "\"op\":[\"read\",\"share\"],\"effect\":\"reveal\"},"
    "{\"id\":\"x\",\"role\":[\"shop\"],\"purpose\":[\"audit\"],\"class\":[\"*\"],\"op\":[\"export\"],"
    "\"effect\":\"reveal\"}]}";

static struct policy *policy;
static struct protect_job *job;
static struct sc_buf out;
static bool finished;

static void on_done(struct protect_job *j, void *arg)
{
	(void)j;
	(void)arg;
	finished = true;
}

struct side {
	const struct config_rule *rules;
	size_t n;
	const char *subject;
	enum plan_way way;
	const char *role, *purpose;
};

static void context(struct keyc_context *c, const struct side *s, uint8_t op)
{
	memset(c, 0, sizeof(*c));
	c->op = op;
	if (!policy_role(policy, sc_span_str(s->role), &c->role) ||
	    !policy_purpose(policy, sc_span_str(s->purpose), &c->purpose))
		abort();
}

static enum protect_outcome run(const struct side *s, const char *doc)
{
	struct keyc_context writer, reader;
	struct protect_rules *rules = NULL;
	struct protect_input in = { .policy = policy, .way = s->way, .writer = &writer,
	    .reader = &reader, .out = &out, .done = on_done };
	struct sc_diag diag = { .text = "" };
	struct sc_buf body;

	context(&writer, s, POLICY_WRITE);
	context(&reader, s, s->way == PLAN_RESTORE ? POLICY_EXPORT : POLICY_READ);
	sc_buf_init(&body, 1 << 24);
	if (s->way == PLAN_RESTORE ? rules_new_restore(&diag, &rules) != SC_OK :
	    rules_new(s->rules, s->n, s->subject, &diag, &rules) != SC_OK)
		abort();
	if (sc_buf_put_str(&body, doc) != SC_OK || json_pad(&body) != SC_OK)
		abort();
	in.rules = rules;
	in.body = sc_buf_span(&body);
	sc_buf_clear(&out);
	finished = false;
	fake.calls = fake.items = 0;
	protect_start(job, &in);
	rules_free(rules);
	sc_buf_fini(&body);
	return finished ? protect_result(job)->outcome : (enum protect_outcome)-1;
}

static bool out_is(const char *s)
{
	return sc_span_is(sc_buf_span(&out), s);
}

static bool out_has(const char *s)
{
	return memmem(out.p, out.n, s, strlen(s)) != NULL;
}

#define RULE(path, what, class) { .at = path, .action = what, .class_id = class }

static char at_phone[] = "$.r.phone", at_name[] = "$.r.name", at_geo[] = "$.r.lat",
    at_note[] = "$.note", at_all_phones[] = "$..phone";
static const struct config_rule order_rules[] = {
	RULE(at_phone, CONFIG_SEAL, CLASS_PHONE),
	RULE(at_name, CONFIG_SEAL, CLASS_NAME),
	RULE(at_geo, CONFIG_SEAL, CLASS_GEO),
	RULE(at_note, CONFIG_SCAN, CLASS_NONE),
};
static const struct side store = { order_rules, 4, "$.buyer", PLAN_STORE, "shop",
    "order_processing" };
static const struct side restore = { NULL, 0, NULL, PLAN_RESTORE, "shop", "audit" };

static void round_trip(const char *doc, const char *back)
{
	char *sealed;

	CHECK(run(&store, doc) == PROTECT_DONE);
	sealed = strndup((const char *)out.p, out.n);
	CHECK(run(&restore, sealed) == PROTECT_DONE);
	CHECK(out_is(back));
	if (!out_is(back))
		printf("# got %.*s\n", SC_SPAN_ARG(sc_buf_span(&out)));
	free(sealed);
}

static void test_seal(void)
{
	CHECK(run(&store, "{ \"buyer\":17, \"r\" : {\"name\":\"Ann Lee\",\"phone\":"
	    "\"07700 900123\" },\"total\":1.10,\"x\":\"\\/\"}") == PROTECT_DONE);
	CHECK(!out_has("Ann") && !out_has("900123"));
	CHECK(out_has("{ \"buyer\":17, \"r\" : {\"name\":\"sct1-"));
	CHECK(out_has("\" },\"total\":1.10,\"x\":\"\\/\"}"));
	CHECK(strcmp(fake.subject, "17") == 0);
	CHECK(fake.calls == 1 && fake.items == 2);
	CHECK(protect_result(job)->counts.sealed == 2);
}

static void test_restore(void)
{
	static const char *const same[] = {
		"{\"r\":{\"name\":\"\xE8\xB0\xAD\xE8\xBD\xA9\",\"phone\":\"07700 900123\"}}",
		"{\"r\":{\"lat\":-12.50,\"phone\":[\"07700 900123\",null,\"\",\"07700 900124\"]}}",
		"{\"r\":{\"lat\":true,\"name\":{\"first\":\"Ann\",\"last\":\"a\\\"b\\\\\"}}}",
		"{\"r\":{\"name\":\"x\\ud83d\",\"phone\":\"1\",\"phone\":\"2\"}}",
		"{\"note\":\"call 07700 900123, please\\n\"}",
		"[]",
		" 1e5 ",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		round_trip(same[i], same[i]);
	round_trip("{\"r\":{\"n\\u0061me\":\"\\u0041nn\"}}", "{\"r\":{\"n\\u0061me\":\"Ann\"}}");
}

static void test_passes(void)
{
	static const char doc[] = "{\"r\":{\"phone\":null,\"name\":\"\"},\"other\":\"07700 900123\"}";

	CHECK(run(&store, doc) == PROTECT_DONE);
	CHECK(out_is(doc));
	CHECK(fake.calls == 0);
}

static void test_malformed(void)
{
	CHECK(run(&store, "{\"r\":{\"phone\":\"07700 900123\"},}") == PROTECT_MALFORMED);
	CHECK(out.n == 0 && fake.calls == 0);
	CHECK(protect_result(job)->diag.offset == 30);
}

static void test_forbidden(void)
{
	struct side marketing = store;

	marketing.role = "marketing";
	CHECK(run(&marketing, "{\"r\":{\"phone\":\"07700 900123\"}}") == PROTECT_FORBIDDEN);
	CHECK(out.n == 0 && fake.calls == 0);
}

static void test_keys_away(void)
{
	static const char doc[] = "{\"a\":1,\"r\":{\"phone\":\"07700 900123\"}}";

	fake.fail = SC_AGAIN;
	CHECK(run(&store, doc) == PROTECT_KEYS_AWAY && out.n == 0);
	fake.fail = SC_OK;
	fake.reply = SC_AGAIN;
	CHECK(run(&store, doc) == PROTECT_KEYS_AWAY && out.n == 0);
	fake.reply = SC_LIMIT;
	CHECK(run(&store, doc) == PROTECT_LOG_FULL && out.n == 0);
	fake.reply = SC_AUTH;
	CHECK(run(&store, doc) == PROTECT_REFUSED && out.n == 0);
	fake.reply = SC_OK;
}

static void test_number_refused(void)
{
	struct config_rule strict = RULE(at_geo, CONFIG_SEAL, CLASS_GEO);
	struct side s = store;

	strict.number = CONFIG_NUMBER_REFUSE;
	s.rules = &strict;
	s.n = 1;
	CHECK(run(&s, "{\"r\":{\"lat\":1.5}}") == PROTECT_UNFIT && out.n == 0);
	CHECK(run(&s, "{\"r\":{\"lat\":\"1.5\"}}") == PROTECT_DONE);
}

/* What a reader with a role sees of a document that was stored. */
static void read_as(const char *role, const char *purpose, const char *doc)
{
	static const struct config_rule rules[] = {
		RULE(at_all_phones, CONFIG_POLICY, CLASS_PHONE),
		RULE(at_name, CONFIG_POLICY, CLASS_NAME),
		RULE(at_note, CONFIG_SCAN, CLASS_NONE),
	};
	const struct side s = { rules, 3, NULL, PLAN_READ, role, purpose };
	char *sealed;

	CHECK(run(&store, doc) == PROTECT_DONE);
	sealed = strndup((const char *)out.p, out.n);
	CHECK(run(&s, sealed) == PROTECT_DONE);
	free(sealed);
}

static void test_reader(void)
{
	static const char doc[] = "{\"r\":{\"phone\":\"07700 900123\",\"name\":\"Ann\"}}";

	fake.open_action = ACTION_REVEAL;
	read_as("carrier", "delivery", doc);
	CHECK(out_is(doc));
	CHECK(protect_result(job)->record == 7);
	read_as("marketing", "delivery", doc);
	CHECK(out_is("{\"r\":{\"phone\":null,\"name\":null}}"));
	fake.open_status = KEYC_GONE;
	read_as("carrier", "delivery", doc);
	CHECK(out_is("{\"r\":{\"phone\":null,\"name\":null}}"));
	CHECK(protect_result(job)->counts.gone == 2);
	fake.open_status = KEYC_OK;
}

static void test_reader_clear(void)
{
	static const struct config_rule rules[] = {
		RULE(at_all_phones, CONFIG_POLICY, CLASS_PHONE),
		RULE(at_note, CONFIG_SCAN, CLASS_NONE),
	};
	struct side s = { rules, 2, NULL, PLAN_READ, "carrier", "delivery" };

	/* a value that was never sealed is masked all the same */
	CHECK(run(&s, "{\"phone\":\"07700 900123\",\"note\":\"on 07700 900123!\"}") ==
	    PROTECT_DONE);
	CHECK(!out_has("900123") && out_has("*"));
	s.role = "marketing";
	CHECK(run(&s, "{\"phone\":\"07700 900123\",\"note\":\"on 07700 900123!\"}") ==
	    PROTECT_DONE);
	CHECK(out_is("{\"phone\":null,\"note\":\"on ****!\"}") || !out_has("0123"));
	CHECK(!out_has("077"));
}

/* A value that begins like a token is a value; only what parses as one is a token. */
static void test_look_alikes(void)
{
	static const struct config_rule rules[] = {
		RULE(at_all_phones, CONFIG_MASK, CLASS_PHONE),
		RULE(at_name, CONFIG_POLICY, CLASS_NAME),
	};
	const struct side s = { rules, 2, NULL, PLAN_READ, "carrier", "delivery" };
	char token[128], doc[512];

	CHECK(run(&s, "{\"phone\":\"sct1-07700900123-of-jane-roe-of-1-example-street-exampletown\","
	    "\"r\":{\"name\":\"SCT1-jane roe jane roe jane roe jane roe jane roe jane\"}}") ==
	    PROTECT_DONE);
	CHECK(!out_has("900123-of") && !out_has("exampletown") && !out_has("jane"));
	CHECK(run(&store, "{\"r\":{\"phone\":\"07700 900123\"}}") == PROTECT_DONE);
	CHECK(sscanf((const char *)out.p, "{\"r\":{\"phone\":\"%127[^\"]", token) == 1);
	snprintf(doc, sizeof(doc), "{\"phone\":\"%s\"}", token);
	CHECK(run(&s, doc) == PROTECT_DONE && out_is(doc));
}

/* What is found partly inside a token is in clear where it stands outside. */
static void test_beside_tokens(void)
{
	char token[128], doc[512];

	CHECK(run(&store, "{\"r\":{\"name\":\"A\"}}") == PROTECT_DONE);
	CHECK(sscanf((const char *)out.p, "{\"r\":{\"name\":\"%127[^\"]", token) == 1);
	snprintf(doc, sizeof(doc), "{\"note\":\"to jane.roe+%s@mail.example.com now\"}", token);
	CHECK(run(&store, doc) == PROTECT_DONE);
	CHECK(out_has(token) && out_has("\"to ") && out_has(" now\""));
	CHECK(!out_has("jane.roe") && !out_has("@mail.example.com"));
	snprintf(doc, sizeof(doc), "{\"note\":\"%s %s 07700 900124 %s\"}", token, token, token);
	CHECK(run(&store, doc) == PROTECT_DONE);
	CHECK(!out_has("900124") && out_has(token) && fake.items == 1);
}

static void test_restore_leaves(void)
{
	fake.open_status = KEYC_BAD_TOKEN;
	CHECK(run(&store, "{\"r\":{\"name\":\"Ann\"}}") == PROTECT_DONE);
	{
		char *sealed = strndup((const char *)out.p, out.n);

		CHECK(run(&restore, sealed) == PROTECT_DONE);
		CHECK(out_is(sealed));
		fake.open_status = KEYC_DENIED;
		CHECK(run(&restore, sealed) == PROTECT_REFUSED && out.n == 0);
		free(sealed);
	}
	fake.open_status = KEYC_OK;
}

static void test_many(void)
{
	struct sc_buf doc;
	char *text;

	sc_buf_init(&doc, 1 << 24);
	CHECK(sc_buf_put_str(&doc, "{\"r\":{\"phone\":[0") == SC_OK);
	for (int i = 1; i < 3000; i++)
		CHECK(sc_buf_printf(&doc, ",\"07700 9%05d\"", i) == SC_OK);
	CHECK(sc_buf_put_str(&doc, "]}}") == SC_OK);
	text = strndup((const char *)doc.p, doc.n);
	CHECK(run(&store, text) == PROTECT_DONE);
	CHECK(fake.calls > 1 && fake.items == 3000);
	round_trip(text, text);
	free(text);
	sc_buf_fini(&doc);
}

/* ---- whole bodies ------------------------------------------------------------------------ */

static size_t noted;
static struct protect_result last;

static void on_note(void *arg, const struct protect_result *r)
{
	(void)arg;
	(void)r;
	noted++;
}

static void on_body_done(void *arg, const struct protect_result *r)
{
	(void)arg;
	last = *r;
	finished = true;
}

static enum protect_outcome run_lines(const char *text)
{
	struct keyc_context writer, reader;
	struct document d = { .job = job, .lines = true, .note = on_note, .done = on_body_done };
	struct protect_rules *rules = NULL;
	struct sc_buf body;

	context(&writer, &store, POLICY_WRITE);
	context(&reader, &store, POLICY_READ);
	sc_buf_init(&body, 1 << 24);
	if (rules_new(order_rules, 4, NULL, NULL, &rules) != SC_OK ||
	    sc_buf_put_str(&body, text) != SC_OK || json_pad(&body) != SC_OK)
		abort();
	sc_buf_clear(&out);
	d.in.policy = policy;
	d.in.rules = rules;
	d.in.way = PLAN_STORE;
	d.in.writer = &writer;
	d.in.reader = &reader;
	d.in.body = sc_buf_span(&body);
	d.in.out = &out;
	noted = 0;
	finished = false;
	document_start(&d);
	rules_free(rules);
	sc_buf_fini(&body);
	return finished ? last.outcome : (enum protect_outcome)-1;
}

static void test_lines(void)
{
	CHECK(run_lines("{\"a\":1}\n\n{\"r\":{\"phone\":\"07700 900123\"}}\n \n[2]") ==
	    PROTECT_DONE);
	CHECK(noted == 3);
	CHECK(out_has("{\"a\":1}\n\n{\"r\":{\"phone\":\"sct1-"));
	CHECK(out_has("\"}}\n \n[2]") && !out_has("900123"));
	CHECK(run_lines("{\"a\":1}\n{\"r\":{\"phone\":\"07700 900123\"}}\n{,}\n") ==
	    PROTECT_MALFORMED);
	CHECK(out.n == 0 && last.diag.offset == 40);
	/* one text broken over two lines is two broken texts */
	CHECK(run_lines("{\"a\":\n1}") == PROTECT_MALFORMED);
}

static void test_million_lines(void)
{
	size_t n = 1000000;
	char *text = malloc(2 * n + 1);

	NEED(text != NULL);
	for (size_t i = 0; i < n; i++)
		memcpy(text + 2 * i, "1\n", 2);
	text[2 * n] = '\0';
	CHECK(run_lines(text) == PROTECT_DONE);
	CHECK(noted == n && out_is(text));
	free(text);
}

int main(void)
{
	struct sc_diag diag = { .text = "" };

	if (policy_load(sc_span_str(policy_json), "test", &diag, &policy) != SC_OK) {
		printf("Bail out! %s\n", diag.text);
		return 1;
	}
	sc_buf_init(&out, 1 << 26);
	sc_buf_init(&fake.values, 1 << 26);
	fake.open_action = ACTION_REVEAL;
	job = protect_job_new();
	RUN(test_seal, "declared fields become tokens and no other byte changes");
	RUN(test_restore, "a restore gives back what was sealed");
	RUN(test_passes, "null, empty and undeclared fields pass; keyd is not asked");
	RUN(test_malformed, "a malformed document gives nothing and names the byte");
	RUN(test_forbidden, "a caller who may not store is refused before keyd is asked");
	RUN(test_keys_away, "whatever fails at keyd, nothing comes out");
	RUN(test_number_refused, "a rule can refuse numbers");
	RUN(test_reader, "a reader gets what policy says; what is withheld is null");
	RUN(test_reader_clear, "a value that was never sealed is withheld all the same");
	RUN(test_look_alikes, "what only begins like a token is protected like any value");
	RUN(test_beside_tokens, "a find that overlaps a token is protected outside of it");
	RUN(test_restore_leaves, "a restore leaves what cannot be opened and stops at a denial");
	RUN(test_many, "thousands of fields go in windows and come out in order");
	RUN(test_lines, "NDJSON passes line by line, whole or not at all");
	RUN(test_million_lines, "a million lines need no million frames of stack");
	protect_job_free(job);
	sc_buf_fini(&out);
	sc_buf_fini(&fake.values);
	policy_free(policy);
	return tap_done();
}
