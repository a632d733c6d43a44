/*
 * test_answer.c - what a server answers is read whole or not at all.
 */
#include "analytics/market/answer.h"
#include "tap.h"

static struct sc_arena arena;
static struct market_answer answer;
static struct market_manifest manifest;
static struct sc_diag diag;

static enum sc_err parse(const char *text)
{
	sc_arena_fini(&arena);
	return answer_parse(&arena, sc_span_str(text), &diag, &answer);
}

static enum sc_err parse_manifest(const char *text)
{
	sc_arena_fini(&arena);
	return answer_manifest_parse(&arena, sc_span_str(text), &diag, &manifest);
}

#define HEAD \
	"{\"dataset\":\"week\",\"release\":47,\"columns\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"rows\":"
#define TAIL ",\"cut\":false,\"record\":12}"

static void an_answer_is_read(void)
{
	NEED(parse(HEAD "[[\"x | y\",5],[null,-2.5]]" TAIL) == SC_OK);
	CHECK(answer.release == 47 && answer.record == 12 && !answer.cut);
	NEED(answer.n_columns == 2 && answer.n_rows == 2 && strcmp(answer.columns[1], "b") == 0);
	CHECK(strcmp(answer.values[0].text, "x | y") == 0 && answer.values[1].number == 5);
	CHECK(answer.values[2].null && answer.values[2].text == NULL);
	CHECK(answer.values[3].number == -2.5 && answer.values[3].text == NULL);
	CHECK(parse(HEAD "[]" TAIL) == SC_OK && answer.n_rows == 0);
	CHECK(
	    parse(
		"{\"more\":{},\"rows\":[],\"columns\":[],\"cut\":true,\"release\":1,\"record\":0}") ==
	    SC_OK);
	CHECK(answer.cut);
}

static void a_hostile_answer_is_refused(void)
{
	static const char *const wrong[] = {
		"",
		"[]",
		"null",
		"{}",
		HEAD "[[1]]" TAIL,
		HEAD "[[1,2,3]]" TAIL,
		HEAD "[[1,[2]]]" TAIL,
		HEAD "[[1,{}]]" TAIL,
		HEAD "[[1,true]]" TAIL,
		HEAD "{}" TAIL,
		HEAD "[1,2]" TAIL,
		HEAD "[[1,1e999]]" TAIL,
		HEAD "[[1,9007199254740994]]" TAIL,
		HEAD "[[1,2]]}",
		HEAD "[[1,2]],\"cut\":0,\"record\":1}",
		HEAD "[[1,2]],\"cut\":true,\"record\":-1}",
		HEAD "[[1,2]],\"cut\":true,\"record\":1.5}",
		HEAD "[[1,2]]" TAIL "x",
		HEAD "[],\"rows\":[]" TAIL,
		HEAD "[[1,\"\\ud800\"]]" TAIL,
		"{\"release\":1,\"columns\":[{\"name\":1}],\"rows\":[]" TAIL,
		"{\"release\":1,\"columns\":[1],\"rows\":[]" TAIL,
		"{\"release\":1,\"columns\":[],\"rows\":[[],[]]" TAIL,
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memset(&diag, 0, sizeof(diag));
		CHECK(parse(wrong[i]) == SC_SYNTAX && diag.text[0] != '\0');
	}
}

static void too_much_is_refused(void)
{
	const size_t n = ANSWER_BYTES_MAX + 1;
	char *big = malloc(n + 1), many[4096] = HEAD;

	NEED(big != NULL);
	memset(big, ' ', n);
	big[n] = '\0';
	CHECK(parse(big) == SC_LIMIT);
	free(big);
	strcpy(many, "{\"release\":1,\"columns\":[");
	for (int i = 0; i <= ANSWER_COLUMNS_MAX; i++)
		strcat(many, i == 0 ? "{\"name\":\"a\"}" : ",{\"name\":\"a\"}");
	strcat(many, "],\"rows\":[]" TAIL);
	CHECK(parse(many) == SC_LIMIT);
}

#define M(number, tables) \
	"{\"number\":" number \
	",\"k\":10,\"checked\":true,\"from\":\"2026-11-16\",\"to\":\"2026-11-22\"," \
	"\"tables\":[" tables "]}"

static void a_manifest_is_read(void)
{
	NEED(parse_manifest(M("47", "{\"name\":\"week\",\"rows\":3},{\"name\":\"segment_age\"}")) ==
	    SC_OK);
	CHECK(manifest.number == 47 && manifest.k == 10 && manifest.checked &&
	    manifest.n_tables == 2);
	CHECK(strcmp(manifest.tables[1], "segment_age") == 0 &&
	    strcmp(manifest.to, "2026-11-22") == 0);
	CHECK(strcmp(manifest.spent_unit, "") == 0);
	CHECK(parse_manifest(M("1",
		  "{\"name\":\"release\",\"columns\":[{\"name\":\"spent\","
		  "\"unit\":\"price steps\"}]}")) == SC_OK &&
	    strcmp(manifest.spent_unit, "price steps") == 0);
	CHECK(parse_manifest(M("\"47\"", "")) == SC_SYNTAX);
	CHECK(parse_manifest("{\"number\":1,\"k\":10}") == SC_SYNTAX);
}

/* A table's name goes into a statement. */
static void names_that_are_no_names_are_refused(void)
{
	static const char *const wrong[] = { "", "a b", "week; SELECT", "Week", "1a", "_a",
		"a\\\"b", "a.b", "\\u540d" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[512];

		snprintf(text, sizeof(text), M("1", "{\"name\":\"%s\"}"), wrong[i]);
		CHECK(parse_manifest(text) == SC_SYNTAX);
	}
}

int main(void)
{
	RUN(an_answer_is_read, "an answer is read");
	RUN(a_hostile_answer_is_refused, "a malformed answer is refused, and it is said why");
	RUN(too_much_is_refused, "too long an answer is refused");
	RUN(a_manifest_is_read, "a manifest is read");
	RUN(names_that_are_no_names_are_refused,
	    "names that may not stand in a statement are refused");
	sc_arena_fini(&arena);
	return tap_done();
}
