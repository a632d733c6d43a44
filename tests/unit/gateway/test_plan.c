/*
 * test_plan.c - what is decided for a field before anybody is asked: every kind of
 * rule, each way, whatever policy says, for every kind of value, against a model
 * that fits on a page.
 */
#include "gateway/codec/json.h"
#include "gateway/codec/text.h"
#include "glass.h"

#include <malloc.h>

/* A role per action, called by what it is shown; what it may store is the second word. */
#define ROLE(name, read, write) \
	"{\"id\":\"r-" name "\",\"role\":[\"" name "\"],\"purpose\":[\"p\"],\"class\":[\"*\"]," \
	"\"op\":[\"read\",\"share\",\"export\"],\"effect\":\"" read "\"}," \
	"{\"id\":\"w-" name "\",\"role\":[\"" name "\"],\"purpose\":[\"p\"],\"class\":[\"*\"]," \
	"\"op\":[\"write\"],\"effect\":\"" write "\"}"

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\",\"roles\":{"
    "\"reveal\":{\"max_tier\":\"T3\"},\"mask\":{\"max_tier\":\"T3\"},"
    "\"generalise\":{\"max_tier\":\"T3\"},\"tokenise\":{\"max_tier\":\"T3\"},"
    "\"drop\":{\"max_tier\":\"T3\"},\"deny\":{\"max_tier\":\"T3\"},"
    "\"token-mask\":{\"max_tier\":\"T3\"},\"token-drop\":{\"max_tier\":\"T3\"},"
    "\"token-deny\":{\"max_tier\":\"T3\"},\"reasoned\":{\"max_tier\":\"T3\"},"
    "\"low\":{\"max_tier\":\"T1\"},\"lowest\":{\"max_tier\":\"T0\"},"
    "\"single\":{\"max_tier\":\"T3\"}},"
    "\"purposes\":[\"p\",\"q\"],"
    "\"classes\":{\"loyalty_no\":{\"id\":64,\"tier\":\"T1\"},"
    "\"colour\":{\"id\":65,\"tier\":\"T0\"}},"
    "\"rules\":[" ROLE("reveal", "reveal", "deny") "," ROLE("mask", "mask",
	"mask") "," ROLE("generalise", "generalise", "generalise") "," ROLE("tokenise", "tokenise",
	"tokenise") "," ROLE("drop", "drop", "drop") "," ROLE("token-mask", "tokenise",
	"mask") "," ROLE("token-drop", "tokenise", "drop") "," ROLE("token-deny", "tokenise",
	"deny") "," ROLE("low", "reveal", "tokenise") "," ROLE("lowest", "reveal",
	"tokenise") ","
		    "{\"id\":\"one\",\"role\":[\"single\"],\"purpose\":[\"p\"],\"class\":[\"*\"],"
		    "\"op\":[\"read\"],\"effect\":\"reveal\",\"when\":{\"records_max\":1}},"
		    "{\"id\":\"why\",\"role\":[\"reasoned\"],\"purpose\":[\"p\"],\"class\":[\"*\"],"
		    "\"op\":[\"read\"],\"effect\":\"reveal\",\"require\":[{\"reason\":true}]},"
		    "{\"id\":\"ticket\",\"role\":[\"reasoned\"],\"purpose\":[\"q\"],\"class\":[\"*\"],"
		    "\"op\":[\"read\"],\"effect\":\"reveal\",\"require\":[{\"ticket\":true}]}"
		    "]}";

/* ---- the model --------------------------------------------------------------------- */

struct role {
	const char *name;
	enum policy_action read, write;
};

static const struct role roles[] = {
	{ "reveal", ACTION_REVEAL, ACTION_DENY },
	{ "mask", ACTION_MASK, ACTION_MASK },
	{ "generalise", ACTION_GENERALISE, ACTION_GENERALISE },
	{ "tokenise", ACTION_TOKENISE, ACTION_TOKENISE },
	{ "drop", ACTION_DROP, ACTION_DROP },
	{ "deny", ACTION_DENY, ACTION_DENY },
	{ "token-mask", ACTION_TOKENISE, ACTION_MASK },
	{ "token-drop", ACTION_TOKENISE, ACTION_DROP },
	{ "token-deny", ACTION_TOKENISE, ACTION_DENY },
};
#define N_ROLES (sizeof(roles) / sizeof(roles[0]))

struct value {
	const char *json; /* as it stands in the document; a token: NULL */
	const char *text; /* decoded */
	uint8_t kind;     /* TOKEN_* */
	bool seems;       /* begins like a token */
};

#define LONG_TAIL "-jane-roe-of-1-example-street-exampletown-exampleshire-ex1-1ex"

static const struct value values[] = {
	{ "\"ann@example.com\"", "ann@example.com", TOKEN_STRING, false },
	{ "\"ann\\u0040example.com\"", "ann@example.com", TOKEN_STRING, false },
	{ "\"A\\\"\\\\\\n\"", "A\"\\\n", TOKEN_STRING, false },
	{ "-12.50e3", "-12.50e3", TOKEN_NUMBER, false },
	{ "true", "true", TOKEN_LITERAL, false },
	{ "false", "false", TOKEN_LITERAL, false },
	{ "\"sct1" LONG_TAIL "\"", "sct1" LONG_TAIL, TOKEN_STRING, true },
	{ "\"\\u0073ct1" LONG_TAIL "\"", "sct1" LONG_TAIL, TOKEN_STRING, true },
	{ NULL, "ann@example.com", TOKEN_STRING, true },
	{ NULL, "17", TOKEN_NUMBER, true },
};
#define N_VALUES (sizeof(values) / sizeof(values[0]))

