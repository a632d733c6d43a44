/*
 * routes.c - which requests go where, and under which rules.
 */
#include "gateway/config/sections.h"

#include <string.h>

/* Paths that scrimd answers itself, so no route ever sees them. */
static const char *const own[] = { "/v1/", "/healthz", "/readyz", "/metrics", "/log/" };

/* The placeholder that S begins with, with its braces; 0: none, or not one whole segment. */
static size_t placeholder(struct sc_span s)
{
	size_t n = 1;

	while (n < s.n &&
	    (s.p[n] == '_' || (s.p[n] >= '0' && s.p[n] <= '9') ||
		((s.p[n] | 0x20) >= 'a' && (s.p[n] | 0x20) <= 'z')))
		n++;
	return n > 1 && n < s.n && s.p[n] == '}' && (n + 1 == s.n || s.p[n + 1] == '/') ? n + 1 : 0;
}

/*
 * A path as it may stand in a request after the strict parser: nothing that
 * could be spelled in a second way, or else two routes could be one. *PLACED: it has
 * placeholders.
 */
static bool path_ok(struct sc_span s, bool *placed)
{
	struct sc_span rest;
	size_t n;

	if (s.n == 0 || s.p[0] != '/')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (i > 0 && s.p[i] == '{' && s.p[i - 1] == '/' &&
		    (n = placeholder(sc_span_from(s, i))) != 0) {
			*placed = true;
			i += n - 1;
			continue;
		}
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("?#%\\*\"<>^`{|}", s.p[i]) != NULL)
			return false;
		rest = sc_span_from(s, i);
		if (s.p[i] == '/' &&
		    (sc_span_starts(rest, "//") || sc_span_starts(rest, "/./") ||
			sc_span_starts(rest, "/../") || sc_span_is(rest, "/.") ||
			sc_span_is(rest, "/..")))
			return false;
	}
	return true;
}

/* The path that scrimd answers itself and S is, or begins with; NULL: none. */
static const char *own_path(struct sc_span s)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (sc_span_starts(s, own[i]) &&
		    (own[i][strlen(own[i]) - 1] == '/' || s.n == strlen(own[i])))
			return own[i];
	return NULL;
}

static bool read_path(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct config_route *rt = field;
	struct sc_span s;
	const char *text;

	if (!shape_text(c, node, &text))
		return false;
	s = sc_span_str(text);
	rt->prefix = s.n >= 2 && s.p[s.n - 1] == '*' && s.p[s.n - 2] == '/';
	if (rt->prefix)
		s.n--;
	if (!path_ok(s, &rt->placed))
		return shape_must(c, node,
		    "be a plain path such as \"/orders\" or \"/orders/{id}\", or end in /* such as "
		    "\"/orders/*\"");
	if ((text = own_path(s)) != NULL)
		return shape_wrong(c, node, "%s belongs to scrimd itself", text);
	rt->path_n = s.n;
	if ((rt->path = sc_arena_copy(c->arena, s)) == NULL)
		c->err = SC_NOMEM;
	return rt->path != NULL;
}

static bool read_method(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char **method = field;

	if (!shape_text(c, node, method))
		return false;
	for (const char *s = *method; *s != '\0'; s++)
		if (*s < 'A' || *s > 'Z')
			return shape_must(c, node, "be capital letters, as in POST");
	/* the one sends back what it got, credentials and all; the other is no request for a path */
	if (strcmp(*method, "TRACE") == 0 || strcmp(*method, "TRACK") == 0 ||
	    strcmp(*method, "CONNECT") == 0)
		return shape_wrong(c, node, "%s is never passed on", *method);
	return true;
}

static bool read_order(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	static const char example[] = "$.orderNo";

	if (!shape_text(c, node, field))
		return false;
	if (node->text[0] != '$')
		return shape_must(c, node,
		    "be a JSONPath into the body that begins with $, such as \"%s\"", example);
	return config_check_point(c, node, "order", "the order's reference", example);
}

/* ---- what a route's words add up to ---------------------------------------- */

