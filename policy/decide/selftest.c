/*
 * selftest.c - running the tests that stand in a policy file.
 */
#include "policy/decide/table.h"

static bool by_rule(const struct policy_verdict *v, uint16_t rule)
{
	for (unsigned i = 0; i < v->n_rules; i++)
		if (v->rules[i] == rule)
			return true;
	return false;
}

static bool holds(const struct policy *p, const struct lang_test *t, const struct policy_query *q,
    struct shape_ctx *c)
{
	struct policy_verdict v;

	policy_decide(p, q, &v);
	if (v.action == (enum policy_action)t->expect &&
	    (t->rule == LANG_ANY_RULE || by_rule(&v, t->rule)))
		return true;
	return shape_wrong_at(c, t->offset,
	    "test \"%.60s\": %s may %s %s for %s: expected %s%s%s, got %s%s%s", t->name,
	    policy_role_name(p, q->role)->s, policy_op_name(q->op),
	    policy_class_name(p, q->class_id)->s, policy_purpose_name(p, q->purpose)->s,
	    policy_action_name(t->expect), t->rule != LANG_ANY_RULE ? " by " : "",
	    t->rule != LANG_ANY_RULE ? policy_rule_name(p, t->rule) : "",
	    policy_action_name(v.action), v.n_rules != 0 ? " by " : "",
	    v.n_rules != 0 ? policy_rule_name(p, v.rules[0]) : "");
}

/* Every class and operation of the test, for Q's role and purpose. */
static bool things_hold(const struct policy *p, const struct lang_test *t, struct policy_query q,
    struct shape_ctx *c)
{
	for (unsigned k = 1; k <= CLASS_MAX; k++) {
		if (!lang_has_class(&t->pick, (uint8_t)k))
			continue;
		q.class_id = (uint8_t)k;
		for (unsigned op = 0; op < POLICY_OP_COUNT; op++) {
			q.op = (uint8_t)op;
			if ((t->pick.ops >> op & 1) && !holds(p, t, &q, c))
				return false;
		}
	}
	return true;
}

static uint64_t bits(uint64_t set)
{
	return (uint64_t)__builtin_popcountll(set);
}

/* How many decisions a test asks for. */
static uint64_t questions(const struct lang_pick *pick)
{
	uint64_t classes = 0;

	for (size_t i = 0; i < sizeof(pick->classes) / sizeof(pick->classes[0]); i++)
		classes += bits(pick->classes[i]);
	return bits(pick->roles) * bits(pick->purposes) * classes * bits(pick->ops);
}

/* Every question of the test, until one is not answered as it says. */
static bool test_holds(const struct policy *p, const struct lang_test *t, struct shape_ctx *c)
{
	struct policy_query q = t->facts;

	for (q.role = 0; q.role < p->model.n_roles; q.role++)
		for (q.purpose = 0; q.purpose < p->model.n_purposes; q.purpose++)
			if ((t->pick.roles >> q.role & 1) && (t->pick.purposes >> q.purpose & 1) &&
			    !things_hold(p, t, q, c))
				return false;
	return true;
}

enum sc_err policy_test_all(const struct policy *p, struct shape_ctx *c)
{
	enum sc_err err = SC_OK;
	uint64_t asked = 0;

	for (size_t i = 0; i < p->model.n_tests; i++) {
		const struct lang_test *t = &p->model.tests[i];

		asked += questions(&t->pick);
		if (asked > POLICY_QUESTIONS_MAX) {
			shape_wrong_at(c, t->offset,
			    "the tests up to here ask for more than %u decisions",
			    POLICY_QUESTIONS_MAX);
			return SC_LIMIT;
		}
		if (!test_holds(p, t, c))
			err = SC_SYNTAX;
	}
	return err;
}
