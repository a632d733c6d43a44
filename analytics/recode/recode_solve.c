/*
 * recode_solve.c - cuts a set and its parts until nothing is gained.
 *
 * In small sets a pilot completes each of the best cuts by greedy ones, and the one that
 * ends best is taken: a look of a few steps ahead is worse than none, a whole one helps.
 */
#include "analytics/recode/recode_private.h"

#include <stdlib.h>

static bool is_leaf(const struct recode *r, const struct recode_group *g)
{
	return g->cost == 0 || g->part.people < 2 * (uint64_t)r->k || g->n < 2;
}

static void solve(struct recode *r, struct recode_list *work, unsigned breadth,
    struct recode_list *out);

/* What G by CUT comes to when greedy cuts complete it; LIMIT or more: that is all we know. */
static uint64_t pilot(struct recode *r, const struct recode_group *g, const struct recode_cut *cut,
    uint64_t limit)
{
	struct recode_list work = { 0 }, done = { 0 };
	uint64_t sum = UINT64_MAX;

	if (recode_split(r, g, cut, &work)) {
		solve(r, &work, 1, &done);
		sum = recode_loss(&done, 0);
	}
	recode_list_fini(&work);
	recode_list_fini(&done);
	return sum < limit ? sum : limit;
}

/* The best of the cuts by pilots, done. False: none is better than no cut. */
static bool split_by_pilots(struct recode *r, const struct recode_group *g,
    const struct recode_cuts *cuts, struct recode_list *out)
{
	uint64_t best = (uint64_t)g->part.rows * g->cost;
	size_t at = SIZE_MAX;

	for (size_t i = 0; i < cuts->n && r->err == SC_OK; i++) {
		const uint64_t sum = pilot(r, g, &cuts->v[i], best);

		if (sum < best) {
			best = sum;
			at = i;
		}
	}
	return at != SIZE_MAX && recode_split(r, g, &cuts->v[at], out);
}

static bool split_by_score(struct recode *r, const struct recode_group *g,
    const struct recode_cuts *cuts, struct recode_list *out)
{
	for (size_t i = 0; i < cuts->n && r->err == SC_OK; i++)
		if (recode_split(r, g, &cuts->v[i], out))
			return true;
	return false;
}

static bool split_best(struct recode *r, const struct recode_group *g, unsigned breadth,
    struct recode_list *out)
{
	const bool pilots = breadth > 1 && g->n <= r->effort.pilot_items;
	/* where the first cannot be done the next is taken */
	struct recode_cuts cuts = { .want = pilots ? breadth : 3 };

	if (is_leaf(r, g))
		return false;
	recode_cuts_find(r, g, &cuts);
	return pilots ? split_by_pilots(r, g, &cuts, out) : split_by_score(r, g, &cuts, out);
}

/* WORK into classes: a stack of its own, as cuts may be many and one below the other. */
static void solve(struct recode *r, struct recode_list *work, unsigned breadth,
    struct recode_list *out)
{
	while (work->n > 0 && r->err == SC_OK) {
		struct recode_group *g = work->v[--work->n];

		if (split_best(r, g, breadth, work))
			recode_group_free(g);
		else if (!recode_list_add(r, out, g))
			return;
	}
}

void recode_solve(struct recode *r, struct recode_group *g, unsigned breadth,
    struct recode_list *out)
{
	struct recode_list work = { 0 };

	if (recode_list_add(r, &work, g))
		solve(r, &work, breadth, out);
	recode_list_fini(&work);
}

bool recode_solve_once(struct recode *r, const struct recode_group *g, struct recode_list *out)
{
	return split_best(r, g, 1, out);
}
