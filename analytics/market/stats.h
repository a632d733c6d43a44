/*
 * stats.h - how sure a published number is: intervals and corrections, of counts alone.
 *
 * Everything here is about what anybody may read; no number of a person comes this far.
 */
#ifndef ANALYTICS_MARKET_STATS_H
#define ANALYTICS_MARKET_STATS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * People come again in the weeks that are added up, and one sale brings many: the variance of
 * a count is 1.3 times Poisson's. On 2,640 changes of share at 50,000 customers without any
 * trend it was 1.2 times. This is the standard deviation's part.
 */
#define STATS_SPREAD 1.140175425099138
#define STATS_Z95 1.959963984540054

struct stats_range {
	double value, low, high;
};

/* Two-sided probability of a normal deviate as far out as Z. */
double stats_p_of_z(double z);

/*
 * The exact 95 % interval of a Poisson mean of which COUNT was seen (Garwood 1936), COUNT
 * whole and not negative.
 */
struct stats_range stats_poisson(double count);

/*
 * (A of ALL_A) against (B of ALL_B), as a ratio of shares less one: 0.15 is 15 % more. With
 * its 95 % interval and *P of no change, both by a spread of STATS_SPREAD. False: too
 * little was counted to say anything (less than one of either).
 */
bool stats_share_change(double a, double all_a, double b, double all_b, struct stats_range *out,
    double *p);

/* COUNT of ALL as a share, with Wilson's 95 % interval; ALL is positive. */
struct stats_range stats_share(double count, double all);

/*
 * Benjamini and Hochberg (1995): of N tests with probabilities P, which are found when at
 * most RATE of all finds may be false. FOUND is for the N answers. Returns how many.
 */
size_t stats_false_discovery(const double *p, size_t n, double rate, bool *found);

#endif
