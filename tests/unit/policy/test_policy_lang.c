/*
 * The policy file's parser: what it refuses, and where it says so.
 */
#include "policy/decide/decide.h"
#include "policy/lang/lang.h"
#include "policy/lang/window.h"
#include "schema.h"
#include "tap.h"

#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#define TOP \
	"{\"scrim_policy\":1,\"version\":\"v\"," \
	"\"roles\":{\"a\":{\"max_tier\":\"T4\"},\"boss\":{\"group\":\"approve\"},\"log\":{\"group\":\"audit\"},\"ops\":{\"group\":\"manage\"}}," \
	"\"purposes\":[\"p\"]"

static struct sc_diags all; /* what was wrong with the text loaded last */

static enum sc_err load(const char *text)
{
	struct policy *p = NULL;
	enum sc_err err;

	all.n = all.more = 0;
	err = policy_load(sc_span_str(text), "file", &all, &p);

	if ((err == SC_OK) != (p != NULL))
		abort();
	policy_free(p);
	return err;
}

/* TEXT marks with @ where the one complaint must point; SAYS is part of it. */
static bool refused(const char *marked, const char *says)
{
	char text[16384];
	const struct sc_diag *d = &all.v[0];
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
	text[n] = '\0';
	err = load(text);
	if (err == SC_SYNTAX && all.n == 1 && d->line == want_line && d->column == want_column &&
	    strstr(d->text, says) != NULL && strcmp(d->file, "file") == 0)
		return true;
	printf("# %s, %zu complaints, %u:%u (wanted %u:%u): %s\n", sc_err_name(err), all.n, d->line,
	    d->column, want_line, want_column, d->text);
	return false;
}

#define RULES(r) TOP ",\n\"rules\":[\n" r "]}"
#define R "\"id\":\"r\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":\"read\""

static void test_accepts(void)
{
	CHECK(load(TOP ",\"rules\":[]}") == SC_OK);
	CHECK(load("// a comment\n" TOP ",/* another */\"rules\":[]}") == SC_OK);
	CHECK(
	    load(RULES(
		"{" R ",\"effect\":\"reveal\",\"about\":\"why\","
		"\"when\":{\"hours\":\"Mon-Fri 09:00-18:00 +08:00\",\"records_max\":20,\"consent\":[\"p\"]},"
		"\"require\":[{\"approval\":{\"n\":1,\"from\":\"boss\"}},{\"ticket\":true},{\"reason\":true},{\"step_up\":true},{\"signature\":true}],"
		"\"limit\":{\"subjects_per_day\":50},\"else\":\"mask\",\"mask\":\"keep(3,4)\"},"
		"{\"id\":\"d\",\"effect\":\"deny\",\"final\":true}")) == SC_OK);
	CHECK(
	    load(TOP
		",\"classes\":{\"phone\":{\"tier\":\"T3\",\"std\":\"x\"},\"extra\":{\"id\":255,\"tier\":\"X\"}},\"rules\":[]}") ==
	    SC_OK);
}

#define REST "\"version\":\"v\",\"roles\":{\"a\":{}},\"purposes\":[\"p\"],\"rules\":[]}"

static void test_top(void)
{
	CHECK(refused("{\n \"scrim_policy\": @2," REST, "whole number from 1 to 1"));
	CHECK(refused("@{" REST, "\"scrim_policy\" is missing"));
	CHECK(refused("{\"scrim_policy\":1,\n @\"clases\":{}," REST, "did you mean \"classes\""));
	CHECK(refused("@[]", "object"));
	CHECK(refused(TOP ",@\"version\":\"w\",\"rules\":[]}", "twice"));
	CHECK(refused(TOP ",\"rules\":[],@}", "key"));
	CHECK(refused(
	    "{\"scrim_policy\":1,\"version\":@\"a b\",\"roles\":{},\"purposes\":[],\"rules\":[]}",
	    "name"));
	CHECK(refused(
	    "{\"scrim_policy\":1,\"version\":\"v\",\"roles\":{},\"purposes\":[\"p\",@\"p\"],\"rules\":[]}",
	    "twice"));
	CHECK(refused(
	    "{\"scrim_policy\":1,\"version\":\"v\",\"roles\":{@\"a b\":{}},\"purposes\":[],\"rules\":[]}",
	    "name"));
	CHECK(refused(
	    "{\"scrim_policy\":1,\"version\":\"v\",\"roles\":{\"a\":{@\"tier\":1}},\"purposes\":[],\"rules\":[]}",
	    "unknown key"));
	CHECK(refused(
	    "{\"scrim_policy\":1,\"version\":\"v\",\"roles\":{\"a\":{\"max_tier\":@\"T9\"}},\"purposes\":[],\"rules\":[]}",
	    "unknown carried tier"));
	CHECK(refused(
	    "{\"scrim_policy\":1,\"version\":\"v\",\"roles\":{\"a\":{\"max_tier\":@\"X\"}},\"purposes\":[],\"rules\":[]}",
	    "carried tier"));
}

