/*
 * gate.c - the finished file and the source, side by side.
 */
#include "analytics/views/gate.h"

#include "analytics/views/released.h"
#include "base/grow.h"

#include <stdlib.h>

/* Both sides of it. */
struct gate_sides {
	struct view_cells original, original_plain, released, released_plain;
	uint64_t *persons; /* of the source's rows */
	size_t cap;
	uint64_t *whose; /* of the release's */
};

static enum sc_err add_original(struct gate_sides *s, struct view_rules *rules,
    const struct sc_span *cells, uint64_t person)
{
	struct sc_span picked[SHELF_COLUMNS_MAX];
	enum sc_err err;

	if (s->original.n == s->cap) {
		uint64_t *v = reallocarray(s->persons, sc_grown(s->cap), sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		s->persons = v;
		s->cap = sc_grown(s->cap);
	}
	s->persons[s->original.n] = person;
	view_rules_pick(rules, cells, picked);
	err = view_cells_add(&s->original, picked);
	return err == SC_OK ? view_cells_add(&s->original_plain, picked + s->original.width) : err;
}

static enum sc_err read_original(const struct view_gate *g, struct gate_sides *s, struct sc_diag *d)
{
	struct view_source *source = g->source;
	struct sc_span *cells = calloc(source->n + 1, sizeof(*cells));
	enum sc_err err = cells == NULL ? SC_NOMEM : source->again(source->arg, d);
	uint64_t person;
	bool end = false;

	view_cells_init(&s->original, g->rules->n_quasi + g->rules->n_sensitive);
	view_cells_init(&s->original_plain, g->rules->n_plain);
	while (err == SC_OK &&
	    (err = source->next(source->arg, cells, &person, &end, d)) == SC_OK && !end)
		err = add_original(s, g->rules, cells, person);
	free(cells);
	return err;
}

static enum sc_err read_released(const struct view_gate *g, struct gate_sides *s, struct sc_diag *d)
{
	const size_t n = g->rules->n_quasi + g->rules->n_sensitive, *which = g->rules->place;
	enum sc_err err = view_released_look(g->path, g->table, d);

	if (err == SC_OK)
		err = view_released_read(g->path, g->table, which, n, &s->released, d);
	if (err == SC_OK && g->rules->n_plain > 0)
		err = view_released_read(g->path, g->table, which + n, g->rules->n_plain,
		    &s->released_plain, d);
	if (err != SC_OK || s->released.n == g->n)
		return err;
	sc_diag_set(d, "the finished file has %zu rows, and not %zu", s->released.n, g->n);
	return SC_CORRUPT;
}

/* Whose the rows are, and whether what goes as it is went so. */
static enum sc_err compare_rows(const struct view_gate *g, struct gate_sides *s, struct sc_diag *d)
{
	if ((s->whose = calloc(g->n + 1, sizeof(*s->whose))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < g->n; i++) {
		if (g->from[i] >= s->original.n) {
			sc_diag_set(d, "the table has fewer rows than when it was recoded");
			return SC_STALE;
		}
		s->whose[i] = s->persons[g->from[i]];
		for (size_t p = 0; p < g->rules->n_plain; p++)
			if (!sc_span_eq(s->released_plain.v[i * g->rules->n_plain + p],
				s->original_plain.v[g->from[i] * g->rules->n_plain + p])) {
				sc_diag_set(d, "a plain value of row %zu is not the row's", i + 1);
				return SC_CORRUPT;
			}
	}
	return SC_OK;
}

static enum sc_err check(const struct view_gate *g, const struct gate_sides *s,
    struct check_report *report, struct sc_diag *d)
{
	const struct check_rows original = { s->original.v, s->original.n };
	const struct check_rows released = { s->released.v, s->released.n };
	enum sc_err err =
	    check_release(g->wants, &original, &released, g->from, s->whose, report, d);

	return err != SC_OK || report->ok ? err : SC_CORRUPT;
}

enum sc_err view_gate_hold(const struct view_gate *g, struct check_report *report,
    struct sc_diag *d)
{
	struct gate_sides s = { .persons = NULL };
	enum sc_err err = read_original(g, &s, d);

	*report = (struct check_report){ .ok = false };
	if (err == SC_OK) {
		*d = (struct sc_diag){ 0 }; /* the source told where its rows are */
		err = read_released(g, &s, d);
	}
	if (err == SC_OK)
		err = compare_rows(g, &s, d);
	if (err == SC_OK)
		err = check(g, &s, report, d);
	view_cells_fini(&s.original);
	view_cells_fini(&s.original_plain);
	view_cells_fini(&s.released);
	view_cells_fini(&s.released_plain);
	if (s.persons != NULL)
		sc_wipe(s.persons, s.cap * sizeof(*s.persons));
	if (s.whose != NULL)
		sc_wipe(s.whose, g->n * sizeof(*s.whose));
	free(s.persons);
	free(s.whose);
	return err;
}
