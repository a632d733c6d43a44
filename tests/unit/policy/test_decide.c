/*
 * Deciding: a test for each numbered sentence of decide.h, and the compiled
 * table against a naive walk over the rules.
 */
#include "base/buf.h"
#include "policy/decide/table.h"
#include "tap.h"

#define NOON 1795003200000u /* Wednesday 2026-11-18 12:00 UTC */
#define HEAD \
	"{\"scrim_policy\":1,\"version\":\"t\"," \
	"\"classes\":{\"dob\":{\"tier\":\"T3\"},\"core\":{\"id\":64,\"tier\":\"X\"},\"loyalty\":{\"id\":65,\"tier\":\"T1\"}}," \
	"\"roles\":{\"a\":{\"max_tier\":\"T4\"},\"b\":{\"max_tier\":\"T2\"}}," \
	"\"purposes\":[\"p\",\"q\"],\"rules\":["
#define RULE(id, rest) \
	"{\"id\":\"" id \
	"\",\"role\":\"*\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"read\"," rest "}"

static struct policy *load(const char *rules)
{
	static char text[8192];
	struct sc_diags all = { .n = 0 };
	struct policy *p = NULL;

	snprintf(text, sizeof(text), "%s%s]}", HEAD, rules);
	if (policy_load(sc_span_str(text), "t", &all, &p) != SC_OK)
		printf("# %u:%u: %s\n", all.v[0].line, all.v[0].column, all.v[0].text);
	return p;
}

static struct policy_query query(void)
{
	return (struct policy_query){ .class_id = CLASS_PHONE,
		.op = POLICY_READ,
		.now_ms = NOON,
		.subjects_today = 1,
		.records = 1 };
}

static struct policy_verdict ask(const struct policy *p, struct policy_query q)
{
	struct policy_verdict v;

	memset(&v, 0xA5, sizeof(v));
	policy_decide(p, &q, &v);
	if (v.why == NULL)
		abort();
	return v;
}

static enum policy_action with_rules(const char *rules, struct policy_query q)
{
	struct policy *p = load(rules);
	struct policy_verdict v = { .action = (enum policy_action)99 };

	if (p != NULL)
		v = ask(p, q);
	policy_free(p);
	return v.action;
}

static void test_one_role_one_purpose(void)
{
	const char *rules =
	    "{\"id\":\"r\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":\"read\",\"effect\":\"reveal\"}";
	struct policy_query q = query();

	CHECK(with_rules(rules, q) == ACTION_REVEAL);
	q.role = 1;
	CHECK(with_rules(rules, q) == ACTION_DENY);
	q.role = 0;
	q.purpose = 1;
	CHECK(with_rules(rules, q) == ACTION_DENY);
	q.purpose = 0;
	q.class_id = CLASS_NAME;
	CHECK(with_rules(rules, q) == ACTION_DENY);
	q.class_id = CLASS_PHONE;
	q.op = POLICY_SHARE;
	CHECK(with_rules(rules, q) == ACTION_DENY);
}

static void test_default_deny(void)
{
	struct policy *p = load("");
	struct policy_verdict v;

	NEED(p != NULL);
	v = ask(p, query());
	CHECK(v.action == ACTION_DENY && v.n_rules == 0);
	policy_free(p);
}

static void test_deny_wins(void)
{
	CHECK(with_rules(RULE("r", "\"effect\":\"reveal\"") "," RULE("d", "\"effect\":\"deny\""),
		  query()) == ACTION_DENY);
	CHECK(with_rules(RULE("d", "\"effect\":\"deny\"") "," RULE("r", "\"effect\":\"reveal\""),
		  query()) == ACTION_DENY);
}

static void test_least_revealing(void)
{
	static const char *const names[] = { "drop", "mask", "generalise", "tokenise", "reveal" };
	char rules[1024];

	for (int a = 0; a < 5; a++)
		for (int b = 0; b < 5; b++) {
			snprintf(rules, sizeof(rules),
			    RULE("r", "\"effect\":\"%s\"") "," RULE("s", "\"effect\":\"%s\""),
			    names[a], names[b]);
			CHECK(with_rules(rules, query()) ==
			    (enum policy_action)(1 + (a < b ? a : b)));
		}
}

static void test_mask_forms(void)
{
	struct policy *p = load(RULE("r",
	    "\"effect\":\"mask\",\"mask\":\"keep(1,2)\"") ","
							  "{\"id\":\"s\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"phone\",\"op\":\"read\",\"effect\":\"mask\",\"mask\":\"keep(3,4)\"}");
	struct policy_query q = query();
	struct policy_verdict v;

	NEED(p != NULL);
	v = ask(p, q);
	CHECK(v.action == ACTION_MASK && v.mask.kind == MASK_WHOLE && v.n_rules == 2);
	q.role = 1;
	v = ask(p, q);
	CHECK(v.action == ACTION_MASK && v.mask.kind == MASK_KEEP && v.mask.front == 1 &&
	    v.mask.back == 2 && v.n_rules == 1);
	policy_free(p);
}

