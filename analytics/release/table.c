/*
 * table.c - rows become numbers as they come.
 */
#include "analytics/release/table.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

static enum sc_err refuse(struct sc_diag *d, enum sc_err err, const char *what, size_t column)
{
	sc_diag_set(d, "%s (column %zu)", what, column + 1);
	return err;
}

static enum sc_err add_values(struct release_labels *l, const struct release_sensitive *s,
    size_t column, struct sc_diag *d)
{
	uint32_t at;

	if (s->n_values > RELEASE_VALUES_MAX)
		return refuse(d, SC_LIMIT, "more than 256 sensitive values", column);
	for (size_t i = 0; s->values != NULL && i < s->n_values; i++) {
		if (labels_add(l, s->values[i], &at) != SC_OK)
			return SC_NOMEM;
		if (at != i)
			return refuse(d, SC_SYNTAX, "a sensitive value is listed twice", column);
	}
	return SC_OK;
}

enum sc_err release_table_init(struct release_table *t, const struct release_shape *shape,
    struct sc_diag *d)
{
	*t = (struct release_table){ .shape = *shape };
	if (shape->n_columns == 0 || shape->n_columns > RELEASE_COLUMNS_MAX ||
	    shape->n_sensitive > RELEASE_SENSITIVE_MAX) {
		sc_diag_set(d, "1 to 16 quasi-identifiers and at most 4 sensitive columns");
		return SC_LIMIT;
	}
	for (size_t s = 0; s < shape->n_sensitive; s++)
		labels_init(&t->labels[s]);
	for (size_t s = 0; s < shape->n_sensitive; s++) {
		const enum sc_err err = add_values(&t->labels[s], &shape->sensitive[s], s, d);

		if (err != SC_OK) {
			release_table_fini(t);
			return err;
		}
	}
	return SC_OK;
}

void release_table_fini(struct release_table *t)
{
	/* rows of people */
	if (t->leaves != NULL)
		sc_wipe(t->leaves, t->cap * t->shape.n_columns * sizeof(*t->leaves));
	if (t->values != NULL)
		sc_wipe(t->values, t->cap * t->shape.n_sensitive);
	if (t->persons != NULL)
		sc_wipe(t->persons, t->cap * sizeof(*t->persons));
	free(t->leaves);
	free(t->values);
	free(t->persons);
	for (size_t s = 0; s < RELEASE_SENSITIVE_MAX; s++)
		labels_fini(&t->labels[s]);
	*t = (struct release_table){ 0 };
}

/* *P of N used things of EACH bytes has room for CAP; what was there is wiped. */
static bool move_up(void **p, size_t n, size_t cap, size_t each)
{
	void *to = calloc(cap, each == 0 ? 1 : each);

	if (to == NULL)
		return false;
	if (*p != NULL) {
		memcpy(to, *p, n * each);
		sc_wipe(*p, n * each);
		free(*p);
	}
	*p = to;
	return true;
}

static enum sc_err make_room(struct release_table *t)
{
	const size_t cap = sc_grown(t->cap), n = t->n;
	void *leaves = t->leaves, *values = t->values, *persons = t->persons;
	bool ok;

	if (n < t->cap)
		return SC_OK;
	if (n == RELEASE_ROWS_MAX)
		return SC_LIMIT;
	ok = move_up(&leaves, n, cap, t->shape.n_columns * sizeof(*t->leaves));
	t->leaves = leaves;
	ok = ok && move_up(&values, n, cap, t->shape.n_sensitive);
	t->values = values;
	ok = ok && move_up(&persons, n, cap, sizeof(*t->persons));
	t->persons = persons;
	if (!ok)
		return SC_NOMEM;
	t->cap = cap;
	return SC_OK;
}

static enum sc_err find_value(struct release_table *t, size_t s, struct sc_span value, uint8_t *out,
    struct sc_diag *d)
{
	struct release_labels *l = &t->labels[s];
	uint32_t at;

	if (!labels_find(l, value, &at)) {
		if (t->shape.sensitive[s].values != NULL)
			return refuse(d, SC_SYNTAX, "a sensitive value that is not listed", s);
		if (l->n == RELEASE_VALUES_MAX)
			return refuse(d, SC_LIMIT, "more than 256 sensitive values", s);
		if (labels_add(l, value, &at) != SC_OK)
			return SC_NOMEM;
	}
	*out = (uint8_t)at;
	return SC_OK;
}

enum sc_err release_table_add(struct release_table *t, const struct sc_span *cells,
    const struct sc_span *values, uint64_t person, struct sc_diag *d)
{
	const size_t m = t->shape.n_columns, n_sensitive = t->shape.n_sensitive;
	enum sc_err err = make_room(t);

	for (size_t c = 0; err == SC_OK && c < m; c++)
		if (!hierarchy_find(t->shape.columns[c], cells[c], &t->leaves[t->n * m + c]))
			err = refuse(d, SC_SYNTAX, "a value that the hierarchy does not know", c);
	for (size_t s = 0; err == SC_OK && s < n_sensitive; s++)
		err = find_value(t, s, values[s], &t->values[t->n * n_sensitive + s], d);
	if (err != SC_OK)
		return err;
	t->persons[t->n++] = person;
	return SC_OK;
}
