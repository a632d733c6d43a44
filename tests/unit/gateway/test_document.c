/*
 * test_document.c - whole bodies: one JSON text, or the lines of NDJSON one after
 * another, whole or not at all.
 */
#include "glass.h"

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\",\"roles\":{\"shop\":{\"max_tier\":\"T3\"}},"
    "\"purposes\":[\"order_processing\"],"
    "\"rules\":[{\"id\":\"w\",\"role\":[\"shop\"],\"purpose\":[\"order_processing\"],"
    "\"class\":[\"*\"],\"op\":[\"write\"],\"effect\":\"tokenise\"}]}";

static const struct field_rule rules[] = {
	RULE("$.phone", &form_seal, CLASS_PHONE),
	RULE("$.r.phone", &form_seal, CLASS_PHONE),
};
static const struct side store = { .rules = rules,
	.n = 2,
	.subject = "$.id",
	.way = PLAN_STORE,
	.role = "shop",
	.purpose = "order_processing" };

static struct protect_result last;

static void on_end(struct protect_job *j, void *arg)
{
	CHECK(j == job && arg == &last);
	last = *protect_result(j);
	finished++;
}

static void begin(struct sc_span text, bool lines)
{
	struct protect_input in;

	prepare(&store, text);
	in = input(&store);
	in.codec = lines ? &codec_ndjson : &codec_json;
	in.done = on_end;
	in.arg = &last;
	protect_document(job, &in);
}

static enum protect_outcome ended(void)
{
	CHECK(finished <= 1);
	return finished != 0 ? last.outcome : (enum protect_outcome) - 1;
}

static enum protect_outcome run_text(const char *text, bool lines)
{
	sc_buf_clear(&out);
	begin(sc_span_str(text), lines);
	return ended();
}

static void test_text(void)
{
	CHECK(run_text("{\"phone\":\"07700 900123\",\"id\":5}", false) == PROTECT_DONE);
	CHECK(last.records == 1 && last.counts.sealed == 1);
	CHECK(strcmp(glass.item[0].subject, "5") == 0);
	CHECK(out_has("{\"phone\":\"sct1-") && out_has("\",\"id\":5}"));
	/* a line feed is white space, and a second text is none */
	CHECK(run_text("{\"a\":\n1}", false) == PROTECT_DONE && out_is("{\"a\":\n1}"));
	CHECK(run_text("1\n2\n", false) == PROTECT_MALFORMED);
	CHECK(out.n == 0 && last.diag.offset == 2);
}

static void test_lines(void)
{
	CHECK(run_text("{\"a\":1}\n\n{\"r\":{\"phone\":\"07700 900123\"}}\n \n[]", true) ==
	    PROTECT_DONE);
	CHECK(last.records == 3 && last.counts.sealed == 1);
	CHECK(glass.call[0].ctx.records == 3);
	CHECK(out_has("{\"a\":1}\n\n{\"r\":{\"phone\":\"sct1-"));
	CHECK(out_has("\"}}\n \n[]") && !out_has("900123"));
	/* one text broken over two lines is two broken texts */
	CHECK(run_text("{\"a\":\n1}", true) == PROTECT_MALFORMED && last.diag.offset == 5);
}

/* Bytes between texts are kept as they are, and only the last line may lack its end. */
static void test_line_ends(void)
{
	static const char *const same[] = { "", "\n", "\n\n", " ", " \t\r\n", "{}", "{}\n",
		"{}\n\n", "{}\n ", "\n{}", "{}\r\n[]\r\n", " {} \n \n[] ", "null\n\"\"\nnull" };

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		CHECK(run_text(same[i], true) == PROTECT_DONE);
		CHECK(out_is(same[i]));
	}
	CHECK(run_text("", true) == PROTECT_DONE && last.records == 0);
	CHECK(run_text("\n{}\n", true) == PROTECT_DONE && last.records == 1);
}

