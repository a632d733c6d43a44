/* test_asking.c - the one question: all of it reaches the policy, and a kept one is its own. */
#include "names.h"
#include "policy/decide/decide.h"
#include "tap.h"

static const char rules[] =
    "{ \"scrim_policy\": 1, \"version\": \"t\","
    " \"roles\": { \"a\": { \"max_tier\": \"T3\" }, \"b\": { \"max_tier\": \"T3\" } },"
    " \"purposes\": [ \"p\", \"q\" ],"
    " \"rules\": ["
    "  { \"id\": \"plain\", \"role\": [\"b\"], \"purpose\": [\"q\"], \"class\": [\"name\"],"
    "    \"op\": \"read\", \"effect\": \"reveal\" },"
    "  { \"id\": \"sent\", \"role\": [\"a\"], \"purpose\": [\"p\"], \"class\": [\"name\"],"
    "    \"op\": \"send\", \"effect\": \"reveal\", \"limit\": { \"subjects_per_day\": 9 } },"
    "  { \"id\": \"sent-masked\", \"role\": [\"a\"], \"purpose\": [\"p\"], \"class\": [\"phone\"],"
    "    \"op\": \"send\", \"effect\": \"mask\", \"mask\": \"keep(3,4)\" },"
    "  { \"id\": \"handed\", \"role\": [\"b\"], \"purpose\": [\"q\"], \"class\": [\"name\", \"email\"],"
    "    \"op\": \"share\", \"effect\": \"reveal\", \"limit\": { \"subjects_per_day\": 5 },"
    "    \"else\": \"drop\" },"
    "  { \"id\": \"handed-masked\", \"role\": [\"b\"], \"purpose\": [\"q\"], \"class\": [\"phone\"],"
    "    \"op\": \"share\", \"effect\": \"mask\" },"
    "  { \"id\": \"hours\", \"role\": [\"a\"], \"purpose\": [\"p\"], \"class\": [\"name\"],"
    "    \"op\": \"read\", \"effect\": \"reveal\","
    "    \"when\": { \"hours\": \"Mon-Fri 09:00-17:00 +00:00\", \"records_max\": 4,"
    "      \"consent\": [ \"q\" ] },"
    "    \"require\": [ { \"reason\": true }, { \"ticket\": true },"
    "      { \"approval\": { \"n\": 2, \"from\": \"b\" } } ],"
    "    \"limit\": { \"subjects_per_day\": 7 } } ] }";

#define WEDNESDAY_NOON 1767787200000u /* 2026-01-07 12:00 UTC */

static struct policy *policy;

static enum policy_action ask(const struct asking *a, uint8_t class_id, uint8_t tier,
    uint32_t people)
{
	const struct policy_item it = { class_id, tier, people, 0 };
	struct policy_verdict v;

	policy_ask(policy, a, &it, &v);
	return v.action;
}

static void test_every_fact(void)
{
	const struct asking good = { .role = 0,
		.purpose = 0,
		.op = POLICY_READ,
		.approvals_checked = 2,
		.records = 4,
		.consents = 2,
		.reason = a_reason("parcel lost"),
		.ticket = a_reason("T-1"),
		.now_ms = WEDNESDAY_NOON };
	struct asking a;

	CHECK(ask(&good, CLASS_NAME, 0, 7) == ACTION_REVEAL);
#define DENIED(change) \
	do { \
		a = good; \
		change; \
		CHECK(ask(&a, CLASS_NAME, 0, 7) == ACTION_DENY); \
	} while (0)
	DENIED(a.role = 1);
	DENIED(a.purpose = 1);
	DENIED(a.op = POLICY_SHARE);
	DENIED(a.records = 5);
	DENIED(a.consents = 1);
	DENIED(a.reason = NULL);
	DENIED(a.ticket = NULL);
	DENIED(a.approvals_checked = 1);
	DENIED(a.approvals_checked = 0; a.approvals = 9); /* told is not checked */
	DENIED(a.now_ms = WEDNESDAY_NOON - 4 * 3600000);
	DENIED(a.now_ms = 0);
	CHECK(ask(&good, CLASS_PHONE, 0, 7) == ACTION_DENY);
	CHECK(ask(&good, CLASS_NAME, TIER_T4, 7) == ACTION_DENY);
	CHECK(ask(&good, CLASS_NAME, 0, 8) == ACTION_DENY);
}

