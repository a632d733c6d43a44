/*
 * undeclared_tokens.c - finding them without going through all of a document, and opening them.
 */
#include "gateway/protect/undeclared_tokens.h"

#include "crypto/token/token.h"

bool undeclared_walks(const struct planner *m)
{
	return undeclared_searches(m) || m->t->rules->answers;
}

bool undeclared_has_no_token(const struct planner *m, const struct undeclared_walk *w, size_t end)
{
	return !undeclared_searches(m) && !token_hinted(sc_span(m->doc.p + w->skip, end - w->skip));
}