/* A rule of policy on a request asks who is going to read it. */
static bool check_readers(struct shape_ctx *c, const struct config_route *rt)
{
	bool ok = true;

	for (size_t i = 0; !rt->has_to && i < rt->request.n; i++)
		if (rt->request.v[i].form == &form_policy)
			ok = shape_wrong(c, config_rule_said(&rt->request, i, "do"),
			    "\"do\": \"policy\" on a request needs the route's \"to\": who is "
			    "going to read it");
	return ok;
}

/* A virtual number is given to a recipient, for an order: on a request of such a route only. */
static bool check_labels(struct shape_ctx *c, const struct config_route *rt,
    const struct config_rules *rules)
{
	bool ok = true, answer = rules == &rt->response;

	for (size_t i = 0; i < rules->n; i++) {
		if (!rules->v[i].form->labels)
			continue;
		/* whose a number is stands in the book of numbers, under a name that scrimd knows */
		if (rt->subject.orders)
			ok = shape_wrong(c, config_rule_said(rules, i, "do"),
			    "\"do\": \"%s\" does not go with {\"order\": PLACE} in the route's "
			    "\"subject\": whose the number is must stand in the request",
			    rules->v[i].form->name);
		if (answer || !rt->has_to || rt->order == NULL)
			ok = shape_wrong(c, config_rule_said(rules, i, "do"),
			    "\"do\": \"%s\" stands on requests only, of a route with \"to\" and "
			    "\"order\": who gets the number, and the order it is bound to",
			    rules->v[i].form->name);
	}
	return ok;
}

/* A change is told of what is sealed for an order. */
static bool check_changes(struct shape_ctx *c, const struct doc_node *object,
    const struct config_route *rt)
{
	bool seals = false;

	for (size_t i = 0; i < rt->request.n; i++)
		seals |= rt->request.v[i].form == &form_seal;
	if (!rt->changes || (seals && rt->order != NULL))
		return true;
	return shape_wrong(c, doc_find(object, "changes"),
	    "\"changes\" tells of another token where one was sealed for an order, and route "
	    "\"%s\" %s",
	    rt->name.s, seals ? "does not say where its \"order\" is" : "seals nothing");
}

/* Who observes does nothing: what can only be done, or is for who comes behind, has no sense. */
static bool check_observe(struct shape_ctx *c, const struct doc_node *object,
    const struct config_route *rt)
{
	const struct doc_node *node = doc_find(object, "observe");
	bool ok = true;

	if (!rt->observe)
		return true;
	if (rt->request.n + rt->response.n + rt->query.n + rt->header.n == 0)
		return shape_wrong(c, node, "\"observe\" is about rules, and route \"%s\" has none",
		    rt->name.s);
	if (rt->has_to)
		ok = shape_wrong(c, node,
		    "\"observe\" does not go with \"to\": the recipient of route \"%s\" would be "
		    "sent tokens",
		    rt->name.s);
	if (rt->changes)
		ok = shape_wrong(c, doc_find(object, "changes"),
		    "\"changes\" tells of what was sealed, and route \"%s\" says \"observe\": it "
		    "seals nothing",
		    rt->name.s);
	for (size_t i = 0; i < rt->request.n; i++)
		if (rt->request.v[i].form->only_told || rt->request.v[i].tag)
			ok = shape_wrong(c, config_rule_said(&rt->request, i, "do"),
			    "what is collected is told beside a protected document, and route "
			    "\"%s\" says \"observe\": it protects none",
			    rt->name.s);
	return ok;
}

/* What the subject says of the path stands there. */
static bool check_places(struct shape_ctx *c, const struct doc_node *object,
    struct config_route *rt)
{
	const struct subject_places *s = &rt->subject;
	bool ok = true;

	for (size_t i = 0; rt->path != NULL && i < s->n; i++) {
		rt->subject_elsewhere |= s->v[i].where != SUBJECT_BODY;
		if (s->v[i].where == SUBJECT_PATH &&
		    config_route_segment(rt, sc_span_str(rt->path), s->v[i].name).n == 0)
			ok = shape_wrong(c, doc_find(object, "subject"),
			    "\"subject\" says path.%s, and there is no {%s} in the route's "
			    "\"path\"",
			    s->v[i].name, s->v[i].name);
	}
	return ok;
}

