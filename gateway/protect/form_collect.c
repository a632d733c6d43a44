/*
 * form_collect.c - a field that passes as it is, and that the tap's listeners
 * get of the protected document (tap.h).
 *
 * Any other rule for the field ranks higher, so that what is protected is not
 * collected in clear. Nothing is planned: told.c finds it in what passed.
 */
#include "gateway/protect/planner.h"

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	(void)m;
	(void)f;
	(void)r;
	return SC_OK;
}

const struct form form_collect = {
	.name = "collect",
	.rank = 1,
	.loose = true,
	.partial = true,
	.only_told = true,
	.plan = plan,
};
