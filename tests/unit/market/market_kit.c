/*
 * market_kit.c - tables made by hand.
 */
#include "market_kit.h"

#include <math.h>
#include <stdlib.h>

static struct market_row rows[MARKET_TABLES][KIT_ROWS];

void kit_begin(struct market_data *m)
{
	*m = (struct market_data){ .week = KIT_WEEK, .cube = 47, .floor = 10, .checked = true };
	for (size_t t = 0; t < MARKET_TABLES; t++)
		m->series[t].rows = rows[t];
}

static struct market_row *next(struct market_data *m, enum market_table t)
{
	if (m->series[t].n == KIT_ROWS)
		abort();
	return &rows[t][m->series[t].n++];
}

void kit_row(struct market_data *m, enum market_table t, int64_t weeks, const char *a,
    const char *b, double v0, double v1, double v2, double v3)
{
	*next(m, t) = (struct market_row){ .at = KIT_WEEK - 7 * weeks,
		.of = { a, b },
		.v = { v0, v1, v2, v3, v1 / 2 } };
}

void kit_month(struct market_data *m, enum market_table t, int64_t month, int64_t then, double v)
{
	*next(m, t) = (struct market_row){ .at = month, .then = then, .v = { v } };
}

double kit_poisson(uint64_t *seed, double mean)
{
	double sum = 0, n = -1;

	/* waiting times until the mean is used up */
	while (sum <= mean) {
		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		sum -= log(((double)(*seed >> 11) + 1) / 9007199254740994.0);
		n++;
	}
	return n;
}
