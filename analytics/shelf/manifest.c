/*
 * manifest.c - the manifest as JSON: always the same bytes for the same release, read back
 * by rows of keys.
 *
 *	{"version":1,"tenant":"shop","dataset":"portrait","kind":"view","number":3,
 *	"from":"2026-11-16","to":"2026-11-22","made_ms":1764000000000,"title":"...",
 *	"title_zh":"...","k":10,"suppression_ppm":10000,"rules":[{"column":"spent",
 *	"distinct":2,"entropy_milli":0,"closeness_ppm":300000,"share_ppm":0,"ordered":true}],
 *	"profile":"standard","checked":true,"seed":"<hex>","previous":"<hex>",
 *	"tables":[{"name":"people","means":"...","means_zh":"...","rows":48211,"columns":[
 *	{"name":"age","type":"text","role":"quasi","unit":"","means":"...","means_zh":"..."}]}],
 *	"files":[{"name":"release.db","sha256":"<hex>","bytes":4096}]}
 */
#include "analytics/shelf/manifest.h"

#include "analytics/shelf/names.h"
#include "analytics/shelf/shelf.h"
#include "base/civil.h"
#include "base/text/jsonw.h"
#include "base/text/shape.h"

#include <string.h>

#define SENTENCE_MAX 1000
#define UNIT_MAX 60
#define PPM 1000000

/* ---- printing ----------------------------------------------------------------------- */

static void put_rule(struct jsonw *w, const struct shelf_rule *r)
{
	jsonw_object(w);
	jsonw_kstr(w, "column", r->column);
	jsonw_ku64(w, "distinct", r->distinct);
	jsonw_ku64(w, "entropy_milli", r->entropy_milli);
	jsonw_ku64(w, "closeness_ppm", r->closeness_ppm);
	jsonw_ku64(w, "share_ppm", r->share_ppm);
	jsonw_key(w, "ordered");
	jsonw_bool(w, r->ordered);
	jsonw_object_end(w);
}

static void put_column(struct jsonw *w, const struct shelf_column *c)
{
	jsonw_object(w);
	jsonw_kstr(w, "name", c->name);
	jsonw_kstr(w, "type", shelf_type_name(c->type));
	jsonw_kstr(w, "role", shelf_role_name(c->role));
	jsonw_kstr(w, "unit", c->unit);
	jsonw_kstr(w, "means", c->means);
	jsonw_kstr(w, "means_zh", c->means_zh);
	jsonw_object_end(w);
}

static void put_table(struct jsonw *w, const struct shelf_table *t)
{
	jsonw_object(w);
	jsonw_kstr(w, "name", t->name);
	jsonw_kstr(w, "means", t->means);
	jsonw_kstr(w, "means_zh", t->means_zh);
	jsonw_ku64(w, "rows", t->rows);
	jsonw_key(w, "columns");
	jsonw_array(w);
	for (size_t i = 0; i < t->n_columns; i++)
		put_column(w, &t->columns[i]);
	jsonw_array_end(w);
	jsonw_object_end(w);
}

static void put_digest(struct jsonw *w, const char *key, const uint8_t *sha256)
{
	jsonw_key(w, key);
	jsonw_hex(w, sha256, SHELF_SHA_BYTES);
}

static void put_file(struct jsonw *w, const struct shelf_file *f)
{
	jsonw_object(w);
	jsonw_kstr(w, "name", f->name);
	put_digest(w, "sha256", f->sha256);
	jsonw_ku64(w, "bytes", f->bytes);
	jsonw_object_end(w);
}

static void put_lists(struct jsonw *w, const struct shelf_manifest *m)
{
	jsonw_key(w, "tables");
	jsonw_array(w);
	for (size_t i = 0; i < m->n_tables; i++)
		put_table(w, &m->tables[i]);
	jsonw_array_end(w);
	jsonw_key(w, "files");
	jsonw_array(w);
	for (size_t i = 0; i < m->n_files; i++)
		put_file(w, &m->files[i]);
	jsonw_array_end(w);
}

