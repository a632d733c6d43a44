/*
 * hierarchy_private.h - a hierarchy's own parts: levels that are each a partition of the leaves.
 */
#ifndef ANALYTICS_RELEASE_HIERARCHY_PRIVATE_H
#define ANALYTICS_RELEASE_HIERARCHY_PRIVATE_H

#include "analytics/release/hierarchy.h"
#include "analytics/release/labels.h"

enum hierarchy_kind { HIERARCHY_TREE, HIERARCHY_GRID, HIERARCHY_DATES };

struct hierarchy_level {
	uint16_t *node;        /* of each leaf */
	uint16_t *lo, *hi;     /* of each node: its leaves */
	struct sc_span *label; /* of each node; NULL for a grid */
	size_t n;              /* nodes */
};

struct hierarchy {
	enum hierarchy_kind kind;
	size_t n_leaves, n_levels;
	struct hierarchy_level level[HIERARCHY_LEVELS_MAX];
	uint32_t *costs;              /* by lo and hi, or NULL */
	struct release_labels values; /* a tree's leaves by their text: numbers as they came */
	uint16_t *leaf_of;            /* ... and the leaf of each number */
	struct hierarchy_grid grid;
	int64_t first;              /* a grid: the first step; dates: the first leaf's period */
	enum hierarchy_date finest; /* dates */
	int64_t from_day, to_day;   /* dates: the domain, days since 1970-01-01 */
	struct sc_arena arena;      /* levels and labels */
};

/* An empty hierarchy of N leaves and N_LEVELS levels below "*", or NULL. */
struct hierarchy *hierarchy_new(enum hierarchy_kind kind, size_t n, size_t n_levels);

/*
 * Level L: leaf I is of node PARENT[I], which must not fall and grows by one at most;
 * LABEL is called for each node's first leaf and may be NULL. The labels live in H's arena.
 */
SC_CHECKED enum sc_err hierarchy_put_level(struct hierarchy *h, size_t l, const uint16_t *parent);

/* "*" on top where it is not yet, and the table of losses. */
SC_CHECKED enum sc_err hierarchy_finish(struct hierarchy *h);

#endif
