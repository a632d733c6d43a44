/*
 * fold_naive.h - what a fold should come to, by what fold.h says in words: every question is
 * asked of all frames anew, nothing is kept.
 */
#ifndef TESTS_FOLD_NAIVE_H
#define TESTS_FOLD_NAIVE_H

#include "analytics/features/fold.h"

struct fold_naive {
	const struct feed_frame *v;
	size_t n;
	const struct fold_settings *settings;
};

/* The row of PERSON; false: there is none. */
bool naive_row(const struct fold_naive *f, uint64_t person, struct feature_row *out);
/* All but PEOPLE. */
void naive_count(const struct fold_naive *f, struct fold_stats *out);

#endif
