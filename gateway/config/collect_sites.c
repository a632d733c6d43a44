/*
 * collect_sites.c - where events come from: pages and apps by a key that is
 * public, back ends as one of the principals.
 */
#include "gateway/config/collect.h"

#include <string.h>

#define KEY_MIN 8
#define KEY_MAX 64
#define ORIGINS_MAX 64
#define ORIGIN_MAX 256
#define ZONE_MAX 64

/* ---- readers -------------------------------------------------------------------------- */

/* It stands in pages and in headers, before a colon. */
static bool read_write_key(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char **key = field;

	if (!shape_text(c, node, key))
		return false;
	return strspn(*key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
	    strlen(*key) ||
	    shape_must(c, node, "be letters, digits, '_' and '-'");
}

/* As browsers send it: no path, no slash behind it, in small letters. */
static bool read_origin(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char *const *origin = field;

	if (!config_read_public_url(c, node, field))
		return false;
	for (const char *s = *origin; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			return shape_must(c, node,
			    "be in small letters, as browsers send it: https://shop.example");
	return true;
}

static bool read_origins(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row row = { .key = "an origin", .read = read_origin, .max = ORIGIN_MAX };
	struct collect_site *site = field;
	const char **v;
	bool ok = true;

	if (node->kind != DOC_LIST || node->n == 0 || node->n > ORIGINS_MAX)
		return shape_must(c, node,
		    "be a list of 1 to %d origins, such as [\"https://shop.example\"]",
		    ORIGINS_MAX);
	if ((v = shape_alloc(c, node->n * sizeof(*v))) == NULL)
		return false;
	site->origins = v;
	for (const struct doc_node *e = node->first; e != NULL; e = e->next)
		ok &= shape_read(c, &row, e, &v[site->n_origins++]);
	return ok;
}

static bool read_zone(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct sc_diag d = { .line = 0 };
	const char *name;
	enum sc_err err;

	if (!shape_text(c, node, &name))
		return false;
	err = zone_load(name, &d, field);
	if (err == SC_NOMEM)
		c->err = err;
	return err == SC_OK || shape_wrong(c, node, "%.200s", d.text);
}

static bool read_principal(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct config *config = c->arg;
	const struct sc_name *name = field;

	if (!shape_name(c, node, field))
		return false;
	return policy_principal_named(config->principals.v, config->principals.n, name) != NULL ||
	    shape_wrong(c, node, "there is no principal %s", name->s);
}

/* ---- a site by itself -------------------------------------------------------------------- */

static bool check_site(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct collect_site *s = into;
	const struct doc_node *origins = doc_find(object, "origins");
	const struct doc_node *app = doc_find(object, "app");
	bool page = s->write_key != NULL;

	if (page == (s->principal.s[0] != '\0'))
		return shape_wrong(c, object,
		    "a site has either \"write_key\", as pages and apps do, or \"principal\", "
		    "as back ends do");
	if (!page && origins != NULL)
		return shape_wrong(c, origins, "\"origins\" are of pages: a back end has none");
	if (!page && app != NULL)
		return shape_wrong(c, app, "\"app\" is of a site with a \"write_key\"");
	return !page || s->app || origins != NULL ||
	    shape_wrong(c, object,
		"pages need \"origins\": without them any page could send events with their key "
		"(an app's key says \"app\": true)");
}

/* Whoever sends must be known by what they show. */
static const char *same_sender(const void *a, const void *b)
{
	const struct collect_site *x = a, *y = b;

	if (x->write_key != NULL && y->write_key != NULL)
		return strcmp(x->write_key, y->write_key) == 0 ? "write_key" : NULL;
	return x->write_key == NULL && y->write_key == NULL &&
		strcmp(x->principal.s, y->principal.s) == 0 ?
	    "principal" :
	    NULL;
}

static const char *kind_name(const void *arg, unsigned i)
{
	(void)arg;
	return feed_kind_names[i];
}
const struct shape_words config_kinds = { "kind of event", .name = kind_name };

#define AT(field) SHAPE_AT(struct collect_site, field)
static const struct shape_row rows[] = {
	{ "name", shape_name, AT(name), .need = true, .once = true },
	{ "write_key", read_write_key, AT(write_key), .min = KEY_MIN, .max = KEY_MAX },
	{ "principal", read_principal, AT(principal) },
	{ "origins", read_origins, SHAPE_HERE },
	{ "events", shape_set, AT(kinds), .need = true, .words = &config_kinds },
	{ "per_minute", shape_count, AT(per_minute), .usual = 60000, .min = 1, .max = 100000000 },
	{ "zone", read_zone, AT(zone), .need = true, .max = ZONE_MAX },
	{ "app", shape_bool, AT(app) },
	{ .key = NULL },
};
const struct shape config_site_shape = { "site", rows, sizeof(struct collect_site),
	.check = check_site, .twin = same_sender };

/* ---- by name ------------------------------------------------------------------------------- */

static const char *site_name(const void *config, unsigned i)
{
	const struct collect_settings *s = ((const struct config *)config)->collect;

	return i == 0 ? "" : i <= s->n_sites ? s->sites[i - 1].name.s : NULL;
}
static const struct shape_words sites = { "site", .name = site_name };

bool config_read_site(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct shape_row row = *c->row;

	row.read = shape_word;
	row.words = &sites;
	return shape_read(c, &row, node, field);
}
