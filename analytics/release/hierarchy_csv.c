/*
 * hierarchy_csv.c - a tree as text in ARX's form: "value;level 1;...;*", a line a value.
 *
 * A label is one node of its level, so it has one parent; a text that says otherwise
 * contradicts itself and is refused, with both lines. Leaves are numbered along the tree,
 * children in the order of their first line.
 */
#include "analytics/release/hierarchy_private.h"
#include "base/grow.h"
#include "base/text/utf8.h"

#include <stdlib.h>
#include <string.h>

struct csv_line {
	unsigned number;                     /* of the file, from 1 */
	uint32_t node[HIERARCHY_LEVELS_MAX]; /* by level, in the order of first lines */
};

struct csv_text {
	struct sc_span rest;
	unsigned number; /* of the line being read */
	struct sc_diag *d;
	size_t n_levels; /* of the first line; 0: none yet */
	struct release_labels labels[HIERARCHY_LEVELS_MAX];
	uint32_t *parent[HIERARCHY_LEVELS_MAX]; /* of each label, at the next level */
	unsigned *first[HIERARCHY_LEVELS_MAX];  /* its first line */
	struct csv_line *lines;                 /* one a leaf */
	size_t n, cap;
	struct sc_buf cell;
};

static enum sc_err refuse(struct csv_text *t, const char *what)
{
	sc_diag_set(t->d, "%s", what);
	if (t->d != NULL)
		t->d->line = t->number;
	return SC_SYNTAX;
}

/* What stands between quotes at the start of REST, which goes on behind the closing one. */
static enum sc_err read_quoted(struct csv_text *t)
{
	struct sc_span *s = &t->rest;

	*s = sc_span_from(*s, 1);
	for (;;) {
		if (s->n == 0 || s->p[0] == '\n')
			return refuse(t, "a quoted cell does not end");
		if (s->p[0] == '"') {
			*s = sc_span_from(*s, 1);
			if (s->n == 0 || s->p[0] != '"')
				return SC_OK;
		}
		if (sc_buf_put(&t->cell, s->p, 1) != SC_OK)
			return refuse(t, "a cell is longer than 255 bytes");
		*s = sc_span_from(*s, 1);
	}
}

static enum sc_err read_plain(struct csv_text *t)
{
	size_t n = 0;

	while (n < t->rest.n && t->rest.p[n] != ';' && t->rest.p[n] != '\n')
		n++;
	const size_t cr = n > 0 && t->rest.p[n - 1] == '\r' &&
	    (n == t->rest.n || t->rest.p[n] == '\n');

	if (n > cr && sc_buf_put(&t->cell, t->rest.p, n - cr) != SC_OK)
		return refuse(t, "a cell is longer than 255 bytes");
	t->rest = sc_span_from(t->rest, n - cr);
	return SC_OK;
}

/* The next cell into CELL; *LAST: its line ends behind it. */
static enum sc_err read_cell(struct csv_text *t, bool *last)
{
	enum sc_err err;

	sc_buf_clear(&t->cell);
	err = t->rest.n > 0 && t->rest.p[0] == '"' ? read_quoted(t) : read_plain(t);
	if (err != SC_OK)
		return err;
	if (!utf8_valid(sc_buf_span(&t->cell)))
		return refuse(t, "a cell is not UTF-8");
	if (t->cell.n > 0 && memchr(t->cell.p, 0, t->cell.n) != NULL)
		return refuse(t, "a cell has a NUL");
	*last = t->rest.n == 0 || t->rest.p[0] != ';';
	if (*last && sc_span_starts(t->rest, "\r\n"))
		t->rest = sc_span_from(t->rest, 1);
	if (*last && t->rest.n > 0 && t->rest.p[0] != '\n')
		return refuse(t, "something follows a quoted cell");
	t->rest = sc_span_from(t->rest, 1);
	return SC_OK;
}

/* A new label's place among its level's parents. */
static enum sc_err add_parent(struct csv_text *t, size_t level, uint32_t node)
{
	const size_t cap = t->labels[level].cap;
	uint32_t *parent = reallocarray(t->parent[level], cap, sizeof(*parent));
	unsigned *first;

	if (parent == NULL)
		return SC_NOMEM;
	t->parent[level] = parent;
	if ((first = reallocarray(t->first[level], cap, sizeof(*first))) == NULL)
		return SC_NOMEM;
	t->first[level] = first;
	parent[node] = UINT32_MAX;
	first[node] = t->number;
	return SC_OK;
}

/* The cell as a label of LEVEL; its node into *NODE. */
static enum sc_err add_label(struct csv_text *t, size_t level, uint32_t *node)
{
	const size_t before = t->labels[level].n;

	if (level > 0 && t->cell.n == 0)
		return refuse(t, "a label is empty");
	if (before == HIERARCHY_LEAVES_MAX) {
		(void)refuse(t, "more than 32000 values");
		return SC_LIMIT;
	}
	if (labels_add(&t->labels[level], sc_buf_span(&t->cell), node) != SC_OK)
		return SC_NOMEM;
	return *node < before ? SC_OK : add_parent(t, level, *node);
}

static enum sc_err refuse_parent(struct csv_text *t, size_t level, uint32_t node)
{
	const struct sc_span label = t->labels[level].v[node];
	enum sc_err err = refuse(t, "");

	sc_diag_set(t->d, "\"%.60s\" stands under another label of level %zu than in line %u",
	    (const char *)label.p, level + 1, t->first[level][node]);
	return err;
}

