/*
 * test_splice.c - replacing ranges: everything outside of them stays as it is;
 * and the bounds of NDJSON lines.
 */
#include "padded.h"
#include "tap.h"

#include "gateway/codec/text.h"

static bool gives(const char *doc, const struct codec_edit *e, size_t n, const char *want)
{
	struct sc_buf out;
	bool right;

	sc_buf_init(&out, 1 << 20);
	right = codec_splice(sc_span_str(doc), e, n, &out) == SC_OK &&
	    sc_span_is(sc_buf_span(&out), want);
	sc_buf_fini(&out);
	return right;
}

static void test_splice(void)
{
	const struct codec_edit two[] = { { 1, 3, SC_LIT("XYZ") }, { 3, 5, SC_LIT("") } };
	const struct codec_edit ends[] = { { 0, 0, SC_LIT("<") }, { 6, 6, SC_LIT(">") } };
	const struct codec_edit all = { 0, 6, SC_LIT("new") };

	CHECK(gives("abcdef", NULL, 0, "abcdef"));
	CHECK(gives("abcdef", two, 2, "aXYZf"));
	CHECK(gives("abcdef", ends, 2, "<abcdef>"));
	CHECK(gives("abcdef", &all, 1, "new"));
	CHECK(gives("", NULL, 0, ""));
}

static void test_wrong_edits(void)
{
	const struct codec_edit overlap[] = { { 1, 3, SC_LIT("x") }, { 2, 4, SC_LIT("y") } };
	const struct codec_edit order[] = { { 4, 5, SC_LIT("x") }, { 1, 2, SC_LIT("y") } };
	const struct codec_edit beyond = { 5, 7, SC_LIT("x") };
	const struct codec_edit backward = { 3, 2, SC_LIT("x") };
	struct sc_buf out;

	sc_buf_init(&out, 1 << 10);
	CHECK(codec_splice(sc_span_str("abcdef"), overlap, 2, &out) == SC_BUG);
	CHECK(codec_splice(sc_span_str("abcdef"), order, 2, &out) == SC_BUG);
	CHECK(codec_splice(sc_span_str("abcdef"), &beyond, 1, &out) == SC_BUG);
	CHECK(codec_splice(sc_span_str("abcdef"), &backward, 1, &out) == SC_BUG);
	CHECK(out.n == 0);
	sc_buf_fini(&out);
	sc_buf_init(&out, 3);
	CHECK(codec_splice(sc_span_str("abcdef"), NULL, 0, &out) == SC_LIMIT);
	CHECK(out.n == 0);
	sc_buf_fini(&out);
}

/* Documents of no byte, one and two, with an edit before, over and behind all of it. */
static void test_short(void)
{
	const struct codec_edit before = { 0, 0, SC_LIT("a") }, none = { 0, 0, SC_LIT("") };
	const struct codec_edit over = { 0, 1, SC_LIT("b") }, gone = { 0, 1, SC_LIT("") };
	static const char *const want[] = { "5", "a5", "b", "", "5" };
	const struct codec_edit *edits[] = { NULL, &before, &over, &gone, &none };
	struct sc_buf out;

	for (size_t i = 0; i < 5; i++) {
		sc_buf_init(&out, 8);
		CHECK(codec_splice(sc_span_str("5"), edits[i], edits[i] != NULL, &out) == SC_OK);
		CHECK(sc_span_is(sc_buf_span(&out), want[i]));
		sc_buf_fini(&out);
	}
	sc_buf_init(&out, 8);
	CHECK(codec_splice(sc_span(NULL, 0), NULL, 0, &out) == SC_OK && out.n == 0);
	CHECK(codec_splice(sc_span(NULL, 0), &before, 1, &out) == SC_OK && out.n == 1);
	sc_buf_fini(&out);
}

