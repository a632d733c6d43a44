/*
 * civil.h - days and dates of the Gregorian calendar, also before it was there.
 */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

struct civil_date {
	int64_t year;
	uint8_t month, day; /* from 1 */
};

bool civil_is_leap(int64_t year);
/* Days in a month from 1 to 12 of YEAR. */
uint8_t civil_month_days(int64_t year, uint8_t month);
/* Days from 1970-01-01 to DATE, which is one. */
int64_t civil_days(struct civil_date date);
/* The date DAYS after 1970-01-01. */
struct civil_date civil_of_days(int64_t days);

/* N / BY, rounded down; BY is positive. */
static inline int64_t civil_floor(int64_t n, int64_t by)
{
	return n / by - (n % by < 0);
}

#endif