/* What is to come out for a value, or how the document ends. */
struct expected {
	enum protect_outcome outcome;
	char json[512];
	uint32_t sealed, masked, dropped, opened;
};

static void put_string(struct expected *e, struct sc_span text)
{
	struct sc_buf b;

	sc_buf_init(&b, sizeof(e->json));
	CHECK(json_escape(text, &b) == SC_OK);
	snprintf(e->json, sizeof(e->json), "\"%.*s\"", SC_SPAN_ARG(sc_buf_span(&b)));
	sc_buf_fini(&b);
}

static void expect_masked(struct expected *e, const struct value *v, bool generalised,
    uint8_t class_id)
{
	struct sc_buf b;

	sc_buf_init(&b, 512);
	CHECK((generalised ? mask_generalise(class_id, sc_span_str(v->text), &b) :
			     mask_value_as((struct mask_form){ .kind = MASK_HOUSE }, class_id,
				 sc_span_str(v->text), &b)) == SC_OK);
	put_string(e, sc_buf_span(&b));
	e->masked = 1;
	sc_buf_fini(&b);
}

static void expect_null(struct expected *e)
{
	snprintf(e->json, sizeof(e->json), "null");
	e->dropped = 1;
}

static void expect_as_it_was(struct expected *e, const struct value *v)
{
	snprintf(e->json, sizeof(e->json), "%s", v->json);
}

/* Whatever policy says but to leave a token: SEALED or opened by ACTION, V's text shown. */
static void expect_sealed(struct expected *e, const struct value *v, enum policy_action write,
    uint8_t class_id, const char *text)
{
	const struct value shown = { v->json, text, v->kind, v->seems };

	switch (write) {
	case ACTION_MASK:
	case ACTION_GENERALISE:
		expect_masked(e, &shown, write == ACTION_GENERALISE, class_id);
		return;
	case ACTION_DROP: expect_null(e); return;
	case ACTION_TOKENISE:
		snprintf(e->json, sizeof(e->json), "\"%s\"",
		    token_of(class_id, v->json == NULL ? TOKEN_STRING : v->kind, text));
		e->sealed = 1;
		return;
	case ACTION_DENY:
	case ACTION_REVEAL: e->outcome = PROTECT_FORBIDDEN; return;
	}
}

static void expect_policy(struct expected *e, const struct value *v, const struct role *r,
    uint8_t class_id, const char *token)
{
	if (v->seems && v->json != NULL) { /* nobody can open it, so nobody is shown it */
		expect_null(e);
	} else if (v->seems && r->read == ACTION_TOKENISE) {
		snprintf(e->json, sizeof(e->json), "\"%s\"", token);
	} else if (v->seems && r->read >= ACTION_MASK) {
		e->opened = 1; /* glass reveals */
		if (v->kind == TOKEN_STRING)
			put_string(e, sc_span_str(v->text));
		else
			snprintf(e->json, sizeof(e->json), "%s", v->text);
	} else if (r->read == ACTION_REVEAL) {
		expect_as_it_was(e, v);
	} else if (r->read == ACTION_TOKENISE) {
		expect_sealed(e, v, r->write, class_id, v->text);
	} else if (r->read == ACTION_MASK || r->read == ACTION_GENERALISE) {
		expect_masked(e, v, r->read == ACTION_GENERALISE, class_id);
	} else {
		expect_null(e);
	}
}

static void expect(struct expected *e, const struct value *v, const struct role *r,
    const struct form *rule, uint8_t class_id, const char *token)
{
	memset(e, 0, sizeof(*e));
	e->outcome = PROTECT_DONE;
	if (rule == &form_seal)
		expect_sealed(e, v, r->write, class_id, v->json == NULL ? token : v->text);
	else if (rule == &form_policy)
		expect_policy(e, v, r, class_id, token);
	else if (rule == &form_drop)
		expect_null(e);
	else if (v->json == NULL)
		snprintf(e->json, sizeof(e->json), "\"%s\"", token);
	else
		expect_masked(e, v, false, class_id);
}

static bool as_expected(const struct expected *e, enum protect_outcome got, const char *want,
    size_t offset)
{
	const struct protect_result *r = protect_result(job);

	if (got != e->outcome)
		return false;
	if (got == PROTECT_FORBIDDEN)
		return out.n == 0 && glass.calls == 0 && r->diag.offset == offset &&
		    strstr(r->diag.text, "policy does not let") != NULL;
	return sc_span_is(sc_buf_span(&out), want) && r->counts.sealed == e->sealed &&
	    r->counts.masked + r->counts.generalised == e->masked &&
	    r->counts.dropped + r->counts.denied + r->counts.bad == e->dropped &&
	    r->counts.revealed == e->opened && glass.items == e->sealed + e->opened &&
	    glass.calls == (e->sealed + e->opened != 0 ? 1 : 0);
}

static void try_value(const struct value *v, const struct role *role, const struct form *rule,
    enum plan_way way)
{
	const char *token = token_of(CLASS_EMAIL, v->kind, v->text);
	struct field_rule rules[] = { RULE("$.f", rule, CLASS_EMAIL) };
	const struct side s = SIDE(rules, way, role->name, "p");
	char doc[512], want[1024], shown[256];
	struct expected e;
	enum protect_outcome got;

