/*
 * subject.c - where a route's documents say whose they are: one place, a list of them, or
 * either with what becomes of a document that says it nowhere.
 */
#include "gateway/config/sections.h"

#include <string.h>

/* The name behind PREFIX in TEXT, of characters that are spelled in one way only; NULL: none. */
static const char *name_behind(const char *text, const char *prefix)
{
	const char *name = text + strlen(prefix);

	if (strncmp(text, prefix, strlen(prefix)) != 0 || *name == '\0')
		return NULL;
	for (const char *s = name; *s != '\0'; s++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.",
			*s) == NULL)
			return NULL;
	return name;
}

static bool read_place(struct shape_ctx *c, const struct doc_node *node, struct subject_place *p)
{
	static const struct {
		const char *prefix;
		enum subject_where where;
	} ways[] = { { "path.", SUBJECT_PATH }, { "query.", SUBJECT_QUERY },
		{ "header.", SUBJECT_HEADER } };

	if (!shape_text(c, node, &p->name))
		return false;
	p->where = SUBJECT_BODY;
	if (p->name[0] == '$')
		return config_check_point(c, node, "subject", "the person's id", "$.buyer.id");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const char *name = name_behind(p->name, ways[i].prefix);

		if (name == NULL)
			continue;
		p->where = ways[i].where;
		p->name = name;
		return true;
	}
	return shape_must(c, node,
	    "be a JSONPath into the body that begins with $, such as \"$.buyer.id\", or path.NAME, "
	    "query.NAME or header.NAME, the name being letters, digits, '_', '-' and '.'");
}

/*
 * A place, or {"guest": place}, or {"order": place}. What keyd remembers counts where nobody is
 * named, so places that name somebody stand before.
 */
static bool read_entry(struct shape_ctx *c, const struct doc_node *node, struct subject_places *to)
{
	struct subject_place *p;
	const struct doc_node *guest, *order;

	if (to->n == SUBJECT_PLACES_MAX)
		return shape_wrong(c, node, "a subject has at most %d places", SUBJECT_PLACES_MAX);
	p = &to->v[to->n++];
	guest = doc_find(node, "guest");
	order = doc_find(node, "order");
	if (to->orders && guest == NULL)
		return shape_wrong(c, node,
		    "behind {\"order\": PLACE} of a subject nothing stands but {\"guest\": PLACE}");
	if (node->kind != DOC_OBJECT)
		return read_place(c, node, p);
	if ((guest == NULL && order == NULL) || node->n != 1)
		return shape_must(c, node,
		    "be a place, or {\"guest\": PLACE} or {\"order\": PLACE} with where the "
		    "order's id stands");
	p->guest = guest != NULL;
	p->order = order != NULL;
	to->orders |= p->order;
	return read_place(c, order != NULL ? order : guest, p);
}

static bool read_from(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct subject_places *to = field;
	bool ok = true;

	if (node->kind != DOC_LIST)
		return read_entry(c, node, to);
	if (node->n == 0)
		return shape_must(c, node, "name a place");
	for (const struct doc_node *e = node->first; e != NULL; e = e->next)
		ok &= read_entry(c, e, to);
	return ok;
}

static const struct shape_row rows[] = {
	{ "from", read_from, SHAPE_HERE, .need = true, .max = CONFIG_PATH_MAX },
	{ "required", shape_bool, SHAPE_AT(struct subject_places, required) },
	{ .key = NULL },
};
const struct shape config_subject_shape = { .what = "section", .rows = rows };

bool config_read_subject(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind == DOC_OBJECT)
		return shape_fill(c, &config_subject_shape, node, field);
	return read_from(c, node, field);
}
