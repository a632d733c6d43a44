/*
 * check_cell.c - what each kind of column may publish of a value.
 */
#include "analytics/check/check_cell.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

static int compare(struct sc_span a, struct sc_span b)
{
	const size_t n = a.n < b.n ? a.n : b.n;
	const int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* ---- trees ---------------------------------------------------------------------------- */

static int by_value(const void *va, const void *vb)
{
	const struct check_line *a = va, *b = vb;

	return compare(a->value, b->value);
}

static bool add_cell(struct check_tree *t, struct sc_span cell)
{
	if (t->n_cells == t->cap_cells) {
		struct sc_span *v = reallocarray(t->cells, sc_grown(t->cap_cells), sizeof(*v));

		if (v == NULL)
			return false;
		t->cells = v;
		t->cap_cells = sc_grown(t->cap_cells);
	}
	t->cells[t->n_cells++] = cell;
	return true;
}

static bool add_line(struct check_tree *t, size_t first)
{
	if (t->n_lines == t->cap_lines) {
		struct check_line *v = reallocarray(t->lines, sc_grown(t->cap_lines), sizeof(*v));

		if (v == NULL)
			return false;
		t->lines = v;
		t->cap_lines = sc_grown(t->cap_lines);
	}
	t->lines[t->n_lines++] = (struct check_line){ t->cells[first], first, t->n_cells - first };
	return true;
}

/* The cell at *AT, its quotes taken off in place; *AT is behind it. */
static struct sc_span take_cell(uint8_t **at, const uint8_t *end)
{
	uint8_t *p = *at, *out = p, *const from = p;
	const bool quoted = p < end && *p == '"';

	for (p += quoted; p < end; *out++ = *p++) {
		if (quoted && *p == '"' && (p + 1 == end || p[1] != '"')) {
			p++;
			break;
		}
		if (quoted && *p == '"')
			p++;
		else if (!quoted && (*p == ';' || *p == '\n'))
			break;
	}
	*at = p;
	/* the line's end of two bytes; between quotes, one is the cell's */
	if (!quoted && out > from && out[-1] == '\r' && (p == end || *p == '\n'))
		out--;
	return sc_span(from, (size_t)(out - from));
}

static enum sc_err read_lines(struct check_tree *t, uint8_t *at, const uint8_t *end,
    struct sc_diag *d)
{
	for (unsigned line = 1; at < end; line++) {
		const size_t first = t->n_cells;
		const bool empty = *at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n');
		bool more = true;

		while (more) {
			const struct sc_span cell = take_cell(&at, end);

			if (at < end && *at == '\r' && (at + 1 == end || at[1] == '\n'))
				at++;
			if (at < end && *at != ';' && *at != '\n') {
				sc_diag_set(d, "line %u of a hierarchy cannot be read", line);
				return SC_SYNTAX;
			}
			more = at < end && *at == ';';
			at += at < end;
			if (!add_cell(t, cell))
				return SC_NOMEM;
		}
		if (empty)
			t->n_cells = first;
		else if (!add_line(t, first))
			return SC_NOMEM;
	}
	return SC_OK;
}

enum sc_err check_tree_read(struct check_tree *t, struct sc_span text, struct sc_diag *d)
{
	enum sc_err err;

	if (sc_span_starts(text, "\xef\xbb\xbf"))
		text = sc_span_from(text, 3);
	if ((t->text = malloc(text.n + 1)) == NULL)
		return SC_NOMEM;
	if (text.n > 0)
		memcpy(t->text, text.p, text.n);
	if ((err = read_lines(t, t->text, t->text + text.n, d)) != SC_OK)
		return err;
	if (t->n_lines > 0)
		qsort(t->lines, t->n_lines, sizeof(*t->lines), by_value);
	return SC_OK;
}

void check_tree_fini(struct check_tree *t)
{
	free(t->lines);
	free(t->cells);
	free(t->text);
	*t = (struct check_tree){ 0 };
}

static bool is_of_tree(const struct check_tree *t, struct sc_span cell, struct sc_span value)
{
	const struct check_line key = { .value = value };
	const struct check_line *line =
	    t->n_lines == 0 ? NULL : bsearch(&key, t->lines, t->n_lines, sizeof(key), by_value);

	if (line == NULL)
		return false;
	for (size_t i = 0; i < line->n; i++)
		if (sc_span_eq(t->cells[line->first + i], cell))
			return true;
	return sc_span_is(cell, "*");
}

/* ---- grids ---------------------------------------------------------------------------- */

/* A number at the start of *S, which goes on behind it, in units of 10^-DECIMALS. */
static bool take_number(struct sc_span *s, uint8_t decimals, int64_t *out)
{
	size_t i = s->n > 0 && s->p[0] == '-';
	const bool minus = i > 0;
	unsigned digits = 0, behind = 0;
	int64_t v = 0;

	for (bool point = false; i < s->n && digits < 18; i++) {
		if (s->p[i] == '.' && !point && digits > 0 && i + 1 < s->n && s->p[i + 1] != '.') {
			point = true;
			continue;
		}
		if (s->p[i] < '0' || s->p[i] > '9')
			break;
		digits++;
		if (point && behind == decimals && s->p[i] != '0')
			return false;
		if (!point || behind < decimals)
			v = v * 10 + s->p[i] - '0';
		behind += point && behind < decimals;
	}
	for (; behind < decimals && v < INT64_MAX / 10; behind++)
		v *= 10;
	*s = sc_span_from(*s, i);
	*out = minus ? -v : v;
	return digits > 0 && behind == decimals;
}

static bool is_edge(const struct check_column *c, int64_t v)
{
	return (v - c->origin) % c->step == 0;
}

static bool is_of_grid(const struct check_column *c, struct sc_span cell, struct sc_span value)
{
	int64_t lo, hi, v;

	if (!take_number(&value, c->decimals, &v) || value.n > 0 || c->step < 1)
		return false;
	if (sc_span_is(cell, "*"))
		return true;
	if (!take_number(&cell, c->decimals, &lo))
		return false;
	hi = lo;
	if (cell.n > 0) {
		cell = sc_span_from(cell,
		    sc_span_starts(cell, "..") ? 2 :
			cell.p[0] == '-'       ? 1 :
						 cell.n);
		if (!take_number(&cell, c->decimals, &hi) || cell.n > 0)
			return false;
	}
	return is_edge(c, lo) && is_edge(c, hi + 1) && lo <= v && v <= hi;
}

/* ---- dates and prefixes --------------------------------------------------------------- */

static bool is_of_dates(const struct check_column *c, struct sc_span cell, struct sc_span value)
{
	/* what a cell of each length tells: nothing else is one */
	static const struct {
		size_t n;
		uint8_t unit;
	} lengths[] = { { 10, 0 }, { 7, 1 }, { 4, 3 } };

	if (value.n != 10)
		return false;
	if (sc_span_is(cell, "*"))
		return true;
	if (cell.n == 7 && cell.p[5] == 'Q') {
		const int month = (value.p[5] - '0') * 10 + value.p[6] - '0';

		return c->finest <= 2 && memcmp(cell.p, value.p, 5) == 0 &&
		    cell.p[6] - '0' == (month + 2) / 3;
	}
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (cell.n == lengths[i].n)
			return lengths[i].unit >= c->finest && memcmp(cell.p, value.p, cell.n) == 0;
	return false;
}

static bool is_of_prefix(struct sc_span cell, struct sc_span value)
{
	if (sc_span_eq(cell, value))
		return true;
	return cell.n > 0 && cell.n - 1 <= value.n && cell.p[cell.n - 1] == '*' &&
	    (cell.n == 1 || memcmp(cell.p, value.p, cell.n - 1) == 0);
}

bool check_cell(const struct check_column *c, const struct check_tree *t, struct sc_span cell,
    struct sc_span value)
{
	switch (c->kind) {
	case CHECK_TREE: return is_of_tree(t, cell, value);
	case CHECK_GRID: return is_of_grid(c, cell, value);
	case CHECK_DATES: return is_of_dates(c, cell, value);
	case CHECK_PREFIX: return is_of_prefix(cell, value);
	}
	return false;
}
