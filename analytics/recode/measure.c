/*
 * measure.c - figures of a release, from its classes and the rows they are of.
 */
#include "analytics/recode/measure.h"

#include "analytics/recode/fixed.h"

#include <stdlib.h>
#include <string.h>

/* A release that is measured. */
struct measuring {
	const struct release_table *t;
	const struct recode_result *r;
	uint32_t k;
	struct release_measures *out;
	uint32_t *rows;   /* by class, one class after the other */
	uint32_t *first;  /* of each class, and the end */
	uint64_t *people; /* of each class */
	struct fixed_logs logs;
};

static uint32_t ppm_up(uint64_t part, uint64_t all)
{
	return all == 0 ? 0 : (uint32_t)(((unsigned __int128)part * RELEASE_PPM + all - 1) / all);
}

static bool sort_by_class(struct measuring *m)
{
	const struct recode_result *r = m->r;

	m->rows = calloc(r->n_rows + 1, sizeof(*m->rows));
	m->first = calloc(r->n + 2, sizeof(*m->first));
	m->people = calloc(r->n + 1, sizeof(*m->people));
	if (m->rows == NULL || m->first == NULL || m->people == NULL)
		return false;
	for (size_t i = 0; i < r->n_rows; i++)
		if (r->class_of[i] != RECODE_SUPPRESSED)
			m->first[r->class_of[i] + 2]++;
	for (size_t i = 2; i < r->n + 2; i++)
		m->first[i] += m->first[i - 1];
	for (uint32_t i = 0; i < r->n_rows; i++)
		if (r->class_of[i] != RECODE_SUPPRESSED)
			m->rows[m->first[r->class_of[i] + 1]++] = i;
	return true;
}

