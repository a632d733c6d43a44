/*
 * rows.c - rows read, and columns refused that would tell people apart.
 *
 * What goes out as it is may not be an identifier that somebody forgot: a column of which
 * most rows have a value that nobody else has (a number, an address, a hash of either) is one,
 * whatever it is called.
 */
#include "analytics/views/rows.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

#define TELL_EVERY 4096u

/* ---- whose a value is ----------------------------------------------------------------- */

static enum sc_err add_owner(struct view_owners *o, uint32_t value, uint64_t person)
{
	if (value >= o->cap) {
		const size_t cap = sc_grown(value >= 2 * o->cap ? value : o->cap);
		struct view_owner *v = reallocarray(o->v, cap, sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		o->v = v;
		o->cap = cap;
	}
	for (; o->n <= value; o->n++)
		o->v[o->n] = (struct view_owner){ .person = person };
	o->v[value].rows++;
	o->v[value].shared |= o->v[value].person != person;
	return SC_OK;
}

/* Do most rows have a value that is one person's alone? */
static bool tells_apart(const struct view_owners *o)
{
	uint64_t alone = 0, all = 0;

	for (size_t i = 0; i < o->n; i++) {
		all += o->v[i].rows;
		alone += o->v[i].shared ? 0 : o->v[i].rows;
	}
	return o->n > 1 && 2 * alone > all;
}

static enum sc_err refuse_identifiers(const struct view_rows *rows, const struct view_rules *rules,
    struct sc_diag *d)
{
	for (size_t i = 0; i < rules->n_sensitive + rules->n_plain; i++) {
		if (!tells_apart(&rows->owners[i]))
			continue;
		sc_diag_set(d,
		    "column %.60s tells people apart: most of its rows have a value that "
		    "nobody else has. Such a column is an identifier: drop it, or make "
		    "it \"quasi\"",
		    rules->columns[rules->n_quasi + i]->name);
		return SC_SYNTAX;
	}
	return SC_OK;
}

/* ---- rows ----------------------------------------------------------------------------- */

/* Which cell was not known, in words that name the column. */
static enum sc_err say_unknown(const struct view_rules *rules, const struct sc_span *cells,
    struct sc_diag *d)
{
	static const char *const what[] = {
		[VIEW_HIERARCHY] = "which its hierarchy does not know: add a line for it",
		[VIEW_GRID] = "which is no number of its grid: widen it, or set \"clamp\"",
		[VIEW_DATES] = "which is no day of its period (2026-02-28)",
		[VIEW_PREFIXES] = "which cannot be shortened",
	};
	uint16_t leaf;

	for (size_t a = 0; a < rules->n_quasi; a++)
		if (!hierarchy_find(rules->h[a], cells[a], &leaf)) {
			sc_diag_set(d, "column %.60s has a value %s", rules->columns[a]->name,
			    what[rules->columns[a]->kind]);
			return SC_SYNTAX;
		}
	for (size_t s = rules->n_quasi; s < rules->n_quasi + rules->n_sensitive; s++) {
		const struct view_column *column = rules->columns[s];
		bool known = column->ordered == NULL;

		for (size_t i = 0; i < column->n_ordered; i++)
			known |= sc_span_eq(column->ordered[i], cells[s]);
		if (!known) {
			sc_diag_set(d, "column %.60s has a value that \"ordered\" does not list",
			    column->name);
			return SC_SYNTAX;
		}
	}
	return SC_SYNTAX;
}

static enum sc_err make_room(struct view_rows *rows)
{
	const size_t cap = sc_grown(rows->cap);
	uint32_t *v;

	if (rows->table.n < rows->cap || rows->n_plain == 0)
		return SC_OK;
	if ((v = reallocarray(rows->plain, cap, rows->n_plain * sizeof(*v))) == NULL)
		return SC_NOMEM;
	rows->plain = v;
	rows->cap = cap;
	return SC_OK;
}

static enum sc_err add_row(struct view_rows *rows, const struct view_rules *rules,
    const struct sc_span *cells, uint64_t person, struct sc_diag *d)
{
	const size_t row = rows->table.n, m = rules->n_quasi, n_sensitive = rules->n_sensitive;
	enum sc_err err = make_room(rows);

	if (err == SC_OK &&
	    (err = release_table_add(&rows->table, cells, cells + m, person, d)) == SC_SYNTAX)
		err = say_unknown(rules, cells, d);
	else if (err == SC_LIMIT)
		sc_diag_set(d,
		    "more than %u rows, or than %d different sensitive values in all: such a "
		    "column wants a hierarchy",
		    RELEASE_ROWS_MAX, RELEASE_VALUES_MAX);
	for (size_t s = 0; err == SC_OK && s < n_sensitive; s++)
		err =
		    add_owner(&rows->owners[s], rows->table.values[row * n_sensitive + s], person);
	for (size_t p = 0; err == SC_OK && p < rows->n_plain; p++) {
		uint32_t *at = &rows->plain[row * rows->n_plain + p];

		if ((err = labels_add(&rows->labels[p], cells[m + n_sensitive + p], at)) == SC_OK)
			err = add_owner(&rows->owners[n_sensitive + p], *at, person);
	}
	return err;
}

static enum sc_err begin(struct view_rows *rows, const struct view_rules *rules, struct sc_diag *d)
{
	struct release_shape shape = { .n_columns = rules->n_quasi,
		.n_sensitive = rules->n_sensitive };

	*rows = (struct view_rows){ .n_plain = rules->n_plain };
	for (size_t p = 0; p < rows->n_plain; p++)
		labels_init(&rows->labels[p]);
	for (size_t a = 0; a < rules->n_quasi; a++)
		shape.columns[a] = rules->h[a];
	for (size_t s = 0; s < rules->n_sensitive; s++) {
		const struct view_column *column = rules->columns[rules->n_quasi + s];

		shape.sensitive[s] =
		    (struct release_sensitive){ column->ordered, column->n_ordered };
	}
	return release_table_init(&rows->table, &shape, d);
}

enum sc_err view_rows_read(struct view_rows *rows, struct view_rules *rules,
    struct view_source *source, view_rows_fn *progress, void *arg, struct sc_diag *d)
{
	struct sc_span *cells = calloc(source->n + 1, sizeof(*cells)), picked[SHELF_COLUMNS_MAX];
	enum sc_err err = begin(rows, rules, d);
	uint64_t person;
	bool end = false;

	if (err == SC_OK)
		err = cells == NULL ? SC_NOMEM : source->again(source->arg, d);
	while (err == SC_OK &&
	    (err = source->next(source->arg, cells, &person, &end, d)) == SC_OK && !end) {
		view_rules_pick(rules, cells, picked);
		err = add_row(rows, rules, picked, person, d);
		if (err == SC_OK && progress != NULL && rows->table.n % TELL_EVERY == 0 &&
		    !progress(arg, rows->table.n))
			err = SC_AGAIN;
	}
	free(cells);
	if (err == SC_OK) {
		d->line = 0; /* the source told where its rows are */
		err = refuse_identifiers(rows, rules, d);
	}
	if (err != SC_OK)
		view_rows_fini(rows);
	return err;
}

void view_rows_fini(struct view_rows *rows)
{
	release_table_fini(&rows->table);
	for (size_t i = 0; i < SHELF_COLUMNS_MAX; i++) {
		labels_fini(&rows->labels[i]);
		free(rows->owners[i].v);
	}
	free(rows->plain);
	*rows = (struct view_rows){ 0 };
}
