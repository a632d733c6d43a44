/*
 * model.h - what a policy file says, parsed and checked, before compiling.
 *
 * Sets are bits: bit i is role, purpose, tier or operation i. Private to
 * policy/; everyone else asks policy/decide/decide.h.
 */
#ifndef POLICY_LANG_MODEL_H
#define POLICY_LANG_MODEL_H

#include "base/name.h"
#include "policy/lang/window.h"
#include "policy/mask/mask.h"
#include "policy/words/words.h"

enum lang_group { GROUP_MANAGE = 1, GROUP_USE = 2, GROUP_APPROVE = 4, GROUP_AUDIT = 8 };

#define LANG_NO_LIMIT UINT32_MAX
#define LANG_ANY_TIER 0xFF

struct lang_role {
	struct sc_name name;
	uint8_t max_tier;
	uint8_t groups; /* declared ones and those its rules put it in */
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
	uint8_t tiers; /* LANG_ANY_TIER when it picks by class */
	uint8_t ops;
};

struct lang_rule {
	struct sc_name id;
	size_t offset; /* in the file's text */
	struct lang_pick pick;
	uint8_t effect;        /* enum policy_action */
	uint8_t otherwise;     /* "else" */
	struct mask_form mask; /* of whichever of the two is mask */
	bool conditional;      /* any of what follows is asked for */
	bool has_hours;
	struct lang_window hours;
	uint32_t records_max;      /* LANG_NO_LIMIT: not asked */
	uint32_t subjects_per_day; /* LANG_NO_LIMIT: not asked */
	bool reason, ticket, step_up;
	uint8_t approvals; /* 0: not asked */
	uint8_t approver;  /* role */
};

struct lang_test {
	char name[128];
	size_t offset; /* in the file's text */
	struct lang_pick pick;
	struct policy_query facts; /* all but role, purpose, class_id, op */
	uint8_t expect;
	bool has_rule;
	uint16_t rule;
};

struct lang_model {
	struct sc_name version;
	struct lang_role roles[POLICY_ROLES_MAX];
	unsigned n_roles;
	struct sc_name purposes[POLICY_PURPOSES_MAX];
	unsigned n_purposes;
	struct lang_class classes[256];
	uint8_t apart[16]; /* apart[i]: pairs of groups no role may hold both of */
	unsigned n_apart;
	struct lang_rule *rules;
	unsigned n_rules;
	struct lang_test *tests;
	unsigned n_tests;
};

static inline bool lang_has_class(const struct lang_pick *p, uint8_t id)
{
	return p->classes[id / 64] >> (id % 64) & 1;
}

/* Does PICK speak of this cell? TIER is the effective one. */
static inline bool lang_picks(const struct lang_pick *p, uint8_t role, uint8_t purpose,
    uint8_t class_id, uint8_t tier, uint8_t op)
{
	return (p->roles >> role & 1) && (p->purposes >> purpose & 1) &&
	    lang_has_class(p, class_id) && (p->tiers >> tier & 1) && (p->ops >> op & 1);
}

#endif