	if (v->json != NULL)
		snprintf(shown, sizeof(shown), "%s", v->json);
	else
		snprintf(shown, sizeof(shown), "\"%s\"", token);
	snprintf(doc, sizeof(doc), "{\"a\":[1 ,\"\\/\"], \"f\" : %s , \"z\":null}", shown);
	expect(&e, v, role, rule, CLASS_EMAIL, token);
	snprintf(want, sizeof(want), "{\"a\":[1 ,\"\\/\"], \"f\" : %s , \"z\":null}", e.json);
	got = run(&s, doc);
	if (as_expected(&e, got, want, 22u + (shown[0] == '"')))
		return;
	tap_ok = false;
	printf("# rule %s, way %d, %s, %s: outcome %d\n#  want %d %s\n#  got  %.*s\n", rule->name,
	    way, role->name, doc, got, e.outcome, want, SC_SPAN_ARG(sc_buf_span(&out)));
}

static void test_declared(void)
{
	static const struct form *const actions[] = { &form_seal, &form_policy, &form_mask,
		&form_drop };

	for (size_t a = 0; a < 4; a++)
		for (size_t r = 0; r < N_ROLES; r++)
			for (size_t v = 0; v < N_VALUES; v++) {
				if (actions[a] != &form_policy)
					try_value(&values[v], &roles[r], actions[a], PLAN_STORE);
				try_value(&values[v], &roles[r], actions[a], PLAN_READ);
			}
}

/* What is asked of keyd: class, flags, whose, the decoded value. */
static void test_asked(void)
{
	static const struct field_rule rules[] = {
		{ .at = "$.p", .form = &form_seal, .class_id = CLASS_PHONE, .random = true },
		{ .at = "$.e", .form = &form_seal, .class_id = CLASS_EMAIL, .email_shape = true },
		{ .at = "$.n", .form = &form_seal, .class_id = CLASS_NAME },
		{ .at = "$.l", .form = &form_seal, .class_id = 64 },
	};
	struct side s = SIDE(rules, PLAN_STORE, "tokenise", "p");

	s.subject = "$.who";
	CHECK(run(&s,
		  "{\"p\":\"1\",\"e\":\"a@b.example\",\"e\":5,\"n\":\"A\\u0042\",\"p\":-7,"
		  "\"l\":true,\"who\":\"c\\u0031\"}") == PROTECT_DONE);
	NEED(glass.calls == 1 && glass.n == 6 && glass.call[0].seal);
	CHECK(glass.item[0].class_id == CLASS_PHONE && glass.item[0].flags == TOKEN_RANDOM);
	CHECK(glass.item[1].class_id == CLASS_EMAIL && glass.item[1].flags == TOKEN_EMAIL_SHAPE);
	CHECK(glass.item[2].class_id == CLASS_EMAIL && glass.item[2].flags == TOKEN_NUMBER);
	CHECK(glass.item[3].class_id == CLASS_NAME && glass.item[3].flags == TOKEN_STRING);
	CHECK(glass.item[4].flags == (TOKEN_NUMBER | TOKEN_RANDOM));
	CHECK(glass.item[5].class_id == 64 && glass.item[5].flags == TOKEN_LITERAL);
	CHECK(strcmp(glass.item[0].value, "1") == 0 && strcmp(glass.item[3].value, "AB") == 0);
	CHECK(strcmp(glass.item[4].value, "-7") == 0 && strcmp(glass.item[5].value, "true") == 0);
	for (size_t i = 0; i < 6; i++)
		CHECK(strcmp(glass.item[i].subject, "c1") == 0);
	/* a number or literal is sealed into a string */
	CHECK(out_has("\"p\":\"sct1-") && out_has("\",\"l\":\"sct1-"));
}

static void test_numbers_refused(void)
{
	static const struct field_rule rules[] = {
		{ .at = "$.f",
		    .form = &form_seal,
		    .class_id = CLASS_GEO,
		    .number = FIELD_NUMBER_REFUSE },
	};
	struct side s = SIDE(rules, PLAN_STORE, "tokenise", "p");

	CHECK(run(&s, "{\"f\":1.5}") == PROTECT_UNFIT && out.n == 0 && glass.calls == 0);
	CHECK(protect_result(job)->diag.offset == 5);
	CHECK(strstr(protect_result(job)->diag.text, "refuse") != NULL);
	CHECK(run(&s, "{\"f\":true}") == PROTECT_UNFIT);
	CHECK(run(&s, "{\"f\":\"1.5\"}") == PROTECT_DONE && glass.items == 1);
	CHECK(run(&s, "{\"f\":null}") == PROTECT_DONE && glass.items == 0);
	/* what is masked or dropped needs no number */
	s.role = "mask";
	CHECK(run(&s, "{\"f\":1.5}") == PROTECT_DONE && protect_result(job)->counts.masked == 1);
}