static void test_two_yeses(void)
{
	struct asking a = { .role = 0, .purpose = 0, .op = POLICY_SHARE, .now_ms = WEDNESDAY_NOON };
	struct policy_item it = { CLASS_PHONE, 0, 0, 0 };
	struct policy_verdict v;

	asking_share(&a, 1, 1, a_name("parcels"));
	CHECK(strcmp(a.recipient->s, "parcels") == 0);
	CHECK(ask(&a, CLASS_NAME, 0, 5) == ACTION_REVEAL);
	/* beyond the recipient's limit, and beyond the caller's as well */
	CHECK(ask(&a, CLASS_NAME, 0, 6) == ACTION_DROP);
	CHECK(ask(&a, CLASS_NAME, 0, 10) == ACTION_DENY);
	/* one yes is none: nobody may send it, or nobody is let have it */
	CHECK(ask(&a, CLASS_EMAIL, 0, 1) == ACTION_DENY);
	a.role = 1;
	CHECK(ask(&a, CLASS_NAME, 0, 1) == ACTION_DENY);
	a.role = 0, a.purpose = 1;
	CHECK(ask(&a, CLASS_NAME, 0, 1) == ACTION_DENY);
	a.purpose = 0;
	asking_share(&a, 0, 0, NULL);
	CHECK(ask(&a, CLASS_NAME, 0, 1) == ACTION_DENY);
	asking_share(&a, ASKING_UNSET, ASKING_UNSET, NULL);
	CHECK(ask(&a, CLASS_NAME, 0, 1) == ACTION_DENY);
	/* where both say as little both have decided, and two masks are a whole one */
	asking_share(&a, 1, 1, NULL);
	policy_ask(policy, &a, &it, &v);
	CHECK(v.action == ACTION_MASK && v.mask.kind == MASK_WHOLE && v.n_rules == 2);
	CHECK(strcmp(policy_rule_name(policy, v.rules[0]), "sent-masked") == 0 &&
	    strcmp(policy_rule_name(policy, v.rules[1]), "handed-masked") == 0);
	/* the tighter of the two limits is the one that counts people */
	it.class_id = CLASS_NAME;
	policy_ask(policy, &a, &it, &v);
	CHECK(v.action == ACTION_REVEAL && v.limits.subjects == 5);
}

static void test_kept(void)
{
	struct sc_name tenant = { "demo" }, principal = { "oms" }, route = { "in" },
		       recipient = { "parcels" };
	struct policy_reason reason = { "why" }, ticket = { "T-1" };
	uint8_t hash[ASKING_HASH] = { 1, 2, 3 };
	const struct asking all = { .tenant = &tenant,
		.principal = &principal,
		.role = 3,
		.route = &route,
		.recipient = &recipient,
		.reason = &reason,
		.ticket = &ticket,
		.request_id = 9,
		.policy_hash = hash };
	const struct asking bare = { .role = 4 };
	struct asking_kept k;
	const struct asking *a = &k.asking;

	asking_keep(&k, &all);
	memset(&tenant, 0, sizeof(tenant)), memset(&principal, 0, sizeof(principal));
	memset(&route, 0, sizeof(route)), memset(&recipient, 0, sizeof(recipient));
	memset(&reason, 0, sizeof(reason)), memset(&ticket, 0, sizeof(ticket));
	memset(hash, 0, sizeof(hash));
	CHECK(strcmp(a->tenant->s, "demo") == 0 && strcmp(a->principal->s, "oms") == 0);
	CHECK(strcmp(a->route->s, "in") == 0 && strcmp(a->recipient->s, "parcels") == 0);
	CHECK(strcmp(a->reason->s, "why") == 0 && strcmp(a->ticket->s, "T-1") == 0);
	CHECK(a->policy_hash[2] == 3 && a->role == 3 && a->request_id == 9);
	asking_keep(&k, &bare);
	CHECK(a->tenant == NULL && a->principal == NULL && a->route == NULL &&
	    a->recipient == NULL && a->reason == NULL && a->ticket == NULL &&
	    a->policy_hash == NULL && a->role == 4);
}

int main(void)
{
	struct sc_diags diags = { .n = 0 };

	if (policy_load(sc_span_str(rules), "t", &diags, &policy) != SC_OK) {
		printf("Bail out! %s\n", diags.v[0].text);
		return 1;
	}
	RUN(test_every_fact, "every fact of the question reaches the policy");
	RUN(test_two_yeses, "a share is what both the caller may send and the recipient may have");
	RUN(test_kept, "a question that is kept needs nothing of the one it was made from");
	policy_free(policy);
	return tap_done();
}
