/*
 * test_scopes.c - each value of a document of several people is asked for as whose it is: made-up
 * documents whose values say it themselves, whatever order their members have.
 */
#include "glass.h"

#include <string.h>

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\","
    "\"roles\":{\"shop\":{\"max_tier\":\"T3\"},\"carrier\":{\"max_tier\":\"T2\"}},"
    "\"purposes\":[\"order_processing\",\"delivery\"],\"rules\":["
    "{\"id\":\"w\",\"role\":\"shop\",\"purpose\":\"order_processing\",\"class\":\"name\","
    "\"op\":\"write\",\"effect\":\"tokenise\"},"
    "{\"id\":\"r\",\"role\":\"carrier\",\"purpose\":\"delivery\",\"class\":\"name\","
    "\"op\":\"read\",\"effect\":\"reveal\"}]}";

#define OF(path, form_, place_, each_) \
	{ \
		.at = path, .form = form_, .class_id = CLASS_NAME, .subject = { \
			.place = place_, \
			.each = each_ \
		} \
	}
#define RULES(form_) \
	OF("$.o[*].n", form_, "$.o[*].b.id", true), \
	    OF("$.o[*].l[*].g", form_, "$.o[*].b.id", true), \
	    OF("$.o[*].l[*].m", form_, "$.o[*].l[*].to", true), \
	    OF("$.s.n", form_, "$.s.id", false), \
	    { .at = "$.r.n", \
		    .form = form_, \
		    .class_id = CLASS_NAME, \
		    .subject = { .place = "$.order", .guest = true } }, \
	    RULE("$.d", form_, CLASS_NAME)

static const struct field_rule seals[] = { RULES(&form_seal) };
static const struct field_rule opens[] = { RULES(&form_policy) };

static struct side towards(enum plan_way way)
{
	struct side s = way == PLAN_STORE ?
	    (struct side)SIDE(seals, PLAN_STORE, "shop", "order_processing") :
	    (struct side)SIDE(opens, PLAN_READ, "carrier", "delivery");

	s.subject = "$.who";
	return s;
}

/* ---- made-up documents ------------------------------------------------------------------- */

static uint64_t luck;

static unsigned draw(unsigned n)
{
	luck = luck * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(luck >> 33) % n;
}

static struct sc_buf doc;
static unsigned people, values; /* said, and standing in the document */
static bool contradicted;       /* some value is whose a place says where there are two, or none */
#define NOBODY "!"
static char whose[16]; /* the document is */

static void put(const char *s)
{
	CHECK(sc_buf_put_str(&doc, s) == SC_OK);
}

/* Members at KEY that name somebody, into ID: an account, the document's own, or nobody. */
static void put_id(const char *key, char id[static 32])
{
	const unsigned n = ++people;

	switch (draw(24)) {
	case 0: snprintf(id, 32, "%s", whose); return; /* nothing */
	case 1:
		snprintf(id, 32, "%s", whose);
		CHECK(sc_buf_printf(&doc, "\"%s\":null,", key) == SC_OK);
		return;
	case 2:
		strcpy(id, NOBODY);
		CHECK(sc_buf_printf(&doc, "\"%s\":\"c-%u\",\"%s\":%u,", key, n, key, n) == SC_OK);
		return;
	case 3:
		strcpy(id, NOBODY);
		CHECK(sc_buf_printf(&doc, "\"%s\":true,", key) == SC_OK);
		return;
	case 4:
		snprintf(id, 32, "c-%u", n);
		CHECK(sc_buf_printf(&doc, "\"%s\":\"\\u0063-%u\",", key, n) == SC_OK);
		return;
	case 5:
		snprintf(id, 32, "%u", n);
		CHECK(sc_buf_printf(&doc, "\"%s\":%u,", key, n) == SC_OK);
		return;
	case 6: /* twice the same is once */
		snprintf(id, 32, "c-%u", n);
		CHECK(sc_buf_printf(&doc, "\"%s\":\"c-%u\",\"%s\":\"\\u0063-%u\",", key, n, key,
			  n) == SC_OK);
		return;
	default:
		snprintf(id, 32, "c-%u", n);
		CHECK(sc_buf_printf(&doc, "\"%s\":\"c-%u\",", key, n) == SC_OK);
	}
}

/* A value at KEY that says whose it is. */
static void put_value(const char *key, const char *id)
{
	CHECK(sc_buf_printf(&doc, "\"%s\":\"of %s\",", key, id) == SC_OK);
	values++;
	contradicted |= strcmp(id, NOBODY) == 0;
}

/* An object's members come first or last: PUT it now, or what was kept. */
static struct sc_buf kept;
static void turn_round(size_t from)
{
	sc_buf_clear(&kept);
	CHECK(sc_buf_put(&kept, doc.p + from, doc.n - from) == SC_OK);
	sc_buf_truncate(&doc, from);
}

static void put_line(const char *buyer)
{
	const size_t from = doc.n;
	char to[32];
	bool behind = draw(2) == 0;

	put_id("to", to);
	if (behind)
		turn_round(from);
	if (draw(2) == 0)
		put_value("g", buyer);
	put_value("m", to);
	if (behind)
		CHECK(sc_buf_put_span(&doc, sc_buf_span(&kept)) == SC_OK);
	put("\"z\":0");
}

