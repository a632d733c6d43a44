/*
 * rules.c - the rules of a policy file: a table of words with a handler each.
 *
 * What is not understood is refused: an obligation nobody enforces would be a
 * promise broken silently.
 */
#include "policy/lang/parse.h"

#include <stdlib.h>

#define MANY 1000000000u /* ceiling on counts in a rule */
#define APPROVALS_MAX 16

/* ---- obligations ---------------------------------------------------------- */

static enum sc_err only_true(struct lang_ctx *c, const cJSON *item, bool *out)
{
	if (!cJSON_IsTrue(item))
		return jsonc_error(c->doc, item, c->d,
		    "expected true (leave it out to not require it)");
	*out = true;
	return SC_OK;
}

static enum sc_err need_reason(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return only_true(c, item, &r->reason);
}

static enum sc_err need_ticket(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return only_true(c, item, &r->ticket);
}

static enum sc_err need_step_up(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return only_true(c, item, &r->step_up);
}

static enum sc_err need_approval(struct lang_ctx *c, const cJSON *item, void *into)
{
	static const char *const keys[] = { "n", "from", NULL };
	struct lang_rule *r = into;
	const cJSON *from;
	uint64_t n = 1;
	enum sc_err err;

	if ((err = jsonc_check_keys(c->doc, item, keys, c->d)) != SC_OK ||
	    (err = jsonc_u64(c->doc, item, "n", JSONC_OPTIONAL, 1, APPROVALS_MAX, c->d, &n)) !=
		SC_OK)
		return err;
	if ((from = jsonc_find(item, "from")) == NULL)
		return jsonc_error(c->doc, item, c->d,
		    "\"from\" is missing: whose "
		    "approval?");
	if (r->approvals != 0)
		return jsonc_error(c->doc, item, c->d, "one approval a rule");
	r->approvals = (uint8_t)n;
	if ((err = lang_role(c, from, &r->approver)) != SC_OK)
		return err;
	return lang_duty_join(c, (uint64_t)1 << r->approver, GROUP_APPROVE, from);
}

static enum sc_err rule_require(struct lang_ctx *c, const cJSON *item, void *into)
{
	static const struct lang_word words[] = {
		{ "reason", need_reason },
		{ "ticket", need_ticket },
		{ "step_up", need_step_up },
		{ "approval", need_approval },
		{ NULL, NULL },
	};
	struct lang_rule *r = into;
	const cJSON *e;
	enum sc_err err;

	if (!cJSON_IsArray(item) || item->child == NULL)
		return jsonc_error(c->doc, item, c->d,
		    "require is a list such as "
		    "[{\"reason\": true}]");
	cJSON_ArrayForEach(e, item)
	{
		if (cJSON_IsObject(e) && e->child == NULL)
			return jsonc_error(c->doc, e, c->d, "an empty obligation");
		if ((err = lang_words(c, e, words, "obligation", r)) != SC_OK)
			return err;
	}
	r->conditional = true;
	return SC_OK;
}

static enum sc_err when_hours(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	const char *s, *why;
	enum sc_err err;

	if ((err = jsonc_item_string(c->doc, item, c->d, &s)) != SC_OK)
		return err;
	if (!lang_window_parse(sc_span_str(s), &r->hours, &why))
		return jsonc_error(c->doc, item, c->d, "%s", why);
	r->has_hours = true;
	return SC_OK;
}

static enum sc_err count(struct lang_ctx *c, const cJSON *item, uint32_t *out)
{
	uint64_t n = 0;
	enum sc_err err = jsonc_item_u64(c->doc, item, 1, MANY, c->d, &n);

	*out = (uint32_t)n;
	return err;
}

static enum sc_err when_records(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return count(c, item, &r->records_max);
}

static enum sc_err limit_subjects(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return count(c, item, &r->subjects_per_day);
}

