/*
 * recode_result.c - what is published of each class, and which row is in which.
 */
#include "analytics/recode/recode_private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void recode_publish(const struct recode *r, const struct recode_group *g, struct recode_class *c)
{
	*c = (struct recode_class){ .rows = g->part.rows, .people = g->part.people };
	for (size_t a = 0; a < r->m; a++) {
		c->lo[a] = (uint16_t)g->part.box.lo[a];
		c->hi[a] = (uint16_t)g->part.box.hi[a];
		hierarchy_widen(r->col[a].h, &c->lo[a], &c->hi[a]);
	}
}

static int by_cells(const void *va, const void *vb, void *arg)
{
	const struct recode_class *all = arg;
	const struct recode_class *a = &all[*(const uint32_t *)va],
				  *b = &all[*(const uint32_t *)vb];
	const int lo = memcmp(a->lo, b->lo, sizeof(a->lo));

	return lo != 0 ? lo : memcmp(a->hi, b->hi, sizeof(a->hi));
}

/* They are one to whoever reads them. */
bool recode_merge_equal(struct recode_result *out, uint32_t *new_of)
{
	uint32_t *order = calloc(out->n + 1, sizeof(*order));
	struct recode_class *merged = calloc(out->n + 1, sizeof(*merged));
	size_t n = 0;

	for (uint32_t i = 0; order != NULL && i < out->n; i++)
		order[i] = i;
	if (order == NULL || merged == NULL) {
		free(order);
		free(merged);
		return false;
	}
	qsort_r(order, out->n, sizeof(*order), by_cells, out->classes);
	for (size_t i = 0; i < out->n; i++) {
		const struct recode_class *c = &out->classes[order[i]];

		if (i > 0 && by_cells(&order[i - 1], &order[i], out->classes) == 0) {
			merged[n - 1].rows += c->rows;
			merged[n - 1].people += c->people;
		} else {
			merged[n++] = *c;
		}
		new_of[order[i]] = (uint32_t)n - 1;
	}
	free(order);
	free(out->classes);
	out->classes = merged;
	out->n = n;
	return true;
}

struct dealt_row {
	uint64_t lot;
	uint32_t row;
};

static int by_lot(const void *va, const void *vb)
{
	const struct dealt_row *a = va, *b = vb;

	return a->lot != b->lot ? (a->lot > b->lot ? 1 : -1) :
				  (a->row > b->row) - (a->row < b->row);
}

/* An item's rows in an order by lot: which of them goes where is nobody's choice. */
static bool shuffle_item(struct recode *r, uint32_t item)
{
	uint32_t *rows = r->rows_by_item + r->first_row[item];
	const size_t n = r->first_row[item + 1] - r->first_row[item];
	struct dealt_row *v = calloc(n, sizeof(*v));

	if (v == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t h[crypto_shorthash_BYTES];

		crypto_shorthash(h, (const uint8_t *)&r->table->persons[rows[i]],
		    sizeof(r->table->persons[0]), r->set->key);
		memcpy(&v[i].lot, h, sizeof(v[i].lot));
		v[i].row = rows[i];
	}
	qsort(v, n, sizeof(*v), by_lot);
	for (size_t i = 0; i < n; i++)
		rows[i] = v[i].row;
	free(v);
	return true;
}

/* Deal the rows of every item to the classes that have units of it. */
static bool deal(struct recode *r, const struct recode_list *l, const uint32_t *new_of,
    struct recode_result *out)
{
	uint32_t *dealt = calloc(r->n_items + 1, sizeof(*dealt));

	for (size_t i = 0; dealt != NULL && i < l->n; i++) {
		for (size_t j = 0; j < l->v[i]->n; j++) {
			const struct recode_unit *u = unit_at(r, l->v[i]->units, j);
			const uint32_t *rows = r->rows_by_item + r->first_row[u->item];

			if (dealt[u->item] == 0 &&
			    u->w < r->first_row[u->item + 1] - r->first_row[u->item] &&
			    !shuffle_item(r, u->item)) {
				free(dealt);
				return false;
			}
			for (uint32_t w = 0; w < u->w; w++)
				out->class_of[rows[dealt[u->item]++]] = new_of[i];
		}
	}
	free(dealt);
	return dealt != NULL;
}

enum sc_err recode_result_make(struct recode *r, const struct recode_list *l,
    struct recode_result *out)
{
	uint32_t *new_of = calloc(l->n + 1, sizeof(*new_of));
	bool ok;

	out->n = l->n;
	out->classes = calloc(l->n + 1, sizeof(*out->classes));
	ok = new_of != NULL && out->classes != NULL;
	for (size_t i = 0; ok && i < l->n; i++)
		recode_publish(r, l->v[i], &out->classes[i]);
	ok = ok && recode_merge_equal(out, new_of) && deal(r, l, new_of, out);
	free(new_of);
	return ok ? SC_OK : SC_NOMEM;
}

void recode_result_free(struct recode_result *r)
{
	if (r == NULL)
		return;
	free(r->classes);
	free(r->class_of);
	free(r);
}