static void test_classes(void)
{
	CHECK(
	    refused(TOP ",\"classes\":{\"phone\":{\"tier\":@\"T1\"}},\"rules\":[]}", "not lower"));
	CHECK(refused(TOP ",\"classes\":{\"phone\":{\"id\":@70}},\"rules\":[]}", "its id already"));
	CHECK(refused(TOP ",\"classes\":{\"mine\":@{\"tier\":\"T1\"}},\"rules\":[]}", "needs an"));
	CHECK(refused(TOP ",\"classes\":{\"mine\":{\"id\":@63,\"tier\":\"T1\"}},\"rules\":[]}",
	    "from 64 to 255"));
	CHECK(refused(TOP
	    ",\"classes\":{\"mine\":{\"id\":64,\"tier\":\"T1\"},\"other\":{\"id\":@64,\"tier\":\"T1\"}},\"rules\":[]}",
	    "already"));
}

static void test_rules(void)
{
	CHECK(refused(RULES("{" R ",\"effect\":\"mask\",@\"colour\":1}"), "unknown key"));
	CHECK(refused(RULES("@{\"role\":\"a\",\"effect\":\"deny\"}"), "\"id\" is missing"));
	CHECK(refused(RULES("@{" R "}"), "\"effect\" is missing"));
	CHECK(refused(
	    RULES(
		"@{\"id\":\"r\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"read\",\"effect\":\"mask\"}"),
	    "\"role\" is missing"));
	CHECK(refused(
	    RULES(
		"@{\"id\":\"r\",\"role\":\"a\",\"purpose\":\"p\",\"op\":\"read\",\"effect\":\"mask\"}"),
	    "\"class\" or"));
	CHECK(refused(RULES("@{" R ",\"tier\":\"T1\",\"effect\":\"mask\"}"), "not both"));
	CHECK(refused(RULES("{" R ",\"effect\":@\"show\"}"), "unknown effect"));
	CHECK(refused(RULES("{\"id\":\"r\",\"role\":[\"a\",\n @\"b\"],\"effect\":\"deny\"}"),
	    "unknown role \"b\""));
	CHECK(refused(RULES("{\"id\":\"r\",\"class\":@\"phones\",\"effect\":\"deny\"}"),
	    "unknown class"));
	CHECK(refused(RULES("{\"id\":\"r\",\"op\":@\"peek\",\"effect\":\"deny\"}"),
	    "unknown operation"));
	CHECK(refused(RULES("{\"id\":\"r\",\"purpose\":@[],\"effect\":\"deny\"}"), "empty list"));
	CHECK(refused(RULES("{\"id\":\"r\",\"role\":[\"a\",@\"*\"],\"effect\":\"deny\"}"),
	    "unknown role"));
	CHECK(
	    refused(RULES(
			"{\"id\":\"r\",\"effect\":\"deny\"},\n{\"id\":@\"r\",\"effect\":\"deny\"}"),
		"the same"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"require\":[{@\"blood\":true}]}"),
	    "unknown key"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"require\":[{\"reason\":@false}]}"),
	    "be true"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"require\":[@{}]}"), "empty"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"require\":@[]}"), "list"));
	CHECK(refused(
	    RULES("{" R
		  ",\"effect\":\"reveal\",\"require\":[{\"approval\":{\"from\":@\"nobody\"}}]}"),
	    "unknown role"));
	CHECK(
	    refused(RULES("{" R ",\"effect\":\"reveal\",\"require\":[{\"approval\":@{\"n\":1}}]}"),
		"\"from\" is missing"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"when\":{\"hours\":@\"always\"}}"),
	    "hours look like"));
	CHECK(refused(RULES("{" R
			    ",\"effect\":\"reveal\",\"when\":{\"hours\":@\"Mon 09:00-09:00 Z\"}}"),
	    "empty"));
	CHECK(
	    refused(RULES("{" R ",\"effect\":\"reveal\",\"when\":{@\"moon\":1}}"), "unknown key"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"when\":{\"consent\":@[]}}"),
	    "empty list"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"when\":{\"consent\":@\"p\"}}"),
	    "list of purposes"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"when\":{\"consent\":@[\"*\"]}}"),
	    "each by its name"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"when\":{\"consent\":[\"p\",@\"q\"]}}"),
	    "unknown purpose \"q\""));
	CHECK(refused(RULES("{" R ",\"effect\":@\"deny\",\"when\":{\"consent\":[\"p\"]}}"),
	    "no conditions"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"limit\":{\"subjects_per_day\":@1.5}}"),
	    "whole number"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"limit\":{\"subjects_per_day\":@0}}"),
	    "from 1 to"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"else\":@\"mask\"}"), "never applies"));
	CHECK(refused(
	    RULES(
		"{" R ",\"effect\":\"mask\",\"require\":[{\"reason\":true}],\"else\":@\"reveal\"}"),
	    "reveal less"));
	CHECK(refused(RULES("{" R ",\"effect\":@\"deny\",\"require\":[{\"reason\":true}]}"),
	    "no conditions"));
	CHECK(refused(
	    RULES(
		"{\"id\":\"r\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"*\",\"effect\":@\"reveal\"}"),
	    "tokenise, not reveal"));
	CHECK(
	    refused(RULES("{" R ",\"effect\":\"mask\",\"mask\":@\"keep(5,5)\"}"), "unknown mask"));
	CHECK(refused(RULES("{" R ",\"effect\":\"reveal\",\"mask\":@\"whole\"}"), "masks nothing"));
	CHECK(refused(RULES("{" R ",\"effect\":\"mask\",\"final\":@true}"), "only a deny"));
	CHECK(refused(RULES("{\"id\":\"r\",\"tier\":@\"X\",\"effect\":\"deny\"}"),
	    "unknown carried tier"));
}