/* Replace every string by a longer one and back: the same bytes. */
static void test_there_and_back(void)
{
	static const char doc[] =
	    " {\"a\":\"x\\/y\",\"a\":[\"\",1.10,-0,1e5,\"\\ud800\"],"
	    "\"\\u0061\" : 12345678901234567890123 ,\"b\":{\"c\":\"\xE4\xBD\xA0\"}}\r";
	const struct codec_selector every = { "$", 1, 0, 0 };
	struct codec_edit edits[16], back[16];
	struct codec_paths *paths = NULL;
	struct json_spans s, s2;
	struct sc_buf out, again;
	struct sc_diag d = { 0 };
	bool agree = true;
	size_t n = 0;

	NEED(codec_paths_new(&every, 1, NULL, &paths) == SC_OK);
	json_spans_init(&s);
	json_spans_init(&s2);
	sc_buf_init(&out, 1 << 12);
	sc_buf_init(&again, 1 << 12);
	NEED(scan_padded(paths, doc, sizeof(doc) - 1, &s, &d, &agree) == SC_OK);
	for (size_t i = 0; i < s.n; i++)
		if (s.v[i].kind == JSON_STRING)
			edits[n++] = (struct codec_edit){ s.v[i].start, s.v[i].end,
				SC_LIT("sct1-made-up-and-longer") };
	CHECK(n == 4);
	CHECK(codec_splice(sc_span(doc, sizeof(doc) - 1), edits, n, &out) == SC_OK);
	NEED(scan_padded(paths, out.p, out.n, &s2, &d, &agree) == SC_OK);
	NEED(s2.n == s.n);
	n = 0;
	for (size_t i = 0; i < s2.n; i++) {
		CHECK(s2.v[i].kind == s.v[i].kind);
		if (s2.v[i].kind == JSON_STRING)
			back[n++] = (struct codec_edit){ s2.v[i].start, s2.v[i].end,
				sc_span(doc + s.v[i].start, s.v[i].end - s.v[i].start) };
	}
	CHECK(codec_splice(sc_buf_span(&out), back, n, &again) == SC_OK);
	CHECK(sc_span_eq(sc_buf_span(&again), sc_span(doc, sizeof(doc) - 1)));
	json_spans_fini(&s);
	json_spans_fini(&s2);
	sc_buf_fini(&out);
	sc_buf_fini(&again);
	codec_paths_free(paths);
}

static void test_lines(void)
{
	struct sc_span text = SC_LIT("one\r\n\n two\nrest"), line;
	size_t from = 0;

	CHECK(ndjson_next(text, false, &from, &line) && sc_span_is(line, "one\r"));
	CHECK(ndjson_next(text, false, &from, &line) && sc_span_is(line, ""));
	CHECK(ndjson_blank(line));
	CHECK(ndjson_next(text, false, &from, &line) && sc_span_is(line, " two"));
	CHECK(!ndjson_blank(line));
	CHECK(!ndjson_next(text, false, &from, &line));
	CHECK(ndjson_next(text, true, &from, &line) && sc_span_is(line, "rest"));
	CHECK(!ndjson_next(text, true, &from, &line) && from == text.n);
	CHECK(!ndjson_next(sc_span(NULL, 0), true, &(size_t){ 0 }, &line));
}

static void test_pad(void)
{
	struct sc_buf b;

	sc_buf_init(&b, 200);
	CHECK(sc_buf_put_str(&b, "[1]") == SC_OK);
	CHECK(json_pad(&b) == SC_OK);
	CHECK(b.n == 3 && b.cap >= 3 + JSON_PAD);
	for (size_t i = 0; i < JSON_PAD; i++)
		CHECK(b.p[3 + i] == 0);
	sc_buf_fini(&b);
	for (size_t room = 3; room <= 3 + JSON_PAD; room++) {
		sc_buf_init(&b, room);
		CHECK(sc_buf_put_str(&b, "[1]") == SC_OK);
		CHECK(json_pad(&b) == (room == 3 + JSON_PAD ? SC_OK : SC_LIMIT) && b.n == 3);
		sc_buf_fini(&b);
	}
}

int main(void)
{
	RUN(test_splice, "ranges are replaced, the rest is copied");
	RUN(test_wrong_edits, "edits that overlap, go back or leave the document are refused");
	RUN(test_short, "the shortest documents are put together, too");
	RUN(test_there_and_back, "replacing and putting back gives the same bytes");
	RUN(test_lines, "lines are cut at LF, an unfinished one only when no more comes");
	RUN(test_pad, "padding is zeros outside of the buffer's bytes");
	return tap_done();
}
