/*
 * test_protect.c - documents through the enforcement point, from one end to the
 * other. What is decided is in test_plan.c, how it is run in test_protect_job.c.
 */
#include "glass.h"

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
    "{\"id\":\"s\",\"role\":[\"shop\"],\"purpose\":[\"order_processing\"],\"class\":\"*\","
    "\"op\":\"send\",\"effect\":\"reveal\"},"
    "{\"id\":\"x\",\"role\":[\"shop\"],\"purpose\":[\"audit\"],\"class\":[\"*\"],\"op\":[\"export\"],"
    "\"effect\":\"reveal\"}]}";

static char at_phone[] = "$.r.phone", at_name[] = "$.r.name", at_geo[] = "$.r.lat",
	    at_note[] = "$.note", at_all_phones[] = "$..phone";
static const struct field_rule order_rules[] = {
	RULE(at_phone, &form_seal, CLASS_PHONE),
	RULE(at_name, &form_seal, CLASS_NAME),
	RULE(at_geo, &form_seal, CLASS_GEO),
	RULE(at_note, &form_scan, CLASS_NONE),
};
static const struct side store = { .rules = order_rules,
	.n = 4,
	.subject = "$.buyer",
	.way = PLAN_STORE,
	.role = "shop",
	.purpose = "order_processing" };
static const struct side restore = { .way = PLAN_RESTORE, .role = "shop", .purpose = "audit" };

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
	CHECK(run(&store,
		  "{ \"buyer\":17, \"r\" : {\"name\":\"Ann Lee\",\"phone\":"
		  "\"07700 900123\" },\"total\":1.10,\"x\":\"\\/\"}") == PROTECT_DONE);
	CHECK(!out_has("Ann") && !out_has("900123"));
	CHECK(out_has("{ \"buyer\":17, \"r\" : {\"name\":\"sct1-"));
	CHECK(out_has("\" },\"total\":1.10,\"x\":\"\\/\"}"));
	CHECK(strcmp(glass.item[0].subject, "17") == 0);
	CHECK(glass.calls == 1 && glass.items == 2);
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
		" { \"n\": 1e5 } ",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		round_trip(same[i], same[i]);
	round_trip("{\"r\":{\"n\\u0061me\":\"\\u0041nn\"}}", "{\"r\":{\"n\\u0061me\":\"Ann\"}}");
}

static void test_passes(void)
{
	static const char doc[] =
	    "{\"r\":{\"phone\":null,\"name\":\"\"},\"other\":\"07700 900123\"}";

	CHECK(run(&store, doc) == PROTECT_DONE);
	CHECK(out_is(doc));
	CHECK(glass.calls == 0);
}

static void test_malformed(void)
{
	CHECK(run(&store, "{\"r\":{\"phone\":\"07700 900123\"},}") == PROTECT_MALFORMED);
	CHECK(out.n == 0 && glass.calls == 0);
	CHECK(protect_result(job)->diag.offset == 30);
}

static void test_forbidden(void)
{
	struct side marketing = store;

	marketing.role = "marketing";
	CHECK(run(&marketing, "{\"r\":{\"phone\":\"07700 900123\"}}") == PROTECT_FORBIDDEN);
	CHECK(out.n == 0 && glass.calls == 0);
}

static void test_keys_away(void)
{
	static const char doc[] = "{\"a\":1,\"r\":{\"phone\":\"07700 900123\"}}";

	glass.fail = SC_AGAIN;
	CHECK(run(&store, doc) == PROTECT_KEYS_AWAY && out.n == 0);
	glass.fail = SC_OK;
	glass.reply = SC_AGAIN;
	CHECK(run(&store, doc) == PROTECT_KEYS_AWAY && out.n == 0);
	glass.reply = SC_LIMIT;
	CHECK(run(&store, doc) == PROTECT_LOG_FULL && out.n == 0);
	glass.reply = SC_AUTH;
	CHECK(run(&store, doc) == PROTECT_REFUSED && out.n == 0);
	glass.reply = SC_OK;
}

