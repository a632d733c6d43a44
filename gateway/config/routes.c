/*
 * routes.c - which requests go where, and under which rules.
 */
#include "gateway/config/read.h"

#include "gateway/codec/paths.h"
#include "gateway/codec/selector.h"

#include <stdlib.h>

/* Paths that scrimd answers itself, so no route ever sees them. */
static const char *const own[] = { "/v1/", "/healthz", "/readyz", "/metrics", "/log/" };

/*
 * A path as it may stand in a request after the strict parser: nothing that
 * could be spelled in a second way, or else two routes could be one.
 */
static bool path_ok(struct sc_span s)
{
	struct sc_span rest;

	if (s.n == 0 || s.p[0] != '/')
		return false;
	for (size_t i = 0; i < s.n; i++) {
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

static enum sc_err read_path(struct config_reader *r, const cJSON *it, struct config_route *rt)
{
	struct sc_span s;
	enum sc_err err;

	if ((err = config_text(r, it, CONFIG_PATH_MAX, &s)) != SC_OK)
		return err;
	rt->prefix = s.n >= 2 && s.p[s.n - 1] == '*' && s.p[s.n - 2] == '/';
	if (rt->prefix)
		s.n--;
	if (!path_ok(s))
		return config_refuse(r, it,
		    "\"path\" must be a plain path "
		    "such as \"/orders\", or end in /* such as \"/orders/*\"");
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (sc_span_starts(s, own[i]) &&
		    (own[i][strlen(own[i]) - 1] == '/' || s.n == strlen(own[i])))
			return config_refuse(r, it,
			    "%s belongs to scrimd "
			    "itself",
			    own[i]);
	rt->path_n = s.n;
	rt->path = config_copy(r->box, s);
	return rt->path == NULL ? SC_NOMEM : SC_OK;
}

static enum sc_err read_match(struct config_reader *r, const cJSON *it, struct config_route *rt)
{
	static const char *const allowed[] = { "path", "method", NULL };
	const cJSON *path, *method;
	struct sc_span s;
	enum sc_err err;

	if ((err = config_keys(r, it, "\"match\"", allowed)) != SC_OK ||
	    (err = config_need(r, it, "\"match\"", "path", &path)) != SC_OK ||
	    (err = read_path(r, path, rt)) != SC_OK)
		return err;
	if ((method = config_get(it, "method")) == NULL)
		return SC_OK;
	if ((err = config_text(r, method, 32, &s)) != SC_OK)
		return err;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'A' || s.p[i] > 'Z')
			return config_refuse(r, method,
			    "\"method\" must be capital letters, as in POST");
	rt->method = config_copy(r->box, s);
	return rt->method == NULL ? SC_NOMEM : SC_OK;
}

static enum sc_err read_to(struct config_reader *r, const cJSON *it, struct config_route *rt)
{
	static const char *const allowed[] = { "role", "purpose", "name", NULL };
	const cJSON *role, *purpose, *name;
	enum sc_err err;

	rt->recipient = rt->name;
	if (it == NULL)
		return SC_OK;
	if ((err = config_keys(r, it, "\"to\"", allowed)) != SC_OK ||
	    (err = config_need(r, it, "\"to\"", "role", &role)) != SC_OK ||
	    (err = config_need(r, it, "\"to\"", "purpose", &purpose)) != SC_OK ||
	    (err = config_role(r, role, &rt->to_role)) != SC_OK ||
	    (err = config_purpose(r, purpose, &rt->to_purpose)) != SC_OK)
		return err;
	rt->has_to = true;
	if ((name = config_get(it, "name")) != NULL)
		return config_name(r, name, &rt->recipient);
	return SC_OK;
}

/*
 * Who may call. A caller of a route with `to` has values opened that its own
 * role may not see, so nobody may unless the configuration says so.
 */
static enum sc_err read_from(struct config_reader *r, const cJSON *route, struct config_route *rt)
{
	const cJSON *it = config_get(route, "from"), *e;
	size_t n;
	uint8_t role;
	enum sc_err err;

	rt->any_role = it == NULL;
	if (it == NULL)
		return !rt->has_to ?
		    SC_OK :
		    config_refuse(r, config_get(route, "to"),
			"route \"%s\" has \"to\", so it "
			"needs \"from\": the roles that may have values opened for "
			"that reader, such as [\"order_system\"]",
			rt->name.s);
	if ((err = config_list(r, it, 256, &n)) != SC_OK)
		return err;
	if (n == 0)
		return config_refuse(r, it,
		    "\"from\" is empty, so nobody could "
		    "call route \"%s\"",
		    rt->name.s);
	cJSON_ArrayForEach(e, it)
	{
		if ((err = config_role(r, e, &role)) != SC_OK)
			return err;
		rt->from[role] = true;
	}
	return SC_OK;
}

/* The subject's path is well-formed and leads to one place, or is refused. */
static enum sc_err check_subject(struct config_reader *r, const cJSON *it, struct sc_span text)
{
	struct segment seg[CODEC_SEGMENTS_MAX];
	struct sc_diag why = { .text = "" };
	struct sc_buf names;
	size_t n;
	bool many = false;
	enum sc_err err, refused;

	sc_buf_init(&names, CONFIG_PATH_MAX);
	err = selector_parse(text, seg, CODEC_SEGMENTS_MAX, &n, &names, &why);
	sc_buf_fini(&names);
	if (err == SC_NOMEM)
		return err;
	if (err != SC_OK) {
		refused = config_refuse(r, it, "\"subject\": %.200s", why.text);
		r->d->column += why.column; /* the quote stands before the path */
		return refused;
	}
	for (size_t i = 0; i < n; i++)
		many |= seg[i].deep || seg[i].kind == SEGMENT_ANY;
	if (n == 0 || many)
		return config_refuse(r, it,
		    "\"subject\" must lead to one place, "
		    "where the person's id stands: names and indices only, such as "
		    "\"$.buyer.id\"");
	return SC_OK;
}

static enum sc_err read_subject(struct config_reader *r, const cJSON *it, struct config_route *rt)
{
	struct sc_span s;
	enum sc_err err;

	if (it == NULL)
		return SC_OK;
	if ((err = config_text(r, it, CONFIG_PATH_MAX, &s)) != SC_OK)
		return err;
	if (s.p[0] != '$')
		return config_refuse(r, it,
		    "\"subject\" must be a JSONPath "
		    "into the body that begins with $, such as \"$.buyer.id\"");
	if ((err = check_subject(r, it, s)) != SC_OK)
		return err;
	rt->subject = config_copy(r->box, s);
	return rt->subject == NULL ? SC_NOMEM : SC_OK;
}

/* One of the words of TABLE (NULL-ended), as its number. */
static enum sc_err read_word(struct config_reader *r, const cJSON *it, const char *const table[],
    const char *says, unsigned *out)
{
	struct sc_span s;
	enum sc_err err;

	if ((err = config_text(r, it, 16, &s)) != SC_OK)
		return err;
	for (*out = 0; table[*out] != NULL; ++*out)
		if (sc_span_is(s, table[*out]))
			return SC_OK;
	return config_refuse(r, it, "\"%s\" must be %s", it->string, says);
}

static enum sc_err read_unmatched(struct config_reader *r, const cJSON *route,
    struct config_route *rt)
{
	static const char *const bodies[] = { [CONFIG_UNMATCHED_REFUSE] = "refuse",
		[CONFIG_UNMATCHED_STREAM] = "stream",
		NULL };
	static const char *const shapes[] = { [CONFIG_SHAPE_REFUSE] = "refuse",
		[CONFIG_SHAPE_REPORT] = "report",
		[CONFIG_SHAPE_PASS] = "pass",
		NULL };
	const cJSON *body = config_get(route, "unmatched_body");
	const cJSON *shape = config_get(route, "unmatched");
	bool ruled = rt->request.n + rt->response.n > 0;
	unsigned word;
	enum sc_err err;

	rt->unmatched_body = ruled ? CONFIG_UNMATCHED_REFUSE : CONFIG_UNMATCHED_STREAM;
	if (body != NULL) {
		if ((err = read_word(r, body, bodies, "refuse or stream", &word)) != SC_OK)
			return err;
		rt->unmatched_body = (enum config_unmatched)word;
	}
	if (shape == NULL)
		return SC_OK;
	if (!ruled)
		return config_refuse(r, shape,
		    "\"unmatched\" is about rules, and "
		    "route \"%s\" has none",
		    rt->name.s);
	err = read_word(r, shape, shapes, "refuse, report or pass", &word);
	if (err == SC_OK)
		rt->unmatched = (enum config_shape)word;
	return err;
}

static enum sc_err read_purpose(struct config_reader *r, const cJSON *obj, struct config_route *rt)
{
	const cJSON *it = config_get(obj, "purpose");

	if (it == NULL)
		return rt->request.n + rt->response.n == 0 ?
		    SC_OK :
		    config_refuse(r, obj,
			"route \"%s\" has rules, so it needs "
			"\"purpose\": what its callers use it for, such as "
			"order_processing",
			rt->name.s);
	rt->has_purpose = true;
	return config_purpose(r, it, &rt->purpose);
}

static enum sc_err read_one(struct config_reader *r, const cJSON *it, struct config_route *rt)
{
	static const char *const allowed[] = { "name", "match", "upstream", "subject", "purpose",
		"from", "to", "request", "response", "unmatched", "unmatched_body", NULL };
	const cJSON *name, *match, *upstream, *rules;
	enum sc_err err;

	if ((err = config_keys(r, it, "a route", allowed)) != SC_OK ||
	    (err = config_need(r, it, "a route", "name", &name)) != SC_OK ||
	    (err = config_need(r, it, "a route", "match", &match)) != SC_OK ||
	    (err = config_need(r, it, "a route", "upstream", &upstream)) != SC_OK ||
	    (err = config_name(r, name, &rt->name)) != SC_OK ||
	    (err = read_match(r, match, rt)) != SC_OK ||
	    (err = config_read_upstream(r, upstream, &rt->upstream)) != SC_OK ||
	    (err = read_subject(r, config_get(it, "subject"), rt)) != SC_OK ||
	    (err = read_to(r, config_get(it, "to"), rt)) != SC_OK ||
	    (err = read_from(r, it, rt)) != SC_OK)
		return err;
	if ((rules = config_get(it, "request")) != NULL &&
	    (err = config_read_rules(r, rules, rt, false)) != SC_OK)
		return err;
	if ((rules = config_get(it, "response")) != NULL &&
	    (err = config_read_rules(r, rules, rt, true)) != SC_OK)
		return err;
	if ((err = read_purpose(r, it, rt)) != SC_OK)
		return err;
	return read_unmatched(r, it, rt);
}

static enum sc_err check_new(struct config_reader *r, const cJSON *it,
    const struct config_route *rt)
{
	const struct config_route *old = r->c->routes;

	for (; old < rt; old++) {
		if (strcmp(old->name.s, rt->name.s) == 0)
			return config_refuse(r, config_get(it, "name"),
			    "there are two routes called \"%s\"", rt->name.s);
		if (old->prefix == rt->prefix && strcmp(old->path, rt->path) == 0 &&
		    (old->method == NULL) == (rt->method == NULL) &&
		    (old->method == NULL || strcmp(old->method, rt->method) == 0))
			return config_refuse(r, config_get(it, "match"),
			    "route \"%s\" already takes this path", old->name.s);
	}
	return SC_OK;
}

enum sc_err config_read_routes(struct config_reader *r, const cJSON *it)
{
	struct config *c = r->c;
	const cJSON *e;
	size_t n;
	enum sc_err err;

	if ((err = config_list(r, it, CONFIG_ROUTES_MAX, &n)) != SC_OK)
		return err;
	if ((c->routes = config_alloc(r->box, n * sizeof(*c->routes))) == NULL)
		return SC_NOMEM;
	cJSON_ArrayForEach(e, it)
	{
		struct config_route *rt = &c->routes[c->n_routes];

		if ((err = read_one(r, e, rt)) != SC_OK || (err = check_new(r, e, rt)) != SC_OK)
			return err;
		c->n_routes++;
	}
	return SC_OK;
}