static void test_duties(void)
{
	CHECK(refused(
	    RULES(
		"{\"id\":\"r\",\"role\":@[\"a\",\"log\"],\"purpose\":\"p\",\"class\":\"*\",\"op\":\"read\",\"effect\":\"mask\"}"),
	    "separation of duty"));
	CHECK(refused(
	    RULES(
		"{\"id\":\"r\",\"role\":@\"*\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"write\",\"effect\":\"tokenise\"}"),
	    "separation of duty"));
	CHECK(refused(
	    RULES(
		"{\"id\":\"r\",\"role\":@\"ops\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"delete\",\"effect\":\"reveal\"}"),
	    "\"manage\" and \"use\""));
	CHECK(refused(
	    "{\"scrim_policy\":1,\"version\":\"v\",\"roles\":{\"x\":@{\"group\":[\"manage\",\"audit\"]}},\"purposes\":[],\"rules\":[]}",
	    "separation"));
	CHECK(refused(TOP
	    ",\"sod\":[[\"manage\",\"approve\"]],\"rules\":[{" R
	    ",\"effect\":\"reveal\",\"require\":[{\"approval\":{\"n\":1,\"from\":@\"ops\"}}]}]}",
	    "separation"));
	CHECK(refused(
	    "{\"scrim_policy\":1,\"version\":\"v\",\"sod\":[[\"audit\",\"publish\"]],"
	    "\"roles\":{\"x\":@{\"group\":[\"publish\",\"audit\"]}},\"purposes\":[],\"rules\":[]}",
	    "\"audit\" and \"publish\""));
	CHECK(refused(TOP ",\"sod\":[[\"manage\",@\"usage\"]],\"rules\":[]}", "unknown group"));
	CHECK(refused(TOP ",\"sod\":[@[\"use\"]],\"rules\":[]}", "pair"));
	CHECK(refused(TOP ",\"sod\":[@[\"use\",\"use\"]],\"rules\":[]}", "different"));
}

