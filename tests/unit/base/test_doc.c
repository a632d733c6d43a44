/*
 * JSON with comments: strict, and every complaint has a place.
 */
#include "base/text/doc.h"
#include "tap.h"

#include <dirent.h>
#include <unistd.h>

static struct sc_arena arena;

static const struct doc_node *load(const char *s, struct doc *doc)
{
	struct sc_diag d;

	if (doc_load(&arena, sc_span_str(s), "f.json", &d, doc) == SC_OK)
		return doc->root;
	printf("# %u:%u: %s\n", d.line, d.column, d.text);
	return NULL;
}

/* TEXT, with @ where the complaint must point, is refused. */
static bool refused(const char *marked)
{
	char text[4096];
	struct sc_diag d = { .line = 0 };
	struct doc doc;
	unsigned line = 1, column = 1, want_line = 0, want_column = 0;
	size_t n = 0;
	enum sc_err err;

	for (const char *s = marked; *s != '\0'; s++) {
		if (*s == '@') {
			want_line = line;
			want_column = column;
			continue;
		}
		text[n++] = *s;
		column++;
		if (*s == '\n') {
			line++;
			column = 1;
		}
	}
	err = doc_load(&arena, sc_span(text, n), "f.json", &d, &doc);
	sc_arena_fini(&arena);
	if (err == SC_SYNTAX && d.line == want_line && d.column == want_column &&
	    d.text[0] != '\0' && strcmp(d.file, "f.json") == 0)
		return true;
	printf("# %s gave %s %u:%u: %s\n", marked, sc_err_name(err), d.line, d.column, d.text);
	return false;
}

static void test_comments(void)
{
	struct doc doc;
	const char *s;

	NEED(load("\xEF\xBB\xBF// first\n{ /* a */ \"k\" /* \" */ : // b\n"
		  " \"// no /* comment */\", \"u\":1/**/} // end",
	    &doc));
	s = doc_find_text(doc.root, "k");
	CHECK(s != NULL && strcmp(s, "// no /* comment */") == 0);
	CHECK(sc_span_starts(doc.text, "\xEF\xBB\xBF// first"));
	sc_arena_fini(&arena);
	CHECK(refused("{ @/* never ends }"));
	CHECK(refused("{ } @/ "));
	CHECK(refused("[1, @/ 2]"));
}

static void test_refused(void)
{
	CHECK(refused("@"));
	CHECK(refused("// only\n@"));
	CHECK(refused("{\"a\":1} @x"));
	CHECK(refused("{\"a\":1,@}"));
	CHECK(refused("[1,@]"));
	CHECK(refused("[1 @2]"));
	CHECK(refused("{@a:1}"));
	CHECK(refused("{\"a\" @1}"));
	CHECK(refused("[0@1]"));
	CHECK(refused("[-@]"));
	CHECK(refused("[1.@]"));
	CHECK(refused("[1e@]"));
	CHECK(refused("[@+1]"));
	CHECK(refused("[@.5]"));
	CHECK(refused("[@NaN]"));
	CHECK(refused("[@True]"));
	CHECK(refused("[@'a']"));
	CHECK(refused("[@\"never ends]"));
	CHECK(refused("[@\"a\nb\"]"));
	CHECK(refused("[\"a@\tb\"]"));
	CHECK(refused("[\"@\\x\"]"));
	CHECK(refused("[\"@\\u00g0\"]"));
	CHECK(refused("[\"@\\u0000\"]"));
	CHECK(refused("[\"@\\udc00\"]"));
	CHECK(refused("[\"@\\ud800\"]"));
	CHECK(refused("[\"ab@\xFF\"]"));
	CHECK(refused("{\"a\":1,\n \"b\":2,\n @\"a\":3}"));
	CHECK(refused("{\"x\":{\"a\":1,@\"\\u0061\":3}}"));
	CHECK(refused("{\"a\":1,@"));
	CHECK(refused("{\"a\":@"));
}

