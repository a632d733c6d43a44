/*
 * rules.c - columns found, hierarchies made, cells picked.
 */
#include "analytics/views/rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- where columns are ---------------------------------------------------------------- */

static enum sc_err find_column(struct view_rules *r, const struct view_source *source,
    const struct view_column *column, struct sc_diag *d)
{
	for (size_t i = 0; i < source->n; i++)
		if (strcmp(source->names[i], column->source) == 0) {
			r->at[r->n] = i;
			r->columns[r->n++] = column;
			return SC_OK;
		}
	sc_diag_set(d, "the table has no column \"%.60s\", which %.60s of dataset %.60s is made of",
	    column->source, column->name, r->spec->name);
	return SC_SYNTAX;
}

static enum sc_err find_columns(struct view_rules *r, const struct view_source *source,
    struct sc_diag *d)
{
	static const enum view_is order[] = { VIEW_QUASI, VIEW_SENSITIVE, VIEW_PLAIN };
	size_t *const counts[] = { &r->n_quasi, &r->n_sensitive, &r->n_plain };
	size_t used = 0;

	for (size_t o = 0; o < 3; o++)
		for (size_t i = 0; i < r->spec->n_columns; i++) {
			const struct view_column *column = &r->spec->columns[i];
			enum sc_err err;

			if (column->is != order[o])
				continue;
			if ((err = find_column(r, source, column, d)) != SC_OK)
				return err;
			++*counts[o];
		}
	for (size_t c = 0; c < r->n; c++)
		for (size_t i = 0; i < r->n; i++)
			r->place[c] += r->columns[i] < r->columns[c];
	for (size_t i = 0; i < source->n; i++) {
		bool is_used = false;

		for (size_t c = 0; c < r->n; c++)
			is_used |= r->at[c] == i;
		used += is_used;
	}
	r->dropped = source->n - used;
	return SC_OK;
}

/* ---- hierarchies ---------------------------------------------------------------------- */

static enum sc_err about(const struct view_column *column, struct sc_diag *d, enum sc_err err)
{
	char text[sizeof(d->text)];

	if (err == SC_OK || d == NULL || d->file[0] != '\0')
		return err;
	snprintf(text, sizeof(text), "%.180s", d->text);
	sc_diag_set(d, "column %.60s: %s", column->name, text);
	return err;
}

static enum sc_err read_tree(const char *path, struct sc_buf *out, struct sc_diag *d)
{
	FILE *f = fopen(path, "rbe");
	enum sc_err err = SC_OK;
	uint8_t *to;
	size_t n = f == NULL ? 0 : 1;

	while (err == SC_OK && n > 0 && (err = sc_buf_grow(out, 65536, &to)) == SC_OK) {
		n = fread(to, 1, 65536, f);
		sc_buf_truncate(out, out->n - 65536 + n);
	}
	if (f == NULL || ferror(f)) {
		sc_diag_set(d, "its hierarchy cannot be read: %s", strerror(errno));
		err = SC_IO;
	} else if (err == SC_LIMIT) {
		sc_diag_set(d, "a hierarchy of more than 16 MiB");
	}
	if (f != NULL)
		fclose(f);
	return err;
}

static enum sc_err make_tree(struct view_rules *r, size_t a, struct sc_diag *d)
{
	const char *path = r->columns[a]->tree;
	enum sc_err err;

	sc_buf_init(&r->trees[a], HIERARCHY_TEXT_MAX + 65536);
	if ((err = read_tree(path, &r->trees[a], d)) == SC_OK)
		err = hierarchy_parse(sc_buf_span(&r->trees[a]), d, &r->h[a]);
	if (err != SC_OK && d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", path);
	return err;
}

/* Every hierarchy but those of prefixes, which want the values. */
static enum sc_err make_hierarchy(struct view_rules *r, size_t a, struct sc_diag *d)
{
	const struct view_column *column = r->columns[a];

