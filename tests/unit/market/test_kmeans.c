/*
 * test_kmeans.c - groups against every possible grouping, agreement against known values.
 */
#include "analytics/market/kmeans.h"
#include "tap.h"

#include <math.h>

#define SMALL 9

static uint64_t state = 42;

static double chance(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (double)(state >> 40) / (double)(1u << 24);
}

/* What grouping GROUP of K groups loses, centres in the middle. */
static double loss_of(const struct kmeans_cell *v, size_t n, const uint8_t *group, size_t k)
{
	double loss = 0;

	for (size_t g = 0; g < k; g++) {
		for (size_t d = 0; d < KMEANS_DIMS; d++) {
			double w = 0, sum = 0;

			for (size_t i = 0; i < n; i++) {
				w += group[i] == g ? v[i].weight : 0;
				sum += group[i] == g ? v[i].weight * v[i].at[d] : 0;
			}
			for (size_t i = 0; i < n && w > 0; i++)
				loss += group[i] == g ? v[i].weight * pow(v[i].at[d] - sum / w, 2) :
							0;
		}
	}
	return loss;
}

/* The least loss of all K^N groupings. */
static double brute_force(const struct kmeans_cell *v, size_t n, size_t k)
{
	uint8_t group[SMALL] = { 0 };
	double best = INFINITY;

	for (;;) {
		const double loss = loss_of(v, n, group, k);
		size_t i = 0;

		best = loss < best ? loss : best;
		while (i < n && ++group[i] == k)
			group[i++] = 0;
		if (i == n)
			return best;
	}
}

static void tiny_sets_are_grouped_best(void)
{
	for (int round = 0; round < 20; round++) {
		struct kmeans_cell v[SMALL];
		struct kmeans_result r;
		const size_t k = 2 + (size_t)round % 2;

		for (size_t i = 0; i < SMALL; i++) {
			for (size_t d = 0; d < KMEANS_DIMS; d++)
				v[i].at[d] = chance();
			v[i].weight = 1 + floor(chance() * 20);
		}
		NEED(kmeans_run(v, SMALL, k, KMEANS_STARTS, 7, &r) == SC_OK);
		CHECK(fabs(r.loss - brute_force(v, SMALL, k)) < 1e-9);
		CHECK(fabs(r.loss - loss_of(v, SMALL, r.group, k)) < 1e-9);
	}
}

static void weight_is_as_many_cells(void)
{
	struct kmeans_cell heavy[3] = { { { 0 }, 3 }, { { 1, 1, 1 }, 1 }, { { 5, 5, 5 }, 2 } };
	struct kmeans_cell many[6] = { { { 0 }, 1 }, { { 0 }, 1 }, { { 0 }, 1 }, { { 1, 1, 1 }, 1 },
		{ { 5, 5, 5 }, 1 }, { { 5, 5, 5 }, 1 } };
	struct kmeans_result a, b;

	kmeans_scale(heavy, 3);
	kmeans_scale(many, 6);
	CHECK(fabs(heavy[0].at[0] - many[0].at[0]) < 1e-12);
	NEED(kmeans_run(heavy, 3, 2, 40, 1, &a) == SC_OK &&
	    kmeans_run(many, 6, 2, 40, 1, &b) == SC_OK);
	CHECK(fabs(a.loss - b.loss) < 1e-9 && a.group[0] == a.group[1] && a.group[0] != a.group[2]);
}

static void always_the_same(void)
{
	struct kmeans_cell v[200];
	struct kmeans_result a, b;

	for (size_t i = 0; i < 200; i++)
		v[i] = (struct kmeans_cell){ { chance(), chance(), chance() }, 1 + chance() };
	NEED(
	    kmeans_run(v, 200, 5, 40, 3, &a) == SC_OK && kmeans_run(v, 200, 5, 40, 3, &b) == SC_OK);
	CHECK(memcmp(a.group, b.group, sizeof(a.group)) == 0 && a.loss == b.loss);
}

static void limits_are_kept(void)
{
	struct kmeans_cell v[2] = { { { 0 }, 1 }, { { 1 }, 1 } };
	struct kmeans_result r;

	CHECK(
	    kmeans_run(v, 2, 0, 1, 1, &r) == SC_LIMIT && kmeans_run(v, 2, 3, 1, 1, &r) == SC_LIMIT);
	CHECK(kmeans_run(v, 2, 2, 1, 1, &r) == SC_OK && r.loss == 0);
	CHECK(kmeans_run(v, KMEANS_CELLS + 1, 2, 1, 1, &r) == SC_LIMIT);
}

/* Hubert and Arabie (1985), table: sums of pairs by hand; and scikit-learn's documented ones. */
static void agreement_is_as_known(void)
{
	static const double one[6] = { 1, 1, 1, 1, 1, 1 };
	static const uint8_t a[6] = { 0, 0, 0, 1, 1, 1 }, b[6] = { 0, 0, 1, 1, 2, 2 };
	static const uint8_t swapped[6] = { 1, 1, 1, 0, 0, 0 };
	static const uint8_t c[4] = { 0, 0, 1, 2 }, d[4] = { 0, 0, 1, 1 };
	static const double twice[2] = { 2, 2 };
	static const uint8_t e[2] = { 0, 1 };

	CHECK(kmeans_agreement(a, swapped, one, 6) == 1);
	CHECK(fabs(kmeans_agreement(a, b, one, 6) - 0.24242424) < 1e-8);
	CHECK(fabs(kmeans_agreement(c, d, one, 4) - 0.57142857) < 1e-8);
	CHECK(kmeans_agreement(e, e, twice, 2) == 1);
	CHECK(kmeans_agreement(e, (const uint8_t[2]){ 0, 0 }, twice, 2) == 0);
}

static void cells_around(double apart, struct kmeans_cell *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v[i] = (struct kmeans_cell){ { apart * (double)(i % 3) + chance(), chance(),
						 chance() },
			1 + floor(chance() * 40) };
}

static void repeats_tell_groups_from_fog(void)
{
	struct kmeans_cell v[300];
	struct kmeans_result r;
	double far = 0, fog = 1;

	cells_around(10, v, 300);
	NEED(kmeans_run(v, 300, 3, 40, 1, &r) == SC_OK &&
	    kmeans_worst_repeat(v, 300, &r, &far) == SC_OK);
	cells_around(0, v, 300);
	NEED(kmeans_run(v, 300, 5, 40, 1, &r) == SC_OK &&
	    kmeans_worst_repeat(v, 300, &r, &fog) == SC_OK);
	CHECK(far > 0.999 && fog < 0.85);
}

int main(void)
{
	RUN(tiny_sets_are_grouped_best, "tiny sets are grouped as well as any grouping does");
	RUN(weight_is_as_many_cells, "a cell of weight three is three cells");
	RUN(always_the_same, "the same cells are always grouped the same");
	RUN(limits_are_kept, "too many groups or cells are refused");
	RUN(agreement_is_as_known, "the adjusted Rand index is as known");
	RUN(repeats_tell_groups_from_fog, "other samples tell groups from fog");
	return tap_done();
}
