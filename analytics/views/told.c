/*
 * told.c - what is told of a release: its report, twice, and its manifest.
 */
#include "analytics/views/make_private.h"

#include "analytics/views/report.h"
#include "base/text/hex.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_MAX (8u << 20) /* bytes */

/* A report and what it points to. */
struct told_report {
	struct view_report r;
	struct view_report_column columns[RELEASE_COLUMNS_MAX];
	struct view_report_sensitive sensitive[RELEASE_SENSITIVE_MAX];
	struct view_report_plain plain[SHELF_COLUMNS_MAX];
	char seed[2 * SHELF_SHA_BYTES + 1];
	struct sc_arena arena;
};

/* ---- columns -------------------------------------------------------------------------- */

static enum sc_err tell_quasi(const struct view_making *m, size_t a, struct told_report *out)
{
	const struct view_column *column = m->rules.columns[a];
	const uint64_t *at_level = m->measures.columns[a].at_level;
	struct sc_buf why;
	enum sc_err err;
	size_t levels = HIERARCHY_LEVELS_MAX;

	while (levels > 1 && at_level[levels - 1] == 0)
		levels--;
	sc_buf_init(&why, 2048);
	if ((err = measure_why_print(&m->measures, a, m->order->spec->k, &why)) == SC_OK)
		out->columns[a] = (struct view_report_column){ .name = column->name,
			.means = column->means,
			.means_zh = column->means_zh,
			.unit = column->unit,
			.kind = (enum view_rule_kind)column->kind,
			.leaves = hierarchy_leaves(m->rules.h[a]),
			.n_levels = levels,
			.why = sc_arena_copy(&out->arena, sc_buf_span(&why)) };
	sc_buf_fini(&why);
	return err == SC_OK && out->columns[a].why == NULL ? SC_NOMEM : err;
}

static enum sc_err tell_sensitive(const struct view_making *m, size_t s, struct told_report *out)
{
	const struct view_column *column = m->rules.columns[m->rules.n_quasi + s];
	const struct release_table *t = &m->rows.table;
	const size_t n = t->labels[s].n;
	uint64_t *rows = sc_arena_alloc(&out->arena, (n + 1) * sizeof(*rows));

	if (rows == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < m->n_from; i++)
		rows[t->values[m->from[i] * m->rules.n_sensitive + s]]++;
	out->sensitive[s] = (struct view_report_sensitive){ .name = column->name,
		.means = column->means,
		.means_zh = column->means_zh,
		.unit = column->unit,
		.wants = m->wants[s],
		.values = t->labels[s].v,
		.rows = rows,
		.n_values = n };
	return SC_OK;
}

/* Classes by how many people they are of: the first bar is k to 2k - 1, and each is twice as wide. */
static void tell_sizes(const struct view_making *m, struct view_report *r)
{
	const uint64_t k = m->order->spec->k;

	for (size_t c = 0; c < m->result->n; c++) {
		const uint64_t people = m->result->classes[c].people;
		size_t bar = 0;

		while (bar + 1 < VIEW_SIZES_MAX && people / k >> (bar + 1) > 0)
			bar++;
		r->n_sizes = bar + 1 > r->n_sizes ? bar + 1 : r->n_sizes;
		r->sizes[bar].classes++;
		r->sizes[bar].people += people;
	}
	for (size_t i = 0; i < r->n_sizes; i++) {
		r->sizes[i].from = k << i;
		r->sizes[i].to = (k << (i + 1)) - 1;
	}
}

/* ---- the report ----------------------------------------------------------------------- */

static void tell_checked(const struct view_making *m, struct view_report *r)
{
	r->checked_rows = m->checked.rows;
	r->checked_classes = m->checked.classes;
	r->checked_min_people = m->checked.min_people;
	memcpy(r->checked_min_distinct, m->checked.min_distinct, sizeof(r->checked_min_distinct));
}

static void tell_whole(const struct view_making *m, struct told_report *out)
{
	const struct view_order *o = m->order;
	const struct view_spec *spec = o->spec;

	out->r = (struct view_report){ .tenant = o->tenant,
		.dataset = spec->name,
		.title = spec->title,
		.title_zh = spec->title_zh,
		.number = o->number,
		.made_ms = o->made_ms,
		.from = o->from,
		.to = o->to,
		.profile = view_profile_names[spec->profile],
		.k = spec->k,
		.suppression_ppm = spec->suppression_ppm,
		.seed = out->seed,
		.measures = m->measures,
		.columns = out->columns,
		.sensitive = out->sensitive,
		.plain = out->plain,
		.n_columns = m->rules.n_quasi,
		.n_sensitive = m->rules.n_sensitive,
		.n_plain = m->rules.n_plain,
		.dropped = m->rules.dropped,
		.has_lineage = o->lineage != NULL,
		.m = spec->m,
		.lineage = m->lineage };
	tell_sizes(m, &out->r);
	tell_checked(m, &out->r);
}

