/*
 * test_answers.c - a token of an answer is governed by its own class and tier wherever it stands,
 * and one in a text that was put together of several is still a token.
 */
#include "glass.h"

#define ROLE(name, read) \
	"{\"id\":\"r-" name "\",\"role\":[\"" name "\"],\"purpose\":[\"p\"],\"class\":[\"*\"]," \
	"\"op\":[\"read\"],\"effect\":\"" read "\"}," \
	"{\"id\":\"w-" name "\",\"role\":[\"" name "\"],\"purpose\":[\"p\"],\"class\":[\"*\"]," \
	"\"op\":[\"write\"],\"effect\":\"tokenise\"}"

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\",\"roles\":{"
    "\"reveal\":{\"max_tier\":\"T3\"},\"mask\":{\"max_tier\":\"T3\"},"
    "\"generalise\":{\"max_tier\":\"T3\"},\"tokenise\":{\"max_tier\":\"T3\"},"
    "\"drop\":{\"max_tier\":\"T3\"},\"deny\":{\"max_tier\":\"T3\"},"
    "\"low\":{\"max_tier\":\"T1\"},\"names\":{\"max_tier\":\"T3\"},"
    "\"keeps\":{\"max_tier\":\"T3\"}},\"purposes\":[\"p\"],"
    "\"rules\":[" ROLE("reveal", "reveal") "," ROLE("mask", "mask") "," ROLE("generalise",
	"generalise") "," ROLE("tokenise", "tokenise") "," ROLE("drop", "drop") "," ROLE("deny",
	"deny") "," ROLE("low",
	"reveal") ","
		  "{\"id\":\"k\",\"role\":[\"keeps\"],\"purpose\":[\"p\"],\"class\":[\"*\"],"
		  "\"op\":[\"read\"],\"effect\":\"tokenise\"},"
		  "{\"id\":\"n\",\"role\":[\"names\"],\"purpose\":[\"p\"],\"class\":[\"name\"],"
		  "\"op\":[\"read\"],\"effect\":\"reveal\"}]}";

#define ANN "Ann"
#define PHONE "07700 900123"

static const struct field_rule rules[] = {
	RULE("$.name", &form_policy, CLASS_NAME),
	RULE("$.to.phone", &form_policy, CLASS_PHONE),
	RULE("$.hotline", &form_pass, CLASS_NONE),
};

/* FORM with the token of ANN for each %1, of a phone for %2, of a phone sealed as a text's part for %3. */
static void fill(char *to, size_t size, const char *form)
{
	const char *const with[] = { token_of(CLASS_NAME, 0, ANN), token_of(CLASS_PHONE, 0, PHONE),
		token_of(CLASS_NAME, TOKEN_STRING, PHONE) };
	size_t n = 0;

	for (; *form != '\0' && n + 1 < size; form++) {
		if (form[0] != '%')
			to[n++] = *form;
		else
			n += (size_t)snprintf(to + n, size - n, "%s", with[*++form - '1']);
	}
	to[n] = '\0';
}

static bool becomes(const struct side *s, const char *before, const char *after)
{
	char doc[2048], want[2048];

	fill(doc, sizeof(doc), before);
	fill(want, sizeof(want), after);
	if (run(s, doc) == PROTECT_DONE && sc_span_is(sc_buf_span(&out), want))
		return true;
	printf("# %s: %s\n#  want %s\n#  got  %.*s\n", s->role, doc, want,
	    SC_SPAN_ARG(sc_buf_span(&out)));
	return false;
}

static struct side answer_for(const char *role)
{
	struct side s = SIDE(rules, PLAN_READ, role, "p");

	s.answers = true;
	s.unmatched = UNMATCHED_NULL;
	return s;
}

