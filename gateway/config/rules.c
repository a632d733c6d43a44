/*
 * rules.c - what happens to which field: the request and response rules.
 *
 * An action that a field needs but this version does not have is refused by
 * name: a rule that silently did something else would let values through.
 */
#include "gateway/config/phone.h"

#include <string.h>

static const char *form_name(const void *arg, unsigned i)
{
	(void)arg;
	return form_at(i) == NULL ? NULL : form_at(i)->name;
}
static const struct shape_words form_words = { "action", .name = form_name };

static bool read_form(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	unsigned i;

	if (!shape_find_word(c, node, &i))
		return false;
	*(const struct form **)field = form_at(i);
	return true;
}

bool config_read_selector(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	static const char must[] =
	    "be a JSONPath that begins with $, such as \"$.receiver.mobile\"";
	const char **at = field;

	if (!shape_text(c, node, at))
		return false;
	return (*at)[0] == '$' ? config_check_selector(c, node) : shape_must(c, node, "%s", must);
}

/* A place of a rule: in the body, in the query or in a header field. */
static bool read_place(struct shape_ctx *c, const struct doc_node *node, const char **at)
{
	if (node->kind != DOC_TEXT || config_where(node->text) == SUBJECT_BODY)
		return config_read_selector(c, node, at);
	return shape_text(c, node, at) && config_check_beside(c, node);
}

/* One place or a list of them; the rule is of the first, and rule_lists.c makes the others. */
static bool read_selectors(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct field_rule *rule = field;
	const char *at;
	bool ok = true;

	if (node->kind != DOC_LIST)
		return read_place(c, node, &rule->at);
	if (node->n == 0)
		return shape_must(c, node, "not be an empty list");
	for (const struct doc_node *e = node->first; e != NULL; e = e->next) {
		ok &= read_place(c, e, &at);
		if (ok && e == node->first)
			rule->at = at;
	}
	return ok;
}

static bool read_except(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct field_rule *rule = field;
	const struct doc_node *e = node->kind == DOC_LIST ? node->first : node;
	size_t n = node->kind == DOC_LIST ? node->n : 1;
	struct field_except *v;
	struct sc_diag where;

	if (n == 0)
		return shape_must(c, node, "not be an empty list");
	if (n > CONFIG_EXCEPT_MAX)
		return shape_must(c, node, "not have more than %d entries", CONFIG_EXCEPT_MAX);
	if ((v = shape_alloc(c, n * sizeof(*v))) == NULL)
		return false;
	for (size_t i = 0; i < n; i++, e = e->next) {
		if (!config_read_selector(c, e, &v[i].at))
			return false;
		doc_locate(&c->doc, e->at, &where);
		v[i].line = where.line;
		v[i].column = where.column;
	}
	rule->except = v;
	rule->n_except = n;
	return true;
}

static bool read_shape(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	*(bool *)field = node->kind == DOC_TEXT && strcmp(node->text, "email") == 0;
	return *(bool *)field || shape_must(c, node, "be \"email\", on a field of class email");
}

static bool read_inside(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	*(const struct form **)field = &form_inside;
	return (node->kind == DOC_TEXT && strcmp(node->text, "json") == 0) ||
	    shape_must(c, node, "be \"json\", on a string that is JSON itself");
}

/* The keys of a rule that are about how a value is sealed, and about a virtual number. */
static const char *const seal_options[] = { "number", "random", "shape", NULL };
static const char *const label_options[] = { "pool", "ttl", "as", "display", NULL };

/* None of OPTIONS is there, which RULE's form does not take. */
static bool check_options(struct shape_ctx *c, const struct doc_node *object,
    const struct field_rule *rule, const char *const *options)
{
	const struct doc_node *option;

	for (; *options != NULL; options++)
		if ((option = doc_find(object, *options)) != NULL)
			return shape_wrong(c, option, "\"%s\" does not go with \"do\": \"%s\"",
			    *options, rule->form->name);
	return true;
}

