/*
 * test_protect_consent.c - rules that ask for consent: whose it is, who is asked, and what
 * is left when anything on that way is missing.
 */
#include "glass.h"

static const char rules_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\","
    "\"roles\":{\"shop\":{\"max_tier\":\"T3\"},\"door\":{}},"
    "\"purposes\":[\"orders\",\"analytics\",\"campaign\"],"
    "\"rules\":["
    "{\"id\":\"in\",\"role\":\"shop\",\"purpose\":\"orders\",\"class\":[\"name\",\"phone\"],"
    "\"op\":\"write\",\"effect\":\"tokenise\"},"
    "{\"id\":\"in-wanted\",\"role\":\"shop\",\"purpose\":\"orders\",\"class\":\"email\","
    "\"op\":\"write\",\"effect\":\"tokenise\",\"when\":{\"consent\":[\"campaign\"]},"
    "\"else\":\"drop\"},"
    "{\"id\":\"name\",\"role\":\"shop\",\"purpose\":\"orders\",\"class\":\"name\",\"op\":\"read\","
    "\"effect\":\"reveal\",\"when\":{\"consent\":[\"analytics\"]},\"else\":\"drop\"},"
    "{\"id\":\"phone\",\"role\":\"shop\",\"purpose\":\"orders\",\"class\":\"phone\",\"op\":\"read\","
    "\"effect\":\"reveal\",\"when\":{\"consent\":[\"analytics\",\"campaign\"]},\"else\":\"drop\"},"
    "{\"id\":\"email\",\"role\":\"shop\",\"purpose\":\"orders\",\"class\":\"email\",\"op\":\"read\","
    "\"effect\":\"reveal\"}]}";
#define ANALYTICS (1u << 1)
#define CAMPAIGN (1u << 2)

static const struct field_rule read_rules[] = { RULE("$.n", &form_policy, CLASS_NAME),
	RULE("$.p", &form_policy, CLASS_PHONE), RULE("$.e", &form_policy, CLASS_EMAIL) };
static const struct field_rule write_rules[] = { RULE("$.n", &form_seal, CLASS_NAME),
	RULE("$.e", &form_seal, CLASS_EMAIL) };

static struct side reads(void)
{
	struct side s = SIDE(read_rules, PLAN_READ, "shop", "orders");

	s.subject = "$.who";
	return s;
}

/* A handle's first letter says what its person has granted. */
static size_t lookups;
static uint32_t by_letter(const struct consent_source *s, const struct policy *p,
    const uint8_t handle[static HANDLE_BYTES])
{
	CHECK(s->role == 1 && s->purpose == 1 && p == policy);
	lookups++;
	switch (handle[0]) {
	case 'a': return ANALYTICS;
	case 'c': return CAMPAIGN;
	case 'b': return ANALYTICS | CAMPAIGN;
	default: return 0;
	}
}

static const struct consent_source registry = { .granted = by_letter, .role = 1, .purpose = 1 };

/* DOC through S, with that registry, in that format. */
static enum protect_outcome through(const struct side *s, const char *doc,
    const struct codec *codec, const struct consent_source *source)
{
	struct protect_input in;

	prepare(s, sc_span_str(doc));
	in = input(s);
	in.codec = codec;
	in.consents = *source;
	glass.whose_calls = glass.whose_items = lookups = 0;
	sc_buf_clear(&out);
	protect_document(job, &in);
	return finished != 0 ? protect_result(job)->outcome : (enum protect_outcome) - 1;
}

/* What becomes of a name and a phone of WHO (JSON). */
static bool becomes(const char *who, const char *name, const char *phone)
{
	const struct side s = reads();
	char doc[1024], want[1024];

	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"p\":\"%s\",\"who\":%s}",
	    token_of(CLASS_NAME, 0, "Ann"), token_of(CLASS_PHONE, 0, "07700 900123"), who);
	snprintf(want, sizeof(want), "{\"n\":%s,\"p\":%s,\"who\":%s}", name, phone, who);
	return through(&s, doc, &codec_json, &registry) == PROTECT_DONE && out_is(want);
}

#define ANN "\"Ann\""
#define PHONE "\"07700 900123\""

