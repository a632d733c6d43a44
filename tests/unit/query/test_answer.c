/*
 * test_answer.c - answers as JSON and CSV: every value as it is, and no formula.
 */
#include "analytics/queryd/answer.h"

#include "tap.h"

#include <math.h>

static struct sc_buf out;

static struct query_value text(const char *s, size_t n)
{
	return (struct query_value){ .type = QUERY_TEXT, .text = sc_span(s, n) };
}
#define TEXT(s) text(s, sizeof(s) - 1)
#define REAL(x) ((struct query_value){ .type = QUERY_REAL, .real = (x) })
#define WHOLE(x) ((struct query_value){ .type = QUERY_INTEGER, .integer = (x) })
#define NOTHING ((struct query_value){ .type = QUERY_NULL })

/* The N values at V as the one row of an answer. */
static const char *print(enum answer_form form, const struct query_value *v, size_t n)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	struct query_answer a;
	bool ok;

	sc_buf_clear(&out);
	answer_init(&a, form, 1 << 16);
	ok = answer_columns(&a, names, n) == SC_OK && answer_row(&a, v, n) == SC_OK &&
	    answer_print(&a, "w", 3, true, 7, &out) == SC_OK && sc_buf_put(&out, "", 1) == SC_OK;
	answer_fini(&a);
	return ok ? (const char *)out.p : "failed";
}

#define SAYS(form, want, ...) \
	do { \
		const struct query_value v_[] = { __VA_ARGS__ }; \
		const char *got_ = print(form, v_, sizeof(v_) / sizeof(v_[0])); \
		CHECK(strcmp(got_, want) == 0); \
		if (strcmp(got_, want) != 0) \
			printf("# %s\n", got_); \
	} while (0)

static void test_json(void)
{
	SAYS(ANSWER_JSON,
	    "{\"dataset\":\"w\",\"release\":3,\"columns\":[{\"name\":\"a\",\"type\":\"integer\"},"
	    "{\"name\":\"b\",\"type\":\"real\"},{\"name\":\"c\",\"type\":\"text\"},"
	    "{\"name\":\"d\",\"type\":\"null\"}],\"rows\":[[-9223372036854775808,0.1,\"=\\\"\","
	    "null]],\"cut\":true,\"record\":7}",
	    WHOLE(INT64_MIN), REAL(0.1), TEXT("=\""), NOTHING);
}

static void test_reals(void)
{
	SAYS(ANSWER_CSV, "a,b,c,d\r\n100.0,1e+300,0.30000000000000004,-2.5\r\n", REAL(100),
	    REAL(1e300), REAL(0.1 + 0.2), REAL(-2.5));
	SAYS(ANSWER_CSV, "a,b,c,d\r\n,,,\r\n", REAL(INFINITY), REAL(-INFINITY), REAL(NAN), NOTHING);
}

static void test_csv(void)
{
	SAYS(ANSWER_CSV, "a,b,c,d\r\n\"x,y\",\"say \"\"hi\"\"\",\"1\n2\",\"\"\r\n", TEXT("x,y"),
	    TEXT("say \"hi\""), TEXT("1\n2"), TEXT(""));
	SAYS(ANSWER_CSV, "a,b,c\r\n门店,\" x\",\xef\xbf\xbdz\r\n", TEXT("门店"), TEXT(" x"),
	    TEXT("\xffz"));
}

static void test_formulas(void)
{
	SAYS(ANSWER_CSV, "a,b,c,d\r\n\"'=1\",\"'+1\",\"'-1\",\"'@x\"\r\n", TEXT("=1"), TEXT("+1"),
	    TEXT("-1"), TEXT("@x"));
	SAYS(ANSWER_CSV, "a,b,c,d\r\n\"'\t=\",\"'\r=\",\"'＝1\",-1\r\n", TEXT("\t="), TEXT("\r="),
	    TEXT("＝1"), WHOLE(-1));
}

static void test_full(void)
{
	const struct query_value v = TEXT("0123456789");
	const char *const name = "a";
	struct query_answer a;

	answer_init(&a, ANSWER_JSON, 20);
	CHECK(answer_columns(&a, &name, 1) == SC_OK);
	CHECK(answer_row(&a, &v, 1) == SC_OK && answer_row(&a, &v, 1) == SC_LIMIT);
	answer_fini(&a);
}

int main(void)
{
	sc_buf_init(&out, 1 << 16);
	RUN(test_json, "JSON has every value as it is");
	RUN(test_reals, "a real is the shortest that is read back as it was, or nothing");
	RUN(test_csv, "CSV quotes what it must");
	RUN(test_formulas, "text that is a formula to a spreadsheet is none in CSV");
	RUN(test_full, "an answer has an end");
	sc_buf_fini(&out);
	return tap_done();
}
