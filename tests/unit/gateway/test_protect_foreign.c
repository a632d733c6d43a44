/*
 * test_protect_foreign.c - a document's subject goes with every token that is asked for, and
 * what keyd says is somebody else's is dealt with as the route says.
 */
#include "glass.h"

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\","
    "\"roles\":{\"shop\":{\"max_tier\":\"T3\"},\"carrier\":{\"max_tier\":\"T2\"}},"
    "\"purposes\":[\"order_processing\",\"delivery\"],\"rules\":["
    "{\"id\":\"w\",\"role\":\"shop\",\"purpose\":\"order_processing\",\"class\":[\"name\",\"phone\"],"
    "\"op\":\"write\",\"effect\":\"tokenise\"},"
    "{\"id\":\"n\",\"role\":\"carrier\",\"purpose\":\"delivery\",\"class\":\"name\","
    "\"op\":\"read\",\"effect\":\"reveal\"}]}";

static const struct field_rule seals[] = { RULE("$.n", &form_seal, CLASS_NAME),
	RULE("$.t", &form_scan, CLASS_NONE) };
static const struct field_rule opens[] = { RULE("$.n", &form_policy, CLASS_NAME),
	RULE("$.t", &form_scan, CLASS_NONE) };

static struct side towards(enum plan_way way, enum protect_foreign foreign)
{
	struct side s = way == PLAN_STORE ?
	    (struct side)SIDE(seals, PLAN_STORE, "shop", "order_processing") :
	    (struct side)SIDE(opens, PLAN_READ, "carrier", "delivery");

	s.subject = "$.who";
	s.foreign = foreign;
	return s;
}

/* Both tokens of a document of WHO, JSON, were asked for under SUBJECT and with FLAGS. */
static bool asks(const struct side *s, const char *who, const char *subject, uint8_t flags)
{
	const char *t = token_of(CLASS_NAME, 0, "Ann");
	char doc[1024];
	size_t n = subject[0] == '\0' && s->way == PLAN_STORE ? 1 : 2;

	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"t\":\"for %s\",\"who\":%s}", t, t, who);
	glass_reset();
	if (run(s, doc) != PROTECT_DONE || glass.calls != 1 || glass.items != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(glass.item[i].subject, subject) != 0 ||
		    (glass.item[i].flags & (KEYC_REFUSE | KEYC_ADOPT)) != flags)
			return false;
	return true;
}

static void test_asked(void)
{
	static const uint8_t
	    flags[] = { [FOREIGN_REFUSE] = KEYC_REFUSE, [FOREIGN_ADOPT] = KEYC_ADOPT };

	for (enum protect_foreign f = FOREIGN_RESEAL; f <= FOREIGN_ADOPT; f++) {
		const struct side store = towards(PLAN_STORE, f), read = towards(PLAN_READ, f);

		CHECK(asks(&store, "\"c-1\"", "c-1", flags[f]));
		CHECK(asks(&store, "7", "7", flags[f]));
		CHECK(asks(&store, "\"\\u0063-1\"", "c-1", flags[f]));
		CHECK(asks(&read, "\"c-1\"", "c-1", flags[f] & KEYC_ADOPT));
		/* what names nobody is nobody's: a token in its text is not even asked for */
		CHECK(asks(&store, "{\"id\":\"c-1\"}", "", flags[f]));
		CHECK(asks(&store, "null", "", flags[f]));
		CHECK(asks(&read, "[]", "", flags[f] & KEYC_ADOPT));
	}
}