static void test_ceiling(void)
{
	const char *rules =
	    "{\"id\":\"r\",\"role\":\"*\",\"purpose\":\"*\",\"class\":\"*\",\"op\":[\"read\",\"share\",\"export\",\"search\",\"delete\"],\"effect\":\"reveal\"},"
	    "{\"id\":\"w\",\"role\":\"*\",\"purpose\":\"*\",\"class\":\"*\",\"op\":\"write\",\"effect\":\"tokenise\"}";
	struct policy_query q = query();

	q.role = 1;
	q.class_id = CLASS_BANK_CARD;
	for (q.op = 0; q.op < POLICY_OP_COUNT; q.op++) {
		enum policy_action want = q.op == POLICY_WRITE ? ACTION_TOKENISE :
		    q.op == POLICY_DELETE                      ? ACTION_REVEAL :
								 ACTION_DENY;

		CHECK(with_rules(rules, q) == want);
	}
	q.op = POLICY_READ;
	q.class_id = CLASS_PHONE;
	CHECK(with_rules(rules, q) == ACTION_REVEAL);
	q.tier = TIER_T3;
	CHECK(with_rules(rules, q) == ACTION_DENY);
}

/* Each condition: met gives the effect, unmet the else, and without one deny. */
static void check_condition(const char *condition, struct policy_query met,
    struct policy_query unmet)
{
	char rules[1024];

	snprintf(rules, sizeof(rules), RULE("r", "\"effect\":\"reveal\",%s,\"else\":\"mask\""),
	    condition);
	CHECK(with_rules(rules, met) == ACTION_REVEAL);
	CHECK(with_rules(rules, unmet) == ACTION_MASK);
	snprintf(rules, sizeof(rules), RULE("r", "\"effect\":\"reveal\",%s"), condition);
	CHECK(with_rules(rules, met) == ACTION_REVEAL);
	CHECK(with_rules(rules, unmet) == ACTION_DENY);
	snprintf(rules, sizeof(rules),
	    RULE("r", "\"effect\":\"reveal\",%s") "," RULE("s", "\"effect\":\"mask\""), condition);
	CHECK(with_rules(rules, unmet) == ACTION_DENY);
	CHECK(with_rules(rules, met) == ACTION_MASK);
}

static void test_conditions(void)
{
	struct policy_query q = query(), other;

	other = q;
	other.has_reason = true;
	check_condition("\"require\":[{\"reason\":true}]", other, q);
	other = q;
	other.has_ticket = true;
	check_condition("\"require\":[{\"ticket\":true}]", other, q);
	other = q;
	other.has_step_up = true;
	check_condition("\"require\":[{\"step_up\":true}]", other, q);
	other = q;
	other.has_signature = true;
	check_condition("\"require\":[{\"signature\":true}]", other, q);
	other = q;
	other.approvals = 2;
	q.approvals = 1;
	check_condition("\"require\":[{\"approval\":{\"n\":2,\"from\":\"b\"}}]", other, q);
	q = query();
	q.records = 20;
	other = q;
	other.records = 21;
	check_condition("\"when\":{\"records_max\":20}", q, other);
	q = query();
	q.subjects_today = 50;
	other = q;
	other.subjects_today = 51;
	check_condition("\"limit\":{\"subjects_per_day\":50}", q, other);
	q = query();
	other = q;
	other.now_ms = NOON + 3 * 86400000u; /* Saturday */
	check_condition("\"when\":{\"hours\":\"Mon-Fri 09:00-18:00 Z\"}", q, other);
	other.now_ms = NOON + 6 * 3600000u;
	check_condition("\"when\":{\"hours\":\"Mon-Fri 09:00-18:00 Z\"}", q, other);
	check_condition("\"when\":{\"hours\":\"* 20:00-21:00 +08:00\"}", q, other);
	q = query();
	other = q;
	other.consents = ~1u;
	q.consents = 1;
	check_condition("\"when\":{\"consent\":[\"p\"]}", q, other);
	q.consents = 3;
	other.consents = 1;
	check_condition("\"when\":{\"consent\":[\"q\",\"p\"]}", q, other);
	other.consents = 2;
	check_condition("\"when\":{\"consent\":[\"q\",\"p\"]}", q, other);
	q = query();
	other = q;
	for (uint32_t weeks = 0; weeks <= 5; weeks++) {
		q.idle_weeks = weeks;
		other.idle_weeks = 6;
		check_condition("\"when\":{\"sealed_within\":\"30d\"}", q, other);
		other.idle_weeks = POLICY_WEEKS_UNKNOWN;
		check_condition("\"when\":{\"sealed_within\":\"5w\"}", q, other);
	}
	q.idle_weeks = 520;
	check_condition("\"when\":{\"sealed_within\":\"520w\"}", q, other);
}