/* A masking rule of policy says which mask; the rule of a route has the class's own. */
static void test_empty_and_null(void)
{
	static const struct field_rule rules[] = {
		RULE("$.s", &form_seal, CLASS_NAME),
		RULE("$.p", &form_policy, CLASS_NAME),
		RULE("$.m", &form_mask, CLASS_NAME),
		RULE("$.d", &form_drop, CLASS_NONE),
		RULE("$.t", &form_scan, CLASS_NONE),
	};
	static const char *const docs[] = {
		"{\"s\":null,\"p\":null,\"m\":null,\"d\":null,\"t\":null}",
		"{\"s\":\"\",\"p\":\"\",\"m\":\"\",\"d\":\"\",\"t\":\"\"}",
		"{\"s\":[],\"p\":{},\"m\":[],\"d\":{},\"t\":[]}",
	};

	for (size_t r = 0; r < N_ROLES; r++) {
		const struct side s = SIDE(rules, PLAN_READ, roles[r].name, "p");

		for (size_t i = 0; i < 3; i++)
			CHECK(run(&s, docs[i]) == PROTECT_DONE && out_is(docs[i]) &&
			    glass.calls == 0 && protect_plan(job)->n == 0);
	}
}

/* ---- who decides ------------------------------------------------------------------- */

static void test_who_decides(void)
{
	static const struct field_rule rules[] = {
		RULE("$.p", &form_policy, CLASS_EMAIL),
		RULE("$.s", &form_seal, CLASS_EMAIL),
	};
	struct side s = SIDE(rules, PLAN_READ, "mask", "p");

	s.reader = "reveal"; /* reads all, may store nothing */
	CHECK(run(&s, "{\"p\":\"ann@example.com\"}") == PROTECT_DONE);
	CHECK(out_is("{\"p\":\"ann@example.com\"}"));
	CHECK(run(&s, "{\"s\":\"ann@example.com\"}") == PROTECT_DONE);
	CHECK(!out_has("ann@") && out_has("*"));
	s.reader = "reasoned";
	CHECK(run(&s, "{\"p\":\"ann@example.com\"}") == PROTECT_DONE && out_is("{\"p\":null}"));
	s.ticket = "88";
	CHECK(run(&s, "{\"p\":\"ann@example.com\"}") == PROTECT_DONE && out_is("{\"p\":null}"));
	s.ticket = NULL;
	s.reason = "asked";
	CHECK(run(&s, "{\"p\":\"ann@example.com\"}") == PROTECT_DONE && out_has("ann@"));
	/* the purpose is the reader's own, and the second wants a ticket */
	s.reads_for = "q";
	CHECK(run(&s, "{\"p\":\"ann@example.com\"}") == PROTECT_DONE && out_is("{\"p\":null}"));
	s.reason = NULL;
	s.ticket = "88";
	CHECK(run(&s, "{\"p\":\"ann@example.com\"}") == PROTECT_DONE && out_has("ann@"));
	/* and so is the operation */
	s.op = POLICY_SHARE;
	CHECK(run(&s, "{\"p\":\"ann@example.com\"}") == PROTECT_DONE && out_is("{\"p\":null}"));
	/* a document is one record */
	s = (struct side)SIDE(rules, PLAN_READ, "single", "p");
	CHECK(run(&s, "{\"p\":\"ann@example.com\"}") == PROTECT_DONE && out_has("ann@"));
	/* the writer's purpose is not the reader's */
	s = (struct side)SIDE(rules, PLAN_READ, "mask", "q");
	s.reads_for = "p";
	CHECK(run(&s, "{\"s\":\"ann@example.com\"}") == PROTECT_FORBIDDEN);
}

/* A token's own tier counts, where the class's alone would let it be seen. */
static void test_tier_of_token(void)
{
	static const struct field_rule rules[] = { RULE("$.p", &form_policy, 64) };
	const struct side s = SIDE(rules, PLAN_READ, "low", "p");
	static const struct field_rule colour[] = { RULE("$.p", &form_policy, 65) };
	const struct side lowest = SIDE(colour, PLAN_READ, "lowest", "p");
	char doc[512];

	/* what is in clear has no tier but its class's */
	CHECK(run(&lowest, "{\"p\":\"red\"}") == PROTECT_DONE && out_is("{\"p\":\"red\"}"));
	CHECK(run(&s, "{\"p\":\"L-7\"}") == PROTECT_DONE && out_is("{\"p\":\"L-7\"}"));
	snprintf(doc, sizeof(doc), "{\"p\":\"%s\"}", token_of(64, 0, "L-7")); /* of tier 2 */
	CHECK(run(&s, doc) == PROTECT_DONE && out_is("{\"p\":null}") && glass.calls == 0);
	CHECK(protect_result(job)->n_classes == 1 && protect_result(job)->classes[0].id == 64);
}

/* The token says its class; where it stands does not. */
static void test_class_of_token(void)
{
	static const struct field_rule rules[] = { RULE("$.p", &form_policy, CLASS_NAME) };
	const struct side s = SIDE(rules, PLAN_READ, "reveal", "p");
	char doc[512];

	snprintf(doc, sizeof(doc), "{\"p\":\"%s\"}", token_of(CLASS_PHONE, 0, "07700 900123"));
	CHECK(run(&s, doc) == PROTECT_DONE && out_is("{\"p\":\"07700 900123\"}"));
	CHECK(protect_result(job)->n_classes == 1);
	CHECK(protect_result(job)->classes[0].id == CLASS_PHONE);
	CHECK(glass.item[0].flags == 0 && glass.item[0].subject_n == 0);
}