/* Does RT, or one of its rules, say whose something is? */
static bool names_people(const struct config_route *rt)
{
	const struct config_rules *sides[] = { &rt->request, &rt->response };

	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sides[s]->n; i++)
			if (sides[s]->v[i].subject.place != NULL)
				return true;
	return rt->subject.n != 0;
}

static bool check_route(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	struct config_route *rt = into;
	const struct doc_node *to = doc_find(object, "to");
	const struct doc_node *unmatched = doc_find(object, "unmatched");
	bool ruled = rt->request.n + rt->response.n > 0, ok;

	/* rules of the query and of fields are rules, too */
	if (!config_part_beside(c, rt))
		return false;
	for (size_t i = 0; i < rt->response.n; i++)
		if (config_where(rt->response.v[i].at) != SUBJECT_BODY)
			return shape_wrong(c, config_rule_said(&rt->response, i, "at"),
			    "\"at\" of an answer is a JSONPath into its body");
	rt->has_to = to != NULL;
	rt->has_purpose = doc_find(object, "purpose") != NULL;
	rt->any_role = doc_find(object, "from") == NULL;
	if (rt->recipient.s[0] == '\0')
		rt->recipient = rt->name;
	if (ruled && doc_find(object, "unmatched_body") == NULL)
		rt->unmatched_body = CONFIG_UNMATCHED_REFUSE;
	/* a recipient is somebody else, who has names of its own */
	if (rt->has_to && doc_find(object, "forwarded") == NULL)
		rt->forwarded = CONFIG_FORWARDED_NONE;
	/* its callers have values opened that they may not see: nobody may who is not named */
	if (rt->has_to && rt->any_role)
		return shape_wrong(c, to,
		    "route \"%s\" has \"to\", so it needs \"from\": the roles that may have "
		    "values opened for that reader, such as [\"order_system\"]",
		    rt->name.s);
	if (rt->response.mirror && rt->request.n == 0)
		return shape_wrong(c, doc_find(object, "response"),
		    "\"mirror\" is by the rules of \"request\", and route \"%s\" has none",
		    rt->name.s);
	if (ruled && !rt->has_purpose)
		return shape_wrong(c, object,
		    "route \"%s\" has rules, so it needs \"purpose\": what its callers use it "
		    "for, such as order_processing",
		    rt->name.s);
	if (doc_find(object, "undeclared") == NULL)
		config_usual_undeclared(rt);
	else if (rt->request.n + rt->query.n + rt->header.n == 0)
		return shape_wrong(c, doc_find(object, "undeclared"),
		    "\"undeclared\" is about what the rules of a request do not speak of, and "
		    "route \"%s\" has none",
		    rt->name.s);
	if (!ruled && unmatched != NULL)
		return shape_wrong(c, unmatched,
		    "\"unmatched\" is about rules, and route \"%s\" has none", rt->name.s);
	if (doc_find(object, "foreign") != NULL && (!ruled || !names_people(rt)))
		return shape_wrong(c, doc_find(object, "foreign"),
		    "\"foreign\" is about tokens of others than the route's \"subject\", and "
		    "route \"%s\" has no %s",
		    rt->name.s, ruled ? "subject" : "rules");
	if (rt->has_to && ruled && rt->unmatched_body == CONFIG_UNMATCHED_STREAM)
		return shape_wrong(c, doc_find(object, "unmatched_body"),
		    "what the recipient of route \"%s\" answers is searched for what it was "
		    "shown, so a body that cannot be read may not pass: leave this out",
		    rt->name.s);
	ok = check_readers(c, rt) && (rt->response.n != 0 || config_mirror(c, rt));
	ok &= check_places(c, object, rt);
	ok &= check_observe(c, object, rt);
	ok &= check_changes(c, object, rt);
	ok &= check_labels(c, rt, &rt->request);
	ok &= check_labels(c, rt, &rt->response);
	return ok;
}

/* Alike but for what placeholders are called. */
static bool same_path(const char *a, const char *b)
{
	for (; *a == *b && *a != '\0'; a++, b++)
		if (*a == '{') {
			a = strchr(a, '}');
			b = strchr(b, '}');
		}
	return *a == *b;
}

