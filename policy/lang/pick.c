/*
 * pick.c - which roles, purposes, classes, tiers and operations a rule speaks of.
 */
#include "policy/lang/parse.h"

static bool role_index(const struct lang_model *m, const char *s, unsigned *out)
{
	for (*out = 0; *out < m->n_roles; (*out)++)
		if (strcmp(m->roles[*out].name.s, s) == 0)
			return true;
	return false;
}

static bool purpose_index(const struct lang_model *m, const char *s, unsigned *out)
{
	for (*out = 0; *out < m->n_purposes; (*out)++)
		if (strcmp(m->purposes[*out].s, s) == 0)
			return true;
	return false;
}

static bool class_index(const struct lang_model *m, const char *s, unsigned *out)
{
	for (*out = 1; *out <= CLASS_MAX; (*out)++)
		if (m->classes[*out].name.s[0] != '\0' && strcmp(m->classes[*out].name.s, s) == 0)
			return true;
	return false;
}

static bool tier_index(const struct lang_model *m, const char *s, unsigned *out)
{
	uint8_t tier;

	(void)m;
	if (!policy_tier_find(sc_span_str(s), &tier) || tier == TIER_X)
		return false;
	*out = tier;
	return true;
}

static bool op_index(const struct lang_model *m, const char *s, unsigned *out)
{
	uint8_t op;

	(void)m;
	if (!policy_op_find(sc_span_str(s), &op))
		return false;
	*out = op;
	return true;
}

struct dimension {
	const char *what;
	bool (*index)(const struct lang_model *, const char *, unsigned *);
};

/* Set the bit of the one that ITEM names. */
static enum sc_err pick_one(struct lang_ctx *c, const cJSON *item, const struct dimension *dim,
    uint64_t bits[4])
{
	unsigned i;

	if (!cJSON_IsString(item))
		return jsonc_error(c->doc, item, c->d,
		    "expected a %s's name, a "
		    "list of them, or \"*\"",
		    dim->what);
	if (!dim->index(c->m, item->valuestring, &i))
		return jsonc_error(c->doc, item, c->d, "unknown %s \"%.60s\"", dim->what,
		    item->valuestring);
	bits[i / 64] |= (uint64_t)1 << (i % 64);
	return SC_OK;
}

static bool is_star(const cJSON *item)
{
	return cJSON_IsString(item) && strcmp(item->valuestring, "*") == 0;
}

/* BITS hold what "*" means, and then what ITEM names. */
static enum sc_err pick(struct lang_ctx *c, const cJSON *item, const struct dimension *dim,
    uint64_t bits[4])
{
	const cJSON *e;
	enum sc_err err;

	if (is_star(item) ||
	    (cJSON_GetArraySize(item) == 1 && cJSON_IsArray(item) && is_star(item->child)))
		return SC_OK;
	memset(bits, 0, 4 * sizeof(bits[0]));
	if (!cJSON_IsArray(item))
		return pick_one(c, item, dim, bits);
	if (item->child == NULL)
		return jsonc_error(c->doc, item, c->d, "an empty list: this would never match");
	cJSON_ArrayForEach(e, item) if ((err = pick_one(c, e, dim, bits)) != SC_OK) return err;
	return SC_OK;
}

static uint64_t first_bits(unsigned n)
{
	return n >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << n) - 1;
}

void lang_pick_all(const struct lang_model *m, struct lang_pick *out)
{
	*out = (struct lang_pick){ .tiers = LANG_ANY_TIER };
	out->roles = first_bits(m->n_roles);
	out->purposes = (uint32_t)first_bits(m->n_purposes);
	out->ops = (uint8_t)first_bits(POLICY_OP_COUNT);
	for (unsigned id = 1; id <= CLASS_MAX; id++)
		if (m->classes[id].name.s[0] != '\0')
			out->classes[id / 64] |= (uint64_t)1 << (id % 64);
}

enum sc_err lang_pick_roles(struct lang_ctx *c, const cJSON *item, struct lang_pick *out)
{
	static const struct dimension dim = { "role", role_index };
	uint64_t bits[4] = { first_bits(c->m->n_roles) };
	enum sc_err err = pick(c, item, &dim, bits);

	out->roles = bits[0];
	return err;
}

enum sc_err lang_pick_purposes(struct lang_ctx *c, const cJSON *item, struct lang_pick *out)
{
	static const struct dimension dim = { "purpose", purpose_index };
	uint64_t bits[4] = { first_bits(c->m->n_purposes) };
	enum sc_err err = pick(c, item, &dim, bits);

	out->purposes = (uint32_t)bits[0];
	return err;
}

enum sc_err lang_pick_classes(struct lang_ctx *c, const cJSON *item, struct lang_pick *out)
{
	static const struct dimension dim = { "class", class_index };
	struct lang_pick all;
	enum sc_err err;

	lang_pick_all(c->m, &all);
	err = pick(c, item, &dim, all.classes);
	memcpy(out->classes, all.classes, sizeof(out->classes));
	return err;
}

enum sc_err lang_pick_tiers(struct lang_ctx *c, const cJSON *item, struct lang_pick *out)
{
	static const struct dimension dim = { "tier", tier_index };
	uint64_t bits[4] = { first_bits(TIER_X) };
	enum sc_err err = pick(c, item, &dim, bits);

	out->tiers = (uint8_t)bits[0];
	return err;
}

enum sc_err lang_pick_ops(struct lang_ctx *c, const cJSON *item, struct lang_pick *out)
{
	static const struct dimension dim = { "operation", op_index };
	uint64_t bits[4] = { first_bits(POLICY_OP_COUNT) };
	enum sc_err err = pick(c, item, &dim, bits);

	out->ops = (uint8_t)bits[0];
	return err;
}

enum sc_err lang_action(struct lang_ctx *c, const cJSON *item, uint8_t *out)
{
	const char *s;
	enum sc_err err;

	if ((err = jsonc_item_string(c->doc, item, c->d, &s)) != SC_OK)
		return err;
	if (!policy_action_find(sc_span_str(s), out))
		return jsonc_error(c->doc, item, c->d,
		    "unknown effect \"%.60s\": "
		    "one of deny drop mask generalise tokenise reveal",
		    s);
	return SC_OK;
}

enum sc_err lang_tier(struct lang_ctx *c, const cJSON *item, uint8_t *out)
{
	const char *s;
	enum sc_err err;

	if ((err = jsonc_item_string(c->doc, item, c->d, &s)) != SC_OK)
		return err;
	if (!policy_tier_find(sc_span_str(s), out))
		return jsonc_error(c->doc, item, c->d,
		    "unknown tier \"%.60s\": one of T0 T1 T2 T3 T4 X", s);
	return SC_OK;
}

enum sc_err lang_role(struct lang_ctx *c, const cJSON *item, uint8_t *out)
{
	const char *s;
	enum sc_err err;
	unsigned i;

	if ((err = jsonc_item_string(c->doc, item, c->d, &s)) != SC_OK)
		return err;
	if (!role_index(c->m, s, &i))
		return jsonc_error(c->doc, item, c->d, "unknown role \"%.60s\"", s);
	*out = (uint8_t)i;
	return SC_OK;
}
