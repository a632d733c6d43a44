/*
 * lang.c - a policy file's sections: classes, roles, purposes, and the order
 * in which all of them are read.
 */
#include "policy/lang/lang.h"

#include "policy/lang/rows.h"

#include <string.h>

/* The key of NODE, which is a name that the file gives to a WHAT. */
static bool take_key(struct shape_ctx *c, const char *what, const struct doc_node *node,
    struct sc_name *out)
{
	return sc_name_parse(sc_span_str(node->key), out) == SC_OK ||
	    shape_wrong_at(c, node->key_at, "a %s's name is 1 to %d of A-Z a-z 0-9 . _ -", what,
		SC_NAME_MAX);
}

/* ---- classes ------------------------------------------------------------ */

struct class_entry {
	uint8_t id; /* CLASS_NONE: not given */
	uint8_t tier;
};
#define NO_TIER 0xFF

static const struct shape_row class_rows[] = {
	{ "id", shape_count, SHAPE_AT(struct class_entry, id), .min = CLASS_FILE_FIRST,
	    .max = CLASS_MAX },
	{ "tier", shape_word, SHAPE_AT(struct class_entry, tier), .usual = NO_TIER,
	    .words = &lang_tiers },
	{ "std", shape_about, SHAPE_HERE },
	{ "about", shape_about, SHAPE_HERE },
	{ .key = NULL },
};
static const struct shape class_shape = { .what = "class", .rows = class_rows };

static bool raise_builtin(struct shape_ctx *c, const struct doc_node *node, uint8_t id,
    const struct class_entry *e)
{
	struct lang_model *m = c->arg;

	if (e->id != CLASS_NONE)
		return shape_wrong(c, doc_find(node, "id"), "a built-in class has its id already");
	if (e->tier == NO_TIER)
		return true;
	if (e->tier < class_tier(id))
		return shape_wrong(c, doc_find(node, "tier"),
		    "%s is %s by itself: a file may raise that, not lower it", class_name(id),
		    policy_tier_name(class_tier(id)));
	m->classes[id].tier = e->tier;
	return true;
}

static bool add_class(struct shape_ctx *c, const struct doc_node *node, const struct class_entry *e)
{
	struct lang_model *m = c->arg;
	struct sc_name name;

	if (!take_key(c, class_shape.what, node, &name))
		return false;
	if (e->id == CLASS_NONE || e->tier == NO_TIER)
		return shape_wrong(c, node,
		    "\"%s\" is no built-in class: it needs an \"id\" and a \"tier\"", name.s);
	if (m->classes[e->id].name.s[0] != '\0')
		return shape_wrong(c, doc_find(node, "id"), "id %u is already \"%s\"", e->id,
		    m->classes[e->id].name.s);
	m->classes[e->id].name = name;
	m->classes[e->id].tier = e->tier;
	return true;
}

static bool read_classes(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	bool ok = true;

	(void)field;
	if (node->kind != DOC_OBJECT)
		return shape_must(c, node, "be an object { }");
	for (const struct doc_node *n = node->first; n != NULL; n = n->next) {
		uint8_t builtin = class_find(sc_span_str(n->key));
		struct class_entry e = { .id = CLASS_NONE };

		ok = shape_fill(c, c->row->shape, n, &e) &&
		    (builtin != CLASS_NONE ? raise_builtin(c, n, builtin, &e) :
					     add_class(c, n, &e)) &&
		    ok;
	}
	return ok;
}

/* ---- roles and purposes -------------------------------------------------- */

/* Declared groups of one role may not clash either. */
static bool check_role(struct shape_ctx *c, const struct doc_node *role, void *into)
{
	struct lang_model *m = c->arg;
	const struct lang_role *r = into;

	return lang_duty_join(c, (uint64_t)1 << (r - m->roles), 0, role);
}

/* Who says no "max_tier" sees least. */
static const struct shape_row role_rows[] = {
	{ "max_tier", shape_word, SHAPE_AT(struct lang_role, max_tier),
	    .words = &lang_carried_tiers },
	{ "group", shape_set, SHAPE_AT(struct lang_role, groups), .words = &lang_groups },
	{ "stores", shape_bool, SHAPE_AT(struct lang_role, stores) },
	{ "indexes_per_day", shape_count, SHAPE_AT(struct lang_role, indexes_per_day), .min = 1,
	    .max = 1000000000 },
	{ "about", shape_about, SHAPE_HERE },
	{ .key = NULL },
};
static const struct shape role_shape = { "role", role_rows, .check = check_role };

static bool read_roles(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct lang_model *m = field;
	bool ok = true;

	if (node->kind != DOC_OBJECT)
		return shape_must(c, node, "be an object { }");
	if (node->n > c->row->max)
		return shape_must(c, node, "not have more than %u roles", (unsigned)c->row->max);
	for (const struct doc_node *n = node->first; n != NULL; n = n->next) {
		struct lang_role *r = &m->roles[m->n_roles++];

		ok &= take_key(c, c->row->shape->what, n, &r->name);
		ok &= shape_fill(c, c->row->shape, n, r);
	}
	return ok;
}

static bool read_purposes(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct lang_model *m = field;
	bool ok = true;

	if (node->kind != DOC_LIST)
		return shape_must(c, node, "be a list [ ]");
	if (node->n > c->row->max)
		return shape_must(c, node, "not have more than %u purposes", (unsigned)c->row->max);
	for (const struct doc_node *n = node->first; n != NULL; n = n->next) {
		struct sc_name *name = &m->purposes[m->n_purposes++];

		ok &= shape_name(c, n, name);
		for (const struct sc_name *p = m->purposes; ok && p < name; p++)
			if (strcmp(p->s, name->s) == 0)
				ok = shape_wrong(c, n, "the purpose \"%s\" is here twice", p->s);
	}
	return ok;
}

/* ---- the file ------------------------------------------------------------- */

static void begin(struct shape_ctx *c, void *into)
{
	struct lang_model *m = into;

	for (uint8_t id = 1; id < CLASS_BUILTIN_END; id++) {
		if (sc_name_parse(sc_span_str(class_name(id)), &m->classes[id].name) != SC_OK)
			c->err = SC_BUG;
		m->classes[id].tier = (uint8_t)class_tier(id);
	}
}

/* In the order in which one rests on another: a role's groups on those kept apart. */
static const struct shape_row rows[] = {
	{ "$schema", shape_about, SHAPE_HERE },
	{ "about", shape_about, SHAPE_HERE },
	{ "scrim_policy", shape_count, SHAPE_AT(struct lang_model, format), .need = true, .min = 1,
	    .max = 1 },
	{ "version", shape_name, SHAPE_AT(struct lang_model, version), .need = true },
	{ "classes", read_classes, SHAPE_HERE, .shape = &class_shape },
	{ "sod", lang_read_apart, SHAPE_AT(struct lang_model, apart) },
	{ "roles", read_roles, SHAPE_HERE, .need = true, .max = POLICY_ROLES_MAX,
	    .shape = &role_shape },
	{ "purposes", read_purposes, SHAPE_HERE, .need = true, .max = POLICY_PURPOSES_MAX },
	{ "rules", shape_list, SHAPE_LIST(struct lang_model, rules, n_rules), .need = true,
	    .shape = &lang_rule, .max = POLICY_RULES_MAX },
	{ "tests", shape_list, SHAPE_LIST(struct lang_model, tests, n_tests), .shape = &lang_case,
	    .max = POLICY_TESTS_MAX },
	{ .key = NULL },
};
const struct shape lang_policy = { "policy", rows, .begin = begin };