static void test_documents(void)
{
	glass_reset();
	CHECK(becomes("\"b-1\"", ANN, PHONE));
	CHECK(glass.whose_calls == 1 && glass.whose_items == 1 && lookups == 1);
	CHECK(glass.whose_item.class_id == CLASS_CUSTOMER_ID &&
	    glass.whose_item.flags == KEYC_ACCOUNT && glass.whose_item.value.n == 3);
	CHECK(glass.whose_ctx.role == 1 && glass.whose_ctx.purpose == 1 &&
	    glass.whose_ctx.op == POLICY_WRITE && glass.whose_ctx.consents == 0);
	CHECK(glass.call[0].ctx.consents == (ANALYTICS | CAMPAIGN));
	CHECK(strcmp(glass.item[0].subject, "b-1") == 0);
	CHECK(protect_result(job)->n_consents == 1 &&
	    protect_result(job)->consents == (ANALYTICS | CAMPAIGN));
	CHECK(becomes("\"a-1\"", ANN, "null") && glass.call[0].ctx.consents == ANALYTICS);
	CHECK(becomes("\"c-1\"", "null", "null") && glass.calls == 0);
	CHECK(becomes("\"x-1\"", "null", "null") && lookups == 1);
	/* an id with escapes, a number, and what names nobody */
	CHECK(becomes("\"\\u0062-1\"", ANN, PHONE));
	CHECK(becomes("7", "null", "null") && lookups == 1);
	CHECK(becomes("\"\"", "null", "null") && glass.whose_calls == 0);
	CHECK(becomes("null", "null", "null") && becomes("true", "null", "null"));
	CHECK(becomes("{\"b\":1}", "null", "null") && glass.whose_calls == 0);
	CHECK(protect_result(job)->n_consents == 1 && protect_result(job)->consents == 0);
}

/* Of whom a rule names nobody has asked: nothing is granted, whatever the document's person did. */
static void test_named_at_a_rule(void)
{
	static const struct field_rule rules[] = {
		RULE("$.n", &form_policy, CLASS_NAME),
		{ .at = "$.to.n",
		    .form = &form_policy,
		    .class_id = CLASS_NAME,
		    .subject = { .place = "$.to.id" } },
		RULE("$.z", &form_policy, CLASS_NAME),
	};
	struct side s = SIDE(rules, PLAN_READ, "shop", "orders");
	const char *t = token_of(CLASS_NAME, 0, "Ann");
	char doc[1024];

	s.subject = "$.who";
	glass_reset();
	snprintf(doc, sizeof(doc),
	    "{\"n\":\"%s\",\"to\":{\"n\":\"%s\",\"id\":\"b-2\"},\"z\":\"%s\",\"who\":\"b-1\"}", t,
	    t, t);
	CHECK(through(&s, doc, &codec_json, &registry) == PROTECT_DONE &&
	    out_is(
		"{\"n\":\"Ann\",\"to\":{\"n\":null,\"id\":\"b-2\"},\"z\":\"Ann\",\"who\":\"b-1\"}"));
	CHECK(glass.whose_items == 1 && glass.items == 2);
}

/* Nor is keyd told that they have, between two of the document's person. */
static void test_asked_at_a_rule(void)
{
	static const struct field_rule rules[] = {
		RULE("$.n", &form_seal, CLASS_NAME),
		{ .at = "$.to.n",
		    .form = &form_seal,
		    .class_id = CLASS_NAME,
		    .subject = { .place = "$.to.id" } },
		RULE("$.z", &form_seal, CLASS_NAME),
	};
	struct side s = SIDE(rules, PLAN_STORE, "shop", "orders");

	s.subject = "$.who";
	glass_reset();
	CHECK(
	    through(&s,
		"{\"n\":\"Ann\",\"to\":{\"n\":\"Bob\",\"id\":\"b-2\"},\"z\":\"Cy\",\"who\":\"b-1\"}",
		&codec_json, &registry) == PROTECT_DONE);
	CHECK(glass.calls == 3 && glass.items == 3 && glass.call[1].ctx.consents == 0);
	CHECK(glass.call[0].ctx.consents == (ANALYTICS | CAMPAIGN) &&
	    glass.call[2].ctx.consents == (ANALYTICS | CAMPAIGN));
}

