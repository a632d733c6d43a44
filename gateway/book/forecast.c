/*
 * forecast.c - Little's law, Erlang's B, guesses, and the renewal of a slot.
 */
#include "gateway/book/forecast.h"

#include <math.h>
#include <stdlib.h>

uint64_t forecast_extensions(unsigned digits)
{
	uint64_t n = 1;

	while (digits-- > 0)
		n *= 10;
	return n;
}

uint64_t forecast_lines(double orders_day, uint64_t ttl_s, uint64_t cooldown_s, double fill,
    unsigned digits)
{
	double taken = orders_day / 86400 * ((double)ttl_s + (double)cooldown_s);
	double lines = ceil(taken / fill / (double)forecast_extensions(digits));

	return lines < 1 ? 1 : (uint64_t)lines;
}

double forecast_guess(double live, unsigned tries)
{
	return 1 - pow(1 - live, tries);
}

double forecast_blocked(double offered, uint64_t slots)
{
	double inverse = 1; /* of B(0); past all bounds it means: never */

	for (uint64_t n = 1; n <= slots && inverse < 1e300; n++)
		inverse = 1 + inverse * (double)n / offered;
	return 1 / inverse;
}

/*
 *	free[i+1] = free[i] - drawn[i] + drawn[i - ttl - cooldown]
 *	live[i+1] = live[i] + drawn[i] - drawn[i - ttl]
 */
enum sc_err forecast_reuse(const struct forecast_slot *s, uint64_t step_s, double *live, size_t n)
{
	double *drawn = calloc(n == 0 ? 1 : n, sizeof(*drawn));
	double q = -expm1(-s->drawn * (double)step_s), free_now = 1, live_now = 0;
	size_t ttl = (size_t)(s->ttl_s / step_s), circle = ttl + (size_t)(s->cooldown_s / step_s);

	if (drawn == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < n; i++) {
		live[i] = live_now;
		drawn[i] = free_now * q;
		free_now += (i >= circle ? drawn[i - circle] : 0) - drawn[i];
		live_now += drawn[i] - (i >= ttl ? drawn[i - ttl] : 0);
	}
	free(drawn);
	return SC_OK;
}