/* Escapes and what they stand for. */
static void test_strings(void)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "a\\\"\\\\\\/b", "a\"\\/b" },
		{ "\\b\\f\\n\\r\\t", "\b\f\n\r\t" },
		{ "\\u0041\\u00e9\\u20AC", "A\xC3\xA9\xE2\x82\xAC" },
		{ "\\ud83d\\uDE00", "\xF0\x9F\x98\x80" },
		{ "\\u007f\\uffff\\ud800\\udc00", "\x7F\xEF\xBF\xBF\xF0\x90\x80\x80" },
		{ "\xF0\x9F\x98\x80\x7F", "\xF0\x9F\x98\x80\x7F" },
	};
	char text[128];
	struct doc doc;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "{\"%s\":\"%s\"}", rows[i][0], rows[i][0]);
		NEED(load(text, &doc));
		CHECK(strcmp(doc.root->first->key, rows[i][1]) == 0);
		CHECK(strcmp(doc.root->first->text, rows[i][1]) == 0);
	}
	sc_arena_fini(&arena);
}

static void test_depth(void)
{
	char s[2 * 65 + 1];
	struct doc doc;

	for (int n = 64; n <= 65; n++) {
		memset(s, '[', (size_t)n);
		memset(s + n, ']', (size_t)n);
		CHECK((doc_load(&arena, sc_span(s, 2 * (size_t)n), NULL, NULL, &doc) == SC_OK) ==
		    (n == 64));
		sc_arena_fini(&arena);
	}
}

static void test_locate(void)
{
	const struct doc_node *a, *b;
	struct sc_diag d;
	struct doc doc;

	NEED(load("{\n  \"a\": [1, {\"b\": \"x\"}],\n\t\"c\": null\n}", &doc));
	a = doc_find(doc.root, "a");
	b = doc_find(a->first->next, "b");
	CHECK(a->n == 2 && doc.root->n == 2 && doc_find(a, "b") == NULL);
	CHECK(doc_find(doc.root, "A") == NULL && doc_find(NULL, "a") == NULL);
	CHECK(doc_find_text(doc.root, "c") == NULL && doc_find(doc.root, "c")->kind == DOC_NULL);
	doc_locate(&doc, b->at, &d);
	CHECK(d.line == 2 && d.column == 18 && strcmp(d.file, "f.json") == 0 && d.offset == b->at);
	doc_locate(&doc, b->key_at, &d);
	CHECK(d.line == 2 && d.column == 13);
	CHECK(a->first->key_at == a->first->at); /* no key: the value */
	doc_locate(&doc, doc.root->at, &d);
	CHECK(d.line == 1 && d.column == 1 && d.offset == 0);
	sc_arena_fini(&arena);
}

/* Every value's place is where that value's text begins, in a nested document. */
static void check_places(const struct doc *doc, const struct doc_node *node, unsigned *n)
{
	const char *at = (const char *)doc->text.p + node->at;
	unsigned inside = 0;

	(*n)++;
	NEED(node->at < doc->text.n);
	CHECK(node->key == NULL ? node->key_at == node->at :
				  doc->text.p[node->key_at] == '"' &&
		    strncmp((const char *)doc->text.p + node->key_at + 1, node->key,
			strlen(node->key)) == 0);
	switch (node->kind) {
	case DOC_TEXT:
		CHECK(at[0] == '"' && strncmp(at + 1, node->text, strlen(node->text)) == 0);
		break;
	case DOC_NUMBER: CHECK(strncmp(at, node->text, strlen(node->text)) == 0); break;
	case DOC_BOOL: CHECK(at[0] == (node->yes ? 't' : 'f')); break;
	case DOC_NULL: CHECK(at[0] == 'n'); break;
	case DOC_LIST: CHECK(at[0] == '['); break;
	case DOC_OBJECT: CHECK(at[0] == '{'); break;
	}
	for (const struct doc_node *c = node->first; c != NULL; c = c->next, inside++)
		check_places(doc, c, n);
	CHECK(inside == node->n);
}