static void put_rules(struct jsonw *w, const struct shelf_manifest *m)
{
	jsonw_ku64(w, "k", m->k);
	jsonw_ku64(w, "suppression_ppm", m->suppression_ppm);
	jsonw_key(w, "rules");
	jsonw_array(w);
	for (size_t i = 0; i < m->n_rules; i++)
		put_rule(w, &m->rules[i]);
	jsonw_array_end(w);
}

static void put_what(struct jsonw *w, const struct shelf_manifest *m)
{
	jsonw_ku64(w, "version", SHELF_VERSION);
	jsonw_kstr(w, "tenant", m->tenant.s);
	jsonw_kstr(w, "dataset", m->dataset.s);
	jsonw_kstr(w, "kind", shelf_kind_name(m->kind));
	jsonw_ku64(w, "number", m->number);
	jsonw_kstr(w, "from", m->from);
	jsonw_kstr(w, "to", m->to);
	jsonw_ku64(w, "made_ms", m->made_ms);
	jsonw_kstr(w, "title", m->title);
	jsonw_kstr(w, "title_zh", m->title_zh);
}

enum sc_err shelf_manifest_print(const struct shelf_manifest *m, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	put_what(&w, m);
	put_rules(&w, m);
	jsonw_kstr(&w, "profile", m->profile);
	jsonw_key(&w, "checked");
	jsonw_bool(&w, m->checked);
	put_digest(&w, "seed", m->seed);
	put_digest(&w, "previous", m->previous);
	put_lists(&w, m);
	jsonw_object_end(&w);
	return w.err == SC_OK ? sc_buf_put_str(out, "\n") : w.err;
}

/* ---- reading ------------------------------------------------------------------------ */

/* As it is filled: lists have a place of their own before they go into the manifest's arrays. */
struct manifest_shape {
	uint8_t version;
	struct shelf_manifest m;
	struct shelf_rule *rules;
	struct shelf_table *tables;
	struct shelf_file *files;
};

/* Text that may be empty, at most MAX bytes. */
static bool read_text(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind != DOC_TEXT || node->text[0] != '\0')
		return shape_text(c, node, field);
	memcpy(field, &node->text, sizeof(node->text));
	return true;
}

static bool read_checked_word(struct shape_ctx *c, const struct doc_node *node, void *field,
    bool (*ok)(const char *), const char *what)
{
	return shape_about(c, node, field) &&
	    (ok(node->text) || shape_must(c, node, "be a name of %s", what)) &&
	    shape_text(c, node, field);
}

static bool read_table(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_checked_word(c, node, field, shelf_table_ok, "a table: [a-z][a-z0-9_]*");
}

static bool read_column(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_checked_word(c, node, field, shelf_column_ok, "a column: [a-z][a-z0-9_]*");
}

static bool read_file(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_checked_word(c, node, field, shelf_file_ok, "a file of a release");
}

static bool read_dataset(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return shape_name(c, node, field) &&
	    (shelf_dataset_ok(((struct sc_name *)field)->s) ||
		shape_must(c, node, "not begin with '.' or '-'"));
}

static bool is_day(const char *s)
{
	static const char like[] = "dddd-dd-dd";
	unsigned v[3] = { 0 };

	if (strlen(s) != sizeof(like) - 1)
		return false;
	for (size_t i = 0, part = 0; s[i] != '\0'; i++) {
		if ((like[i] == '-') != (s[i] == '-') ||
		    (like[i] == 'd' && (s[i] < '0' || s[i] > '9')))
			return false;
		if (s[i] == '-')
			part++;
		else
			v[part] = v[part] * 10 + (unsigned)(s[i] - '0');
	}
	return v[1] >= 1 && v[1] <= 12 && v[2] >= 1 &&
	    v[2] <= civil_month_days(v[0], (uint8_t)v[1]);
}

static bool read_day(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_text(c, node, field) &&
	    (node->text[0] == '\0' || is_day(node->text) ||
		shape_must(c, node, "be a day such as \"2026-11-16\", or \"\""));
}

static const char *name_of_kind(const void *arg, unsigned i)
{
	(void)arg;
	return shelf_kind_name(i);
}

