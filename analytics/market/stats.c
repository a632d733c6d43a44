/*
 * stats.c - intervals and corrections.
 */
#include "analytics/market/stats.h"

#include <math.h>

double stats_p_of_z(double z)
{
	return erfc(fabs(z) / sqrt(2));
}

/* Probability of COUNT or fewer where MEAN is expected. */
static double poisson_upto(double count, double mean)
{
	double sum = 0;

	for (unsigned k = 0; k <= count; k++)
		sum += exp(k * log(mean) - mean - lgamma(k + 1.0));
	return sum < 1 ? sum : 1;
}

/* The mean at which COUNT or fewer have probability P, which falls as the mean grows. */
static double mean_with(double count, double p)
{
	double low = 1e-9, high = count + 10 * sqrt(count + 1) + 10;

	for (int i = 0; i < 80; i++) {
		const double mid = (low + high) / 2;

		if (poisson_upto(count, mid) > p)
			low = mid;
		else
			high = mid;
	}
	return (low + high) / 2;
}

struct stats_range stats_poisson(double count)
{
	struct stats_range r = { count, 0, 0 };

	/* beyond that, Wilson and Hilferty's cube roots are right to four digits, and quicker */
	if (count > 1000) {
		const double a = count, b = count + 1;

		r.low = a * pow(1 - 1 / (9 * a) - STATS_Z95 / (3 * sqrt(a)), 3);
		r.high = b * pow(1 - 1 / (9 * b) + STATS_Z95 / (3 * sqrt(b)), 3);
		return r;
	}
	r.low = count > 0 ? mean_with(count - 1, 0.975) : 0;
	r.high = mean_with(count, 0.025);
	return r;
}

bool stats_share_change(double a, double all_a, double b, double all_b, struct stats_range *out,
    double *p)
{
	if (a < 1 || b < 1 || all_a < a || all_b < b)
		return false;
	const double ratio = log(a / all_a) - log(b / all_b);
	const double part = 1 / a - 1 / all_a + 1 / b - 1 / all_b; /* of a share, not of a count */
	const double sd = STATS_SPREAD * sqrt(part > 0 ? part : 0);

	out->value = exp(ratio) - 1;
	out->low = exp(ratio - STATS_Z95 * sd) - 1;
	out->high = exp(ratio + STATS_Z95 * sd) - 1;
	*p = sd > 0 ? stats_p_of_z(ratio / sd) : 1;
	return true;
}

struct stats_range stats_share(double count, double all)
{
	const double z = STATS_Z95, share = count / all, whole = 1 + z * z / all;
	const double middle = (share + z * z / (2 * all)) / whole;
	const double half = z / whole * sqrt(share * (1 - share) / all + z * z / (4 * all * all));

	return (struct stats_range){ share, middle - half, middle + half };
}

size_t stats_false_discovery(const double *p, size_t n, double rate, bool *found)
{
	double limit = -1;
	size_t total = 0;

	/* the largest p that is at most rate * rank / n; N is hundreds */
	for (size_t i = 0; i < n; i++) {
		size_t rank = 0;

		for (size_t k = 0; k < n; k++)
			rank += p[k] <= p[i];
		if (p[i] <= rate * (double)rank / (double)n && p[i] > limit)
			limit = p[i];
	}
	for (size_t i = 0; i < n; i++)
		total += found[i] = p[i] <= limit;
	return total;
}