static void put_order(void)
{
	static struct sc_buf own;
	const size_t from = doc.n;
	bool behind = draw(2) == 0;
	char buyer[32];

	put("\"b\":{");
	put_id("id", buyer);
	put("\"z\":0},");
	sc_buf_init(&own, 4096);
	if (behind) {
		CHECK(sc_buf_put(&own, doc.p + from, doc.n - from) == SC_OK);
		sc_buf_truncate(&doc, from);
	}
	put_value("n", buyer);
	put("\"l\":[");
	for (unsigned i = draw(4); i > 0; i--) {
		put("{");
		put_line(buyer);
		put(i == 1 ? "}" : "},");
	}
	put("],");
	CHECK(sc_buf_put_span(&doc, sc_buf_span(&own)) == SC_OK);
	sc_buf_fini(&own);
	put("\"z\":0");
}

static void make(void)
{
	char id[32];

	sc_buf_clear(&doc);
	people = values = 0;
	contradicted = false;
	snprintf(whose, sizeof(whose), "%s", draw(2) == 0 ? "w-0" : "");
	put("{\"o\":[");
	for (unsigned i = draw(5); i > 0; i--) {
		put("{");
		put_order();
		put(i == 1 ? "}" : "},");
	}
	put("],\"s\":{");
	put_id("id", id);
	put_value("n", id);
	put("\"z\":0},");
	put_value("d", whose);
	put("\"r\":{\"n\":\"of guest:O-1\"},\"order\":\"\\u004f-1\"");
	values++;
	if (whose[0] != '\0')
		put(",\"who\":\"w-0\"");
	put("}");
}

/* Every value that keyd was asked for was asked for as its own words say. */
static bool as_said(void)
{
	if (glass.items != values) {
		printf("# %zu asked for, of %u\n", glass.items, values);
		return false;
	}
	for (size_t i = 0; i < glass.n; i++)
		if (strcmp(glass.item[i].value + 3, glass.item[i].subject) != 0) {
			printf("# \"%s\" was asked for as %s's\n", glass.item[i].value,
			    glass.item[i].subject);
			return false;
		}
	return true;
}

static void test_made_up(void)
{
	const struct side s = towards(PLAN_STORE);
	unsigned most = 0, refused = 0;

	for (luck = 1; luck < 3000; luck++) {
		const uint64_t seed = luck;

		make();
		most = values > most ? values : most;
		glass_reset();
		refused += contradicted;
		if (run_span(&s, sc_buf_span(&doc)) !=
			(contradicted ? PROTECT_NO_SUBJECT : PROTECT_DONE) ||
		    (contradicted ? glass.calls != 0 : !as_said())) {
			printf("# seed %llu: %.*s\n", (unsigned long long)seed,
			    SC_SPAN_ARG(sc_buf_span(&doc)));
			CHECK(!"as said");
			return;
		}
		luck = seed;
	}
	CHECK(most > 20 && refused > 100 && refused < 2000);
}

/* ---- towards a reader ------------------------------------------------------------------------ */

static void test_read(void)
{
	const struct side s = towards(PLAN_READ);
	const char *t = token_of(CLASS_NAME, 0, "Ann");
	char text[1024];

	snprintf(text, sizeof(text),
	    "{\"o\":[{\"n\":\"%s\",\"b\":{\"id\":\"c-1\"}},{\"n\":\"%s\",\"b\":{\"id\":\"c-2\"}}]}",
	    t, t);
	glass_reset();
	CHECK(run(&s, text) == PROTECT_DONE && glass.items == 2);
	CHECK(
	    strcmp(glass.item[0].subject, "c-1") == 0 && strcmp(glass.item[1].subject, "c-2") == 0);
}

/* ---- somebody must be named --------------------------------------------------------------------- */

static struct side strict(enum plan_way way)
{
	struct side s = towards(way);

	s.subject = NULL;
	s.places =
	    (struct subject_places){ .v = { { .name = "$.who" } }, .n = 1, .required = true };
	s.answers = way == PLAN_READ;
	return s;
}