/* The shortest window of all rules, whichever rule has it. */
static void test_shortest_weeks(void)
{
	static const struct {
		const char *rules;
		uint32_t weeks;
	} t[] = {
		{ RULE("r", "\"effect\":\"reveal\""), POLICY_LIMIT_NONE },
		{ RULE("r", "\"effect\":\"reveal\",\"when\":{\"sealed_within\":\"7d\"}"), 1 },
		{ RULE("r",
		      "\"effect\":\"reveal\",\"when\":{\"sealed_within\":\"8d\"}") "," RULE("s",
		      "\"effect\":\"mask\",\"when\":{\"sealed_within\":\"9w\"}"),
		    2 },
		{ RULE("r",
		      "\"effect\":\"reveal\",\"when\":{\"sealed_within\":\"520w\"}") "," RULE("s",
		      "\"effect\":\"mask\",\"when\":{\"sealed_within\":\"1d\"}"),
		    1 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct policy *p = load(t[i].rules);

		NEED(p != NULL);
		CHECK(policy_shortest_weeks(p) == t[i].weeks);
		policy_free(p);
	}
}

static void test_all_conditions_at_once(void)
{
	const char *rule = RULE("r",
	    "\"effect\":\"reveal\",\"require\":[{\"reason\":true,\"ticket\":true},{\"step_up\":true}],\"limit\":{\"subjects_per_day\":5}");
	struct policy_query q = query();

	q.has_reason = q.has_ticket = q.has_step_up = true;
	CHECK(with_rules(rule, q) == ACTION_REVEAL);
	q.has_ticket = false;
	CHECK(with_rules(rule, q) == ACTION_DENY);
	q.has_ticket = true;
	q.subjects_today = 6;
	CHECK(with_rules(rule, q) == ACTION_DENY);
}

static void test_token_tier(void)
{
	const char *rules =
	    "{\"id\":\"r\",\"role\":\"*\",\"purpose\":\"*\",\"tier\":[\"T2\"],\"op\":\"read\",\"effect\":\"reveal\"},"
	    "{\"id\":\"s\",\"role\":\"*\",\"purpose\":\"*\",\"tier\":[\"T3\"],\"op\":\"read\",\"effect\":\"mask\"}";
	struct policy_query q = query();

	CHECK(with_rules(rules, q) == ACTION_REVEAL);
	q.tier = TIER_T1; /* lower than the class's: the class's counts */
	CHECK(with_rules(rules, q) == ACTION_REVEAL);
	q.tier = TIER_T3;
	CHECK(with_rules(rules, q) == ACTION_MASK);
	q.tier = TIER_T4;
	CHECK(with_rules(rules, q) == ACTION_DENY);
	q.tier = TIER_X;
	CHECK(with_rules(rules, q) == ACTION_DENY);
	q.tier = 0;
	q.class_id = CLASS_DOB; /* raised to T3 by the file */
	CHECK(with_rules(rules, q) == ACTION_MASK);
	q.class_id = 64; /* tier X */
	CHECK(with_rules(rules, q) == ACTION_DENY);
}

static void test_closed(void)
{
	struct policy *p = load(RULE("r", "\"effect\":\"reveal\""));
	struct policy_query q;

	NEED(p != NULL);
	q = query();
	CHECK(ask(p, q).action == ACTION_REVEAL);
	q.now_ms = 0;
	CHECK(ask(p, q).action == ACTION_DENY);
	q.now_ms = UINT64_MAX;
	CHECK(ask(p, q).action == ACTION_DENY);
	for (unsigned bad = 2; bad < 256; bad++) {
		q = query();
		q.role = (uint8_t)bad;
		CHECK(ask(p, q).action == ACTION_DENY);
		q = query();
		q.purpose = (uint8_t)bad;
		CHECK(ask(p, q).action == ACTION_DENY);
		q = query();
		q.class_id = (uint8_t)bad;
		CHECK(
		    (ask(p, q).action == ACTION_REVEAL) == (bad < CLASS_BUILTIN_END || bad == 65));
		q = query();
		q.op = (uint8_t)bad;
		CHECK(ask(p, q).action == ACTION_DENY);
		q = query();
		q.tier = (uint8_t)bad;
		CHECK((ask(p, q).action == ACTION_REVEAL) == (bad <= TIER_T4));
	}
	q = query();
	q.class_id = CLASS_NONE;
	CHECK(ask(p, q).action == ACTION_DENY);
	CHECK(ask(NULL, query()).action == ACTION_DENY);
	policy_free(p);
}

/* The first of what is not there is said to be unknown, and the last that is, is known. */
static void test_edges(void)
{
	static const char unknown[] = "unknown role, purpose, class, operation or tier";
	struct policy *p = load(
	    "{\"id\":\"r\",\"role\":\"b\",\"purpose\":\"q\",\"class\":\"loyalty\",\"op\":\"*\",\"effect\":\"deny\"}");
	const struct policy_query last = { .role = 1,
		.purpose = 1,
		.class_id = 65,
		.op = POLICY_DELETE,
		.tier = TIER_T4,
		.now_ms = NOON };
	struct policy_query q = last;

	NEED(p != NULL);
	CHECK(strcmp(ask(p, q).why, "a rule denies this") == 0);
	q.role = 2;
	CHECK(strcmp(ask(p, q).why, unknown) == 0 && ask(p, q).n_rules == 0);
	q = last;
	q.purpose = 2;
	CHECK(strcmp(ask(p, q).why, unknown) == 0);
	q = last;
	q.op = POLICY_OP_COUNT;
	CHECK(strcmp(ask(p, q).why, unknown) == 0);
	q = last;
	q.tier = TIER_X;
	CHECK(strcmp(ask(p, q).why, "data of tier X is never carried") == 0);
	q.tier = TIER_X + 1;
	CHECK(strcmp(ask(p, q).why, unknown) == 0);
	q = last;
	q.class_id = 66;
	CHECK(strcmp(ask(p, q).why, unknown) == 0);
	q.class_id = 64; /* of tier X */
	CHECK(strcmp(ask(p, q).why, "data of tier X is never carried") == 0);
	q = last;
	q.now_ms = 0;
	CHECK(strcmp(ask(p, q).why, "the clock cannot be trusted") == 0);
	q.now_ms = 1;
	CHECK(strcmp(ask(p, q).why, "a rule denies this") == 0);
	q.now_ms = 253402300799999u;
	CHECK(strcmp(ask(p, q).why, "a rule denies this") == 0);
	q.now_ms++;
	CHECK(strcmp(ask(p, q).why, "the clock cannot be trusted") == 0);
	CHECK(strcmp(ask(NULL, last).why, unknown) == 0);
	CHECK(ask(p, q).limits.subjects == POLICY_LIMIT_NONE);
	policy_free(p);
}

/* A class, like anything, may have a name of one letter. */
static void test_short_names(void)
{
	struct policy *p = NULL;
	struct policy_query q = query();

	NEED(
	    policy_load(
		sc_span_str(
		    "{\"scrim_policy\":1,\"version\":\"v\",\"classes\":{\"x\":{\"id\":70,\"tier\":\"T1\"}},"
		    "\"roles\":{\"a\":{\"max_tier\":\"T4\"}},\"purposes\":[\"p\"],\"rules\":[{\"id\":\"r\",\"role\":\"a\","
		    "\"purpose\":\"p\",\"class\":\"x\",\"op\":[\"read\",\"delete\"],\"effect\":\"reveal\"}]}"),
		"t", NULL, &p) == SC_OK);
	q.class_id = 70;
	CHECK(ask(p, q).action == ACTION_REVEAL);
	policy_free(p);
	/* and the last id there is: whoever may not erase it erases nobody */
	NEED(
	    policy_load(
		sc_span_str(
		    "{\"scrim_policy\":1,\"version\":\"v\",\"classes\":{\"x\":{\"id\":255,\"tier\":\"T1\"}},"
		    "\"roles\":{\"a\":{\"max_tier\":\"T4\"}},\"purposes\":[\"p\"],\"rules\":[{\"id\":\"r\",\"role\":\"a\","
		    "\"purpose\":\"p\",\"class\":\"*\",\"op\":\"delete\",\"effect\":\"reveal\"},"
		    "{\"id\":\"d\",\"class\":\"x\",\"op\":\"delete\",\"effect\":\"deny\"}]}"),
		"t", NULL, &p) == SC_OK);
	q.op = POLICY_DELETE;
	q.class_id = CLASS_PHONE;
	CHECK(ask(p, q).action == ACTION_REVEAL);
	q.class_id = CLASS_NONE;
	CHECK(ask(p, q).action == ACTION_DENY);
	policy_free(p);
}

/* Only asking for a person's erasure asks about every class; the last one counts. */
static void test_person_edges(void)
{
	const char *all =
	    "{\"id\":\"r\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"*\",\"op\":[\"delete\",\"read\"],\"effect\":\"reveal\"}";
	struct policy_query q = query();
	char rules[1024];

	q.class_id = CLASS_NONE;
	CHECK(with_rules(all, q) == ACTION_DENY); /* reading nobody's class */
	q.op = POLICY_DELETE;
	CHECK(with_rules(all, q) == ACTION_REVEAL);
	snprintf(rules, sizeof(rules),
	    "%s,{\"id\":\"d\",\"class\":\"name\",\"op\":\"delete\",\"effect\":\"deny\"}", all);
	CHECK(with_rules(rules, q) == ACTION_DENY);
	q.class_id = CLASS_PHONE;
	CHECK(with_rules(rules, q) == ACTION_REVEAL);
	q.class_id = CLASS_NAME;
	CHECK(with_rules(rules, q) == ACTION_DENY);
}

static void test_permit_only(void)
{
	const char *rules =
	    "{\"id\":\"r\",\"role\":\"*\",\"purpose\":\"*\",\"class\":\"*\",\"op\":[\"search\",\"delete\"],\"effect\":\"tokenise\"}";
	struct policy_query q = query();

	q.op = POLICY_SEARCH;
	CHECK(with_rules(rules, q) == ACTION_DENY);
	q.op = POLICY_DELETE;
	CHECK(with_rules(rules, q) == ACTION_DENY);
}

static void test_erase_person(void)
{
	struct policy_query q = query();

	q.op = POLICY_DELETE;
	q.class_id = CLASS_NONE;
	CHECK(
	    with_rules(
		"{\"id\":\"r\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"delete\",\"effect\":\"reveal\"}",
		q) == ACTION_REVEAL);
	CHECK(
	    with_rules(
		"{\"id\":\"r\",\"role\":\"a\",\"purpose\":\"p\",\"class\":[\"phone\",\"name\"],\"op\":\"delete\",\"effect\":\"reveal\"}",
		q) == ACTION_DENY);
	CHECK(
	    with_rules(
		"{\"id\":\"r\",\"role\":\"a\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"delete\",\"effect\":\"reveal\"},"
		"{\"id\":\"d\",\"class\":\"loyalty\",\"op\":\"delete\",\"effect\":\"deny\"}",
		q) == ACTION_DENY);
}

static void test_says_which_rules(void)
{
	struct policy *p = load(RULE("r1", "\"effect\":\"mask\"") "," RULE("r2",
	    "\"effect\":\"reveal\",\"require\":[{\"approval\":{\"n\":2,\"from\":\"b\"}}],\"limit\":{\"subjects_per_day\":7},\"else\":\"mask\"") "," RULE("r3",
	    "\"effect\":\"reveal\""));
	struct policy_query q = query();
	struct policy_verdict v;
	uint8_t n = 0, from = 9;

	NEED(p != NULL);
	v = ask(p, q);
	CHECK(v.action == ACTION_MASK && v.n_rules == 2 && v.rules[0] == 0 && v.rules[1] == 1 &&
	    v.limits.subjects == 7);
	CHECK(strcmp(policy_rule_name(p, v.rules[1]), "r2") == 0);
	CHECK(strstr(v.why, "approval") != NULL);
	CHECK(policy_rule_approval(p, 1, &n, &from) && n == 2 && from == 1);
	CHECK(!policy_rule_approval(p, 0, &n, &from));
	CHECK(!policy_rule_approval(p, 3, &n, &from));
	CHECK(policy_rule_name(p, 3) == NULL);
	policy_free(p);
}

/* What stands above the rules makes all of them lose; the unknown meets none. */
static void test_explains(void)
{
	struct policy *p = load(RULE("r1", "\"effect\":\"mask\"") "," RULE("r2",
	    "\"effect\":\"reveal\",\"when\":{\"hours\":\"* 00:00-24:00 Z\"}"));
	struct policy_query q = query();
	struct policy_match m[4];

	NEED(p != NULL);
	CHECK(policy_explain(p, &q, m, 4) == 2 && !m[0].lost && m[0].rule == 0 && m[1].lost &&
	    m[1].rule == 1 && m[1].says == ACTION_REVEAL && strcmp(m[1].why, "by rule") == 0);
	q.now_ms = 0;
	CHECK(policy_explain(p, &q, m, 4) == 2 && m[0].lost && m[1].lost);
	q = query();
	q.role = 1;
	q.class_id = CLASS_BANK_CARD; /* above b's ceiling */
	CHECK(policy_explain(p, &q, m, 4) == 2 && m[0].lost && m[1].lost);
	q.role = 2;
	CHECK(policy_explain(p, &q, m, 4) == 0);
	q = query();
	q.class_id = CLASS_NONE;
	q.op = POLICY_DELETE;
	CHECK(policy_explain(p, &q, m, 4) == 0);
	q = query();
	q.purpose = 1;
	CHECK(policy_explain(p, &q, NULL, 0) == 0);
	policy_free(p);
}

/* ---- the table against a naive walk ------------------------------------------- */

static const char *const whys[] = {
	[WHY_CLOCK] = "the clock cannot be trusted",
	[WHY_UNKNOWN] = "unknown role, purpose, class, operation or tier",
	[WHY_TIER_X] = "data of tier X is never carried",
	[WHY_CEILING] = "above the role's highest tier",
	[WHY_RULE_DENIES] = "a rule denies this",
	[WHY_HOURS] = "outside the hours in which this is allowed",
	[WHY_RECORDS] = "more records at once than allowed",
	[WHY_CONSENT] = "the person has not consented",
	[WHY_SEALED] = "nothing of this person was sealed lately",
	[WHY_SUBJECTS] = "the day's limit of persons is used up",
	[WHY_REASON] = "a reason is required",
	[WHY_TICKET] = "a ticket is required",
	[WHY_STEP_UP] = "signing in again is required",
	[WHY_APPROVAL] = "approval by other people is required",
	[WHY_SIGNATURE] = "the caller's own signature is required",
	[WHY_PERMIT_ONLY] = "no rule permits this operation",
	[WHY_NO_RULE] = "no rule allows this",
	[WHY_RULE] = "by rule",
};

/* Does PICK speak of what Q asks? TIER is the effective one. */
static bool picks(const struct lang_pick *p, const struct policy_query *q, uint8_t tier)
{
	return (p->roles >> q->role & 1) && (p->purposes >> q->purpose & 1) &&
	    lang_has_class(p, q->class_id) && (p->tiers >> tier & 1) && (p->ops >> q->op & 1);
}

/* The first of R's conditions that is not met. */
static unsigned unmet(const struct lang_rule *r, const struct policy_query *q)
{
	const struct {
		bool asked, met;
		unsigned why;
	} conditions[] = {
		{ r->hours.days != 0, lang_window_holds(&r->hours, q->now_ms), WHY_HOURS },
		{ r->records_max != LANG_NO_LIMIT, q->records <= r->records_max, WHY_RECORDS },
		{ r->consents != 0, (q->consents & r->consents) == r->consents, WHY_CONSENT },
		{ r->sealed_within != LANG_NO_LIMIT,
		    q->idle_weeks != POLICY_WEEKS_UNKNOWN && q->idle_weeks <= r->sealed_within,
		    WHY_SEALED },
		{ r->subjects_per_day != LANG_NO_LIMIT, q->subjects_today <= r->subjects_per_day,
		    WHY_SUBJECTS },
		{ r->reason, q->has_reason, WHY_REASON },
		{ r->ticket, q->has_ticket, WHY_TICKET },
		{ r->step_up, q->has_step_up, WHY_STEP_UP },
		{ r->approval.n != 0, q->approvals >= r->approval.n, WHY_APPROVAL },
		{ r->signature, q->has_signature, WHY_SIGNATURE },
	};

	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
		if (conditions[i].asked && !conditions[i].met)
			return conditions[i].why;
	return WHY_RULE;
}

/* The whole verdict, from the sentences of decide.h alone. */
struct naive {
	unsigned action, why, n_rules;
	unsigned least; /* revealing that was said, before what the operation makes of it */
	bool denied;    /* by a rule without conditions */
	uint16_t rules[POLICY_VERDICT_RULES];
	bool one_form;
	struct mask_form form;
	uint32_t subjects_limit, weeks_limit;
};

static struct naive naive_deny(unsigned why)
{
	return (struct naive){ .action = ACTION_DENY,
		.why = why,
		.one_form = true,
		.subjects_limit = POLICY_LIMIT_NONE,
		.weeks_limit = POLICY_LIMIT_NONE };
}

/* Rule I says SAYS because of WHY: is it among the least revealing? */
static void hear(struct naive *out, const struct lang_rule *r, unsigned i, unsigned says,
    unsigned why, bool *any)
{
	if (*any && says > out->action)
		return;
	if (!*any || says < out->action) {
		out->action = says;
		out->why = why;
		out->n_rules = 0;
		out->one_form = true;
		out->form = r->mask;
	}
	*any = true;
	if (memcmp(&out->form, &r->mask, sizeof(r->mask)) != 0)
		out->one_form = false;
	if (why < out->why)
		out->why = why;
	if (out->n_rules < POLICY_VERDICT_RULES)
		out->rules[out->n_rules++] = (uint16_t)i;
}

static void walk(const struct lang_model *m, const struct policy_query *q, struct naive *out)
{
	const struct lang_class *k = &m->classes[q->class_id];
	uint8_t tier = q->tier > k->tier ? q->tier : k->tier;
	bool any = false;

	if (k->name.s[0] == '\0')
		*out = naive_deny(WHY_UNKNOWN);
	else if (tier == TIER_X)
		*out = naive_deny(WHY_TIER_X);
	else if (q->op != POLICY_WRITE && q->op != POLICY_DELETE && q->op != POLICY_MERGE &&
	    tier > m->roles[q->role].max_tier)
		*out = naive_deny(WHY_CEILING);
	else
		*out = naive_deny(WHY_NO_RULE);
	if (out->why != WHY_NO_RULE)
		return;
	for (unsigned i = 0; i < m->n_rules; i++)
		out->denied |= picks(&m->rules[i].pick, q, tier) &&
		    m->rules[i].effect == ACTION_DENY;
	for (unsigned i = 0; i < m->n_rules; i++) {
		const struct lang_rule *r = &m->rules[i];
		unsigned why = unmet(r, q);

		if (!picks(&r->pick, q, tier) || (out->denied && r->effect != ACTION_DENY))
			continue;
		hear(out, r, i, why == WHY_RULE ? r->effect : r->otherwise,
		    r->effect == ACTION_DENY ? WHY_RULE_DENIES : why, &any);
		if (r->subjects_per_day < out->subjects_limit)
			out->subjects_limit = r->subjects_per_day;
		if (r->sealed_within != LANG_NO_LIMIT && r->sealed_within < out->weeks_limit)
			out->weeks_limit = r->sealed_within;
	}
	out->least = out->action;
	if ((q->op == POLICY_SEARCH || q->op == POLICY_DELETE || q->op == POLICY_MERGE) &&
	    out->action != ACTION_REVEAL) {
		if (out->action != ACTION_DENY && out->why == WHY_RULE)
			out->why = WHY_PERMIT_ONLY;
		out->action = ACTION_DENY;
	}
}

static uint64_t rng = 0x2545F4914F6CDD1Du;
static uint32_t next(uint32_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 32) % below;
}

