/*
 * test_put_back.c - what a recipient was shown comes back as the token it was: found wherever
 * it stands, and nothing else touched.
 */
#include "crypto/token/token.h"
#include "gateway/protect/put_back.h"
#include "padded.h"
#include "tap.h"

#define TOKEN_A "sct1-0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TOKEN_B "sct1-0bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TOKEN_C "sct1-0cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static struct lent *l;

static void fresh(void)
{
	lent_free(l);
	if ((l = lent_new()) == NULL)
		abort();
}

static void lend(const char *value, const char *token)
{
	CHECK(lent_note(l, sc_span_str(value), sc_span_str(token)) == SC_OK);
}

/* ---- a piece of JSON ---- */

static void test_pieces(void)
{
	static const char doc[] =
	    "{ \"a\" : [1, -2.5e+3,\"x\\\"y\", true, null ], \"\\u0062\":\"\","
	    "\"c\":{\"d\" :\"e:f\"},\"g\":0}";
	static const struct {
		const char *text;
		bool name, escaped, number;
	} want[] = {
		{ "a", true, false, false },
		{ "1", false, false, true },
		{ "-2.5e+3", false, false, true },
		{ "x\\\"y", false, true, false },
		{ "\\u0062", true, true, false },
		{ "", false, false, false },
		{ "c", true, false, false },
		{ "d", true, false, false },
		{ "e:f", false, false, false },
		{ "g", true, false, false },
		{ "0", false, false, true },
	};
	uint8_t *copy = padded(doc, strlen(doc)), *other;
	struct sc_span all = sc_span(copy, strlen(doc));
	struct codec_piece p = { .kind = 0 };
	size_t from = 0, n = 0;

	for (; json_piece(all, &from, &p) && n < sizeof(want) / sizeof(want[0]); n++) {
		CHECK(sc_span_is(sc_span(all.p + p.start, p.end - p.start), want[n].text));
		CHECK(p.name == want[n].name && p.escaped == want[n].escaped &&
		    (p.kind == CODEC_NUMBER) == want[n].number);
	}
	CHECK(n == sizeof(want) / sizeof(want[0]) && from == all.n);
	free(copy);
	other = padded("[true,false,null]", 17);
	from = 0;
	CHECK(!json_piece(sc_span(other, 17), &from, &p));
	free(other);
	other = padded("\"all of it\"", 11);
	from = 0;
	CHECK(json_piece(sc_span(other, 11), &from, &p) && !p.name && p.end == 10);
	CHECK(!json_piece(sc_span(other, 11), &from, &p));
	free(other);
}

/* ---- what is found ---- */

static bool found(const char *text, size_t start, size_t end, const char *token)
{
	struct lent_hit h;

	return lent_find(l, sc_span_str(text), 0, &h) && h.start == start && h.end == end &&
	    sc_span_is(h.token, token);
}

static bool nothing(const char *text)
{
	struct lent_hit h;

	return !lent_find(l, sc_span_str(text), 0, &h);
}

static void test_found(void)
{
	fresh();
	CHECK(!lent_any(l) && !lent_any(NULL) && nothing("anything"));
	lend("1 High Street", TOKEN_A);
	lend("1 High Street, Leeds", TOKEN_B);
	lend("Ann", TOKEN_C);
	lend("X", TOKEN_A);
	lend("\345\274\240", TOKEN_B);
	lend("", TOKEN_C);
	CHECK(lent_any(l));
	CHECK(found("to 1 HIGH street.", 3, 16, TOKEN_A));
	CHECK(found("1 High Street, Leeds", 0, 20, TOKEN_B)); /* the longest */
	CHECK(found("1 High Street, York", 0, 13, TOKEN_A));
	/* what is short is a word, or all there is */
	CHECK(found("for ann!", 4, 7, TOKEN_C) && found("ANN", 0, 3, TOKEN_C));
	CHECK(nothing("Annex") && nothing("Joann") && nothing("\303\251ann") && nothing("ann9"));
	CHECK(found("x", 0, 1, TOKEN_A) && nothing("x y") && nothing("xx"));
	CHECK(found("\345\274\240", 0, 3, TOKEN_B) && nothing("\345\274\240\344\270\211"));
	CHECK(found("(\345\274\240)", 1, 4, TOKEN_B));
	CHECK(nothing("") && nothing("1 High Stree") && nothing("High Street"));
	/* letters of either case, whatever alphabet they are of */
	lend("M\u00fcller-\u0141\u00f3d\u017a", TOKEN_A);
	lend("\u041d\u0418\u041d\u0410", TOKEN_B);
	CHECK(found("an M\u00dcLLER-\u0141\u00d3D\u0179", 3, 18, TOKEN_A));
	CHECK(found("\u00ab\u043d\u0438\u043d\u0430\u00bb", 2, 10, TOKEN_B));
	/* the first that came is the one that counts */
	lend("ANN", TOKEN_A);
	CHECK(found("ann", 0, 3, TOKEN_C));
	CHECK(lent_note(l, sc_span_str("v"), sc_span(NULL, 0)) == SC_BUG);
}

