/*
 * What somebody sent: the tree is the one another parser sees, nothing is
 * forgiven that a file is not, and what it costs is bounded.
 */
#include "base/text/shape.h"
#include "tap.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static struct sc_arena arena;

/* TEXT in a block of exactly its size, so that the address sanitizer sees a read beyond it. */
static enum sc_err load(const char *text, size_t max, struct sc_diag *d, struct doc *doc)
{
	static uint8_t *exact;
	size_t n = strlen(text);

	sc_arena_fini(&arena);
	free(exact);
	exact = malloc(n);
	if (exact == NULL && n != 0)
		abort();
	if (n != 0)
		memcpy(exact, text, n);
	return doc_load_sent(&arena, sc_span(exact, n), max, d, doc);
}

/* Does the tree at NODE hold what cJSON's holds at IT? */
static bool agree(const struct doc_node *node, const cJSON *it)
{
	const struct doc_node *m = node->first;
	const cJSON *c = it->child;

	if (node->kind == DOC_TEXT)
		return cJSON_IsString(it) && strcmp(node->text, it->valuestring) == 0;
	if (node->kind == DOC_NUMBER)
		return cJSON_IsNumber(it) && strtod(node->text, NULL) == it->valuedouble;
	if (node->kind == DOC_NULL)
		return cJSON_IsNull(it);
	if (node->kind == DOC_BOOL)
		return node->yes ? cJSON_IsTrue(it) : cJSON_IsFalse(it);
	if (node->kind == DOC_LIST ? !cJSON_IsArray(it) : !cJSON_IsObject(it))
		return false;
	for (; m != NULL && c != NULL; m = m->next, c = c->next)
		if ((m->key == NULL ? c->string != NULL : strcmp(m->key, c->string) != 0) ||
		    !agree(m, c))
			return false;
	return m == NULL && c == NULL;
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
		"{\"a\":1,\"b\":2,\"a\":3}",
		"[\"\\\\\\\"\",2]",
		"[[1],[2]]",
		"[{},{}]",
		"[null ,true ,false ]",
	};
	struct sc_diag d;
	struct doc doc;

	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		cJSON *tree = cJSON_Parse(docs[i]);

		NEED(tree != NULL);
		CHECK(load(docs[i], 100, &d, &doc) == SC_OK && agree(doc.root, tree));
		if (!agree(doc.root, tree))
			printf("# %s\n", docs[i]);
		cJSON_Delete(tree);
	}
}

static void test_numbers_keep_their_spelling(void)
{
	static const char *const numbers[] = { "1.10", "-0", "1E400", "12345678901234567890123",
		"0.0e-7" };
	char text[64];
	struct sc_diag d;
	struct doc doc;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(text, sizeof(text), "[ %s ]", numbers[i]);
		NEED(load(text, 1, &d, &doc) == SC_OK && doc.root->first->kind == DOC_NUMBER);
		CHECK(sc_span_is(doc_said(&doc, doc.root->first), numbers[i]));
		CHECK(doc.root->first->at == 2 && doc.root->first->end == 2 + strlen(numbers[i]));
	}
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
		{ "[\"\\u00001\"]", 2 },
		/* what a file may have */
		{ "\xEF\xBB\xBF[]", 0 },
		{ "[] // x", 3 },
		{ "/**/[]", 0 },
		{ "[1/**/]", 2 },
	};
	static const char *const legal[] = { "[\"\\\\u0000\"]", "[\"\\\\\\\\u0000\"]",
		"[\"u0000\"]", "[\"\\u0001\"]" };
	struct sc_diag d;
	struct doc doc;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		d = (struct sc_diag){ .offset = 999 };
		CHECK(load(cases[i].text, 100, &d, &doc) == SC_SYNTAX && d.text[0] != '\0');
		CHECK(d.offset == cases[i].offset && d.line == 0);
		CHECK((strstr(d.text, "u0000") != NULL) == (strstr(cases[i].text, "0000") != NULL));
		if (d.offset != cases[i].offset)
			printf("# %s: %zu, %s\n", cases[i].text, d.offset, d.text);
	}
	for (size_t i = 0; i < sizeof(legal) / sizeof(legal[0]); i++)
		CHECK(load(legal[i], 1, &d, &doc) == SC_OK && !doc.root->first->half);
}

