/*
 * recheck_source.c - a release held against the table that it was made of, row by row, by
 * any sound way to tell which became which.
 */
#include "analytics/views/recheck.h"

#include "analytics/views/match.h"
#include "analytics/views/released.h"
#include "analytics/views/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A table and its release, side by side. */
struct recheck_sides {
	struct view_rules rules;
	struct check_wants wants;
	struct view_cells original, released; /* published columns: quasi, sensitive, plain */
	uint32_t *from;
};

static enum sc_err corrupt(struct sc_diag *d, const char *what)
{
	sc_diag_set(d, "%s", what);
	return SC_CORRUPT;
}

/* Is R of the columns that the spec has, as what the spec says they are? */
static enum sc_err compare_columns(const struct view_rules *rules, const struct shelf_manifest *m,
    struct sc_diag *d)
{
	static const enum shelf_role roles[] = { [VIEW_QUASI] = SHELF_QUASI,
		[VIEW_SENSITIVE] = SHELF_SENSITIVE,
		[VIEW_PLAIN] = SHELF_PLAIN };

	if (m->n_tables != 1 || m->tables[0].n_columns != rules->n ||
	    strcmp(m->dataset.s, rules->spec->name) != 0)
		return corrupt(d,
		    "the release is of another dataset, or has other columns, than the spec");
	for (size_t c = 0; c < rules->n; c++) {
		const struct shelf_column *column = &m->tables[0].columns[rules->place[c]];

		if (strcmp(column->name, rules->columns[c]->name) != 0 ||
		    column->role != roles[rules->columns[c]->is])
			return corrupt(d,
			    "a column of the release is not what the spec says it is");
	}
	return m->k >= rules->spec->k && m->suppression_ppm <= rules->spec->suppression_ppm ?
	    SC_OK :
	    corrupt(d, "the release claims a smaller k, or more suppression, than the spec wants");
}

static enum sc_err read_original(struct recheck_sides *s, struct view_source *source,
    struct sc_diag *d)
{
	struct sc_span *cells = calloc(source->n + 1, sizeof(*cells)), picked[SHELF_COLUMNS_MAX];
	enum sc_err err = cells == NULL ? SC_NOMEM : source->again(source->arg, d);
	uint64_t person;
	bool end = false;

	view_cells_init(&s->original, s->rules.n);
	while (err == SC_OK &&
	    (err = source->next(source->arg, cells, &person, &end, d)) == SC_OK && !end) {
		view_rules_pick(&s->rules, cells, picked);
		err = view_cells_add(&s->original, picked);
	}
	free(cells);
	if (err == SC_OK)
		*d = (struct sc_diag){ 0 }; /* the source told where its rows are */
	return err;
}

static enum sc_err read_released(struct recheck_sides *s, const struct shelf_release *r,
    struct sc_diag *d)
{
	char path[4096];
	enum sc_err err;

	snprintf(path, sizeof(path), "%s/" SHELF_DB, r->folder);
	err = view_released_read(path, &r->manifest.tables[0], s->rules.place, s->rules.n,
	    &s->released, d);
	if (err != SC_OK || s->released.n <= s->original.n)
		return err;
	return corrupt(d, "the release has more rows than the table");
}

/* Quasi-identifiers and sensitive columns alone, of N rows. */
static struct sc_span *narrow(const struct view_cells *c, size_t width)
{
	struct sc_span *out = calloc(c->n * width + 1, sizeof(*out));

	for (size_t i = 0; out != NULL && i < c->n; i++)
		memcpy(out + i * width, c->v + i * c->width, width * sizeof(*out));
	return out;
}

static enum sc_err check(const struct recheck_sides *s, struct check_report *out, struct sc_diag *d)
{
	const size_t width = s->rules.n_quasi + s->rules.n_sensitive;
	struct sc_span *original = narrow(&s->original, width);
	struct sc_span *released = narrow(&s->released, width);
	enum sc_err err = original == NULL || released == NULL ? SC_NOMEM : SC_OK;

	if (err == SC_OK)
		err = check_release(&s->wants, &(struct check_rows){ original, s->original.n },
		    &(struct check_rows){ released, s->released.n }, s->from, NULL, out, d);
	free(original);
	free(released);
	return err != SC_OK || out->ok ? err : SC_CORRUPT;
}

static void want(struct recheck_sides *s)
{
	struct recode_rule rules[RELEASE_SENSITIVE_MAX];

	for (size_t i = 0; i < s->rules.n_sensitive; i++) {
		const struct view_column *column = s->rules.columns[s->rules.n_quasi + i];

		rules[i] = view_rules_sensitive(&s->rules, i,
		    column->ordered != NULL ? column->n_ordered :
					      s->original.labels[s->rules.n_quasi + i].n);
	}
	view_rules_wants(&s->rules, rules, s->rules.spec->k, s->rules.spec->suppression_ppm,
	    &s->wants);
}

static enum sc_err recheck(struct recheck_sides *s, const struct shelf_release *r,
    const struct view_spec *spec, struct view_source *source, struct check_report *out,
    struct sc_diag *d)
{
	enum sc_err err;

	if ((err = view_rules_init(&s->rules, spec, source, d)) != SC_OK ||
	    (err = compare_columns(&s->rules, &r->manifest, d)) != SC_OK ||
	    (err = read_original(s, source, d)) != SC_OK || (err = read_released(s, r, d)) != SC_OK)
		return err;
	want(s);
	if ((s->from = calloc(s->released.n + 1, sizeof(*s->from))) == NULL)
		return SC_NOMEM;
	err = view_match(&s->wants, &s->original, &s->released, s->from, d);
	return err == SC_OK ? check(s, out, d) : err;
}

enum sc_err view_recheck_source(const struct shelf_release *r, const struct view_spec *spec,
    struct view_source *source, struct check_report *out, struct sc_diag *d)
{
	struct recheck_sides s = { .from = NULL };
	const enum sc_err err = recheck(&s, r, spec, source, out, d);

	view_cells_fini(&s.original);
	view_cells_fini(&s.released);
	view_rules_fini(&s.rules);
	free(s.from);
	return err;
}