static bool escaped(const char *text)
{
	return lent_escaped_in(l, sc_span_str(text));
}

static void test_escaped(void)
{
	fresh();
	lend("Ann Example", TOKEN_A);
	lend("+44 7700", TOKEN_B);
	CHECK(!escaped("Ann Example") && !escaped("") && !escaped("Bob%20Example"));
	CHECK(escaped("Ann%20Example") && escaped("?q=ann+example&x") && escaped("%41nn Example"));
	CHECK(escaped("{\\\"n\\\":\\\"Ann \\u0045xample\\\"}") && escaped("\\x Ann\\u0020Example"));
	/* also wrapped again and again; what is wrapped further than that is not looked into */
	CHECK(escaped("%2541nn%2520Example") && escaped("\\\\u0041nn%20Example"));
	CHECK(escaped("q=ann%2Bexample") && !escaped("%2541nn") && !escaped("%25252541"));
	CHECK(escaped("%2525252525252541"));
	CHECK(escaped("%2b44 7700") && !escaped("%2") && !escaped("100% \\"));
}

static void test_pass(void)
{
	fresh();
	CHECK(lent_pass(l, sc_span_str("+441632960001-4711")) == SC_OK && !lent_any(l));
	CHECK(lent_passes(l, sc_span_str("+441632960001-4711")));
	CHECK(!lent_passes(l, sc_span_str("+441632960001")) && !lent_passes(l, sc_span(NULL, 0)));
	CHECK(!lent_passes(NULL, sc_span_str("+441632960001-4711")));
	CHECK(nothing("+441632960001-4711"));
	lend("Ann Example", TOKEN_A);
	CHECK(!lent_passes(l, sc_span_str("Ann Example")));
}

/* Many values at once, against looking for each in turn. */
static void test_many(void)
{
	char value[32], text[64];

	fresh();
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(value, sizeof(value), "%u Road", i * 7);
		lend(value, i % 2 == 0 ? TOKEN_A : TOKEN_B);
	}
	for (unsigned i = 0; i < 35000; i += 11) {
		bool in = i % 7 == 0;
		int n = snprintf(text, sizeof(text), "-%u road-", i);
		struct lent_hit h;

		CHECK(n > 0);
		/* a number that ends with another's is another's road */
		if (lent_find(l, sc_span_str(text), 0, &h))
			CHECK(
			    h.end == (size_t)n - 1 && (strtoul(text + h.start, NULL, 10) % 7) == 0);
		else
			CHECK(!in);
	}
}

/* ---- a body ---- */

static enum protect_outcome outcome;
static size_t put, at;

/* DOC searched: the body that comes of it, to be read before the next. */
static const char *back(const struct codec *c, const char *doc)
{
	static char text[1024];
	uint8_t *p = padded(doc, strlen(doc));
	struct sc_span out;

	outcome = put_back(l, c, sc_span(p, strlen(doc)), lent_space(l), &out, &put, &at);
	snprintf(text, sizeof(text), "%.*s", (int)out.n, (const char *)out.p);
	if (outcome == PROTECT_DONE && put == 0)
		CHECK(out.p == p); /* as it came */
	if (outcome == PROTECT_DONE && put != 0)
		CHECK(out.p[out.n] == 0 && out.p[out.n + CODEC_PAD - 1] == 0);
	free(p);
	return outcome == PROTECT_DONE ? text : "";
}

static bool body_is(const struct codec *c, const char *doc, const char *want, size_t n)
{
	const char *got = back(c, doc);

	if (strcmp(got, want) == 0 && put == n)
		return true;
	printf("# %d %zu: %s\n# wanted: %s\n", outcome, put, got, want);
	return false;
}

