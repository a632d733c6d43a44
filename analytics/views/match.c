/*
 * match.c - kinds of rows, which of them fit, and what flows between them as rows.
 *
 * Which cells generalise which values is asked once for each pair of a column; for each of
 * a column's cells a set of the table's kinds is kept, and a kind of the release fits those
 * that are in the sets of all its cells.
 */
#include "analytics/views/match_private.h"

#include "analytics/check/check_cell.h"
#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

#define PAIRS_MAX (UINT64_C(1) << 28) /* of a cell and a value, of one column */
#define BITS_MAX (UINT64_C(1) << 33)  /* of all sets of a column */
#define EDGES_MAX (UINT64_C(1) << 27)

struct matching {
	const struct check_wants *wants;
	const struct view_cells *original, *released;
	size_t width;
	struct match_kinds from, to; /* of the table; of the release */
	uint64_t *fits; /* of the release's kinds at hand, words of kinds of the table */
	uint64_t *sets[SHELF_COLUMNS_MAX]; /* of each cell of a column */
	size_t words;
	struct match_edges edges;
	uint32_t *left;
	struct sc_diag *d;
};

static enum sc_err too_large(const struct matching *m)
{
	sc_diag_set(m->d, "the table and its release are too large to be held side by side");
	return SC_LIMIT;
}

/* ---- kinds ---------------------------------------------------------------------------- */

/* Equal texts are one text in memory. */
static int by_row(const void *va, const void *vb, void *arg)
{
	const struct view_cells *c = arg;
	const struct sc_span *a = c->v + *(const uint32_t *)va * c->width;
	const struct sc_span *b = c->v + *(const uint32_t *)vb * c->width;

	for (size_t i = 0; i < c->width; i++)
		if (a[i].p != b[i].p)
			return (uintptr_t)a[i].p < (uintptr_t)b[i].p ? -1 : 1;
	return 0;
}

static enum sc_err make_kinds(const struct view_cells *c, struct match_kinds *out)
{
	struct view_cells cells = *c;

	out->rows = calloc(c->n + 1, sizeof(*out->rows));
	out->first = calloc(c->n + 2, sizeof(*out->first));
	if (out->rows == NULL || out->first == NULL)
		return SC_NOMEM;
	for (uint32_t i = 0; i < c->n; i++)
		out->rows[i] = i;
	qsort_r(out->rows, c->n, sizeof(*out->rows), by_row, &cells);
	for (size_t i = 0; i < c->n; i++)
		if (i == 0 || by_row(&out->rows[i - 1], &out->rows[i], &cells) != 0)
			out->first[out->n++] = (uint32_t)i;
	out->first[out->n] = (uint32_t)c->n;
	return SC_OK;
}

/* The cell of kind K in column A. */
static struct sc_span cell_of(const struct view_cells *c, const struct match_kinds *kinds, size_t k,
    size_t a)
{
	return c->v[kinds->rows[kinds->first[k]] * c->width + a];
}

/* ---- who fits whom --------------------------------------------------------------------- */

static bool fits(const struct matching *m, size_t a, const struct check_tree *tree,
    struct sc_span cell, struct sc_span value)
{
	return a < m->wants->n_columns ? check_cell(&m->wants->columns[a], tree, cell, value) :
					 sc_span_eq(cell, value);
}

/* The number of each of the table's kinds' value in column A. */
static uint32_t *number_values(const struct matching *m, size_t a)
{
	uint32_t *out = calloc(m->from.n + 1, sizeof(*out));

	for (size_t k = 0; out != NULL && k < m->from.n; k++)
		(void)labels_find(&m->original->labels[a], cell_of(m->original, &m->from, k, a),
		    &out[k]);
	return out;
}

/* For each cell of column A: which kinds of the table it generalises. */
static enum sc_err fill_sets(struct matching *m, size_t a, const struct check_tree *tree)
{
	const struct release_labels *cells = &m->released->labels[a],
				    *values = &m->original->labels[a];
	uint32_t *value_of;
	uint8_t *fit;

	if ((uint64_t)cells->n * values->n > PAIRS_MAX ||
	    (uint64_t)cells->n * m->words * 64 > BITS_MAX)
		return too_large(m);
	m->sets[a] = calloc(cells->n * m->words + 1, sizeof(uint64_t));
	value_of = number_values(m, a);
	fit = calloc(values->n + 1, 1);
	for (size_t c = 0; m->sets[a] != NULL && value_of != NULL && fit != NULL && c < cells->n;
	     c++) {
		uint64_t *set = m->sets[a] + c * m->words;

		for (size_t v = 0; v < values->n; v++)
			fit[v] = fits(m, a, tree, cells->v[c], values->v[v]);
		for (size_t k = 0; k < m->from.n; k++)
			set[k / 64] |= (uint64_t)fit[value_of[k]] << k % 64;
	}
	const bool ok = m->sets[a] != NULL && value_of != NULL && fit != NULL;
	free(value_of);
	free(fit);
	return ok ? SC_OK : SC_NOMEM;
}

