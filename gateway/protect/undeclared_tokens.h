/*
 * undeclared_tokens.h - tokens of an answer where no rule speaks. Private to protect/.
 *
 * A token is governed by its own class and tier wherever it stands: it is what "do": "policy"
 * would make of it there. Nothing else there is looked at, unless the side is searched.
 */
#ifndef GATEWAY_PROTECT_UNDECLARED_TOKENS_H
#define GATEWAY_PROTECT_UNDECLARED_TOKENS_H

#include "gateway/protect/planner.h"

/* Is more looked for than tokens? */
static inline bool undeclared_searches(const struct planner *m)
{
	const struct undeclared *u = &m->t->rules->undeclared;

	return u->found != UNDECLARED_PASS || u->named != UNDECLARED_PASS;
}

/*
 * Where tokens alone are looked for, has the gap between W's last declared field and END none?
 * Then nobody walks there, and who walks later skips what is before that field.
 */
bool undeclared_has_no_token(const struct planner *m, const struct undeclared_walk *w, size_t end);

#endif
