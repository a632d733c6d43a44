/*
 * form_inside.c - a string that is JSON itself: the other rules' paths go on in it.
 *
 * It takes no field: rules.c makes of it what the scan is told.
 */
#include "gateway/protect/planner.h"

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	(void)m;
	(void)f;
	(void)r;
	return SC_BUG;
}

/* No "do" says it: "inside" does. */
const struct form form_inside = {
	.name = "inside",
	.loose = true,
	.plan = plan,
};