/* A plan is made in memory of any content, and leaves none of it behind. */
static void test_memory(void)
{
	static const struct field_rule rules[] = { RULE("$.t", &form_scan, CLASS_NONE),
		RULE("$.s", &form_seal, CLASS_NAME), RULE("$.p", &form_policy, CLASS_NAME),
		RULE("$.m", &form_mask, CLASS_NAME), RULE("$.d", &form_drop, CLASS_NONE) };
	struct side s = SIDE(rules, PLAN_STORE, "tokenise", "p");
	struct protect_job *keep = job;
	size_t before = 0;
	char doc[512];

	s.subject = "$.w";
	s.way = PLAN_READ;
	snprintf(doc, sizeof(doc),
	    "{\"t\":\"\\u0078 07700 900123\",\"s\":\"\\u0041\",\"w\":"
	    "\"\\u0041\",\"m\":\"Bob\",\"d\":1,\"p\":\"%s\"}",
	    token_of(CLASS_NAME, 0, "Ann"));
	/* what was freed is counted until the allocator's own caches have had their fill */
	for (int i = 0; i < 40; i++) {
		if (i == 20)
			before = mallinfo2().uordblks;
		job = protect_job_new();
		NEED(job != NULL);
		CHECK(run(&s, doc) == PROTECT_DONE && glass.items == 2);
		protect_job_free(job);
	}
	CHECK(mallinfo2().uordblks == before);
	job = keep;
}

static void test_init(void)
{
	static const struct field_rule rules[] = { RULE("$.t", &form_scan, CLASS_NONE) };
	const struct side s = SIDE(rules, PLAN_STORE, "tokenise", "p");
	enum protect_outcome refusal = PROTECT_MALFORMED;
	struct sc_diag diag;
	struct plan p;

	memset(&p, 0xA5, sizeof(p));
	plan_init(&p);
	CHECK(p.n == 0 && p.v == NULL && p.unmatched == NULL);
	CHECK(p.scratch.max == 256u << 20 && p.text.max == 64u << 20);
	CHECK(p.subject_text.max == 64u << 20 && p.token.max == TOKEN_BYTES_MAX);
	prepare(&s, sc_span_str("{\"t\":\"\\u0078 07700 900123\"}"));
	const struct plan_terms t = { policy, &codec_json, one.rules, &one.writer, &one.reader,
		PLAN_STORE, false, NULL, NULL, NULL };

	CHECK(plan_make(&p, &t, sc_buf_span(&one.body), &refusal, &diag) == SC_OK);
	CHECK(refusal == PROTECT_FORBIDDEN && p.n == 0);
	plan_fini(&p);
}

/* ---- texts -------------------------------------------------------------------------- */

struct text {
	const char *role;
	enum plan_way way;
	const char *before, *after; /* %1$s: a token of a phone, %2$s: the sealed number */
	uint32_t sealed, opened, masked;
	bool forbidden;
};

#define PHONE "07700 900123"

static const struct text texts[] = {
	/* what is found in clear, towards storage: by what may be stored */
	{ "tokenise", PLAN_STORE, "on " PHONE "!", "on %2$s!", 1, 0, 0, false },
	{ "mask", PLAN_STORE, "on " PHONE "!", "on 077** **0123!", 0, 0, 1, false },
	{ "generalise", PLAN_STORE, "on " PHONE "!", "on ****!", 0, 0, 1, false },
	{ "drop", PLAN_STORE, "on " PHONE "!", "on ****!", 0, 0, 1, false },
	{ "deny", PLAN_STORE, "on " PHONE "!", "", 0, 0, 0, true },
	{ "reveal", PLAN_STORE, "on " PHONE "!", "", 0, 0, 0, true },
	/* towards a reader: by what may be read */
	{ "reveal", PLAN_READ, "on " PHONE "!", "on " PHONE "!", 0, 0, 0, false },
	{ "mask", PLAN_READ, "on " PHONE "!", "on 077** **0123!", 0, 0, 1, false },
	{ "generalise", PLAN_READ, "on " PHONE "!", "on ****!", 0, 0, 1, false },
	{ "drop", PLAN_READ, "on " PHONE "!", "on ****!", 0, 0, 1, false },
	{ "deny", PLAN_READ, "on " PHONE "!", "on ****!", 0, 0, 1, false },
	{ "tokenise", PLAN_READ, "on " PHONE "!", "on %2$s!", 1, 0, 0, false },
	{ "token-mask", PLAN_READ, "on " PHONE "!", "on 077** **0123!", 0, 0, 1, false },
	{ "token-drop", PLAN_READ, "on " PHONE "!", "on ****!", 0, 0, 1, false },
	{ "token-deny", PLAN_READ, "on " PHONE "!", "", 0, 0, 0, true },
	/* a token in a text: towards storage it stays, a reader is shown what may be */
	{ "tokenise", PLAN_STORE, "on %1$s!", "on %1$s!", 0, 0, 0, false },
	{ "deny", PLAN_STORE, "on %1$s!", "on %1$s!", 0, 0, 0, false },
	{ "reveal", PLAN_READ, "on %1$s!", "on " PHONE "!", 0, 1, 0, false },
	{ "mask", PLAN_READ, "on %1$s!", "on " PHONE "!", 0, 1, 0, false },
	{ "tokenise", PLAN_READ, "on %1$s!", "on %1$s!", 0, 0, 0, false },
	{ "deny", PLAN_READ, "on %1$s!", "on %1$s!", 0, 0, 0, false },
	{ "drop", PLAN_READ, "on %1$s!", "on %1$s!", 0, 0, 0, false },
	/* one that is the whole text is a field */
	{ "reveal", PLAN_READ, "%1$s", PHONE, 0, 1, 0, false },
	{ "tokenise", PLAN_STORE, "%1$s", "%1$s", 0, 0, 0, false },
	/* beside one another, in order, and with escapes before and behind */
	{ "tokenise", PLAN_STORE, "\\n" PHONE "\\u00e9 %1$s\\t" PHONE, "\\n%2$s\\u00e9 %1$s\\t%2$s",
	    2, 0, 0, false },
	{ "reveal", PLAN_READ, "\\n" PHONE "\\u00e9 %1$s\\t%1$s " PHONE,
	    "\\n" PHONE "\\u00e9 " PHONE "\\t" PHONE " " PHONE, 0, 2, 0, false },
	{ "mask", PLAN_READ, PHONE " %1$s " PHONE " %1$s " PHONE,
	    "077** **0123 " PHONE " 077** **0123 " PHONE " 077** **0123", 0, 2, 3, false },
	{ "tokenise", PLAN_STORE, "\\u0030\\u0037700 900123.", "%2$s.", 1, 0, 0, false },
	{ "tokenise", PLAN_STORE, "sct1- and nothing", "sct1- and nothing", 0, 0, 0, false },
};

