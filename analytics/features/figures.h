/*
 * figures.h - what marketing would read first, as sums over all people: held against
 * the truth of generated traffic.
 */
#ifndef ANALYTICS_FEATURES_FIGURES_H
#define ANALYTICS_FEATURES_FIGURES_H

#include "analytics/features/fold.h"

struct feature_figures {
	uint64_t people; /* with features */
	uint64_t views;  /* of products, by people */
	uint64_t orders;
	uint64_t spent; /* in steps, refunds taken off */
	uint64_t by_category[FEATURE_CATEGORIES];
	uint64_t visits; /* devices without an account: in none of the others */
};

void fold_figures(const struct fold *f, struct feature_figures *out);

#endif
