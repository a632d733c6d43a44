/*
 * rules.c - the rules of a policy file.
 *
 * What is not understood is refused: an obligation nobody enforces would be a
 * promise broken silently.
 */
#include "policy/lang/rows.h"

#include <string.h>

#define MANY 1000000000u /* ceiling on counts in a rule */
#define APPROVALS_MAX 16

/* ---- conditions ----------------------------------------------------------- */

static bool read_hours(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char *why;

	return shape_about(c, node, field) &&
	    (lang_window_parse(sc_span_str(node->text), field, &why) ||
		shape_wrong(c, node, "%s", why));
}

/* Purposes one by one: who means all of them says which. */
static bool read_consent(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind != DOC_LIST ||
	    (node->n == 1 && node->first->kind == DOC_TEXT && strcmp(node->first->text, "*") == 0))
		return shape_must(c, node, "be a list of purposes, each by its name");
	return shape_set(c, node, field);
}

/* "30d" or "5w", as whole weeks: a part of one counts as one. */
static bool read_sealed_within(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	uint32_t weeks;

	if (node->kind != DOC_TEXT || !lang_weeks_parse(sc_span_str(node->text), &weeks))
		return shape_must(c, node,
		    "be days or weeks such as \"30d\" or \"5w\", at most %u weeks", LANG_WEEKS_MAX);
	memcpy(field, &weeks, sizeof(weeks));
	return true;
}

static const struct shape_row when_rows[] = {
	{ "hours", read_hours, SHAPE_AT(struct lang_rule, hours) },
	{ "records_max", shape_count, SHAPE_AT(struct lang_rule, records_max), .min = 1,
	    .max = MANY },
	{ "consent", read_consent, SHAPE_AT(struct lang_rule, consents), .words = &lang_purposes },
	{ "sealed_within", read_sealed_within, SHAPE_AT(struct lang_rule, sealed_within) },
	{ .key = NULL },
};
static const struct shape when = { .what = "when", .rows = when_rows };

static const struct shape_row limit_rows[] = {
	{ "subjects_per_day", shape_count, SHAPE_AT(struct lang_rule, subjects_per_day), .min = 1,
	    .max = MANY },
	{ .key = NULL },
};
static const struct shape limit = { .what = "limit", .rows = limit_rows };

static const struct shape_row approval_rows[] = {
	{ "n", shape_count, SHAPE_AT(struct lang_approval, n), .usual = 1, .min = 1,
	    .max = APPROVALS_MAX },
	{ "from", shape_word, SHAPE_AT(struct lang_approval, from), .need = true,
	    .words = &lang_roles },
	{ .key = NULL },
};
static const struct shape approval = { .what = "approval", .rows = approval_rows };

static bool read_approval(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct lang_approval *a = field;

	if (a->n != 0)
		return shape_wrong(c, node, "one approval a rule");
	return shape_object(c, node, a) &&
	    lang_duty_join(c, (uint64_t)1 << a->from, GROUP_APPROVE, doc_find(node, "from"));
}

static const struct shape_row require_rows[] = {
	{ "reason", shape_true, SHAPE_AT(struct lang_rule, reason) },
	{ "ticket", shape_true, SHAPE_AT(struct lang_rule, ticket) },
	{ "step_up", shape_true, SHAPE_AT(struct lang_rule, step_up) },
	{ "signature", shape_true, SHAPE_AT(struct lang_rule, signature) },
	{ "approval", read_approval, SHAPE_AT(struct lang_rule, approval), .shape = &approval },
	{ .key = NULL },
};
static const struct shape require = { .what = "obligation", .rows = require_rows };

/* ---- what the words must add up to ------------------------------------------- */

static bool check_said(struct shape_ctx *c, const struct doc_node *rule, const struct lang_rule *r)
{
	static const char *const keys[] = { "role", "purpose", "op" };
	bool by_class = doc_find(rule, "class") != NULL, by_tier = doc_find(rule, "tier") != NULL;
	bool ok = true;

	if (by_class && by_tier)
		ok = shape_wrong(c, rule, "a rule picks by \"class\" or by \"tier\", not both");
	if (r->effect == ACTION_DENY)
		return ok; /* what a deny leaves out, it denies */
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (doc_find(rule, keys[i]) == NULL)
			ok = shape_wrong(c, rule,
			    "\"%s\" is missing in this rule (write \"*\" when all are meant)",
			    keys[i]);
	if (!by_class && !by_tier)
		ok = shape_wrong(c, rule, "\"class\" or \"tier\" is missing in this rule");
	return ok;
}

/* What is done to a token that has a key, and so somebody whom it is of. */
#define OPENINGS (1u << POLICY_READ | 1u << POLICY_SHARE | 1u << POLICY_SEND | 1u << POLICY_EXPORT)

