/*
 * words.c - the fixed vocabulary of a policy: operations, actions, tiers.
 */
#include "policy/words/words.h"

const char *const policy_ops[] = {
	[POLICY_WRITE] = "write",
	[POLICY_READ] = "read",
	[POLICY_SHARE] = "share",
	[POLICY_EXPORT] = "export",
	[POLICY_SEARCH] = "search",
	[POLICY_DELETE] = "delete",
	[POLICY_SEND] = "send",
	[POLICY_MERGE] = "merge",
	[POLICY_OP_COUNT] = NULL,
};
const char *const policy_actions[] = {
	[ACTION_DENY] = "deny",
	[ACTION_DROP] = "drop",
	[ACTION_MASK] = "mask",
	[ACTION_GENERALISE] = "generalise",
	[ACTION_TOKENISE] = "tokenise",
	[ACTION_REVEAL] = "reveal",
	[ACTION_COUNT] = NULL,
};
const char *const policy_tiers[] = {
	[TIER_T0] = "T0",
	[TIER_T1] = "T1",
	[TIER_T2] = "T2",
	[TIER_T3] = "T3",
	[TIER_T4] = "T4",
	[TIER_X] = "X",
	[TIER_X + 1] = NULL,
};

const char *policy_op_name(unsigned op)
{
	return op < POLICY_OP_COUNT ? policy_ops[op] : NULL;
}

const char *policy_action_name(unsigned action)
{
	return action <= ACTION_REVEAL ? policy_actions[action] : NULL;
}

const char *policy_tier_name(unsigned tier)
{
	return tier <= TIER_X ? policy_tiers[tier] : NULL;
}
