/*
 * test_json.c - the scanner against JSONTestSuite, hand-made refusals, a model
 * that knows where every scalar stands, and input made to hurt.
 */
#include "padded.h"
#include "tap.h"

#include <dirent.h>
#include <unistd.h>

#define SUITE "../shared/vectors/JSONTestSuite/test_parsing"

static struct codec_paths *everything(void)
{
	const struct codec_selector all = { "$", 1, 0, 0 };
	struct codec_paths *p = NULL;

	if (codec_paths_new(&all, 1, NULL, &p) != SC_OK)
		abort();
	return p;
}

/* Scan the C string DOC with every scalar selected. */
static enum sc_err scan_all(const char *doc, struct codec_fields *out, struct sc_diag *d)
{
	struct codec_paths *p = everything();
	bool agree = true;
	enum sc_err err = scan_padded(p, doc, strlen(doc), out, d, &agree);

	CHECK(agree);
	codec_paths_free(p);
	return err;
}

static void test_kinds(void)
{
	static const char doc[] = " {\"a\":\"x\\ny\", \"b\" : [-1.50e+3,true ,false,null,\"\"]} ";
	struct codec_fields s;
	struct sc_diag d = { 0 };

	codec_fields_init(&s);
	CHECK(scan_all(doc, &s, &d) == SC_OK);
	NEED(s.n == 6);
	CHECK(s.v[0].kind == CODEC_TEXT && s.v[0].escaped);
	CHECK(memcmp(doc + s.v[0].start, "x\\ny\"", 5) == 0);
	CHECK(s.v[0].end - s.v[0].start == 4);
	CHECK(s.v[1].kind == CODEC_NUMBER);
	CHECK(memcmp(doc + s.v[1].start, "-1.50e+3", 8) == 0);
	CHECK(s.v[1].end - s.v[1].start == 8);
	CHECK(s.v[2].kind == CODEC_LITERAL && s.v[2].end - s.v[2].start == 4);
	CHECK(s.v[3].kind == CODEC_LITERAL && s.v[3].end - s.v[3].start == 5);
	CHECK(s.v[4].kind == CODEC_NULL && s.v[4].end - s.v[4].start == 4);
	CHECK(s.v[5].kind == CODEC_TEXT && s.v[5].end == s.v[5].start);
	codec_fields_fini(&s);
}

struct refused {
	const char *doc;
	size_t n, offset;
};
#define R(doc, offset) \
	{ \
		doc, sizeof(doc) - 1, offset \
	}

static void test_refusals(void)
{
	static const struct refused all[] = {
		R("", 0),
		R(" \n\t", 0),
		R("\xEF\xBB\xBF{}", 0),
		R("[1,]", 3),
		R("{\"a\":1,}", 7),
		R("{}\0x", 2),
		R("{} {}", 3),
		R("[1 2]", 3),
		R("\"a\nb\"", 2),
		R("\"\\x\"", 1),
		R("\"\\u12g4\"", 1),
		R("\"\\u123", 1),
		R("[-]", 2),
		R("[01]", 2),
		R("[1.]", 3),
		R("[1e]", 3),
		R("[.5]", 1),
		R("[+1]", 1),
		R("[\"\xC0\xAF\"]", 2),
		R("[\"\xED\xA0\x80\"]", 2),
		R("[\"\xE0\x80\x80\"]", 2),
		R("[\"\xF4\x90\x80\x80\"]", 2),
		R("[\"\xF0\x80\x80\x80\"]", 2),
		R("[\"\xE4\xBD\xA0\xE4\xBD\"]", 5),
		R("[\"\x80\"]", 2),
		R("{\"a\" 1}", 5),
		R("{1:1}", 1),
		R("{\"a\":}", 5),
		R("tru", 0),
		R("nul", 0),
		R("[\xC2\xA0"
		  "1]",
		    1),
		R("{", 1),
		R("[", 1),
		R("[1", 2),
		R("\"abc", 4),
		R("[1}", 2),
		R("{\"a\":1]", 6),
		R("[1:2]", 2),
		R("[1d5]", 2),
		R("[1D5]", 2),
		R("[1/2]", 2),
		R("\0", 0),
		R("\xFF\xFE[\0]\0", 0),
	};
	struct codec_paths *p = everything();
	struct codec_fields s;

	codec_fields_init(&s);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct sc_diag d = { .offset = 99 };
		bool agree = true, right;

		right = scan_padded(p, all[i].doc, all[i].n, &s, &d, &agree) == SC_SYNTAX &&
		    d.offset == all[i].offset && s.n == 0 && agree && d.text[0] != '\0';
		if (!right)
			printf("# case %zu: offset %zu, not %zu (%s)\n", i, d.offset, all[i].offset,
			    d.text);
		CHECK(right);
	}
	codec_fields_fini(&s);
	codec_paths_free(p);
}

