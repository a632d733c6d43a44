/*
 * rule_lists.c - the rules of one side of a route, and sets of rules that have a name.
 *
 * An entry is a rule for each of its selectors, or the rules of a set, beneath a path where it
 * says so. Sets are read once, whether somebody uses them or not, and copied: what is wrong in
 * one is told where it is written, what does not fit a route where it is used.
 */
#include "gateway/config/sections.h"

#include "gateway/codec/paths.h"
#include "gateway/codec/selector.h"

#include <string.h>

const struct doc_node *config_rule_said(const struct config_rules *rules, size_t i, const char *key)
{
	const struct doc_node *said = doc_find(rules->said[i], key);

	return said != NULL ? said : rules->said[i];
}

/* ---- entries ------------------------------------------------------------------------------- */

/* The I-th of what NODE says: one thing or a list. NULL: there are no more. */
static const struct doc_node *nth(const struct doc_node *node, size_t i)
{
	const struct doc_node *e = node == NULL || node->kind != DOC_LIST ? node : node->first;

	for (; e != NULL && i > 0; i--)
		e = node->kind == DOC_LIST ? e->next : NULL;
	return e;
}

static size_t count(const struct doc_node *node)
{
	return node == NULL || node->kind != DOC_LIST ? 1 : node->n;
}

/* The place of RULE's person goes with its selector. NODE: where to tell what does not. */
static bool share_subject(struct shape_ctx *c, const struct doc_node *node, struct field_rule *rule)
{
	return rule->subject.place == NULL ||
	    config_check_shared(c, node, rule->subject.place, rule->at, &rule->subject.each);
}

static const struct doc_node *subject_of(const struct doc_node *object)
{
	const struct doc_node *node = doc_find(object, "subject");

	return node != NULL && node->kind == DOC_OBJECT ? doc_find(node, "guest") : node;
}

/* The rule OBJECT, for each selector that it has. */
static bool add_rule(struct shape_ctx *c, const struct doc_node *object, struct config_rules *out)
{
	const struct doc_node *at = doc_find(object, "at"), *e;
	struct field_rule rule = { .at = NULL };
	struct sc_diag where;
	bool ok = shape_fill(c, &config_rule_shape, object, &rule);

	/* of one that is wrong, too, so that all is told at once */
	for (size_t i = 0; (e = nth(at, i)) != NULL && e->kind == DOC_TEXT; i++) {
		doc_locate(&c->doc, e->at, &where);
		rule.at = e->text;
		rule.line = where.line;
		rule.column = where.column;
		if (config_where(rule.at) == SUBJECT_BODY)
			ok = ok && share_subject(c, subject_of(object), &rule) &&
			    (rule.form != &form_inside || config_check_inside(c, e));
		else
			ok = ok && config_fits_beside(c, e, &rule);
		out->said[out->n] = object;
		out->v[out->n++] = rule;
	}
	return ok;
}

/* ---- sets that are used --------------------------------------------------------------------- */

struct rule_use {
	const char *name;
	const struct doc_node *under; /* NULL: the root */
};

static bool read_under(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct doc_node *e;
	const char *at;

	if (node->kind == DOC_LIST && node->n == 0)
		return shape_must(c, node, "not be an empty list");
	for (size_t i = 0; (e = nth(node, i)) != NULL; i++)
		if (!config_read_selector(c, e, &at))
			return false;
	*(const struct doc_node **)field = node;
	return true;
}

static const struct shape_row use_rows[] = {
	{ "use", shape_text, SHAPE_AT(struct rule_use, name), .need = true, .max = SC_NAME_MAX },
	{ "under", read_under, SHAPE_AT(struct rule_use, under), .max = CONFIG_PATH_MAX },
	{ .key = NULL },
};
static const struct shape use_shape = { .what = "use of a rule set", .rows = use_rows };

static const char *set_name(const void *arg, unsigned i)
{
	const struct config *config = arg;

	return i < config->n_sets ? config->sets[i].name : NULL;
}
static const struct shape_words set_words = { "rule set", .name = set_name };