static void test_cases(void)
{
#define T "\"name\":\"t\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":\"read\""
	struct policy *p = NULL;
	const char *holds = TOP ",\n\"rules\":[{" R ",\"effect\":\"mask\"}],\"tests\":[\n"
				"{" T ",\"expect\":\"mask\",\"rule\":\"r\"}]}";
	const char *second = TOP ",\n\"rules\":[{" R ",\"effect\":\"mask\"}],\"tests\":[\n"
				 "{" T ",\"expect\":\"mask\",\"rule\":\"r\"},\n {" T
				 ",\"expect\":\"reveal\"},\n{" T ",\"expect\":\"drop\"}]}";

	CHECK(refused(TOP ",\"rules\":[],\"tests\":[@{" T "}]}", "\"expect\" is missing"));
	CHECK(
	    refused(TOP ",\"rules\":[],\"tests\":[{" T ",\"expect\":\"deny\",\"rule\":@\"none\"}]}",
		"unknown rule"));
	CHECK(refused(TOP ",\"rules\":[],\"tests\":[{" T
			  ",\"expect\":\"deny\",\"at\":@\"2026-02-30T00:00:00Z\"}]}",
	    "moment"));
	NEED(policy_load(sc_span_str(holds), "file", NULL, &p) == SC_OK);
	CHECK(policy_test_count(p) == 1);
	policy_free(p);
	/* the second does not hold, and the file with it; the third is told as well */
	CHECK(load(second) == SC_SYNTAX && all.n == 2);
	CHECK(strcmp(all.v[0].file, "file") == 0 && all.v[0].line == 4 && all.v[0].column == 2);
	CHECK(strcmp(all.v[0].text,
		  "test \"t\": a may read phone for p: expected reveal, got mask by r") == 0);
	CHECK(all.v[1].line == 5 && strstr(all.v[1].text, "expected drop") != NULL);
	CHECK(policy_load(sc_span_str(second), "file", NULL, &p) == SC_SYNTAX && p == NULL);
}

#define TWO_PURPOSES \
	"{\"scrim_policy\":1,\"version\":\"v\"," \
	"\"roles\":{\"a\":{\"max_tier\":\"T4\"},\"log\":{\"group\":\"audit\"},\"ops\":{\"group\":\"manage\"}}," \
	"\"purposes\":[\"p\",\"q\"]"

/* A rule R of mask for role a, purpose p, class phone, op read, and one test. */
static enum sc_err with_test(const char *test)
{
	char text[2048];

	snprintf(text, sizeof(text),
	    TWO_PURPOSES
	    ",\"rules\":[{" R ",\"effect\":\"mask\"},"
	    "{\"id\":\"s\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"name\",\"op\":[\"read\",\"write\"],"
	    "\"effect\":\"mask\",\"require\":[{\"reason\":true}]}],\"tests\":[{\"name\":\"t\",%s}]}",
	    test);
	return load(text);
}

