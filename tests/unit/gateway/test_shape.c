/*
 * test_shape.c - documents of another shape than the rules describe: they do not
 * pass in clear, and a subject that is not one place with one id is nobody.
 */
#include "glass.h"

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\","
    "\"roles\":{\"shop\":{\"max_tier\":\"T3\"},\"carrier\":{\"max_tier\":\"T2\"}},"
    "\"purposes\":[\"order_processing\",\"delivery\"],"
    "\"rules\":["
    "{\"id\":\"w\",\"role\":[\"shop\"],\"purpose\":[\"order_processing\"],"
    "\"class\":[\"*\"],\"op\":[\"write\"],\"effect\":\"tokenise\"},"
    "{\"id\":\"a\",\"role\":[\"carrier\"],\"purpose\":[\"delivery\"],\"class\":[\"*\"],"
    "\"op\":[\"read\",\"share\"],\"effect\":\"reveal\"},"
    "{\"id\":\"s\",\"role\":[\"shop\"],\"purpose\":[\"order_processing\"],\"class\":\"*\","
    "\"op\":\"send\",\"effect\":\"reveal\"}]}";

static const struct field_rule order_rules[] = {
	RULE("$.receiver.name", &form_seal, CLASS_NAME),
	RULE("$.receiver.mobile", &form_seal, CLASS_PHONE),
	RULE("$.lines[*].to", &form_seal, CLASS_ADDRESS),
	RULE("$.buyer.email", &form_seal, CLASS_EMAIL),
	RULE("$..remark", &form_scan, CLASS_NONE),
};
static const struct side store = { .rules = order_rules,
	.n = 5,
	.subject = "$.buyer.id",
	.way = PLAN_STORE,
	.role = "shop",
	.purpose = "order_processing" };
static const struct field_rule answer_rules[] = {
	RULE("$.receiver.name", &form_policy, CLASS_NAME),
	RULE("$.receiver.mobile", &form_policy, CLASS_PHONE),
	RULE("$.lines[*].to", &form_mask, CLASS_ADDRESS),
	RULE("$..remark", &form_scan, CLASS_NONE),
};
static const struct side answer = { .rules = answer_rules,
	.n = 4,
	.way = PLAN_READ,
	.role = "carrier",
	.purpose = "delivery",
	.unmatched = UNMATCHED_NULL };

struct shape {
	const char *doc;
	size_t offset;    /* of what stands in the way */
	const char *rule; /* whose path cannot go on */
};

/* Each is a document that a shop's upstream or an attacker might well send. */
static const struct shape shapes[] = {
	{ "{\"receiver\":\"{\\\"mobile\\\":\\\"07700 900123\\\"}\"}", 13, "$.receiver.name" },
	{ "{\"receiver\":7700900123}", 12, "$.receiver.name" },
	{ "{\"receiver\":true}", 12, "$.receiver.name" },
	{ "{\"receiver\":[{\"mobile\":\"07700 900123\"}]}", 24, "$.receiver.name" },
	{ "{\"receiver\":[[[\"07700 900123\"]]]}", 16, "$.receiver.name" },
	{ "[{\"receiver\":{\"mobile\":\"07700 900123\"}}]", 24, "$.receiver.name" },
	{ "\"07700 900123\"", 1, "$.receiver.name" },
	{ "7700900123", 0, "$.receiver.name" },
	{ "{\"lines\":{\"0\":[\"1 Example Street\"]}}", 16, NULL },
	{ "{\"lines\":{\"0\":{\"x\":{\"to\":\"1 Example Street\"}}}}", 0, NULL },
	{ "{\"lines\":[\"1 Example Street\"]}", 11, "$.lines[*].to" },
	{ "{\"lines\":[{\"to\":\"x\"},[\"1 Example Street\"]]}", 23, "$.lines[*].to" },
	{ "{\"buyer\":\"ann@example.com\",\"receiver\":[\"a\"]}", 10, "$.buyer.email" },
	/* a JSON Patch, sent to a route for whole orders */
	{ "[{\"op\":\"add\",\"path\":\"/receiver/mobile\",\"value\":\"07700 900123\"}]", 8,
	    "$.receiver.name" },
};
#define N_SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static void test_refused(void)
{
	for (size_t i = 0; i < N_SHAPES; i++) {
		const struct protect_result *r = protect_result(job);
		const struct shape *s = &shapes[i];

		if (s->rule == NULL)
			continue;
		CHECK(run(&store, s->doc) == PROTECT_UNMATCHED);
		CHECK(out.n == 0 && glass.calls == 0);
		CHECK(r->diag.offset == s->offset && strstr(r->diag.text, s->rule) != NULL);
		CHECK(strstr(r->diag.text, "goes on; the route's") != NULL);
		CHECK(strstr(r->diag.text, "900123") == NULL);
		if (r->diag.offset != s->offset || strstr(r->diag.text, s->rule) == NULL)
			printf("# %s: %s at %zu\n", s->doc, r->diag.text, r->diag.offset);
	}
}