static void test_places(void)
{
	unsigned n = 0;
	struct doc doc;

	NEED(load("{\"a\":[[],{},[1,[2,{\"b\":{\"c\":[true,false,null]}}]]],"
		  "/*x*/\"d\":\"e\", \"f\" : -3.5e2 ,\"g\":{\"h\":[\"i\",\"j\"],\"k\":0}}",
	    &doc));
	check_places(&doc, doc.root, &n);
	CHECK(n == 21);
	CHECK(strcmp(doc_find(doc.root, "f")->text, "-3.5e2") == 0);
	CHECK(sc_span_is(doc_said(&doc, doc_find(doc.root, "f")), "-3.5e2"));
	CHECK(sc_span_is(doc_said(&doc, doc_find(doc.root, "d")), "e"));
	CHECK(sc_span_is(doc_said(&doc, doc_find(doc.root, "g")), "{\"h\":[\"i\",\"j\"],\"k\":0}"));
	CHECK(doc_said(&doc, NULL).n == 0);
	sc_arena_fini(&arena);
}

static void test_files(void)
{
	char path[] = "/tmp/doc-test-XXXXXX";
	int fd = mkstemp(path);
	struct doc doc;
	struct sc_diag d;

	NEED(fd >= 0);
	CHECK(doc_load_file(&arena, path, &d, &doc) == SC_SYNTAX); /* empty */
	CHECK(write(fd, "{\"a\":1}", 7) == 7);
	CHECK(doc_load_file(&arena, path, &d, &doc) == SC_OK);
	CHECK(ftruncate(fd, (off_t)DOC_BYTES_MAX + 1) == 0);
	CHECK(doc_load_file(&arena, path, &d, &doc) == SC_LIMIT);
	close(fd);
	unlink(path);
	CHECK(doc_load_file(&arena, path, &d, &doc) == SC_IO);
	CHECK(strcmp(d.file, path) == 0 && d.text[0] != '\0');
	CHECK(doc_load_file(&arena, "/", &d, &doc) == SC_IO);
	sc_arena_fini(&arena);
}

/* The public suite of JSON files: y_ must parse, n_ must not. */
#define SUITE "../shared/vectors/JSONTestSuite/test_parsing"

/* Where we differ on purpose: comments are ours; the others are refused on top. */
static bool differs(const char *name)
{
	static const char *const names[] = { "n_object_trailing_comment.json",
		"n_object_trailing_comment_slash_open.json", "n_structure_object_with_comment.json",
		"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
		"y_object_escaped_null_in_key.json", "y_string_null_escape.json", NULL };

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void test_suite(void)
{
	DIR *dir = opendir(SUITE);
	const struct dirent *e;
	unsigned n = 0;

	NEED(dir != NULL);
	while ((e = readdir(dir)) != NULL) {
		char path[512];
		struct doc doc;
		struct sc_diag d = { .line = 0 };
		bool ok;

		if (e->d_name[0] != 'y' && e->d_name[0] != 'n')
			continue;
		snprintf(path, sizeof(path), "%s/%s", SUITE, e->d_name);
		ok = doc_load_file(&arena, path, &d, &doc) == SC_OK;
		sc_arena_fini(&arena);
		n++;
		if (ok != ((e->d_name[0] == 'y') != differs(e->d_name))) {
			printf("# %s: %s\n", e->d_name, ok ? "accepted" : d.text);
			tap_ok = false;
		}
	}
	closedir(dir);
	CHECK(n > 250);
}

int main(void)
{
	RUN(test_comments, "comments are passed over, and only comments");
	RUN(test_refused, "what is not JSON is refused where it stands");
	RUN(test_strings, "escapes stand for what RFC 8259 says");
	RUN(test_depth, "64 levels and no more");
	RUN(test_locate, "a value and its key are found again");
	RUN(test_places, "every value is where its text is");
	RUN(test_files, "files: empty, too large, missing, a folder");
	if (access(SUITE, R_OK) != 0)
		tap_skip("JSONTestSuite", SUITE " IS NOT THERE");
	else
		RUN(test_suite,
		    "JSONTestSuite: y_ accepted, n_ refused, but for comments and duplicates");
	return tap_done();
}
