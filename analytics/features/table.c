/*
 * table.c - the table of numbers grows.
 */
#include "analytics/features/table.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BITS 10

void table_fini(struct fold_table *t)
{
	free(t->v);
	*t = (struct fold_table){ 0 };
}

void table_clear(struct fold_table *t)
{
	if (t->v != NULL)
		memset(t->v, 0, t->size * sizeof(*t->v));
	t->n = 0;
}

static void put(struct fold_table *t, uint64_t key, uint32_t at)
{
	size_t i = table_home(t, key);

	while (t->v[i].key != 0)
		i = (i + 1) & (t->size - 1);
	t->v[i] = (struct fold_slot){ key, at };
	t->n++;
}

static enum sc_err grow(struct fold_table *t)
{
	const unsigned bits = t->size == 0 ? FIRST_BITS : 64 - t->shift + 1;
	struct fold_table to = { .size = (size_t)1 << bits, .shift = 64 - bits };

	if ((to.v = calloc(to.size, sizeof(*to.v))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < t->size; i++)
		if (t->v[i].key != 0)
			put(&to, t->v[i].key, t->v[i].at);
	free(t->v);
	*t = to;
	return SC_OK;
}

enum sc_err table_add(struct fold_table *t, uint64_t key, uint32_t at)
{
	if (t->n >= t->size / 8 * 5 && grow(t) != SC_OK)
		return SC_NOMEM;
	put(t, key, at);
	return SC_OK;
}
