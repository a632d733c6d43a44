/*
 * JSON with comments: strict, and every complaint has a place.
 */
#include "base/text/jsonc.h"
#include "tap.h"

#include <dirent.h>
#include <unistd.h>

static struct jsonc *load(const char *s)
{
	struct sc_diag d = { .line = 0 };
	struct jsonc *doc = NULL;

	if (jsonc_load(sc_span_str(s), "f.json", &d, &doc) != SC_OK)
		printf("# %u:%u: %s\n", d.line, d.column, d.text);
	return doc;
}

/* TEXT, with @ where the complaint must point, is refused. */
static bool refused(const char *marked)
{
	char text[4096];
	struct sc_diag d = { .line = 0 };
	struct jsonc *doc;
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
	err = jsonc_load(sc_span(text, n), "f.json", &d, &doc);
	if (err == SC_SYNTAX && doc == NULL && d.line == want_line && d.column == want_column &&
	    d.text[0] != '\0' && strcmp(d.file, "f.json") == 0)
		return true;
	printf("# %s gave %s %u:%u: %s\n", marked, sc_err_name(err), d.line, d.column, d.text);
	jsonc_free(doc);
	return false;
}

static void test_comments(void)
{
	struct jsonc *doc = load("\xEF\xBB\xBF// first\n{ /* a */ \"k\" /* \" */ : // b\n"
				 " \"// no /* comment */\", \"u\":1/**/} // end");
	const char *s;

	NEED(doc != NULL);
	CHECK(jsonc_string(doc, jsonc_root(doc), "k", JSONC_REQUIRED, NULL, &s) == SC_OK);
	CHECK(s != NULL && strcmp(s, "// no /* comment */") == 0);
	CHECK(sc_span_starts(jsonc_text(doc), "\xEF\xBB\xBF// first"));
	jsonc_free(doc);
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
	CHECK(refused("[\"\\@x\"]"));
	CHECK(refused("[\"\\u00@g0\"]"));
	CHECK(refused("[\"\\u0000@\"]"));
	CHECK(refused("[\"\\udc00@\"]"));
	CHECK(refused("[\"\\ud800@\"]"));
	CHECK(refused("[\"ab@\xFF\"]"));
	CHECK(refused("{\"a\":1,\n \"b\":2,\n @\"a\":3}"));
	CHECK(refused("{\"x\":{\"a\":1,@\"\\u0061\":3}}"));
	CHECK(refused("{\"a\":1,@"));
	CHECK(refused("{\"a\":@"));
}

static void test_depth(void)
{
	char s[2 * 65 + 1];
	struct jsonc *doc;

	for (int n = 64; n <= 65; n++) {
		memset(s, '[', (size_t)n);
		memset(s + n, ']', (size_t)n);
		CHECK((jsonc_load(sc_span(s, 2 * (size_t)n), NULL, NULL, &doc) == SC_OK) ==
		    (n == 64));
		jsonc_free(doc);
	}
}

static void test_locate(void)
{
	struct jsonc *doc = load("{\n  \"a\": [1, {\"b\": \"x\"}],\n\t\"c\": null\n}");
	const cJSON *a, *b;
	struct sc_diag d;

	NEED(doc != NULL);
	a = jsonc_find(jsonc_root(doc), "a");
	b = jsonc_find(a->child->next, "b");
	jsonc_locate(doc, b, &d);
	CHECK(d.line == 2 && d.column == 18 && strcmp(d.file, "f.json") == 0);
	jsonc_locate_key(doc, b, &d);
	CHECK(d.line == 2 && d.column == 13);
	jsonc_locate_key(doc, a->child, &d); /* no key: the value */
	CHECK(d.line == 2 && d.column == 9);
	jsonc_locate(doc, jsonc_root(doc), &d);
	CHECK(d.line == 1 && d.column == 1 && d.offset == 0);
	jsonc_locate(doc, NULL, &d);
	CHECK(d.line == 0);
	CHECK(jsonc_error(doc, b, &d, "bad %d", 7) == SC_SYNTAX);
	CHECK(d.line == 2 && d.column == 18 && strcmp(d.text, "bad 7") == 0);
	jsonc_free(doc);
}

/* Every value's place is where that value's text begins, in a nested document. */
static void check_places(const struct jsonc *doc, const cJSON *item, unsigned *n)
{
	struct sc_span text = jsonc_text(doc);
	const cJSON *c;
	size_t at;

	(*n)++;
	NEED(jsonc_offset(doc, item, &at) && at < text.n);
	if (cJSON_IsString(item))
		CHECK(text.p[at] == '"' &&
		    sc_span_starts(sc_span_from(text, at + 1), item->valuestring));
	else if (cJSON_IsNumber(item))
		CHECK(strtod((const char *)text.p + at, NULL) == item->valuedouble);
	else
		CHECK(text.p[at] ==
		    (cJSON_IsObject(item)       ? '{' :
			    cJSON_IsArray(item) ? '[' :
			    cJSON_IsTrue(item)  ? 't' :
			    cJSON_IsFalse(item) ? 'f' :
						  'n'));
	cJSON_ArrayForEach(c, item) check_places(doc, c, n);
}

