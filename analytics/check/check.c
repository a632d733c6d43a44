/*
 * check.c - counts a release's rows and holds what it finds against what was wanted.
 */
#include "analytics/check/check_cell.h"

#include <stdlib.h>
#include <string.h>

#define PPM 1000000u
#define VALUES_MAX 4096u
#define LOG_BITS 40 /* behind the point */

/* A release that is checked. */
struct checking {
	const struct check_wants *wants;
	const struct check_rows *original, *released;
	const uint32_t *from;
	const uint64_t *persons;
	struct check_report *out;
	struct sc_diag *d;
	size_t width;                                /* cells of a row */
	uint32_t *order;                             /* rows, equal ones together */
	struct sc_span *values[CHECK_SENSITIVE_MAX]; /* all that occur, sorted or as declared */
	size_t n_values[CHECK_SENSITIVE_MAX];
	uint16_t *value_of[CHECK_SENSITIVE_MAX]; /* of each row */
	uint64_t *all[CHECK_SENSITIVE_MAX];      /* rows by value */
	uint64_t *people;                        /* room for a class's */
	struct check_tree trees[CHECK_COLUMNS_MAX];
};

static int compare(struct sc_span a, struct sc_span b)
{
	const size_t n = a.n < b.n ? a.n : b.n;
	const int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* The first thing that is wrong is what is told. */
static void complain(struct checking *c, size_t row, const char *what)
{
	if (!c->out->ok)
		return;
	c->out->ok = false;
	sc_diag_set(c->d, "%s", what);
	if (c->d != NULL)
		c->d->line = (unsigned)row + 1;
}

static const struct sc_span *row_of(const struct checking *c, size_t i)
{
	return c->released->cells + i * c->width;
}

/* ---- cells ----------------------------------------------------------------------------- */

static enum sc_err check_cells(struct checking *c)
{
	for (size_t a = 0; a < c->wants->n_columns; a++) {
		const struct check_column *column = &c->wants->columns[a];
		enum sc_err err;

		if (column->kind == CHECK_TREE &&
		    (err = check_tree_read(&c->trees[a], column->text, c->d)) != SC_OK)
			return err;
		for (size_t i = 0; i < c->released->n && c->out->ok; i++)
			if (!check_cell(column, &c->trees[a], row_of(c, i)[a],
				c->original->cells[c->from[i] * c->width + a]))
				complain(c, i, "a cell does not generalise its value");
	}
	return SC_OK;
}

/* No row twice, none invented, no more left out than may be, sensitive values as they were. */
static enum sc_err check_rows_are_rows(struct checking *c)
{
	const uint64_t n = c->original->n, suppressed = n - c->released->n;
	uint8_t *seen = calloc(n / 8 + 1, 1);

	if (seen == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < c->released->n && c->out->ok; i++) {
		const uint32_t from = c->from[i];

		if (from >= n || (seen[from / 8] >> from % 8 & 1) != 0) {
			complain(c, i, "a row that is no row of the table, or is one twice");
			break;
		}
		seen[from / 8] |= (uint8_t)(1 << from % 8);
		for (size_t s = c->wants->n_columns; s < c->width; s++)
			if (!sc_span_eq(row_of(c, i)[s], c->original->cells[from * c->width + s]))
				complain(c, i, "a sensitive value is not the row's");
	}
	free(seen);
	c->out->suppressed = suppressed;
	if (suppressed * PPM > n * c->wants->suppression_ppm)
		complain(c, 0, "more rows are suppressed than may be");
	return SC_OK;
}

/* ---- sensitive values ------------------------------------------------------------------ */

static int by_text(const void *va, const void *vb)
{
	return compare(*(const struct sc_span *)va, *(const struct sc_span *)vb);
}

/* All values of a column, each once. */
static bool list_values(struct checking *c, size_t s)
{
	const struct check_rule *rule = &c->wants->rules[s];
	const size_t n = rule->order != NULL ? rule->n_order : c->released->n;
	struct sc_span *v = calloc(n + 1, sizeof(*v));
	size_t kept = 0;

	if ((c->values[s] = v) == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		v[i] = rule->order != NULL ? rule->order[i] : row_of(c, i)[c->wants->n_columns + s];
	if (rule->order == NULL) {
		qsort(v, n, sizeof(*v), by_text);
		for (size_t i = 0; i < n; i++)
			if (i == 0 || compare(v[kept - 1], v[i]) != 0)
				v[kept++] = v[i];
	}
	c->n_values[s] = rule->order != NULL ? n : kept;
	return true;
}

static size_t find_value(const struct checking *c, size_t s, struct sc_span value)
{
	if (c->wants->rules[s].order == NULL) {
		const struct sc_span *found =
		    bsearch(&value, c->values[s], c->n_values[s], sizeof(value), by_text);

		return found == NULL ? c->n_values[s] : (size_t)(found - c->values[s]);
	}
	for (size_t i = 0; i < c->n_values[s]; i++)
		if (compare(c->values[s][i], value) == 0)
			return i;
	return c->n_values[s];
}

static enum sc_err number_values(struct checking *c, size_t s)
{
	if (!list_values(c, s))
		return SC_NOMEM;
	if (c->n_values[s] > VALUES_MAX) {
		sc_diag_set(c->d, "more than 4096 sensitive values");
		return SC_LIMIT;
	}
	c->value_of[s] = calloc(c->released->n + 1, sizeof(*c->value_of[s]));
	c->all[s] = calloc(c->n_values[s] + 1, sizeof(*c->all[s]));
	if (c->value_of[s] == NULL || c->all[s] == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < c->released->n; i++) {
		const size_t v = find_value(c, s, row_of(c, i)[c->wants->n_columns + s]);

		if (v == c->n_values[s])
			complain(c, i, "a sensitive value that has no place in the order");
		c->value_of[s][i] = (uint16_t)v;
		c->all[s][v]++;
	}
	return SC_OK;
}

/* ---- classes --------------------------------------------------------------------------- */

/* The binary logarithm of X, bit by bit: squaring a number doubles it. */
static uint64_t log_of(uint64_t x)
{
	const unsigned whole = 63 - (unsigned)__builtin_clzll(x);
	uint64_t m = x << (62 - whole), out = whole;

	for (int bit = 0; bit < LOG_BITS; bit++) {
		const unsigned __int128 square = (unsigned __int128)m * m >> 62;
		const bool two = square >= (unsigned __int128)1 << 63;

		m = (uint64_t)(two ? square >> 1 : square);
		out = out << 1 | two;
	}
	return out;
}

/* Is the entropy of HIST that of L values, to a hundred-thousandth of a bit? */
static bool is_mixed(const uint64_t *hist, size_t n_values, uint64_t rows, uint32_t milli)
{
	const __int128 slack = (__int128)1 << (LOG_BITS - 16);
	__int128 sum = 0;

	for (size_t v = 0; v < n_values; v++)
		if (hist[v] > 0)
			sum += (__int128)hist[v] * ((__int128)log_of(rows) - log_of(hist[v]));
	return sum + slack * rows >= (__int128)rows * ((__int128)log_of(milli) - log_of(1000));
}

static bool is_close(const struct checking *c, size_t s, const uint64_t *hist, uint64_t rows)
{
	const struct check_rule *rule = &c->wants->rules[s];
	const uint64_t all = c->released->n;
	const size_t n = c->n_values[s];
	__int128 sum = 0, run = 0, steps = 2;

	if (rule->order != NULL)
		steps = n > 1 ? (__int128)n - 1 : 1;
	for (size_t v = 0; v < n; v++) {
		const __int128 d = (__int128)hist[v] * all - (__int128)c->all[s][v] * rows;

		run += d;
		if (rule->order == NULL)
			run = d;
		sum += run < 0 ? -run : run;
	}
	return sum * PPM <= (__int128)rule->closeness_ppm * steps * rows * all;
}

static void check_values(struct checking *c, size_t s, size_t from, size_t to)
{
	const struct check_rule *rule = &c->wants->rules[s];
	const uint64_t rows = to - from;
	uint64_t hist[VALUES_MAX + 1];
	uint32_t distinct = 0;
	uint64_t most = 0;

	memset(hist, 0, (c->n_values[s] + 1) * sizeof(hist[0]));
	for (size_t i = from; i < to; i++)
		hist[c->value_of[s][c->order[i]]]++;
	for (size_t v = 0; v < c->n_values[s]; v++) {
		distinct += hist[v] > 0;
		most = hist[v] > most ? hist[v] : most;
	}
	if (distinct < c->out->min_distinct[s])
		c->out->min_distinct[s] = distinct;
	if (distinct < rule->distinct)
		complain(c, c->order[from], "a class with too few sensitive values");
	if (rule->share_ppm > 0 && most * PPM > rows * rule->share_ppm)
		complain(c, c->order[from], "a class where one sensitive value is too frequent");
	if (rule->closeness_ppm > 0 && !is_close(c, s, hist, rows))
		complain(c, c->order[from], "a class whose sensitive values are too far from all");
	if (rule->entropy_milli > 0 && !is_mixed(hist, c->n_values[s], rows, rule->entropy_milli))
		complain(c, c->order[from], "a class whose sensitive values are not mixed enough");
}

static int by_person(const void *va, const void *vb)
{
	const uint64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

static uint64_t people_of(struct checking *c, size_t from, size_t to)
{
	uint64_t n = 0;

	if (c->persons == NULL)
		return to - from;
	for (size_t i = from; i < to; i++)
		c->people[i - from] = c->persons[c->order[i]];
	qsort(c->people, to - from, sizeof(*c->people), by_person);
	for (size_t i = 0; i < to - from; i++)
		n += i == 0 || c->people[i] != c->people[i - 1];
	return n;
}

static void check_class(struct checking *c, size_t from, size_t to)
{
	const uint64_t people = people_of(c, from, to);

	c->out->classes++;
	if (people < c->out->min_people)
		c->out->min_people = people;
	if (to - from < c->out->min_rows)
		c->out->min_rows = to - from;
	if (people < c->wants->k)
		complain(c, c->order[from], "a class of fewer people than k");
	for (size_t s = 0; s < c->wants->n_sensitive; s++)
		check_values(c, s, from, to);
}

static int by_cells(const void *va, const void *vb, void *arg)
{
	const struct checking *c = arg;
	const struct sc_span *a = row_of(c, *(const uint32_t *)va),
			     *b = row_of(c, *(const uint32_t *)vb);
	int order = 0;

	for (size_t i = 0; i < c->wants->n_columns && order == 0; i++)
		order = compare(a[i], b[i]);
	return order;
}

static enum sc_err check_classes(struct checking *c)
{
	const size_t n = c->released->n;

	c->order = calloc(n + 1, sizeof(*c->order));
	c->people = calloc(n + 1, sizeof(*c->people));
	if (c->order == NULL || c->people == NULL)
		return SC_NOMEM;
	for (uint32_t i = 0; i < n; i++)
		c->order[i] = i;
	qsort_r(c->order, n, sizeof(*c->order), by_cells, c);
	for (size_t s = 0; s < c->wants->n_sensitive; s++) {
		const enum sc_err err = number_values(c, s);

		if (err != SC_OK)
			return err;
		c->out->min_distinct[s] = n == 0 ? 0 : UINT32_MAX;
	}
	c->out->min_people = c->out->min_rows = n == 0 ? 0 : UINT64_MAX;
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && by_cells(&c->order[from], &c->order[to], c) == 0;
		     to++)
			continue;
		check_class(c, from, to);
	}
	return SC_OK;
}

static void release_all(struct checking *c)
{
	for (size_t a = 0; a < CHECK_COLUMNS_MAX; a++)
		check_tree_fini(&c->trees[a]);
	for (size_t s = 0; s < CHECK_SENSITIVE_MAX; s++) {
		free(c->values[s]);
		free(c->value_of[s]);
		free(c->all[s]);
	}
	free(c->order);
	free(c->people);
}

enum sc_err check_release(const struct check_wants *wants, const struct check_rows *original,
    const struct check_rows *released, const uint32_t *from, const uint64_t *persons,
    struct check_report *out, struct sc_diag *d)
{
	struct checking c = { .wants = wants,
		.original = original,
		.released = released,
		.from = from,
		.persons = persons,
		.out = out,
		.d = d };
	enum sc_err err;

	*out = (struct check_report){ .ok = true, .rows = released->n };
	if (wants->n_columns > CHECK_COLUMNS_MAX || wants->n_sensitive > CHECK_SENSITIVE_MAX ||
	    released->n > original->n || original->n > UINT32_MAX) {
		sc_diag_set(d, "more columns than can be checked, or more rows than the table has");
		out->ok = false;
		return SC_LIMIT;
	}
	c.width = wants->n_columns + wants->n_sensitive;
	err = check_rows_are_rows(&c);
	if (err == SC_OK && out->ok)
		err = check_cells(&c);
	if (err == SC_OK)
		err = check_classes(&c);
	release_all(&c);
	if (err != SC_OK)
		out->ok = false;
	return err;
}
