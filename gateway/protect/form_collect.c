/*
 * form_collect.c - a field that passes as it is, and that the tap's listeners
 * get with the protected document (tap.h).
 *
 * Any other rule for the field ranks higher, so that what is protected is not
 * collected in clear.
 */
#include "gateway/protect/planner.h"

#include "base/grow.h"

#include <stdlib.h>

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	struct plan *p = m->p;
	struct plan_collected c = { .rule = r, .field = *f, .record = p->record };

	if (p->n_collected == p->cap_collected) {
		size_t cap = sc_grown(p->cap_collected);
		struct plan_collected *v = reallocarray(p->collected, cap, sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		p->collected = v;
		p->cap_collected = cap;
	}
	c.field.start += p->record_at;
	c.field.end += p->record_at;
	p->collected[p->n_collected++] = c;
	return SC_OK;
}

const struct form form_collect = {
	.name = "collect",
	.rank = 1,
	.loose = true,
	.partial = true,
	.plan = plan,
};