static const struct config_rule_set *find_set(struct shape_ctx *c, const struct doc_node *node)
{
	const struct shape_row row = { .key = "use", .words = &set_words };
	const struct shape_row *outer = c->row;
	const struct config *config = c->arg;
	unsigned i;
	bool found;

	if (config->n_sets == 0) {
		shape_wrong(c, node, "there is no rule set \"%.60s\": \"rule_sets\" has none",
		    node->text);
		return NULL;
	}
	c->row = &row;
	found = shape_find_word(c, node, &i);
	c->row = outer;
	return found ? &config->sets[i] : NULL;
}

/* AT, whose $ is what stands at UNDER. NULL: it is no selector, which was told, or no memory. */
static const char *beneath(struct shape_ctx *c, const struct doc_node *under, const char *at)
{
	size_t n = strlen(under->text), rest = strlen(at + 1);
	struct segment seg[CODEC_SEGMENTS_MAX];
	struct sc_diag why = { .text = "" };
	struct sc_buf names;
	char *text = shape_alloc(c, n + rest + 1);
	size_t used;

	if (text == NULL)
		return NULL;
	memcpy(text, under->text, n);
	memcpy(text + n, at + 1, rest + 1);
	sc_buf_init(&names, (size_t)2 * CONFIG_PATH_MAX);
	if (n + rest > CONFIG_PATH_MAX) {
		shape_wrong(c, under, "with %.60s of the set this is longer than %d bytes", at,
		    CONFIG_PATH_MAX);
		text = NULL;
	} else if (selector_parse(sc_span_str(text), seg, CODEC_SEGMENTS_MAX, &used, &names,
		       &why) != SC_OK) {
		shape_wrong(c, under, "with %.60s of the set: %.160s", at, why.text);
		text = NULL;
	}
	sc_buf_fini(&names);
	return text;
}

/* All that RULE says from $ on is said from UNDER on. */
static bool move_beneath(struct shape_ctx *c, const struct doc_node *under, struct field_rule *rule)
{
	struct field_except *v;

	if ((rule->at = beneath(c, under, rule->at)) == NULL)
		return false;
	if (rule->n_except != 0) {
		if ((v = shape_alloc(c, rule->n_except * sizeof(*v))) == NULL)
			return false;
		for (size_t i = 0; i < rule->n_except; i++) {
			v[i] = rule->except[i];
			if ((v[i].at = beneath(c, under, v[i].at)) == NULL)
				return false;
		}
		rule->except = v;
	}
	if (rule->subject.place == NULL)
		return true;
	rule->subject.place = beneath(c, under, rule->subject.place);
	return rule->subject.place != NULL && share_subject(c, under, rule);
}

/* What is sealed on its way to storage is, on its way back, whatever the policy shows of it. */
static void turn_round(struct field_rule *rule)
{
	if (rule->form != &form_seal)
		return;
	rule->form = &form_policy;
	rule->random = rule->email_shape = false;
	rule->number = FIELD_NUMBER_TOKEN;
}

/* The rules of the set that OBJECT uses. ANSWER: on the way back. */
static bool add_set(struct shape_ctx *c, const struct doc_node *object, bool answer,
    struct config_rules *out)
{
	struct rule_use use = { .name = NULL };
	const struct config_rule_set *set;
	const struct doc_node *under;

