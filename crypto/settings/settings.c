/*
 * settings.c - keyd.json, as rows of keys.
 */
#include "crypto/settings/settings.h"

#include "base/text/shape.h"
#include "crypto/token/token.h"

#include <stdio.h>
#include <string.h>

#define ORIGIN_MAX 127
#define SETTINGS_KEEP_DAYS 90
#define ROLES_MAX 255
#define SETTINGS_RETURNING 10000
#define SETTINGS_ERASURES 1000

static bool read_place(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char **path = field;

	return shape_path(c, node, field) &&
	    (strlen(*path) <= c->row->max ||
		shape_must(c, node, "be a path of at most %llu bytes with its folder",
		    (unsigned long long)c->row->max));
}

/* Where tokens that are written as addresses seem to live. */
static bool read_domain(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char *text;

	if (!shape_text(c, node, &text))
		return false;
	memcpy(field, &text, sizeof(text));
	return token_domain_ok(sc_span_str(text)) ||
	    shape_must(c, node, "be a domain such as \"%s\", of %d to %d characters", TOKEN_DOMAIN,
		TOKEN_DOMAIN_MIN, TOKEN_DOMAIN_MAX);
}

#define CREDENTIAL "credential:"

const char *settings_credential(const char *root)
{
	return strncmp(root, CREDENTIAL, strlen(CREDENTIAL)) == 0 ? root + strlen(CREDENTIAL) :
								    NULL;
}

/* A path, or a credential as the unit names it. */
static bool read_root(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct sc_name name;
	const char *text, *credential;

	if (node->kind != DOC_TEXT || (credential = settings_credential(node->text)) == NULL)
		return read_place(c, node, field);
	if (!shape_text(c, node, &text))
		return false;
	memcpy(field, &text, sizeof(text));
	return (credential[0] != '.' && sc_name_parse(sc_span_str(credential), &name) == SC_OK) ||
	    shape_must(c, node,
		"be a path, or \"credential:\" and 1 to %d letters, digits, '.', '_' or '-'",
		SC_NAME_MAX);
}

/* NAME in FOLDER, unless *PLACE was given. */
static bool default_inside(struct shape_ctx *c, const char *folder, const char *name,
    const char **place)
{
	const size_t room = folder == NULL ? 0 : strlen(folder) + 1 + strlen(name) + 1;
	char *text;

	if (*place != NULL || folder == NULL)
		return true;
	if ((text = shape_alloc(c, room)) == NULL)
		return false;
	snprintf(text, room, "%s/%s", folder, name);
	*place = text;
	return true;
}

/* NAME in the folder of PATH, unless *PLACE was given. */
static bool default_beside(struct shape_ctx *c, const char *path, const char *name,
    const char **place)
{
	const char *slash = path == NULL ? NULL : strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash + 1 - path);
	char *text;

	if (*place != NULL || path == NULL)
		return true;
	if ((text = shape_alloc(c, n + strlen(name) + 1)) == NULL)
		return false;
	memcpy(text, path, n);
	memcpy(text + n, name, strlen(name) + 1);
	*place = text;
	return true;
}

/* Backup keys lie where the root does, unless nothing can be written there. */
static const char *written_beside(const struct settings *s)
{
	return s->root != NULL && settings_credential(s->root) != NULL ? s->store : s->root;
}

static bool check(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	struct settings *s = into;
	char *origin;

	if (!policy_names_sign(c, doc_find(object, "anew_signers"), &s->anew_signers,
		&s->principals))
		return false;
	if (s->backup_keep_days == 0)
		s->backup_keep_days = SETTINGS_KEEP_DAYS;
	if (s->email_domain == NULL)
		s->email_domain = TOKEN_DOMAIN;
	if (!default_beside(c, s->store, "keyd.epoch", &s->epoch) ||
	    /* boxes without an epoch's key open nothing */
	    !default_inside(c, s->mirror, "keyd.epoch", &s->epoch_twin) ||
	    !default_beside(c, written_beside(s), "backup.keys", &s->backup_keys))
		return false;
	if (s->origin != NULL)
		return true;
	if ((origin = shape_alloc(c, ORIGIN_MAX + 1)) == NULL)
		return false;
	snprintf(origin, ORIGIN_MAX + 1, "scrim/%s/keyd", s->tenant.s);
	s->origin = origin;
	return true;
}

/* ---- gateways ------------------------------------------------------------------------------- */

#define TIER(t) SHAPE_AT(struct settings_people, tier[t]), .max = SETTINGS_UNLIMITED - 1

static const struct shape_row people_rows[] = {
	{ "T0", shape_count, TIER(0) },
	{ "T1", shape_count, TIER(1) },
	{ "T2", shape_count, TIER(2) },
	{ "T3", shape_count, TIER(3) },
	{ "T4", shape_count, TIER(4) },
	{ "all", shape_count, SHAPE_AT(struct settings_people, all),
	    .max = SETTINGS_UNLIMITED - 1 },
	{ .key = NULL },
};
static const struct shape people = { .what = "ceiling", .rows = people_rows };

/* What is left out is open where nobody's data is, and closed where it is. */
static void begin_gateway(struct shape_ctx *c, void *into)
{
	struct settings_people *p = &((struct settings_gateway *)into)->people_per_day;

	(void)c;
	p->tier[0] = p->tier[1] = p->all = SETTINGS_UNLIMITED;
	((struct settings_gateway *)into)->uid = SETTINGS_NO_UID;
	((struct settings_gateway *)into)->returning_per_day = SETTINGS_RETURNING;
	((struct settings_gateway *)into)->erasures_per_day = SETTINGS_ERASURES;
}

