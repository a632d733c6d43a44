/*
 * fuzz_policy.c - policy files: never crashes; what loads answers every
 * question, denies what is never carried, and shows nobody anything above
 * their ceiling or for a failed clock.
 */
#include "policy/decide/decide.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct policy *p, struct policy_query q)
{
	struct policy_verdict v;

	policy_decide(p, &q, &v);
	if (v.why == NULL || v.action > ACTION_REVEAL || v.n_rules > POLICY_VERDICT_RULES)
		abort();
	for (unsigned i = 0; i < v.n_rules; i++)
		if (policy_rule_name(p, v.rules[i]) == NULL)
			abort();
	if (v.action == ACTION_DENY)
		return;
	if (q.now_ms == 0 || q.tier >= TIER_X || v.n_rules == 0 ||
	    (q.class_id != CLASS_NONE && policy_class_tier(p, q.class_id) == TIER_X) ||
	    (q.op == POLICY_WRITE && v.action == ACTION_REVEAL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy *p;
	struct sc_diags all = { .n = 0 };
	struct policy_query q = { .records = 1 };

	if (size > 65536)
		return 0;
	if (policy_load(sc_span(data, size), "fuzz", &all, &p) != SC_OK) {
		if (p != NULL || all.v[0].text[0] == '\0')
			abort();
		return 0;
	}
	for (unsigned i = 0; i < 4096; i++) {
		q.role = (uint8_t)(i % (policy_role_count(p) + 1));
		q.purpose = (uint8_t)(i / 3 % (policy_purpose_count(p) + 1));
		q.class_id = (uint8_t)(i * 7);
		q.op = (uint8_t)(i / 5 % (POLICY_OP_COUNT + 1));
		q.tier = (uint8_t)(i / 11 % 7);
		q.now_ms = i % 13 == 0 ? 0 : 1795003200000u + i * 3600000u;
		q.has_reason = i & 1;
		q.has_ticket = i & 2;
		q.has_step_up = i & 4;
		q.has_signature = i & 8;
		q.approvals = (uint8_t)(i & 3);
		q.subjects_today = i;
		q.consents = i / 7;
		q.idle_weeks = i % 17 == 0 ? POLICY_WEEKS_UNKNOWN : i / 17 % 64;
		ask(p, q);
	}
	policy_free(p);
	return 0;
}
