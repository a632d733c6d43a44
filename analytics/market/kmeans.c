/*
 * kmeans.c - Lloyd's k-means on weighted cells, begun as k-means++ (Arthur and Vassilvitskii
 * 2007) and judged by the adjusted Rand index.
 */
#include "analytics/market/kmeans.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define ROUNDS_MAX 100

/* Steele et al. 2014 (SplitMix64): chance that is the same everywhere. */
static double draw(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (double)((x ^ (x >> 31)) >> 11) / 9007199254740992.0;
}

void kmeans_scale(struct kmeans_cell *v, size_t n)
{
	for (size_t d = 0; d < KMEANS_DIMS; d++) {
		double all = 0, sum = 0, squares = 0;

		for (size_t i = 0; i < n; i++) {
			all += v[i].weight;
			sum += v[i].weight * v[i].at[d];
		}
		for (size_t i = 0; i < n; i++)
			squares += v[i].weight * pow(v[i].at[d] - sum / all, 2);
		const double sd = squares > 0 ? sqrt(squares / all) : 1;

		for (size_t i = 0; i < n; i++)
			v[i].at[d] = (v[i].at[d] - sum / all) / sd;
	}
}

static double distance(const double *a, const double *b)
{
	double sum = 0;

	for (size_t d = 0; d < KMEANS_DIMS; d++)
		sum += (a[d] - b[d]) * (a[d] - b[d]);
	return sum;
}

/* Which group of R a point belongs to. */
static size_t nearest(const struct kmeans_result *r, const double at[static KMEANS_DIMS])
{
	size_t best = 0;

	for (size_t g = 1; g < r->k; g++)
		if (distance(at, r->centre[g]) < distance(at, r->centre[best]))
			best = g;
	return best;
}

/* The next centre: a cell by its weight times its distance from those that are there. */
static void choose_centre(const struct kmeans_cell *v, size_t n, uint64_t *seed,
    struct kmeans_result *r)
{
	double far[KMEANS_CELLS], all = 0, left;
	size_t pick = 0;

	for (size_t i = 0; i < n; i++) {
		far[i] = v[i].weight;
		if (r->k > 0)
			far[i] *= distance(v[i].at, r->centre[nearest(r, v[i].at)]);
		all += far[i];
	}
	left = draw(seed) * all;
	while (pick + 1 < n && (left -= far[pick]) >= 0)
		pick++;
	memcpy(r->centre[r->k++], v[pick].at, sizeof(v[pick].at));
}

/* Each cell to its nearest centre; true when any changed. */
static bool assign(const struct kmeans_cell *v, size_t n, struct kmeans_result *r)
{
	bool changed = false;

	r->loss = 0;
	for (size_t i = 0; i < n; i++) {
		const size_t g = nearest(r, v[i].at);

		changed |= r->group[i] != g;
		r->group[i] = (uint8_t)g;
		r->loss += v[i].weight * distance(v[i].at, r->centre[g]);
	}
	return changed;
}

/* Each centre into the middle of its cells; one without any stays where it is. */
static void centre(const struct kmeans_cell *v, size_t n, struct kmeans_result *r)
{
	double sum[KMEANS_MAX][KMEANS_DIMS] = { { 0 } }, all[KMEANS_MAX] = { 0 };

	for (size_t i = 0; i < n; i++) {
		all[r->group[i]] += v[i].weight;
		for (size_t d = 0; d < KMEANS_DIMS; d++)
			sum[r->group[i]][d] += v[i].weight * v[i].at[d];
	}
	for (size_t g = 0; g < r->k; g++)
		for (size_t d = 0; d < KMEANS_DIMS && all[g] > 0; d++)
			r->centre[g][d] = sum[g][d] / all[g];
}

enum sc_err kmeans_run(const struct kmeans_cell *v, size_t n, size_t k, unsigned starts,
    uint64_t seed, struct kmeans_result *out)
{
	struct kmeans_result r;

	if (k < 1 || k > KMEANS_MAX || n < k || n > KMEANS_CELLS)
		return SC_LIMIT;
	for (unsigned start = 0; start < starts; start++) {
		memset(&r, 0, sizeof(r));
		while (r.k < k)
			choose_centre(v, n, &seed, &r);
		assign(v, n, &r);
		for (unsigned round = 0; round < ROUNDS_MAX; round++) {
			centre(v, n, &r);
			if (!assign(v, n, &r))
				break;
		}
		if (start == 0 || r.loss < out->loss)
			*out = r;
	}
	return SC_OK;
}

static double pairs(double n)
{
	return n * (n - 1) / 2;
}

double kmeans_agreement(const uint8_t *a, const uint8_t *b, const double *weight, size_t n)
{
	double both[KMEANS_MAX][KMEANS_MAX] = { { 0 } }, of_a[KMEANS_MAX] = { 0 },
	       of_b[KMEANS_MAX] = { 0 };
	double all = 0, same = 0, in_a = 0, in_b = 0;

	for (size_t i = 0; i < n; i++) {
		both[a[i]][b[i]] += weight[i];
		of_a[a[i]] += weight[i];
		of_b[b[i]] += weight[i];
		all += weight[i];
	}
	for (size_t x = 0; x < KMEANS_MAX; x++) {
		in_a += pairs(of_a[x]);
		in_b += pairs(of_b[x]);
		for (size_t y = 0; y < KMEANS_MAX; y++)
			same += pairs(both[x][y]);
	}
	const double expected = pairs(all) > 0 ? in_a * in_b / pairs(all) : 0;
	const double most = (in_a + in_b) / 2;

	return most - expected != 0 ? (same - expected) / (most - expected) : 1;
}

/* How many of WEIGHT people another sample has in a cell: Poisson's, as one deviate. */
static double resample(double weight, uint64_t *seed)
{
	double u = draw(seed), p = exp(-weight);
	unsigned k = 0;

	if (weight > 30) {
		const double normal = sqrt(-2 * log(1 - u)) * cos(6.283185307179586 * draw(seed));

		return fmax(0, floor(weight + sqrt(weight) * normal + 0.5));
	}
	while (u > p && k < 200) {
		u -= p;
		p *= weight / ++k;
	}
	return k;
}

enum sc_err kmeans_worst_repeat(const struct kmeans_cell *v, size_t n,
    const struct kmeans_result *r, double *out)
{
	struct kmeans_cell again[KMEANS_CELLS];
	struct kmeans_result other;
	double weight[KMEANS_CELLS];
	uint8_t group[KMEANS_CELLS];
	uint64_t seed = 1;
	enum sc_err err;

	if (n > KMEANS_CELLS)
		return SC_LIMIT;
	*out = 1;
	for (unsigned repeat = 0; repeat < KMEANS_REPEATS; repeat++) {
		size_t m = 0;

		for (size_t i = 0; i < n; i++) {
			again[m] = v[i];
			again[m].weight = resample(v[i].weight, &seed);
			m += again[m].weight > 0;
		}
		if ((err = kmeans_run(again, m, r->k, KMEANS_STARTS, seed, &other)) != SC_OK)
			return err;
		for (size_t i = 0; i < n; i++) {
			weight[i] = v[i].weight;
			group[i] = (uint8_t)nearest(&other, v[i].at);
		}
		*out = fmin(*out, kmeans_agreement(r->group, group, weight, n));
	}
	return SC_OK;
}
