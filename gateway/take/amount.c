/*
 * amount.c - amounts of money, from the decimal text that they are written in to whole
 * steps; exactly, so that no amount is on one side here and on the other elsewhere.
 *
 * A step is a multiple of a hundredth, and half of one of five thousandths: whole
 * thousandths, cut off, are on the right side of every half.
 */
#include "gateway/take/private.h"

#define THOUSANDTHS_MAX (UINT64_MAX / 20) /* beyond it no step is small enough */
#define EXPONENT_MAX 9999

static bool is_digit(const struct sc_span *s, size_t i)
{
	return i < s->n && s->p[i] >= '0' && s->p[i] <= '9';
}

/* What stands behind "e": 0 of nothing; false: it is no number. */
static bool exponent(struct sc_span s, size_t i, int *out)
{
	bool minus = false;

	*out = 0;
	if (i == s.n)
		return true;
	if ((s.p[i++] | 0x20) != 'e')
		return false;
	if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
		minus = s.p[i++] == '-';
	if (!is_digit(&s, i))
		return false;
	for (; is_digit(&s, i); i++)
		*out = *out > EXPONENT_MAX ? *out : *out * 10 + s.p[i] - '0';
	*out = minus ? -*out : *out;
	return i == s.n;
}

/* Where the digits of S end; POINT: where those before its point do. */
static size_t mantissa(struct sc_span s, size_t *point)
{
	size_t i = 0;

	while (is_digit(&s, i))
		i++;
	*point = i;
	if (i > 0 && i + 1 < s.n && s.p[i] == '.' && is_digit(&s, i + 1))
		for (i++; is_digit(&s, i);)
			i++;
	return i;
}

/* Of digits S and POWER, that of ten of their first: whole thousandths, and whether it is above 0. */
static uint64_t thousandths(struct sc_span s, int power, bool *above)
{
	uint64_t v = 0;

	*above = false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.')
			continue;
		*above |= s.p[i] != '0';
		if (power-- >= -3 && v <= THOUSANDTHS_MAX)
			v = v * 10 + s.p[i] - '0';
	}
	/* what is left of the places before thousandths */
	for (; power >= -3 && v != 0 && v <= THOUSANDTHS_MAX; power--)
		v *= 10;
	return v;
}

uint32_t take_amount(struct sc_span text, uint32_t step)
{
	size_t point, end = mantissa(text, &point);
	uint64_t v;
	bool above;
	int e;

	if (end == 0 || !exponent(text, end, &e))
		return 0;
	v = thousandths(sc_span(text.p, end), (int)point - 1 + e, &above);
	v = (v + (uint64_t)step * 5) / ((uint64_t)step * 10);
	if (v > UINT32_MAX)
		v = UINT32_MAX;
	return above && v == 0 ? 1 : (uint32_t)v;
}