/* Each dimension of a test is asked, its first and its last, and each fact is heard. */
static void test_cases_whole(void)
{
	static const struct {
		const char *test;
		enum sc_err want;
	} cases[] = {
		{ "\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":\"read\",\"expect\":\"mask\",\"rule\":\"r\"",
		    SC_OK },
		{ "\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":\"read\",\"expect\":\"mask\",\"rule\":\"s\"",
		    SC_SYNTAX },
		{ "\"role\":\"*\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":\"read\",\"expect\":\"mask\"",
		    SC_SYNTAX },
		{ "\"role\":[\"ops\",\"a\"],\"purpose\":\"p\",\"class\":\"phone\",\"op\":\"read\",\"expect\":\"deny\"",
		    SC_SYNTAX },
		{ "\"role\":[\"ops\",\"log\"],\"purpose\":\"*\",\"class\":\"*\",\"op\":\"*\",\"expect\":\"deny\"",
		    SC_OK },
		{ "\"role\":\"a\",\"purpose\":[\"q\",\"p\"],\"class\":\"phone\",\"op\":\"read\",\"expect\":\"mask\"",
		    SC_SYNTAX },
		{ "\"role\":\"a\",\"purpose\":[\"q\",\"p\"],\"class\":\"phone\",\"op\":\"read\",\"expect\":\"deny\"",
		    SC_SYNTAX },
		{ "\"role\":\"a\",\"purpose\":\"q\",\"class\":\"phone\",\"op\":\"read\",\"expect\":\"deny\"",
		    SC_OK },
		{ "\"role\":\"a\",\"purpose\":\"*\",\"class\":\"phone\",\"op\":\"share\",\"expect\":\"deny\"",
		    SC_OK },
		{ "\"role\":\"a\",\"purpose\":\"*\",\"class\":\"*\",\"op\":\"read\",\"expect\":\"deny\"",
		    SC_SYNTAX },
		{ "\"role\":\"a\",\"purpose\":\"p\",\"class\":[\"phone\",\"email\"],\"op\":\"read\",\"expect\":\"mask\"",
		    SC_SYNTAX },
		{ "\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":[\"write\",\"read\"],\"expect\":\"deny\"",
		    SC_SYNTAX },
		{ "\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":[\"read\",\"delete\"],\"expect\":\"mask\"",
		    SC_SYNTAX },
		{ "\"role\":\"a\",\"purpose\":\"p\",\"class\":\"name\",\"op\":\"write\",\"reason\":true,\"expect\":\"mask\",\"rule\":\"s\"",
		    SC_OK },
		{ "\"role\":\"a\",\"purpose\":\"p\",\"class\":\"name\",\"op\":\"write\",\"expect\":\"mask\"",
		    SC_SYNTAX },
		{ "\"role\":\"a\",\"purpose\":\"p\",\"class\":\"name\",\"op\":\"write\",\"expect\":\"deny\"",
		    SC_OK },
		{ "\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":\"read\",\"tier\":\"T4\",\"expect\":\"mask\"",
		    SC_OK },
		{ "\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":\"read\",\"tier\":\"X\",\"expect\":\"mask\"",
		    SC_SYNTAX },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum sc_err got = with_test(cases[i].test);

		CHECK(got == cases[i].want);
		if (got != cases[i].want)
			printf("# %s: %s\n", cases[i].test, all.v[0].text);
	}
}

__attribute__((format(printf, 4, 5))) static void put(char *s, size_t size, size_t *n,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*n += (size_t)vsnprintf(s + *n, size - *n, fmt, ap);
	va_end(ap);
}

static void test_ceilings(void)
{
	size_t size = 1 << 20, n;
	char *s = malloc(size);

	NEED(s != NULL);
	for (unsigned extra = 0; extra < 2; extra++) {
		n = 0;
		put(s, size, &n, "{\"scrim_policy\":1,\"version\":\"v\",\"purposes\":[");
		for (unsigned i = 0; i < POLICY_PURPOSES_MAX; i++)
			put(s, size, &n, i == 0 ? "\"p%u\"" : ",\"p%u\"", i);
		put(s, size, &n, "],\"roles\":{");
		for (unsigned i = 0; i < POLICY_ROLES_MAX; i++)
			put(s, size, &n, i == 0 ? "\"r%u\":{}" : ",\"r%u\":{}", i);
		put(s, size, &n, "},\"classes\":{");
		for (unsigned i = CLASS_FILE_FIRST; i <= CLASS_MAX; i++)
			put(s, size, &n,
			    i == CLASS_FILE_FIRST ? "\"c%u\":{\"id\":%u,\"tier\":\"T0\"}" :
						    ",\"c%u\":{\"id\":%u,\"tier\":\"T0\"}",
			    i, i);
		put(s, size, &n, "},\"rules\":[");
		for (unsigned i = 0; i < POLICY_RULES_MAX + extra; i++)
			put(s, size, &n,
			    i == 0 ? "{\"id\":\"r%u\",\"effect\":\"deny\"}" :
				     ",{\"id\":\"r%u\",\"effect\":\"deny\"}",
			    i);
		put(s, size, &n, "]}");
		CHECK(load(s) == (extra == 0 ? SC_OK : SC_SYNTAX));
	}
	CHECK(strstr(all.v[0].text, "1024") != NULL);
	free(s);
}

/* 64 roles, 32 purposes, 64 classes, 4 operations: 2^19 decisions a test. */
static void test_questions(void)
{
	size_t size = 1 << 20, n;
	char *s = malloc(size);

	NEED(s != NULL);
	_Static_assert(POLICY_QUESTIONS_MAX == 8u << 19, "eight tests of 2^19");
	for (unsigned extra = 0; extra < 2; extra++) {
		n = 0;
		put(s, size, &n, "{\"scrim_policy\":1,\"version\":\"v\",\"purposes\":[\"p0\"");
		for (unsigned i = 1; i < POLICY_PURPOSES_MAX; i++)
			put(s, size, &n, ",\"p%u\"", i);
		put(s, size, &n, "],\"roles\":{\"r0\":{}");
		for (unsigned i = 1; i < POLICY_ROLES_MAX; i++)
			put(s, size, &n, ",\"r%u\":{}", i);
		put(s, size, &n, "},\"classes\":{\"c64\":{\"id\":64,\"tier\":\"T0\"}");
		for (unsigned i = 65; i < 128; i++)
			put(s, size, &n, ",\"c%u\":{\"id\":%u,\"tier\":\"T0\"}", i, 192 + i - 64);
		put(s, size, &n, "},\"rules\":[],\"tests\":[");
		for (unsigned i = 0; i < 8; i++) {
			put(s, size, &n,
			    "%s{\"name\":\"t\",\"role\":\"*\",\"purpose\":\"*\",\"class\":[\"c64\"",
			    i == 0 ? "" : ",");
			for (unsigned c = 65; c < 128; c++)
				put(s, size, &n, ",\"c%u\"", c);
			put(s, size, &n,
			    "],\"op\":[\"read\",\"share\",\"export\",\"delete\"],\"expect\":\"deny\"}");
		}
		if (extra != 0)
			put(s, size, &n,
			    ",\n{\"name\":\"t\",\"role\":\"r0\",\"purpose\":\"p0\",\"class\":\"c64\","
			    "\"op\":\"read\",\"expect\":\"deny\"}");
		put(s, size, &n, "]}");
		CHECK(load(s) == (extra == 0 ? SC_OK : SC_LIMIT));
	}
	CHECK(
	    all.v[0].line == 2 && all.v[0].column == 1 && strstr(all.v[0].text, "4194304") != NULL);
	free(s);
}

#define WITHIN(op, within) \
	RULES("{\"id\":\"r\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":" op \
	      ",\"effect\":\"mask\",\"when\":" within "}")

/* Days or weeks, of somebody's tokens alone. */
static void test_sealed_within(void)
{
	static const char *const good[] = { "1d", "30d", "5w", "520w", "3640d" };
	static const char *const bad[] = { "", "d", "0d", "030d", "30", "30m", "30 d", "-1d",
		"521w", "3641d", "99999d", "1.5w", "30dd", "w5" };
	char text[1024];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text),
		    WITHIN("[\"read\",\"share\",\"send\",\"export\"]",
			"{\"sealed_within\":\"%s\"}"),
		    good[i]);
		CHECK(load(text) == SC_OK);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), WITHIN("\"read\"", "{\"sealed_within\":@\"%s\"}"),
		    bad[i]);
		CHECK(refused(text, "days or weeks such as"));
	}
	CHECK(refused(WITHIN("\"read\"", "{\"sealed_within\":@30}"), "days or weeks such as"));
	CHECK(refused(WITHIN("\"*\"", "@{\"sealed_within\":\"30d\"}"), "send and export alone"));
	CHECK(refused(WITHIN("[\"read\",\"search\"]", "@{\"sealed_within\":\"30d\"}"),
	    "send and export alone"));
	CHECK(
	    refused(WITHIN("\"write\"", "@{\"sealed_within\":\"30d\"}"), "send and export alone"));
	CHECK(refused(WITHIN("[\"delete\"]", "@{\"sealed_within\":\"30d\"}"),
	    "send and export alone"));
}

