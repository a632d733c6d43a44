/*
 * config.c - scrim.json, from the top.
 *
 * The policy's row comes before those that use its names. When it cannot be
 * loaded, that is told once, and names are left alone.
 */
#include "gateway/config/config.h"

#include "crypto/prim/hash.h"
#include "gateway/config/sections.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- places ------------------------------------------------------------------ */

static bool read_policy(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct config *config = c->arg;
	enum sc_err err;

	if (!shape_path(c, node, field))
		return false;
	if (access(config->policy_path, R_OK) != 0)
		return shape_wrong(c, node, "the policy %.120s cannot be read",
		    config->policy_path);
	err = policy_load_file(config->policy_path, c->all, &config->policy);
	if (err != SC_OK) {
		if (err == SC_NOMEM)
			c->err = err;
		return false;
	}
	hash_sha256(policy_text(config->policy), config->policy_hash);
	return true;
}

/* Their names are the policy's; without one, which was then told, nothing is compared with it. */
static bool read_principals(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct config *config = c->arg;
	bool ok;

	c->arg = config->policy;
	ok = policy_principals_read(c, node, field);
	c->arg = config;
	return ok;
}

/* ---- the file ------------------------------------------------------------------- */

#define SIGNERS_MAX 16
#define AT(field) SHAPE_AT(struct config, field)
#define LIST(field) SHAPE_LIST(struct config, field, n_##field), .shape

static const struct shape_row rows[] = {
	{ "$schema", shape_about, SHAPE_HERE },
	{ "tenant", shape_name, AT(tenant), .need = true },
	{ "node", shape_name, AT(node) },
	{ "policy", read_policy, AT(policy_path), .need = true, .max = CONFIG_PATH_MAX },
	{ "listen", shape_list, LIST(listeners) = &config_listener_shape, .need = true, .min = 1,
	    .max = CONFIG_LISTENERS_MAX },
	{ "keyd", config_read_keyd, SHAPE_HERE, .need = true, .max = CONFIG_PATH_MAX },
	{ "store", config_read_store, AT(store), .max = CONFIG_PATH_MAX },
	{ "log", shape_path, AT(log_dir), .need = true, .max = CONFIG_PATH_MAX },
	{ "logs", shape_list, LIST(logs) = &config_log_shape, .max = CONFIG_LOGS_MAX },
	{ "witnesses", shape_list, LIST(witnesses) = &config_witness_shape,
	    .max = CONFIG_WITNESSES_MAX },
	{ "views", shape_object, AT(views), .shape = &config_views_shape },
	{ "threads", shape_count, AT(threads), .min = 1, .max = CONFIG_THREADS_MAX },
	{ "limits", shape_object, AT(limits), .shape = &config_limits },
	{ "principals", read_principals, AT(principals), .need = true,
	    .shape = &policy_principal_shape },
	{ "anew_signers", policy_names_read, AT(anew_signers), .min = 1, .max = SIGNERS_MAX },
	/* before the routes, whose rules name its pools */
	{ "phone", config_read_phone, AT(phone), .shape = &config_phone_shape },
	{ "rule_sets", config_read_sets, SHAPE_HERE, .shape = &config_rule_shape,
	    .max = CONFIG_RULES_MAX },
	{ "routes", shape_list, LIST(routes) = &config_route_shape, .need = true,
	    .max = CONFIG_ROUTES_MAX },
	/* behind the routes, of whose rules it names paths */
	{ "collect", config_read_collect, AT(collect), .shape = &config_collect_shape },
	{ .key = NULL },
};

static void begin(struct shape_ctx *c, void *into)
{
	struct config *config = into;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	(void)c;
	config->node = (struct sc_name){ "scrimd" };
	config->threads = cores < 1    ? 1 :
	    cores > CONFIG_THREADS_MAX ? CONFIG_THREADS_MAX :
					 (unsigned)cores;
}

/* What a route tells as a change is kept beside the store. */
static bool check_stored(struct shape_ctx *c, const struct doc_node *object,
    const struct config *config)
{
	for (size_t i = 0; i < config->n_routes; i++)
		if (config->routes[i].changes && config->store == NULL)
			return shape_wrong(c, object,
			    "route \"%s\" says \"changes\", which needs \"store\", such as "
			    "\"sqlite:scrim.db\"",
			    config->routes[i].name.s);
	return true;
}

static bool check(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct config *config = into;

	return policy_names_sign(c, doc_find(object, "anew_signers"), &config->anew_signers,
		   &config->principals) &&
	    check_stored(c, object, config) && config_check_listeners(c, object, into);
}

const struct shape config_shape = { "configuration", rows, sizeof(struct config), .begin = begin,
	.check = check };

static char *folder_of(struct sc_arena *a, const char *filename)
{
	const char *slash = strrchr(filename, '/');

	if (slash == NULL)
		return sc_arena_copy(a, sc_span_str("."));
	return sc_arena_copy(a, sc_span(filename, slash == filename ? 1 : slash - filename));
}

/* Read TEXT, or the file itself when it is NULL. */
static enum sc_err read_config(const struct sc_span *text, const char *filename,
    struct sc_diags *all, struct config **out)
{
	struct config *config = calloc(1, sizeof(*config));
	struct shape_ctx c = { .all = all, .arg = config };
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (config == NULL)
		return SC_NOMEM;
	c.arena = &config->arena;
	config->limits.http = http_limits_default;
	if ((config->file = sc_arena_copy(c.arena, sc_span_str(filename))) != NULL &&
	    (config->dir = folder_of(c.arena, filename)) != NULL)
		err = text != NULL ? shape_load(&c, *text, filename, &config_shape, config) :
				     shape_load_file(&c, filename, &config_shape, config);
	config->named = c.named;
	if (err == SC_OK)
		*out = config;
	else
		config_free(config);
	return err;
}

enum sc_err config_parse(struct sc_span text, const char *filename, struct sc_diags *all,
    struct config **out)
{
	return read_config(&text, filename, all, out);
}

enum sc_err config_load(const char *path, struct sc_diags *all, struct config **out)
{
	return read_config(NULL, path, all, out);
}

void config_free(struct config *c)
{
	if (c == NULL)
		return;
	policy_free(c->policy);
	config_free_collect(c->collect);
	sc_arena_fini(&c->arena);
	free(c);
}
