/*
 * rules.c - what happens to which field: the request and response rules.
 *
 * An action that a field needs but this version does not have is refused by
 * name: a rule that silently did something else would let values through.
 */
#include "gateway/config/read.h"

#include <stdio.h>
#include <stdlib.h>

#define AVAILABLE "seal, policy, mask, drop, scan and collect"

/* Forms that Scrim's configuration names but that cannot be asked for here. */
static const char *const absent[] = { "format", "short", "virtual_number", "index", "receiver_id",
	"pseudonym", "write_only" };

static enum sc_err read_action(struct config_reader *r, const cJSON *it, const struct form **out)
{
	struct sc_span s;
	enum sc_err err;

	if ((err = config_text(r, it, 64, &s)) != SC_OK)
		return err;
	if ((*out = form_find(s)) != NULL)
		return SC_OK;
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		if (sc_span_is(s, absent[i]))
			return config_refuse(r, it,
			    "\"do\": \"%s\" is not "
			    "available in a rule of this version; available "
			    "are " AVAILABLE,
			    absent[i]);
	return config_refuse(r, it,
	    "\"do\": \"%.40s\" is unknown; available "
	    "are " AVAILABLE,
	    it->valuestring);
}

static enum sc_err read_selector(struct config_reader *r, const cJSON *it, struct field_rule *rule)
{
	struct sc_diag where = { .line = 0 };
	struct sc_span s;
	enum sc_err err;

	if ((err = config_text(r, it, CONFIG_PATH_MAX, &s)) != SC_OK)
		return err;
	if (sc_span_starts(s, "query.") || sc_span_starts(s, "header."))
		return config_refuse(r, it,
		    "selectors into the query or the "
		    "headers are not available in this version; \"at\" is a "
		    "JSONPath into the body, such as \"$.receiver.mobile\"");
	if (s.p[0] != '$')
		return config_refuse(r, it,
		    "\"at\" must be a JSONPath that "
		    "begins with $, such as \"$.receiver.mobile\"");
	jsonc_locate(r->doc, it, &where);
	rule->line = where.line;
	rule->column = where.column;
	rule->at = config_copy(r->box, s);
	return rule->at == NULL ? SC_NOMEM : SC_OK;
}

static enum sc_err read_class(struct config_reader *r, const cJSON *obj, const struct form *action,
    struct field_rule *rule)
{
	const cJSON *it = config_get(obj, "class");

	rule->class_id = CLASS_NONE;
	if (it == NULL)
		return action->needs_class ?
		    config_refuse(r, obj, "a rule with \"do\": \"%s\" needs \"class\"",
			action->name) :
		    SC_OK;
	if (!action->may_class)
		return config_refuse(r, it,
		    "\"do\": \"%s\" finds the class by "
		    "itself: leave \"class\" out",
		    action->name);
	return config_class(r, it, &rule->class_id);
}

static enum sc_err read_number(struct config_reader *r, const cJSON *it, struct field_rule *rule)
{
	struct sc_span s;
	enum sc_err err;

	if ((err = config_text(r, it, 64, &s)) != SC_OK)
		return err;
	if (sc_span_is(s, "token"))
		rule->number = FIELD_NUMBER_TOKEN;
	else if (sc_span_is(s, "refuse"))
		rule->number = FIELD_NUMBER_REFUSE;
	else
		return config_refuse(r, it,
		    "\"number\": \"%.40s\" is not "
		    "available; available are token and refuse",
		    it->valuestring);
	return SC_OK;
}

static enum sc_err read_options(struct config_reader *r, const cJSON *obj,
    const struct form *action, struct field_rule *rule)
{
	const cJSON *number = config_get(obj, "number");
	const cJSON *random = config_get(obj, "random");
	const cJSON *shape = config_get(obj, "shape");
	const cJSON *any = number != NULL ? number : random != NULL ? random : shape;
	struct sc_span s;
	enum sc_err err;

	if (any != NULL && !action->seals)
		return config_refuse(r, any,
		    "\"%s\" does not go with \"do\": "
		    "\"%s\"",
		    any->string, action->name);
	if (number != NULL && (err = read_number(r, number, rule)) != SC_OK)
		return err;
	if (random != NULL && (err = config_bool(r, random, &rule->random)) != SC_OK)
		return err;
	if (shape == NULL)
		return SC_OK;
	if ((err = config_text(r, shape, 64, &s)) != SC_OK)
		return err;
	if (!sc_span_is(s, "email") || rule->class_id != CLASS_EMAIL)
		return config_refuse(r, shape,
		    "\"shape\" can only be "
		    "\"email\", on a field of class email");
	rule->email_shape = true;
	return SC_OK;
}

static enum sc_err read_one(struct config_reader *r, const cJSON *it, struct field_rule *rule,
    const struct form **action)
{
	static const char *const allowed[] = { "at", "do", "class", "number", "random", "shape",
		NULL };
	const cJSON *at, *verb;
	enum sc_err err;

	*action = NULL;
	if (!cJSON_IsObject(it))
		return config_refuse(r, it, "a rule must be an object { }");
	if ((err = config_need(r, it, "a rule", "at", &at)) != SC_OK ||
	    (err = config_need(r, it, "a rule", "do", &verb)) != SC_OK ||
	    (err = read_action(r, verb, action)) != SC_OK ||
	    (err = config_keys(r, it, "a rule", allowed)) != SC_OK ||
	    (err = read_selector(r, at, rule)) != SC_OK ||
	    (err = read_class(r, it, *action, rule)) != SC_OK)
		return err;
	rule->form = *action;
	return read_options(r, it, *action, rule);
}

enum sc_err config_read_rules(struct config_reader *r, const cJSON *it, struct config_route *route,
    bool response)
{
	struct config_rules *rules = response ? &route->response : &route->request;
	const struct form *action;
	const cJSON *e;
	size_t n;
	enum sc_err err;

	if ((err = config_list(r, it, CONFIG_RULES_MAX, &n)) != SC_OK)
		return err;
	if ((rules->v = config_alloc(r->box, n * sizeof(*rules->v))) == NULL)
		return SC_NOMEM;
	cJSON_ArrayForEach(e, it)
	{
		struct field_rule *rule = &rules->v[rules->n];

		if ((err = read_one(r, e, rule, &action)) != SC_OK)
			return err;
		for (size_t i = 0; i < rules->n; i++)
			if (strcmp(rules->v[i].at, rule->at) == 0)
				return config_refuse(r, config_get(e, "at"),
				    "two rules for %.80s: one would never be "
				    "used",
				    rule->at);
		if (action == &form_policy && !response && !route->has_to)
			return config_refuse(r, config_get(e, "do"),
			    "\"do\": \"policy\" on a request needs the route's "
			    "\"to\": who is going to read it");
		rules->n++;
	}
	return SC_OK;
}
