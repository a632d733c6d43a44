/*
 * model.h - what a policy file says, parsed and checked, before compiling.
 *
 * Sets are bits: bit i is role, purpose, class, tier or operation i; what a
 * rule leaves out, it sets whole. Private to policy/; everyone else asks
 * policy/decide/decide.h.
 */
#ifndef POLICY_LANG_MODEL_H
#define POLICY_LANG_MODEL_H

#include "base/name.h"
#include "policy/lang/window.h"
#include "policy/mask/mask.h"
#include "policy/words/words.h"

enum lang_group {
	GROUP_MANAGE = 1,
	GROUP_USE = 2,
	GROUP_APPROVE = 4,
	GROUP_AUDIT = 8,
	GROUP_PUBLISH = 16,
	GROUP_SETS = 32, /* of groups */
};

#define LANG_NO_LIMIT UINT32_MAX
#define LANG_ANY_RULE UINT16_MAX

struct lang_role {
	struct sc_name name;
	uint8_t max_tier;
	uint8_t groups;           /* declared ones and those its rules put it in */
	bool stores;              /* equal values of one person are equal tokens to it */
	uint32_t indexes_per_day; /* blind indexes for what it stores; 0: none */
};

struct lang_class {
	struct sc_name name; /* "" when there is no such class */
	uint8_t tier;
};

/* What a rule, or a test, speaks about. */
struct lang_pick {
	uint64_t roles;
	uint32_t purposes;
	uint64_t classes[4];
	uint8_t tiers;
	uint8_t ops;
};

struct lang_approval {
	uint8_t n;    /* 0: not asked */
	uint8_t from; /* role */
};

struct lang_rule {
	struct sc_name id;
	size_t offset; /* in the file's text */
	struct lang_pick pick;
	uint8_t effect;        /* enum policy_action */
	uint8_t otherwise;     /* "else" */
	struct mask_form mask; /* of whichever of the two is mask */
	bool final;
	bool conditional;          /* any of what follows is asked for */
	struct lang_window hours;  /* no days: not asked */
	uint32_t records_max;      /* LANG_NO_LIMIT: not asked */
	uint32_t consents;         /* bits by purpose, all of which must be granted; 0: not asked */
	uint32_t sealed_within;    /* weeks; LANG_NO_LIMIT: not asked */
	uint32_t subjects_per_day; /* LANG_NO_LIMIT: not asked */
	bool reason, ticket, step_up, signature;
	struct lang_approval approval;
};

struct lang_test {
	const char *name;
	size_t offset; /* in the file's text */
	struct lang_pick pick;
	struct policy_query facts; /* all but role, purpose, class_id, op */
	uint8_t expect;
	uint16_t rule; /* which must have decided, or LANG_ANY_RULE */
};

struct lang_model {
	uint8_t format;
	struct sc_name version;
	struct lang_role roles[POLICY_ROLES_MAX];
	size_t n_roles;
	struct sc_name purposes[POLICY_PURPOSES_MAX];
	size_t n_purposes;
	struct lang_class classes[256];
	uint32_t apart; /* bit i: no role may be in all groups of the set i */
	struct lang_rule *rules;
	size_t n_rules;
	struct lang_test *tests;
	size_t n_tests;
};

/* The name of number I in MODEL, "" when that number is nobody's; NULL after the last. */
const char *lang_role_name(const void *model, unsigned i);
const char *lang_purpose_name(const void *model, unsigned i);
const char *lang_class_name(const void *model, unsigned i);

static inline bool lang_has_class(const struct lang_pick *p, uint8_t id)
{
	return p->classes[id / 64] >> (id % 64) & 1;
}

#endif