static enum sc_err make_sets(struct matching *m)
{
	for (size_t a = 0; a < m->width; a++) {
		struct check_tree tree = { .n_lines = 0 };
		enum sc_err err = SC_OK;

		if (a < m->wants->n_columns && m->wants->columns[a].kind == CHECK_TREE)
			err = check_tree_read(&tree, m->wants->columns[a].text, m->d);
		if (err == SC_OK)
			err = fill_sets(m, a, &tree);
		check_tree_fini(&tree);
		if (err != SC_OK)
			return err;
	}
	return SC_OK;
}

static enum sc_err add_edge(struct matching *m, uint32_t to)
{
	struct match_edges *e = &m->edges;

	if (e->n == e->cap) {
		const size_t cap = sc_grown(e->cap);
		uint32_t *v;

		if (cap > EDGES_MAX)
			return too_large(m);
		if ((v = reallocarray(e->to, cap, sizeof(*v))) == NULL)
			return SC_NOMEM;
		e->to = v;
		e->cap = cap;
	}
	e->to[e->n++] = to;
	return SC_OK;
}

/* The kinds of the table that release kind G is of. */
static enum sc_err add_edges(struct matching *m, size_t g)
{
	enum sc_err err = SC_OK;
	uint32_t cell;

	memset(m->fits, 0xff, m->words * sizeof(*m->fits));
	for (size_t a = 0; a < m->width; a++) {
		const struct sc_span text = cell_of(m->released, &m->to, g, a);

		if (!labels_find(&m->released->labels[a], text, &cell))
			return SC_BUG;
		for (size_t w = 0; w < m->words; w++)
			m->fits[w] &= m->sets[a][cell * m->words + w];
	}
	for (size_t w = 0; err == SC_OK && w < m->words; w++)
		for (uint64_t bits = m->fits[w]; err == SC_OK && bits != 0; bits &= bits - 1)
			err = add_edge(m, (uint32_t)(w * 64 + (unsigned)__builtin_ctzll(bits)));
	return err;
}

static enum sc_err make_edges(struct matching *m)
{
	struct match_edges *e = &m->edges;
	enum sc_err err = SC_OK;

	e->start = calloc(m->to.n + 2, sizeof(*e->start));
	m->fits = calloc(m->words + 1, sizeof(*m->fits));
	m->left = calloc(m->from.n + 1, sizeof(*m->left));
	if (e->start == NULL || m->fits == NULL || m->left == NULL)
		return SC_NOMEM;
	for (size_t k = 0; k < m->from.n; k++)
		m->left[k] = m->from.first[k + 1] - m->from.first[k];
	for (size_t g = 0; err == SC_OK && g < m->to.n; g++) {
		err = add_edges(m, g);
		e->start[g + 1] = e->n;
		if (err == SC_OK && e->start[g] == e->n) {
			sc_diag_set(m->d, "row %u of the release generalises no row of the table",
			    m->to.rows[m->to.first[g]] + 1);
			err = SC_CORRUPT;
		}
	}
	if (err == SC_OK && (e->flow = calloc(e->n + 1, sizeof(*e->flow))) == NULL)
		err = SC_NOMEM;
	return err;
}

/* ---- rows ----------------------------------------------------------------------------- */

/* What flows, as rows; LEFT counts up how many of a kind are used. */
static void deal(struct matching *m, uint32_t *from)
{
	memset(m->left, 0, m->from.n * sizeof(*m->left));
	for (size_t g = 0; g < m->to.n; g++) {
		uint32_t at = m->to.first[g];

		for (size_t i = m->edges.start[g]; i < m->edges.start[g + 1]; i++)
			for (uint32_t n = m->edges.flow[i]; n > 0; n--) {
				const uint32_t k = m->edges.to[i];

				from[m->to.rows[at++]] =
				    m->from.rows[m->from.first[k] + m->left[k]++];
			}
	}
}

static enum sc_err match(struct matching *m, uint32_t *from)
{
	bool ok = false;
	enum sc_err err;

	if ((err = make_kinds(m->original, &m->from)) != SC_OK ||
	    (err = make_kinds(m->released, &m->to)) != SC_OK)
		return err;
	m->words = (m->from.n + 63) / 64;
	if ((err = make_sets(m)) != SC_OK || (err = make_edges(m)) != SC_OK ||
	    (err = match_flow(&m->edges, &m->to, m->from.n, m->left, &ok)) != SC_OK)
		return err;
	if (ok) {
		deal(m, from);
		return SC_OK;
	}
	sc_diag_set(m->d, "the release has rows for which the table has none left");
	return SC_CORRUPT;
}

enum sc_err view_match(const struct check_wants *wants, const struct view_cells *original,
    const struct view_cells *released, uint32_t *from, struct sc_diag *d)
{
	struct matching m = { .wants = wants,
		.original = original,
		.released = released,
		.width = original->width,
		.d = d };
	const enum sc_err err = match(&m, from);

	for (size_t a = 0; a < m.width; a++)
		free(m.sets[a]);
	free(m.from.rows);
	free(m.from.first);
	free(m.to.rows);
	free(m.to.first);
	free(m.fits);
	free(m.left);
	free(m.edges.to);
	free(m.edges.flow);
	free(m.edges.start);
	return err;
}
