/*
 * duty.c - separation of duty: groups that no role may combine.
 *
 * A role is in the groups it declares, in "use" as soon as a rule lets it do
 * anything but be denied, and in "approve" when an approval may come from it.
 */
#include "policy/lang/parse.h"

static const struct {
	const char *name;
	uint8_t bit;
} groups[] = {
	{ "manage", GROUP_MANAGE },
	{ "use", GROUP_USE },
	{ "approve", GROUP_APPROVE },
	{ "audit", GROUP_AUDIT },
};
#define N_GROUPS (sizeof(groups) / sizeof(groups[0]))

static const char *group_name(uint8_t bits)
{
	for (size_t i = 0; i < N_GROUPS; i++)
		if (groups[i].bit & bits)
			return groups[i].name;
	return "none";
}

static enum sc_err parse_group(struct lang_ctx *c, const cJSON *item, uint8_t *out)
{
	const char *s;
	enum sc_err err;

	if ((err = jsonc_item_string(c->doc, item, c->d, &s)) != SC_OK)
		return err;
	for (size_t i = 0; i < N_GROUPS; i++) {
		if (strcmp(groups[i].name, s) == 0) {
			*out |= groups[i].bit;
			return SC_OK;
		}
	}
	return jsonc_error(c->doc, item, c->d,
	    "unknown group \"%.60s\": one of manage use approve audit", s);
}

enum sc_err lang_parse_groups(struct lang_ctx *c, const cJSON *item, uint8_t *out)
{
	const cJSON *e;
	enum sc_err err;

	if (!cJSON_IsArray(item))
		return parse_group(c, item, out);
	cJSON_ArrayForEach(e, item) if ((err = parse_group(c, e, out)) != SC_OK) return err;
	return SC_OK;
}

static enum sc_err parse_pair(struct lang_ctx *c, const cJSON *item)
{
	uint8_t a = 0, b = 0;
	enum sc_err err;

	if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) != 2)
		return jsonc_error(c->doc, item, c->d,
		    "expected a pair of groups such as [\"manage\", \"use\"]");
	if ((err = parse_group(c, item->child, &a)) != SC_OK ||
	    (err = parse_group(c, item->child->next, &b)) != SC_OK)
		return err;
	if (a == b)
		return jsonc_error(c->doc, item, c->d, "a group cannot be kept apart from itself");
	for (unsigned i = 0; i < c->m->n_apart; i++)
		if (c->m->apart[i] == (a | b))
			return SC_OK;         /* said already */
	c->m->apart[c->m->n_apart++] = a | b; /* at most the 6 pairs of 4 groups */
	return SC_OK;
}

enum sc_err lang_parse_apart(struct lang_ctx *c, const cJSON *list)
{
	static const uint8_t always[] = { GROUP_MANAGE | GROUP_USE, GROUP_MANAGE | GROUP_AUDIT,
		GROUP_USE | GROUP_AUDIT };
	const cJSON *item;
	enum sc_err err;

	memcpy(c->m->apart, always, sizeof(always));
	c->m->n_apart = sizeof(always);
	cJSON_ArrayForEach(item, list) if ((err = parse_pair(c, item)) != SC_OK) return err;
	return SC_OK;
}

static enum sc_err join_one(struct lang_ctx *c, struct lang_role *r, uint8_t group,
    const cJSON *item)
{
	r->groups |= group;
	for (unsigned i = 0; i < c->m->n_apart; i++) {
		uint8_t pair = c->m->apart[i];
		uint8_t one = pair & (uint8_t)-pair;

		if ((r->groups & pair) == pair)
			return jsonc_error(c->doc, item, c->d,
			    "separation of duty: "
			    "this puts the role \"%s\" into both \"%s\" and \"%s\"",
			    r->name.s, group_name(one), group_name(pair & (uint8_t)~one));
	}
	return SC_OK;
}

enum sc_err lang_duty_join(struct lang_ctx *c, uint64_t roles, uint8_t group, const cJSON *item)
{
	enum sc_err err;

	for (unsigned i = 0; i < c->m->n_roles; i++)
		if ((roles >> i & 1) && (err = join_one(c, &c->m->roles[i], group, item)) != SC_OK)
			return err;
	return SC_OK;
}
