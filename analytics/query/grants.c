/*
 * grants.c - reading grants.json, and asking it.
 */
#include "analytics/query/grants.h"

#include "base/text/shape.h"
#include "policy/lang/window.h"

#include <string.h>

static bool read_dataset(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct query_grant *g = field;

	g->every = node->kind == DOC_TEXT && strcmp(node->text, "*") == 0;
	return g->every || shape_name(c, node, &g->dataset);
}

static bool read_purposes(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct query_grant *g = field;

	if (node->kind != DOC_LIST || node->n == 0 || node->n > GRANT_PURPOSES_MAX)
		return shape_must(c, node, "be a list of 1 to %d names of purposes",
		    GRANT_PURPOSES_MAX);
	if ((g->purposes = shape_alloc(c, node->n * sizeof(*g->purposes))) == NULL)
		return false;
	for (const struct doc_node *p = node->first; p != NULL; p = p->next)
		if (!shape_name(c, p, &g->purposes[g->n_purposes++]))
			return false;
	return true;
}

static bool read_until(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct query_grant *g = field;

	if (node->kind != DOC_TEXT || !lang_time_parse(sc_span_str(node->text), &g->until_ms))
		return shape_must(c, node, "be a moment such as \"2027-01-01T00:00:00Z\"");
	g->until = node->text;
	return true;
}

#define AT(field) SHAPE_AT(struct query_grant, field)
static const struct shape_row grant_rows[] = {
	{ "principal", shape_name, AT(principal), .need = true },
	{ "role", shape_name, AT(role), .need = true },
	{ "key_sha256", shape_digest, AT(key), .need = true },
	{ "dataset", read_dataset, SHAPE_HERE, .need = true },
	{ "purposes", read_purposes, SHAPE_HERE, .need = true },
	{ "until", read_until, SHAPE_HERE, .need = true },
	{ .key = NULL },
};
static const struct shape grant_shape = { .what = "grant",
	.rows = grant_rows,
	.size = sizeof(struct query_grant) };

static bool same_name(const struct sc_name *a, const struct sc_name *b)
{
	return strcmp(a->s, b->s) == 0;
}

/* A key is one person's, in one role: the record of a question says which. */
static bool check_all(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct query_grants *g = into;

	for (size_t i = 0; i < g->n; i++) {
		const struct query_grant *first = query_grants_whose(g, g->v[i].key);

		if (!same_name(&first->principal, &g->v[i].principal) ||
		    !same_name(&first->role, &g->v[i].role))
			return shape_wrong(c, object,
			    "one key is of \"%s\" (%s) and of \"%s\" (%s): give each one of "
			    "its own",
			    first->principal.s, first->role.s, g->v[i].principal.s, g->v[i].role.s);
	}
	return true;
}

static const struct shape_row rows[] = {
	{ "$schema", shape_about, SHAPE_HERE },
	{ "grants", shape_list, SHAPE_LIST(struct query_grants, v, n), .need = true,
	    .shape = &grant_shape, .max = GRANTS_MAX },
	{ .key = NULL },
};
const struct shape query_grants_shape = { .what = "file", .rows = rows, .check = check_all };

enum sc_err query_grants_load(const char *path, struct sc_diags *all, struct query_grants *out)
{
	struct shape_ctx c = { .arena = &out->arena, .all = all };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = shape_load_file(&c, path, &query_grants_shape, out)) != SC_OK)
		query_grants_fini(out);
	return err;
}

void query_grants_fini(struct query_grants *g)
{
	sc_arena_fini(&g->arena);
	memset(g, 0, sizeof(*g));
}

const struct query_grant *query_grants_whose(const struct query_grants *g,
    const uint8_t key[static GRANT_KEY_BYTES])
{
	for (size_t i = 0; i < g->n; i++)
		if (memcmp(g->v[i].key, key, GRANT_KEY_BYTES) == 0)
			return &g->v[i];
	return NULL;
}

/* Does row R give DATASET at that moment? */
static bool gives(const struct query_grant *r, const char *dataset, uint64_t now_ms)
{
	return now_ms < r->until_ms && (r->every || strcmp(r->dataset.s, dataset) == 0);
}

static bool is_among(const struct sc_name *name, const struct sc_name **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (same_name(v[i], name))
			return true;
	return false;
}

size_t query_grants_purposes(const struct query_grants *g,
    const uint8_t key[static GRANT_KEY_BYTES], const char *dataset, uint64_t now_ms,
    const struct sc_name **out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct query_grant *r = &g->v[i];

		if (memcmp(r->key, key, GRANT_KEY_BYTES) != 0 || !gives(r, dataset, now_ms))
			continue;
		for (size_t p = 0; p < r->n_purposes && n < max; p++)
			if (!is_among(&r->purposes[p], out, n))
				out[n++] = &r->purposes[p];
	}
	return n;
}
