/*
 * Bodies of API calls: the walk sees what a tree would hold, in the same order.
 */
#include "gateway/codec/body.h"
#include "padded.h"
#include "tap.h"

#include <cjson/cJSON.h>

static enum body_kind kind_of(const cJSON *it)
{
	if (cJSON_IsString(it))
		return BODY_STRING;
	if (cJSON_IsNumber(it))
		return BODY_NUMBER;
	if (cJSON_IsTrue(it))
		return BODY_TRUE;
	if (cJSON_IsFalse(it))
		return BODY_FALSE;
	if (cJSON_IsNull(it))
		return BODY_NULL;
	return cJSON_IsObject(it) ? BODY_OBJECT : BODY_ARRAY;
}

static bool same_text(const struct body_value *v, const cJSON *it)
{
	struct sc_buf scratch;
	struct sc_span text;
	bool same;

	sc_buf_init(&scratch, 1 << 16);
	same = sc_buf_reserve(&scratch, v->raw.n + 1) == SC_OK &&
	    body_text(v, &scratch, &text, NULL) && sc_span_is(text, it->valuestring);
	sc_buf_fini(&scratch);
	return same;
}

/* Does the walk over V see what stands in the tree at IT? */
static bool agree(const struct body_value *v, const cJSON *it)
{
	struct sc_span rest = body_inside(v), name;
	struct body_value inner;

	if (v->kind != kind_of(it))
		return false;
	if (v->kind == BODY_STRING)
		return same_text(v, it);
	if (v->kind == BODY_NUMBER)
		return strtod((const char *)v->raw.p, NULL) == it->valuedouble;
	if (v->kind != BODY_OBJECT && v->kind != BODY_ARRAY)
		return rest.n == 0;
	for (const cJSON *c = it->child; c != NULL; c = c->next) {
		if (v->kind == BODY_ARRAY ?
			!body_element(&rest, &inner) :
			!body_member(&rest, &name, &inner) || !body_name_is(name, c->string))
			return false;
		if (!agree(&inner, c))
			return false;
	}
	return !body_element(&rest, &inner) && inner.kind == BODY_NONE;
}

static enum sc_err check(const char *text, struct body_value *root, struct sc_diag *d,
    uint8_t **doc)
{
	size_t n = strlen(text);

	*doc = padded(text, n);
	return body_check(sc_span(*doc, n), d, root);
}

static void test_agrees(void)
{
	static const char *const docs[] = {
		"{}",
		"[]",
		"0",
		"\"\"",
		"null",
		"true",
		"false",
		" { } ",
		"\t[\r\n]\n",
		"-1.5e3",
		"[1,-2,3.5,1e4,true,false,null,\"a\",[],{}]",
		"{\"a\":1,\"b\":\"x\",\"c\":[1,2,{\"d\":null}],\"e\":{\"f\":{\"g\":[]}}}",
		"{ \"a\" : 1 , \"b\" : [ 1 , 2 ] , \"c\" : { \"d\" : true } }",
		"[\"]\",\"}\",\"[{\",\"\\\"]\",\"\\\\\",\"a,b:c\",{\"]\":\"}\",\"\\\"\":\"\\\\\"}]",
		"{\"a\\u0062c\":\"\\u00e9\\n\\/\\\"\",\"\":\"\",\"\\\\u0000\":\"\\\\u0000\"}",
		"[[[[[[[[[[\"deep\"]]]]]]]]]]",
		"[{\"a\":[{\"b\":[{}]}]},[[]],{\"a\":[]}]",
		"[\"\xC3\xA9\",\"\\ud83d\\ude00\",1]",
		"[1]",
		"[ 1 ]",
		"{\"a\":-0}",
		"[\"\\\\\\\"\",2]",
		"[[1],[2]]",
		"[{},{}]",
		"[null ,true ,false ]",
	};
	struct body_value root;
	struct sc_diag d;
	uint8_t *doc;

	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		cJSON *tree = cJSON_Parse(docs[i]);

		NEED(tree != NULL);
		CHECK(check(docs[i], &root, &d, &doc) == SC_OK);
		CHECK(agree(&root, tree));
		if (!agree(&root, tree))
			printf("# %s\n", docs[i]);
		cJSON_Delete(tree);
		free(doc);
	}
}

static void test_numbers_keep_their_spelling(void)
{
	static const char *const numbers[] = { "1.10", "-0", "1E400", "12345678901234567890123",
		"0.0e-7" };
	char text[64];
	struct body_value root, v;
	struct sc_span rest, out;
	struct sc_buf scratch;
	struct sc_diag d;
	uint8_t *doc;

	sc_buf_init(&scratch, 64);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(text, sizeof(text), "[%s]", numbers[i]);
		NEED(check(text, &root, &d, &doc) == SC_OK);
		rest = body_inside(&root);
		NEED(body_element(&rest, &v) && v.kind == BODY_NUMBER);
		CHECK(body_text(&v, &scratch, &out, NULL) && sc_span_is(out, numbers[i]));
		free(doc);
	}
	sc_buf_fini(&scratch);
}

