/*
 * source_features.h - the shop's own people as a source of rows: a snapshot's features.
 *
 * A row a person, the columns always these: weeks_since_order, orders, spent, lines,
 * favourite_category, main_channel, best_hour, weeks_active, and then each trait of the
 * words by its name. Weeks are whole ones before the snapshot; what is not known, or a
 * word's number that the words do not have, is "none".
 */
#ifndef ANALYTICS_VIEWS_SOURCE_FEATURES_H
#define ANALYTICS_VIEWS_SOURCE_FEATURES_H

#include "analytics/features/file.h"
#include "analytics/views/views.h"

#define VIEW_FEATURE_NEVER 9999 /* weeks_since_order of who never ordered */

struct view_features;

/* F and WORDS are borrowed. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err view_features_new(const struct feature_file *f,
    const struct feed_words *words, struct view_features **out);
void view_features_free(struct view_features *v); /* NULL is fine */
/* Lives as long as V. */
struct view_source *view_features_source(struct view_features *v);

#endif