/* Shapes that are as declared, or hold nothing where something was declared. */
static const char *const fitting[] = {
	"{}",
	"[]",
	"null",
	"\"\"",
	"{\"receiver\":null}",
	"{\"receiver\":{}}",
	"{\"receiver\":[]}",
	"{\"receiver\":\"\"}",
	"{\"receiver\":[null,{},[],\"\"]}",
	"{\"other\":{\"mobile\":\"x\"},\"list\":[1,2],\"n\":1}",
	"[[],{}]",
	"{\"lines\":null,\"buyer\":{}}",
	"{\"lines\":[]}",
	"{\"lines\":[null]}",
	"{\"lines\":[{\"qty\":1}],\"receiver\":{\"country\":\"GB\"}}",
	"{\"status\":\"sent\"}",
};

static void test_fitting(void)
{
	for (size_t i = 0; i < sizeof(fitting) / sizeof(fitting[0]); i++) {
		CHECK(run(&store, fitting[i]) == PROTECT_DONE && out_is(fitting[i]));
		CHECK(protect_result(job)->unmatched == NULL);
		CHECK(run(&answer, fitting[i]) == PROTECT_DONE && out_is(fitting[i]));
		CHECK(protect_result(job)->unmatched == NULL);
	}
	/* what ends on an object or a list takes all beneath it, as ever */
	CHECK(run(&store, "{\"receiver\":{\"name\":{\"a\":[\"Ann\",1]},\"mobile\":[\"2\"]}}") ==
	    PROTECT_DONE);
	CHECK(glass.items == 3 && !out_has("Ann"));
	/* behind .. nothing is expected */
	CHECK(run(&store, "{\"x\":[{\"remark\":{\"t\":\"call 07700 900123\"}}]}") == PROTECT_DONE);
	CHECK(glass.items == 1 && !out_has("900123"));
}

static void test_report_and_pass(void)
{
	static const char doc[] =
	    "{\"receiver\":[{\"mobile\":\"07700 900123\",\"remark\":"
	    "\"07700 900124\"}],\"buyer\":{\"id\":\"7\",\"email\":\"a@example.com\"}}";
	struct side s = store;

	s.unmatched = UNMATCHED_REPORT;
	CHECK(run(&s, doc) == PROTECT_DONE);
	CHECK(out_has("\"mobile\":\"07700 900123\"") && !out_has("900124") && !out_has("a@ex"));
	CHECK(glass.items == 2 && strcmp(glass.item[0].subject, "7") == 0);
	CHECK(protect_result(job)->unmatched == &order_rules[0]);
	CHECK(run(&s, "{\"receiver\":{\"name\":\"Ann\"}}") == PROTECT_DONE);
	CHECK(protect_result(job)->unmatched == NULL);
	s.unmatched = UNMATCHED_PASS;
	CHECK(run(&s, doc) == PROTECT_DONE);
	CHECK(out_has("\"mobile\":\"07700 900123\"") && !out_has("900124") && !out_has("a@ex"));
	CHECK(protect_result(job)->unmatched == NULL);
}