static enum sc_err fill_report(const struct view_making *m, const uint8_t *seed,
    struct told_report *out)
{
	const size_t plain = m->rules.n_quasi + m->rules.n_sensitive;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < SHELF_SHA_BYTES / 8; i++)
		hex_u64(sc_be64_load(seed + 8 * i), out->seed + 16 * i);
	tell_whole(m, out);
	for (size_t a = 0; err == SC_OK && a < m->rules.n_quasi; a++)
		err = tell_quasi(m, a, out);
	for (size_t s = 0; err == SC_OK && s < m->rules.n_sensitive; s++)
		err = tell_sensitive(m, s, out);
	for (size_t p = 0; p < m->rules.n_plain; p++) {
		const struct view_column *column = m->rules.columns[plain + p];

		out->plain[p] = (struct view_report_plain){ column->name, column->means,
			column->means_zh, column->unit };
	}
	return err;
}

typedef enum sc_err told_print_fn(const struct view_report *r, struct sc_buf *out);

static enum sc_err put_report(struct view_making *m, const struct view_report *r,
    told_print_fn *print, const char *name, struct sc_diag *d)
{
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, REPORT_MAX);
	if ((err = print(r, &text)) == SC_OK)
		err = shelf_file(m->writer, name, sc_buf_span(&text), d);
	sc_buf_fini(&text);
	return err;
}

/* ---- the manifest --------------------------------------------------------------------- */

static void tell_rules(const struct view_making *m, struct shelf_manifest *out)
{
	for (size_t s = 0; s < m->rules.n_sensitive; s++)
		out->rules[out->n_rules++] = (struct shelf_rule){
			.column = m->rules.columns[m->rules.n_quasi + s]->name,
			.distinct = m->wants[s].distinct,
			.entropy_milli = m->wants[s].entropy_milli,
			.closeness_ppm = m->wants[s].closeness_ppm,
			.share_ppm = m->wants[s].share_ppm,
			.ordered = m->wants[s].ordered,
		};
}

static enum sc_err finish(struct view_making *m, const uint8_t *seed, struct sc_diag *d)
{
	const struct view_order *o = m->order;
	struct shelf_writer *writer = m->writer;
	struct shelf_manifest manifest = { .kind = SHELF_VIEW,
		.number = o->number,
		.from = o->from,
		.to = o->to,
		.made_ms = o->made_ms,
		.title = o->spec->title,
		.title_zh = o->spec->title_zh,
		.k = o->spec->k,
		.suppression_ppm = o->spec->suppression_ppm,
		.profile = view_profile_names[o->spec->profile],
		.checked = true };
	enum sc_err err;

	if ((err = sc_name_parse(sc_span_str(o->tenant), &manifest.tenant)) != SC_OK ||
	    (err = sc_name_parse(sc_span_str(o->spec->name), &manifest.dataset)) != SC_OK)
		return err;
	memcpy(manifest.seed, seed, sizeof(manifest.seed));
	memcpy(manifest.previous, o->previous, sizeof(manifest.previous));
	tell_rules(m, &manifest);
	m->writer = NULL;
	err = shelf_finish(writer, &manifest, d, m->sha256);
	shelf_manifest_fini(&manifest);
	return err;
}

enum sc_err view_tell(struct view_making *m, struct sc_diag *d)
{
	struct told_report *report = calloc(1, sizeof(*report));
	uint8_t seed[SHELF_SHA_BYTES];
	enum sc_err err = report == NULL ? SC_NOMEM : SC_OK;

	crypto_hash_sha256(seed, m->order->key, sizeof(m->order->key));
	if (err == SC_OK && (err = fill_report(m, seed, report)) == SC_OK &&
	    (err = put_report(m, &report->r, view_report_json, "report.json", d)) == SC_OK &&
	    (err = put_report(m, &report->r, view_report_page, "report.html", d)) == SC_OK)
		err = finish(m, seed, d);
	if (report != NULL)
		sc_arena_fini(&report->arena);
	free(report);
	return err;
}
