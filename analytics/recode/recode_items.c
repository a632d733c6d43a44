/*
 * recode_items.c - rows become items: what is equal in every cell that matters, counted.
 *
 * Items are numbered by a keyed hash of what they hold, so that nothing later depends on
 * the order of the rows, and a smaller number is as good as a draw.
 */
#include "analytics/recode/recode_private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct row_hash {
	uint64_t hash;
	uint32_t row;
	bool head;
};

struct item_maker {
	struct recode *r;
	const uint32_t *class_of;              /* what is suppressed stays out */
	uint16_t *slot[RELEASE_SENSITIVE_MAX]; /* by watch and value: of hist */
	uint8_t column[RELEASE_SENSITIVE_MAX]; /* by watch */
	struct row_hash *rows, *spare;
	size_t n;
	struct release_labels kinds;
};

static uint64_t hash_of(const struct recode *r, const void *p, size_t n)
{
	uint8_t h[crypto_shorthash_BYTES];
	uint64_t out;

	crypto_shorthash(h, p, n, r->set->key);
	memcpy(&out, h, sizeof(out));
	return out;
}

static int by_text(const void *va, const void *vb, void *arg)
{
	const struct release_labels *l = arg;
	const struct sc_span *a = &l->v[*(const uint16_t *)va], *b = &l->v[*(const uint16_t *)vb];
	const size_t n = a->n < b->n ? a->n : b->n;
	const int c = n == 0 ? 0 : memcmp(a->p, b->p, n);

	return c != 0 ? c : (a->n > b->n) - (a->n < b->n);
}

/* Values that came in any order count in the order of their texts. */
static bool number_values(struct item_maker *m, size_t watch)
{
	const struct recode *r = m->r;
	const size_t column = m->column[watch], n = r->watch[watch].n;
	struct release_labels labels = r->table->labels[column];
	uint16_t *order = calloc(n + 1, sizeof(*order));
	uint16_t *slot = m->slot[watch] = calloc(n + 1, sizeof(*slot));

	if (order == NULL || slot == NULL) {
		free(order);
		return false;
	}
	for (uint16_t i = 0; i < n; i++)
		order[i] = i;
	if (r->table->shape.sensitive[column].values == NULL)
		qsort_r(order, n, sizeof(*order), by_text, &labels);
	for (uint16_t i = 0; i < n; i++)
		slot[order[i]] = (uint16_t)(r->watch[watch].from + i);
	free(order);
	return true;
}

static uint16_t slot_of(const struct item_maker *m, size_t watch, uint32_t row)
{
	const struct release_table *t = m->r->table;

	return m->slot[watch][t->values[row * t->shape.n_sensitive + m->column[watch]]];
}

static void hash_rows(struct item_maker *m)
{
	const struct recode *r = m->r;
	const struct release_table *t = r->table;
	uint16_t text[RELEASE_COLUMNS_MAX + RELEASE_SENSITIVE_MAX];

	for (uint32_t i = 0; i < t->n; i++) {
		if (m->class_of[i] == RECODE_SUPPRESSED)
			continue;
		memcpy(text, t->leaves + i * r->m, r->m * sizeof(*text));
		for (size_t w = 0; w < r->n_watch; w++)
			text[r->m + w] = slot_of(m, w, i);
		m->rows[m->n++] =
		    (struct row_hash){ hash_of(r, text, (r->m + r->n_watch) * sizeof(*text)), i,
			    true };
	}
}

/* Of each person, the row of the smallest hash counts: open addressing by the person. */
static bool choose_heads(struct item_maker *m)
{
	size_t size = 16;
	uint32_t *first;

	while (size < 2 * m->n)
		size *= 2;
	if ((first = calloc(size, sizeof(*first))) == NULL)
		return false;
	for (uint32_t i = 0; i < m->n; i++) {
		const uint64_t person = m->r->table->persons[m->rows[i].row];
		size_t at = hash_of(m->r, &person, sizeof(person)) & (size - 1);

		while (first[at] != 0 && m->r->table->persons[m->rows[first[at] - 1].row] != person)
			at = (at + 1) & (size - 1);
		if (first[at] == 0) {
			first[at] = i + 1;
			continue;
		}
		struct row_hash *was = &m->rows[first[at] - 1];

		if (m->rows[i].hash < was->hash) {
			was->head = false;
			first[at] = i + 1;
		} else {
			m->rows[i].head = false;
		}
	}
	free(first);
	return true;
}

