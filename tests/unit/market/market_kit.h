/*
 * market_kit.h - published tables made by hand, for the tests of figures and of the page.
 */
#ifndef TESTS_UNIT_MARKET_MARKET_KIT_H
#define TESTS_UNIT_MARKET_MARKET_KIT_H

#include "analytics/market/report.h"

#define KIT_WEEK 20780 /* a Monday: 2026-11-23 */
#define KIT_ROWS 8192

/* An empty set of tables of that week. */
void kit_begin(struct market_data *m);
/* A row of table T, WEEKS before the page's; groups may be NULL. Rows of the past come first. */
void kit_row(struct market_data *m, enum market_table t, int64_t weeks, const char *a,
    const char *b, double v0, double v1, double v2, double v3);
/* The same of a table of months. */
void kit_month(struct market_data *m, enum market_table t, int64_t month, int64_t then, double v);
/* A deviate of Poisson's with MEAN, the same on every machine. */
double kit_poisson(uint64_t *seed, double mean);

#endif
