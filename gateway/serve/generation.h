/*
 * generation.h - one loaded configuration with everything compiled from it.
 *
 * A reload builds a new generation and swaps a pointer; requests under way
 * keep the one they began with until they end.
 */
#ifndef GATEWAY_SERVE_GENERATION_H
#define GATEWAY_SERVE_GENERATION_H

#include "gateway/config/config.h"
#include "gateway/protect/rules.h"

#include <stdatomic.h>

/* A route of the configuration, with its two sides compiled. */
struct served_route {
	const struct config_route *config;
	struct protect_rules *request;  /* NULL: passes untouched */
	struct protect_rules *response; /* NULL: passes untouched */
	/* of the request's query and its header fields; both NULL: they pass untouched */
	struct protect_rules *query, *fields;
	struct field_rule *query_rules; /* what the first borrows */
};

/* Does what passes R come out otherwise than it came: a request, an answer? */
static inline bool served_changes_request(const struct served_route *r)
{
	return r->request != NULL && !r->config->observe;
}
static inline bool served_changes_answer(const struct served_route *r)
{
	return r->response != NULL && !r->config->observe;
}

struct generation {
	atomic_uint refs;
	struct config *config;
	struct served_route *routes;   /* in the order of config->routes */
	struct protect_rules *restore; /* every scalar: for bulk restores */
};

/*
 * Load the configuration at PATH and compile its routes. *OUT is the caller's
 * first reference. Fails like config_load() and rules_new(), with all that is
 * wrong in ALL, or the one thing in its v[0]; *OUT is then NULL.
 */
SC_CHECKED enum sc_err generation_load(const char *path, struct sc_diags *all,
    struct generation **out);

/* One more holder, one less; the last frees it. Any thread. */
struct generation *generation_hold(struct generation *g);
void generation_release(struct generation *g); /* NULL is fine */

/* The served route for a request, by method and path; NULL when there is none. */
const struct served_route *generation_route(const struct generation *g, struct sc_span method,
    struct sc_span path);
/* The served route called NAME, or NULL. */
const struct served_route *generation_route_named(const struct generation *g, struct sc_span name);

#endif
