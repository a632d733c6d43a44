/*
 * gather.c - what a call collects that is answered in more than one frame.
 */
#include "crypto/keyc/internal.h"

#include <stdlib.h>

enum sc_err keyc_gather_new(size_t n_items, uint32_t n_parts, struct keyc_gather **out)
{
	struct keyc_gather *g = calloc(1, sizeof(*g));
	size_t n = n_items == 0 ? 16 : n_items; /* other replies have a few results */

	*out = NULL;
	if (g == NULL)
		return SC_NOMEM;
	sc_buf_init(&g->bytes, KEYC_GATHER_MAX);
	g->results = calloc(n, sizeof(*g->results));
	g->offset = calloc(n, sizeof(*g->offset));
	g->next = calloc(n_parts, sizeof(*g->next));
	g->end = calloc(n_parts, sizeof(*g->end));
	g->n_parts = 1;
	if (g->results == NULL || g->offset == NULL || g->next == NULL || g->end == NULL) {
		keyc_gather_free(g);
		return SC_NOMEM;
	}
	g->end[0] = (uint32_t)n;
	*out = g;
	return SC_OK;
}

void keyc_gather_free(struct keyc_gather *g)
{
	if (g == NULL)
		return;
	sc_buf_fini(&g->bytes);
	free(g->results);
	free(g->offset);
	free(g->next);
	free(g->end);
	free(g);
}
