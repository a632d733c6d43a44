/*
 * country.c - the numbering plans we know, a row each.
 *
 * What is a service here is refused as the number of a person: premium and
 * shared-cost lines, free ones, numbers for machines and for everybody. So a
 * binding cannot be made to dial an expensive line.
 */
#include "gateway/number/country.h"

#include <string.h>

/* 1[3-9] and nine more; or an area code (10, 2x, or three digits) and seven or eight. */
static bool china(const char *d, size_t n)
{
	if (d[0] == '1' && d[1] >= '3' && d[1] <= '9')
		return n == 11;
	if (d[0] == '1')
		return d[1] == '0' && n == 10 && d[2] >= '2' && d[2] <= '8';
	if (d[0] == '2')
		return n == 10 && d[2] >= '2' && d[2] <= '8';
	return d[0] >= '3' && d[0] <= '9' && (n == 10 || n == 11) && d[3] >= '2' && d[3] <= '8' &&
	    strncmp(d, "400", 3) != 0 && strncmp(d, "800", 3) != 0 &&
	    !(d[0] == '9' && d[1] == '5' && (d[2] < '1' || d[2] > '5'));
}

/* Area and exchange codes begin with 2 to 9, and are not 911 and its like. */
static bool north_america(const char *d, size_t n)
{
	return n == 10 && d[0] >= '2' && d[3] >= '2' && memcmp(d + 1, "11", 2) != 0 &&
	    memcmp(d + 4, "11", 2) != 0;
}

static const struct phone_country countries[] = {
	{ "1", 10, 10, '1',
	    "500 521 522 523 524 525 526 527 528 529 533 544 566 577 588 600 700 "
	    "710 800 833 844 855 866 877 888 900 976 ",
	    north_america },
	{ "7", 10, 10, '8', "80 ", NULL },
	{ "33", 9, 9, '0', "8 ", NULL },
	{ "34", 9, 9, '\0', "80 90 ", NULL },
	{ "39", 6, 11, '\0', "1 4 7 8 ", NULL },
	{ "44", 9, 10, '0', "5 70 8 9 ", NULL },
	{ "49", 6, 12, '0', "11 137 138 18 19 31 32 700 800 900 ", NULL },
	{ "60", 8, 10, '0', "1300 1700 1800 1600 600 ", NULL },
	{ "61", 9, 9, '0', "1 5 9 ", NULL },
	{ "65", 8, 8, '\0', "1 ", NULL },
	{ "81", 9, 10, '0', "120 170 180 570 800 990 ", NULL },
	{ "82", 8, 10, '0', "15 16 18 30 50 60 70 80 ", NULL },
	{ "852", 8, 8, '\0', "1 900 ", NULL },
	{ "853", 8, 8, '\0', "1 ", NULL },
	{ "86", 10, 11, '0', "", china },
	{ "886", 8, 9, '0', "20 80 99 ", NULL },
	{ "91", 10, 10, '0', "1 ", NULL },
	/* of no country: free, shared-cost, personal, satellites, networks, premium */
	{ "800", 8, 8, '\0', "0 1 2 3 4 5 6 7 8 9 ", NULL },
	{ "808", 8, 8, '\0', "0 1 2 3 4 5 6 7 8 9 ", NULL },
	{ "870", 4, 12, '\0', "0 1 2 3 4 5 6 7 8 9 ", NULL },
	{ "878", 4, 12, '\0', "0 1 2 3 4 5 6 7 8 9 ", NULL },
	/* 881, 882, 883 and 888; 880 is Bangladesh */
	{ "88", 5, 13, '\0', "1 2 3 8 ", NULL },
	{ "979", 9, 9, '\0', "0 1 2 3 4 5 6 7 8 9 ", NULL },
	{ "", 7, 15, '\0', "", NULL },
};
#define COUNTRIES (sizeof(countries) / sizeof(countries[0]))

const struct phone_country *phone_country_of(const char *digits, size_t n)
{
	const struct phone_country *best = &countries[COUNTRIES - 1];

	for (size_t i = 0; i < COUNTRIES; i++) {
		size_t len = strlen(countries[i].code);

		if (len > strlen(best->code) && len < n &&
		    memcmp(digits, countries[i].code, len) == 0)
			best = &countries[i];
	}
	return best;
}

const struct phone_country *phone_country_with(const char *code)
{
	for (size_t i = 0; i < COUNTRIES; i++)
		if (code[0] != '\0' && strcmp(countries[i].code, code) == 0)
			return &countries[i];
	return NULL;
}

bool phone_country_fits(const struct phone_country *c, const char *national, size_t n)
{
	/* what is dialled before national numbers begins none of them */
	return n >= c->min && n <= c->max && national[0] != '\0' &&
	    (c->trunk != '0' || national[0] != '0') &&
	    (c->person == NULL || c->person(national, n));
}

bool phone_country_person(const struct phone_country *c, const char *national, size_t n)
{
	const char *at = c->services;

	if (!phone_country_fits(c, national, n))
		return false;
	while (*at != '\0') {
		size_t len = strcspn(at, " ");

		if (len <= n && memcmp(national, at, len) == 0)
			return false;
		at += len + 1;
	}
	return true;
}