static void put_pick(struct sc_buf *b, const char *key, const char *prefix, unsigned n,
    const char *const *names)
{
	bool first = true;

	if (sc_buf_printf(b, ",\"%s\":[", key) != SC_OK)
		abort();
	for (unsigned i = 0; i < n; i++) {
		if (next(3) != 0 && !(first && i == n - 1))
			continue;
		if ((names != NULL ?
			    sc_buf_printf(b, "%s\"%s\"", first ? "" : ",", names[i]) :
			    sc_buf_printf(b, "%s\"%s%u\"", first ? "" : ",", prefix, i)) != SC_OK)
			abort();
		first = false;
	}
	if (sc_buf_put_str(b, "]") != SC_OK)
		abort();
}

static const char *const some_classes[] = { "name", "phone", "resident_id", "geo", "order_id",
	"dob", "f0", "f1", "fx" };
static const char *const some_tiers[] = { "T0", "T1", "T2", "T3", "T4" };
static const char *const all_ops[] = { "write", "read", "share", "export", "search", "delete",
	"send", "merge" };

#define SEALED_WITHIN 128 /* of the conditions: its rule is of openings alone */

/* Each condition there is, or not, with a number near those that are asked about. */
static void put_conditions(struct sc_buf *b, unsigned effect, unsigned purposes, unsigned some)
{
	static const char *const hours[] = { "Tue-Thu 22:00-13:00 -03:30", "* 00:00-12:00 Z",
		"Wed 12:00-24:00 Z" };
	static const char *const wants[] = { "reason", "step_up", "signature" };
	unsigned one = next(purposes);
	bool err = false;

	if (effect == ACTION_DENY || some == 0)
		return;
	if (some & (67 | SEALED_WITHIN))
		err |= sc_buf_printf(b, ",\"when\":{") != SC_OK;
	if (some & 1)
		err |= sc_buf_printf(b, "\"records_max\":%u", 1 + next(4)) != SC_OK;
	if (some & 2)
		err |= sc_buf_printf(b, "%s\"hours\":\"%s\"", some & 1 ? "," : "",
			   hours[next(3)]) != SC_OK;
	if (some & 64)
		err |= sc_buf_printf(b, "%s\"consent\":[\"p%u\"%s]", some & 3 ? "," : "", one,
			   purposes > 1 && one != 1 && next(2) == 0 ? ",\"p1\"" : "") != SC_OK;
	if (some & SEALED_WITHIN)
		err |= sc_buf_printf(b, "%s\"sealed_within\":\"%u%s\"", some & 67 ? "," : "",
			   1 + next(30), next(4) == 0 ? "w" : "d") != SC_OK;
	if (some & (67 | SEALED_WITHIN))
		err |= sc_buf_put_str(b, "}") != SC_OK;
	if (some & 4)
		err |= sc_buf_printf(b, ",\"limit\":{\"subjects_per_day\":%u}", 1 + next(3)) !=
		    SC_OK;
	if (some & 56)
		err |= sc_buf_printf(b, ",\"require\":[") != SC_OK;
	if (some & 8)
		err |= sc_buf_printf(b, "{\"%s\":true}", wants[next(3)]) != SC_OK;
	if (some & 16)
		err |= sc_buf_printf(b, "%s{\"ticket\":true}", some & 8 ? "," : "") != SC_OK;
	if (some & 32)
		err |= sc_buf_printf(b, "%s{\"approval\":{\"n\":%u,\"from\":\"r0\"}}",
			   some & 24 ? "," : "", 1 + next(3)) != SC_OK;
	if (some & 56)
		err |= sc_buf_put_str(b, "]") != SC_OK;
	if (next(2) == 0)
		err |= sc_buf_printf(b, ",\"else\":\"%s\"", policy_action_name(next(effect))) !=
		    SC_OK;
	if (err)
		abort();
}

