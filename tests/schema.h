/*
 * schema.h - a JSON schema of docs/ held against the rows of a shape, both ways:
 * the same keys, the same that are needed, the same ranges, words and usual
 * values, all the way down. What the schema says beyond that is for people.
 */
#ifndef TESTS_SCHEMA_H
#define TESTS_SCHEMA_H

#include "base/text/shape.h"
#include "tap.h"

static const struct doc_node *schema_root;

static void schema_wrong(const char *where, const char *key, const char *what)
{
	printf("# %s.%s: %s\n", where, key, what);
	tap_ok = false;
}

/* NODE, or what its "$ref" of the form "#/a/b" leads to. */
static const struct doc_node *schema_deref(const struct doc_node *node)
{
	const char *ref = doc_find_text(node, "$ref");
	char name[64];
	int n;

	if (ref == NULL)
		return node;
	for (node = schema_root; sscanf(ref, "%*[#/]%63[^/]%n", name, &n) == 1; ref += n)
		node = doc_find(node, name);
	return node;
}

/* The part of NODE that has the member WANTED: itself, an alternative, what a list or map holds. */
static const struct doc_node *schema_part(const struct doc_node *node, const char *wanted)
{
	static const char *const inside[] = { "items", "additionalProperties", "anyOf" };
	const struct doc_node *found;

	if ((node = schema_deref(node)) == NULL || doc_find(node, wanted) != NULL)
		return node;
	for (size_t i = 0; i < 3; i++) {
		const struct doc_node *in = doc_find(node, inside[i]);

		if (in == NULL || in->kind == DOC_BOOL)
			continue;
		for (in = in->kind == DOC_LIST ? in->first : in; in != NULL; in = in->next) {
			if ((found = schema_part(in, wanted)) != NULL &&
			    doc_find(found, wanted) != NULL)
				return found;
			if (doc_find(node, "anyOf") == NULL)
				break;
		}
	}
	return NULL;
}

static bool schema_lists(const struct doc_node *list, const char *word)
{
	for (const struct doc_node *e = list == NULL ? NULL : list->first; e != NULL; e = e->next)
		if (e->kind == DOC_TEXT && strcmp(e->text, word) == 0)
			return true;
	return false;
}

/* A number, a yes as 1, or text such as "10s" or "15d" in milliseconds or "8MiB" in bytes. */
static uint64_t schema_number(const struct doc_node *node)
{
	char unit[4] = "";
	unsigned long long v = 0;

	if (node->kind == DOC_BOOL)
		return node->yes;
	sscanf(node->text, "%llu%3s", &v, unit);
	return v *
	    (strcmp(unit, "s") == 0          ? 1000 :
		    strcmp(unit, "m") == 0   ? 60000 :
		    strcmp(unit, "h") == 0   ? 3600000 :
		    strcmp(unit, "d") == 0   ? 86400000 :
		    strcmp(unit, "MiB") == 0 ? 1 << 20 :
					       1);
}

static void schema_bound(const char *where, const struct shape_row *row,
    const struct doc_node *schema, const char *name, uint64_t bound)
{
	const struct doc_node *has = schema_part(schema, name);

	has = has == NULL ? NULL : doc_find(has, name);
	if (has == NULL ? bound != 0 : schema_number(has) != bound)
		schema_wrong(where, row->key, name);
}

/* The words of ROW are those of the schema, which need not list what a file's own names are. */
static void schema_words(const char *where, const struct shape_row *row,
    const struct doc_node *schema)
{
	const struct shape_words *words = row->words;
	const struct doc_node *has = schema_part(schema, "enum");
	const char *w;
	size_t n = 0;

	has = has == NULL ? NULL : doc_find(has, "enum");
	if (has == NULL && words->list == NULL)
		return;
	for (unsigned i = 0;
	     (w = words->list != NULL ? words->list[i] : words->name(NULL, i)) != NULL; i++) {
		n += *w != '\0';
		if (*w != '\0' && !schema_lists(has, w))
			schema_wrong(where, row->key, w);
	}
	if (has == NULL || has->n != n)
		schema_wrong(where, row->key, "has other words in the schema");
}

static void schema_check(const char *where, const struct shape *shape,
    const struct doc_node *schema);

static void schema_row(const char *where, const struct shape_row *row,
    const struct doc_node *schema)
{
	const struct doc_node *usual = doc_find(schema, "default");
	char below[256];

	if (row->read == shape_count || row->read == shape_bytes) {
		schema_bound(where, row, schema, "minimum",
		    row->read == shape_count ? row->min : 1);
		schema_bound(where, row, schema, "maximum", row->max);
	}
	if (row->usual != 0 && usual != NULL &&
	    schema_number(usual) != row->usual * (row->read == shape_seconds ? 1000 : 1))
		schema_wrong(where, row->key, "default");
	if (row->usual != 0 && row->read != shape_word && usual == NULL)
		schema_wrong(where, row->key, "the schema tells no default");
	if (row->words != NULL)
		schema_words(where, row, schema);
	if (row->shape == NULL) {
		if (schema_part(schema, "properties") != NULL)
			schema_wrong(where, row->key, "is an object in the schema");
		return;
	}
	if (row->count_at != 0) {
		schema_bound(where, row, schema, "minItems", row->min);
		schema_bound(where, row, schema, "maxItems", row->max);
	}
	snprintf(below, sizeof(below), "%s.%s", where, row->key);
	schema_check(below, row->shape, schema_part(schema, "properties"));
}

static void schema_check(const char *where, const struct shape *shape,
    const struct doc_node *schema)
{
	const struct doc_node *keys = schema == NULL ? NULL : doc_find(schema, "properties");
	const struct doc_node *required = schema == NULL ? NULL : doc_find(schema, "required");
	const struct doc_node *closed = schema == NULL ? NULL :
							 doc_find(schema, "additionalProperties");
	size_t n = 0, n_required = 0;

	if (keys == NULL || closed == NULL || closed->kind != DOC_BOOL || closed->yes) {
		schema_wrong(where, "", "is no closed object in the schema");
		return;
	}
	for (const struct shape_row *row = shape->rows; row->key != NULL; row++, n++) {
		const struct doc_node *one = doc_find(keys, row->key);

		if (one == NULL)
			schema_wrong(where, row->key, "is not in the schema");
		else
			schema_row(where, row, one);
		if (schema_lists(required, row->key) != row->need)
			schema_wrong(where, row->key, "is needed in one of the two only");
		n_required += row->need;
	}
	if (keys->n != n)
		schema_wrong(where, "", "has keys in the schema that no row reads");
	if (required != NULL && required->n != n_required)
		schema_wrong(where, "", "has needed keys in the schema that are no rows");
}

/* The schema in the file at PATH and the rows of SHAPE say the same. */
static inline void schema_agrees(const char *path, const struct shape *shape)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diag d;
	struct doc doc;

	NEED(doc_load_file(&arena, path, &d, &doc) == SC_OK);
	schema_root = doc.root;
	schema_check("$", shape, doc.root);
	sc_arena_fini(&arena);
}

#endif