static void test_lengths(void)
{
	char who[600] = "\"";

	glass_reset();
	memset(who + 1, 'b', 513);
	who[513] = '"';
	who[514] = '\0';
	CHECK(becomes(who, ANN, PHONE));
	who[513] = 'b';
	who[514] = '"';
	who[515] = '\0';
	CHECK(becomes(who, "null", "null") && glass.whose_calls == 0);
}

/* Whatever fails on the way to the registry is "nothing was granted", and the document goes on. */
static void test_failures(void)
{
	static const enum sc_err errs[] = { SC_AGAIN, SC_NOMEM, SC_LIMIT };

	glass_reset();
	for (size_t i = 0; i < 3; i++) {
		glass.whose_fail = errs[i];
		CHECK(becomes("\"b-1\"", "null", "null") && lookups == 0);
	}
	glass_reset();
	glass.whose_reply = SC_AUTH;
	CHECK(becomes("\"b-1\"", "null", "null") && glass.whose_calls == 1 && lookups == 0);
	CHECK(protect_result(job)->n_consents == 1 && protect_result(job)->consents == 0);
	glass_reset();
	glass.whose_status = WIRE_DENIED;
	CHECK(becomes("\"b-1\"", "null", "null") && lookups == 0);
	glass_reset();
	glass.whose_short = 1;
	CHECK(becomes("\"b-1\"", "null", "null") && lookups == 0);
	glass_reset();
	glass.missing = 1;
	CHECK(becomes("\"b-1\"", "null", "null") && lookups == 0);
	glass_reset();
	CHECK(becomes("\"b-1\"", ANN, PHONE));
}

static void test_nobody_to_ask(void)
{
	static const struct consent_source none = { .granted = NULL };
	const struct side s = reads();
	char doc[512];

	glass_reset();
	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"who\":\"b\"}", token_of(CLASS_NAME, 0, "Ann"));
	CHECK(through(&s, doc, &codec_json, &none) == PROTECT_DONE);
	CHECK(out_is("{\"n\":null,\"who\":\"b\"}") && glass.whose_calls == 0);
	CHECK(protect_result(job)->n_consents == 0);
}

/* What has no rule that asks costs no question. */
static void test_nothing_to_ask(void)
{
	static const char plain[] =
	    "{\"scrim_policy\":1,\"version\":\"t\",\"roles\":{\"shop\":{\"max_tier\":\"T3\"}},"
	    "\"purposes\":[\"orders\"],\"rules\":[{\"id\":\"r\",\"role\":\"shop\",\"purpose\":\"orders\","
	    "\"class\":\"name\",\"op\":\"read\",\"effect\":\"reveal\"}]}";
	struct policy *own = policy;
	const struct side s = reads();
	char doc[512];

	glass_reset();
	NEED(policy_load(sc_span_str(plain), "t", NULL, &policy) == SC_OK);
	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"who\":\"b\"}", token_of(CLASS_NAME, 0, "Ann"));
	CHECK(through(&s, doc, &codec_json, &registry) == PROTECT_DONE);
	CHECK(
	    out_is("{\"n\":\"Ann\",\"who\":\"b\"}") && glass.whose_calls == 0 && glass.calls == 1);
	CHECK(protect_result(job)->n_consents == 0);
	policy_free(policy);
	policy = own;
}