	switch ((enum view_rule_kind)column->kind) {
	case VIEW_HIERARCHY: return make_tree(r, a, d);
	case VIEW_GRID: return hierarchy_of_grid(&column->grid, d, &r->h[a]);
	case VIEW_DATES:
		return hierarchy_of_dates(sc_span_str(column->dates.from),
		    sc_span_str(column->dates.to), (enum hierarchy_date)column->dates.finest, d,
		    &r->h[a]);
	case VIEW_PREFIXES: return SC_OK;
	}
	return SC_BUG;
}

/* The values of all columns of prefixes, in one pass. */
static enum sc_err collect_values(const struct view_rules *r, struct view_source *source,
    struct release_labels *values, struct sc_diag *d)
{
	struct sc_span *cells = calloc(source->n + 1, sizeof(*cells));
	enum sc_err err = cells == NULL ? SC_NOMEM : source->again(source->arg, d);
	uint64_t person;
	uint32_t number;
	bool end = false;

	while (err == SC_OK &&
	    (err = source->next(source->arg, cells, &person, &end, d)) == SC_OK && !end)
		for (size_t a = 0; err == SC_OK && a < r->n_quasi; a++) {
			if (r->columns[a]->kind != VIEW_PREFIXES)
				continue;
			err = labels_add(&values[a], cells[r->at[a]], &number);
			if (err == SC_OK && values[a].n > HIERARCHY_LEAVES_MAX) {
				sc_diag_set(d,
				    "column %.60s has more than %d values: give it a hierarchy, a "
				    "grid or dates",
				    r->columns[a]->name, HIERARCHY_LEAVES_MAX);
				err = SC_LIMIT;
			}
		}
	if (err == SC_OK && d != NULL)
		*d = (struct sc_diag){ 0 };
	free(cells);
	return err;
}

static enum sc_err make_prefixes(struct view_rules *r, struct view_source *source,
    struct sc_diag *d)
{
	struct release_labels values[RELEASE_COLUMNS_MAX];
	enum sc_err err = SC_OK;
	bool any = false;

	for (size_t a = 0; a < r->n_quasi; a++) {
		labels_init(&values[a]);
		any |= r->columns[a]->kind == VIEW_PREFIXES;
	}
	if (any)
		err = collect_values(r, source, values, d);
	for (size_t a = 0; err == SC_OK && a < r->n_quasi; a++)
		if (r->columns[a]->kind == VIEW_PREFIXES)
			err = about(r->columns[a], d,
			    hierarchy_of_prefixes(values[a].v, values[a].n, r->columns[a]->lengths,
				r->columns[a]->n_lengths, d, &r->h[a]));
	for (size_t a = 0; a < r->n_quasi; a++)
		labels_fini(&values[a]);
	return err;
}

enum sc_err view_rules_init(struct view_rules *r, const struct view_spec *spec,
    struct view_source *source, struct sc_diag *d)
{
	enum sc_err err;

	*r = (struct view_rules){ .spec = spec };
	err = find_columns(r, source, d);
	for (size_t a = 0; err == SC_OK && a < r->n_quasi; a++)
		err = about(r->columns[a], d, make_hierarchy(r, a, d));
	if (err == SC_OK)
		err = make_prefixes(r, source, d);
	if (err != SC_OK)
		view_rules_fini(r);
	return err;
}

void view_rules_fini(struct view_rules *r)
{
	for (size_t a = 0; a < RELEASE_COLUMNS_MAX; a++) {
		hierarchy_free(r->h[a]);
		sc_buf_fini(&r->trees[a]);
	}
	*r = (struct view_rules){ 0 };
}

/* ---- rows ----------------------------------------------------------------------------- */

/* S compared with V, which is in units of 10^-DECIMALS; 2: S is no number. */
static int compare_number(struct sc_span s, int64_t v, uint8_t decimals)
{
	const bool minus = s.n > 0 && s.p[0] == '-';
	const int64_t most = INT64_C(1) << 55;
	int64_t n = 0;
	unsigned behind = 0, digits = 0;
	bool point = false;

	for (size_t i = minus; i < s.n; i++) {
		if (s.p[i] == '.' && !point && digits > 0) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return 2;
		digits++;
		if ((!point || behind < decimals) && n < most)
			n = n * 10 + (s.p[i] - '0');
		behind += point;
	}
	for (; behind < decimals && n < most; behind++)
		n *= 10;
	n = minus ? -n : n;
	return digits == 0 ? 2 : (n > v) - (n < v);
}

/* V, which is in units of 10^-DECIMALS, written from its end. */
static struct sc_span print_number(char out[static VIEW_CELL_MAX], int64_t v, uint8_t decimals)
{
	uint64_t n = v < 0 ? -(uint64_t)v : (uint64_t)v;
	char *p = out + VIEW_CELL_MAX;

