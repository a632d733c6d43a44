/*
 * form_mask.c - a value is masked for good, by the house's mask of its class.
 */
#include "crypto/token/token.h"
#include "gateway/protect/planner.h"

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	static const struct policy_verdict house = { .action = ACTION_MASK };
	struct token_parts t;
	struct sc_span value;
	enum sc_err err;

	if ((err = plan_decode(m, f, &value)) != SC_OK)
		return err;
	if (f->kind == CODEC_TEXT) {
		/* a token shows nothing; there is no mask of it here */
		err = token_parse(value, &m->p->token, &t);
		if (err != SC_SYNTAX)
			return err;
	}
	return plan_add_masked(m, plan_edit_over(f, NULL, r->class_id), &house, value);
}

const struct form form_mask = {
	.name = "mask",
	.rank = 5,
	.needs_class = true,
	.may_class = true,
	.plan = plan,
};
