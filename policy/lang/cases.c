/*
 * cases.c - the "tests" of a policy file: what its author expects of it.
 *
 * role, purpose, class and op may be lists or "*": the expectation then holds
 * for every combination.
 */
#include "policy/lang/rows.h"

/* A Wednesday at noon UTC, for tests that do not say when. */
#define DEFAULT_NOW_MS 1795003200000u
#define NAME_MAX_BYTES 120

static bool read_moment(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return (node->kind == DOC_TEXT && lang_time_parse(sc_span_str(node->text), field)) ||
	    shape_must(c, node, "be a moment such as \"2026-11-21T10:00:00+08:00\"");
}

static void begin_case(struct shape_ctx *c, void *into)
{
	(void)c;
	((struct lang_test *)into)->facts.now_ms = DEFAULT_NOW_MS;
}

static bool check_case(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	struct lang_test *t = into;

	(void)c;
	t->offset = object->at;
	return true;
}

static const struct shape_row rows[] = {
	{ "name", shape_text, SHAPE_AT(struct lang_test, name), .need = true,
	    .max = NAME_MAX_BYTES },
	{ "role", shape_set, SHAPE_AT(struct lang_test, pick.roles), .need = true,
	    .words = &lang_roles },
	{ "purpose", shape_set, SHAPE_AT(struct lang_test, pick.purposes), .need = true,
	    .words = &lang_purposes },
	{ "class", shape_set, SHAPE_AT(struct lang_test, pick.classes), .need = true,
	    .words = &lang_classes },
	{ "op", shape_set, SHAPE_AT(struct lang_test, pick.ops), .need = true, .words = &lang_ops },
	{ "tier", shape_word, SHAPE_AT(struct lang_test, facts.tier), .words = &lang_tiers },
	{ "at", read_moment, SHAPE_AT(struct lang_test, facts.now_ms) },
	{ "reason", shape_bool, SHAPE_AT(struct lang_test, facts.has_reason) },
	{ "ticket", shape_bool, SHAPE_AT(struct lang_test, facts.has_ticket) },
	{ "step_up", shape_bool, SHAPE_AT(struct lang_test, facts.has_step_up) },
	{ "signature", shape_bool, SHAPE_AT(struct lang_test, facts.has_signature) },
	{ "approvals", shape_count, SHAPE_AT(struct lang_test, facts.approvals), .max = UINT8_MAX },
	{ "subjects_today", shape_count, SHAPE_AT(struct lang_test, facts.subjects_today),
	    .usual = 1, .max = UINT32_MAX },
	{ "records", shape_count, SHAPE_AT(struct lang_test, facts.records), .usual = 1,
	    .max = UINT32_MAX },
	{ "consents", shape_set, SHAPE_AT(struct lang_test, facts.consents),
	    .words = &lang_purposes },
	{ "idle_weeks", shape_count, SHAPE_AT(struct lang_test, facts.idle_weeks),
	    .max = UINT32_MAX },
	{ "expect", shape_word, SHAPE_AT(struct lang_test, expect), .need = true,
	    .words = &lang_actions },
	{ "rule", shape_word, SHAPE_AT(struct lang_test, rule), .usual = LANG_ANY_RULE,
	    .words = &lang_rules },
	{ .key = NULL },
};
const struct shape lang_case = { "test", rows, sizeof(struct lang_test), .begin = begin_case,
	.check = check_case };