/* LF behind the document is the end even when the next line goes on. */
static void test_line_end(void)
{
	char text[] = "[1,\n2]\n{\"a\":1}\n[3]";
	size_t n = sizeof(text) - 1, from = 0;
	uint8_t *p = padded(text, n);
	struct codec_paths *all = everything();
	struct sc_span line;
	struct codec_fields s;
	struct sc_diag d;

	codec_fields_init(&s);
	CHECK(codec_ndjson.next(sc_span(p, n), true, &from, &line) && line.n == 3);
	CHECK(json_scan(all, line.p, line.n, &s, &d) == SC_SYNTAX);
	CHECK(d.offset == 3 && s.n == 0);
	CHECK(codec_ndjson.next(sc_span(p, n), true, &from, &line) && line.n == 2);
	CHECK(json_scan(all, line.p, line.n, &s, &d) == SC_SYNTAX);
	CHECK(codec_ndjson.next(sc_span(p, n), true, &from, &line));
	CHECK(json_scan(all, line.p, line.n, &s, &d) == SC_OK && s.n == 1);
	CHECK(codec_ndjson.next(sc_span(p, n), true, &from, &line));
	CHECK(json_scan(all, line.p, line.n, &s, &d) == SC_OK && s.n == 1);
	CHECK(!codec_ndjson.next(sc_span(p, n), true, &from, &line));
	/* another byte behind it is the caller's mistake */
	CHECK(json_scan(all, p, 1, &s, &d) == SC_BUG);
	codec_fields_fini(&s);
	codec_paths_free(all);
	free(p);
}

static void test_depth(void)
{
	enum { deep = 100000 };
	char *doc = malloc(deep + 1);
	struct codec_fields s;
	struct sc_diag d = { 0 };

	NEED(doc != NULL);
	codec_fields_init(&s);
	memset(doc, '[', deep);
	doc[deep] = '\0';
	CHECK(scan_all(doc, &s, &d) == SC_LIMIT && d.offset == JSON_DEPTH_MAX);
	memset(doc + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	doc[2 * JSON_DEPTH_MAX] = '\0';
	CHECK(scan_all(doc, &s, &d) == SC_OK);
	codec_fields_fini(&s);
	free(doc);
}

/* A refused document gives no span, wherever it breaks. */
static void test_truncated(void)
{
	static const char doc[] = "{\"a\":[\"\xE4\xBD\xA0\xE5\xA5\xBD\\ud83d"
				  "\\ude00\",12.5e3,true],\"b\":{\"\xC3\xA9\":null,\"d\":\"x\"}}";
	struct codec_paths *p = everything();
	struct codec_fields s;
	bool agree = true;

	codec_fields_init(&s);
	for (size_t n = 0; n < sizeof(doc) - 1; n++) {
		struct sc_diag d = { 0 };

		CHECK(scan_padded(p, doc, n, &s, &d, &agree) == SC_SYNTAX);
		CHECK(s.n == 0 && d.offset <= n);
	}
	CHECK(agree);
	codec_fields_fini(&s);
	codec_paths_free(p);
}

/* Every byte value at every place of a document: both skippers agree. */
static void test_byte_flips(void)
{
	static const char doc[] =
	    "{\"k\\u0061\":\"abcdefghijklmnopqrst\xE4\xBD"
	    "\xA0\xE4\xBD\xA0\xC3\xA9\xF0\x9F\x98\x80z\",\"n\":[-0.5,1e9,null]}";
	struct codec_paths *p = everything();
	struct codec_fields s;
	size_t accepted = 0;
	bool agree = true;

	codec_fields_init(&s);
	for (size_t i = 0; i < sizeof(doc) - 1; i++) {
		for (int c = 0; c < 256; c++) {
			char copy[sizeof(doc)];
			struct sc_diag d = { 0 };

			memcpy(copy, doc, sizeof(doc));
			copy[i] = (char)c;
			accepted += scan_padded(p, copy, sizeof(doc) - 1, &s, &d, &agree) == SC_OK;
		}
	}
	CHECK(agree);
	CHECK(accepted > 2000);
	codec_fields_fini(&s);
	codec_paths_free(p);
}

/* Every character of one to four bytes, and every malformed neighbour. */
static void test_utf8_exhaustive(void)
{
	struct codec_fields s;
	size_t good = 0;
	bool agree = true;

	codec_fields_init(&s);
	for (unsigned lead = 0x80; lead < 0x100; lead++) {
		for (unsigned second = 0; second < 0x100; second++) {
			for (unsigned third = 0x70; third < 0xD0; third += 0x10) {
				uint8_t first[] = { '"', (uint8_t)lead, (uint8_t)second,
					(uint8_t)third, 0xE4, 0xBD, 0xA0, '"' };
				uint8_t last[] = { '"', 0xE4, 0xBD, 0xA0, (uint8_t)lead,
					(uint8_t)second, (uint8_t)third, '"' };
				struct sc_diag d = { 0 };
				bool ok = scan_padded(NULL, first, sizeof(first), &s, &d, &agree) ==
				    SC_OK;

				/* the same answer as one of a pair, in either place */
				CHECK(ok ==
				    (scan_padded(NULL, last, sizeof(last), &s, &d, &agree) ==
					SC_OK));
				good += ok;
			}
		}
	}
	CHECK(agree);
	/*
	 * third is 70, 80, 90, A0, B0 or C0. Two-byte characters: 30 leads by 64
	 * tails, then 70. Three-byte ones: (32 + 12*64 + 32 + 2*64) by 4 tails.
	 * An ASCII second byte never helps a lead byte of 80 to FF.
	 */
	CHECK(good == 30 * 64 + (32 + 12 * 64 + 32 + 2 * 64) * 4);
	codec_fields_fini(&s);
}

struct tally {
	size_t yes, no, either, accepted;
};

static void suite_file(const char *name, struct tally *t)
{
	char path[512];
	struct sc_diag d = { .offset = SIZE_MAX };
	struct codec_fields s;
	bool agree = true;
	uint8_t *p;
	size_t n;
	enum sc_err err;

	snprintf(path, sizeof(path), "%s/%s", SUITE, name);
	p = read_file(path, &n);
	NEED(p != NULL);
	codec_fields_init(&s);
	err = scan_padded(NULL, p, n, &s, &d, &agree);
	if (!agree || (name[0] == 'y' && err != SC_OK) ||
	    (name[0] == 'n' && (err == SC_OK || d.offset > n)))
		printf("# %s: %s at %zu\n", name, sc_err_name(err), d.offset);
	CHECK(agree);
	t->accepted += name[0] == 'i' && err == SC_OK;
	t->either += name[0] == 'i';
	t->yes += name[0] == 'y' && err == SC_OK;
	t->no += name[0] == 'n' && err != SC_OK && d.offset <= n;
	codec_fields_fini(&s);
	free(p);
}

static void test_suite(void)
{
	DIR *dir = opendir(SUITE);
	struct tally t = { 0 };
	struct dirent *e;

	NEED(dir != NULL);
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' && strchr("yni", e->d_name[0]) != NULL)
			suite_file(e->d_name, &t);
	closedir(dir);
	printf("# y %zu, n %zu, i %zu of which accepted %zu\n", t.yes, t.no, t.either, t.accepted);
	CHECK(t.yes == 95 && t.no == 188 && t.either == 35);
}

/* Work is bounded by the size: spans and growth, counted rather than timed. */
static void test_hostile(void)
{
	enum { size = 1 << 20 };
	static const char *const units[] = { "1,", "[],", "{\"m\\u006fbile\":1},", "\"\\u0031\",",
		"\"\xE4\xB8\x80\"," };
	struct codec_paths *p = everything();
	struct codec_fields s;
	char *doc = malloc(size + 64);

	NEED(doc != NULL);
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		size_t len = strlen(units[u]), n = 0, times = 0;
		struct sc_diag d = { 0 };
		bool agree = true;

		codec_fields_init(&s);
		doc[n++] = '[';
		for (; n + len < size; n += len, times++)
			memcpy(doc + n, units[u], len);
		doc[n - 1] = ']';
		CHECK(scan_padded(p, doc, n, &s, &d, &agree) == SC_OK && agree);
		CHECK(s.n == (u == 1 ? 0 : times));
		CHECK(s.cap <= 2 * times + 64);
		codec_fields_fini(&s);
	}
	codec_paths_free(p);
	free(doc);
}

