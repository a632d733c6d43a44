/*
 * cell_range.h - what a cell of a released view says of a number: from where to where.
 *
 * Views publish steps of a public grid: "20-24", "-20..-11", "7", "*"; other forms that
 * people write in a hierarchy of their own are read too: "[0, 4[", "[0, 4)", "<20", ">=50", "16+".
 */
#ifndef ANALYTICS_MARKET_CELL_RANGE_H
#define ANALYTICS_MARKET_CELL_RANGE_H

#include "base/span.h"

struct cell_range {
	double low, high;  /* both are in it, where they are there */
	bool below, above; /* open downwards: no low; upwards: no high */
};

/* False: TEXT is no range of numbers. */
bool cell_range_parse(struct sc_span text, struct cell_range *out);

#endif
