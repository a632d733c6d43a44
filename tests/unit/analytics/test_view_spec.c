/*
 * test_view_spec.c - the file of datasets: what may stand in it, as its schema says, and what
 * it means.
 */
#include "analytics/views/spec.h"

#include "schema.h"
#include "tap.h"

#include <unistd.h>

static char path[] = "/tmp/scrim-test-XXXXXX";
static char text[300];
static struct view_specs specs;

/* Load TEXT; its first complaint, if there is one, in TEXT. */
static enum sc_err load(const char *json)
{
	struct sc_diags all = { .n = 0 };
	enum sc_err err;
	FILE *f = fopen(path, "w");

	if (f == NULL)
		abort();
	fputs(json, f);
	fclose(f);
	view_specs_fini(&specs);
	err = view_specs_load(path, &all, &specs);
	snprintf(text, sizeof(text), "%s", all.v[0].text);
	return err;
}

#define HEAD "{\"datasets\":[{\"name\":\"a\",\"title\":\"A\",\"from\":\"csv\","
#define AGE "{\"name\":\"age\",\"is\":\"quasi\",\"grid\":{\"min\":0,\"max\":99,\"step\":5}}"
#define COLUMNS(more) HEAD "\"columns\":[" AGE more "]}]}"

static void test_usual(void)
{
	const struct view_spec *s;

	NEED(load(COLUMNS(",{\"name\":\"ill\",\"is\":\"sensitive\"}")) == SC_OK);
	s = view_specs_find(&specs, NULL);
	NEED(s != NULL && s == view_specs_find(&specs, "a"));
	CHECK(view_specs_find(&specs, "b") == NULL);
	CHECK(s->k == 10 && s->profile == RECODE_STANDARD && s->suppression_ppm == 10000 &&
	    s->m == 2 && s->person == NULL && s->separator == '\0');
	CHECK(strcmp(s->population, "a") == 0 && strcmp(s->title_zh, "A") == 0);
	CHECK(strcmp(s->columns[0].source, "age") == 0 && strcmp(s->columns[0].means, "age") == 0 &&
	    s->columns[0].kind == VIEW_GRID);
	CHECK(!s->columns[1].ruled && s->columns[1].is == VIEW_SENSITIVE);
	CHECK(view_rule_usual(2).distinct == 2 && view_rule_usual(3).distinct == 3 &&
	    view_rule_usual(3).closeness_ppm == 300000);
}

static void test_all(void)
{
	const struct view_spec *s;

	NEED(
	    load(HEAD
		"\"separator\":\"tab\",\"person\":\"id\",\"population\":\"p\",\"k\":5,"
		"\"profile\":\"quality\",\"suppression\":0.5,\"m\":3,\"columns\":["
		"{\"name\":\"price\",\"source\":\"Price\",\"means\":\"x\",\"unit\":\"EUR\",\"is\":\"quasi\","
		"\"grid\":{\"max\":99.99,\"min\":-0.5,\"step\":2.5,\"origin\":0.5,\"decimals\":2,\"clamp\":true}},"
		"{\"name\":\"day\",\"is\":\"quasi\",\"dates\":{\"from\":\"2026-01-01\",\"to\":\"2026-12-31\",\"finest\":\"quarter\"}},"
		"{\"name\":\"code\",\"is\":\"quasi\",\"prefixes\":[3,1]},"
		"{\"name\":\"place\",\"is\":\"quasi\",\"hierarchy\":\"place.csv\"},"
		"{\"name\":\"ill\",\"is\":\"sensitive\",\"l\":4,\"entropy_l\":2.5,\"t\":0.25,\"share\":0.8,\"ordered\":[\"x\",\"y\"]},"
		"{\"name\":\"ward\",\"is\":\"plain\"},{\"name\":\"id\",\"is\":\"drop\"}]}]}") ==
	    SC_OK);
	s = view_specs_find(&specs, "a");
	NEED(s != NULL && s->n_columns == 7);
	CHECK(s->separator == '\t' && s->k == 5 && s->profile == RECODE_QUALITY &&
	    s->suppression_ppm == 500000 && s->m == 3);
	CHECK(s->columns[0].grid.min == -50 && s->columns[0].grid.max == 9999 &&
	    s->columns[0].grid.step == 250 && s->columns[0].grid.origin == 50 &&
	    s->columns[0].clamp);
	CHECK(s->columns[1].kind == VIEW_DATES && s->columns[1].dates.finest == HIERARCHY_QUARTER);
	CHECK(s->columns[2].n_lengths == 2 && s->columns[2].lengths[1] == 1);
	CHECK(strcmp(s->columns[3].tree, "/tmp/place.csv") == 0);
	CHECK(s->columns[4].rule.distinct == 4 && s->columns[4].rule.entropy_milli == 2500 &&
	    s->columns[4].rule.closeness_ppm == 250000 && s->columns[4].rule.share_ppm == 800000 &&
	    s->columns[4].rule.ordered && s->columns[4].ruled && s->columns[4].n_ordered == 2);
}