static void test_reader(void)
{
	static const char *const rows[][2] = {
		{ "{\"receiver\":\"07700 900123\",\"n\":1}", "{\"receiver\":null,\"n\":1}" },
		{ "{\"receiver\":[{\"mobile\":\"07700 900123\",\"x\":[1,true]}]}",
		    "{\"receiver\":[{\"mobile\":null,\"x\":[null,null]}]}" },
		{ "[{\"receiver\":{\"name\":\"Ann\"}},null,\"\"]",
		    "[{\"receiver\":{\"name\":null}},null,\"\"]" },
		{ "\"Ann \\\" Lee\"", "null" },
		{ " 5 ", " null " },
		{ "false", "null" },
		{ "{\"lines\":{\"a\":{\"to\":1}}}", "{\"lines\":{\"a\":{\"to\":\"****\"}}}" },
	};
	const struct protect_result *r = protect_result(job);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(run(&answer, rows[i][0]) == PROTECT_DONE);
		CHECK(out_is(rows[i][1]));
	}
	CHECK(run(&answer, rows[1][0]) == PROTECT_DONE);
	CHECK(r->unmatched == &answer_rules[0] && r->counts.dropped == 3);
	CHECK(r->n_classes == 1 && r->classes[0].id == CLASS_NAME && r->classes[0].n == 3);
	/* a token there is withheld as well: nobody knows whose field it is */
	{
		char doc[512];

		snprintf(doc, sizeof(doc), "{\"receiver\":\"%s\"}",
		    token_of(CLASS_PHONE, 0, "07700 900123"));
		CHECK(run(&answer, doc) == PROTECT_DONE && out_is("{\"receiver\":null}"));
		CHECK(glass.calls == 0);
	}
}

/* Two shapes of one field may both be declared: either is at home. */
static void test_either_shape(void)
{
	static const struct field_rule rules[] = {
		RULE("$.a.b", &form_seal, CLASS_NAME),
		RULE("$.a[*].b", &form_seal, CLASS_NAME),
		RULE("$.note", &form_scan, CLASS_NONE),
		RULE("$.note.text", &form_seal, CLASS_NAME),
		RULE("$.x[0].y", &form_seal, CLASS_NAME),
		RULE("$.z.*.y", &form_seal, CLASS_NAME),
		RULE("$.p", &form_mask, CLASS_NAME),
		RULE("$.p.q.r", &form_seal, CLASS_NAME),
	};
	const struct side s = SIDE(rules, PLAN_STORE, "shop", "order_processing");

	CHECK(run(&s, "{\"a\":{\"b\":\"Ann\"}}") == PROTECT_DONE && glass.items == 1);
	CHECK(run(&s, "{\"a\":[{\"b\":\"Ann\"},{}]}") == PROTECT_DONE && glass.items == 1);
	CHECK(run(&s, "{\"a\":\"Ann\"}") == PROTECT_UNMATCHED);
	CHECK(run(&s, "{\"a\":[\"Ann\"]}") == PROTECT_UNMATCHED);
	CHECK(run(&s, "{\"a\":[[{\"b\":\"Ann\"}]]}") == PROTECT_UNMATCHED);
	/* a scanned text may be text */
	CHECK(run(&s, "{\"note\":\"on 07700 900123\"}") == PROTECT_DONE && glass.items == 1);
	CHECK(run(&s, "{\"note\":{\"text\":\"Ann\"}}") == PROTECT_DONE && glass.items == 1);
	CHECK(run(&s, "{\"note\":[\"on 07700 900123\"]}") == PROTECT_DONE && glass.items == 1);
	/* an index wants a list, * takes either */
	CHECK(run(&s, "{\"x\":[{\"y\":\"Ann\"},5]}") == PROTECT_DONE && glass.items == 1);
	CHECK(run(&s, "{\"x\":{\"0\":{\"y\":\"Ann\"}}}") == PROTECT_UNMATCHED);
	CHECK(run(&s, "{\"x\":[5]}") == PROTECT_UNMATCHED);
	CHECK(run(&s, "{\"z\":{\"k\":{\"y\":\"Ann\"}}}") == PROTECT_DONE && glass.items == 1);
	CHECK(run(&s, "{\"z\":[{\"y\":\"Ann\"}]}") == PROTECT_DONE && glass.items == 1);
	CHECK(run(&s, "{\"z\":5}") == PROTECT_UNMATCHED);
	/* what was taken as a whole has no more shape */
	CHECK(run(&s, "{\"p\":\"Ann\"}") == PROTECT_DONE && out_is("{\"p\":\"A**\"}"));
	CHECK(run(&s, "{\"p\":{\"q\":[\"Ann\"]}}") == PROTECT_DONE && !out_has("Ann"));
}