static void fill(char *to, size_t size, const char *form, const char *token, const char *sealed)
{
	size_t n = 0;

	for (; *form != '\0' && n + 1 < size; form++) {
		if (form[0] != '%') {
			to[n++] = *form;
			continue;
		}
		n += (size_t)snprintf(to + n, size - n, "%s", form[1] == '1' ? token : sealed);
		form += 3;
	}
	to[n] = '\0';
}

static void test_texts(void)
{
	static const struct field_rule rules[] = { RULE("$.t", &form_scan, CLASS_NONE) };
	const char *token = token_of(CLASS_PHONE, 0, PHONE);
	const char *sealed = token_of(CLASS_PHONE, TOKEN_STRING, PHONE);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct text *t = &texts[i];
		const struct side s = SIDE(rules, t->way, t->role, "p");
		const struct protect_result *r = protect_result(job);
		char inner[1024], doc[1100], want[1100];
		enum protect_outcome got;
		bool right;

		fill(inner, sizeof(inner), t->before, token, sealed);
		snprintf(doc, sizeof(doc), "{\"t\":\"%s\",\"x\":\"" PHONE "\"}", inner);
		fill(inner, sizeof(inner), t->after, token, sealed);
		snprintf(want, sizeof(want), "{\"t\":\"%s\",\"x\":\"" PHONE "\"}", inner);
		got = run(&s, doc);
		right = t->forbidden ?
		    got == PROTECT_FORBIDDEN && out.n == 0 && r->diag.offset == 9 :
		    got == PROTECT_DONE && sc_span_is(sc_buf_span(&out), want) &&
			r->counts.sealed == t->sealed && r->counts.revealed == t->opened &&
			r->counts.masked + r->counts.generalised == t->masked &&
			r->counts.dropped == 0;
		if (!right)
			printf("# %s way %d: %s\n#  want %s\n#  got  %.*s (%d at %zu)\n", t->role,
			    t->way, doc, want, SC_SPAN_ARG(sc_buf_span(&out)), got, r->diag.offset);
		CHECK(right);
	}
}

/* What is found partly in a token's place is in clear only where it stands outside. */
static void test_find_over_token(void)
{
	static const struct field_rule rules[] = { RULE("$.t", &form_scan, CLASS_NONE) };
	const struct side stores = SIDE(rules, PLAN_STORE, "tokenise", "p");
	const struct side reads = SIDE(rules, PLAN_READ, "mask", "p");
	const char *token = token_of(CLASS_NAME, 0, "A");
	char doc[1024];

	snprintf(doc, sizeof(doc), "{\"t\":\"to jane.roe+%s@mail.example.com now\"}", token);
	CHECK(run(&stores, doc) == PROTECT_DONE);
	CHECK(glass.items == 2 && strcmp(glass.item[0].value, "jane.roe+") == 0);
	CHECK(strcmp(glass.item[1].value, "@mail.example.com") == 0);
	CHECK(glass.item[0].class_id == CLASS_EMAIL && glass.item[1].class_id == CLASS_EMAIL);
	CHECK(out_has(token) && out_has("\"to sct1-") && out_has(" now\"}"));
	CHECK(run(&reads, doc) == PROTECT_DONE);
	CHECK(glass.items == 1 && !out_has("jane") && !out_has("mail.example"));
	CHECK(protect_result(job)->counts.masked == 2);
	/* the token at either end of what is found */
	snprintf(doc, sizeof(doc), "{\"t\":\"%s@mail.example.com\"}", token);
	CHECK(run(&stores, doc) == PROTECT_DONE);
	CHECK(out_has(token) && !out_has("@mail") && glass.items == 1);
	/* two tokens, one find over both */
	snprintf(doc, sizeof(doc), "{\"t\":\"x%s.%s@mail.example.com\"}", token, token);
	CHECK(run(&stores, doc) == PROTECT_DONE);
	CHECK(!out_has("@mail"));
}

