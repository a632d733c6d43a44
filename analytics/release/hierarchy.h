/*
 * hierarchy.h - how the values of a column are generalised: a tree from its values to "*".
 *
 * The values are the leaves, numbered so that every node is an interval of them; what a
 * set of values is generalised to depends on its smallest and its largest leaf alone. A
 * tree is given as text in ARX's form or by a rule. A column of numbers is cut into the
 * steps of a public grid before anything else: its leaves are the steps, and any run of
 * steps may be published, so that no exact number ever is.
 *
 * The loss of a cell is its normalised certainty penalty: of a node, its leaves by all
 * leaves, and nothing for a leaf; of a run of steps, its width within the domain by the
 * domain's. A hierarchy is made once and then only read, by any number of threads.
 */
#ifndef ANALYTICS_RELEASE_HIERARCHY_H
#define ANALYTICS_RELEASE_HIERARCHY_H

#include "analytics/release/limits.h"
#include "base/buf.h"
#include "base/diag.h"

#define HIERARCHY_ONE (1u << 20) /* the loss of "*" */

struct hierarchy;

/*
 * A tree of TEXT: a line for each value, "value;level 1;...;*", cells quoted as in RFC
 * 4180 where they must be. Where the last column has several labels, "*" stands above
 * them. Fails with SC_SYNTAX (D says which line): no value, lines of different lengths, a
 * label that stands under two others; SC_LIMIT past a ceiling; SC_NOMEM. *OUT is the
 * caller's, to release with hierarchy_free().
 */
SC_CHECKED enum sc_err hierarchy_parse(struct sc_span text, struct sc_diag *d,
    struct hierarchy **out);

struct hierarchy_grid {
	int64_t min, max; /* the domain, which is public, in units of 10^-DECIMALS */
	int64_t step;     /* width of a leaf, in the same units */
	int64_t origin;   /* where a step begins */
	uint8_t decimals; /* of a number as it is written, 0 to 9 */
};

/* Numbers on a grid; further levels merge 2, 4, 8... steps. Fails like hierarchy_parse(). */
SC_CHECKED enum sc_err hierarchy_of_grid(const struct hierarchy_grid *rule, struct sc_diag *d,
    struct hierarchy **out);

enum hierarchy_date { HIERARCHY_DAY, HIERARCHY_MONTH, HIERARCHY_QUARTER, HIERARCHY_YEAR };

/* Dates from the day FROM to the day TO ("2026-02-28"), never finer than FINEST. */
SC_CHECKED enum sc_err hierarchy_of_dates(struct sc_span from, struct sc_span to,
    enum hierarchy_date finest, struct sc_diag *d, struct hierarchy **out);

/*
 * The N VALUES by their first characters: a level for each of the N_LENGTHS lengths, which
 * fall ("1234" by 3 and 1: "123*", "1*", "*").
 */
SC_CHECKED enum sc_err hierarchy_of_prefixes(const struct sc_span *values, size_t n,
    const size_t *lengths, size_t n_lengths, struct sc_diag *d, struct hierarchy **out);

void hierarchy_free(struct hierarchy *h); /* NULL is fine */

/* The leaf of a value as it is written in the data; false: the hierarchy does not know it. */
bool hierarchy_find(const struct hierarchy *h, struct sc_span value, uint16_t *leaf);

size_t hierarchy_leaves(const struct hierarchy *h);
/* Levels, the leaves' being 0 and that of "*" the last; at least one. */
size_t hierarchy_levels(const struct hierarchy *h);
/* May any run of leaves be published (a grid), or nodes alone? */
bool hierarchy_is_grid(const struct hierarchy *h);

/* The node of each leaf at LEVEL, numbered in the order of their leaves; as long as H. */
const uint16_t *hierarchy_nodes(const struct hierarchy *h, size_t level);

/* The lowest level at which LO and HI have the same node. */
size_t hierarchy_level(const struct hierarchy *h, uint16_t lo, uint16_t hi);
/* What is published of leaves LO to HI: widen both to it. */
void hierarchy_widen(const struct hierarchy *h, uint16_t *lo, uint16_t *hi);
/* The loss of what is published of LO to HI, HIERARCHY_ONE being all. */
uint32_t hierarchy_cost(const struct hierarchy *h, uint16_t lo, uint16_t hi);
/* The losses of all pairs, at [lo * leaves + hi]; NULL where there are too many for a table. */
const uint32_t *hierarchy_costs(const struct hierarchy *h);

/* Append what is published of leaves LO to HI. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err hierarchy_print(const struct hierarchy *h, uint16_t lo, uint16_t hi,
    struct sc_buf *out);

#endif