static void test_refuses(void)
{
	static const struct {
		const char *text;
		size_t offset;
	} cases[] = {
		{ "", 0 },
		{ "{", 1 },
		{ "[1,]", 3 },
		{ "{\"a\":\"\\u0000\"}", 6 },
		{ "[\"\\\\\\u0000\"]", 4 },
		{ "[\"\\\\\\\\\\u0000\"]", 6 },
		{ "{\"\\u0000\":1}", 2 },
		{ "[\"x\\u0000y\"]", 3 },
		{ "\"\\u0000\"", 1 },
		{ "[\"\\n\\u0000\"]", 4 },
	};
	static const char *const legal[] = { "[\"\\\\u0000\"]", "[\"\\\\\\\\u0000\"]",
		"[\"u0000\"]", "[\"\\u0001\"]", "[\"\\u00001\"]" };
	struct body_value root;
	struct sc_diag d;
	uint8_t *doc;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		d = (struct sc_diag){ .offset = 999 };
		CHECK(check(cases[i].text, &root, &d, &doc) == SC_SYNTAX);
		CHECK(root.kind == BODY_NONE && d.text[0] != '\0');
		CHECK(d.offset == cases[i].offset);
		CHECK((strstr(d.text, "NUL") != NULL) == (strstr(cases[i].text, "0000") != NULL));
		if (d.offset != cases[i].offset)
			printf("# %s: %zu, %s\n", cases[i].text, d.offset, d.text);
		free(doc);
	}
	for (size_t i = 0; i < 4; i++) {
		CHECK(check(legal[i], &root, &d, &doc) == SC_OK && root.kind == BODY_ARRAY);
		free(doc);
	}
	CHECK(check(legal[4], &root, &d, &doc) == SC_SYNTAX); /* a NUL and a 1 */
	free(doc);
}

static void test_names(void)
{
	char raw[80] = "\\u0061", want[80] = "a";

	CHECK(body_name_is(sc_span_str("subject"), "subject"));
	CHECK(!body_name_is(sc_span_str("Subject"), "subject"));
	CHECK(!body_name_is(sc_span_str("subject_id"), "subject"));
	CHECK(!body_name_is(sc_span_str("subjec"), "subject"));
	CHECK(!body_name_is(sc_span_str(""), "subject"));
	CHECK(body_name_is(sc_span_str("s\\u0075bject"), "subject"));
	CHECK(!body_name_is(sc_span_str("s\\u0055bject"), "subject"));
	/* as it stands, 64 bytes can be unescaped, and nobody's name is longer */
	memset(raw + 6, 'b', 58);
	memset(want + 1, 'b', 58);
	CHECK(body_name_is(sc_span_str(raw), want));
	raw[64] = want[59] = 'b';
	CHECK(!body_name_is(sc_span_str(raw), want));
}

static void test_text(void)
{
	struct body_value v = { BODY_STRING, sc_span_str("a\\u00e9\\ud83d") };
	struct sc_span out, second;
	struct sc_buf scratch;
	bool lone = false;

	sc_buf_init(&scratch, 64);
	CHECK(!body_text(&v, &scratch, &out, &lone)); /* no room was made */
	CHECK(scratch.n == 0);
	NEED(sc_buf_reserve(&scratch, 64) == SC_OK);
	CHECK(body_text(&v, &scratch, &out, &lone) && lone);
	CHECK(sc_span_is(out, "a\xC3\xA9\xED\xA0\xBD"));
	lone = false;
	v.raw = sc_span_str("\\t");
	CHECK(body_text(&v, &scratch, &second, &lone) && !lone && sc_span_is(second, "\t"));
	CHECK(sc_span_is(out, "a\xC3\xA9\xED\xA0\xBD")); /* and it never moves */
	v.raw = sc_span_str("plain");
	CHECK(body_text(&v, &scratch, &second, NULL) && second.p == v.raw.p && second.n == 5);
	for (unsigned kind = BODY_NONE; kind <= BODY_ARRAY; kind++) {
		v.kind = kind;
		CHECK(body_text(&v, &scratch, &second, NULL) ==
		    (kind == BODY_STRING || kind == BODY_NUMBER));
		CHECK(body_inside(&v).n == (kind == BODY_OBJECT || kind == BODY_ARRAY ? 3 : 0));
	}
	sc_buf_fini(&scratch);
}

/* Whatever stands there, the walk ends and stays inside. */
static void test_bounded(void)
{
	static const char *const odd[] = { "\"", "{", "[", "{\"a", "[1", "{\"a\":", "]", "}", ",",
		":", "\"a\\", "[\"\\", "{1:2}", "tru", "[[", "{}}", "\\" };
	struct body_value v;
	struct sc_span rest, name;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		size_t n = strlen(odd[i]), steps = 0;
		uint8_t *exact = malloc(n);

		NEED(exact != NULL);
		memcpy(exact, odd[i], n);
		for (rest = sc_span(exact, n); body_element(&rest, &v) && steps < 100; steps++)
			CHECK(v.raw.p >= exact && v.raw.p + v.raw.n <= exact + n);
		CHECK(steps < 100);
		for (rest = sc_span(exact, n), steps = 0;
		     body_member(&rest, &name, &v) && steps < 100; steps++)
			CHECK(v.raw.p + v.raw.n <= exact + n && name.p + name.n <= exact + n);
		CHECK(steps < 100);
		free(exact);
	}
	v = (struct body_value){ BODY_OBJECT, sc_span_str("{") };
	CHECK(body_inside(&v).n == 0);
	v.raw = sc_span_str("{}");
	CHECK(body_inside(&v).n == 0);
}

int main(void)
{
	RUN(test_agrees, "the walk sees what a tree of the same body holds");
	RUN(test_numbers_keep_their_spelling, "a number keeps its own spelling");
	RUN(test_refuses, "what is no JSON, or holds a NUL, is refused where it stands");
	RUN(test_names, "names are compared whole, after unescaping, case and all");
	RUN(test_text, "texts are unescaped once, and stay where they are");
	RUN(test_bounded, "a walk over anything ends within it");
	return tap_done();
}