static void test_wrong(void)
{
	static const struct {
		const char *json, *says;
	} rows[] = {
		{ "{\"datasets\":[]}", "empty list" },
		{ HEAD "\"columns\":[{\"name\":\"x\",\"is\":\"plain\"}]}]}", "1 to 16 columns" },
		{ COLUMNS(",{\"name\":\"x\",\"is\":\"secret\"}"), "secret" },
		{ COLUMNS(",{\"name\":\"X\",\"is\":\"plain\"}"), "small letter" },
		{ COLUMNS(",{\"name\":\"ctid\",\"is\":\"plain\"}"), "keeps for itself" },
		{ COLUMNS(",{\"name\":\"age\",\"is\":\"plain\"}"), "age" },
		{ COLUMNS(",{\"name\":\"x\",\"is\":\"quasi\"}"), "has one of" },
		{ COLUMNS(",{\"name\":\"x\",\"is\":\"plain\",\"l\":2}"), "\"sensitive\"" },
		{ COLUMNS(",{\"name\":\"x\",\"is\":\"sensitive\",\"prefixes\":[1]}"), "\"quasi\"" },
		{ COLUMNS(",{\"name\":\"x\",\"is\":\"sensitive\",\"t\":1.5}"),
		    "from 0.000001 to 1" },
		{ COLUMNS(",{\"name\":\"x\",\"is\":\"sensitive\",\"t\":\"0.3\"}"), "a number" },
		{ COLUMNS(",{\"name\":\"x\",\"is\":\"sensitive\",\"t\":3e-1}"), "such as" },
		{ COLUMNS(",{\"name\":\"x\",\"is\":\"sensitive\",\"entropy_l\":0.9}"), "1.000" },
		{ COLUMNS(",{\"name\":\"x\",\"is\":\"sensitive\",\"ordered\":[\"a\",\"a\"]}"),
		    "twice" },
		{ COLUMNS(",{\"name\":\"x\",\"is\":\"quasi\",\"prefixes\":[1,2]}"), "fall" },
		{ COLUMNS(
		      ",{\"name\":\"x\",\"is\":\"quasi\",\"grid\":{\"min\":5,\"max\":4,\"step\":1}}"),
		    "min below max" },
		{ COLUMNS(
		      ",{\"name\":\"x\",\"is\":\"quasi\",\"grid\":{\"min\":0.5,\"max\":4,\"step\":1}}"),
		    "digits behind" },
		{ HEAD "\"person\":\"age\",\"columns\":[" AGE "]}]}", "whose a row is" },
		{ HEAD "\"k\":1,\"columns\":[" AGE "]}]}", "\"k\"" },
		{ HEAD "\"suppression\":0.6,\"columns\":[" AGE "]}]}", "suppression" },
		{ "{\"datasets\":[{\"name\":\"a\",\"title\":\"A\",\"from\":\"features\",\"person\":\"x\","
		  "\"columns\":[" AGE "]}]}",
		    "of a CSV file" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(load(rows[i].json) == SC_SYNTAX);
		if (strstr(text, rows[i].says) == NULL)
			printf("# %s: %s\n", rows[i].json, text);
		CHECK(strstr(text, rows[i].says) != NULL);
		CHECK(specs.arena.blocks == NULL);
	}
}

static void test_several(void)
{
	NEED(
	    load("{\"datasets\":[{\"name\":\"a\",\"title\":\"A\",\"from\":\"csv\",\"columns\":[" AGE
		 "]},{\"name\":\"b\",\"title\":\"B\",\"from\":\"csv\",\"columns\":[" AGE
		 "]}]}") == SC_OK);
	CHECK(view_specs_find(&specs, NULL) == NULL && view_specs_find(&specs, "b") == &specs.v[1]);
}

static void test_example(void)
{
	struct sc_diags all = { .n = 0 };

	view_specs_fini(&specs);
	CHECK(view_specs_load("keys-example/views.json", &all, &specs) == SC_OK);
	CHECK(specs.n == 1 && view_specs_find(&specs, "rfm") != NULL);
}

static void test_schema(void)
{
	schema_agrees("docs/views.schema.json", &view_specs_shape);
}

int main(void)
{
	const int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	RUN(test_usual, "what is not said is as usual");
	RUN(test_all, "everything that may be said is kept");
	RUN(test_wrong, "what is wrong is named");
	RUN(test_several, "of several datasets one is chosen");
	RUN(test_example, "the example's file is one");
	RUN(test_schema, "the schema says the same as the rows");
	view_specs_fini(&specs);
	(void)unlink(path);
	return tap_done();
}
