/*
 * recheck.c - a release held against its own manifest and report.
 */
#include "analytics/views/recheck.h"

#include "analytics/views/released.h"
#include "base/text/doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A release that is looked at. */
struct recheck {
	const struct shelf_release *r;
	const struct shelf_table *table;
	size_t which[SHELF_COLUMNS_MAX]; /* quasi-identifiers, then columns with rules */
	size_t n_quasi, n;
	struct sc_arena arena;
	struct doc report;
	struct check_wants wants;
	struct view_cells cells;
};

static enum sc_err corrupt(struct sc_diag *d, const char *what)
{
	sc_diag_set(d, "%s", what);
	return SC_CORRUPT;
}

static enum sc_err find_columns(struct recheck *c, struct sc_diag *d)
{
	const struct shelf_manifest *m = &c->r->manifest;
	const struct shelf_table *t = c->table = &m->tables[0];

	if (m->kind != SHELF_VIEW || m->n_tables != 1) {
		sc_diag_set(d, "%s: this is no view", c->r->folder);
		return SC_SYNTAX;
	}
	for (size_t i = 0; i < t->n_columns; i++)
		if (t->columns[i].role == SHELF_QUASI && c->n_quasi < RELEASE_COLUMNS_MAX)
			c->which[c->n_quasi++] = i;
	c->n = c->n_quasi;
	for (size_t s = 0; s < m->n_rules; s++) {
		const size_t was = c->n;

		for (size_t i = 0; i < t->n_columns && c->n == was; i++)
			if (t->columns[i].role == SHELF_SENSITIVE &&
			    strcmp(t->columns[i].name, m->rules[s].column) == 0)
				c->which[c->n++] = i;
		if (c->n == was)
			return corrupt(d,
			    "the manifest has a rule for a column that is not sensitive");
	}
	for (size_t i = 0; i < t->n_columns; i++)
		if (t->columns[i].role != SHELF_QUASI && t->columns[i].role != SHELF_SENSITIVE &&
		    t->columns[i].role != SHELF_PLAIN)
			return corrupt(d, "the manifest has a column that a view cannot have");
	return c->n_quasi > 0 ? SC_OK : corrupt(d, "the manifest has no quasi-identifier");
}

/* ---- the report ----------------------------------------------------------------------- */

static enum sc_err read_report(struct recheck *c, struct sc_diag *d)
{
	char path[4096];
	bool named = false;

	for (size_t i = 0; i < c->r->manifest.n_files; i++)
		named |= strcmp(c->r->manifest.files[i].name, "report.json") == 0;
	if (!named)
		return corrupt(d, "the release has no report.json");
	snprintf(path, sizeof(path), "%s/report.json", c->r->folder);
	return doc_load_file(&c->arena, path, d, &c->report);
}

/* The values of sensitive column S in their order, as the report has them. */
static enum sc_err read_order(struct recheck *c, size_t s, struct sc_diag *d)
{
	const struct doc_node *column = doc_find(c->report.root, "sensitive"), *values;
	struct sc_span *v;
	size_t n = 0;

	column = column == NULL || column->kind != DOC_LIST ? NULL : column->first;
	for (size_t i = 0; i < s && column != NULL; i++)
		column = column->next;
	values = column == NULL ? NULL : doc_find(column, "values");
	if (values == NULL || values->kind != DOC_LIST)
		return corrupt(d, "report.json does not tell the order of a column's values");
	if ((v = sc_arena_alloc(&c->arena, (values->n + 1) * sizeof(*v))) == NULL)
		return SC_NOMEM;
	for (const struct doc_node *e = values->first; e != NULL; e = e->next) {
		const char *text = doc_find_text(e, "value");

		if (text != NULL)
			v[n++] = sc_span_str(text);
	}
	c->wants.rules[s].order = v;
	c->wants.rules[s].n_order = n;
	return SC_OK;
}

static bool report_says(const struct recheck *c, const char *key, uint64_t v)
{
	const struct doc_node *node = doc_find(c->report.root, key);
	uint64_t said;

	return node != NULL && node->kind == DOC_NUMBER &&
	    sc_span_u64(sc_span_str(node->text), &said) && said == v;
}

/* ---- rules ---------------------------------------------------------------------------- */

/* A cell is held against itself alone: what it was made of is not here. */
static enum sc_err want(struct recheck *c, struct sc_diag *d)
{
	const struct shelf_manifest *m = &c->r->manifest;
	enum sc_err err = SC_OK;

	c->wants =
	    (struct check_wants){ .k = m->k, .n_columns = c->n_quasi, .n_sensitive = m->n_rules };
	for (size_t a = 0; a < c->n_quasi; a++)
		c->wants.columns[a].kind = CHECK_PREFIX;
	for (size_t s = 0; err == SC_OK && s < m->n_rules; s++) {
		c->wants.rules[s] = (struct check_rule){ .distinct = m->rules[s].distinct,
			.entropy_milli = m->rules[s].entropy_milli,
			.closeness_ppm = m->rules[s].closeness_ppm,
			.share_ppm = m->rules[s].share_ppm };
		if (m->rules[s].ordered)
			err = read_order(c, s, d);
	}
	return err;
}

static enum sc_err read_cells(struct recheck *c, struct sc_diag *d)
{
	char path[4096];
	enum sc_err err;

	snprintf(path, sizeof(path), "%s/" SHELF_DB, c->r->folder);
	if ((err = view_released_look(path, c->table, d)) == SC_OK)
		err = view_released_read(path, c->table, c->which, c->n, &c->cells, d);
	if (err == SC_OK && c->cells.n != c->table->rows)
		err = corrupt(d, "the release has other rows than its manifest says");
	return err;
}

static enum sc_err check(struct recheck *c, struct check_report *out, struct sc_diag *d)
{
	const struct check_rows rows = { c->cells.v, c->cells.n };
	uint32_t *from = calloc(rows.n + 1, sizeof(*from));
	enum sc_err err = from == NULL ? SC_NOMEM : SC_OK;

	for (uint32_t i = 0; from != NULL && i < rows.n; i++)
		from[i] = i;
	if (err == SC_OK)
		err = check_release(&c->wants, &rows, &rows, from, NULL, out, d);
	free(from);
	if (err != SC_OK || !out->ok)
		return err == SC_OK ? SC_CORRUPT : err;
	if (!report_says(c, "classes", out->classes) || !report_says(c, "min_rows", out->min_rows))
		return corrupt(d, "report.json tells other figures than the release has");
	return SC_OK;
}

enum sc_err view_recheck(const struct shelf_release *r, struct check_report *out, struct sc_diag *d)
{
	struct recheck c = { .r = r };
	enum sc_err err;

	*out = (struct check_report){ .ok = false };
	if ((err = find_columns(&c, d)) == SC_OK && (err = read_report(&c, d)) == SC_OK &&
	    (err = want(&c, d)) == SC_OK && (err = read_cells(&c, d)) == SC_OK)
		err = check(&c, out, d);
	view_cells_fini(&c.cells);
	sc_arena_fini(&c.arena);
	return err;
}
