/*
 * try_readers.c - who would be given what of that which was sealed, as policy says today.
 */
#include "cli/try.h"

#include "gateway/protect/protect.h"

/* What A is given of CLASS_ID. */
static uint8_t given(const struct trial *t, const struct asking *a, uint8_t class_id,
    const char **why)
{
	const struct policy_item it = { .class_id = class_id, .subjects_today = 1 };
	const struct policy_verdict v = protect_foretold(t->policy, a, &it);

	*why = v.why;
	return (uint8_t)v.action;
}

static void tell(const struct trial *t, struct try_reader r, try_reader_fn *fn, void *arg)
{
	static const struct policy_reason said;
	struct asking bare = { .role = r.role,
		.purpose = r.purpose,
		.op = POLICY_READ,
		.recipient_role = ASKING_UNSET,
		.recipient_purpose = ASKING_UNSET,
		.records = 1,
		.now_ms = t->writer.now_ms };
	struct asking best = bare;
	const char *by;

	best.reason = best.ticket = &said;
	best.approvals_checked = UINT8_MAX;
	best.signature_checked = true;
	best.consents = UINT32_MAX;
	r.gives = given(t, &best, r.class_id, &by);
	r.else_gives = given(t, &bare, r.class_id, &r.why);
	if (r.gives != ACTION_DENY)
		fn(arg, &r);
}

void try_readers(const struct trial *t, try_reader_fn *fn, void *arg)
{
	const unsigned roles = policy_role_count(t->policy),
		       purposes = policy_purpose_count(t->policy);

	for (unsigned c = 0; c <= CLASS_MAX; c++)
		for (unsigned r = 0; r < roles && t->sealed[c]; r++)
			for (unsigned p = 0; p < purposes; p++)
				tell(t,
				    (struct try_reader){ .class_id = (uint8_t)c,
					.role = (uint8_t)r,
					.purpose = (uint8_t)p },
				    fn, arg);
}