static void put_rule(struct sc_buf *b, unsigned i, unsigned roles, unsigned purposes)
{
	unsigned effect = next(6);
	unsigned some = next(2) == 0 ? next(256) & next(256) : 0;
	bool write = effect != ACTION_REVEAL;

	if (sc_buf_printf(b, "%s{\"id\":\"x%u\",\"effect\":\"%s\"", i == 0 ? "" : ",", i,
		policy_action_name(effect)) != SC_OK)
		abort();
	put_pick(b, "role", "r", roles, NULL);
	put_pick(b, "purpose", "p", purposes, NULL);
	if (next(2) == 0)
		put_pick(b, "tier", NULL, 5, some_tiers);
	else
		put_pick(b, "class", NULL, 9, some_classes);
	if (some & SEALED_WITHIN)
		put_pick(b, "op", NULL, 3, all_ops + 1);
	else
		put_pick(b, "op", NULL, write ? 8 : 7, write ? all_ops : all_ops + 1);
	if (effect == ACTION_MASK && next(2) == 0 &&
	    sc_buf_put_str(b, next(2) == 0 ? ",\"mask\":\"keep(1,1)\"" : ",\"mask\":\"whole\"") !=
		SC_OK)
		abort();
	put_conditions(b, effect, purposes, some);
	if (sc_buf_put_str(b, "}") != SC_OK)
		abort();
}

