/*
 * intersect.h - an attacker who has every release and knows where a person was in each.
 *
 * They know of everybody which class they were in, or that they were in none: the most that all
 * published columns and presence could tell. They know nothing of how releases are made.
 */
#ifndef TESTS_INTERSECT_H
#define TESTS_INTERSECT_H

#include "analytics/recode/recode.h"

#define INTERSECT_MAX 90u /* releases */

struct intersect_week {
	uint64_t *persons; /* ascending */
	uint32_t *classes; /* of each */
	size_t n;
	uint64_t *values; /* of each class: a bit for each value of the first sensitive column */
	size_t n_classes;
};

struct intersect {
	struct intersect_week weeks[INTERSECT_MAX];
	size_t n;
};

/* What they find. */
struct intersect_victims {
	size_t people;  /* who were ever published */
	size_t records; /* people whose records are fewer than k: told by all their classes */
	size_t values;  /* people with fewer than m values that were possible each time */
	size_t
	    comings; /* people seen to come or go with fewer than k from one release to the next */
	size_t common;   /* people in parts of fewer than k, of two releases alone */
	size_t smallest; /* part of all releases together */
};

/* Another release: whoever is suppressed was not in it. LABEL_AT: the attacker's number of each label. */
void intersect_add(struct intersect *x, const struct release_table *t,
    const struct recode_result *r, const unsigned *label_at);
/* Releases FROM to TO (exclusive) against each other. */
struct intersect_victims intersect_run(const struct intersect *x, size_t from, size_t to,
    uint32_t k, uint32_t m);
void intersect_fini(struct intersect *x);

#endif