static bool check_sense(struct shape_ctx *c, const struct doc_node *rule, const struct lang_rule *r)
{
	bool has_else = doc_find(rule, "else") != NULL, has_mask = doc_find(rule, "mask") != NULL;
	const struct {
		bool wrong;
		const char *key, *why;
	} rules[] = {
		{ r->effect == ACTION_DENY && r->conditional, "effect",
		    "a deny has no conditions: put them, turned round, on the rule that allows" },
		{ r->effect == ACTION_REVEAL && (r->pick.ops >> POLICY_WRITE & 1), "effect",
		    "what is written is sealed: the effect for write is tokenise, not reveal" },
		{ has_else && !r->conditional, "else",
		    "else without a when, require or limit never applies" },
		{ has_else && r->conditional && r->otherwise >= r->effect, "else",
		    "else must reveal less than the effect" },
		{ has_mask && r->effect != ACTION_MASK && r->otherwise != ACTION_MASK, "mask",
		    "this rule masks nothing" },
		{ r->final && r->effect != ACTION_DENY, "final", "only a deny can be final" },
		{ r->sealed_within != LANG_NO_LIMIT && (r->pick.ops & ~OPENINGS) != 0, "when",
		    "sealed_within is asked of a token: of read, share, send and export alone" },
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].wrong)
			ok = shape_wrong(c, doc_find(rule, rules[i].key), "%s", rules[i].why);
	return ok;
}

static bool check_rule(struct shape_ctx *c, const struct doc_node *rule, void *into)
{
	struct lang_rule *r = into;
	bool ok;

	r->offset = rule->at;
	r->conditional = r->hours.days != 0 || r->records_max != LANG_NO_LIMIT ||
	    r->consents != 0 || r->sealed_within != LANG_NO_LIMIT ||
	    r->subjects_per_day != LANG_NO_LIMIT || r->reason || r->ticket || r->step_up ||
	    r->signature || r->approval.n != 0;
	ok = check_said(c, rule, r);
	ok = check_sense(c, rule, r) && ok;
	return ok &&
	    (r->effect == ACTION_DENY ||
		lang_duty_join(c, r->pick.roles, GROUP_USE, doc_find(rule, "role")));
}

/* ---- the words ----------------------------------------------------------------- */

/* A rule speaks of all that it does not narrow down, and sets no limit. */
static void begin_rule(struct shape_ctx *c, void *into)
{
	struct lang_rule *r = into;

	(void)c;
	memset(&r->pick, 0xFF, sizeof(r->pick));
	r->records_max = r->subjects_per_day = r->sealed_within = LANG_NO_LIMIT;
}

static bool read_mask(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return shape_about(c, node, field) &&
	    (mask_form_parse(sc_span_str(node->text), field) ||
		shape_wrong(c, node,
		    "unknown mask \"%.60s\": "
		    "\"house\", \"whole\" or \"keep(3,4)\", at most 8 in all",
		    node->text));
}

static const struct shape_row rows[] = {
	{ "id", shape_name, SHAPE_AT(struct lang_rule, id), .need = true, .once = true },
	{ "about", shape_about, SHAPE_HERE },
	{ "role", shape_set, SHAPE_AT(struct lang_rule, pick.roles), .words = &lang_roles },
	{ "purpose", shape_set, SHAPE_AT(struct lang_rule, pick.purposes),
	    .words = &lang_purposes },
	{ "class", shape_set, SHAPE_AT(struct lang_rule, pick.classes), .words = &lang_classes },
	{ "tier", shape_set, SHAPE_AT(struct lang_rule, pick.tiers), .words = &lang_carried_tiers },
	{ "op", shape_set, SHAPE_AT(struct lang_rule, pick.ops), .words = &lang_ops },
	{ "effect", shape_word, SHAPE_AT(struct lang_rule, effect), .need = true,
	    .words = &lang_actions },
	{ "mask", read_mask, SHAPE_AT(struct lang_rule, mask) },
	{ "when", shape_object, SHAPE_HERE, .shape = &when, .min = 1 },
	{ "require", shape_each, SHAPE_HERE, .shape = &require, .min = 1, .max = UINT32_MAX },
	{ "limit", shape_object, SHAPE_HERE, .shape = &limit, .min = 1 },
	{ "else", shape_word, SHAPE_AT(struct lang_rule, otherwise), .words = &lang_actions },
	{ "final", shape_true, SHAPE_AT(struct lang_rule, final) },
	{ .key = NULL },
};
const struct shape lang_rule = { "rule", rows, sizeof(struct lang_rule), .begin = begin_rule,
	.check = check_rule };