/* Whose the field is can be said where it is sealed or opened. */
static bool check_subject(struct shape_ctx *c, const struct doc_node *object,
    const struct field_rule *rule)
{
	const struct doc_node *node = doc_find(object, "subject");

	if (node == NULL)
		return true;
	if (rule->form->labels || (!rule->form->seals && !rule->form->opens))
		return shape_wrong(c, node, "\"subject\" does not go with \"do\": \"%s\"",
		    rule->form->name);
	return true; /* where it leads is looked at with each selector of the rule */
}

/* A string that is JSON: nothing is done with it, so nothing else is said of it. */
static bool check_inside(struct shape_ctx *c, const struct doc_node *object)
{
	for (const struct doc_node *e = object->first; e != NULL; e = e->next)
		if (strcmp(e->key, "at") != 0 && strcmp(e->key, "inside") != 0)
			return shape_wrong(c, e,
			    "\"%s\" does not go with \"inside\": what is in the string has its own "
			    "rules, such as \"$.extra.phone\"",
			    e->key);
	return true;
}

static bool check_rule(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	struct field_rule *rule = into;
	const struct form *form = rule->form;
	const struct doc_node *class = doc_find(object, "class");

	if (doc_find(object, "inside") != NULL)
		return check_inside(c, object);
	if (form == NULL)
		return shape_wrong(c, object, "\"do\" is missing in this rule");
	if (class == NULL && form->needs_class)
		return shape_wrong(c, object, "a rule with \"do\": \"%s\" needs \"class\"",
		    form->name);
	if (class != NULL && !form->may_class)
		return shape_wrong(c, class,
		    "\"do\": \"%s\" finds the class by itself: leave \"class\" out", form->name);
	if ((!form->seals && !check_options(c, object, rule, seal_options)) ||
	    (!form->labels && !check_options(c, object, rule, label_options)))
		return false;
	if (form->labels && !config_check_label(c, object, rule))
		return false;
	if (!check_subject(c, object, rule))
		return false;
	if (rule->email_shape && rule->class_id != CLASS_EMAIL)
		return shape_must(c, doc_find(object, "shape"), "stand on a field of class email");
	return true;
}

static const char *const
    number_names[] = { [FIELD_NUMBER_TOKEN] = "token", [FIELD_NUMBER_REFUSE] = "refuse", NULL };
static const struct shape_words number_words = { "number", .list = number_names };

/* What a virtual number is in the document; the second one is an object. */
static const char *const as_names[] = { "text", "object", NULL };
static const struct shape_words as_words = { "\"as\"", .list = as_names };

/* A place, or {"guest": place}. */
static bool read_subject(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct field_subject *s = field;
	const struct doc_node *place = node;

	if (node->kind == DOC_OBJECT) {
		place = doc_find(node, "guest");
		if (place == NULL || node->n != 1)
			return shape_must(c, node,
			    "be a JSONPath, or {\"guest\": JSONPath}: where the order's id stands");
		s->guest = true;
	}
	return shape_text(c, place, &s->place);
}

#define AT(field) SHAPE_AT(struct field_rule, field)

static const struct shape_row rows[] = {
	{ "at", read_selectors, SHAPE_HERE, .need = true, .max = CONFIG_PATH_MAX },
	{ "except", read_except, SHAPE_HERE, .max = CONFIG_PATH_MAX },
	{ "do", read_form, AT(form), .words = &form_words },
	{ "inside", read_inside, AT(form) },
	{ "class", config_read_known, AT(class_id), .words = &config_classes },
	{ "number", shape_word, AT(number), .words = &number_words },
	{ "random", shape_bool, AT(random) },
	{ "shape", read_shape, AT(email_shape) },
	{ "tag", shape_bool, AT(tag) },
	{ "subject", read_subject, AT(subject), .max = CONFIG_PATH_MAX },
	{ "pool", config_read_label_pool, AT(label.pool) },
	{ "ttl", shape_seconds, AT(label.ttl_s), .min = 60, .max = YEAR_S },
	{ "as", shape_word, AT(label.object), .words = &as_words },
	{ "display", config_read_display, AT(label.display), .max = CONFIG_DISPLAY_MAX },
	{ .key = NULL },
};
const struct shape config_rule_shape = { "rule", rows, sizeof(struct field_rule),
	.check = check_rule };