/* The subject may stand behind all that is its own. */
static void test_text_of_nobody(void)
{
	const struct side s = towards(PLAN_STORE, FOREIGN_REFUSE);
	const char *t = token_of(CLASS_NAME, 0, "Ann");
	char doc[512];

	glass_reset();
	snprintf(doc, sizeof(doc), "{\"t\":\"%s and %s\"}", t, t);
	CHECK(run(&s, doc) == PROTECT_DONE && glass.calls == 0 && out_is(doc));
	snprintf(doc, sizeof(doc), "{\"t\":\"%s and %s\",\"who\":\"c\"}", t, t);
	CHECK(run(&s, doc) == PROTECT_DONE && glass.items == 2);
	/* what stands beside it is dealt with as ever */
	glass_reset();
	snprintf(doc, sizeof(doc), "{\"t\":\"%s or 07700 900123\"}", t);
	CHECK(run(&s, doc) == PROTECT_DONE && glass.items == 1);
	CHECK(strcmp(glass.item[0].value, "07700 900123") == 0);
	/* and a token of a class that no policy knows opens nowhere */
	glass_reset();
	snprintf(doc, sizeof(doc), "{\"t\":\"%s\",\"who\":\"c\"}", token_of(99, 0, "Ann"));
	CHECK(run(&s, doc) == PROTECT_DONE && glass.calls == 0 && out_is(doc));
}

static void test_resealed(void)
{
	const struct side s = towards(PLAN_STORE, FOREIGN_RESEAL);

	glass_reset();
	glass.resealed = true;
	CHECK(run(&s, "{\"n\":\"Ann\",\"who\":\"c\"}") == PROTECT_DONE);
	CHECK(protect_result(job)->counts.foreign == 1 && protect_result(job)->counts.sealed == 1);
	glass_reset();
	CHECK(run(&s, "{\"n\":\"Ann\",\"who\":\"c\"}") == PROTECT_DONE);
	CHECK(protect_result(job)->counts.foreign == 0);
}

static void test_refused(void)
{
	const struct side s = towards(PLAN_STORE, FOREIGN_REFUSE);
	const struct protect_result *r = protect_result(job);
	const char *t = token_of(CLASS_NAME, 0, "Ann");
	char doc[512];

	glass_reset();
	glass.seal_status = WIRE_FOREIGN;
	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"who\":\"c\"}", t);
	CHECK(run(&s, doc) == PROTECT_FOREIGN && out.n == 0 && r->counts.foreign == 1);
	CHECK(strncmp(r->diag.text, "$.n: ", 5) == 0 && r->diag.offset == 6);
	CHECK(strstr(r->diag.text, t) == NULL);
	snprintf(doc, sizeof(doc), "{\"t\":\"to %s\",\"who\":\"c\"}", t);
	CHECK(run(&s, doc) == PROTECT_FOREIGN);
	CHECK(strncmp(r->diag.text, "$.t: ", 5) == 0 && r->diag.offset == 9);
	/* the next document is judged by itself */
	glass_reset();
	glass.seal_status = WIRE_DENIED;
	CHECK(run(&s, doc) == PROTECT_REFUSED);
}

static void test_read(void)
{
	const struct side s = towards(PLAN_READ, FOREIGN_REFUSE);
	const char *t = token_of(CLASS_NAME, 0, "Ann");
	char doc[512], want[512];

	glass_reset();
	glass.status = WIRE_FOREIGN;
	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"t\":\"to %s\",\"who\":\"c\"}", t, t);
	snprintf(want, sizeof(want), "{\"n\":null,\"t\":\"to %s\",\"who\":\"c\"}", t);
	CHECK(run(&s, doc) == PROTECT_DONE && out_is(want));
	CHECK(protect_result(job)->counts.foreign == 2 && protect_result(job)->counts.denied == 0);
}

/* ---- where it is said whose a document is ---- */

/* Under whom DOC's name was sealed; "" nobody's, "(refused)". */
static const char *sealed_for(const struct side *s, const char *doc)
{
	static char who[64];

	glass_reset();
	switch (run(s, doc)) {
	case PROTECT_DONE: snprintf(who, sizeof(who), "%s", glass.item[0].subject); return who;
	case PROTECT_NO_SUBJECT: return "(refused)";
	default: return "(failed)";
	}
}