/* By hash, 16 bits at a time; rows of one hash stay in their order. */
static bool sort_rows(struct item_maker *m)
{
	uint32_t *count = malloc(65536 * sizeof(*count));

	if (count == NULL)
		return false;
	for (size_t i = 0; i < m->n; i++)
		m->rows[i].hash = m->rows[i].hash << 1 | m->rows[i].head;
	for (unsigned shift = 0; shift < 64; shift += 16) {
		uint32_t sum = 0;

		memset(count, 0, 65536 * sizeof(*count));
		for (size_t i = 0; i < m->n; i++)
			count[m->rows[i].hash >> shift & 0xffff]++;
		for (size_t i = 0; i < 65536; i++) {
			const uint32_t n = count[i];

			count[i] = sum;
			sum += n;
		}
		for (size_t i = 0; i < m->n; i++)
			m->spare[count[m->rows[i].hash >> shift & 0xffff]++] = m->rows[i];
		struct row_hash *v = m->rows;

		m->rows = m->spare;
		m->spare = v;
	}
	free(count);
	return true;
}

static bool is_equal(const struct item_maker *m, const struct row_hash *a, const struct row_hash *b)
{
	const struct recode *r = m->r;
	const uint16_t *leaves = r->table->leaves;

	if (a->hash != b->hash ||
	    memcmp(leaves + a->row * r->m, leaves + b->row * r->m, r->m * sizeof(*leaves)) != 0)
		return false;
	for (size_t w = 0; w < r->n_watch; w++)
		if (slot_of(m, w, a->row) != slot_of(m, w, b->row))
			return false;
	return true;
}

/* The number of a row's kind: what it counts as. */
static bool kind_of(struct item_maker *m, const struct row_hash *row, uint32_t *out)
{
	struct recode *r = m->r;
	uint16_t text[RELEASE_SENSITIVE_MAX + 1] = { row->head };
	struct recode_kind *v;

	for (size_t w = 0; w < r->n_watch; w++)
		text[1 + w] = slot_of(m, w, row->row);
	if (labels_add(&m->kinds, sc_span(text, sizeof(text)), out) != SC_OK)
		return false;
	if (*out < r->n_kinds)
		return true;
	if ((v = reallocarray(r->kinds, m->kinds.cap, sizeof(*v))) == NULL)
		return false;
	r->kinds = v;
	v += r->n_kinds++;
	v->head = row->head;
	memcpy(v->slot, text + 1, sizeof(v->slot));
	return true;
}

static bool add_item(struct item_maker *m, struct recode_group *g, size_t from, size_t to)
{
	struct recode *r = m->r;
	const uint16_t *leaves = r->table->leaves + m->rows[from].row * r->m;
	struct recode_unit *u = unit_at(r, g->units, g->n);

	memset(u, 0, r->stride);
	u->w = (uint32_t)(to - from);
	u->item = (uint32_t)r->n_items;
	for (size_t a = 0; a < r->m; a++)
		u->v[a] = (int16_t)leaves[a];
	r->first_row[r->n_items++] = (uint32_t)from;
	g->n++;
	return kind_of(m, &m->rows[from], &u->kind);
}

static size_t count_items(const struct item_maker *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += i == 0 || !is_equal(m, &m->rows[i - 1], &m->rows[i]);
	return n;
}

static bool make_items(struct item_maker *m, struct recode_group **out)
{
	struct recode *r = m->r;
	const size_t n = count_items(m);
	struct recode_group *g = *out = recode_group_new(r, n);

	r->rows_by_item = calloc(m->n + 1, sizeof(*r->rows_by_item));
	r->first_row = calloc(n + 1, sizeof(*r->first_row));
	if (g == NULL || r->rows_by_item == NULL || r->first_row == NULL)
		return false;
	for (size_t from = 0, to; from < m->n; from = to) {
		for (to = from + 1; to < m->n && is_equal(m, &m->rows[from], &m->rows[to]); to++)
			continue;
		if (!add_item(m, g, from, to))
			return false;
	}
	r->first_row[n] = (uint32_t)m->n;
	for (size_t i = 0; i < m->n; i++)
		r->rows_by_item[i] = m->rows[i].row;
	recode_group_count(r, g);
	return true;
}

enum sc_err recode_items_make(struct recode *r, const uint32_t *class_of, struct recode_group **out)
{
	struct item_maker m = { .r = r, .class_of = class_of };
	bool ok;

	*out = NULL;
	labels_init(&m.kinds);
	for (size_t w = 0; w < r->n_watch; w++)
		m.column[w] = (uint8_t)(r->watch[w].of - r->set->rules);
	m.rows = calloc(r->table->n + 1, sizeof(*m.rows));
	m.spare = calloc(r->table->n + 1, sizeof(*m.spare));
	ok = m.rows != NULL && m.spare != NULL;
	for (size_t w = 0; ok && w < r->n_watch; w++)
		ok = number_values(&m, w);
	if (ok)
		hash_rows(&m);
	ok = ok && choose_heads(&m) && sort_rows(&m) && make_items(&m, out);
	for (size_t w = 0; w < r->n_watch; w++)
		free(m.slot[w]);
	labels_fini(&m.kinds);
	free(m.rows);
	free(m.spare);
	if (!ok) {
		recode_group_free(*out);
		*out = NULL;
	}
	return ok ? SC_OK : SC_NOMEM;
}
