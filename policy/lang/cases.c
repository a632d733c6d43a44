/*
 * cases.c - the "tests" of a policy file: what its author expects of it.
 *
 * role, purpose, class and op may be lists or "*": the expectation then holds
 * for every combination.
 */
#include "policy/lang/parse.h"

#include <stdio.h>
#include <stdlib.h>

/* A Wednesday at noon UTC, for tests that do not say when. */
#define DEFAULT_NOW_MS 1795003200000u

static enum sc_err case_name(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	const char *s;
	enum sc_err err = jsonc_item_string(c->doc, item, c->d, &s);

	if (err == SC_OK)
		snprintf(t->name, sizeof(t->name), "%s", s);
	return err;
}

static enum sc_err case_roles(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	return lang_pick_roles(c, item, &t->pick);
}

static enum sc_err case_purposes(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	return lang_pick_purposes(c, item, &t->pick);
}

static enum sc_err case_classes(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	return lang_pick_classes(c, item, &t->pick);
}

static enum sc_err case_ops(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	return lang_pick_ops(c, item, &t->pick);
}

static enum sc_err case_tier(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	return lang_tier(c, item, &t->facts.tier);
}

static enum sc_err case_at(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;

	if (!cJSON_IsString(item) ||
	    !lang_time_parse(sc_span_str(item->valuestring), &t->facts.now_ms))
		return jsonc_error(c->doc, item, c->d,
		    "a moment looks like "
		    "\"2026-11-21T10:00:00+08:00\"");
	return SC_OK;
}

static enum sc_err flag(struct lang_ctx *c, const cJSON *item, bool *out)
{
	if (!cJSON_IsBool(item))
		return jsonc_error(c->doc, item, c->d, "expected true or false");
	*out = cJSON_IsTrue(item);
	return SC_OK;
}

static enum sc_err case_reason(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	return flag(c, item, &t->facts.has_reason);
}

static enum sc_err case_ticket(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	return flag(c, item, &t->facts.has_ticket);
}

static enum sc_err case_step_up(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	return flag(c, item, &t->facts.has_step_up);
}

static enum sc_err case_approvals(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	uint64_t n = 0;
	enum sc_err err = jsonc_item_u64(c->doc, item, 0, 255, c->d, &n);

	t->facts.approvals = (uint8_t)n;
	return err;
}

static enum sc_err case_subjects(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	uint64_t n = 0;
	enum sc_err err = jsonc_item_u64(c->doc, item, 0, UINT32_MAX, c->d, &n);

	t->facts.subjects_today = (uint32_t)n;
	return err;
}

static enum sc_err case_records(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	uint64_t n = 0;
	enum sc_err err = jsonc_item_u64(c->doc, item, 0, UINT32_MAX, c->d, &n);

	t->facts.records = (uint32_t)n;
	return err;
}

static enum sc_err case_expect(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	return lang_action(c, item, &t->expect);
}

static enum sc_err case_rule(struct lang_ctx *c, const cJSON *item, void *into)
{
	struct lang_test *t = into;
	const char *s;
	enum sc_err err;

	if ((err = jsonc_item_string(c->doc, item, c->d, &s)) != SC_OK)
		return err;
	for (unsigned i = 0; i < c->m->n_rules; i++) {
		if (strcmp(c->m->rules[i].id.s, s) == 0) {
			t->has_rule = true;
			t->rule = (uint16_t)i;
			return SC_OK;
		}
	}
	return jsonc_error(c->doc, item, c->d, "unknown rule \"%.60s\"", s);
}

static enum sc_err parse_case(struct lang_ctx *c, const cJSON *item)
{
	static const struct lang_word words[] = {
		{ "name", case_name },
		{ "role", case_roles },
		{ "purpose", case_purposes },
		{ "class", case_classes },
		{ "op", case_ops },
		{ "tier", case_tier },
		{ "at", case_at },
		{ "reason", case_reason },
		{ "ticket", case_ticket },
		{ "step_up", case_step_up },
		{ "approvals", case_approvals },
		{ "subjects_today", case_subjects },
		{ "records", case_records },
		{ "expect", case_expect },
		{ "rule", case_rule },
		{ NULL, NULL },
	};
	static const char *const said[] = { "name", "role", "purpose", "class", "op", "expect",
		NULL };
	struct lang_test *t = &c->m->tests[c->m->n_tests];
	enum sc_err err;

	lang_pick_all(c->m, &t->pick);
	t->facts.now_ms = DEFAULT_NOW_MS;
	t->facts.subjects_today = 1;
	t->facts.records = 1;
	if ((err = lang_words(c, item, words, "key", t)) != SC_OK)
		return err;
	for (size_t i = 0; said[i] != NULL; i++)
		if (jsonc_find(item, said[i]) == NULL)
			return jsonc_error(c->doc, item, c->d, "\"%s\" is missing here", said[i]);
	(void)jsonc_offset(c->doc, item, &t->offset);
	c->m->n_tests++;
	return SC_OK;
}

enum sc_err lang_parse_tests(struct lang_ctx *c, const cJSON *list)
{
	unsigned n = (unsigned)cJSON_GetArraySize(list);
	const cJSON *item;
	enum sc_err err;

	if (n > POLICY_TESTS_MAX) {
		(void)jsonc_error(c->doc, list, c->d, "more than %d tests", POLICY_TESTS_MAX);
		return SC_LIMIT;
	}
	if ((c->m->tests = calloc(n + 1, sizeof(*c->m->tests))) == NULL)
		return SC_NOMEM;
	cJSON_ArrayForEach(item, list) if ((err = parse_case(c, item)) != SC_OK) return err;
	return SC_OK;
}
