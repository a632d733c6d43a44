/*
 * words.c - the fixed vocabulary of a policy: operations, actions, tiers.
 */
#include "policy/words/words.h"

static const char *const ops[] = {
	[POLICY_WRITE] = "write",
	[POLICY_READ] = "read",
	[POLICY_SHARE] = "share",
	[POLICY_EXPORT] = "export",
	[POLICY_SEARCH] = "search",
	[POLICY_DELETE] = "delete",
};
static const char *const actions[] = {
	[ACTION_DENY] = "deny",
	[ACTION_DROP] = "drop",
	[ACTION_MASK] = "mask",
	[ACTION_GENERALISE] = "generalise",
	[ACTION_TOKENISE] = "tokenise",
	[ACTION_REVEAL] = "reveal",
};
static const char *const tiers[] = {
	[TIER_T0] = "T0",
	[TIER_T1] = "T1",
	[TIER_T2] = "T2",
	[TIER_T3] = "T3",
	[TIER_T4] = "T4",
	[TIER_X] = "X",
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool find(const char *const *words, size_t n, struct sc_span name, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		if (sc_span_is(name, words[i])) {
			*out = (uint8_t)i;
			return true;
		}
	}
	return false;
}

const char *policy_op_name(unsigned op)
{
	return op < COUNT(ops) ? ops[op] : NULL;
}

const char *policy_action_name(unsigned action)
{
	return action < COUNT(actions) ? actions[action] : NULL;
}

const char *policy_tier_name(unsigned tier)
{
	return tier < COUNT(tiers) ? tiers[tier] : NULL;
}

bool policy_op_find(struct sc_span name, uint8_t *op)
{
	return find(ops, COUNT(ops), name, op);
}

bool policy_action_find(struct sc_span name, uint8_t *action)
{
	return find(actions, COUNT(actions), name, action);
}

bool policy_tier_find(struct sc_span name, uint8_t *tier)
{
	return find(tiers, COUNT(tiers), name, tier);
}
