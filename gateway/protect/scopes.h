/*
 * scopes.h - people who are named at a rule: each element of an array, or the document, may
 * have its own. Private to protect/.
 *
 * A scope is one place where a rule's person stands. What is planned in the element that the
 * place shares with the rule is that person's; where nothing stands there, the document's.
 */
#ifndef GATEWAY_PROTECT_SCOPES_H
#define GATEWAY_PROTECT_SCOPES_H

#include "gateway/protect/planner.h"

/*
 * Add the selectors of the places that RULES name to the N that SEL has, and tell R which
 * rule has which scope. Fails with SC_LIMIT (D says so), SC_NOMEM.
 */
SC_CHECKED enum sc_err scopes_select(struct protect_rules *r, const struct field_rule *rules,
    size_t n_rules, struct codec_selector *sel, size_t *n, struct sc_diag *d);

/* A new document: what is not in an element belongs to the document's own people. SC_NOMEM. */
SC_CHECKED enum sc_err scopes_begin(struct planner *m);
/* F, which may be where an element begins, stands at POINTS. SC_NOMEM, SC_LIMIT. */
SC_CHECKED enum sc_err scopes_take(struct planner *m, const struct codec_field *f, uint32_t points);
/* Are people known by their orders on this side? */
bool scopes_have_guests(const struct protect_rules *r);
/* All was seen: guests get their names. SC_NOMEM, SC_LIMIT. */
SC_CHECKED enum sc_err scopes_settle(struct planner *m);

#endif
