/*
 * risk_groups.h - rows grouped by what they have in a set of columns, a column at a time.
 */
#ifndef ANALYTICS_VIEWS_RISK_GROUPS_H
#define ANALYTICS_VIEWS_RISK_GROUPS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct risk_slot {
	uint64_t key;
	uint32_t group; /* one more than its number; 0: free */
};

/* Of one group. */
struct risk_group {
	uint64_t person; /* the first */
	uint32_t rows, people;
};

/* Room for a table of N rows; all zero, then risk_groups_init(). */
struct risk_groups {
	const uint64_t *persons; /* of each row; borrowed */
	size_t n;
	struct risk_slot *slots;
	size_t n_slots; /* a power of two */
	struct risk_group *v;
	size_t n_groups; /* of the last risk_split() */
	uint32_t *row;   /* the caller's, to keep a group for each row in */
};

SC_CHECKED enum sc_err risk_groups_init(struct risk_groups *g, const uint64_t *persons, size_t n);
void risk_groups_fini(struct risk_groups *g);

/*
 * TO[i]: the group of row I among those that are alike in FROM (NULL: all are) and in VALUES.
 * TO may be NULL: they are counted alone. G->v then tells each group's rows and, where
 * nobody has more than one row, people; of others there may be fewer (risk_people()).
 */
void risk_split(struct risk_groups *g, const uint32_t *from, const uint32_t *values, uint32_t *to);
/* Rows of groups that are one person's, of the last risk_split(). */
uint64_t risk_unique(const struct risk_groups *g);
/* Count the different people of each group, whose rows are those of GROUP. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err risk_people(struct risk_groups *g, const uint32_t *group);

#endif