static bool check_gateway(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	(void)into;
	return (doc_find(object, "uid") != NULL) !=
	    (doc_find(object, "cert_spki_sha256") != NULL) ||
	    shape_wrong(c, object,
		"a gateway is known by \"uid\", on this host, or by "
		"\"cert_spki_sha256\", on another");
}

static const char *same_key(const void *a, const void *b)
{
	const struct settings_gateway *x = a, *y = b;

	return x->uid == SETTINGS_NO_UID && y->uid == SETTINGS_NO_UID &&
		memcmp(x->spki, y->spki, sizeof(x->spki)) == 0 ?
	    "cert_spki_sha256" :
	    NULL;
}

#define AT(field) SHAPE_AT(struct settings_gateway, field)

static const struct shape_row gateway_rows[] = {
	{ "node", shape_name, AT(node), .need = true, .once = true },
	{ "uid", shape_count, AT(uid), .max = SETTINGS_NO_UID - 1 },
	{ "cert_spki_sha256", shape_digest, AT(spki) },
	{ "asserts", policy_names_read, AT(asserts), .max = ROLES_MAX },
	{ "people_per_day", shape_object, AT(people_per_day), .shape = &people },
	{ "returning_per_day", shape_count, AT(returning_per_day), .max = SETTINGS_UNLIMITED - 1 },
	{ "erasures_per_day", shape_count, AT(erasures_per_day), .max = SETTINGS_UNLIMITED - 1 },
	{ .key = NULL },
};
#undef AT
static const struct shape gateway = { .what = "gateway",
	.rows = gateway_rows,
	.size = sizeof(struct settings_gateway),
	.begin = begin_gateway,
	.check = check_gateway,
	.twin = same_key };

/* ---- the file --------------------------------------------------------------------------------- */

static const struct shape_row log_rows[] = {
	{ "name", shape_name, .size = sizeof(struct sc_name), .need = true, .once = true },
	{ .key = NULL },
};
static const struct shape log_shape = { .what = "log",
	.rows = log_rows,
	.size = sizeof(struct sc_name) };

static const struct shape_row listen_rows[] = {
	{ "address", shape_text, SHAPE_AT(struct settings_listen, address), .need = true,
	    .max = 255 },
	{ "cert", read_place, SHAPE_AT(struct settings_listen, cert), .need = true,
	    .max = SETTINGS_PATH_MAX - 1 },
	{ "key", read_place, SHAPE_AT(struct settings_listen, key), .need = true,
	    .max = SETTINGS_PATH_MAX - 1 },
	{ .key = NULL },
};
static const struct shape listen_shape = { .what = "listen", .rows = listen_rows };

#define AT(field) SHAPE_AT(struct settings, field)
#define PLACE(field) read_place, AT(field), .need = true, .max = SETTINGS_PATH_MAX - 1
#define OTHER(field) read_place, AT(field), .max = SETTINGS_PATH_MAX - 1

/* with room for the names of what lies in it */
#define MIRROR(field) read_place, AT(field), .max = SETTINGS_PATH_MAX - 32

static const struct shape_row rows[] = {
	{ "$schema", shape_about, SHAPE_HERE },
	{ "tenant", shape_name, AT(tenant), .need = true },
	{ "socket", PLACE(socket) },
	{ "store", PLACE(store) },
	{ "log", PLACE(log) },
	{ "root", read_root, AT(root), .need = true, .max = SETTINGS_PATH_MAX - 1 },
	{ "policy", PLACE(policy) },
	{ "epoch", OTHER(epoch) },
	{ "epoch_twin", OTHER(epoch_twin) },
	{ "mirror", MIRROR(mirror) },
	{ "operator", OTHER(operator_) },
	{ "listen", shape_object, AT(listen), .shape = &listen_shape },
	{ "backup_keys", OTHER(backup_keys) },
	{ "backup_keep_days", shape_count, AT(backup_keep_days), .min = 1, .max = 3650 },
	{ "erasure_grace_hours", shape_count, AT(erasure_grace_hours),
	    .max = SETTINGS_GRACE_HOURS },
	{ "origin", shape_text, AT(origin), .max = ORIGIN_MAX },
	{ "logs", shape_list, SHAPE_LIST(struct settings, logs, n_logs), .shape = &log_shape,
	    .max = SETTINGS_LOGS_MAX },
	{ "principals", policy_principals_read, AT(principals), .need = true,
	    .shape = &policy_principal_shape },
	{ "gateways", shape_list, SHAPE_LIST(struct settings, gateways, n_gateways), .need = true,
	    .shape = &gateway, .min = 1, .max = SETTINGS_GATEWAYS_MAX },
	{ "anew_signers", policy_names_read, AT(anew_signers), .min = 1, .max = ROLES_MAX },
	{ "email_domain", read_domain, AT(email_domain), .max = TOKEN_DOMAIN_MAX },
	{ "demo", shape_bool, AT(demo) },
	{ .key = NULL },
};
const struct shape settings_shape = { .what = "file", .rows = rows, .check = check };

enum sc_err settings_load(const char *path, struct sc_diags *all, struct settings *out)
{
	struct shape_ctx c = { .arena = &out->arena, .all = all };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = shape_load_file(&c, path, &settings_shape, out)) != SC_OK)
		settings_fini(out);
	return err;
}

const struct settings_gateway *settings_far_gateway(const struct settings *s,
    const uint8_t spki[static 32])
{
	for (size_t i = 0; i < s->n_gateways; i++)
		if (s->gateways[i].uid == SETTINGS_NO_UID &&
		    memcmp(s->gateways[i].spki, spki, sizeof(s->gateways[i].spki)) == 0)
			return &s->gateways[i];
	return NULL;
}

void settings_fini(struct settings *s)
{
	sc_arena_fini(&s->arena);
	memset(s, 0, sizeof(*s));
}
