/*
 * granted.c - what people have granted, by the purposes of the policy in force.
 *
 * The registry's purposes are names, numbered as when it was opened; a reload may bring a
 * policy that numbers them otherwise, or has them no more.
 */
#include "gateway/collect/granted.h"

#include "gateway/collect/service.h"

static uint32_t granted(const struct consent_source *s, const struct policy *policy,
    const uint8_t handle[static HANDLE_BYTES])
{
	const struct feed_list *names = &collect_settings_of(s->service)->words->purposes;
	uint32_t has = collect_granted(s->service, handle), bits = 0;
	uint8_t purpose;

	for (size_t i = 0; i < names->n; i++)
		if ((has >> i & 1) != 0 &&
		    policy_purpose(policy, sc_span_str(names->v[i]), &purpose))
			bits |= UINT32_C(1) << purpose;
	return bits;
}

struct consent_source collect_consents(const struct worker *w, const struct config *c)
{
	struct consent_source s = { .granted = NULL };

	if (w->shared->collect == NULL || c->collect == NULL)
		return s;
	s.granted = granted;
	s.service = w->shared->collect;
	s.node = &c->node;
	s.role = c->collect->role;
	s.purpose = c->collect->purpose;
	return s;
}