static struct policy *random_policy(struct sc_buf *b)
{
	unsigned roles = 1 + next(5), purposes = 1 + next(3), rules = next(70);
	struct sc_diags all = { .n = 0 };
	struct policy *p = NULL;

	sc_buf_clear(b);
	if (sc_buf_printf(b,
		"{\"scrim_policy\":1,\"version\":\"r\",\"classes\":{"
		"\"f0\":{\"id\":64,\"tier\":\"T%u\"},\"f1\":{\"id\":255,\"tier\":\"T4\"},"
		"\"fx\":{\"id\":100,\"tier\":\"X\"}},\"roles\":{",
		next(5)) != SC_OK)
		abort();
	for (unsigned i = 0; i < roles; i++)
		if (sc_buf_printf(b, "%s\"r%u\":{\"max_tier\":\"T%u\"}", i == 0 ? "" : ",", i,
			next(5)) != SC_OK)
			abort();
	if (sc_buf_put_str(b, "},\"purposes\":[") != SC_OK)
		abort();
	for (unsigned i = 0; i < purposes; i++)
		if (sc_buf_printf(b, "%s\"p%u\"", i == 0 ? "" : ",", i) != SC_OK)
			abort();
	if (sc_buf_put_str(b, "],\"rules\":[") != SC_OK)
		abort();
	for (unsigned i = 0; i < rules; i++)
		put_rule(b, i, roles, purposes);
	if (sc_buf_put_str(b, "]}") != SC_OK)
		abort();
	if (policy_load(sc_buf_span(b), "random", &all, &p) != SC_OK)
		printf("# %u:%u: %s\n", all.v[0].line, all.v[0].column, all.v[0].text);
	return p;
}

