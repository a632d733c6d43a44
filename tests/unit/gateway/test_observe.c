/*
 * test_observe.c - what would be done with a body is counted, and nothing of it done.
 */
#include "glass.h"

#include "gateway/codec/codec.h"

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\","
    "\"roles\":{\"shop\":{\"max_tier\":\"T3\"}},\"purposes\":[\"p\"],"
    "\"rules\":[{\"id\":\"w\",\"role\":[\"shop\"],\"purpose\":[\"p\"],"
    "\"class\":[\"*\"],\"op\":[\"write\"],\"effect\":\"tokenise\"},"
    "{\"id\":\"r\",\"role\":[\"shop\"],\"purpose\":[\"p\"],"
    "\"class\":[\"*\"],\"op\":[\"read\"],\"effect\":\"mask\"}]}";

static const struct field_rule seal[] = { RULE("$.to.phone", &form_seal, CLASS_PHONE) };
static const struct field_rule read[] = { RULE("$..phone", &form_policy, CLASS_PHONE) };

static const struct protect_result *look(const struct side *s, const char *doc)
{
	struct protect_input in;

	prepare(s, sc_span_str(doc));
	in = input(s);
	in.out = NULL;
	in.done = NULL;
	return protect_observe(job, &in);
}

static bool nothing_done(void)
{
	static const struct audit_counts none;

	return glass.calls == 0 && finished == 0 && !protect_under_way(job) &&
	    memcmp(&protect_result(job)->counts, &none, sizeof(none)) == 0;
}

static void test_counted(void)
{
	struct side s = SIDE(seal, PLAN_STORE, "shop", "p");
	const struct protect_result *r;

	s.undeclared = (struct undeclared){ UNDECLARED_SEAL, UNDECLARED_MASK };
	r = look(&s,
	    "{\"to\":{\"phone\":\"07700 900123\"},\"tel\":\"+447700900124\",\"first_name\":\"Ann\"}");
	CHECK(r->outcome == PROTECT_DONE && r->n_observed == 3 && nothing_done());
	/* what was seen has passed, whatever would become of it */
	CHECK(r->n_undeclared == 2 && r->n_seen == 2);
	for (size_t i = 0; i < r->n_seen; i++)
		CHECK(r->seen[i].did == UNDECLARED_REPORT);
	r = look(&s, "{\"to\":{\"phone\":null},\"x\":1}");
	CHECK(r->outcome == PROTECT_DONE && r->n_observed == 0 && r->n_undeclared == 0);
	/* a job that was used so protects the next */
	CHECK(run(&s, "{\"to\":{\"phone\":\"07700 900123\"}}") == PROTECT_DONE &&
	    !out_has("07700") && glass.calls == 1);
}

static void test_refusals(void)
{
	struct side s = SIDE(seal, PLAN_STORE, "shop", "p");

	CHECK(look(&s, "{\"to\":\"07700 900123\"}")->outcome == PROTECT_UNMATCHED &&
	    protect_result(job)->n_unmatched == 1 && nothing_done());
	CHECK(look(&s, "{\"to\":")->outcome == PROTECT_MALFORMED && nothing_done());
	s.undeclared = (struct undeclared){ UNDECLARED_REFUSE, UNDECLARED_REFUSE };
	CHECK(look(&s, "{\"tel\":\"+447700900124\"}")->outcome == PROTECT_UNDECLARED &&
	    protect_result(job)->n_seen == 1 && nothing_done());
	CHECK(protect_result(job)->seen[0].did == UNDECLARED_REPORT);
}

/* The first line that would not have passed says why, and the others are looked at. */
static void test_lines(void)
{
	struct side s = SIDE(seal, PLAN_STORE, "shop", "p");

	s.codec = &codec_ndjson;
	CHECK(look(&s, "{\"to\":{\"phone\":\"1\"}}\n\n{\"to\":7}\n{x\n{\"to\":{\"phone\":\"2\"}}\n")
		  ->outcome == PROTECT_UNMATCHED);
	CHECK(protect_result(job)->n_observed == 2 && protect_result(job)->n_unmatched == 1 &&
	    nothing_done());
}

static void test_answers(void)
{
	struct side s = SIDE(read, PLAN_READ, "shop", "p");
	char doc[512];

	s.answers = true;
	snprintf(doc, sizeof(doc), "{\"phone\":\"07700 900123\",\"x\":\"%s\"}",
	    token_of(CLASS_NAME, 0, "Ann"));
	CHECK(
	    look(&s, doc)->n_observed == 2 && protect_result(job)->n_clear == 1 && nothing_done());
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_counted, "what would be changed is counted, and nobody asked");
	RUN(test_refusals, "what would be refused says why");
	RUN(test_lines, "line by line, to the last");
	RUN(test_answers, "an answer alike");
	return glass_over();
}
