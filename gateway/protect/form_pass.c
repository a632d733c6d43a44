/*
 * form_pass.c - a field that its owner has looked at: it is nobody's, and passes as it is.
 */
#include "gateway/protect/planner.h"

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	(void)m;
	(void)f;
	(void)r;
	return SC_OK;
}

const struct form form_pass = {
	.name = "pass",
	.rank = 1,
	.loose = true,
	.partial = true,
	.plan = plan,
};