/* Each node of the line under the next; a new leaf is kept. */
static enum sc_err add_line(struct csv_text *t, const struct csv_line *line, bool is_new)
{
	for (size_t l = 0; l + 1 < t->n_levels; l++) {
		uint32_t *parent = &t->parent[l][line->node[l]];

		if (*parent != UINT32_MAX && *parent != line->node[l + 1])
			return refuse_parent(t, l, line->node[l]);
		*parent = line->node[l + 1];
	}
	if (!is_new)
		return SC_OK;
	if (t->n == t->cap) {
		struct csv_line *v = reallocarray(t->lines, sc_grown(t->cap), sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		t->lines = v;
		t->cap = sc_grown(t->cap);
	}
	t->lines[t->n++] = *line;
	return SC_OK;
}

static enum sc_err read_line(struct csv_text *t)
{
	struct csv_line line = { .number = t->number };
	const size_t known = t->labels[0].n;
	size_t n = 0;
	bool last = false;
	enum sc_err err;

	while (!last) {
		if (n == HIERARCHY_LEVELS_MAX - 1)
			return refuse(t, "more than 23 levels");
		if ((err = read_cell(t, &last)) != SC_OK ||
		    (err = add_label(t, n, &line.node[n])) != SC_OK)
			return err;
		n++;
	}
	if (t->n_levels != 0 && n != t->n_levels)
		return refuse(t,
		    n < t->n_levels ? "fewer levels than in the lines before" :
				      "more levels than in the lines before");
	t->n_levels = n;
	return add_line(t, &line, t->labels[0].n > known);
}

static enum sc_err read_text(struct csv_text *t)
{
	enum sc_err err = SC_OK;

	if (sc_span_starts(t->rest, "\xef\xbb\xbf"))
		t->rest = sc_span_from(t->rest, 3);
	while (err == SC_OK && t->rest.n > 0) {
		t->number++;
		if (t->rest.p[0] == '\n' || sc_span_starts(t->rest, "\r\n"))
			t->rest = sc_span_from(t->rest, t->rest.p[0] == '\n' ? 1 : 2);
		else
			err = read_line(t);
	}
	if (err == SC_OK && t->n == 0) {
		t->number = 0;
		return refuse(t, "no value");
	}
	return err;
}

/* Lines by their nodes from the top down, which numbers the leaves along the tree. */
static int along_tree(const void *va, const void *vb, void *arg)
{
	const struct csv_line *a = va, *b = vb;

	for (size_t l = *(const size_t *)arg; l-- > 0;)
		if (a->node[l] != b->node[l])
			return a->node[l] < b->node[l] ? -1 : 1;
	return 0;
}

static enum sc_err put_levels(struct hierarchy *h, struct csv_text *t)
{
	uint16_t *node = calloc(t->n, sizeof(*node));
	enum sc_err err = node == NULL ? SC_NOMEM : SC_OK;

	for (size_t l = 0; err == SC_OK && l < t->n_levels; l++) {
		for (size_t i = 1; i < t->n; i++)
			node[i] = (uint16_t)(node[i - 1] +
			    (t->lines[i].node[l] != t->lines[i - 1].node[l]));
		if ((err = hierarchy_put_level(h, l, node)) != SC_OK)
			break;
		for (size_t i = 0; i < t->n; i++) {
			const struct sc_span s = t->labels[l].v[t->lines[i].node[l]];
			char *copy = sc_arena_copy(&h->arena, s);

			if (copy == NULL)
				err = SC_NOMEM;
			h->level[l].label[node[i]] = sc_span(copy, s.n);
		}
	}
	free(node);
	return err;
}

static enum sc_err make(struct csv_text *t, struct hierarchy **out)
{
	struct hierarchy *h = hierarchy_new(HIERARCHY_TREE, t->n, t->n_levels);
	enum sc_err err;

	if (h == NULL)
		return SC_NOMEM;
	qsort_r(t->lines, t->n, sizeof(*t->lines), along_tree, &t->n_levels);
	if ((h->leaf_of = calloc(t->n, sizeof(*h->leaf_of))) == NULL)
		err = SC_NOMEM;
	else if ((err = put_levels(h, t)) == SC_OK)
		err = hierarchy_finish(h);
	for (size_t i = 0; err == SC_OK && i < t->n; i++)
		h->leaf_of[t->lines[i].node[0]] = (uint16_t)i;
	if (err != SC_OK) {
		hierarchy_free(h);
		return err;
	}
	labels_fini(&h->values);
	h->values = t->labels[0]; /* its own now */
	labels_init(&t->labels[0]);
	*out = h;
	return SC_OK;
}

enum sc_err hierarchy_parse(struct sc_span text, struct sc_diag *d, struct hierarchy **out)
{
	struct csv_text t = { .rest = text, .d = d };
	enum sc_err err;

	*out = NULL;
	sc_buf_init(&t.cell, HIERARCHY_LABEL_MAX);
	for (size_t l = 0; l < HIERARCHY_LEVELS_MAX; l++)
		labels_init(&t.labels[l]);
	if (text.n > HIERARCHY_TEXT_MAX) {
		(void)refuse(&t, "larger than 16 MiB");
		err = SC_LIMIT;
	} else if ((err = read_text(&t)) == SC_OK) {
		err = make(&t, out);
	}
	for (size_t l = 0; l < HIERARCHY_LEVELS_MAX; l++) {
		labels_fini(&t.labels[l]);
		free(t.parent[l]);
		free(t.first[l]);
	}
	free(t.lines);
	sc_buf_fini(&t.cell);
	return err;
}