/* Whatever is cut off where, it ends within what there is. */
static void test_bounded(void)
{
	static const char whole[] =
	    "{\"a\":[\"\\ud83d\\ude00\\\\\",-1.5e+3,true,{\"\\u0062\":null}]}";
	char text[sizeof(whole)];
	struct sc_diag d;
	struct doc doc;

	for (size_t n = 0; n + 1 < sizeof(whole); n++) {
		memcpy(text, whole, n);
		text[n] = '\0';
		CHECK(load(text, 100, &d, &doc) == SC_SYNTAX && d.offset <= n);
	}
	CHECK(load(whole, 100, &d, &doc) == SC_OK);
}

static void test_halves(void)
{
	static const struct {
		const char *text, *is;
		bool half;
	} rows[] = {
		{ "[\"a\\u00e9\\ud83d\"]", "a\xC3\xA9\xED\xA0\xBD", true },
		{ "[\"\\ude00x\"]", "\xED\xB8\x80x", true },
		{ "[\"\\ud83d\\ud83d\\ude00\"]", "\xED\xA0\xBD\xF0\x9F\x98\x80", true },
		{ "[\"\\ude00\\ud83d\"]", "\xED\xB8\x80\xED\xA0\xBD", true },
		{ "[\"\\ude00\\ude00\"]", "\xED\xB8\x80\xED\xB8\x80", true },
		{ "[\"\\ud83d\\n\"]", "\xED\xA0\xBD\n", true },
		{ "[\"\\ud83d\\ude00\"]", "\xF0\x9F\x98\x80", false },
		{ "[\"plain\"]", "plain", false },
	};
	struct sc_diag d;
	struct doc doc;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		NEED(load(rows[i].text, 1, &d, &doc) == SC_OK);
		CHECK(strcmp(doc.root->first->text, rows[i].is) == 0);
		CHECK(doc.root->first->half == rows[i].half);
	}
	/* it is the string's own, and a key's is nobody's */
	NEED(load("{\"\\ud83d\":1,\"b\":\"\\ud83d\",\"c\":\"\"}", 3, &d, &doc) == SC_OK);
	CHECK(!doc.root->first->half && doc_find(doc.root, "b")->half);
	CHECK(!doc_find(doc.root, "c")->half);
}

static void test_nodes(void)
{
	struct sc_diag d;
	struct doc doc;

	CHECK(load("[1,{\"a\":[]},3]", 4, &d, &doc) == SC_OK);
	CHECK(load("[1,{\"a\":[]},3]", 3, &d, &doc) == SC_LIMIT && d.text[0] != '\0');
	CHECK(load("[1]", 0, &d, &doc) == SC_LIMIT);
	CHECK(load("[]", 0, &d, &doc) == SC_OK);
}

/* ---- rows ---- */

struct thing {
	bool subject, random;
};
static const struct shape_row rows[] = {
	{ "subject", shape_bool, SHAPE_AT(struct thing, subject) },
	{ "random", shape_bool, SHAPE_AT(struct thing, random) },
	{ .key = NULL },
};
static const struct shape thing = { .what = "thing", .rows = rows };

/* TEXT is complained about once, at OFFSET, in the words WHY (NULL: not at all). */
static bool tells(const char *text, size_t offset, const char *why)
{
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = &arena, .all = &all };
	struct thing got = { .random = false };
	struct sc_diag d;
	bool ok;

	if (load(text, 100, &d, &c.doc) != SC_OK)
		return false;
	ok = shape_fill(&c, &thing, c.doc.root, &got);
	if (ok ? why == NULL && all.n == 0 :
		 why != NULL && all.n == 1 && strcmp(all.v[0].text, why) == 0 &&
		    all.v[0].offset == offset && all.v[0].line == 0)
		return true;
	printf("# %s: %zu, first at %zu: %s\n", text, all.n, all.v[0].offset, all.v[0].text);
	return false;
}