/* A scan of everything does not make up for a declared field that is not found. */
static void test_scan_of_all(void)
{
	static const struct field_rule rules[] = {
		RULE("$..*", &form_scan, CLASS_NONE),
		RULE("$.r.name", &form_seal, CLASS_NAME),
	};
	static const struct field_rule sealed[] = {
		RULE("$..r", &form_seal, CLASS_NAME),
		RULE("$.r.name", &form_seal, CLASS_NAME),
	};
	struct side s = SIDE(rules, PLAN_STORE, "shop", "order_processing");
	const struct side t = SIDE(sealed, PLAN_STORE, "shop", "order_processing");

	CHECK(run(&s, "{\"r\":[{\"name\":\"Ann Lee\"}]}") == PROTECT_UNMATCHED);
	CHECK(run(&s, "{\"r\":\"Ann Lee\"}") == PROTECT_UNMATCHED);
	CHECK(run(&s, "{\"r\":{\"name\":\"Ann Lee\"},\"t\":\"on 07700 900123\"}") == PROTECT_DONE);
	CHECK(glass.items == 2);
	s.unmatched = UNMATCHED_REPORT;
	CHECK(run(&s, "{\"r\":[{\"name\":\"on 07700 900123\"}]}") == PROTECT_DONE);
	CHECK(!out_has("900123") && protect_result(job)->unmatched == &rules[1]);
	s.way = PLAN_READ;
	s.role = "carrier";
	s.purpose = "delivery";
	s.unmatched = UNMATCHED_NULL;
	CHECK(run(&s, "{\"r\":[{\"name\":\"on 07700 900123\"}]}") == PROTECT_DONE);
	CHECK(out_is("{\"r\":[{\"name\":null}]}"));
	/* sealed wholly it is protected, whatever it is */
	CHECK(run(&t, "{\"r\":[\"Ann\"]}") == PROTECT_DONE && !out_has("Ann"));
}

/* ---- whose document it is ----------------------------------------------------------- */

static const char *subject_of(const char *path, const char *members)
{
	static char doc[512];
	struct side s = store;

	s.subject = path;
	snprintf(doc, sizeof(doc), "{\"receiver\":{\"name\":\"Ann\"}%s%s}",
	    members[0] == '\0' ? "" : ",", members);
	if (run(&s, doc) != PROTECT_DONE || glass.items < 1)
		return "refused";
	CHECK(sc_span_is(protect_plan(job)->subject, glass.item[0].subject));
	return glass.item[0].subject;
}

