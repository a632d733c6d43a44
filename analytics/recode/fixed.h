/*
 * fixed.h - logarithms in fixed point, so that a release is the same on every machine.
 */
#ifndef ANALYTICS_RELEASE_FIXED_H
#define ANALYTICS_RELEASE_FIXED_H

#include <stdint.h>

#define FIXED_BITS 24 /* behind the point */
#define FIXED_ONE (1u << FIXED_BITS)
#define FIXED_STEPS 1024u

struct fixed_logs {
	uint32_t at[FIXED_STEPS + 1]; /* of 1 + i / STEPS */
};

void fixed_logs_init(struct fixed_logs *t);

/* The binary logarithm of X, which is at least 1; off by less than 2^-22. */
static inline uint32_t fixed_log2(const struct fixed_logs *t, uint64_t x)
{
	const unsigned shift = (unsigned)__builtin_clzll(x);
	const uint64_t behind = shift == 63 ? 0 : x << (shift + 1); /* behind the first one */
	const uint32_t i = (uint32_t)(behind >> 54);
	const uint64_t rest = behind << 10 >> 32;

	return ((63 - shift) << FIXED_BITS) + t->at[i] +
	    (uint32_t)((t->at[i + 1] - t->at[i]) * rest >> 32);
}

#endif