/* Whoever mends a file sees all that is wrong with it, in its order, with what was near. */
static void test_all_at_once(void)
{
	static const struct {
		unsigned line;
		const char *says;
	} wants[] = { { 2, "did you mean \"max_tier\"" }, { 3, "here twice" },
		{ 5, "did you mean \"phone\"" }, { 5, "did you mean \"boss\"" },
		{ 6, "two rules have the same \"id\"" }, { 6, "a deny has no conditions" },
		{ 8, "unknown rule \"none\": one of r, r" } };

	CHECK(
	    load(
		"{\"scrim_policy\":1,\"version\":\"v\",\n"
		"\"roles\":{\"a\":{\"max_tire\":\"T4\"},\"boss\":{}},\n"
		"\"purposes\":[\"p\",\"p\"],\"rules\":[\n"
		"{\"id\":\"r\",\"role\":\"a\",\"purpose\":\"p\",\"op\":\"read\",\"effect\":\"mask\",\n"
		"\"class\":\"phon\",\"require\":[{\"approval\":{\"from\":\"bos\"}}]},\n"
		"{\"id\":\"r\",\"effect\":\"deny\",\"when\":{\"records_max\":1}}],\n"
		"\"tests\":[{\"name\":\"t\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"*\",\n"
		"\"expect\":\"deny\",\"rule\":\"none\"}]}") == SC_SYNTAX);
	CHECK(all.n == sizeof(wants) / sizeof(wants[0]));
	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]) && i < all.n; i++) {
		CHECK(all.v[i].line == wants[i].line);
		CHECK(strstr(all.v[i].text, wants[i].says) != NULL);
		printf("# %u: %s\n", all.v[i].line, all.v[i].text);
	}
}

