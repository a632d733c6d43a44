/*
 * made.c - what a body was taken apart into, as far as there is room.
 */
#include "gateway/take/private.h"

enum sc_err take_put(struct take *t, const struct collect_taken *x)
{
	if (t->n == COLLECT_EVENTS_MAX) {
		sc_diag_set(t->d, "more than %d events in one body", COLLECT_EVENTS_MAX);
		return SC_LIMIT;
	}
	t->out[t->n] = *x;
	t->index[t->n++] = t->object;
	return SC_OK;
}
