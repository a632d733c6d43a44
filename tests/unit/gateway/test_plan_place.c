/*
 * test_plan_place.c - an offset of a document has the path of the value that stands there, and
 * no name that could be a value is told.
 */
#include "gateway/protect/plan_place.h"
#include "padded.h"
#include "tap.h"

/* The places of each ^ that stands in DOC (and is taken out), with spaces between them. */
struct placed {
	const struct codec *codec;
	const char *doc, *want;
};

static const struct placed cases[] = {
	{ &codec_json, "{\"a\":\"^x\",\"b\":{\"c\":\"x^y\",\"d\":[1,^22]},\"e\":^3}",
	    "$.a $.b.c $.b.d[*] $.e" },
	{ &codec_json, "{\"a\":\"^\",\"b\":[{\"c\":\"^\"},{\"d\":\"^\"}]}",
	    "$.a $.b[*].c $.b[*].d" },
	/* what is no text and no number is where its name is */
	{ &codec_json, "{\"a\":^true,\"b\":{\"c\":^null},\"d\":\"^x\"}", "$.a $.b.c $.d" },
	/* between pieces there is nothing to be told */
	{ &codec_json, "[1,^true,\"^x\"]", "$.. $[*]" },
	{ &codec_json, "^{\"a\":1}", "$.." },
	{ &codec_json, "\"^x\"", "$" },
	/* twice the same is no further */
	{ &codec_json, "{\"a\":\"^^x\"}", "$.a $.a" },
	{ &codec_json, "{\"\\u0061 b\":\"^x\",\"07700900123\":\"^x\"}", "$[*] $[*]" },
	{ &codec_form, "a=^x&b%5Bc%5D=^y", "$.a $['b[c]']" },
};

/* DOC without its marks, of which AT gets the offsets: how many. */
static size_t take_marks(const char *doc, char *out, size_t at[static 8])
{
	size_t marks = 0, n = 0;

	for (; *doc != '\0'; doc++)
		if (*doc == '^' && marks < 8)
			at[marks++] = n;
		else
			out[n++] = *doc;
	out[n] = '\0';
	return marks;
}

static void places(const struct placed *c, char *out, size_t size)
{
	const struct protect_rules rules = { .undeclared = { UNDECLARED_REPORT,
						 UNDECLARED_REPORT } };
	const struct plan_terms terms = { .codec = c->codec, .rules = &rules };
	char text[256], path[PLAN_PLACE_MAX];
	struct plan_place_walk walk;
	struct plan plan;
	size_t at[8], n = take_marks(c->doc, text, at), end = 0;
	uint8_t *doc = padded(text, strlen(text));

	plan_init(&plan);
	plan_place_begin(&walk, &plan, &terms, sc_span(doc, strlen(text)));
	for (size_t i = 0; i < n && end < size; i++) {
		plan_place_find(&walk, at[i], path);
		end += (size_t)snprintf(out + end, size - end, "%s%s", i == 0 ? "" : " ", path);
	}
	plan_fini(&plan);
	free(doc);
}

static void test_places(void)
{
	char got[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		places(&cases[i], got, sizeof(got));
		if (strcmp(got, cases[i].want) != 0)
			printf("# %s: '%s', not '%s'\n", cases[i].doc, got, cases[i].want);
		CHECK(strcmp(got, cases[i].want) == 0);
	}
}

int main(void)
{
	RUN(test_places, "an offset has the path of the value that stands there");
	return tap_done();
}