static void test_places(void)
{
	static const struct subject_found header[] = { { .id = SC_LIT("h-1") } },
					  twice[] = { { .id = SC_LIT("h-1"), .bad = true } };
	struct side s = towards(PLAN_STORE, FOREIGN_RESEAL);

	s.subject = NULL;
	s.places = (struct subject_places){
		.v = { { .where = SUBJECT_HEADER, .name = "Buyer" },
		    { .where = SUBJECT_BODY, .name = "$.who" },
		    { .where = SUBJECT_BODY, .name = "$.alt" },
		    { .where = SUBJECT_BODY, .guest = true, .name = "$.order" } },
		.n = 4
	};
	/* the first where something stands counts */
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":\"c\",\"alt\":\"d\"}"), "c") == 0);
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"alt\":\"d\",\"who\":null}"), "d") == 0);
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"alt\":\"\\u0064\",\"who\":\"\\u0063\"}"),
		  "c") == 0);
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"order\":\"o-1\"}"), "guest:o-1") == 0);
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"order\":17,\"who\":\"\"}"), "guest:17") == 0);
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\"}"), "") == 0);
	/* what is no id at a place is not the next one's turn, nor as if nothing stood there */
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":true,\"order\":1}"), "(refused)") == 0);
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":\"a\",\"who\":\"b\",\"order\":1}"),
		  "(refused)") == 0);
	/* nobody's account is named as a guest is */
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":\"guest:o-1\"}"), "(refused)") == 0);
	/* where nothing is anybody's nobody need be named */
	CHECK(run(&s, "{\"x\":1,\"who\":true}") == PROTECT_DONE);
	s.given = header;
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":\"c\"}"), "h-1") == 0);
	s.given = twice;
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":\"c\"}"), "(refused)") == 0);
	s.places.required = true;
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":\"c\"}"), "(refused)") == 0);
	s.given = NULL;
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":true}"), "(refused)") == 0);
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":\"c\"}"), "c") == 0);
}

static void test_required_answers(void)
{
	struct side s = towards(PLAN_READ, FOREIGN_RESEAL);
	const char *t = token_of(CLASS_NAME, 0, "Ann");
	char doc[512], want[512];

	s.subject = NULL;
	s.places =
	    (struct subject_places){ .v = { { .name = "$.who" } }, .n = 1, .required = true };
	s.answers = true;
	glass_reset();
	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"t\":\"to %s\"}", t, t);
	snprintf(want, sizeof(want), "{\"n\":null,\"t\":\"to %s\"}", t);
	CHECK(run(&s, doc) == PROTECT_DONE && out_is(want) && glass.calls == 0);
	CHECK(protect_result(job)->counts.denied == 1);
	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"who\":\"c\"}", t);
	CHECK(run(&s, doc) == PROTECT_DONE && out_is("{\"n\":\"Ann\",\"who\":\"c\"}"));
	/* what a recipient is sent is a request: it is refused */
	s.answers = false;
	snprintf(doc, sizeof(doc), "{\"n\":\"%s\"}", t);
	CHECK(run(&s, doc) == PROTECT_NO_SUBJECT && out.n == 0);
}

/* ---- whose the order is, as keyd remembers ---- */

static struct side of_orders(enum plan_way way)
{
	struct side s = towards(way, FOREIGN_RESEAL);

	s.subject = NULL;
	s.places = (struct subject_places){ .v = { { .name = "$.who" },
						{ .name = "$.order", .order = true } },
		.n = 2,
		.orders = true };
	return s;
}

/* What keyd is told of DOC's order: ID, of PERSON, whom it SAYS. */
static bool told(const struct side *s, const char *doc, const char *id, const char *person,
    bool says)
{
	glass_reset();
	return run(s, doc) == PROTECT_DONE && strcmp(glass.order.id, id) == 0 &&
	    strcmp(glass.order.person, person) == 0 && glass.order.says == says &&
	    glass.item[0].of_order == (id[0] != '\0' && !says) &&
	    strcmp(glass.item[0].subject, says ? person : "") == 0;
}

