/*
 * kmeans.h - groups of alike cells of a released view, by how often people were put in them.
 *
 * Always the same answer for the same cells: 40 fixed starts, no clock, no system's chance.
 */
#ifndef ANALYTICS_MARKET_KMEANS_H
#define ANALYTICS_MARKET_KMEANS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define KMEANS_DIMS 3
#define KMEANS_MAX 8      /* groups */
#define KMEANS_CELLS 1000 /* at most */
#define KMEANS_STARTS 40
#define KMEANS_REPEATS 20 /* of the agreement */

struct kmeans_cell {
	double at[KMEANS_DIMS];
	double weight; /* people, positive */
};

struct kmeans_result {
	double centre[KMEANS_MAX][KMEANS_DIMS];
	uint8_t group[KMEANS_CELLS]; /* of each cell, 0 to K - 1 */
	double loss;                 /* sum of weight * distance^2 */
	size_t k;
};

/* Put the cells on one scale: each dimension's mean becomes 0 and its deviation 1. */
void kmeans_scale(struct kmeans_cell *v, size_t n);

/*
 * K groups of N cells, the best of STARTS runs that begin as k-means++ does. Fails with
 * SC_LIMIT when K is not from 1 to KMEANS_MAX, or N not from K to KMEANS_CELLS.
 */
SC_CHECKED enum sc_err kmeans_run(const struct kmeans_cell *v, size_t n, size_t k, unsigned starts,
    uint64_t seed, struct kmeans_result *out);

/*
 * How far two groupings of N things agree, things with weights: the adjusted Rand index
 * (Hubert and Arabie 1985), 1 the same, 0 as by chance. Groups are below KMEANS_MAX.
 */
double kmeans_agreement(const uint8_t *a, const uint8_t *b, const double *weight, size_t n);

/*
 * The worst agreement of R with the groups of KMEANS_REPEATS other samples of as many people,
 * drawn from the same cells: would other people give the same groups? Fails with SC_LIMIT.
 */
SC_CHECKED enum sc_err kmeans_worst_repeat(const struct kmeans_cell *v, size_t n,
    const struct kmeans_result *r, double *out);

#endif
