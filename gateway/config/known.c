/*
 * known.c - names that the policy gives, where the configuration uses them.
 *
 * Without a policy, which was then told, nothing is compared with it.
 */
#include "gateway/config/sections.h"

static const struct policy *policy_of(const void *config)
{
	return ((const struct config *)config)->policy;
}

static const char *role_name(const void *config, unsigned i)
{
	const struct sc_name *name = policy_role_name(policy_of(config), (uint8_t)i);

	return name == NULL ? NULL : name->s;
}

static const char *purpose_name(const void *config, unsigned i)
{
	const struct sc_name *name = policy_purpose_name(policy_of(config), (uint8_t)i);

	return name == NULL ? NULL : name->s;
}

/* Their numbers have holes. */
static const char *class_called(const void *config, unsigned i)
{
	const struct sc_name *name;

	if (i > CLASS_MAX)
		return NULL;
	name = policy_class_name(policy_of(config), (uint8_t)i);
	return name == NULL ? "" : name->s;
}

const struct shape_words config_roles = { "role", .name = role_name };
const struct shape_words config_purposes = { "purpose", .name = purpose_name };
const struct shape_words config_classes = { "class", .name = class_called };

bool config_read_known(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return policy_of(c->arg) != NULL && shape_word(c, node, field);
}

bool config_read_known_set(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	bool *set = field, ok = policy_of(c->arg) != NULL;
	unsigned i;

	if (node->kind != DOC_LIST)
		return shape_must(c, node, "be a list [ ]");
	if (node->first == NULL)
		return shape_must(c, node, "not be an empty list: nothing would be allowed");
	for (const struct doc_node *e = ok ? node->first : NULL; e != NULL; e = e->next)
		if (shape_find_word(c, e, &i))
			set[i] = true;
		else
			ok = false;
	return ok;
}