	if (!shape_fill(c, &use_shape, object, &use) ||
	    (set = find_set(c, doc_find(object, "use"))) == NULL)
		return false;
	for (size_t k = 0; k < count(use.under); k++) {
		under = nth(use.under, k);
		for (size_t i = 0; i < set->rules.n; i++) {
			struct field_rule rule = set->rules.v[i];

			/* what is wrong with it was told in the set */
			if (rule.form == NULL)
				continue;
			if (under != NULL && config_where(rule.at) == SUBJECT_BODY &&
			    !move_beneath(c, under, &rule))
				return false;
			if (answer)
				turn_round(&rule);
			out->said[out->n] = object;
			out->v[out->n++] = rule;
		}
	}
	return true;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static const struct config_rule_set *set_named(const struct config *config, const char *name)
{
	for (size_t i = 0; name != NULL && i < config->n_sets; i++)
		if (strcmp(config->sets[i].name, name) == 0)
			return &config->sets[i];
	return NULL;
}

/* How many rules LIST makes, at most. */
static size_t rules_of(const struct config *config, const struct doc_node *list)
{
	const struct config_rule_set *set;
	size_t n = 0;

	for (const struct doc_node *e = list->first; e != NULL; e = e->next) {
		if (doc_find(e, "use") == NULL)
			n += count(doc_find(e, "at"));
		else if ((set = set_named(config, doc_find_text(e, "use"))) != NULL)
			n += set->rules.n * count(doc_find(e, "under"));
	}
	return n;
}

/* Where the file has the selector of rule I: of one with several, that one. */
static const struct doc_node *selector_said(const struct config_rules *v, size_t i)
{
	const struct doc_node *at;
	size_t k = 0;

	while (k < i && v->said[i - k - 1] == v->said[i])
		k++;
	at = nth(doc_find(v->said[i], "at"), k);
	return at != NULL ? at : v->said[i];
}

/* No two rules of V are at the same place: the second would never be asked. */
static bool all_differ(struct shape_ctx *c, const struct config_rules *v)
{
	for (size_t i = 0; i < v->n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(v->v[i].at, v->v[k].at) == 0)
				return shape_wrong(c, selector_said(v, i),
				    "two rules have the same \"at\", %.60s", v->v[i].at);
	return true;
}

/* The entries of LIST, of a set when SET. */
static bool read_list(struct shape_ctx *c, const struct doc_node *list, bool set, bool answer,
    struct config_rules *out)
{
	size_t n;
	bool ok = true;

	if (list->kind != DOC_LIST)
		return shape_must(c, list,
		    answer ? "be a list [ ], or \"mirror\"" : "be a list [ ]");
	n = rules_of(c->arg, list);
	if (n > CONFIG_RULES_MAX)
		return shape_must(c, list, "not have more than %d entries", CONFIG_RULES_MAX);
	out->v = shape_alloc(c, n * sizeof(*out->v));
	out->said = shape_alloc(c, n * sizeof(struct doc_node *));
	if (out->v == NULL || out->said == NULL)
		return false;
	for (const struct doc_node *e = list->first; e != NULL && c->err == SC_OK; e = e->next) {
		if (doc_find(e, "use") == NULL)
			ok &= add_rule(c, e, out);
		else if (set)
			ok = shape_wrong(c, e, "a rule set does not use another: write its rules");
		else
			ok &= add_set(c, e, answer, out);
	}
	return c->err == SC_OK && all_differ(c, out) && ok;
}

bool config_read_rules(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_list(c, node, false, false, field);
}

bool config_read_answer(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct config_rules *rules = field;

	rules->mirror = node->kind == DOC_TEXT && strcmp(node->text, "mirror") == 0;
	return rules->mirror || read_list(c, node, false, true, rules);
}

bool config_read_sets(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct config *config = field;
	struct config_rule_set *set;
	bool ok = true;

	if (node->kind != DOC_OBJECT)
		return shape_must(c, node, "be an object { }, of a list of rules for each name");
	if (node->n > CONFIG_SETS_MAX)
		return shape_must(c, node, "not have more than %d entries", CONFIG_SETS_MAX);
	if ((config->sets = shape_alloc(c, node->n * sizeof(*config->sets))) == NULL)
		return false;
	for (const struct doc_node *e = node->first; e != NULL; e = e->next) {
		set = &config->sets[config->n_sets];
		if (e->key[0] == '\0' || strlen(e->key) > SC_NAME_MAX) {
			ok = shape_wrong_at(c, e->key_at, "a rule set's name has 1 to %d bytes",
			    SC_NAME_MAX);
			continue;
		}
		set->name = e->key;
		ok &= read_list(c, e, true, false, &set->rules);
		config->n_sets++;
	}
	return ok;
}