/* An object of conditions, which may not be empty. */
static enum sc_err conditions(struct lang_ctx *c, const cJSON *item, const struct lang_word *words,
    struct lang_rule *r)
{
	r->conditional = true;
	if (cJSON_IsObject(item) && item->child == NULL)
		return jsonc_error(c->doc, item, c->d, "empty: leave it out");
	return lang_words(c, item, words, "condition", r);
}

static enum sc_err rule_when(struct lang_ctx *c, const cJSON *item, void *into)
{
	static const struct lang_word words[] = {
		{ "hours", when_hours },
		{ "records_max", when_records },
		{ NULL, NULL },
	};
	return conditions(c, item, words, into);
}

static enum sc_err rule_limit(struct lang_ctx *c, const cJSON *item, void *into)
{
	static const struct lang_word words[] = {
		{ "subjects_per_day", limit_subjects },
		{ NULL, NULL },
	};
	return conditions(c, item, words, into);
}

/* ---- the other words of a rule ---------------------------------------------- */

static enum sc_err rule_id(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	enum sc_err err;

	if ((err = jsonc_item_name(c->doc, item, c->d, &r->id)) != SC_OK)
		return err;
	for (unsigned i = 0; i < c->m->n_rules; i++)
		if (strcmp(c->m->rules[i].id.s, r->id.s) == 0)
			return jsonc_error(c->doc, item, c->d,
			    "another rule is called \"%s\" already", r->id.s);
	return SC_OK;
}

static enum sc_err rule_about(struct lang_ctx *c, const cJSON *item, void *into)
{
	const char *s;

	(void)into;
	return jsonc_item_string(c->doc, item, c->d, &s);
}

static enum sc_err rule_roles(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return lang_pick_roles(c, item, &r->pick);
}

static enum sc_err rule_purposes(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return lang_pick_purposes(c, item, &r->pick);
}

static enum sc_err rule_classes(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return lang_pick_classes(c, item, &r->pick);
}

static enum sc_err rule_tiers(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return lang_pick_tiers(c, item, &r->pick);
}

static enum sc_err rule_ops(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return lang_pick_ops(c, item, &r->pick);
}

static enum sc_err rule_effect(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return lang_action(c, item, &r->effect);
}

static enum sc_err rule_else(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	return lang_action(c, item, &r->otherwise);
}

static enum sc_err rule_mask(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_rule *r = into;
	const char *s;
	enum sc_err err;

	if ((err = jsonc_item_string(c->doc, item, c->d, &s)) != SC_OK)
		return err;
	if (!mask_form_parse(sc_span_str(s), &r->mask))
		return jsonc_error(c->doc, item, c->d,
		    "unknown mask \"%.60s\": "
		    "\"house\", \"whole\" or \"keep(3,4)\", at most 8 in all",
		    s);
	return SC_OK;
}

static enum sc_err rule_final(struct lang_ctx *c, const cJSON *item, void *into)
{
	bool yes;

	(void)into;
	return only_true(c, item, &yes);
}

static const struct lang_word rule_words[] = {
	{ "id", rule_id },
	{ "about", rule_about },
	{ "role", rule_roles },
	{ "purpose", rule_purposes },
	{ "class", rule_classes },
	{ "tier", rule_tiers },
	{ "op", rule_ops },
	{ "effect", rule_effect },
	{ "mask", rule_mask },
	{ "when", rule_when },
	{ "require", rule_require },
	{ "limit", rule_limit },
	{ "else", rule_else },
	{ "final", rule_final },
	{ NULL, NULL },
};

/* ---- what the words must add up to ------------------------------------------- */

static enum sc_err check_present(struct lang_ctx *c, const cJSON *item, const struct lang_rule *r)
{
	static const char *const said[] = { "role", "purpose", "op", NULL };

