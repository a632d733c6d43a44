/*
 * rules.c - compiling one side of a route.
 */
#include "gateway/protect/rules.h"

#include "gateway/protect/scopes.h"
#include "gateway/protect/told.h"

#include <stdlib.h>

static struct codec_selector rule_selector(const struct field_rule *r, size_t i)
{
	struct codec_selector s = {
		.text = r->at,
		.action = (uint16_t)i,
		.rank = r->form->rank,
		.how = r->form->loose ? 0 : CODEC_STRICT,
	};

	if (r->form == &form_inside)
		return (struct codec_selector){ .text = r->at,
			.action = CODEC_POINT_INSIDE,
			.how = CODEC_POINT | CODEC_INSIDE };

	/* a scan of everything does not make up for a field that was not found */
	if (r->form->partial)
		s.how |= CODEC_PARTIAL;
	return s;
}

/* Add the selector TEXT (NULL: none) of a point to the N that SEL has. */
static void add_point(struct codec_selector *sel, size_t *n, const char *text, uint16_t number)
{
	if (text != NULL)
		sel[(*n)++] =
		    (struct codec_selector){ .text = text, .action = number, .how = CODEC_POINT };
}

/* How many selectors say where RULES do not apply. */
static size_t count_exceptions(const struct field_rule *rules, size_t n)
{
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += rules[i].n_except;
	return all;
}

/* The same, behind the N that SEL has. */
static void add_exceptions(const struct field_rule *rules, size_t n_rules,
    struct codec_selector *sel, size_t *n)
{
	for (size_t i = 0; i < n_rules; i++)
		for (size_t k = 0; k < rules[i].n_except; k++)
			sel[(*n)++] = (struct codec_selector){ .text = rules[i].except[k].at,
				.action = (uint16_t)i,
				.how = CODEC_EXCEPT };
}

/* What the tap is told alone costs no order a step: it is none of the paths that are looked for. */
static size_t without_told(const struct field_rule *rules, size_t n, struct codec_selector *sel)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if ((sel[i].how & CODEC_POINT) != 0 || !rules[sel[i].action].form->only_told ||
		    rules[sel[i].action].tag)
			sel[kept++] = sel[i];
	return kept;
}

enum sc_err rules_new(const struct field_rule *rules, size_t n, struct protect_points points,
    enum protect_unmatched unmatched, struct sc_diag *diag, struct protect_rules **out)
{
	struct codec_selector *sel = NULL;
	struct protect_rules *r = NULL;
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (n >= PROTECT_RULE_NONE)
		return SC_LIMIT;
	if ((r = calloc(1, sizeof(*r))) == NULL ||
	    (sel = calloc(n + count_exceptions(rules, n) + SUBJECT_PLACES_MAX + 1 +
		     2 * (size_t)PROTECT_SCOPES_MAX,
		 sizeof(*sel))) == NULL)
		goto out;
	r->v = rules;
	r->n = n;
	r->unmatched = unmatched;
	if (points.subject != NULL)
		r->subject = *points.subject;
	for (size_t i = 0; i < n; i++) {
		sel[i] = rule_selector(&rules[i], i);
		if (rules[i].form != &form_inside)
			continue;
		r->inside = r->goes_inside ? NULL : &rules[i];
		r->goes_inside = true;
	}
	add_exceptions(rules, r->n, sel, &n);
	/* all of them, so that a message about a rule has the rule's number */
	if ((err = told_new(rules, r->n, sel, n, points.changes ? points.order : NULL, diag,
		 &r->told)) != SC_OK)
		goto out;
	n = without_told(rules, n, sel);
	/* last, for the same reason */
	for (size_t i = 0; i < r->subject.n; i++)
		if (r->subject.v[i].where == SUBJECT_BODY)
			add_point(sel, &n, r->subject.v[i].name, (uint16_t)i);
	add_point(sel, &n, points.order, PROTECT_POINT_ORDER);
	if ((err = scopes_select(r, rules, r->n, sel, &n, diag)) != SC_OK)
		goto out;
	if ((err = codec_paths_new(sel, n, diag, &r->paths)) != SC_OK)
		goto out;
	*out = r;
	r = NULL;
out:
	free(sel);
	rules_free(r);
	return err;
}

enum sc_err rules_new_restore(struct sc_diag *diag, struct protect_rules **out)
{
	static const struct codec_selector any = {
		.text = "$..*",
		.action = PROTECT_ACTION_ANY,
		.rank = 1,
	};
	struct protect_rules *r = calloc(1, sizeof(*r));
	enum sc_err err;

	*out = NULL;
	if (r == NULL)
		return SC_NOMEM;
	if ((err = codec_paths_new(&any, 1, diag, &r->paths)) != SC_OK) {
		rules_free(r);
		return err;
	}
	*out = r;
	return SC_OK;
}

void rules_free(struct protect_rules *r)
{
	if (r == NULL)
		return;
	codec_paths_free(r->paths);
	told_release(r->told);
	free(r->scope_of);
	free(r);
}