static void test_places(void)
{
	struct jsonc *doc = load(
	    "{\"a\":[[],{},[1,[2,{\"b\":{\"c\":[true,false,null]}}]]],"
	    "/*x*/\"d\":\"e\", \"f\" : -3.5e2 ,\"g\":{\"h\":[\"i\",\"j\"],\"k\":0}}");
	unsigned n = 0;

	NEED(doc != NULL);
	check_places(doc, jsonc_root(doc), &n);
	CHECK(n == 21);
	jsonc_free(doc);
}

static void test_getters(void)
{
	struct jsonc *doc = load("{\"s\":\"text\",\"n\":18446744073709551615,\"b\":true,"
				 "\"a\":[1],\"o\":{},\"name\":\"x-1\",\"t\":\"15d\",\"z\":\"8MiB\","
				 "\"f\":1.0,\"e\":1e3,\"m\":-1,\"big\":18446744073709551616}");
	const cJSON *root, *item;
	const char *s;
	struct sc_name name;
	struct sc_diag d;
	uint64_t v = 5;
	bool b = false;

	NEED(doc != NULL);
	root = jsonc_root(doc);
	CHECK(jsonc_string(doc, root, "s", JSONC_REQUIRED, &d, &s) == SC_OK &&
	    strcmp(s, "text") == 0);
	CHECK(jsonc_string(doc, root, "none", JSONC_OPTIONAL, &d, &s) == SC_OK && s == NULL);
	CHECK(jsonc_string(doc, root, "S", JSONC_REQUIRED, &d, &s) == SC_SYNTAX &&
	    strstr(d.text, "\"S\""));
	CHECK(jsonc_string(doc, root, "n", JSONC_OPTIONAL, &d, &s) == SC_SYNTAX && s == NULL);
	CHECK(jsonc_u64(doc, root, "none", JSONC_OPTIONAL, 0, 9, &d, &v) == SC_OK && v == 5);
	CHECK(jsonc_u64(doc, root, "n", JSONC_REQUIRED, 0, UINT64_MAX, &d, &v) == SC_OK &&
	    v == UINT64_MAX);
	v = 5;
	CHECK(jsonc_u64(doc, root, "n", JSONC_REQUIRED, 0, 9, &d, &v) == SC_SYNTAX && v == 5);
	CHECK(jsonc_u64(doc, root, "f", JSONC_REQUIRED, 0, 9, &d, &v) == SC_SYNTAX);
	CHECK(jsonc_u64(doc, root, "e", JSONC_REQUIRED, 0, 9999, &d, &v) == SC_SYNTAX);
	CHECK(jsonc_u64(doc, root, "m", JSONC_REQUIRED, 0, 9, &d, &v) == SC_SYNTAX);
	CHECK(jsonc_u64(doc, root, "big", JSONC_REQUIRED, 0, UINT64_MAX, &d, &v) == SC_SYNTAX &&
	    v == 5);
	CHECK(jsonc_bool(doc, root, "b", JSONC_REQUIRED, &d, &b) == SC_OK && b);
	CHECK(jsonc_bool(doc, root, "s", JSONC_REQUIRED, &d, &b) == SC_SYNTAX);
	CHECK(jsonc_array(doc, root, "a", JSONC_REQUIRED, &d, &item) == SC_OK && item != NULL);
	CHECK(jsonc_array(doc, root, "o", JSONC_REQUIRED, &d, &item) == SC_SYNTAX && item == NULL);
	CHECK(jsonc_object(doc, root, "o", JSONC_REQUIRED, &d, &item) == SC_OK && item != NULL);
	CHECK(jsonc_object(doc, root, "none", JSONC_OPTIONAL, &d, &item) == SC_OK && item == NULL);
	CHECK(jsonc_name(doc, root, "name", JSONC_REQUIRED, &d, &name) == SC_OK &&
	    strcmp(name.s, "x-1") == 0);
	CHECK(jsonc_duration(doc, root, "t", JSONC_REQUIRED, 0, UINT64_MAX, &d, &v) == SC_OK &&
	    v == 1296000000);
	CHECK(jsonc_duration(doc, root, "t", JSONC_REQUIRED, 0, 1000, &d, &v) == SC_SYNTAX);
	CHECK(jsonc_duration(doc, root, "z", JSONC_REQUIRED, 0, 1000, &d, &v) == SC_SYNTAX);
	CHECK(jsonc_size(doc, root, "z", JSONC_REQUIRED, 0, UINT64_MAX, &d, &v) == SC_OK &&
	    v == 8388608);
	CHECK(jsonc_size(doc, root, "t", JSONC_REQUIRED, 0, UINT64_MAX, &d, &v) == SC_SYNTAX);
	CHECK(jsonc_string(doc, jsonc_find(root, "a"), "s", JSONC_OPTIONAL, &d, &s) == SC_SYNTAX);
	jsonc_free(doc);
}