static void test_byte_order_mark(void)
{
	struct codec_fields s;
	struct sc_diag d = { 0 };

	codec_fields_init(&s);
	CHECK(scan_all("\xEF\xBB\xBF{}", &s, &d) == SC_SYNTAX && d.offset == 0);
	CHECK(strstr(d.text, "byte order mark") != NULL);
	CHECK(scan_all("\xEF\xBB{}", &s, &d) == SC_SYNTAX);
	CHECK(strstr(d.text, "byte order mark") == NULL);
	codec_fields_fini(&s);
}

int main(void)
{
	RUN(test_kinds, "a span is the inside of a string, all of a number or literal");
	RUN(test_refusals, "malformed documents are refused at the right byte, without spans");
	RUN(test_line_end, "a document never continues on the next line");
	RUN(test_depth, "1,024 levels pass and one more is refused where it opens");
	RUN(test_truncated, "a document cut anywhere is refused and gives no span");
	RUN(test_byte_flips, "both string skippers agree on every one-byte change");
	RUN(test_utf8_exhaustive, "exactly the well-formed UTF-8 is accepted");
	RUN(test_byte_order_mark, "a byte order mark is refused by its name");
	RUN(test_hostile, "tiny tokens and escaped keys cost what their size says");
	if (access(SUITE, R_OK) == 0)
		RUN(test_suite,
		    "JSONTestSuite: y_ accepted, n_ refused with an offset, i_ survived");
	else
		tap_skip("JSONTestSuite", "NOT TESTED: " SUITE " is not there");
	return tap_done();
}
