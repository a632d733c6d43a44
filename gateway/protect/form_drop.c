/*
 * form_drop.c - a value becomes null.
 */
#include "gateway/protect/planner.h"

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	return plan_add_null(m, f, r->class_id, ACTION_DROP);
}

const struct form form_drop = {
	.name = "drop",
	.rank = 6,
	.may_class = true,
	.plan = plan,
};
