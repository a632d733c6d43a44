/*
 * figures.c - sums over all people, and visits beside them.
 */
#include "analytics/features/figures.h"

static void add(void *arg, const struct feature_row *row)
{
	struct feature_figures *out = arg;

	out->people++;
	out->views += row->views;
	out->orders += row->orders;
	out->spent += row->spent;
	for (size_t i = 0; i < FEATURE_CATEGORIES; i++)
		out->by_category[i] += row->by_category[i];
}

void fold_figures(const struct fold *f, struct feature_figures *out)
{
	struct fold_stats stats;

	*out = (struct feature_figures){ 0 };
	fold_each(f, add, out);
	fold_count(f, &stats);
	out->visits = stats.visits;
}
