/*
 * parse.c - the sections of a policy file that name things: classes, roles,
 * purposes; and the order in which sections are read.
 */
#include "policy/lang/parse.h"

#include <stdlib.h>

enum sc_err lang_words(struct lang_ctx *c, const cJSON *object, const struct lang_word *words,
    const char *what, void *into)
{
	const struct lang_word *w;
	const cJSON *m;
	enum sc_err err;

	if (!cJSON_IsObject(object))
		return jsonc_error(c->doc, object, c->d, "expected an object { … }");
	cJSON_ArrayForEach(m, object)
	{
		for (w = words; w->key != NULL; w++)
			if (strcmp(w->key, m->string) == 0)
				break;
		if (w->key == NULL) {
			jsonc_locate_key(c->doc, m, c->d);
			sc_diag_set(c->d, "unknown %s \"%.60s\"", what, m->string);
			return SC_SYNTAX;
		}
		if (w->parse != NULL && (err = w->parse(c, m, into)) != SC_OK)
			return err;
	}
	return SC_OK;
}

/* A member that only people read. */
static enum sc_err about(struct lang_ctx *c, const cJSON *item, void *into)
{
	const char *s;

	(void)into;
	return jsonc_item_string(c->doc, item, c->d, &s);
}

/* ---- classes ------------------------------------------------------------ */

struct class_entry {
	const cJSON *id;
	bool has_tier;
	uint8_t tier;
};

static enum sc_err class_id_word(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct class_entry *e = into;

	(void)c;
	e->id = item;
	return SC_OK;
}

static enum sc_err class_tier_word(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct class_entry *e = into;

	e->has_tier = true;
	return lang_tier(c, item, &e->tier);
}

static enum sc_err add_file_class(struct lang_ctx *c, const cJSON *item,
    const struct class_entry *e)
{
	struct sc_name name;
	enum sc_err err;
	uint64_t id;

	if (sc_name_parse(sc_span_str(item->string), &name) != SC_OK)
		return jsonc_error(c->doc, item, c->d,
		    "a class's name is 1 to %d "
		    "of A-Z a-z 0-9 . _ -",
		    SC_NAME_MAX);
	if (e->id == NULL || !e->has_tier)
		return jsonc_error(c->doc, item, c->d,
		    "\"%.60s\" is no built-in "
		    "class: it needs an \"id\" and a \"tier\"",
		    name.s);
	if ((err = jsonc_item_u64(c->doc, e->id, CLASS_FILE_FIRST, CLASS_MAX, c->d, &id)) != SC_OK)
		return err;
	if (c->m->classes[id].name.s[0] != '\0')
		return jsonc_error(c->doc, e->id, c->d, "id %u is already \"%s\"", (unsigned)id,
		    c->m->classes[id].name.s);
	c->m->classes[id].name = name;
	c->m->classes[id].tier = e->tier;
	return SC_OK;
}

static enum sc_err parse_class(struct lang_ctx *c, const cJSON *item)
{
	static const struct lang_word words[] = {
		{ "id", class_id_word },
		{ "tier", class_tier_word },
		{ "std", about },
		{ "about", about },
		{ NULL, NULL },
	};
	uint8_t builtin = class_find(sc_span_str(item->string));
	struct class_entry e = { NULL, false, TIER_T4 };
	enum sc_err err;

	if ((err = lang_words(c, item, words, "key", &e)) != SC_OK)
		return err;
	if (builtin == CLASS_NONE)
		return add_file_class(c, item, &e);
	if (e.id != NULL)
		return jsonc_error(c->doc, e.id, c->d, "a built-in class has its id already");
	if (e.has_tier && e.tier < class_tier(builtin))
		return jsonc_error(c->doc, jsonc_find(item, "tier"), c->d,
		    "%s is %s by itself: a file may raise that, not lower it", class_name(builtin),
		    policy_tier_name(class_tier(builtin)));
	if (e.has_tier)
		c->m->classes[builtin].tier = e.tier;
	return SC_OK;
}

static enum sc_err parse_classes(struct lang_ctx *c, const cJSON *root)
{
	const cJSON *classes, *item;
	enum sc_err err;

	for (uint8_t id = 1; id < CLASS_BUILTIN_END; id++) {
		struct lang_class *k = &c->m->classes[id];

		if (sc_name_parse(sc_span_str(class_name(id)), &k->name) != SC_OK)
			return SC_BUG;
		k->tier = (uint8_t)class_tier(id);
	}
	if ((err = jsonc_object(c->doc, root, "classes", JSONC_OPTIONAL, c->d, &classes)) != SC_OK)
		return err;
	cJSON_ArrayForEach(item, classes) if ((err = parse_class(c, item)) != SC_OK) return err;
	return SC_OK;
}

/* ---- roles and purposes -------------------------------------------------- */

static enum sc_err role_max_tier(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_role *r = into;

	return lang_tier(c, item, &r->max_tier);
}

static enum sc_err role_group(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_role *r = into;

	return lang_parse_groups(c, item, &r->groups);
}

