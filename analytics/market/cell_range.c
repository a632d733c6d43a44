/*
 * cell_range.c - ranges as they are written.
 */
#include "analytics/market/cell_range.h"

#include <string.h>

/* Where reading is; it never goes past `end`. */
struct range_reader {
	const char *at, *end;
};

static bool take(struct range_reader *r, const char *what)
{
	const size_t n = strlen(what);

	if ((size_t)(r->end - r->at) < n || memcmp(r->at, what, n) != 0)
		return false;
	r->at += n;
	return true;
}

/* Digits, at most 15, with a fraction perhaps. */
static bool take_number(struct range_reader *r, double *out)
{
	const bool minus = take(r, "-");
	double v = 0, unit = 1;
	int digits = 0;

	for (; r->at < r->end && *r->at >= '0' && *r->at <= '9' && digits < 15; digits++)
		v = v * 10 + (*r->at++ - '0');
	if (digits == 0)
		return false;
	if (r->end - r->at > 1 && r->at[0] == '.' && r->at[1] >= '0' && r->at[1] <= '9')
		for (r->at++; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
			v += (*r->at - '0') * (unit /= 10);
	*out = minus ? -v : v;
	return true;
}

/* Behind "[": numbers are whole, so that one that is left out is the one before it. */
static bool half_open(struct range_reader *r, struct cell_range *out)
{
	if (!take_number(r, &out->low) || !(take(r, ", ") || take(r, ",")))
		return false;
	if (take(r, "*") || take(r, "inf"))
		out->above = true;
	else if (!take_number(r, &out->high))
		return false;
	if (take(r, "[") || take(r, ")"))
		out->high -= 1;
	else if (!take(r, "]"))
		return false;
	return true;
}

static bool two_or_one(struct range_reader *r, struct cell_range *out)
{
	if (!take_number(r, &out->low))
		return false;
	out->high = out->low;
	if (take(r, "+"))
		out->above = true;
	else if (take(r, "..") || take(r, "-") || take(r, "\xe2\x80\x93"))
		return take_number(r, &out->high);
	return true;
}

bool cell_range_parse(struct sc_span text, struct cell_range *out)
{
	struct range_reader r = { (const char *)text.p, (const char *)text.p + text.n };
	bool ok = true;

	memset(out, 0, sizeof(*out));
	if (text.n == 0)
		return false;
	if (take(&r, "*"))
		out->below = out->above = true;
	else if (take(&r, "["))
		ok = half_open(&r, out);
	else if ((out->below = take(&r, "<=")) || (out->below = take(&r, "<")))
		ok = take_number(&r, &out->high);
	else if ((out->above = take(&r, ">=")) || (out->above = take(&r, ">")))
		ok = take_number(&r, &out->low);
	else
		ok = two_or_one(&r, out);
	return ok && r.at == r.end && (out->below || out->above || out->low <= out->high);
}