static void test_orders(void)
{
	struct side s = of_orders(PLAN_STORE);

	CHECK(told(&s, "{\"n\":\"A\",\"order\":\"o-1\",\"who\":\"c\"}", "o-1", "c", true));
	CHECK(told(&s, "{\"n\":\"A\",\"order\":\"\\u006f-1\"}", "o-1", "", false));
	CHECK(told(&s, "{\"n\":\"A\",\"order\":17,\"who\":null}", "17", "", false));
	CHECK(told(&s, "{\"n\":\"A\",\"order\":{}}", "", "", false));
	CHECK(told(&s, "{\"n\":\"A\",\"order\":\"\"}", "", "", false));
	CHECK(!glass.order.required);
	/* two people, or two orders where nobody is named: nobody is told by either */
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":true,\"order\":1}"), "(refused)") == 0);
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"order\":1,\"order\":2}"), "(refused)") == 0);
	/* whose it is is said, and not of which of two orders */
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\",\"who\":\"c\",\"order\":1,\"order\":2}"), "c") ==
	    0);
	CHECK(glass.order.id[0] == '\0');
	/* a guest is known by the order, where nobody else is */
	s.places.v[2] = (struct subject_place){ .name = "$.order", .guest = true };
	s.places.n = 3;
	CHECK(told(&s, "{\"n\":\"A\",\"order\":\"o-1\"}", "o-1", "guest:o-1", false));
	CHECK(told(&s, "{\"n\":\"A\",\"order\":\"o-1\",\"who\":\"c\"}", "o-1", "c", true));
}

static void test_orders_required(void)
{
	struct side s = of_orders(PLAN_STORE);
	const char *t = token_of(CLASS_NAME, 0, "Ann");
	char doc[512], want[512];

	s.places.required = true;
	CHECK(
	    told(&s, "{\"n\":\"A\",\"order\":\"o-1\"}", "o-1", "", false) && glass.order.required);
	glass_reset();
	glass.seal_status = WIRE_UNKNOWN_ORDER;
	CHECK(run(&s, "{\"n\":\"A\",\"order\":\"o-1\"}") == PROTECT_NO_SUBJECT && out.n == 0);
	CHECK(strcmp(sealed_for(&s, "{\"n\":\"A\"}"), "(refused)") == 0);
	/* an answer's tokens stay closed, a request's reader gets none */
	s = of_orders(PLAN_READ);
	s.places.required = true;
	s.answers = true;
	glass_reset();
	glass.status = WIRE_UNKNOWN_ORDER;
	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"t\":\"to %s\",\"order\":1}", t, t);
	snprintf(want, sizeof(want), "{\"n\":null,\"t\":\"to %s\",\"order\":1}", t);
	CHECK(run(&s, doc) == PROTECT_DONE && out_is(want) && glass.item[1].of_order);
	CHECK(protect_result(job)->counts.denied == 2);
	s.answers = false;
	CHECK(run(&s, doc) == PROTECT_NO_SUBJECT && out.n == 0);
	/* what is only opened leaves nothing to remember */
	glass_reset();
	snprintf(doc, sizeof(doc), "{\"n\":\"%s\",\"order\":1,\"who\":\"c\"}", t);
	CHECK(run(&s, doc) == PROTECT_DONE && glass.order.id[0] == '\0');
	CHECK(strcmp(glass.item[0].subject, "c") == 0);
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_asked, "the document's subject goes with every token, and what the route says");
	RUN(test_text_of_nobody,
	    "a token in a text is asked for where the document names somebody");
	RUN(test_resealed, "one that was sealed as text is counted");
	RUN(test_refused, "one that is refused is named by its field, and never told");
	RUN(test_read, "to a reader it is null, and in a text it stays closed");
	RUN(test_places, "the first place where something stands says whose it is");
	RUN(test_required_answers, "an answer that must name somebody and does not is closed");
	RUN(test_orders, "keyd is told the order, and asked whose it is where nobody is named");
	RUN(test_orders_required, "an order of nobody's is as a document that names nobody");
	return glass_over();
}
