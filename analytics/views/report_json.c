/*
 * report_json.c - report.json: every figure of a release, for programs.
 *
 * docs/view-report.schema.json tells its keys. Shares, losses and distances are millionths.
 */
#include "analytics/views/report.h"

#include "base/text/jsonw.h"
#include "base/version.h"

#define REPORT_VERSION 1

static void put_bool(struct jsonw *w, const char *key, bool v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

/* ---- columns -------------------------------------------------------------------------- */

static void put_about(struct jsonw *w, const char *name, const char *means, const char *means_zh,
    const char *unit)
{
	jsonw_kstr(w, "name", name);
	jsonw_kstr(w, "means", means);
	jsonw_kstr(w, "means_zh", means_zh);
	jsonw_kstr(w, "unit", unit);
}

static void put_quasi(struct jsonw *w, const struct view_report_column *c,
    const struct measure_column *m)
{
	static const char *const kinds[] = { [VIEW_HIERARCHY] = "hierarchy",
		[VIEW_GRID] = "grid",
		[VIEW_DATES] = "dates",
		[VIEW_PREFIXES] = "prefixes" };
	static const char *const whys[MEASURE_WHYS] = { "exact", "rare", "together", "rest" };

	jsonw_object(w);
	put_about(w, c->name, c->means, c->means_zh, c->unit);
	jsonw_kstr(w, "kind", kinds[c->kind]);
	jsonw_ku64(w, "values", c->leaves);
	jsonw_ku64(w, "ncp_ppm", m->ncp_ppm);
	jsonw_key(w, "rows_at_level");
	jsonw_array(w);
	for (size_t i = 0; i < c->n_levels; i++)
		jsonw_u64(w, m->at_level[i]);
	jsonw_array_end(w);
	jsonw_key(w, "why_rows");
	jsonw_object(w);
	for (size_t i = 0; i < MEASURE_WHYS; i++)
		jsonw_ku64(w, whys[i], m->why[i]);
	jsonw_object_end(w);
	jsonw_kstr(w, "why", c->why);
	jsonw_object_end(w);
}

static void put_values(struct jsonw *w, const struct view_report_sensitive *s)
{
	jsonw_key(w, "values");
	jsonw_array(w);
	for (size_t i = 0; i < s->n_values; i++) {
		jsonw_object(w);
		jsonw_key(w, "value");
		jsonw_span(w, s->values[i]);
		jsonw_ku64(w, "rows", s->rows[i]);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void put_sensitive(struct jsonw *w, const struct view_report_sensitive *s,
    const struct measure_sensitive *m, uint32_t checked_distinct)
{
	jsonw_object(w);
	put_about(w, s->name, s->means, s->means_zh, s->unit);
	jsonw_key(w, "wants");
	jsonw_object(w);
	jsonw_ku64(w, "distinct", s->wants.distinct);
	jsonw_ku64(w, "entropy_milli", s->wants.entropy_milli);
	jsonw_ku64(w, "closeness_ppm", s->wants.closeness_ppm);
	jsonw_ku64(w, "share_ppm", s->wants.share_ppm);
	put_bool(w, "ordered", s->wants.ordered);
	jsonw_object_end(w);
	jsonw_ku64(w, "min_distinct", m->min_distinct);
	jsonw_ku64(w, "min_entropy_milli", m->min_entropy_milli);
	jsonw_ku64(w, "max_equal_ppm", m->max_equal_ppm);
	jsonw_ku64(w, "max_ordered_ppm", m->max_ordered_ppm);
	jsonw_ku64(w, "max_share_ppm", m->max_share_ppm);
	jsonw_ku64(w, "homogeneous_rows", m->homogeneous);
	jsonw_ku64(w, "checked_min_distinct", checked_distinct);
	put_values(w, s);
	jsonw_object_end(w);
}

static void put_columns(struct jsonw *w, const struct view_report *r)
{
	jsonw_key(w, "quasi");
	jsonw_array(w);
	for (size_t i = 0; i < r->n_columns; i++)
		put_quasi(w, &r->columns[i], &r->measures.columns[i]);
	jsonw_array_end(w);
	jsonw_key(w, "sensitive");
	jsonw_array(w);
	for (size_t i = 0; i < r->n_sensitive; i++)
		put_sensitive(w, &r->sensitive[i], &r->measures.sensitive[i],
		    r->checked_min_distinct[i]);
	jsonw_array_end(w);
	jsonw_key(w, "plain");
	jsonw_array(w);
	for (size_t i = 0; i < r->n_plain; i++) {
		jsonw_object(w);
		put_about(w, r->plain[i].name, r->plain[i].means, r->plain[i].means_zh,
		    r->plain[i].unit);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

/* ---- the whole ------------------------------------------------------------------------ */

static void put_what(struct jsonw *w, const struct view_report *r)
{
	jsonw_ku64(w, "version", REPORT_VERSION);
	jsonw_kstr(w, "made_by", "scrim " SCRIM_VERSION);
	jsonw_kstr(w, "tenant", r->tenant);
	jsonw_kstr(w, "dataset", r->dataset);
	jsonw_ku64(w, "number", r->number);
	jsonw_ku64(w, "made_ms", r->made_ms);
	jsonw_kstr(w, "from", r->from);
	jsonw_kstr(w, "to", r->to);
	jsonw_kstr(w, "title", r->title);
	jsonw_kstr(w, "title_zh", r->title_zh);
	jsonw_kstr(w, "algorithm", "local recoding");
	jsonw_kstr(w, "profile", r->profile);
	jsonw_ku64(w, "k", r->k);
	jsonw_ku64(w, "suppression_ppm", r->suppression_ppm);
	jsonw_kstr(w, "seed", r->seed);
	jsonw_ku64(w, "dropped_columns", r->dropped);
}

static void put_figures(struct jsonw *w, const struct release_measures *m)
{
	jsonw_ku64(w, "rows", m->rows);
	jsonw_ku64(w, "suppressed", m->suppressed);
	jsonw_ku64(w, "people", m->people);
	jsonw_ku64(w, "classes", m->classes);
	jsonw_ku64(w, "min_people", m->min_people);
	jsonw_ku64(w, "min_rows", m->min_rows);
	jsonw_ku64(w, "gcp_ppm", m->gcp_ppm);
	jsonw_ku64(w, "dm", m->dm);
	jsonw_ku64(w, "c_avg_milli", m->c_avg_milli);
	jsonw_ku64(w, "risk_max_ppm", m->risk_max_ppm);
	jsonw_ku64(w, "risk_avg_ppm", m->risk_avg_ppm);
}

static void put_sizes(struct jsonw *w, const struct view_report *r)
{
	jsonw_key(w, "class_sizes");
	jsonw_array(w);
	for (size_t i = 0; i < r->n_sizes; i++) {
		jsonw_object(w);
		jsonw_ku64(w, "from", r->sizes[i].from);
		jsonw_ku64(w, "to", r->sizes[i].to);
		jsonw_ku64(w, "classes", r->sizes[i].classes);
		jsonw_ku64(w, "people", r->sizes[i].people);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void put_checked(struct jsonw *w, const struct view_report *r)
{
	jsonw_key(w, "checker");
	jsonw_object(w);
	put_bool(w, "agrees", true); /* no report is written where it does not */
	jsonw_ku64(w, "rows", r->checked_rows);
	jsonw_ku64(w, "classes", r->checked_classes);
	jsonw_ku64(w, "min_people", r->checked_min_people);
	jsonw_object_end(w);
}

static void put_lineage(struct jsonw *w, const struct view_report *r)
{
	jsonw_key(w, "lineage");
	if (!r->has_lineage) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_ku64(w, "m", r->m);
	jsonw_ku64(w, "stayed", r->lineage.stayed);
	jsonw_ku64(w, "joined", r->lineage.joined);
	jsonw_ku64(w, "left", r->lineage.left);
	jsonw_ku64(w, "held_back", r->lineage.held_back);
	jsonw_ku64(w, "carried", r->lineage.carried);
	jsonw_ku64(w, "smallest", r->lineage.smallest);
	jsonw_object_end(w);
}

enum sc_err view_report_json(const struct view_report *r, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	put_what(&w, r);
	put_figures(&w, &r->measures);
	put_sizes(&w, r);
	put_columns(&w, r);
	put_checked(&w, r);
	put_lineage(&w, r);
	jsonw_object_end(&w);
	return w.err == SC_OK ? sc_buf_put_str(out, "\n") : w.err;
}
