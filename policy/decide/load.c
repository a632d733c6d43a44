/*
 * load.c - a policy's life: loading, names, running its own tests, freeing.
 */
#include "policy/decide/table.h"

#include "base/weak.h"
#include "policy/lang/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum sc_err keep_text(struct policy *p, const struct jsonc *doc, const char *filename)
{
	struct sc_span text = jsonc_text(doc);

	if ((p->text = malloc(text.n + 1)) == NULL)
		return SC_NOMEM;
	memcpy(p->text, text.p, text.n);
	p->text_n = text.n;
	if (filename != NULL)
		snprintf(p->file, sizeof(p->file), "%s", filename);
	return SC_OK;
}

static enum sc_err load(const struct jsonc *doc, const char *filename, struct sc_diag *d,
    struct policy **out)
{
	struct policy *p = calloc(1, sizeof(*p));
	enum sc_err err;

	*out = NULL;
	if (p == NULL)
		return SC_NOMEM;
	if ((err = lang_parse(doc, d, &p->model)) != SC_OK ||
	    (err = keep_text(p, doc, filename)) != SC_OK)
		goto out;
	if ((err = table_build(&p->model, &p->table)) != SC_OK) {
		if (err == SC_LIMIT)
			sc_diag_set(d, "too many different combinations of rules");
		goto out;
	}
	/* what a file expects of itself and does not do is a mistake somebody made */
	if ((err = policy_test_all(p, d)) != SC_OK && !WEAK("policy-tests-unheard"))
		goto out;
	err = SC_OK;
	*out = p;
	p = NULL;
out:
	policy_free(p);
	return err;
}

static enum sc_err load_doc(enum sc_err err, struct jsonc *doc, const char *filename,
    struct sc_diag *d, struct policy **out)
{
	struct sc_diag own = { .line = 0 };

	*out = NULL;
	if (err == SC_OK)
		err = load(doc, filename, d == NULL ? &own : d, out);
	if (err == SC_NOMEM)
		sc_diag_set(d, "no memory");
	jsonc_free(doc);
	return err;
}

enum sc_err policy_load_file(const char *path, struct sc_diag *d, struct policy **out)
{
	struct jsonc *doc;
	enum sc_err err = jsonc_load_file(path, d, &doc);

	return load_doc(err, doc, path, d, out);
}

enum sc_err policy_load(struct sc_span text, const char *filename, struct sc_diag *d,
    struct policy **out)
{
	struct jsonc *doc;
	enum sc_err err = jsonc_load(text, filename, d, &doc);

	return load_doc(err, doc, filename, d, out);
}

void policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	lang_model_fini(&p->model);
	table_fini(&p->table);
	free(p->text);
	free(p);
}

void policy_locate(const struct policy *p, size_t offset, struct sc_diag *d)
{
	if (d == NULL)
		return;
	*d = (struct sc_diag){ .line = 1, .column = 1, .offset = offset };
	memcpy(d->file, p->file, sizeof(d->file));
	for (size_t i = 0; i < offset && i < p->text_n; i++) {
		d->column++;
		if (p->text[i] == '\n') {
			d->line++;
			d->column = 1;
		}
	}
}

bool policy_rule_place(const struct policy *p, uint16_t rule, struct sc_diag *d)
{
	if (rule >= p->model.n_rules)
		return false;
	policy_locate(p, p->model.rules[rule].offset, d);
	return true;
}

struct sc_span policy_text(const struct policy *p)
{
	return sc_span(p->text, p->text_n);
}

const struct sc_name *policy_version(const struct policy *p)
{
	return &p->model.version;
}

/* ---- names ---------------------------------------------------------------- */

bool policy_role(const struct policy *p, struct sc_span name, uint8_t *id)
{
	for (unsigned i = 0; i < p->model.n_roles; i++) {
		if (sc_span_is(name, p->model.roles[i].name.s)) {
			*id = (uint8_t)i;
			return true;
		}
	}
	return false;
}

bool policy_purpose(const struct policy *p, struct sc_span name, uint8_t *id)
{
	for (unsigned i = 0; i < p->model.n_purposes; i++) {
		if (sc_span_is(name, p->model.purposes[i].s)) {
			*id = (uint8_t)i;
			return true;
		}
	}
	return false;
}

bool policy_class(const struct policy *p, struct sc_span name, uint8_t *id)
{
	if (name.n == 0)
		return false;
	for (unsigned i = 1; i <= CLASS_MAX; i++) {
		if (sc_span_is(name, p->model.classes[i].name.s)) {
			*id = (uint8_t)i;
			return true;
		}
	}
	return false;
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

unsigned policy_role_count(const struct policy *p)
{
	return p->model.n_roles;
}

unsigned policy_purpose_count(const struct policy *p)
{
	return p->model.n_purposes;
}

unsigned policy_rule_count(const struct policy *p)
{
	return p->model.n_rules;
}

enum policy_tier policy_class_tier(const struct policy *p, uint8_t class_id)
{
	const struct lang_class *k = &p->model.classes[class_id];

	return k->name.s[0] == '\0' ? TIER_X : (enum policy_tier)k->tier;
}

bool policy_rule_approval(const struct policy *p, uint16_t rule, uint8_t *n, uint8_t *role)
{
	if (rule >= p->model.n_rules || p->model.rules[rule].approvals == 0)
		return false;
	*n = p->model.rules[rule].approvals;
	*role = p->model.rules[rule].approver;
	return true;
}
