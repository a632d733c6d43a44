/*
 * The policy that ships: it loads, and does what it says.
 */
#include "policy/decide/decide.h"
#include "tap.h"

static struct policy *load(void)
{
	struct sc_diags all = { .n = 0 };
	struct policy *p = NULL;
	char text[600];

	if (policy_load_file("policy/default.json", &all, &p) != SC_OK)
		for (size_t i = 0; sc_diags_print(&all, i, text, sizeof(text)); i++)
			printf("# %s\n", text);
	return p;
}

/* A file with one that does not hold would not have been loaded. */
static void test_own_tests(void)
{
	struct policy *p = load();

	NEED(p != NULL);
	CHECK(policy_test_count(p) >= 30);
	policy_free(p);
}

static void test_names(void)
{
	static const char *const roles[] = { "shop", "order_system", "carrier", "telephony",
		"collector", "support", "support_lead", "fraud", "finance", "marketing", "analyst",
		"auditor", "archivist", "privacy_officer", "key_custodian", "operator" };
	static const char *const purposes[] = { "order_processing", "delivery", "service",
		"fraud_investigation", "settlement", "analytics", "campaign", "audit", "operations",
		"old_orders" };
	struct policy *p = load();
	uint8_t id;

	NEED(p != NULL);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		CHECK(policy_role(p, sc_span_str(roles[i]), &id) &&
		    strcmp(policy_role_name(p, id)->s, roles[i]) == 0);
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		CHECK(policy_purpose(p, sc_span_str(purposes[i]), &id) &&
		    strcmp(policy_purpose_name(p, id)->s, purposes[i]) == 0);
	CHECK(policy_role_count(p) == sizeof(roles) / sizeof(roles[0]));
	CHECK(policy_purpose_count(p) == sizeof(purposes) / sizeof(purposes[0]));
	policy_free(p);
}

/* Over every cell there is, whatever is claimed: who may ever see a value? */
static void test_who_ever_reveals(void)
{
	struct policy *p = load();
	struct policy_query q = { .now_ms = 1795003200000,
		.has_reason = true,
		.has_ticket = true,
		.has_step_up = true,
		.has_signature = true,
		.approvals = 16,
		.subjects_today = 1,
		.records = 1 };
	struct policy_verdict v;
	unsigned revealed = 0;

	NEED(p != NULL);
	for (q.role = 0; q.role < policy_role_count(p); q.role++) {
		const char *role = policy_role_name(p, q.role)->s;
		bool never = strcmp(role, "marketing") == 0 || strcmp(role, "analyst") == 0 ||
		    strcmp(role, "auditor") == 0 || strcmp(role, "key_custodian") == 0 ||
		    strcmp(role, "operator") == 0;

		for (q.purpose = 0; q.purpose < policy_purpose_count(p); q.purpose++)
			for (q.class_id = 1; q.class_id < CLASS_BUILTIN_END; q.class_id++)
				for (q.op = 0; q.op < POLICY_OP_COUNT; q.op++)
					for (q.tier = 0; q.tier <= TIER_X; q.tier++) {
						policy_decide(p, &q, &v);
						CHECK(!never || v.action == ACTION_DENY);
						CHECK(q.tier < TIER_X || v.action == ACTION_DENY);
						CHECK(q.op != POLICY_WRITE ||
						    v.action == ACTION_DENY ||
						    v.action == ACTION_TOKENISE);
						revealed += v.action == ACTION_REVEAL;
					}
	}
	CHECK(revealed > 0);
	policy_free(p);
}

/* Rules for those who may: each wants more than a gateway can say by itself. */
static bool is_exempt(const char *rule)
{
	return strcmp(rule, "old-orders") == 0 || strcmp(rule, "orders-migrate") == 0 ||
	    strcmp(rule, "restore") == 0 || strcmp(rule, "refunds") == 0;
}

/* Whatever a daily use claims: of whom nothing was sealed lately it is shown no personal value. */
static void test_old_people_stay_closed(void)
{
	static const uint32_t idle[] = { 6, 500, POLICY_WEEKS_UNKNOWN };
	struct policy *p = load();
	struct policy_query q = { .now_ms = 1795003200000,
		.has_reason = true,
		.has_ticket = true,
		.has_step_up = true,
		.approvals = 16,
		.subjects_today = 1,
		.records = 1 };
	struct policy_verdict v;

	NEED(p != NULL);
	CHECK(policy_shortest_weeks(p) == 5);
	for (q.role = 0; q.role < policy_role_count(p); q.role++)
		for (q.purpose = 0; q.purpose < policy_purpose_count(p); q.purpose++)
			for (q.class_id = 1; q.class_id < CLASS_BUILTIN_END; q.class_id++)
				for (unsigned i = 0; i < 3 * POLICY_OP_COUNT; i++) {
					q.op = (uint8_t)(i / 3);
					q.idle_weeks = idle[i % 3];
					if (policy_class_tier(p, q.class_id) < TIER_T2 ||
					    q.op == POLICY_SEARCH || q.op == POLICY_DELETE ||
					    q.op == POLICY_MERGE || q.op == POLICY_SEND)
						/* no value is shown, or not by the one yes alone */
						continue;
					policy_decide(p, &q, &v);
					CHECK(v.action != ACTION_REVEAL ||
					    is_exempt(policy_rule_name(p, v.rules[0])));
				}
	policy_free(p);
}

static void test_publishes(void)
{
	struct policy *p = load();

	NEED(p != NULL);
	for (unsigned i = 0; i <= UINT8_MAX; i++) {
		const struct sc_name *role = policy_role_name(p, (uint8_t)i);

		CHECK(policy_role_publishes(p, (uint8_t)i) ==
		    (role != NULL && strcmp(role->s, "privacy_officer") == 0));
	}
	policy_free(p);
}

static void test_erase_whole_person(void)
{
	struct policy *p = load();
	struct policy_query q = { .op = POLICY_DELETE,
		.class_id = CLASS_NONE,
		.now_ms = 1795003200000,
		.records = 1,
		.subjects_today = 1 };
	struct policy_verdict v;

	NEED(p != NULL);
	NEED(policy_purpose(p, sc_span_str("audit"), &q.purpose));
	NEED(policy_role(p, sc_span_str("privacy_officer"), &q.role));
	policy_decide(p, &q, &v);
	CHECK(v.action == ACTION_REVEAL);
	NEED(policy_role(p, sc_span_str("support_lead"), &q.role));
	policy_decide(p, &q, &v);
	CHECK(v.action == ACTION_DENY);
	policy_free(p);
}

int main(void)
{
	RUN(test_own_tests, "the tests inside policy/default.json all hold");
	RUN(test_names, "it has the roles and purposes of the design");
	RUN(test_who_ever_reveals,
	    "no cell gives marketing, auditors, custodians or operators anything");
	RUN(test_old_people_stay_closed, "no daily use is shown a value of people of long ago");
	RUN(test_publishes, "the privacy officer publishes, and nobody else");
	RUN(test_erase_whole_person, "a person is erased by the privacy officer only");
	return tap_done();
}
