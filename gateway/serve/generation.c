/*
 * generation.c - loading a configuration and compiling what it declares.
 */
#include "gateway/serve/generation.h"

#include "base/weak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void generation_free(struct generation *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; g->routes != NULL && i < g->config->n_routes; i++) {
		rules_free(g->routes[i].request);
		rules_free(g->routes[i].response);
		rules_free(g->routes[i].query);
		rules_free(g->routes[i].fields);
		free(g->routes[i].query_rules);
	}
	free(g->routes);
	rules_free(g->restore);
	config_free(g->config);
	free(g);
}

/* The line of the rule that broke, when the selector's text tells which it was. */
static void place(const struct config *c, const struct config_route *r, struct sc_diag *diag)
{
	char text[sizeof(diag->text)];

	snprintf(text, sizeof(text), "%s", diag->text);
	snprintf(diag->file, sizeof(diag->file), "%s", c->file);
	diag->line = 0;
	diag->column = 0;
	sc_diag_set(diag, "route \"%s\": %.180s", r->name.s, text);
}

/* What stands beside the body is the person's of whom the body is; it has no shape to miss. */
static enum sc_err compile_beside(const struct config_route *r, struct served_route *out,
    struct sc_diag *diag)
{
	static const struct subject_places body = { .v = { { .where = SUBJECT_HEADER,
							.name = "" } },
		.n = 1 };
	const struct protect_points points = { .subject = &body };
	const struct undeclared *u = &r->undeclared;
	size_t n = r->query.n + r->request.n;
	enum sc_err err;

	if (r->query.n + r->header.n == 0 &&
	    (r->has_to || (u->found == UNDECLARED_PASS && u->named == UNDECLARED_PASS)))
		return SC_OK;
	/* a parameter's own rule goes before one of the body's for that name */
	if ((out->query_rules = calloc(n + 1, sizeof(*out->query_rules))) == NULL)
		return SC_NOMEM;
	if (r->query.n != 0)
		memcpy(out->query_rules, r->query.v, r->query.n * sizeof(*r->query.v));
	if (r->request.n != 0 && !r->has_to)
		memcpy(out->query_rules + r->query.n, r->request.v,
		    r->request.n * sizeof(*r->request.v));
	else
		n = r->query.n;
	if ((err = rules_new(out->query_rules, n, points, UNMATCHED_PASS, diag, &out->query)) !=
	    SC_OK)
		return err;
	if ((err = rules_new(r->header.v, r->header.n, points, UNMATCHED_PASS, diag,
		 &out->fields)) != SC_OK)
		return err;
	out->query->root = "query";
	out->fields->root = "header";
	out->query->undeclared = out->fields->undeclared = *u;
	out->query->foreign = out->fields->foreign = r->foreign;
	return SC_OK;
}

static enum sc_err compile_route(const struct config *c, const struct config_route *r,
    struct served_route *out, struct sc_diag *diag)
{
	/* a request of another shape is refused; an answer keeps its place as null */
	enum protect_unmatched of_answer = r->unmatched == UNMATCHED_REFUSE ? UNMATCHED_NULL :
									      r->unmatched;
	struct protect_points points = { &r->subject, r->order, r->changes };
	const struct config_rules *answer =
	    r->response.n == 0 && !WEAK("answer-unsearched") ? &r->mirrored : &r->response;
	enum sc_err err = SC_OK;

	out->config = r;
	if (r->request.n != 0)
		err = rules_new(r->request.v, r->request.n, points, r->unmatched, diag,
		    &out->request);
	if (err == SC_OK)
		err = compile_beside(r, out, diag);
	points.order = NULL; /* nothing of an answer is bound to one */
	points.changes = false;
	if (err == SC_OK && answer->n != 0)
		err = rules_new(answer->v, answer->n, points, of_answer, diag, &out->response);
	if (out->request != NULL) {
		out->request->foreign = r->foreign;
		out->request->undeclared = r->undeclared;
	}
	if (out->response != NULL)
		out->response->foreign = r->foreign;
	/* what a recipient brings back, where its request is searched */
	if (out->response != NULL && r->has_to)
		out->response->undeclared = r->undeclared;
	if (out->response != NULL)
		out->response->answers = true;
	if (err != SC_OK)
		place(c, r, diag);
	return err;
}

enum sc_err generation_load(const char *path, struct sc_diags *all, struct generation **out)
{
	struct sc_diag *diag = &all->v[0];
	struct generation *g = calloc(1, sizeof(*g));
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (g == NULL)
		return SC_NOMEM;
	atomic_init(&g->refs, 1);
	if ((err = config_load(path, all, &g->config)) != SC_OK)
		goto out;
	if (g->config->n_routes != 0 &&
	    (g->routes = calloc(g->config->n_routes, sizeof(*g->routes))) == NULL) {
		err = SC_NOMEM;
		goto out;
	}
	for (size_t i = 0; i < g->config->n_routes; i++) {
		err = compile_route(g->config, &g->config->routes[i], &g->routes[i], diag);
		if (err != SC_OK)
			goto out;
	}
	if ((err = rules_new_restore(diag, &g->restore)) != SC_OK)
		goto out;
	*out = g;
	g = NULL;
out:
	generation_free(g);
	return err;
}

struct generation *generation_hold(struct generation *g)
{
	atomic_fetch_add_explicit(&g->refs, 1, memory_order_relaxed);
	return g;
}

void generation_release(struct generation *g)
{
	if (g != NULL && atomic_fetch_sub_explicit(&g->refs, 1, memory_order_acq_rel) == 1)
		generation_free(g);
}

static const struct served_route *served(const struct generation *g, const struct config_route *r)
{
	return r == NULL ? NULL : &g->routes[r - g->config->routes];
}

const struct served_route *generation_route(const struct generation *g, struct sc_span method,
    struct sc_span path)
{
	return served(g, config_route_match(g->config, method, path));
}

const struct served_route *generation_route_named(const struct generation *g, struct sc_span name)
{
	return served(g, config_route_find(g->config, name));
}