static void test_number_refused(void)
{
	struct field_rule strict = RULE(at_geo, &form_seal, CLASS_GEO);
	struct side s = store;

	strict.number = FIELD_NUMBER_REFUSE;
	s.rules = &strict;
	s.n = 1;
	CHECK(run(&s, "{\"r\":{\"lat\":1.5}}") == PROTECT_UNFIT && out.n == 0);
	CHECK(run(&s, "{\"r\":{\"lat\":\"1.5\"}}") == PROTECT_DONE);
}

/* What a reader with a role sees of a document that was stored. */
static void read_as(const char *role, const char *purpose, const char *doc)
{
	static const struct field_rule rules[] = {
		RULE(at_all_phones, &form_policy, CLASS_PHONE),
		RULE(at_name, &form_policy, CLASS_NAME),
		RULE(at_note, &form_scan, CLASS_NONE),
	};
	const struct side s = SIDE(rules, PLAN_READ, role, purpose);
	char *sealed;

	CHECK(run(&store, doc) == PROTECT_DONE);
	sealed = strndup((const char *)out.p, out.n);
	CHECK(run(&s, sealed) == PROTECT_DONE);
	free(sealed);
}

static void test_reader(void)
{
	static const char doc[] = "{\"r\":{\"phone\":\"07700 900123\",\"name\":\"Ann\"}}";

	glass.record = 7;
	read_as("carrier", "delivery", doc);
	CHECK(out_is(doc));
	CHECK(protect_result(job)->record == 7);
	read_as("marketing", "delivery", doc);
	CHECK(out_is("{\"r\":{\"phone\":null,\"name\":null}}"));
	glass.status = WIRE_GONE;
	read_as("carrier", "delivery", doc);
	CHECK(out_is("{\"r\":{\"phone\":null,\"name\":null}}"));
	CHECK(protect_result(job)->counts.gone == 2);
	glass.status = WIRE_OK;
}

static void test_reader_clear(void)
{
	static const struct field_rule rules[] = {
		RULE(at_all_phones, &form_policy, CLASS_PHONE),
		RULE(at_note, &form_scan, CLASS_NONE),
	};
	struct side s = SIDE(rules, PLAN_READ, "carrier", "delivery");

	/* a value that was never sealed is masked all the same */
	CHECK(
	    run(&s, "{\"phone\":\"07700 900123\",\"note\":\"on 07700 900123!\"}") == PROTECT_DONE);
	CHECK(!out_has("900123") && out_has("*"));
	s.role = "marketing";
	CHECK(
	    run(&s, "{\"phone\":\"07700 900123\",\"note\":\"on 07700 900123!\"}") == PROTECT_DONE);
	CHECK(out_is("{\"phone\":null,\"note\":\"on ****!\"}") || !out_has("0123"));
	CHECK(!out_has("077"));
}

/* A value that begins like a token is a value; only what parses as one is a token. */
static void test_look_alikes(void)
{
	static const struct field_rule rules[] = {
		RULE(at_all_phones, &form_mask, CLASS_PHONE),
		RULE(at_name, &form_policy, CLASS_NAME),
	};
	const struct side s = SIDE(rules, PLAN_READ, "carrier", "delivery");
	char token[128], doc[512];

	CHECK(
	    run(&s,
		"{\"phone\":\"sct1-07700900123-of-jane-roe-of-1-example-street-exampletown-exampleshire\","
		"\"r\":{\"name\":\"SCT1-jane roe jane roe jane roe jane roe jane roe jane roe jane roe\"}}") ==
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
	CHECK(!out_has("900124") && out_has(token) && glass.items == 1);
}

static void test_restore_leaves(void)
{
	glass.status = WIRE_BAD_TOKEN;
	CHECK(run(&store, "{\"r\":{\"name\":\"Ann\"}}") == PROTECT_DONE);
	{
		char *sealed = strndup((const char *)out.p, out.n);

		CHECK(run(&restore, sealed) == PROTECT_DONE);
		CHECK(out_is(sealed));
		glass.status = WIRE_DENIED;
		CHECK(run(&restore, sealed) == PROTECT_REFUSED && out.n == 0);
		free(sealed);
	}
	glass.status = WIRE_OK;
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
	CHECK(glass.calls > 1 && glass.items == 3000);
	round_trip(text, text);
	free(text);
	sc_buf_fini(&doc);
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
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
	return glass_over();
}