static void test_places(void)
{
	struct policy *p = NULL;
	struct sc_diag d;

	NEED(policy_load(sc_span_str(RULES("{" R ",\"effect\":\"mask\"},\n  // why\n"
					   "  {\"id\":\"s\",\"effect\":\"deny\"}")),
		 "file", NULL, &p) == SC_OK);
	NEED(policy_rule_count(p) == 2);
	CHECK(policy_rule_place(p, 0, &d) && d.line == 3 && d.column == 1);
	CHECK(policy_rule_place(p, 1, &d) && d.line == 5 && d.column == 3 &&
	    strcmp(d.file, "file") == 0 && policy_text(p).p[d.offset] == '{');
	CHECK(!policy_rule_place(p, 2, &d));
	policy_free(p);
}

/* An approval asked for once is not forgotten by what is asked for after it. */
static void test_obligations_add_up(void)
{
	struct policy *p = NULL;
	uint8_t n = 0, role = 0;

	NEED(policy_load(sc_span_str(RULES(
			     "{" R ",\"effect\":\"mask\",\"require\":["
			     "{\"approval\":{\"n\":3,\"from\":\"boss\"}},{\"reason\":true}]}")),
		 "file", NULL, &p) == SC_OK);
	CHECK(policy_rule_approval(p, 0, &n, &role) && n == 3 && role == 1);
	policy_free(p);
	CHECK(
	    refused(RULES(
			"{" R ",\"effect\":\"mask\",\"require\":["
			"{\"approval\":{\"from\":\"boss\"}},{\"approval\":@{\"from\":\"boss\"}}]}"),
		"one approval"));
}