/* The diagnosis counts from the body's beginning, whichever line broke. */
static void test_refused_line(void)
{
	CHECK(run_text("{\"a\":1}\n{\"r\":{\"phone\":\"07700 900123\"}}\n{,}\n", true) ==
	    PROTECT_MALFORMED);
	CHECK(out.n == 0 && last.diag.offset == 40);
	CHECK(run_text("{}\n\n{\"r\":[5]}\n{}\n", true) == PROTECT_UNMATCHED);
	CHECK(out.n == 0 && last.diag.offset == 10 && last.n_unmatched == 1);
	CHECK(run_text("{,}\n", true) == PROTECT_MALFORMED && last.diag.offset == 1);
}

/* What stood in the output before stays there, and nothing else. */
static void test_output_kept(void)
{
	sc_buf_clear(&out);
	CHECK(sc_buf_put_str(&out, "before ") == SC_OK);
	begin(sc_span_str("{}\n{,}\n"), true);
	CHECK(ended() == PROTECT_MALFORMED && out_is("before "));
	begin(sc_span_str("{}\n{}\n"), true);
	CHECK(ended() == PROTECT_DONE && out_is("before {}\n{}\n"));
	begin(sc_span_str("{,}"), false);
	CHECK(ended() == PROTECT_MALFORMED && out_is("before {}\n{}\n"));
}

/* Lines that wait for keyd, and those that need none between them. */
static void test_waiting(void)
{
	static const char text[] =
	    "{\"phone\":\"07700 900123\"}\n{}\n{\"phone\":\"07700 900124\"}\n"
	    "[]\n";
	size_t turns = 0;

	glass_reset();
	glass.later = true;
	sc_buf_clear(&out);
	begin(sc_span_str(text), true);
	for (; glass.waiting != NULL; turns++) {
		CHECK(finished == 0);
		glass_answer();
	}
	CHECK(
	    turns == 2 && ended() == PROTECT_DONE && last.records == 4 && last.counts.sealed == 2);
	CHECK(out_has("\"}\n{}\n{\"phone\":\"sct1-") && out_has("\"}\n[]\n"));
	/* the second answer is an error: the first line does not come out either */
	glass.reply = SC_AGAIN;
	glass.good_calls = 1;
	sc_buf_clear(&out);
	begin(sc_span_str(text), true);
	while (glass.waiting != NULL)
		glass_answer();
	CHECK(ended() == PROTECT_KEYS_AWAY && out.n == 0 && last.counts.sealed == 1);
	/* and the second call is refused at once */
	glass_reset();
	glass.fail = SC_AGAIN;
	glass.good_calls = 1;
	CHECK(run_text(text, true) == PROTECT_KEYS_AWAY && out.n == 0 && last.counts.sealed == 1);
	glass_reset();
}

/* The output's ceiling is met between the lines: nothing comes out, and it is said. */
static void test_ceiling(void)
{
	static const char *const texts[] = { "[]\n[]\n", "[]\n\n\n\n[]", "\n\n\n\n[]\n", "[]\n[]" };
	struct sc_buf small, keep = out;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t room = 0; room <= strlen(texts[i]); room++) {
			bool fits = room == strlen(texts[i]);

			sc_buf_init(&small, room);
			out = small;
			CHECK(
			    run_text(texts[i], true) == (fits ? PROTECT_DONE : PROTECT_TOO_LARGE));
			CHECK(fits ? out_is(texts[i]) : out.n == 0);
			sc_buf_fini(&out);
		}
	}
	out = keep;
}

static void test_million_lines(void)
{
	size_t n = 1000000;
	char *text = malloc(3 * n + 1);

	NEED(text != NULL);
	for (size_t i = 0; i < n; i++)
		memcpy(text + 3 * i, "{}\n", 3);
	text[3 * n] = '\0';
	CHECK(run_text(text, true) == PROTECT_DONE);
	CHECK(last.records == n && sc_span_is(sc_buf_span(&out), text));
	free(text);
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_text, "a text passes whole");
	RUN(test_lines, "NDJSON passes line by line, whole or not at all");
	RUN(test_line_ends, "what stands between the texts is kept as it is");
	RUN(test_refused_line, "a refusal counts from the beginning of the body");
	RUN(test_output_kept, "what stood in the output before is kept");
	RUN(test_waiting, "lines wait for their answers, and none comes out of a failure");
	RUN(test_ceiling, "a ceiling met anywhere gives nothing and says so");
	RUN(test_million_lines, "a million lines need no million frames of stack");
	return glass_over();
}