static const char *name_of_type(const void *arg, unsigned i)
{
	(void)arg;
	return shelf_type_name(i);
}

static const char *name_of_role(const void *arg, unsigned i)
{
	(void)arg;
	return shelf_role_name(i);
}

static const struct shape_words kind_words = { .what = "kind", .name = name_of_kind };
static const struct shape_words type_words = { .what = "type", .name = name_of_type };
static const struct shape_words role_words = { .what = "role", .name = name_of_role };

#define SENTENCE(field) read_text, AT(field), .need = true, .max = SENTENCE_MAX
#define NUMBER(field, most) shape_count, AT(field), .need = true, .max = (most)
#define DIGEST(field) shape_digest, AT(field), .need = true

#define AT(field) SHAPE_AT(struct shelf_rule, field)
static const struct shape_row rule_rows[] = {
	{ "column", read_column, AT(column), .need = true, .once = true, .max = SC_NAME_MAX },
	{ "distinct", NUMBER(distinct, UINT32_MAX) },
	{ "entropy_milli", NUMBER(entropy_milli, UINT32_MAX) },
	{ "closeness_ppm", NUMBER(closeness_ppm, PPM) },
	{ "share_ppm", NUMBER(share_ppm, PPM) },
	{ "ordered", shape_bool, AT(ordered), .need = true },
	{ .key = NULL },
};
#undef AT
static const struct shape rule_shape = { .what = "rule",
	.rows = rule_rows,
	.size = sizeof(struct shelf_rule) };

#define AT(field) SHAPE_AT(struct shelf_column, field)
static const struct shape_row column_rows[] = {
	{ "name", read_column, AT(name), .need = true, .once = true, .max = SC_NAME_MAX },
	{ "type", shape_word, AT(type), .need = true, .words = &type_words },
	{ "role", shape_word, AT(role), .need = true, .words = &role_words },
	{ "unit", read_text, AT(unit), .need = true, .max = UNIT_MAX },
	{ "means", SENTENCE(means) },
	{ "means_zh", SENTENCE(means_zh) },
	{ .key = NULL },
};
#undef AT
static const struct shape column_shape = { .what = "column",
	.rows = column_rows,
	.size = sizeof(struct shelf_column) };

#define AT(field) SHAPE_AT(struct shelf_table, field)
static const struct shape_row table_rows[] = {
	{ "name", read_table, AT(name), .need = true, .once = true, .max = SC_NAME_MAX },
	{ "means", SENTENCE(means) },
	{ "means_zh", SENTENCE(means_zh) },
	{ "rows", NUMBER(rows, INT64_MAX) },
	{ "columns", shape_list, SHAPE_LIST(struct shelf_table, columns, n_columns), .need = true,
	    .shape = &column_shape, .min = 1, .max = SHELF_COLUMNS_MAX },
	{ .key = NULL },
};
#undef AT
static const struct shape table_shape = { .what = "table",
	.rows = table_rows,
	.size = sizeof(struct shelf_table) };

#define AT(field) SHAPE_AT(struct shelf_file, field)
static const struct shape_row file_rows[] = {
	{ "name", read_file, AT(name), .need = true, .once = true, .max = SC_NAME_MAX },
	{ "sha256", DIGEST(sha256) },
	{ "bytes", NUMBER(bytes, INT64_MAX) },
	{ .key = NULL },
};
#undef AT
static const struct shape file_shape = { .what = "file",
	.rows = file_rows,
	.size = sizeof(struct shelf_file) };

