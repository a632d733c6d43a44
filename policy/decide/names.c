/*
 * names.c - what a policy's numbers are called, how many there are, and where
 * they stand in its file.
 */
#include "policy/decide/table.h"

static bool find(const struct policy *p, const char *(*name)(const void *, unsigned),
    struct sc_span said, uint8_t *id)
{
	const char *s;

	for (unsigned i = 0; said.n != 0 && (s = name(&p->model, i)) != NULL; i++) {
		if (sc_span_is(said, s)) {
			*id = (uint8_t)i;
			return true;
		}
	}
	return false;
}

bool policy_role(const struct policy *p, struct sc_span name, uint8_t *id)
{
	return find(p, lang_role_name, name, id);
}

bool policy_purpose(const struct policy *p, struct sc_span name, uint8_t *id)
{
	return find(p, lang_purpose_name, name, id);
}

bool policy_class(const struct policy *p, struct sc_span name, uint8_t *id)
{
	return find(p, lang_class_name, name, id);
}

const struct sc_name *policy_role_name(const struct policy *p, uint8_t id)
{
	return id < p->model.n_roles ? &p->model.roles[id].name : NULL;
}

const struct sc_name *policy_purpose_name(const struct policy *p, uint8_t id)
{
	return id < p->model.n_purposes ? &p->model.purposes[id] : NULL;
}

const struct sc_name *policy_class_name(const struct policy *p, uint8_t id)
{
	const struct sc_name *name = &p->model.classes[id].name;

	return name->s[0] != '\0' ? name : NULL;
}

bool policy_role_publishes(const struct policy *p, uint8_t role)
{
	return role < p->model.n_roles && (p->model.roles[role].groups & GROUP_PUBLISH) != 0;
}

bool policy_role_stores(const struct policy *p, uint8_t role)
{
	return role < p->model.n_roles && p->model.roles[role].stores;
}

uint32_t policy_role_indexes(const struct policy *p, uint8_t role)
{
	return role < p->model.n_roles ? p->model.roles[role].indexes_per_day : 0;
}

bool policy_role_signs(const struct policy *p, uint8_t role)
{
	for (size_t i = 0; i < p->model.n_rules && role < p->model.n_roles; i++)
		if (p->model.rules[i].signature && (p->model.rules[i].pick.roles >> role & 1))
			return true;
	return false;
}

/* Some rule lets it send a value, or what is left of one. Those that deny are looked at where it asks. */
bool policy_role_sends(const struct policy *p, uint8_t role)
{
	for (size_t i = 0; i < p->model.n_rules && role < p->model.n_roles; i++) {
		const struct lang_rule *r = &p->model.rules[i];

		if ((r->pick.ops >> POLICY_SEND & 1) != 0 && (r->pick.roles >> role & 1) != 0 &&
		    (r->effect > ACTION_DROP || r->otherwise > ACTION_DROP))
			return true;
	}
	return false;
}

const char *policy_rule_name(const struct policy *p, uint16_t rule)
{
	return rule < p->model.n_rules ? p->model.rules[rule].id.s : NULL;
}

bool policy_rule_place(const struct policy *p, uint16_t rule, struct sc_diag *d)
{
	if (rule >= p->model.n_rules)
		return false;
	doc_locate(&p->doc, p->model.rules[rule].offset, d);
	return true;
}

unsigned policy_role_count(const struct policy *p)
{
	return (unsigned)p->model.n_roles;
}

unsigned policy_purpose_count(const struct policy *p)
{
	return (unsigned)p->model.n_purposes;
}

unsigned policy_rule_count(const struct policy *p)
{
	return (unsigned)p->model.n_rules;
}

enum policy_tier policy_class_tier(const struct policy *p, uint8_t class_id)
{
	const struct lang_class *k = &p->model.classes[class_id];

	return k->name.s[0] == '\0' ? TIER_X : (enum policy_tier)k->tier;
}

bool policy_rule_approval(const struct policy *p, uint16_t rule, uint8_t *n, uint8_t *role)
{
	if (rule >= p->model.n_rules || p->model.rules[rule].approval.n == 0)
		return false;
	*n = p->model.rules[rule].approval.n;
	*role = p->model.rules[rule].approval.from;
	return true;
}

bool policy_needs_consent(const struct policy *p)
{
	return p->needs_consent;
}

uint32_t policy_shortest_weeks(const struct policy *p)
{
	return p->shortest_weeks;
}

unsigned policy_test_count(const struct policy *p)
{
	return (unsigned)p->model.n_tests;
}
