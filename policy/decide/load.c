/*
 * load.c - a policy's life: loading and freeing.
 */
#include "policy/decide/table.h"

#include "base/weak.h"
#include "policy/lang/lang.h"

#include <stdlib.h>

static enum sc_err compile(struct policy *p, struct shape_ctx *c)
{
	enum sc_err err = table_build(&p->model, &p->table);

	if (err == SC_LIMIT)
		shape_wrong_at(c, 0, "too many different combinations of rules");
	if (err != SC_OK)
		return err;
	p->shortest_weeks = POLICY_LIMIT_NONE;
	for (size_t i = 0; i < p->model.n_rules; i++) {
		const struct lang_rule *r = &p->model.rules[i];

		p->needs_consent |= r->consents != 0;
		if (r->sealed_within < p->shortest_weeks)
			p->shortest_weeks = r->sealed_within;
	}
	/* what a file expects of itself and does not do is a mistake somebody made */
	return WEAK("policy-tests-unheard") ? SC_OK : policy_test_all(p, c);
}

/* From TEXT, or when that is NULL from the file NAME. */
static enum sc_err load(const struct sc_span *text, const char *name, struct sc_diags *all,
    struct policy **out)
{
	struct policy *p = calloc(1, sizeof(*p));
	struct shape_ctx c = { .all = all };
	enum sc_err err = SC_NOMEM;

	if (p != NULL) {
		c.arena = &p->arena;
		c.arg = &p->model;
		err = text != NULL ? shape_load(&c, *text, name, &lang_policy, &p->model) :
				     shape_load_file(&c, name, &lang_policy, &p->model);
	}
	if (err == SC_OK) {
		p->doc = c.doc;
		err = compile(p, &c);
	}
	if (err == SC_NOMEM && all != NULL && all->n == 0)
		sc_diag_set(&all->v[0], "no memory");
	if (err != SC_OK)
		policy_free(p);
	*out = err == SC_OK ? p : NULL;
	return err;
}

enum sc_err policy_load_file(const char *path, struct sc_diags *all, struct policy **out)
{
	return load(NULL, path, all, out);
}

enum sc_err policy_load(struct sc_span text, const char *filename, struct sc_diags *all,
    struct policy **out)
{
	return load(&text, filename, all, out);
}

void policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	table_fini(&p->table);
	sc_arena_fini(&p->arena);
	free(p);
}

struct sc_span policy_text(const struct policy *p)
{
	return p->doc.text;
}

const struct sc_name *policy_version(const struct policy *p)
{
	return &p->model.version;
}
