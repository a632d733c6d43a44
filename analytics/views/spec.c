/*
 * spec.c - the file of datasets, as rows of keys.
 */
#include "analytics/views/spec.h"

#include "analytics/views/spec_private.h"

#include <string.h>

const char *const view_profile_names[] = { [RECODE_FAST] = "fast",
	[RECODE_STANDARD] = "standard",
	[RECODE_QUALITY] = "quality",
	NULL };
static const struct shape_words profiles = { "profile", .list = view_profile_names };

static const char *const from_names[] = { [VIEW_CSV] = "csv", [VIEW_FEATURES] = "features", NULL };
static const struct shape_words froms = { "source", .list = from_names };

static const char *const separator_names[] = { "", "comma", "semicolon", "tab", NULL };
static const struct shape_words separators = { "separator", .list = separator_names };

static bool read_separator(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	unsigned i;

	if (!shape_find_word(c, node, &i))
		return false;
	*(char *)field = "\0,;\t"[i];
	return true;
}

static void begin_spec(struct shape_ctx *c, void *into)
{
	struct view_spec *s = into;

	(void)c;
	s->profile = RECODE_STANDARD;
	s->suppression_ppm = RELEASE_PPM / 100;
}

static bool has_quasi(struct shape_ctx *c, const struct doc_node *object, const struct view_spec *s)
{
	size_t n[VIEW_DROP + 1] = { 0 };

	for (size_t i = 0; i < s->n_columns; i++)
		n[s->columns[i].is]++;
	if (n[VIEW_QUASI] < 1 || n[VIEW_QUASI] > RELEASE_COLUMNS_MAX)
		return shape_wrong(c, object,
		    "a dataset has 1 to %d columns that are \"quasi\": what others may know "
		    "of a person",
		    RELEASE_COLUMNS_MAX);
	if (n[VIEW_SENSITIVE] > RELEASE_SENSITIVE_MAX)
		return shape_wrong(c, object, "a dataset has at most %d sensitive columns",
		    RELEASE_SENSITIVE_MAX);
	if (n[VIEW_QUASI] + n[VIEW_SENSITIVE] + n[VIEW_PLAIN] > SHELF_COLUMNS_MAX)
		return shape_wrong(c, object, "at most %d columns can be published",
		    SHELF_COLUMNS_MAX);
	return true;
}

static bool check_spec(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	struct view_spec *s = into;

	if (s->title_zh == NULL)
		s->title_zh = s->title;
	if (s->population == NULL)
		s->population = s->name;
	if (s->from == VIEW_FEATURES && (s->person != NULL || s->separator != '\0'))
		return shape_wrong(c, object,
		    "\"person\" and \"separator\" are of a CSV file: features are a row a person");
	for (size_t i = 0; s->person != NULL && i < s->n_columns; i++)
		if (s->columns[i].is != VIEW_DROP && strcmp(s->columns[i].source, s->person) == 0)
			return shape_wrong(c, object,
			    "\"%.60s\" says whose a row is: it cannot be published as well",
			    s->person);
	return has_quasi(c, object, s);
}

#define AT(field) SHAPE_AT(struct view_spec, field)
#define TEXT(field, most) shape_text, AT(field), .max = (most)

static const struct shape_row spec_rows[] = {
	{ "name", view_read_table, AT(name), .need = true, .once = true },
	{ "title", TEXT(title, VIEW_TEXT_MAX), .need = true },
	{ "title_zh", TEXT(title_zh, VIEW_TEXT_MAX) },
	{ "from", shape_word, AT(from), .need = true, .words = &froms },
	{ "separator", read_separator, AT(separator), .words = &separators },
	{ "person", TEXT(person, VIEW_TEXT_MAX) },
	{ "population", view_read_table, AT(population) },
	{ "k", shape_count, AT(k), .usual = 10, .min = 2, .max = 100000 },
	{ "profile", shape_word, AT(profile), .words = &profiles },
	{ "suppression", view_read_share, AT(suppression_ppm), .max = RELEASE_PPM / 2 },
	{ "m", shape_count, AT(m), .usual = 2, .min = 1, .max = 100 },
	{ "columns", shape_list, SHAPE_LIST(struct view_spec, columns, n_columns),
	    .shape = &view_column_shape, .min = 1, .max = VIEW_COLUMNS_MAX, .need = true },
	{ .key = NULL },
};
static const struct shape spec_shape = { "dataset", spec_rows, sizeof(struct view_spec),
	.begin = begin_spec, .check = check_spec };

static const struct shape_row rows[] = {
	{ "$schema", shape_about, SHAPE_HERE },
	{ "datasets", shape_list, SHAPE_LIST(struct view_specs, v, n), .shape = &spec_shape,
	    .min = 1, .max = VIEW_DATASETS_MAX, .need = true },
	{ .key = NULL },
};
const struct shape view_specs_shape = { .what = "file", .rows = rows };

enum sc_err view_specs_load(const char *path, struct sc_diags *all, struct view_specs *out)
{
	struct shape_ctx c = { .arena = &out->arena, .all = all };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = shape_load_file(&c, path, &view_specs_shape, out)) != SC_OK)
		view_specs_fini(out);
	return err;
}

void view_specs_fini(struct view_specs *s)
{
	sc_arena_fini(&s->arena);
	memset(s, 0, sizeof(*s));
}

const struct view_spec *view_specs_find(const struct view_specs *s, const char *name)
{
	if (name == NULL)
		return s->n == 1 ? &s->v[0] : NULL;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	return NULL;
}

struct recode_rule view_rule_usual(size_t n_values)
{
	return (struct recode_rule){ .distinct = n_values <= 2 ? 2 : 3, .closeness_ppm = 300000 };
}