static void test_records(void)
{
	const struct side s = reads();
	char doc[2048], want[512];

	glass_reset();
	snprintf(doc, sizeof(doc),
	    "{\"n\":\"%s\",\"who\":\"b\"}\n{\"n\":\"%s\"}\n{\"n\":\"%s\",\"who\":\"x\"}\n"
	    "{\"n\":\"%s\",\"who\":\"a\"}\n",
	    token_of(CLASS_NAME, 0, "B"), token_of(CLASS_NAME, 0, "N"),
	    token_of(CLASS_NAME, 0, "X"), token_of(CLASS_NAME, 0, "A"));
	snprintf(want, sizeof(want),
	    "{\"n\":\"B\",\"who\":\"b\"}\n{\"n\":null}\n{\"n\":null,\"who\":\"x\"}\n"
	    "{\"n\":\"A\",\"who\":\"a\"}\n");
	CHECK(through(&s, doc, &codec_ndjson, &registry) == PROTECT_DONE && out_is(want));
	CHECK(glass.whose_calls == 3 && glass.calls == 2);
	CHECK(protect_result(job)->n_consents == 4 && protect_result(job)->consents == 0);
	snprintf(doc, sizeof(doc), "{\"n\":1,\"who\":\"b\"}\n{\"n\":1,\"who\":\"a\"}\n");
	CHECK(through(&s, doc, &codec_ndjson, &registry) == PROTECT_DONE);
	CHECK(protect_result(job)->consents == ANALYTICS);
	/* the second is malformed, and whose it is does not matter */
	CHECK(through(&s, "{\"n\":1,\"who\":\"b\"}\n{\"n\":1,\"who\":\"b\"\n", &codec_ndjson,
		  &registry) == PROTECT_MALFORMED);
	CHECK(out.n == 0);
}

static void test_later(void)
{
	const struct side s = reads();
	char doc[512];

	glass_reset();
	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"who\":\"b\"}", token_of(CLASS_NAME, 0, "Ann"));
	glass.later = true;
	CHECK(through(&s, doc, &codec_json, &registry) == (enum protect_outcome) - 1);
	CHECK(glass.calls == 0 && out.n == 0);
	glass_answer();
	CHECK(glass.calls == 1 && finished == 0);
	glass_answer();
	CHECK(finished == 1 && out_is("{\"n\":\"Ann\",\"who\":\"b\"}"));
	CHECK(through(&s, doc, &codec_json, &registry) == (enum protect_outcome) - 1);
	glass.cancelled = 0;
	protect_cancel(job);
	CHECK(glass.cancelled == 1 && finished == 0);
	/* and nothing of it is left for the next */
	glass_reset();
	CHECK(becomes("\"x\"", "null", "null") && glass.calls == 0);
}

/* Storing may rest on consent too. */
static void test_storing(void)
{
	struct side s = SIDE(write_rules, PLAN_STORE, "shop", "orders");

	glass_reset();
	s.subject = "$.who";
	CHECK(through(&s, "{\"e\":\"a@b.example\",\"who\":\"c\"}", &codec_json, &registry) ==
	    PROTECT_DONE);
	CHECK(glass.calls == 1 && glass.call[0].seal && glass.call[0].ctx.consents == CAMPAIGN);
	CHECK(strcmp(glass.item[0].subject, "c") == 0);
	CHECK(through(&s, "{\"e\":\"a@b.example\",\"who\":\"a\"}", &codec_json, &registry) ==
	    PROTECT_DONE);
	CHECK(glass.calls == 0 && out_is("{\"e\":null,\"who\":\"a\"}"));
}

/* ---- values ------------------------------------------------------------------------------ */

#define VALUES 1300

static struct protect_value values[VALUES];
static char subjects[VALUES][32];

/* N tokens of names, whose persons NAME gives, through the job. */
static void open_values(size_t n, const char *(*name)(size_t i))
{
	static const struct side s = SIDE(read_rules, PLAN_READ, "shop", "orders");
	struct protect_input in;
	struct sc_buf texts;

	sc_buf_init(&texts, 1 << 20);
	prepare(&s, sc_span_str("{}"));
	for (size_t i = 0; i < n; i++) {
		snprintf(subjects[i], sizeof(subjects[i]), "%s", name(i));
		CHECK(protect_text(&values[i], &form_policy, CLASS_NONE,
			  sc_span_str(token_of(CLASS_NAME, 0, "Ann")), &texts) == SC_OK);
		values[i].subject = sc_span_str(subjects[i]);
		values[i].consents = UINT32_MAX; /* left by somebody: it counts for nothing */
	}
	in = input(&s);
	in.rules = NULL;
	in.consents = registry;
	glass.whose_calls = glass.whose_items = lookups = 0;
	sc_buf_clear(&out);
	CHECK(protect_texts(job, &in, &texts, values, n) == SC_OK);
	CHECK(finished == 1 && protect_result(job)->outcome == PROTECT_DONE);
	sc_buf_fini(&texts);
}

