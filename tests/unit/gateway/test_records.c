/* test_records.c - the lines of NDJSON, blank ones, and the bytes behind a document. */
#include "gateway/codec/json.h"
#include "tap.h"

static void test_lines(void)
{
	struct sc_span text = SC_LIT("one\r\n\n two\nrest"), line;
	size_t from = 0;

	CHECK(codec_ndjson.next(text, false, &from, &line) && sc_span_is(line, "one\r"));
	CHECK(codec_ndjson.next(text, false, &from, &line) && sc_span_is(line, ""));
	CHECK(codec_blank(line));
	CHECK(codec_ndjson.next(text, false, &from, &line) && sc_span_is(line, " two"));
	CHECK(!codec_blank(line));
	CHECK(!codec_ndjson.next(text, false, &from, &line));
	CHECK(codec_ndjson.next(text, true, &from, &line) && sc_span_is(line, "rest"));
	CHECK(!codec_ndjson.next(text, true, &from, &line) && from == text.n);
	CHECK(!codec_ndjson.next(sc_span(NULL, 0), true, &(size_t){ 0 }, &line));
}

static void test_pad(void)
{
	struct sc_buf b;

	sc_buf_init(&b, 200);
	CHECK(sc_buf_put_str(&b, "[1]") == SC_OK);
	CHECK(codec_pad(&b) == SC_OK);
	CHECK(b.n == 3 && b.cap >= 3 + CODEC_PAD);
	for (size_t i = 0; i < CODEC_PAD; i++)
		CHECK(b.p[3 + i] == 0);
	sc_buf_fini(&b);
	for (size_t room = 3; room <= 3 + CODEC_PAD; room++) {
		sc_buf_init(&b, room);
		CHECK(sc_buf_put_str(&b, "[1]") == SC_OK);
		CHECK(codec_pad(&b) == (room == 3 + CODEC_PAD ? SC_OK : SC_LIMIT) && b.n == 3);
		sc_buf_fini(&b);
	}
}

static void test_count(void)
{
	static const struct {
		const char *body;
		size_t lines;
	} cases[] = { { "", 0 }, { "\n\r\n \t\n", 0 }, { "1", 1 }, { "1\n", 1 },
		{ "1\n\n2\n 3", 3 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sc_span body = sc_span_str(cases[i].body);

		CHECK(codec_count(&codec_ndjson, body) == cases[i].lines);
		CHECK(codec_count(&codec_json, body) == 1);
	}
}

int main(void)
{
	RUN(test_lines, "lines end with LF, the last one when no more will come");
	RUN(test_pad, "a document is followed by zeros that are not part of it");
	RUN(test_count, "what is blank is no document");
	return tap_done();
}