/* Where no rule speaks a token is what "policy" would make of it, and all else stays. */
static void test_wherever(void)
{
	static const struct {
		const char *role, *before, *after;
	} cases[] = {
		{ "reveal", "{\"x\":\"%2\"}", "{\"x\":\"" PHONE "\"}" },
		{ "reveal", "{ \"x\":[1,{\"y\":\"%1\"},\"%2\"] , \"z\":\"" PHONE "\"}",
		    "{ \"x\":[1,{\"y\":\"" ANN "\"},\"" PHONE "\"] , \"z\":\"" PHONE "\"}" },
		/* before, between and behind what rules speak of */
		{ "reveal",
		    "{\"a\":\"%1\",\"name\":\"%1\",\"b\":\"%2\",\"to\":{\"phone\":\"%2\"},\"c\":\"%1\"}",
		    "{\"a\":\"" ANN "\",\"name\":\"" ANN "\",\"b\":\"" PHONE
		    "\",\"to\":{\"phone\":\"" PHONE "\"},\"c\":\"" ANN "\"}" },
		{ "reveal", "{\"name\":\"%1\",\"to\":{\"phone\":null},\"c\":\"%1\"}",
		    "{\"name\":\"" ANN "\",\"to\":{\"phone\":null},\"c\":\"" ANN "\"}" },
		/* in a text */
		{ "reveal", "{\"note\":\"call %1 on %2!\\n\"}",
		    "{\"note\":\"call " ANN " on " PHONE "!\\n\"}" },
		{ "deny", "{\"note\":\"call %1!\"}", "{\"note\":\"call %1!\"}" },
		/* in JSON in a string it is written as that string wants it */
		{ "reveal", "{\"note\":\" {\\\"phone\\\":\\\"%2\\\"}\"}",
		    "{\"note\":\" {\\\"phone\\\":\\\"" PHONE "\\\"}\"}" },
		/* one that is no text may be more than a text when it is opened */
		{ "reveal",
		    "{\"note\":\" {\\\"phone\\\":\\\"%2\\\"\",\"h\":\"<b>%1</b>\",\"l\":\"[%1]\",\"q\":\"\\\"%1\\\"\"}",
		    "{\"note\":\" {\\\"phone\\\":\\\"%2\\\"\",\"h\":\"<b>%1</b>\",\"l\":\"[%1]\",\"q\":\"\\\"%1\\\"\"}" },
		{ "tokenise", "{\"x\":\"%2\",\"y\":\"a %1\"}", "{\"x\":\"%2\",\"y\":\"a %1\"}" },
		{ "drop", "{\"x\":\"%2\"}", "{\"x\":null}" },
		{ "deny", "{\"x\":\"%2\",\"y\":1}", "{\"x\":null,\"y\":1}" },
		/* a tier above the reader's */
		{ "low", "{\"x\":\"%2\"}", "{\"x\":null}" },
		/* the owner says that it is nobody's; a name leads somewhere, and is nothing to read */
		{ "reveal", "{\"hotline\":\"%2\"}", "{\"hotline\":\"%2\"}" },
		{ "reveal", "{\"%1\":\"%1\"}", "{\"%1\":\"" ANN "\"}" },
		/* what only begins like one */
		{ "deny", "{\"x\":\"sct1-abc\",\"y\":\"sct1-\"}",
		    "{\"x\":\"sct1-abc\",\"y\":\"sct1-\"}" },
		/* what stands in a rule's way is null once */
		{ "reveal", "{\"to\":\"%2\",\"x\":\"%1\"}", "{\"to\":null,\"x\":\"" ANN "\"}" },
		{ "reveal", "{\"to\":[\"%2\",{\"phone\":\"%2\"}],\"x\":\"%1\"}",
		    "{\"to\":[null,{\"phone\":null}],\"x\":\"" ANN "\"}" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct side s = answer_for(cases[i].role);

		CHECK(becomes(&s, cases[i].before, cases[i].after));
	}
}

#define TEN "ten_letter"

static bool saw(size_t i, const char *path, uint8_t class_id, uint8_t did, uint32_t n)
{
	const struct plan *p = protect_plan(job);

	return i < p->n_seen && strcmp(p->seen[i].path, path) == 0 &&
	    p->seen[i].class_id == class_id && p->seen[i].did == did && p->seen[i].n == n &&
	    p->seen[i].by == UNDECLARED_CLEAR;
}

/* Clear values are the rules': where none speaks, they pass, and nobody is told. */
static void test_clear_values(void)
{
	static const struct field_rule deep_rules[] = { RULE("$..name", &form_policy, CLASS_NAME) };
	static const struct field_rule far_rules[] = {
		RULE("$." TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN, &form_policy, CLASS_NAME)
	};
	const struct side reader = answer_for("mask"), keeps = answer_for("tokenise"),
			  sees = answer_for("reveal");
	struct side deep = SIDE(deep_rules, PLAN_READ, "deny", "p"), request = reader;
	struct side far = SIDE(far_rules, PLAN_READ, "deny", "p");

	deep.answers = far.answers = true;
	request.answers = false;
	CHECK(becomes(&reader, "{\"x\":\"ann@example.com\",\"y\":\"%1 " PHONE "\"}",
	    "{\"x\":\"ann@example.com\",\"y\":\"" ANN " " PHONE "\"}"));
	CHECK(protect_result(job)->n_undeclared == 0);
	/* and at a name that is declared one is masked, and counted */
	CHECK(becomes(&reader, "{\"name\":\"Ann Lee\",\"to\":{\"phone\":\"" PHONE "\"}}",
	    "{\"name\":\"A** L**\",\"to\":{\"phone\":\"077** **0123\"}}"));
	CHECK(protect_result(job)->counts.masked == 2);
	CHECK(saw(0, "$.name", CLASS_NAME, UNDECLARED_MASK, 1) &&
	    saw(1, "$.to.phone", CLASS_PHONE, UNDECLARED_MASK, 1) &&
	    protect_result(job)->n_clear == 2);
	CHECK(becomes(&deep, "{\"name\":\"Ann\",\"b\":[{\"name\":\"Bea\"}]}",
	    "{\"name\":null,\"b\":[{\"name\":null}]}"));
	CHECK(protect_plan(job)->n_seen == 1 && saw(0, "$..name", CLASS_NAME, UNDECLARED_MASK, 2));
	CHECK(run(&keeps, "{\"name\":\"Ann\"}") == PROTECT_DONE && !out_has("Ann") &&
	    saw(0, "$.name", CLASS_NAME, UNDECLARED_SEAL, 1));
	/* a token is none, nor is what may be seen, what is empty, or a request's */
	CHECK(becomes(&reader, "{\"name\":\"%1\",\"to\":{\"phone\":null}}",
	    "{\"name\":\"" ANN "\",\"to\":{\"phone\":null}}"));
	CHECK(protect_result(job)->n_clear == 0 && protect_plan(job)->n_seen == 0);
	CHECK(
	    run(&sees, "{\"name\":\"Ann\"}") == PROTECT_DONE && protect_result(job)->n_clear == 0);
	CHECK(run(&request, "{\"name\":\"Ann Lee\"}") == PROTECT_DONE && out_has("A** L**") &&
	    protect_result(job)->n_clear == 0);
	/* a path that is too long says that it goes on */
	CHECK(
	    run(&far, "{\"" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "\":\"Ann\"}") == PROTECT_DONE);
	CHECK(strlen(protect_plan(job)->seen[0].path) == UNDECLARED_PATH_MAX - 1 &&
	    strcmp(protect_plan(job)->seen[0].path + UNDECLARED_PATH_MAX - 4, "t..") == 0);
}

/* Where an answer is searched, what is found or named is what the reader may see of it. */
static void test_searched(void)
{
	static const struct {
		const char *role, *before, *after;
		size_t told;
	} cases[] = {
		{ "mask", "{\"tel\":\"" PHONE "\",\"x\":\"%1\"}",
		    "{\"tel\":\"077** **0123\",\"x\":\"" ANN "\"}", 1 },
		{ "reveal", "{\"tel\":\"" PHONE "\",\"note\":\"on " PHONE "\",\"x\":\"%1\"}",
		    "{\"tel\":\"" PHONE "\",\"note\":\"on " PHONE "\",\"x\":\"" ANN "\"}", 0 },
		{ "tokenise", "{\"tel\":\"" PHONE "\"}", "{\"tel\":\"%2\"}", 1 },
		{ "deny", "{\"tel\":\"" PHONE "\"}", "{\"tel\":null}", 1 },
		{ "mask", "{\"first_name\":\"Ann\",\"sku\":\"A-1\"}",
		    "{\"first_name\":\"A**\",\"sku\":\"A-1\"}", 1 },
		{ "mask", "{\"note\":\"on " PHONE "!\"}", "{\"note\":\"on 077** **0123!\"}", 1 },
		/* who may not store it cannot keep it as a token */
		{ "keeps", "{\"tel\":\"" PHONE "\"}", "{\"tel\":\"****\"}", 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct side s = answer_for(cases[i].role);

		s.undeclared = (struct undeclared){ UNDECLARED_SEAL, UNDECLARED_MASK };
		CHECK(becomes(&s, cases[i].before, cases[i].after));
		CHECK(protect_result(job)->n_undeclared == cases[i].told);
	}
}

/* What was read of one field is forgotten for the next, of the same length at the same place. */
static void test_read_anew(void)
{
	const struct side s = answer_for("names");
	const char *name = token_of(CLASS_NAME, 0, ANN), *other = NULL;
	char doc[2048], want[2048];

	for (uint8_t c = 1; c < CLASS_PHONE + 20 && other == NULL; c++)
		if (c != CLASS_NAME && class_name(c) != NULL &&
		    strlen(token_of(c, 0, ANN)) == strlen(name))
			other = token_of(c, 0, ANN);
	NEED(other != NULL);
	snprintf(doc, sizeof(doc), "{\"name\":\"\\u0073%s\",\"x\":\"\\u0073%s\",\"y\":\"%s\"}",
	    name + 1, other + 1, name);
	snprintf(want, sizeof(want), "{\"name\":\"" ANN "\",\"x\":null,\"y\":\"" ANN "\"}");
	CHECK(run(&s, doc) == PROTECT_DONE && out_is(want));
}

/* A request's tokens, to whom it is sent on, are shown where a rule says so. */
static void test_only_answers(void)
{
	struct side s = answer_for("reveal");

	s.answers = false;
	CHECK(becomes(&s, "{\"x\":\"%2\",\"name\":\"%1\"}", "{\"x\":\"%2\",\"name\":\"" ANN "\"}"));
	s.undeclared = (struct undeclared){ UNDECLARED_SEAL, UNDECLARED_MASK };
	CHECK(becomes(&s, "{\"x\":\"%2\",\"name\":\"%1\"}", "{\"x\":\"%2\",\"name\":\"" ANN "\"}"));
}

static void test_forms(void)
{
	struct side s = answer_for("reveal");

	s.codec = &codec_form;
	CHECK(becomes(&s, "a=%1&name=%1&b=x+%1&d", "a=" ANN "&name=" ANN "&b=x+" ANN "&d"));
}

/* ---- a text that was put together ---- */

static void test_composed(void)
{
	static const struct {
		const char *role, *before, *after;
	} cases[] = {
		{ "reveal", "%1 %1", ANN " " ANN },
		{ "reveal", "Mr %1", "Mr " ANN },
		{ "reveal", "%1%1", ANN ANN },
		{ "reveal", "%1 (Flat 2)", ANN " (Flat 2)" },
		{ "reveal", "\\u004dr\\t%1, \\u00e9", "\\u004dr\\t" ANN ", \\u00e9" },
		/* who may not see all of it sees nothing of a part */
		{ "mask", "%1 %1", ANN " " ANN },
		{ "mask", "Mr %1", "**** " ANN },
		{ "mask", "%1 (Flat 2)", ANN " (****)" },
		{ "generalise", "%1 (Flat 2)", ANN " (****)" },
		{ "drop", "%1, " PHONE, "%1, ****" },
		{ "deny", PHONE " %1", "**** %1" },
		{ "tokenise", "%1 %1", "%1 %1" },
		{ "tokenise", "%1 (" PHONE ")", "%1 (%3)" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct side s = answer_for(cases[i].role);
		char before[512], after[512];

		snprintf(before, sizeof(before), "{\"name\":\"%s\",\"z\":1}", cases[i].before);
		snprintf(after, sizeof(after), "{\"name\":\"%s\",\"z\":1}", cases[i].after);
		CHECK(becomes(&s, before, after));
	}
}

/* Sent back to be stored its tokens stay, and what stands beside them is sealed. */
static void test_composed_stored(void)
{
	static const struct field_rule seal[] = { RULE("$.name", &form_seal, CLASS_NAME) };
	static const struct field_rule random[] = {
		{ .at = "$.name", .form = &form_seal, .class_id = CLASS_NAME, .random = true }
	};
	struct side s = SIDE(seal, PLAN_STORE, "tokenise", "p");
	struct side r = SIDE(random, PLAN_STORE, "tokenise", "p");
	char doc[512];

	CHECK(becomes(&s, "{\"name\":\"%1 %2\"}", "{\"name\":\"%1 %2\"}"));
	CHECK(glass.calls == 0);
	CHECK(becomes(&s, "{\"name\":\"" PHONE ", %1!\"}", "{\"name\":\"%3, %1!\"}"));
	CHECK(glass.items == 1 && (glass.item[0].flags & TOKEN_RANDOM) == 0);
	CHECK(run(&r, "{\"name\":\"Ann\"}") == PROTECT_DONE);
	CHECK((glass.item[0].flags & TOKEN_RANDOM) != 0);
	fill(doc, sizeof(doc), "{\"name\":\"Mr %1\"}");
	CHECK(run(&r, doc) == PROTECT_DONE && !out_has("Mr"));
	CHECK(glass.items == 1 && (glass.item[0].flags & TOKEN_RANDOM) != 0 &&
	    strcmp(glass.item[0].value, "Mr") == 0);
	/* of somebody's document its tokens are asked for, whose they are */
	s.subject = "$.id";
	fill(doc, sizeof(doc), "{\"id\":\"c1\",\"name\":\"%1 %2\"}");
	CHECK(run(&s, doc) == PROTECT_DONE && glass.items == 2);
	CHECK(strcmp(glass.item[0].subject, "c1") == 0 &&
	    strcmp(glass.item[0].value, token_of(CLASS_NAME, 0, ANN)) == 0);
}

/* ---- by lot: every token that a document has, and nothing else, is opened ---- */

static uint64_t seed = 20261128;

static unsigned lot(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void put(char *to, const char *text)
{
	strcat(to, text);
}

static void put_value(char *to, unsigned depth)
{
	static const char *const values[] = { "\"%1\"", "\"%2\"", "\"to %1 and %2.\"", "7", "null",
		"\"a-b sct1-\"", "\"\\u0041-\\\"%1\"", "true", "\"\"", "\"%1%2\"" };
	static const char *const names[] = { "\"name\":", "\"to\":", "\"phone\":", "\"x\":",
		"\"s-t\":" };
	const unsigned n = lot(4);

	if (depth == 0 || lot(3) == 0) {
		put(to, values[lot(sizeof(values) / sizeof(values[0]))]);
		return;
	}
	put(to, n % 2 == 0 ? "{" : "[");
	for (unsigned i = 0; i < n; i++) {
		put(to, i == 0 ? "" : ",");
		put(to, n % 2 == 0 ? names[lot(5)] : "");
		put_value(to, depth - 1);
	}
	put(to, n % 2 == 0 ? "}" : "]");
}

/* The same without its tokens: what each is of stands in its place. */
static void open_all(char *to, const char *form)
{
	for (; *form != '\0'; form++) {
		if (form[0] == '%')
			to = stpcpy(to, *++form == '1' ? ANN : PHONE);
		else
			*to++ = *form;
	}
	*to = '\0';
}

static void test_by_lot(void)
{
	static char form[8192], after[8192], doc[65536];
	struct side s = answer_for("reveal");

	s.unmatched = UNMATCHED_PASS;
	for (unsigned i = 0; i < 3000; i++) {
		form[0] = '\0';
		put(form, "{\"x\":");
		put_value(form, 3);
		put(form, ",\"name\":");
		put_value(form, 1);
		put(form, ",\"to\":");
		put_value(form, 2);
		put(form, "}");
		if (strlen(form) > 500)
			continue;
		fill(doc, sizeof(doc), form);
		open_all(after, form);
		CHECK(run(&s, doc) == PROTECT_DONE && out_is(after));
	}
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_wherever, "a token of an answer is what policy makes of it, wherever it stands");
	RUN(test_clear_values, "clear values are the rules': masked and counted where one speaks");
	RUN(test_searched, "where an answer is searched it is by what its reader may see");
	RUN(test_read_anew, "what was read of a token is forgotten before the next");
	RUN(test_only_answers, "a recipient is shown what rules say, and no token besides");
	RUN(test_forms, "a form's answers alike");
	RUN(test_composed, "a text of tokens is opened token by token");
	RUN(test_composed_stored, "and stored as what it is");
	RUN(test_by_lot, "of a thousand documents every token is opened, and nothing else touched");
	return glass_over();
}
