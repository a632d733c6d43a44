/*
 * fixed.c - the table of logarithms, bit by bit.
 */
#include "analytics/recode/fixed.h"

/* log2(X / 2^30) of X from 2^30 up to 2^31: squaring a number doubles its logarithm. */
static uint32_t log_of(uint64_t x)
{
	uint32_t out = 0;

	for (int bit = 0; bit < FIXED_BITS + 1; bit++) {
		x = x * x >> 30;
		out <<= 1;
		if (x >= UINT64_C(1) << 31) {
			x >>= 1;
			out |= 1;
		}
	}
	return (out + 1) >> 1;
}

void fixed_logs_init(struct fixed_logs *t)
{
	for (uint32_t i = 0; i < FIXED_STEPS; i++)
		t->at[i] = log_of((UINT64_C(1) << 30) + ((uint64_t)i << 20));
	t->at[FIXED_STEPS] = FIXED_ONE;
}
