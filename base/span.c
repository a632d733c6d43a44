/*
 * span.c - comparing without letter case, a word at a time: a proxy does little
 * else with header names.
 */
#include "base/span.h"

#define EACH(c) ((uint64_t)(c)*0x0101010101010101u)

/* Every ASCII capital of the eight bytes in X made small. No carry leaves its byte. */
static uint64_t lower(uint64_t x)
{
	uint64_t low = x & EACH(0x7f);
	uint64_t from_a = low + EACH(0x80 - 'A'), past_z = low + EACH(0x7f - 'Z');

	return x | ((from_a ^ past_z) & ~x & EACH(0x80)) >> 2;
}

static bool same(uint64_t x, uint64_t y)
{
	return x == y || lower(x) == lower(y);
}

static bool same_eight(const uint8_t *p, const uint8_t *q)
{
	uint64_t x, y;

	memcpy(&x, p, sizeof(x));
	memcpy(&y, q, sizeof(y));
	return same(x, y);
}

static bool same_four(const uint8_t *p, const uint8_t *q)
{
	uint32_t x, y;

	memcpy(&x, p, sizeof(x));
	memcpy(&y, q, sizeof(y));
	return same(x, y);
}

bool sc_caseless_eq(const void *a, const void *b, size_t n)
{
	const uint8_t *p = a, *q = b;

	/* the last word overlaps the one before it */
	if (n >= 8) {
		for (size_t i = 0; i < n - 8; i += 8)
			if (!same_eight(p + i, q + i))
				return false;
		return same_eight(p + n - 8, q + n - 8);
	}
	if (n >= 4)
		return same_four(p, q) && same_four(p + n - 4, q + n - 4);
	for (size_t i = 0; i < n; i++)
		if (!same(p[i], q[i]))
			return false;
	return true;
}

bool sc_span_u64(struct sc_span s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0 || s.n > 19)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	*out = v;
	return true;
}