/* Is M what rule I comes to, which WANT has heard of? */
static bool as_heard(const struct policy_match *m, const struct lang_rule *r, unsigned i,
    const struct policy_query *q, const struct naive *want)
{
	unsigned why = unmet(r, q), says = why == WHY_RULE ? r->effect : r->otherwise;
	bool decided = want->n_rules != 0 && says == want->least &&
	    (!want->denied || r->effect == ACTION_DENY);

	return m->rule == i && (unsigned)m->says == says && m->lost == !decided &&
	    strcmp(m->why, whys[r->effect == ACTION_DENY ? WHY_RULE_DENIES : why]) == 0;
}

/* Every rule that speaks of Q and no other is told, in order, winner or not. */
static bool explained(const struct policy *p, const struct policy_query *q,
    const struct naive *want)
{
	static struct policy_match m[72], one[2];
	uint8_t own = p->model.classes[q->class_id].tier, tier = q->tier > own ? q->tier : own;
	size_t n = policy_explain(p, q, m, 70), k = 0;

	if (want->why == WHY_UNKNOWN || want->why == WHY_TIER_X)
		return n == 0;
	for (unsigned i = 0; i < p->model.n_rules; i++) {
		const struct lang_rule *r = &p->model.rules[i];

		if (!picks(&r->pick, q, tier))
			continue;
		if (k == n || !as_heard(&m[k++], r, i, q, want))
			return false;
	}
	one[1].rule = 0xA5A5;
	return k == n && policy_explain(p, q, one, 1) == n && one[1].rule == 0xA5A5 &&
	    (n == 0 || memcmp(&one[0], &m[0], sizeof(m[0])) == 0);
}