static void test_units(void)
{
	uint64_t v;

	CHECK(jsonc_duration_parse(sc_span_str("250ms"), &v) && v == 250);
	CHECK(jsonc_duration_parse(sc_span_str("30s"), &v) && v == 30000);
	CHECK(jsonc_duration_parse(sc_span_str("5m"), &v) && v == 300000);
	CHECK(jsonc_duration_parse(sc_span_str("12h"), &v) && v == 43200000);
	CHECK(!jsonc_duration_parse(sc_span_str("5"), &v));
	CHECK(!jsonc_duration_parse(sc_span_str("-5s"), &v));
	CHECK(!jsonc_duration_parse(sc_span_str("5 s"), &v));
	CHECK(!jsonc_duration_parse(sc_span_str("1.5h"), &v));
	CHECK(!jsonc_duration_parse(sc_span_str("s"), &v));
	CHECK(!jsonc_duration_parse(sc_span_str(""), &v));
	CHECK(!jsonc_duration_parse(sc_span_str("213503982335d"), &v));
	CHECK(jsonc_size_parse(sc_span_str("512"), &v) && v == 512);
	CHECK(jsonc_size_parse(sc_span_str("512B"), &v) && v == 512);
	CHECK(jsonc_size_parse(sc_span_str("64KiB"), &v) && v == 65536);
	CHECK(jsonc_size_parse(sc_span_str("2GiB"), &v) && v == (uint64_t)2 << 30);
	CHECK(!jsonc_size_parse(sc_span_str("8MB"), &v));
	CHECK(!jsonc_size_parse(sc_span_str("16777216TiB"), &v));
}

static void test_keys(void)
{
	static const char *const allowed[] = { "a", "b", NULL };
	struct jsonc *doc = load("{\"a\":1,\n  \"B\":2}");
	struct sc_diag d;

	NEED(doc != NULL);
	CHECK(jsonc_check_keys(doc, jsonc_root(doc), allowed, &d) == SC_SYNTAX);
	CHECK(d.line == 2 && d.column == 3 && strstr(d.text, "\"B\"") != NULL);
	CHECK(jsonc_check_keys(doc, jsonc_root(doc)->child, allowed, &d) == SC_SYNTAX);
	CHECK(jsonc_check_keys(doc, jsonc_root(doc), allowed, NULL) == SC_SYNTAX);
	jsonc_free(doc);
}

static void test_files(void)
{
	char path[] = "/tmp/jsonc-test-XXXXXX";
	int fd = mkstemp(path);
	struct jsonc *doc = NULL;
	struct sc_diag d;

	NEED(fd >= 0);
	CHECK(jsonc_load_file(path, &d, &doc) == SC_SYNTAX); /* empty */
	CHECK(write(fd, "{\"a\":1}", 7) == 7);
	CHECK(jsonc_load_file(path, &d, &doc) == SC_OK);
	jsonc_free(doc);
	CHECK(ftruncate(fd, (off_t)JSONC_BYTES_MAX + 1) == 0);
	CHECK(jsonc_load_file(path, &d, &doc) == SC_LIMIT && doc == NULL);
	close(fd);
	unlink(path);
	CHECK(jsonc_load_file(path, &d, &doc) == SC_IO && doc == NULL);
	CHECK(strcmp(d.file, path) == 0 && d.text[0] != '\0');
	CHECK(jsonc_load_file("/", &d, &doc) == SC_IO && doc == NULL);
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
		struct jsonc *doc;
		struct sc_diag d = { .line = 0 };
		bool ok;

		if (e->d_name[0] != 'y' && e->d_name[0] != 'n')
			continue;
		snprintf(path, sizeof(path), "%s/%s", SUITE, e->d_name);
		ok = jsonc_load_file(path, &d, &doc) == SC_OK;
		jsonc_free(doc);
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
	RUN(test_comments, "comments are blanked, and only comments");
	RUN(test_refused, "what is not JSON is refused where it stands");
	RUN(test_depth, "64 levels and no more");
	RUN(test_locate, "a value and its key are found again");
	RUN(test_places, "every value is where its text is");
	RUN(test_getters, "typed members");
	RUN(test_units, "durations and sizes");
	RUN(test_keys, "an unknown key is named with its place");
	RUN(test_files, "files: empty, too large, missing, a folder");
	if (access(SUITE, R_OK) != 0)
		tap_skip("JSONTestSuite", SUITE " IS NOT THERE");
	else
		RUN(test_suite,
		    "JSONTestSuite: y_ accepted, n_ refused, but for comments and duplicates");
	return tap_done();
}