static void test_required(void)
{
	const struct side store = strict(PLAN_STORE), read = strict(PLAN_READ);
	const char *t = token_of(CLASS_NAME, 0, "Ann");
	char text[1024], want[1024];

	glass_reset();
	CHECK(run(&store, "{\"o\":[{\"n\":\"Ann\",\"b\":{\"id\":1}}]}") == PROTECT_DONE);
	CHECK(run(&store, "{\"o\":[{\"n\":\"Ann\"}],\"who\":\"w\"}") == PROTECT_DONE);
	/* nothing of anybody is in it */
	CHECK(run(&store, "{\"o\":[{\"b\":{}}]}") == PROTECT_DONE);
	glass_reset();
	CHECK(run(&store, "{\"o\":[{\"n\":\"Ann\",\"b\":{\"id\":1}},{\"n\":\"Bob\"}]}") ==
		PROTECT_NO_SUBJECT &&
	    glass.calls == 0);
	CHECK(run(&store, "{\"o\":[{\"n\":\"Ann\",\"b\":{\"id\":true}}],\"who\":\"w\"}") ==
	    PROTECT_NO_SUBJECT);
	CHECK(run(&store, "{\"d\":\"Ann\",\"o\":[{\"n\":\"Ann\",\"b\":{\"id\":1}}]}") ==
	    PROTECT_NO_SUBJECT);
	/* of an answer the rest is shown */
	glass_reset();
	snprintf(text, sizeof(text),
	    "{\"o\":[{\"n\":\"%s\",\"b\":{\"id\":1}},{\"n\":\"%s\"}],\"d\":\"%s\"}", t, t, t);
	snprintf(want, sizeof(want),
	    "{\"o\":[{\"n\":\"Ann\",\"b\":{\"id\":1}},{\"n\":null}],\"d\":null}");
	CHECK(run(&read, text) == PROTECT_DONE && out_is(want) && glass.items == 1);
}

/* An element may be an array. */
static void test_rows(void)
{
	static const struct field_rule rules[] = { OF("$.p[*][1]", &form_seal, "$.p[*][0]", true) };
	struct side s = SIDE(rules, PLAN_STORE, "shop", "order_processing");

	glass_reset();
	CHECK(run(&s, "{\"p\":[[\"c-1\",\"Ann\"],[\"c-2\",\"Bob\"],[]]}") == PROTECT_DONE);
	CHECK(glass.items == 2 && strcmp(glass.item[0].subject, "c-1") == 0 &&
	    strcmp(glass.item[1].subject, "c-2") == 0);
}

/* Whoever chooses an account's name is no guest by it. */
static void test_guests(void)
{
	const struct side s = towards(PLAN_STORE);

	glass_reset();
	CHECK(run(&s, "{\"s\":{\"n\":\"Ann\",\"id\":\"guest:O-1\"}}") == PROTECT_NO_SUBJECT);
	CHECK(run(&s, "{\"d\":\"Ann\",\"who\":\"guest:O-1\"}") == PROTECT_NO_SUBJECT);
	CHECK(run(&s, "{\"r\":{\"n\":\"Ann\"},\"order\":\"O-1\"}") == PROTECT_DONE);
	CHECK(strcmp(glass.item[0].subject, "guest:O-1") == 0);
}

/* Who is named nowhere is whoever the order is somebody's, but for what names two. */
static void test_order(void)
{
	struct side s = towards(PLAN_STORE);

	s.subject = NULL;
	s.places = (struct subject_places){ .v = { { .name = "$.who" },
						{ .name = "$.no", .order = true } },
		.n = 2,
		.orders = true };
	glass_reset();
	CHECK(run(&s, "{\"s\":{\"n\":\"Ann\",\"id\":\"c-1\"},\"d\":\"Bob\",\"no\":\"O-1\"}") ==
	    PROTECT_DONE);
	CHECK(strcmp(glass.item[0].subject, "c-1") == 0 && !glass.item[0].of_order);
	CHECK(glass.item[1].subject_n == 0 && glass.item[1].of_order);
	CHECK(run(&s, "{\"s\":{\"n\":\"Ann\"},\"no\":\"O-1\"}") == PROTECT_DONE);
	CHECK(glass.items == 1 && glass.item[0].of_order);
	CHECK(run(&s, "{\"s\":{\"n\":\"Ann\",\"id\":true},\"no\":\"O-1\"}") == PROTECT_NO_SUBJECT);
}

/* A ninth place that rules name is one too many. */
static void test_limit(void)
{
	static const char *const places[] = { "$.a", "$.b", "$.c", "$.d", "$.e", "$.f", "$.g",
		"$.h", "$.i" };
	struct field_rule rules[9];
	struct protect_rules *r = NULL;
	struct sc_diag d = { .text = "" };

	for (size_t i = 0; i < 9; i++)
		rules[i] = (struct field_rule)OF("$.n", &form_seal, places[i], false);
	CHECK(rules_new(rules, 8, (struct protect_points){ .order = NULL }, UNMATCHED_REFUSE, &d,
		  &r) == SC_OK);
	rules_free(r);
	CHECK(rules_new(rules, 9, (struct protect_points){ .order = NULL }, UNMATCHED_REFUSE, &d,
		  &r) == SC_LIMIT &&
	    strstr(d.text, "at most 8 subjects") != NULL);
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	sc_buf_init(&doc, 1 << 20);
	sc_buf_init(&kept, 1 << 20);
	RUN(test_made_up, "each value is asked for as whose it is, in made-up documents");
	RUN(test_read, "tokens too");
	RUN(test_required, "where somebody must be named every value has somebody");
	RUN(test_rows, "also where elements are arrays");
	RUN(test_order, "whom nobody names is of the order, where keyd remembers whose it is");
	RUN(test_guests, "a guest at a rule is known by the order alone");
	RUN(test_limit, "eight different people a side");
	sc_buf_fini(&doc);
	sc_buf_fini(&kept);
	return glass_over();
}