static bool agree(const struct policy *p, const struct policy_query *q)
{
	struct policy_verdict v;
	struct naive want;

	policy_decide(p, q, &v);
	walk(&p->model, q, &want);
	if (!explained(p, q, &want) || (unsigned)v.action != want.action ||
	    strcmp(v.why, whys[want.why]) != 0 || v.n_rules != want.n_rules ||
	    v.limits.subjects != want.subjects_limit || v.limits.weeks != want.weeks_limit ||
	    memcmp(v.rules, want.rules, want.n_rules * sizeof(want.rules[0])) != 0)
		return false;
	/* a denial that a signature would turn, and no other thing */
	if (policy_wants_signature(&v) != (want.action == ACTION_DENY && want.why == WHY_SIGNATURE))
		return false;
	if (v.action != ACTION_MASK)
		return true;
	return want.one_form ? memcmp(&v.mask, &want.form, sizeof(v.mask)) == 0 :
			       v.mask.kind == MASK_WHOLE;
}

static void check_all_cells(const struct policy *p)
{
	static const uint8_t classes[] = { CLASS_NAME, CLASS_PHONE, CLASS_RESIDENT_ID, CLASS_GEO,
		CLASS_ORDER_ID, CLASS_DOB, CLASS_EMAIL, 64, 255, 100, 63, 200 };
	struct policy_query q;

	for (unsigned r = 0; r < p->model.n_roles; r++)
		for (unsigned u = 0; u < p->model.n_purposes; u++)
			for (unsigned c = 0; c < sizeof(classes); c++)
				for (unsigned cell = 0; cell < 6 * 6; cell++) {
					q = (struct policy_query){ .role = (uint8_t)r,
						.purpose = (uint8_t)u,
						.class_id = classes[c],
						.op = (uint8_t)(cell % 6),
						.tier = (uint8_t)(cell / 6),
						.now_ms = NOON + (uint64_t)next(14 * 1440) * 60000,
						.has_reason = next(2),
						.has_ticket = next(2),
						.has_step_up = next(2),
						.has_signature = next(2),
						.approvals = (uint8_t)next(4),
						.subjects_today = next(5),
						.records = next(6),
						.consents = next(8),
						.idle_weeks = next(8) == 0 ? POLICY_WEEKS_UNKNOWN :
									     next(6) };
					CHECK(agree(p, &q));
				}
}

/* Also when it is the last of many rules that asks. */
static void test_needs_consent(void)
{
	static const char *const rules[] = {
		RULE("r", "\"effect\":\"reveal\",\"when\":{\"records_max\":1}"),
		RULE("r", "\"effect\":\"reveal\",\"when\":{\"consent\":[\"q\"]}"),
		RULE("r", "\"effect\":\"reveal\",\"when\":{\"consent\":[\"q\"]}") "," RULE("s",
		    "\"effect\":\"reveal\""),
		RULE("r", "\"effect\":\"reveal\"") "," RULE("s",
		    "\"effect\":\"mask\",\"when\":{\"consent\":[\"p\"]}"),
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		char text[2048];
		struct policy *p = NULL;

		snprintf(text, sizeof(text), "%s%s]}", HEAD, rules[i]);
		NEED(policy_load(sc_span_str(text), "t", NULL, &p) == SC_OK);
		CHECK(policy_needs_consent(p) == (i != 0));
		policy_free(p);
	}
}

static void test_differential(void)
{
	struct sc_buf b;

	sc_buf_init(&b, 1 << 20);
	for (int i = 0; i < 400; i++) {
		struct policy *p = random_policy(&b);

		NEED(p != NULL);
		check_all_cells(p);
		policy_free(p);
	}
	sc_buf_fini(&b);
}

int main(void)
{
	RUN(test_one_role_one_purpose,
	    "1. a rule speaks of its roles, purposes, classes, operations only");
	RUN(test_default_deny, "2. no rule: deny");
	RUN(test_deny_wins, "3. any matching deny wins, in either order");
	RUN(test_least_revealing, "4. the least revealing effect wins, in either order");
	RUN(test_mask_forms, "5. masks that differ: whole");
	RUN(test_ceiling, "6. nobody is shown what is above their ceiling");
	RUN(test_conditions, "7. an unmet condition gives the else, or deny");
	RUN(test_all_conditions_at_once, "7. every condition must be met");
	RUN(test_token_tier, "8. the higher tier counts; X is refused");
	RUN(test_closed, "9. a failed clock or anything unknown: deny");
	RUN(test_edges, "9. the first that is unknown is, the last that is known is not");
	RUN(test_short_names, "a class of one letter is a class");
	RUN(test_person_edges, "every class counts when a person is erased, and only then");
	RUN(test_permit_only, "searching and deleting are permitted by reveal only");
	RUN(test_erase_person, "erasing a person needs every class's permission");
	RUN(test_says_which_rules, "a verdict names its rules, its reason and its limit");
	RUN(test_explains, "every rule that met is told, and whether it lost");
	RUN(test_shortest_weeks, "the shortest sealed_within of all rules is known");
	RUN(test_needs_consent, "whether any rule asks for consent is known");
	RUN(test_differential, "the compiled table and a naive walk agree on every cell");
	return tap_done();
}