static void test_subject(void)
{
	static const char *const rows[][2] = {
		{ "\"buyer\":{\"id\":\"c-1\"}", "c-1" },
		{ "\"buyer\":{\"id\":7001}", "7001" },
		{ "\"buyer\":{\"id\":-1.50e3}", "-1.50e3" },
		{ "\"buyer\":{\"\\u0069d\":\"a\\u0062\\\"\\/\"}", "ab\"/" },
		{ "", "" },
		{ "\"buyer\":{\"id\":null}", "" },
		{ "\"buyer\":{\"id\":\"\"}", "" },
		{ "\"buyer\":{}", "" },
		/* what is no id names nobody, whatever is in it */
		{ "\"buyer\":{\"id\":{\"id\":\"7001\",\"tier\":\"gold\"}}", "" },
		{ "\"buyer\":{\"id\":{\"id\":\"7001\"}}", "" },
		{ "\"buyer\":{\"id\":[\"a\"]}", "" },
		{ "\"buyer\":{\"id\":[\"a\",\"b\"]}", "" },
		{ "\"buyer\":{\"id\":[[{\"id\":1}]]}", "" },
		{ "\"buyer\":{\"id\":true}", "refused" },
		{ "\"buyer\":{\"id\":false}", "refused" },
		{ "\"buyer\":{\"id\":{}}", "" },
		{ "\"buyer\":{\"id\":[]}", "" },
		/* said twice: the same is one person; two could be either, and nothing passes */
		{ "\"buyer\":{\"id\":\"a\",\"id\":\"a\"}", "a" },
		{ "\"buyer\":{\"id\":\"a\",\"id\":\"\\u0061\"}", "a" },
		{ "\"buyer\":{\"id\":\"\\u0061\",\"id\":\"a\",\"id\":\"\\u0061\"}", "a" },
		{ "\"buyer\":{\"id\":7,\"id\":\"7\"}", "7" },
		{ "\"buyer\":{\"id\":\"a\",\"id\":\"b\"}", "refused" },
		{ "\"buyer\":{\"id\":\"a\",\"id\":\"b\",\"id\":\"b\"}", "refused" },
		{ "\"buyer\":{\"id\":\"\\u0061\",\"id\":\"\\u0062\"}", "refused" },
		{ "\"buyer\":{\"id\":\"a\"},\"buyer\":{\"id\":\"b\"}", "refused" },
		{ "\"buyer\":{\"id\":\"a\",\"id\":true}", "refused" },
		{ "\"buyer\":{\"id\":false,\"id\":\"a\"}", "refused" },
		{ "\"buyer\":{\"id\":null,\"id\":\"a\",\"id\":\"\"}", "a" },
		{ "\"buyer\":{\"id\":{\"id\":\"b\"},\"id\":\"a\"}", "a" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *who = subject_of("$.buyer.id", rows[i][0]);

		CHECK(strcmp(who, rows[i][1]) == 0);
		if (strcmp(who, rows[i][1]) != 0)
			printf("# %s: %s\n", rows[i][0], who);
	}
	CHECK(strcmp(subject_of("$.ids[1]", "\"ids\":[1,2,3]"), "2") == 0);
	CHECK(strcmp(subject_of("$.ids[1]", "\"ids\":{\"1\":2}"), "") == 0);
	/* a subject is not a rule: another shape around it is nobody, and passes */
	CHECK(strcmp(subject_of("$.who.id", "\"who\":\"x\""), "") == 0);
	CHECK(strcmp(subject_of("$.who.id", "\"who\":[{\"id\":\"x\"}]"), "") == 0);
}

/* The subject's field may have a rule of its own, or lie in one's reach. */
static void test_subject_with_rule(void)
{
	static const struct field_rule rules[] = {
		RULE("$.buyer", &form_seal, CLASS_NAME),
		RULE("$..*", &form_scan, CLASS_NONE),
	};
	struct side s = SIDE(rules, PLAN_STORE, "shop", "order_processing");

	s.subject = "$.buyer";
	CHECK(run(&s, "{\"buyer\":\"c1\"}") == PROTECT_DONE);
	CHECK(glass.items == 1 && strcmp(glass.item[0].subject, "c1") == 0 && !out_has("c1"));
	CHECK(run(&s, "{\"buyer\":{\"id\":\"c1\"}}") == PROTECT_DONE);
	CHECK(glass.items == 1 && glass.item[0].subject[0] == '\0' && !out_has("c1"));
	s.subject = "$.buyer.id";
	CHECK(run(&s, "{\"buyer\":{\"id\":\"c1\",\"x\":\"Ann\"}}") == PROTECT_DONE);
	CHECK(glass.items == 2 && strcmp(glass.item[1].subject, "c1") == 0 && !out_has("c1"));
	s.subject = "$.id";
	CHECK(run(&s, "{\"id\":\"c1\",\"t\":\"on 07700 900123\"}") == PROTECT_DONE);
	CHECK(glass.items == 1 && strcmp(glass.item[0].subject, "c1") == 0 && out_has("\"c1\""));
}

/* A subject that was there in one document is not the next one's. */
static void test_subject_forgotten(void)
{
	CHECK(strcmp(subject_of("$.buyer.id", "\"buyer\":{\"id\":\"a\\u0062\"}"), "ab") == 0);
	CHECK(strcmp(subject_of("$.buyer.id", ""), "") == 0);
	CHECK(strcmp(subject_of("$.buyer.id", "\"buyer\":{\"id\":true}"), "refused") == 0);
	CHECK(strcmp(subject_of("$.buyer.id", "\"buyer\":{\"id\":\"b\"}"), "b") == 0);
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_refused, "another shape where a path goes on is refused, its rule named");
	RUN(test_fitting, "what is missing, null or empty is no other shape");
	RUN(test_report_and_pass, "an owner may have such documents reported, or passed");
	RUN(test_reader, "a reader gets null for every scalar of another shape");
	RUN(test_either_shape, "a shape that any rule describes is at home");
	RUN(test_scan_of_all, "a scan of everything makes up for no declared field");
	RUN(test_subject, "a subject is one string or number at one place, else nobody");
	RUN(test_subject_with_rule, "a rule on the subject's field does not hide the subject");
	RUN(test_subject_forgotten, "no document inherits a subject");
	return glass_over();
}