static int by_person(const void *va, const void *vb)
{
	const uint64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

/* Distinct people, class by class and in all. */
static bool count_people(struct measuring *m)
{
	uint64_t *v = calloc(m->r->n_rows + 1, sizeof(*v));

	if (v == NULL)
		return false;
	for (size_t c = 0; c <= m->r->n; c++) {
		const bool all = c == m->r->n;
		const uint32_t from = all ? 0 : m->first[c],
			       to = all ? m->first[c] : m->first[c + 1];
		uint64_t n = 0;

		for (uint32_t i = from; i < to; i++)
			v[i - from] = m->t->persons[m->rows[i]];
		qsort(v, to - from, sizeof(*v), by_person);
		for (uint32_t i = 0; i < to - from; i++)
			n += i == 0 || v[i] != v[i - 1];
		m->people[c] = n;
	}
	m->out->people = m->people[m->r->n];
	sc_wipe(v, m->r->n_rows * sizeof(*v));
	free(v);
	return true;
}

static void measure_classes(struct measuring *m)
{
	struct release_measures *out = m->out;
	const struct recode_result *r = m->r;
	const uint64_t released = r->n_rows - r->n_suppressed;

	out->rows = r->n_rows;
	out->suppressed = r->n_suppressed;
	out->classes = r->n;
	out->min_people = out->min_rows = r->n == 0 ? 0 : UINT64_MAX;
	out->dm = (uint64_t)r->n_suppressed * r->n_rows;
	for (size_t c = 0; c < r->n; c++) {
		const uint64_t rows = m->first[c + 1] - m->first[c];

		out->dm += rows * rows;
		out->min_rows = rows < out->min_rows ? rows : out->min_rows;
		out->min_people = m->people[c] < out->min_people ? m->people[c] : out->min_people;
	}
	out->c_avg_milli = r->n == 0 ? 0 : released * 1000 / (r->n * (uint64_t)m->k);
	out->risk_max_ppm = ppm_up(1, out->min_people);
	out->risk_avg_ppm = ppm_up(r->n, out->people);
}

/* The level of a cell; of a grid, that of as many steps. */
static size_t level_of(const struct hierarchy *h, uint16_t lo, uint16_t hi)
{
	size_t level = 0;

	if (!hierarchy_is_grid(h))
		return hierarchy_level(h, lo, hi);
	while ((hi - lo) >> level > 0)
		level++;
	return level;
}

static void measure_losses(struct measuring *m)
{
	struct release_measures *out = m->out;
	const struct recode_result *r = m->r;
	const uint64_t one = HIERARCHY_ONE, columns = m->t->shape.n_columns;
	uint64_t all = 0;

	for (size_t a = 0; a < columns; a++) {
		const struct hierarchy *h = m->t->shape.columns[a];
		uint64_t loss = r->n_suppressed * one;

		for (size_t c = 0; c < r->n; c++) {
			const struct recode_class *cell = &r->classes[c];

			loss += (uint64_t)cell->rows * hierarchy_cost(h, cell->lo[a], cell->hi[a]);
			out->columns[a].at_level[level_of(h, cell->lo[a], cell->hi[a])] +=
			    cell->rows;
		}
		out->columns[a].ncp_ppm = ppm_up(loss, r->n_rows * one);
		all += loss;
	}
	out->gcp_ppm = ppm_up(all, r->n_rows * one * columns);
}

/* ---- why ------------------------------------------------------------------------------ */

static void measure_why(struct measuring *m, size_t column, const uint32_t *in_table,
    uint32_t *in_class)
{
	const struct release_table *t = m->t;
	const size_t columns = t->shape.n_columns;
	uint64_t *why = m->out->columns[column].why;

	for (size_t c = 0; c < m->r->n; c++) {
		const bool exact = m->r->classes[c].lo[column] == m->r->classes[c].hi[column];

		for (uint32_t i = m->first[c]; i < m->first[c + 1]; i++)
			in_class[t->leaves[m->rows[i] * columns + column]]++;
		for (uint32_t i = m->first[c]; i < m->first[c + 1]; i++) {
			const uint16_t leaf = t->leaves[m->rows[i] * columns + column];

			why[exact                     ? MEASURE_EXACT :
				in_table[leaf] < m->k ? MEASURE_RARE :
				in_class[leaf] < m->k ? MEASURE_TOGETHER :
							MEASURE_REST]++;
		}
		for (uint32_t i = m->first[c]; i < m->first[c + 1]; i++)
			in_class[t->leaves[m->rows[i] * columns + column]] = 0;
	}
}

static bool measure_whys(struct measuring *m)
{
	const size_t columns = m->t->shape.n_columns;
	uint32_t *in_table = calloc(HIERARCHY_LEAVES_MAX, sizeof(*in_table));
	uint32_t *in_class = calloc(HIERARCHY_LEAVES_MAX, sizeof(*in_class));
	const bool ok = in_table != NULL && in_class != NULL;

	for (size_t a = 0; ok && a < columns; a++) {
		memset(in_table, 0, HIERARCHY_LEAVES_MAX * sizeof(*in_table));
		for (size_t i = 0; i < m->t->n; i++)
			in_table[m->t->leaves[i * columns + a]]++;
		measure_why(m, a, in_table, in_class);
	}
	free(in_table);
	free(in_class);
	return ok;
}

/* N with a comma at every third digit. */
static enum sc_err put_count(struct sc_buf *out, uint64_t n)
{
	if (n < 1000)
		return sc_buf_put_u64(out, n);
	const enum sc_err err = put_count(out, n / 1000);

	return err == SC_OK ? sc_buf_printf(out, ",%03u", (unsigned)(n % 1000)) : err;
}

static const char *const whys[MEASURE_WHYS] = {
	[MEASURE_RARE] = "because fewer people than k have the value at all",
	[MEASURE_TOGETHER] = "because too few of those alike in the other columns have it",
	[MEASURE_REST] =
	    "because those beside them would be too few, or too much of one kind, alone",
};

enum sc_err measure_why_print(const struct release_measures *m, size_t column, uint32_t k,
    struct sc_buf *out)
{
	const struct measure_column *c = &m->columns[column];
	const uint64_t n = c->why[MEASURE_RARE] + c->why[MEASURE_TOGETHER] + c->why[MEASURE_REST];
	const char *between = ": ";
	enum sc_err err = put_count(out, n);

	if (err == SC_OK)
		err = sc_buf_put_str(out, " of ");
	if (err == SC_OK)
		err = put_count(out, m->rows - m->suppressed);
	if (err == SC_OK)
		err = sc_buf_printf(out, " rows are generalised (k is %u)", k);
	for (size_t i = MEASURE_RARE; err == SC_OK && i < MEASURE_WHYS; i++) {
		if (c->why[i] == 0)
			continue;
		if ((err = sc_buf_put_str(out, between)) != SC_OK ||
		    (err = put_count(out, c->why[i])) != SC_OK)
			break;
		err = sc_buf_printf(out, " %s", whys[i]);
		between = ", ";
	}
	return err;
}

/* ---- sensitive values ----------------------------------------------------------------- */

/* The distance of a class's values from the table's, equal and ordered: in millionths. */
static void measure_distance(struct measure_sensitive *s, size_t n, const uint32_t *hist,
    uint64_t rows, const uint32_t *all_hist, uint64_t all)
{
	unsigned __int128 equal = 0, ordered = 0;
	__int128 run = 0;

	for (size_t v = 0; v < n; v++) {
		const __int128 d = (__int128)hist[v] * all - (__int128)all_hist[v] * rows;

		run += d;
		equal += (unsigned __int128)(d < 0 ? -d : d);
		ordered += (unsigned __int128)(run < 0 ? -run : run);
	}
	const unsigned __int128 whole = (unsigned __int128)rows * all;
	if (whole == 0)
		return; /* nothing is released */
	const unsigned __int128 steps = n > 1 ? n - 1 : 1;
	const uint32_t e = (uint32_t)((equal * RELEASE_PPM + 2 * whole - 1) / (2 * whole));
	const uint32_t o =
	    (uint32_t)((ordered * RELEASE_PPM + steps * whole - 1) / (steps * whole));

	s->max_equal_ppm = e > s->max_equal_ppm ? e : s->max_equal_ppm;
	s->max_ordered_ppm = o > s->max_ordered_ppm ? o : s->max_ordered_ppm;
}

/* The thousandths L / 1000 whose logarithm is nearest below that of 2^BITS. */
static uint32_t milli_of(const struct fixed_logs *logs, uint64_t bits)
{
	uint32_t lo = 1000, hi = 1000 * RELEASE_VALUES_MAX;

	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo + 1) / 2;

		if (fixed_log2(logs, mid) - fixed_log2(logs, 1000) <= bits + 64)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

static void measure_class_values(struct measuring *m, struct measure_sensitive *s, size_t n,
    const uint32_t *hist, uint64_t rows)
{
	const uint64_t all = rows * fixed_log2(&m->logs, rows);
	uint32_t distinct = 0, most = 0;
	uint64_t sum = 0;

	for (size_t v = 0; v < n; v++) {
		distinct += hist[v] > 0;
		most = hist[v] > most ? hist[v] : most;
		if (hist[v] > 0)
			sum += (uint64_t)hist[v] * fixed_log2(&m->logs, hist[v]);
	}
	const uint32_t entropy = milli_of(&m->logs, sum < all ? (all - sum) / rows : 0);

	s->min_distinct = distinct < s->min_distinct ? distinct : s->min_distinct;
	s->min_entropy_milli = entropy < s->min_entropy_milli ? entropy : s->min_entropy_milli;
	s->max_share_ppm = ppm_up(most, rows) > s->max_share_ppm ? ppm_up(most, rows) :
								   s->max_share_ppm;
	s->homogeneous += distinct == 1 ? rows : 0;
}

static void measure_values(struct measuring *m, size_t column)
{
	const size_t n = m->t->labels[column].n, n_sensitive = m->t->shape.n_sensitive;
	struct measure_sensitive *s = &m->out->sensitive[column];
	uint32_t all_hist[RELEASE_VALUES_MAX] = { 0 };
	const uint32_t all = m->first[m->r->n];

	for (uint32_t i = 0; i < all; i++)
		all_hist[m->t->values[m->rows[i] * n_sensitive + column]]++;
	s->min_distinct = s->min_entropy_milli = m->r->n == 0 ? 0 : UINT32_MAX;
	for (size_t c = 0; c < m->r->n; c++) {
		const uint32_t rows = m->first[c + 1] - m->first[c];
		uint32_t hist[RELEASE_VALUES_MAX] = { 0 };

		for (uint32_t i = m->first[c]; i < m->first[c + 1]; i++)
			hist[m->t->values[m->rows[i] * n_sensitive + column]]++;
		measure_class_values(m, s, n, hist, rows);
		measure_distance(s, n, hist, rows, all_hist, all);
	}
}

enum sc_err measure_release(const struct release_table *t, const struct recode_result *r,
    uint32_t k, struct release_measures *out)
{
	struct measuring m = { .t = t, .r = r, .k = k, .out = out };
	bool ok;

	*out = (struct release_measures){ 0 };
	fixed_logs_init(&m.logs);
	ok = sort_by_class(&m) && count_people(&m) && measure_whys(&m);
	if (ok) {
		measure_classes(&m);
		measure_losses(&m);
	}
	for (size_t s = 0; ok && s < t->shape.n_sensitive; s++)
		measure_values(&m, s);
	free(m.rows);
	free(m.first);
	free(m.people);
	return ok ? SC_OK : SC_NOMEM;
}
