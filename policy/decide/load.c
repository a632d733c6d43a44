/*
 * load.c - a policy's life: loading, names, freeing.
 */
#include "policy/decide/table.h"

#include "base/weak.h"
#include "policy/lang/lang.h"

#include <stdlib.h>

static enum sc_err compile(struct policy *p, struct sc_diags *all)
{
	enum sc_err err = table_build(&p->model, &p->table);
	struct sc_diag d;

	if (err == SC_LIMIT) {
		doc_locate(&p->doc, 0, &d);
		sc_diag_set(&d, "too many different combinations of rules");
		policy_tell(all, &d);
	}
	if (err != SC_OK)
		return err;
	/* what a file expects of itself and does not do is a mistake somebody made */
	err = policy_test_all(p, all);
	return WEAK("policy-tests-unheard") ? SC_OK : err;
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
		err = compile(p, all);
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

/* ---- names ---------------------------------------------------------------- */

static bool find(const struct policy *p, const char *(*name)(const void *, unsigned),
    struct sc_span said, uint8_t *id)
{
	const char *s;

	for (unsigned i = 0; said.n != 0 && (s = name(&p->model, i)) != NULL; i++) {
		if (sc_span_is(said, s)) {
			*id = (uint8_t)i;
			return true;
		}
	}
	return false;
}

bool policy_role(const struct policy *p, struct sc_span name, uint8_t *id)
{
	return find(p, lang_role_name, name, id);
}

bool policy_purpose(const struct policy *p, struct sc_span name, uint8_t *id)
{
	return find(p, lang_purpose_name, name, id);
}

bool policy_class(const struct policy *p, struct sc_span name, uint8_t *id)
{
	return find(p, lang_class_name, name, id);
}

const struct sc_name *policy_role_name(const struct policy *p, uint8_t id)
{
	return id < p->model.n_roles ? &p->model.roles[id].name : NULL;
}

const struct sc_name *policy_purpose_name(const struct policy *p, uint8_t id)
{
	return id < p->model.n_purposes ? &p->model.purposes[id] : NULL;
}

const struct sc_name *policy_class_name(const struct policy *p, uint8_t id)
{
	const struct sc_name *name = &p->model.classes[id].name;

	return name->s[0] != '\0' ? name : NULL;
}

const char *policy_rule_name(const struct policy *p, uint16_t rule)
{
	return rule < p->model.n_rules ? p->model.rules[rule].id.s : NULL;
}

bool policy_rule_place(const struct policy *p, uint16_t rule, struct sc_diag *d)
{
	if (rule >= p->model.n_rules)
		return false;
	doc_locate(&p->doc, p->model.rules[rule].offset, d);
	return true;
}

unsigned policy_role_count(const struct policy *p)
{
	return (unsigned)p->model.n_roles;
}

unsigned policy_purpose_count(const struct policy *p)
{
	return (unsigned)p->model.n_purposes;
}

unsigned policy_rule_count(const struct policy *p)
{
	return (unsigned)p->model.n_rules;
}

enum policy_tier policy_class_tier(const struct policy *p, uint8_t class_id)
{
	const struct lang_class *k = &p->model.classes[class_id];

	return k->name.s[0] == '\0' ? TIER_X : (enum policy_tier)k->tier;
}

bool policy_rule_approval(const struct policy *p, uint16_t rule, uint8_t *n, uint8_t *role)
{
	if (rule >= p->model.n_rules || p->model.rules[rule].approval.n == 0)
		return false;
	*n = p->model.rules[rule].approval.n;
	*role = p->model.rules[rule].approval.from;
	return true;
}