static void test_scanned_scalars(void)
{
	static const struct field_rule rules[] = { RULE("$.t", &form_scan, CLASS_NONE) };

	for (size_t i = 0; i < N_ROLES; i++) {
		const struct role *role = &roles[i];
		struct value v = { "447700900123", "447700900123", TOKEN_NUMBER, false };
		struct side s = SIDE(rules, PLAN_STORE, role->name, "p");
		struct expected e = { .outcome = PROTECT_DONE };
		char doc[64], want[1024];

		v.json = v.text = "13800138000";
		expect_sealed(&e, &v, role->write, CLASS_PHONE, v.text);
		snprintf(doc, sizeof(doc), "{\"t\":%s}", v.json);
		snprintf(want, sizeof(want), "{\"t\":%s}", e.json);
		CHECK(as_expected(&e, run(&s, doc), want, 5));
		/* towards a reader as a field in clear */
		memset(&e, 0, sizeof(e));
		s.way = PLAN_READ;
		expect_policy(&e, &v, role, CLASS_PHONE, "");
		snprintf(want, sizeof(want), "{\"t\":%s}", e.json);
		CHECK(as_expected(&e, run(&s, doc), want, 5));
		/* nothing is found in these */
		CHECK(run(&s, "{\"t\":17,\"t\":true,\"t\":\"hello\"}") == PROTECT_DONE);
		CHECK(out_is("{\"t\":17,\"t\":true,\"t\":\"hello\"}") && glass.calls == 0);
	}
}

/* ---- a bulk restore -------------------------------------------------------------------- */

static void test_restore(void)
{
	const char *token = token_of(CLASS_PHONE, 0, PHONE);
	const char *number = token_of(CLASS_PHONE, TOKEN_NUMBER, "17");
	char doc[1024], want[1024];

	for (size_t i = 0; i < N_ROLES; i++) {
		const struct side s = { .way = PLAN_RESTORE,
			.role = roles[i].name,
			.purpose = "p" };
		enum policy_action a = roles[i].read;
		enum protect_outcome got;

		snprintf(doc, sizeof(doc),
		    "{\"a\":[\"%s\",\"%s\",5,null,true,\"" PHONE "\"],\"b\":"
		    "\"x %s\",\"c\":\"sct1" LONG_TAIL "\"}",
		    token, number, token);
		snprintf(want, sizeof(want),
		    "{\"a\":[\"" PHONE "\",17,5,null,true,\"" PHONE "\"],"
		    "\"b\":\"x " PHONE "\",\"c\":\"sct1" LONG_TAIL "\"}");
		got = run(&s, doc);
		if (a == ACTION_DENY) {
			CHECK(got == PROTECT_FORBIDDEN && out.n == 0 && glass.calls == 0);
			CHECK(protect_result(job)->diag.offset == 7);
		} else if (a == ACTION_DROP) {
			CHECK(got == PROTECT_DONE && glass.calls == 0);
			CHECK(out_has("{\"a\":[null,null,5,") && out_has(token));
		} else if (a == ACTION_TOKENISE) {
			CHECK(got == PROTECT_DONE && out_is(doc) && glass.calls == 0);
		} else {
			CHECK(got == PROTECT_DONE && out_is(want) && glass.items == 3);
		}
	}
}

/* ---- limits --------------------------------------------------------------------------- */

static void test_depth(void)
{
	static const struct field_rule rules[] = { RULE("$.t", &form_scan, CLASS_NONE) };
	const struct side s = SIDE(rules, PLAN_STORE, "tokenise", "p");
	struct sc_buf b;

	sc_buf_init(&b, 1 << 16);
	for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
		sc_buf_clear(&b);
		for (size_t i = 0; i < depth; i++)
			CHECK(sc_buf_put(&b, "[", 1) == SC_OK);
		for (size_t i = 0; i < depth; i++)
			CHECK(sc_buf_put(&b, "]", 1) == SC_OK);
		CHECK(run_span(&s, sc_buf_span(&b)) ==
		    (depth == JSON_DEPTH_MAX ? PROTECT_DONE : PROTECT_MALFORMED));
	}
	CHECK(out.n == 0 && strstr(protect_result(job)->diag.text, "deep") != NULL);
	sc_buf_fini(&b);
}

/* 2^20 edits are carried, one more is not. */
static void test_edits(void)
{
	static const struct field_rule rules[] = { RULE("$", &form_drop, CLASS_NONE) };
	const struct side s = SIDE(rules, PLAN_STORE, "tokenise", "p");
	size_t most = (size_t)1 << 20;
	struct sc_buf b;

	sc_buf_init(&b, 1 << 23);
	CHECK(sc_buf_put(&b, "[1", 2) == SC_OK);
	for (size_t i = 1; i < most; i++)
		CHECK(sc_buf_put(&b, ",1", 2) == SC_OK);
	CHECK(sc_buf_put(&b, "]", 1) == SC_OK);
	CHECK(run_span(&s, sc_buf_span(&b)) == PROTECT_DONE);
	CHECK(protect_result(job)->counts.dropped == most && out.n == 5 * most + 1);
	sc_buf_truncate(&b, b.n - 1);
	CHECK(sc_buf_put(&b, ",1]", 3) == SC_OK);
	CHECK(run_span(&s, sc_buf_span(&b)) == PROTECT_TOO_LARGE && out.n == 0);
	CHECK(protect_plan(job)->n == 0 && protect_result(job)->counts.dropped == 0);
	sc_buf_fini(&b);
}