static void test_body(void)
{
	fresh();
	lend("Ann Example", TOKEN_A);
	lend("13800138000", TOKEN_B);
	lend("1 High\nStreet", TOKEN_C);
	CHECK(body_is(&codec_json, "{\"id\": 1.10, \"x\" : \"\\/\"}",
	    "{\"id\": 1.10, \"x\" : \"\\/\"}", 0));
	CHECK(body_is(&codec_json, "{\"n\":\"Ann Example\",\"x\":1}",
	    "{\"n\":\"" TOKEN_A "\",\"x\":1}", 1));
	CHECK(body_is(&codec_json, "{\"n\":\"Hi \\u0041nn\\u0020Example!\\n\"}",
	    "{\"n\":\"Hi " TOKEN_A "!\\n\"}", 1));
	CHECK(body_is(&codec_json, "[13800138000,138001380001]", "[\"" TOKEN_B "\",138001380001]",
	    1));
	CHECK(body_is(&codec_json, "[\"ann example, Ann Example\",\"1 High\\nStreet\"]",
	    "[\"" TOKEN_A ", " TOKEN_A "\",\"" TOKEN_C "\"]", 2));
	/* what is spelled otherwise within a text cannot be put back: nothing of it is left */
	CHECK(body_is(&codec_json, "[\"q=Ann%20Example\",\"ok\"]", "[null,\"ok\"]", 1));
	/* also beside one that is spelled as it is */
	CHECK(
	    body_is(&codec_json, "[\"Ann Example, q=Ann%20Example\",\"ok\"]", "[null,\"ok\"]", 1));
	/* a string that is JSON is read as that, however it is spelled */
	CHECK(body_is(&codec_json, "[\"{\\\"n\\\":\\\"Ann Exampl\\\\u0065\\\"}\"]",
	    "[\"{\\\"n\\\":\\\"" TOKEN_A "\\\"}\"]", 1));
	CHECK(body_is(&codec_form, "d=%7B%22n%22%3A%22Ann+Example%22%2C%22c%22%3A1%7D",
	    "d=%7B%22n%22%3A%22" TOKEN_A "%22%2C%22c%22%3A1%7D", 1));
	/* and one that is none, as text */
	CHECK(body_is(&codec_json, "[\"{\\\"n\\\":\\\"Ann Exampl\\\\u0065\\\"\"]", "[null]", 1));
	CHECK(body_is(&codec_json, "\"Ann Example\"", "\"" TOKEN_A "\"", 1));
	CHECK(body_is(&codec_ndjson, "{\"a\":1}\n\n{\"n\":\"Ann Example\"}\n{\"b\":2}",
	    "{\"a\":1}\n\n{\"n\":\"" TOKEN_A "\"}\n{\"b\":2}", 1));
	/* a member's name is no place for a token */
	back(&codec_json, "{\"a\":[{\"at ann example\":1}]}");
	CHECK(outcome == PROTECT_FORBIDDEN && at == 8);
	back(&codec_ndjson, "{\"a\":1}\n{\"Ann%20Example\":1}");
	CHECK(outcome == PROTECT_FORBIDDEN && at == 10);
	back(&codec_json, "{\"a\":");
	CHECK(outcome == PROTECT_MALFORMED);
	back(&codec_ndjson, "{\"a\":1}\n{\"b\":}");
	CHECK(outcome == PROTECT_MALFORMED && at >= 8);
}

/* A form's values and names are searched decoded. */
static void test_form(void)
{
	fresh();
	lend("Ann Example", TOKEN_A);
	lend("13800138000", TOKEN_B);
	CHECK(body_is(&codec_form, "id=1&&x=%7e+~&flag", "id=1&&x=%7e+~&flag", 0));
	CHECK(body_is(&codec_form, "n=Ann+Example&x=%7e&to[m]=%31380013800%30&",
	    "n=" TOKEN_A "&x=%7e&to[m]=" TOKEN_B "&", 2));
	CHECK(body_is(&codec_form, "n=Hi+%41nn%20Example%21%0a&a=b", "n=Hi+" TOKEN_A "%21%0A&a=b",
	    1));
	CHECK(body_is(&codec_form, "n=q%3DAnn%2520Example&ok=ok", "n=&ok=ok", 1));
	back(&codec_form, "a=1&at[ann+example]=1");
	CHECK(outcome == PROTECT_FORBIDDEN && at == 4);
	back(&codec_form, "a=1&13800138000");
	CHECK(outcome == PROTECT_FORBIDDEN && at == 4);
	back(&codec_form, "a=1&b=%zz");
	CHECK(outcome == PROTECT_MALFORMED && at == 6);
}

