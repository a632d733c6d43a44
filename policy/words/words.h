/*
 * words.h - the fixed vocabulary of a policy: operations, actions, ceilings,
 * and what is asked of one.
 */
#ifndef POLICY_WORDS_WORDS_H
#define POLICY_WORDS_WORDS_H

#include "base/span.h"
#include "policy/words/class.h"

enum policy_op {
	POLICY_WRITE, /* seal */
	POLICY_READ,
	POLICY_SHARE,  /* be handed it, as a route's recipient */
	POLICY_EXPORT, /* bulk restore */
	POLICY_SEARCH, /* blind index */
	POLICY_DELETE, /* erase */
	POLICY_SEND, /* have something handed to a route's recipient: the caller's part of a share */
	POLICY_MERGE, /* one person's keys become another's: a guest who registers */
	POLICY_OP_COUNT
};

/* Is OP done to a person whole, so that every class must permit it? */
static inline bool op_whole(unsigned op)
{
	return op == POLICY_DELETE || op == POLICY_MERGE;
}

/* Is OP permitted or not, with nothing that lies between? */
static inline bool op_permit_only(unsigned op)
{
	return op == POLICY_SEARCH || op_whole(op);
}

/* Least revealing first. */
enum policy_action {
	ACTION_DENY,
	ACTION_DROP,
	ACTION_MASK,
	ACTION_GENERALISE,
	ACTION_TOKENISE,
	ACTION_REVEAL
};
#define ACTION_COUNT (ACTION_REVEAL + 1)

#define POLICY_ROLES_MAX 64
#define POLICY_PURPOSES_MAX 32
#define POLICY_RULES_MAX 1024
#define POLICY_TESTS_MAX 4096
#define POLICY_QUESTIONS_MAX (4u << 20) /* decisions that a file's tests ask for, in all */

struct policy_query {
	uint8_t role, purpose;
	uint8_t class_id; /* CLASS_NONE with op_whole(): every class must permit */
	uint8_t op;       /* enum policy_op */
	uint8_t tier;     /* the token's own tier; 0 when there is no token */
	uint64_t now_ms;  /* Unix time; 0: the clock failed */
	bool has_reason, has_ticket, has_step_up;
	bool has_signature;      /* the caller's own, which whoever decides has checked */
	uint8_t approvals;       /* by distinct other people, see policy_rule_approval() */
	uint32_t subjects_today; /* distinct, this principal, this request's included */
	uint32_t records;        /* in this request */
	uint32_t consents;       /* bits by purpose: what the person it is about has granted */
	/*
	 * Whole weeks since something of the person was sealed last; 0: this one, or it is not
	 * judged here; POLICY_WEEKS_UNKNOWN: of nobody it could be known.
	 */
	uint32_t idle_weeks;
};

#define POLICY_WEEKS_UNKNOWN UINT32_MAX

/* "read", "mask", "T2" and so on, by number; NULL after the last. */
extern const char *const policy_ops[], *const policy_actions[], *const policy_tiers[];

/* The same; NULL when out of range. */
const char *policy_op_name(unsigned op);
const char *policy_action_name(unsigned action);
const char *policy_tier_name(unsigned tier);

#endif