#define AT(field) SHAPE_AT(struct manifest_shape, field)
#define LIST(field, count) SHAPE_LIST(struct manifest_shape, field, count)
static const struct shape_row rows[] = {
	{ "version", shape_count, AT(version), .need = true, .min = SHELF_VERSION,
	    .max = SHELF_VERSION },
	{ "tenant", shape_name, AT(m.tenant), .need = true },
	{ "dataset", read_dataset, AT(m.dataset), .need = true },
	{ "kind", shape_word, AT(m.kind), .need = true, .words = &kind_words },
	{ "number", shape_count, AT(m.number), .need = true, .min = 1, .max = SHELF_NUMBER_MAX },
	{ "from", read_day, AT(m.from), .need = true, .max = 10 },
	{ "to", read_day, AT(m.to), .need = true, .max = 10 },
	{ "made_ms", NUMBER(m.made_ms, INT64_MAX) },
	{ "title", SENTENCE(m.title) },
	{ "title_zh", SENTENCE(m.title_zh) },
	{ "k", shape_count, AT(m.k), .need = true, .min = 1, .max = UINT32_MAX },
	{ "suppression_ppm", NUMBER(m.suppression_ppm, PPM) },
	{ "rules", shape_list, LIST(rules, m.n_rules), .need = true, .shape = &rule_shape,
	    .max = SHELF_RULES_MAX },
	{ "profile", shape_text, AT(m.profile), .need = true, .max = SC_NAME_MAX },
	{ "checked", shape_bool, AT(m.checked), .need = true },
	{ "seed", DIGEST(m.seed) },
	{ "previous", DIGEST(m.previous) },
	{ "tables", shape_list, LIST(tables, m.n_tables), .need = true, .shape = &table_shape,
	    .min = 1, .max = SHELF_TABLES_MAX },
	{ "files", shape_list, LIST(files, m.n_files), .need = true, .shape = &file_shape, .min = 1,
	    .max = SHELF_FILES_MAX },
	{ .key = NULL },
};
#undef AT
#undef LIST

static bool has_sensitive(const struct manifest_shape *s, const char *name)
{
	for (size_t i = 0; i < s->m.n_tables; i++)
		for (size_t k = 0; k < s->tables[i].n_columns; k++)
			if (s->tables[i].columns[k].role == SHELF_SENSITIVE &&
			    strcmp(s->tables[i].columns[k].name, name) == 0)
				return true;
	return false;
}

static bool check(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct manifest_shape *s = into;
	bool tables = false;

	for (size_t i = 0; i < s->m.n_files; i++)
		tables = tables || strcmp(s->files[i].name, SHELF_DB) == 0;
	if (!tables)
		return shape_wrong(c, object, "its files must have %s among them", SHELF_DB);
	if ((s->m.from[0] == '\0') != (s->m.to[0] == '\0') || strcmp(s->m.from, s->m.to) > 0)
		return shape_wrong(c, object,
		    "\"from\" and \"to\" must be two days in order, or \"\"");
	for (size_t i = 0; i < s->m.n_rules; i++)
		if (!has_sensitive(s, s->rules[i].column))
			return shape_wrong(c, object, "rule %zu is of no sensitive column", i + 1);
	return true;
}

static const struct shape manifest = { .what = "manifest", .rows = rows, .check = check };

static void take(const struct manifest_shape *s, struct shelf_manifest *out)
{
	*out = s->m;
	out->tables = s->tables;
	if (s->m.n_rules > 0)
		memcpy(out->rules, s->rules, s->m.n_rules * sizeof(*s->rules));
	if (s->m.n_files > 0)
		memcpy(out->files, s->files, s->m.n_files * sizeof(*s->files));
}

enum sc_err shelf_manifest_parse(struct sc_span text, const char *file, struct sc_diag *d,
    struct shelf_manifest *out)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = &arena, .all = &all };
	struct manifest_shape s;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	memset(&s, 0, sizeof(s));
	if (text.n > SHELF_MANIFEST_MAX) {
		sc_diag_set(d, "a manifest has at most %u bytes", SHELF_MANIFEST_MAX);
		return SC_LIMIT;
	}
	if ((err = shape_load(&c, text, file, &manifest, &s)) != SC_OK) {
		if (d != NULL)
			*d = all.v[0];
		sc_arena_fini(&arena);
		return err;
	}
	take(&s, out);
	out->arena = arena;
	return SC_OK;
}

void shelf_manifest_fini(struct shelf_manifest *m)
{
	sc_arena_fini(&m->arena);
	memset(m, 0, sizeof(*m));
}
