/*
 * civil.c - days and dates. Years are counted from March, so that the odd day of a leap
 * year is a year's last and months have one rhythm.
 */
#include "base/civil.h"

#define ERA_YEARS 400
#define ERA_DAYS 146097
#define ERA_TO_1970 719468 /* from 0000-03-01 */

bool civil_is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

uint8_t civil_month_days(int64_t year, uint8_t month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return (uint8_t)(days[month - 1] + (month == 2 && civil_is_leap(year)));
}

int64_t civil_days(struct civil_date date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t era = civil_floor(year, ERA_YEARS), of_era = year - era * ERA_YEARS;
	int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
	int64_t of_year = (153 * month + 2) / 5 + date.day - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - ERA_TO_1970;
}

struct civil_date civil_of_days(int64_t days)
{
	int64_t since = days + ERA_TO_1970, era = civil_floor(since, ERA_DAYS);
	int64_t day = since - era * ERA_DAYS;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	struct civil_date out = {
		.month = (uint8_t)(month < 10 ? month + 3 : month - 9),
		.day = (uint8_t)(of_year - (153 * month + 2) / 5 + 1),
	};

	out.year = year + era * ERA_YEARS + (out.month <= 2);
	return out;
}
