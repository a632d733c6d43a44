/*
 * said.c - reason and ticket, word by word.
 */
#include "policy/said.h"

#include "policy/reason.h"

_Static_assert(POLICY_REASON_MAX <= WORDS_TEXT_MAX, "all words of a reason are known");

static void words_said(const struct policy_reason *r, struct words *out)
{
	words_of(r == NULL ? sc_span(NULL, 0) : sc_span_str(r->s), out);
}

void said_of(const struct asking *a, struct said *out)
{
	if (!(out->any = a->reason != NULL || a->ticket != NULL))
		return;
	words_said(a->reason, &out->reason);
	words_said(a->ticket, &out->ticket);
}

bool said_look(struct said *s, struct sc_span value)
{
	const bool any = words_meet(&s->reason, value);

	return words_meet(&s->ticket, value) || any;
}

bool said_star(const struct said *s, struct asking_kept *k)
{
	unsigned n;

	if (!s->any)
		return false;
	n = words_star(&s->reason, k->reason.s);
	return words_star(&s->ticket, k->ticket.s) + n > 0;
}
