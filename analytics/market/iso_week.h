/*
 * iso_week.h - weeks and months by the names that the cube gives them.
 *
 * A week is its Monday, in days since 1970-01-01; a month is a number, months since the year 0.
 */
#ifndef ANALYTICS_MARKET_ISO_WEEK_H
#define ANALYTICS_MARKET_ISO_WEEK_H

#include "base/span.h"

#define ISO_WEEK_BYTES 9 /* "2026-W47" and its end; years 1 to 9999 */

/* The Monday of "2026-W47" (ISO 8601). False: there is no such week. */
bool iso_week_parse(struct sc_span text, int64_t *monday);
/* The name of the week that DAY is in. */
void iso_week_print(int64_t day, char out[static ISO_WEEK_BYTES]);
/* Its number, from 1 to 53. */
unsigned iso_week_number(int64_t day);

/* "2026-11" as a number that grows by one a month. False: there is no such month. */
bool iso_month_parse(struct sc_span text, int64_t *month);
/* From 1 to 12. */
unsigned iso_month_of_year(int64_t month);

#endif