static void test_rows(void)
{
	CHECK(tells("{\"subject\":true}", 0, NULL));
	CHECK(tells("{\"s\\u0075bject\":true}", 0, NULL));
	CHECK(tells("{\"subject\":true,\"random\":true,\"subject\":true}", 30,
	    "\"subject\" is said twice"));
	CHECK(tells("{\"subject\":true,\"s\\u0075bject\":true}", 16, "\"subject\" is said twice"));
	CHECK(tells("{\"Subject\":true}", 1, "unknown key \"Subject\": did you mean \"subject\"?"));
	CHECK(tells("{\"subject_id\":1}", 1, "unknown key \"subject_id\": one of subject, random"));
	/* only the first, for each costs time */
	CHECK(tells("{\"x\":1,\"y\":1,\"x\":1}", 1, "unknown key \"x\": one of subject, random"));
	/* who somebody is may stand in a key: only words are said again */
	CHECK(tells("{\"07700 900123\":1}", 1, "unknown key \"...\": one of subject, random"));
	CHECK(tells("{\"\":1}", 1, "unknown key \"...\": one of subject, random"));
	CHECK(tells("{\"abcdefghijklmnopqrstuvwxyz_abcdef\":1}", 1,
	    "unknown key \"...\": one of subject, random"));
	CHECK(tells("{\"abcdefghijklmnopqrstuvwxyz_abcde\":1}", 1,
	    "unknown key \"abcdefghijklmnopqrstuvwxyz_abcde\": one of subject, random"));
}

/* What stands among letters, N of them before it and M behind: as the text is, and where it is wrong. */
static bool among(const char *what, const char *means, size_t n, size_t m)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz~!#[ ]^_{}";
	char text[128], want[128];
	struct sc_diag d;
	struct doc doc;
	enum sc_err err;

	snprintf(text, sizeof(text), "\"%.*s%s%.*s\"", (int)n, letters, what, (int)m, letters);
	snprintf(want, sizeof(want), "%.*s%s%.*s", (int)n, letters, means == NULL ? "" : means,
	    (int)m, letters);
	err = load(text, 0, &d, &doc);
	if (means == NULL)
		return err == SC_SYNTAX && d.offset == n + 1;
	return err == SC_OK && strcmp(doc.root->text, want) == 0;
}

static void test_strings(void)
{
	for (size_t n = 0; n < 20; n++)
		for (size_t m = 0; m < 20; m++) {
			CHECK(among("", "", n, m) && among("\\\"", "\"", n, m));
			CHECK(among("\\\\", "\\", n, m) && among("\xc3\xa9", "\xc3\xa9", n, m));
			CHECK(among("\x7f", "\x7f", n, m) && among(" ", " ", n, m));
			CHECK(among("\x1f", NULL, n, m) && among("\x01", NULL, n, m));
			CHECK(among("\xff", NULL, n, m) && among("\x80", NULL, n, m));
			CHECK(among("\\x", NULL, n, m));
		}
}

static void test_counted(void)
{
	struct sc_diag d;
	struct doc doc;

	CHECK(load("[1,{\"a\":[]},[2]]", 5, &d, &doc) == SC_OK && doc.n == 5);
	CHECK(load("[1,{\"a\":[]},[2]]", 4, &d, &doc) == SC_LIMIT);
	CHECK(load("7", 0, &d, &doc) == SC_OK && doc.n == 0);
}

int main(void)
{
	RUN(test_agrees, "the tree is the one another parser makes of the same body");
	RUN(test_numbers_keep_their_spelling, "a number keeps its own spelling");
	RUN(test_refuses, "what is no JSON, or holds a NUL, is refused where it stands");
	RUN(test_bounded, "whatever is cut off, reading ends within it");
	RUN(test_halves, "half a surrogate pair is kept, and told of the text it stands in");
	RUN(test_nodes, "no more nodes are made than may be");
	RUN(test_rows, "rows refuse what is said twice or unknown, and repeat no more than words");
	RUN(test_strings, "a string is what it says, wherever in it something stands");
	RUN(test_counted, "what a tree costs is told");
	load("", 0, &(struct sc_diag){ .line = 0 }, &(struct doc){ .sent = false });
	sc_arena_fini(&arena);
	return tap_done();
}