	if (jsonc_find(item, "id") == NULL)
		return jsonc_error(c->doc, item, c->d, "\"id\" is missing here");
	if (jsonc_find(item, "effect") == NULL)
		return jsonc_error(c->doc, item, c->d, "\"effect\" is missing here");
	if (jsonc_find(item, "class") != NULL && jsonc_find(item, "tier") != NULL)
		return jsonc_error(c->doc, item, c->d,
		    "a rule picks by \"class\" or by \"tier\", not both");
	if (r->effect == ACTION_DENY)
		return SC_OK; /* what a deny leaves out, it denies */
	for (size_t i = 0; said[i] != NULL; i++)
		if (jsonc_find(item, said[i]) == NULL)
			return jsonc_error(c->doc, item, c->d,
			    "\"%s\" is missing "
			    "here (write \"*\" when all are meant)",
			    said[i]);
	if (jsonc_find(item, "class") == NULL && jsonc_find(item, "tier") == NULL)
		return jsonc_error(c->doc, item, c->d, "\"class\" or \"tier\" is missing here");
	return SC_OK;
}

static enum sc_err check_sense(struct lang_ctx *c, const cJSON *item, const struct lang_rule *r)
{
	const cJSON *effect = jsonc_find(item, "effect");
	const cJSON *otherwise = jsonc_find(item, "else");

	if (r->effect == ACTION_DENY && r->conditional)
		return jsonc_error(c->doc, effect, c->d,
		    "a deny has no conditions: "
		    "put them, turned round, on the rule that allows");
	if (otherwise != NULL && !r->conditional)
		return jsonc_error(c->doc, otherwise, c->d,
		    "else without a when, require or limit never applies");
	if (otherwise != NULL && r->otherwise >= r->effect)
		return jsonc_error(c->doc, otherwise, c->d,
		    "else must reveal less than the effect");
	if (r->effect == ACTION_REVEAL && (r->pick.ops >> POLICY_WRITE & 1))
		return jsonc_error(c->doc, effect, c->d,
		    "what is written is sealed: "
		    "the effect for write is tokenise, not reveal");
	if (jsonc_find(item, "mask") != NULL && r->effect != ACTION_MASK &&
	    r->otherwise != ACTION_MASK)
		return jsonc_error(c->doc, jsonc_find(item, "mask"), c->d,
		    "this rule masks nothing");
	if (jsonc_find(item, "final") != NULL && r->effect != ACTION_DENY)
		return jsonc_error(c->doc, jsonc_find(item, "final"), c->d,
		    "only a deny can be final");
	return SC_OK;
}

static enum sc_err parse_rule(struct lang_ctx *c, const cJSON *item)
{
	struct lang_rule *r = &c->m->rules[c->m->n_rules];
	enum sc_err err;

	*r = (struct lang_rule){ .records_max = LANG_NO_LIMIT, .subjects_per_day = LANG_NO_LIMIT };
	lang_pick_all(c->m, &r->pick);
	if ((err = lang_words(c, item, rule_words, "key", r)) != SC_OK ||
	    (err = check_present(c, item, r)) != SC_OK || (err = check_sense(c, item, r)) != SC_OK)
		return err;
	if (r->effect != ACTION_DENY &&
	    (err = lang_duty_join(c, r->pick.roles, GROUP_USE, jsonc_find(item, "role"))) != SC_OK)
		return err;
	(void)jsonc_offset(c->doc, item, &r->offset);
	c->m->n_rules++;
	return SC_OK;
}

enum sc_err lang_parse_rules(struct lang_ctx *c, const cJSON *list)
{
	unsigned n = (unsigned)cJSON_GetArraySize(list);
	const cJSON *item;
	enum sc_err err;

	if (n > POLICY_RULES_MAX) {
		(void)jsonc_error(c->doc, list, c->d, "more than %d rules", POLICY_RULES_MAX);
		return SC_LIMIT;
	}
	if ((c->m->rules = calloc(n + 1, sizeof(*c->m->rules))) == NULL)
		return SC_NOMEM;
	cJSON_ArrayForEach(item, list) if ((err = parse_rule(c, item)) != SC_OK) return err;
	return SC_OK;
}