static const char *same_match(const void *a, const void *b)
{
	const struct config_route *x = a, *y = b;

	return x->prefix == y->prefix && same_path(x->path, y->path) &&
		sc_span_eq(sc_span_str(x->method), sc_span_str(y->method)) ?
	    "match" :
	    NULL;
}

/* ---- the rows ---------------------------------------------------------------- */

static const char *const body_names
    [] = { [CONFIG_UNMATCHED_REFUSE] = "refuse", [CONFIG_UNMATCHED_STREAM] = "stream", NULL };
static const char *const forwarded_names[] = { [CONFIG_FORWARDED_TELL] = "tell",
	[CONFIG_FORWARDED_PASS] = "pass",
	[CONFIG_FORWARDED_NONE] = "none",
	NULL };
static const struct shape_words forwardings = { "\"forwarded\"", .list = forwarded_names };
static const char *const shape_names[] = { [UNMATCHED_REFUSE] = "refuse",
	[UNMATCHED_NULL] = "", /* what an answer does instead */
	[UNMATCHED_REPORT] = "report",
	[UNMATCHED_PASS] = "pass",
	NULL };
static const struct shape_words bodies = { "\"unmatched_body\"", .list = body_names };
static const char *const foreign_names[] = { [FOREIGN_RESEAL] = "reseal",
	[FOREIGN_REFUSE] = "refuse",
	[FOREIGN_ADOPT] = "adopt",
	NULL };
static const struct shape_words foreigners = { "\"foreign\"", .list = foreign_names };
static const struct shape_words shapes = { "\"unmatched\"", .list = shape_names };

#define AT(field) SHAPE_AT(struct config_route, field)
static const struct shape_row match_rows[] = {
	{ "path", read_path, SHAPE_HERE, .need = true, .max = CONFIG_PATH_MAX },
	{ "method", read_method, AT(method), .max = 32 },
	{ .key = NULL },
};
static const struct shape match = { .what = "section", .rows = match_rows };

static const struct shape_row to_rows[] = {
	{ "role", config_read_known, AT(to_role), .need = true, .words = &config_roles },
	{ "purpose", config_read_known, AT(to_purpose), .need = true, .words = &config_purposes },
	{ "name", shape_name, AT(recipient) },
	{ .key = NULL },
};
static const struct shape to = { .what = "section", .rows = to_rows };

static const struct shape_row rows[] = {
	{ "name", shape_name, AT(name), .need = true, .once = true },
	{ "match", shape_object, SHAPE_HERE, .need = true, .shape = &match },
	{ "upstream", config_read_upstream, AT(upstream), .need = true,
	    .shape = &config_upstream_shape },
	{ "subject", config_read_subject, AT(subject), .max = CONFIG_PATH_MAX,
	    .shape = &config_subject_shape },
	{ "foreign", shape_word, AT(foreign), .words = &foreigners },
	{ "order", read_order, AT(order), .max = CONFIG_PATH_MAX },
	{ "changes", shape_bool, AT(changes) },
	{ "observe", shape_bool, AT(observe) },
	{ "purpose", config_read_known, AT(purpose), .words = &config_purposes },
	{ "from", config_read_known_set, AT(from), .words = &config_roles },
	{ "to", shape_object, SHAPE_HERE, .shape = &to },
	{ "request", config_read_rules, SHAPE_LIST(struct config_route, request.v, request.n),
	    .shape = &config_rule_shape, .max = CONFIG_RULES_MAX },
	{ "response", config_read_answer, SHAPE_LIST(struct config_route, response.v, response.n),
	    .shape = &config_rule_shape, .max = CONFIG_RULES_MAX },
	{ "unmatched", shape_word, AT(unmatched), .words = &shapes },
	{ "undeclared", config_read_undeclared, AT(undeclared), .shape = &config_undeclared_shape },
	{ "forwarded", shape_word, AT(forwarded), .words = &forwardings },
	{ "unmatched_body", shape_word, AT(unmatched_body), .usual = CONFIG_UNMATCHED_STREAM,
	    .words = &bodies },
	{ .key = NULL },
};
const struct shape config_route_shape = { "route", rows, sizeof(struct config_route),
	.check = check_route, .twin = same_match };