static enum sc_err parse_role(struct lang_ctx *c, const cJSON *item)
{
	static const struct lang_word words[] = {
		{ "max_tier", role_max_tier },
		{ "group", role_group },
		{ "about", about },
		{ NULL, NULL },
	};
	struct lang_role *r = &c->m->roles[c->m->n_roles];
	enum sc_err err;

	if (c->m->n_roles == POLICY_ROLES_MAX) {
		jsonc_locate_key(c->doc, item, c->d);
		sc_diag_set(c->d, "more than %d roles", POLICY_ROLES_MAX);
		return SC_LIMIT;
	}
	if (sc_name_parse(sc_span_str(item->string), &r->name) != SC_OK)
		return jsonc_error(c->doc, item, c->d,
		    "a role's name is 1 to %d "
		    "of A-Z a-z 0-9 . _ -",
		    SC_NAME_MAX);
	r->max_tier = TIER_T0; /* who does not say sees least */
	if ((err = lang_words(c, item, words, "key", r)) != SC_OK)
		return err;
	if (r->max_tier == TIER_X)
		return jsonc_error(c->doc, jsonc_find(item, "max_tier"), c->d,
		    "tier X is never carried, so nobody's ceiling can be X");
	c->m->n_roles++;
	return SC_OK;
}

static enum sc_err parse_roles(struct lang_ctx *c, const cJSON *root)
{
	const cJSON *roles, *item;
	enum sc_err err;

	if ((err = jsonc_object(c->doc, root, "roles", JSONC_REQUIRED, c->d, &roles)) != SC_OK)
		return err;
	cJSON_ArrayForEach(item, roles) if ((err = parse_role(c, item)) != SC_OK) return err;
	return SC_OK;
}

static enum sc_err parse_purposes(struct lang_ctx *c, const cJSON *root)
{
	struct lang_model *m = c->m;
	const cJSON *list, *item;
	enum sc_err err;

	if ((err = jsonc_array(c->doc, root, "purposes", JSONC_REQUIRED, c->d, &list)) != SC_OK)
		return err;
	cJSON_ArrayForEach(item, list)
	{
		struct sc_name *name = &m->purposes[m->n_purposes];

		if (m->n_purposes == POLICY_PURPOSES_MAX) {
			(void)jsonc_error(c->doc, item, c->d, "more than %d purposes",
			    POLICY_PURPOSES_MAX);
			return SC_LIMIT;
		}
		if ((err = jsonc_item_name(c->doc, item, c->d, name)) != SC_OK)
			return err;
		for (unsigned i = 0; i < m->n_purposes; i++)
			if (strcmp(m->purposes[i].s, name->s) == 0)
				return jsonc_error(c->doc, item, c->d,
				    "the purpose \"%s\" is here twice", name->s);
		m->n_purposes++;
	}
	return SC_OK;
}

/* Declared groups of one role may not clash either. */
static enum sc_err check_declared_duties(struct lang_ctx *c, const cJSON *root)
{
	const cJSON *item;
	unsigned i = 0;
	enum sc_err err;

	cJSON_ArrayForEach(item, jsonc_find(root, "roles"))
	{
		if ((err = lang_duty_join(c, (uint64_t)1 << i, 0, item)) != SC_OK)
			return err;
		i++;
	}
	return SC_OK;
}

/* ---- the file ------------------------------------------------------------- */

enum sc_err lang_parse(const struct jsonc *doc, struct sc_diag *d, struct lang_model *m)
{
	static const char *const keys[] = { "$schema", "scrim_policy", "version", "about",
		"classes", "roles", "purposes", "sod", "rules", "tests", NULL };
	struct lang_ctx c = { doc, d, m };
	const cJSON *root = jsonc_root(doc), *sod, *rules, *tests;
	uint64_t format;
	enum sc_err err;

	if ((err = jsonc_check_keys(doc, root, keys, d)) != SC_OK ||
	    (err = jsonc_u64(doc, root, "scrim_policy", JSONC_REQUIRED, 1, 1, d, &format)) !=
		SC_OK ||
	    (err = jsonc_name(doc, root, "version", JSONC_REQUIRED, d, &m->version)) != SC_OK ||
	    (err = jsonc_array(doc, root, "sod", JSONC_OPTIONAL, d, &sod)) != SC_OK ||
	    (err = jsonc_array(doc, root, "rules", JSONC_REQUIRED, d, &rules)) != SC_OK ||
	    (err = jsonc_array(doc, root, "tests", JSONC_OPTIONAL, d, &tests)) != SC_OK)
		return err;
	if ((err = parse_classes(&c, root)) != SC_OK || (err = parse_roles(&c, root)) != SC_OK ||
	    (err = parse_purposes(&c, root)) != SC_OK ||
	    (err = lang_parse_apart(&c, sod)) != SC_OK ||
	    (err = check_declared_duties(&c, root)) != SC_OK ||
	    (err = lang_parse_rules(&c, rules)) != SC_OK)
		return err;
	return lang_parse_tests(&c, tests);
}

void lang_model_fini(struct lang_model *m)
{
	free(m->rules);
	free(m->tests);
	m->rules = NULL;
	m->tests = NULL;
}