	for (uint8_t i = 0; i < decimals; i++, n /= 10)
		*--p = (char)('0' + n % 10);
	if (decimals > 0)
		*--p = '.';
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	if (v < 0)
		*--p = '-';
	return sc_span(p, (size_t)(out + VIEW_CELL_MAX - p));
}

static struct sc_span clamp(struct view_rules *r, size_t a, struct sc_span cell)
{
	const struct hierarchy_grid *g = &r->columns[a]->grid;

	if (compare_number(cell, g->max, g->decimals) == 1)
		return print_number(r->clamped[a], g->max, g->decimals);
	if (compare_number(cell, g->min, g->decimals) == -1)
		return print_number(r->clamped[a], g->min, g->decimals);
	return cell;
}

void view_rules_pick(struct view_rules *r, const struct sc_span *cells, struct sc_span *out)
{
	for (size_t c = 0; c < r->n; c++) {
		out[c] = cells[r->at[c]];
		if (c < r->n_quasi && r->columns[c]->clamp)
			out[c] = clamp(r, c, out[c]);
	}
}

/* ---- what is wanted ------------------------------------------------------------------- */

struct recode_rule view_rules_sensitive(const struct view_rules *r, size_t s, size_t n_values)
{
	const struct view_column *column = r->columns[r->n_quasi + s];
	struct recode_rule rule = column->ruled ? column->rule : view_rule_usual(n_values);

	rule.ordered = column->ordered != NULL;
	return rule;
}

static struct check_column check_column_of(const struct view_rules *r, size_t a)
{
	static const enum check_kind kinds[] = { [VIEW_HIERARCHY] = CHECK_TREE,
		[VIEW_GRID] = CHECK_GRID,
		[VIEW_DATES] = CHECK_DATES,
		[VIEW_PREFIXES] = CHECK_PREFIX };
	const struct view_column *column = r->columns[a];

	return (struct check_column){ .kind = kinds[column->kind],
		.text = sc_buf_span(&r->trees[a]),
		.step = column->grid.step,
		.origin = column->grid.origin,
		.decimals = column->grid.decimals,
		.finest = column->dates.finest };
}

void view_rules_wants(const struct view_rules *r, const struct recode_rule *rules, uint32_t k,
    uint32_t suppression_ppm, struct check_wants *out)
{
	*out = (struct check_wants){ .k = k,
		.n_columns = r->n_quasi,
		.n_sensitive = r->n_sensitive,
		.suppression_ppm = suppression_ppm };
	for (size_t a = 0; a < r->n_quasi; a++)
		out->columns[a] = check_column_of(r, a);
	for (size_t s = 0; s < r->n_sensitive; s++) {
		const struct view_column *column = r->columns[r->n_quasi + s];

		out->rules[s] = (struct check_rule){ .distinct = rules[s].distinct,
			.entropy_milli = rules[s].entropy_milli,
			.closeness_ppm = rules[s].closeness_ppm,
			.share_ppm = rules[s].share_ppm,
			.order = column->ordered,
			.n_order = column->n_ordered };
	}
}
