/*
 * simulate_queue.c - a binary heap of calls.
 */
#include "gateway/book/simulate_queue.h"

#include <stdlib.h>

#define QUEUE_MAX ((size_t)1 << 26)

enum sc_err simulate_queue_put(struct simulate_queue *q, const struct simulated_call *c)
{
	size_t i;

	if (q->n == q->room) {
		size_t room = q->room == 0 ? 4096 : q->room * 2;
		struct simulated_call *v;

		if (room > QUEUE_MAX)
			return SC_LIMIT;
		if ((v = realloc(q->v, room * sizeof(*v))) == NULL)
			return SC_NOMEM;
		q->v = v;
		q->room = room;
	}
	for (i = q->n++; i > 0 && q->v[(i - 1) / 2].at > c->at; i = (i - 1) / 2)
		q->v[i] = q->v[(i - 1) / 2];
	q->v[i] = *c;
	return SC_OK;
}

struct simulated_call simulate_queue_take(struct simulate_queue *q)
{
	struct simulated_call first = q->v[0], last = q->v[--q->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < q->n) {
		if (child + 1 < q->n && q->v[child + 1].at < q->v[child].at)
			child++;
		if (q->v[child].at >= last.at)
			break;
		q->v[i] = q->v[child];
		i = child;
	}
	q->v[i] = last;
	return first;
}

void simulate_queue_fini(struct simulate_queue *q)
{
	free(q->v);
	*q = (struct simulate_queue){ .v = NULL };
}