static const char *in_turn(size_t i)
{
	static const char *const names[] = { "b-1", "b-1", "a-2", "a-3", "x-4", "", "b-1" };

	return names[i % 7];
}

static void test_values(void)
{
	glass_reset();
	open_values(7, in_turn);
	CHECK(glass.whose_calls == 1 && glass.whose_items == 5);
	for (size_t i = 0; i < 7; i++)
		CHECK(values[i].status == WIRE_OK &&
		    values[i].action == (i == 4 || i == 5 ? ACTION_DROP : ACTION_REVEAL));
	/* those who granted the same go together */
	CHECK(glass.calls == 3 && glass.call[0].n == 2 && glass.call[1].n == 2 &&
	    glass.call[2].n == 1);
	CHECK(glass.call[0].ctx.consents == (ANALYTICS | CAMPAIGN) &&
	    glass.call[1].ctx.consents == ANALYTICS &&
	    glass.call[2].ctx.consents == (ANALYTICS | CAMPAIGN));
	CHECK(strcmp(glass.item[0].subject, "b-1") == 0);
	CHECK(protect_result(job)->n_consents == 7 && protect_result(job)->consents == 0);
}

/* Everybody is somebody else, and every third wants it. */
static const char *everybody(size_t i)
{
	static char name[32];

	snprintf(name, sizeof(name), "%c-%zu", i % 3 == 0 ? 'a' : 'x', i);
	return name;
}

static const char *all_want(size_t i)
{
	static char name[32];

	snprintf(name, sizeof(name), "b-%zu", i / 2);
	return name;
}

static void test_many_values(void)
{
	static const size_t sizes[] = { 1, 511, 512, 513, 1024, 1025, VALUES };

	glass_reset();
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		size_t n = sizes[k];

		open_values(n, everybody);
		CHECK(glass.whose_calls == (n + 511) / 512 && glass.whose_items == n);
		for (size_t i = 0; i < n; i++)
			CHECK(values[i].action == (i % 3 == 0 ? ACTION_REVEAL : ACTION_DROP));
		open_values(n, all_want);
		CHECK(glass.whose_items == (n + 1) / 2 && glass.calls == (n + 511) / 512);
		for (size_t i = 0; i < n; i++)
			CHECK(values[i].action == ACTION_REVEAL);
		CHECK(protect_result(job)->consents == (ANALYTICS | CAMPAIGN));
	}
}

static void test_value_failures(void)
{
	glass_reset();
	glass.whose_reply = SC_AGAIN;
	open_values(7, in_turn);
	for (size_t i = 0; i < 7; i++)
		CHECK(values[i].action == ACTION_DROP);
	glass_reset();
	glass.whose_fail = SC_AGAIN;
	open_values(7, in_turn);
	for (size_t i = 0; i < 7; i++)
		CHECK(values[i].action == ACTION_DROP);
	CHECK(protect_result(job)->n_consents == 7);
	/* an answer for fewer than were asked for */
	glass_reset();
	glass.missing = 1;
	glass.whose_status = WIRE_OK;
	open_values(1, in_turn);
	CHECK(values[0].action == ACTION_DROP && lookups == 0);
}

int main(void)
{
	if (!glass_begin(rules_json))
		return 1;
	RUN(test_documents, "what the document's person has granted decides, and only that");
	RUN(test_named_at_a_rule, "of whom a rule names nothing is granted");
	RUN(test_asked_at_a_rule, "and keyd is told so");
	RUN(test_lengths, "the longest id that can be asked for is asked for");
	RUN(test_failures, "whatever is missing on the way means that nothing was granted");
	RUN(test_nobody_to_ask, "without a registry nobody has granted anything");
	RUN(test_nothing_to_ask, "a policy without such a rule asks for nobody");
	RUN(test_records, "each record's person is asked for");
	RUN(test_later, "a document waits for its person's word, and can be given up meanwhile");
	RUN(test_storing, "storing may rest on consent too");
	RUN(test_values, "of values each has its person's word");
	RUN(test_many_values, "people of any number of values are asked for, each once in a row");
	RUN(test_value_failures, "values of which nobody could be asked are nobody's consent");
	return glass_over();
}
