/*
 * match_flow.c - a largest flow between kinds of rows, by phases: the shortest ways that
 * give a row to who lacks one, all of a length at a time (Hopcroft and Karp, with counts).
 */
#include "analytics/views/match_private.h"

#include <stdlib.h>
#include <string.h>

#define FAR UINT32_MAX

struct flow_edge {
	uint32_t released; /* its kind of the release */
	size_t at;         /* the edge */
};

struct matching_flow {
	struct match_edges *e;
	size_t n_released, n_original;
	uint32_t *lacks; /* rows that each kind of the release has none for */
	uint32_t *left;  /* rows of each kind of the table that are not used */
	/* edges of each kind of the table, the other way round */
	struct flow_edge *back;
	size_t *back_start;
	uint32_t *depth; /* of each kind of the release, from those that lack */
	uint32_t *queue;
	size_t *next, *next_back; /* edges that are not yet tried in this phase */
	uint32_t *level; /* of each kind of the table: the depth that it was reached from */
};

static void give(struct matching_flow *f, uint32_t released, size_t edge, uint32_t n)
{
	f->e->flow[edge] += n;
	f->lacks[released] -= n;
	f->left[f->e->to[edge]] -= n;
}

/* What can be given at once. */
static void give_at_once(struct matching_flow *f)
{
	for (uint32_t g = 0; g < f->n_released; g++)
		for (size_t i = f->e->start[g]; i < f->e->start[g + 1] && f->lacks[g] > 0; i++) {
			const uint32_t left = f->left[f->e->to[i]];

			give(f, g, i, left < f->lacks[g] ? left : f->lacks[g]);
		}
}

/* How far each kind of the release is from one that lacks rows; false: nobody that does can get any. */
static bool measure(struct matching_flow *f)
{
	size_t n = 0;
	bool found = false;

	memset(f->level, 0xff, f->n_original * sizeof(*f->level));
	for (uint32_t g = 0; g < f->n_released; g++) {
		f->depth[g] = f->lacks[g] > 0 ? 0 : FAR;
		if (f->lacks[g] > 0)
			f->queue[n++] = g;
	}
	for (size_t q = 0; q < n; q++) {
		const uint32_t g = f->queue[q];

		for (size_t i = f->e->start[g]; i < f->e->start[g + 1]; i++) {
			const uint32_t o = f->e->to[i];

			if (f->level[o] != FAR)
				continue;
			f->level[o] = f->depth[g];
			found |= f->left[o] > 0;
			for (size_t b = f->back_start[o]; b < f->back_start[o + 1]; b++)
				if (f->e->flow[f->back[b].at] > 0 &&
				    f->depth[f->back[b].released] == FAR) {
					f->depth[f->back[b].released] = f->depth[g] + 1;
					f->queue[n++] = f->back[b].released;
				}
		}
	}
	return found;
}

/*
 * Get G one row, from what is left or from one that is deeper, which then gets another. The
 * depth of ways is bounded by the number of phases so far.
 */
static bool get_one(struct matching_flow *f, uint32_t g)
{
	for (; f->next[g] < f->e->start[g + 1]; f->next[g]++) {
		const size_t edge = f->next[g];
		const uint32_t o = f->e->to[edge];

		if (f->left[o] > 0) {
			f->e->flow[edge]++;
			f->left[o]--;
			return true;
		}
		for (; f->level[o] == f->depth[g] && f->next_back[o] < f->back_start[o + 1];
		     f->next_back[o]++) {
			const struct flow_edge *b = &f->back[f->next_back[o]];

			if (f->e->flow[b->at] == 0 || f->depth[b->released] != f->depth[g] + 1 ||
			    !get_one(f, b->released))
				continue;
			f->e->flow[b->at]--;
			f->e->flow[edge]++;
			return true;
		}
	}
	return false;
}

static bool run(struct matching_flow *f)
{
	bool lacking = true;

	give_at_once(f);
	while (lacking) {
		uint64_t got = 0;

		lacking = false;
		for (uint32_t g = 0; g < f->n_released; g++)
			lacking |= f->lacks[g] > 0;
		if (!lacking)
			return true;
		if (!measure(f))
			return false;
		memcpy(f->next, f->e->start, f->n_released * sizeof(*f->next));
		memcpy(f->next_back, f->back_start, f->n_original * sizeof(*f->next_back));
		for (uint32_t g = 0; g < f->n_released; g++)
			for (; f->lacks[g] > 0 && get_one(f, g); got++)
				f->lacks[g]--;
		if (got == 0)
			return false;
	}
	return true;
}

/* Edges the other way round. */
static void turn(struct matching_flow *f)
{
	for (size_t i = 0; i < f->e->n; i++)
		f->back_start[f->e->to[i] + 1]++;
	for (size_t o = 0; o < f->n_original; o++)
		f->back_start[o + 1] += f->back_start[o];
	memcpy(f->next_back, f->back_start, f->n_original * sizeof(*f->next_back));
	for (uint32_t g = 0; g < f->n_released; g++)
		for (size_t i = f->e->start[g]; i < f->e->start[g + 1]; i++)
			f->back[f->next_back[f->e->to[i]]++] = (struct flow_edge){ g, i };
}

enum sc_err match_flow(struct match_edges *e, const struct match_kinds *released, size_t n_original,
    uint32_t *left, bool *ok)
{
	const size_t n = released->n;
	struct matching_flow f = { .e = e,
		.n_released = n,
		.n_original = n_original,
		.left = left,
		.lacks = calloc(n + 1, sizeof(*f.lacks)),
		.back = calloc(e->n + 1, sizeof(*f.back)),
		.back_start = calloc(n_original + 2, sizeof(*f.back_start)),
		.depth = calloc(n + 1, sizeof(*f.depth)),
		.queue = calloc(n + 1, sizeof(*f.queue)),
		.next = calloc(n + 1, sizeof(*f.next)),
		.next_back = calloc(n_original + 1, sizeof(*f.next_back)),
		.level = calloc(n_original + 1, sizeof(*f.level)) };
	const bool room = f.lacks != NULL && f.back != NULL && f.back_start != NULL &&
	    f.depth != NULL && f.queue != NULL && f.next != NULL && f.next_back != NULL &&
	    f.level != NULL;

	if (room) {
		for (size_t g = 0; g < n; g++)
			f.lacks[g] = released->first[g + 1] - released->first[g];
		turn(&f);
		*ok = run(&f);
	}
	free(f.lacks);
	free(f.back);
	free(f.back_start);
	free(f.depth);
	free(f.queue);
	free(f.next);
	free(f.next_back);
	free(f.level);
	return room ? SC_OK : SC_NOMEM;
}