#define PART(head, text) "--b\r\nContent-Disposition: form-data; name=" head "\r\n\r\n" text "\r\n"
#define JSON "\r\nContent-Type: application/json"
#define PNG "\r\nContent-Type: image/png"
/* Of a form in parts texts and JSON are, and a filename says it as a name does. */
static void test_parts(void)
{
	fresh();
	lend("Ann Example", TOKEN_A);
	CHECK(body_is(&codec_multipart,
	    PART("n", "for Ann Example") PART("j" JSON, "{\"n\":\"ann exampl\\u0065\"}") "--b--",
	    PART("n", "for " TOKEN_A) PART("j" JSON, "{\"n\":\"" TOKEN_A "\"}") "--b--", 2));
	CHECK(body_is(&codec_multipart, PART("n", "q=Ann%20Example") PART("m", "ok") "--b--",
	    PART("n", "") PART("m", "ok") "--b--", 1));
	back(&codec_multipart, PART("f; filename=\"Ann Example.png\"" PNG, "x") "--b--");
	CHECK(outcome == PROTECT_FORBIDDEN && at == 55);
	back(&codec_multipart, PART("\"Ann Example\"", "x") "--b--");
	CHECK(outcome == PROTECT_FORBIDDEN);
	back(&codec_multipart, PART("n", "Ann Example"));
	CHECK(outcome == PROTECT_MALFORMED);
}

static bool is_number(const char *spelling)
{
	char doc[128];

	snprintf(doc, sizeof(doc), "[%s]", spelling);
	back(&codec_json, doc);
	return outcome == PROTECT_DONE && put == 1;
}

/* A number is the one it is, in whatever spelling. */
static void test_numbers(void)
{
	static const char *const same[] = { "100080", "100080.0", "100080.00e0", "1.0008e5",
		"10008E+1", "10008000e-2", "-100080", "-1.00080e05" };
	static const char *const other[] = { "1000800", "100080.5", "1.0008e6", "10008e-1", "1e400",
		"100080e9999999999999999999", "0.100080", "1.000801e5", "1e-400",
		"123456789012345678901234567890123456789012345" };

	fresh();
	lend("100080", TOKEN_A);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		CHECK(is_number(same[i]));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		CHECK(!is_number(other[i]) && outcome == PROTECT_DONE);
}

/* A token whose text has REPEAT's letters again and again. */
static const char *real_token(uint8_t repeat)
{
	static char text[TOKEN_TEXT_MAX + 1];
	uint8_t bytes[32]; /* SIV and the smallest size */
	struct token_parts t = { .class_id = CLASS_NAME, .tier = TIER_T2, .key_id = 5 };
	struct sc_buf b;

	memset(bytes, repeat, sizeof(bytes));
	t.siv_ct = sc_span(bytes, sizeof(bytes));
	sc_buf_init(&b, TOKEN_TEXT_MAX);
	if (token_print(&t, &b) != SC_OK)
		abort();
	snprintf(text, sizeof(text), "%.*s", (int)b.n, (const char *)b.p);
	sc_buf_fini(&b);
	return text;
}

static bool text_is(const char *before, const char *between, const char *after)
{
	char doc[1024], want[1024];

	snprintf(doc, sizeof(doc), "{\"t\":\"%s%s%s\"}", before, real_token(0), between);
	snprintf(want, sizeof(want), "{\"t\":\"%s%s%s\"}",
	    strcmp(before, "0000, ") == 0 ? TOKEN_B ", " : before, real_token(0), after);
	return body_is(&codec_json, doc, want,
	    (strcmp(between, after) != 0) | (strcmp(before, "0000, ") == 0));
}

/* Letters that a token happens to have are not the value. */
static void test_tokens_stay(void)
{
	fresh();
	lend("0000", TOKEN_B); /* zeros are that in base32 too */
	lend("Ann Example", TOKEN_C);
	CHECK(strstr(real_token(0), "0000") != NULL);
	CHECK(text_is("", "", ""));
	CHECK(text_is("see ", " for Ann Example", " for " TOKEN_C));
	CHECK(text_is("0000, ", " 0000", " " TOKEN_B));
	/* what only begins like one is a text */
	CHECK(body_is(&codec_json, "{\"t\":\"sct1-ann Ann Example\"}",
	    "{\"t\":\"sct1-ann " TOKEN_C "\"}", 1));
}

int main(void)
{
	RUN(test_pieces, "every string, name and number of a document is a piece of it");
	RUN(test_found, "a value is found within a text, a short one as a word");
	RUN(test_escaped, "and behind the escapes of JSON and of links");
	RUN(test_pass, "a virtual number passes as a whole field, and is nobody's value");
	RUN(test_many, "thousands of values are looked for at once");
	RUN(test_body, "what was shown comes back as its token, and nothing else is touched");
	RUN(test_form, "a form is searched decoded, and what is not found stays to the byte");
	RUN(test_numbers, "a number is found in whatever spelling, and is no part of another");
	RUN(test_parts, "in a form of parts texts and JSON are searched, and filenames told");
	RUN(test_tokens_stay, "what stands in a token stays");
	lent_free(l);
	return tap_done();
}