/* The longest token there is opens, whole and in a text. */
static void test_longest_token(void)
{
	static const struct field_rule rules[] = { RULE("$.f", &form_policy, CLASS_NAME),
		RULE("$.t", &form_scan, CLASS_NONE), RULE("$.m", &form_mask, CLASS_NAME) };
	const struct side s = SIDE(rules, PLAN_READ, "reveal", "p");
	static char value[CRYPTO_VALUE_MAX + 1];
	struct sc_buf token, doc;

	memset(value, 'v', CRYPTO_VALUE_MAX);
	sc_buf_init(&token, TOKEN_TEXT_MAX);
	sc_buf_init(&doc, 1 << 20);
	glass_token(CLASS_NAME, TOKEN_RANDOM, sc_span(value, CRYPTO_VALUE_MAX), &token);
	CHECK(sc_buf_printf(&doc, "{\"f\":\"%.*s\",\"t\":\"x %.*s y\",\"m\":\"%.*s\"}",
		  SC_SPAN_ARG(sc_buf_span(&token)), SC_SPAN_ARG(sc_buf_span(&token)),
		  SC_SPAN_ARG(sc_buf_span(&token))) == SC_OK);
	CHECK(run_span(&s, sc_buf_span(&doc)) == PROTECT_DONE && glass.items == 2);
	CHECK(out.n == 2 * CRYPTO_VALUE_MAX + token.n + strlen("{'f':'','t':'x  y','m':''}"));
	sc_buf_fini(&token);
	sc_buf_fini(&doc);
}

/* Nothing of one document is left when the next begins. */
static void test_plan_forgets(void)
{
	static const struct field_rule rules[] = { RULE("$.f", &form_drop, CLASS_NAME),
		RULE("$.s", &form_seal, CLASS_NAME), RULE("$.m", &form_mask, CLASS_NAME) };
	struct side s = SIDE(rules, PLAN_STORE, "tokenise", "p");
	const struct plan *p = protect_plan(job);

	s.subject = "$.w";
	CHECK(run(&s, "{\"f\":\"x\",\"m\":\"Ann\",\"s\":\"A\\u0041\",\"w\":\"\\u0041\"}") ==
	    PROTECT_DONE);
	CHECK(p->n == 3 && p->subject.n == 1);
	CHECK(p->scratch.n == strlen("A**") + strlen("AA"));
	CHECK(run(&s, "{\"f\":\"x\",\"s\":\"A\\u0041\",\"w\":\"\\u0041\"") == PROTECT_MALFORMED);
	CHECK(p->n == 0 && p->subject.n == 0);
	CHECK(p->scratch.n == 0 && p->text.n == 0 && p->subject_text.n == 0);
	s.role = "deny"; /* refused on its way: what was planned is gone */
	CHECK(run(&s, "{\"f\":\"x\",\"m\":\"Ann\",\"s\":\"A\"}") == PROTECT_FORBIDDEN);
	CHECK(p->n == 0 && p->scratch.n == 0);
	CHECK(run(&s, "{}") == PROTECT_DONE && p->n == 0);
}

/* Of several rules for one field the one that says least wins. */
static void test_ranks(void)
{
	static const struct form *const order[] = { &form_scan, &form_policy, &form_seal,
		&form_mask, &form_drop };

	for (size_t i = 0; i < 5; i++)
		for (size_t j = 0; j < 5; j++) {
			struct field_rule rules[] = { RULE("$.f", order[i], CLASS_EMAIL),
				RULE("$['f']", order[j], CLASS_EMAIL) };
			struct side s = SIDE(rules, PLAN_READ, "tokenise", "p");
			const struct form *winner = order[i > j ? i : j];
			const char *text = "{\"f\":\"ann@example.com\"}";

			CHECK(run(&s, text) == PROTECT_DONE);
			CHECK((glass.items == 1) ==
			    (winner == &form_seal || winner == &form_policy ||
				winner == &form_scan));
			CHECK(out_has("null") == (winner == &form_drop));
			CHECK((protect_result(job)->counts.masked == 1) == (winner == &form_mask));
		}
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_declared, "every rule, way, action and kind of value as the model says");
	RUN(test_asked, "keyd is asked for the class, the flags, the person and the decoded value");
	RUN(test_numbers_refused, "a rule can refuse numbers");
	RUN(test_empty_and_null, "null and what is empty hide nothing and stay");
	RUN(test_who_decides, "the writer decides of storing, the reader of reading");
	RUN(test_tier_of_token, "a token of a higher tier than its class is of that tier");
	RUN(test_class_of_token, "a token's class is its own, wherever it stands");
	RUN(test_memory, "a job gives back all its memory");
	RUN(test_init, "a plan begins empty, with its ceilings");
	RUN(test_texts, "finds and tokens in texts become what policy says of them");
	RUN(test_find_over_token, "a find over a token is protected outside of it");
	RUN(test_scanned_scalars, "a scanned number is sealed whole, other scalars stay");
	RUN(test_restore, "a restore opens what its role may export, or nothing");
	RUN(test_depth, "a document nested too deeply is malformed");
	RUN(test_edits, "a million edits are carried, one more is not");
	RUN(test_longest_token, "the longest token opens");
	RUN(test_plan_forgets, "nothing of one document is left for the next");
	RUN(test_ranks, "of two rules for one field the one that says less wins");
	return glass_over();
}
