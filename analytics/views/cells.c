/*
 * cells.c - texts as they come, kept once.
 */
#include "analytics/views/cells.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

void view_cells_init(struct view_cells *c, size_t width)
{
	*c = (struct view_cells){ .width = width };
	for (size_t i = 0; i < width; i++)
		labels_init(&c->labels[i]);
}

void view_cells_fini(struct view_cells *c)
{
	for (size_t i = 0; i < c->width; i++)
		labels_fini(&c->labels[i]);
	free(c->v);
	*c = (struct view_cells){ 0 };
}

enum sc_err view_cells_add(struct view_cells *c, const struct sc_span *row)
{
	if (c->n == c->cap) {
		const size_t cap = sc_grown(c->cap);
		struct sc_span *v = reallocarray(c->v, cap, (c->width + 1) * sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		c->v = v;
		c->cap = cap;
	}
	for (size_t i = 0; i < c->width; i++) {
		uint32_t at;

		if (labels_add(&c->labels[i], row[i], &at) != SC_OK)
			return SC_NOMEM;
		c->v[c->n * c->width + i] = c->labels[i].v[at];
	}
	c->n++;
	return SC_OK;
}
