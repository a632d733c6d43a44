/*
 * names.c - the words that may stand in a policy file: those of the language,
 * and the names that the file itself gives to roles, purposes, classes, rules.
 */
#include "policy/lang/rows.h"

static const char *rule_name(const void *model, unsigned i)
{
	const struct lang_model *m = model;

	return i < m->n_rules ? m->rules[i].id.s : NULL;
}

const struct shape_words lang_ops = { "operation", .list = policy_ops };
const struct shape_words lang_actions = { "effect", .list = policy_actions };
const struct shape_words lang_tiers = { "tier", .list = policy_tiers };
static const char *const carried[] = { "T0", "T1", "T2", "T3", "T4", NULL };
const struct shape_words lang_carried_tiers = { "carried tier", .list = carried };
const struct shape_words lang_roles = { "role", .name = lang_role_name };
const struct shape_words lang_purposes = { "purpose", .name = lang_purpose_name };
const struct shape_words lang_classes = { "class", .name = lang_class_name };
const struct shape_words lang_rules = { "rule", .name = rule_name };

const char *lang_role_name(const void *model, unsigned i)
{
	const struct lang_model *m = model;

	return i < m->n_roles ? m->roles[i].name.s : NULL;
}

const char *lang_purpose_name(const void *model, unsigned i)
{
	const struct lang_model *m = model;

	return i < m->n_purposes ? m->purposes[i].s : NULL;
}

const char *lang_class_name(const void *model, unsigned i)
{
	const struct lang_model *m = model;

	return i <= CLASS_MAX ? m->classes[i].name.s : NULL;
}