static void test_window(void)
{
	struct lang_window w;
	const char *why;
	uint64_t ms;
	static const struct {
		const char *at;
		bool office, night;
	} cases[] = {
		{ "2026-11-18T09:00:00+08:00", true, false },
		{ "2026-11-18T08:59:59+08:00", false, false },
		{ "2026-11-18T17:59:59+08:00", true, false },
		{ "2026-11-18T18:00:00+08:00", false, false },
		{ "2026-11-21T12:00:00+08:00", false, false },
		{ "2026-11-20T22:00:00+08:00", false, true },
		{ "2026-11-21T05:59:00+08:00", false, true },
		{ "2026-11-21T06:00:00+08:00", false, false },
		{ "2026-11-21T22:30:00+08:00", false, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		NEED(lang_time_parse(sc_span_str(cases[i].at), &ms));
		NEED(lang_window_parse(sc_span_str("Mon-Fri 09:00-18:00 +08:00"), &w, &why));
		CHECK(lang_window_holds(&w, ms) == cases[i].office);
		NEED(lang_window_parse(sc_span_str("Fri 22:00-06:00 +08:00"), &w, &why));
		CHECK(lang_window_holds(&w, ms) == cases[i].night);
	}
	CHECK(lang_window_parse(sc_span_str("Sat-Mon,Wed 00:00-24:00 -03:30"), &w, &why) &&
	    w.days == (1 << 6 | 1 << 0 | 1 << 1 | 1 << 3) && w.offset == -210);
	CHECK(!lang_window_parse(sc_span_str("Mon 09:00-24:01 Z"), &w, &why));
	CHECK(!lang_window_parse(sc_span_str("Mon 09:00-18:00"), &w, &why));
	CHECK(!lang_window_parse(sc_span_str("Mon 09:00-18:00 Z "), &w, &why));
	CHECK(lang_time_parse(sc_span_str("2000-02-29T00:00:00Z"), &ms) && ms == 951782400000u);
	CHECK(lang_time_parse(sc_span_str("2038-01-19T03:14:07Z"), &ms) && ms == 2147483647000u);
	CHECK(!lang_time_parse(sc_span_str("2100-02-29T00:00:00Z"), &ms));
	CHECK(!lang_time_parse(sc_span_str("2026-11-21"), &ms));
	CHECK(!lang_time_parse(sc_span_str("2026-00-10T00:00:00Z"), &ms));
	CHECK(!lang_time_parse(sc_span_str("2026-13-10T00:00:00Z"), &ms));
	CHECK(!lang_time_parse(sc_span_str("2026-10-00T00:00:00Z"), &ms));
	CHECK(!lang_time_parse(sc_span_str("2026-04-31T00:00:00Z"), &ms));
	CHECK(!lang_time_parse(sc_span_str("1970-12-31T00:00:00Z"), &ms));
	CHECK(lang_time_parse(sc_span_str("9999-12-31T23:59:59-14:00"), &ms) &&
	    ms == 253402351199000u);
}

/* Where the machine stands changes nothing. */
static void test_zone(void)
{
	struct lang_window w;
	const char *why;
	uint64_t ms;

	NEED(setenv("TZ", "America/St_Johns", 1) == 0);
	tzset();
	CHECK(
	    lang_time_parse(sc_span_str("2026-07-01T12:30:00+08:00"), &ms) && ms == 1782880200000u);
	CHECK(lang_window_parse(sc_span_str("Wed 12:30-12:31 +08:00"), &w, &why) &&
	    lang_window_holds(&w, ms) && !lang_window_holds(&w, ms + 60000));
	NEED(unsetenv("TZ") == 0);
}

static void test_schema(void)
{
	schema_agrees("docs/policy.schema.json", &lang_policy);
}

int main(void)
{
	RUN(test_accepts, "a policy with everything in it is understood");
	RUN(test_top, "mistakes at the top are named with line and column");
	RUN(test_classes, "a class's tier is never lowered, its id never reused");
	RUN(test_rules, "what a rule may not say is named with line and column");
	RUN(test_duties, "duties kept apart are kept apart");
	RUN(test_cases, "a policy whose own test fails is refused where the test stands");
	RUN(test_cases_whole, "a test asks every combination it names, with every fact it states");
	RUN(test_questions, "tests may ask for so many decisions, and not for one more");
	RUN(test_ceilings, "a policy at its ceilings loads; one rule more does not");
	RUN(test_sealed_within, "sealed_within takes days or weeks, and asks of tokens alone");
	RUN(test_all_at_once, "all that is wrong is told at once, with the nearest names");
	RUN(test_places, "each rule knows where it stands");
	RUN(test_obligations_add_up, "obligations add up, whatever their order");
	RUN(test_schema, "docs/policy.schema.json has the keys that are read, and no other");
	RUN(test_zone, "hours do not depend on the machine's time zone");
	RUN(test_window, "weekly hours, past midnight too");
	return tap_done();
}
