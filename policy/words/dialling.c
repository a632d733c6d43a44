/*
 * dialling.c - calling codes, and the lengths of what follows them.
 */
#include "policy/words/dialling.h"

#include <string.h>

struct country {
	char code[4];
	uint8_t min, max; /* digits behind the code */
};

/* Those with known lengths. */
static const struct country countries[] = {
	{ "1", 10, 10 },
	{ "7", 10, 10 },
	{ "33", 9, 9 },
	{ "34", 9, 9 },
	{ "39", 6, 11 },
	{ "44", 9, 10 },
	{ "49", 6, 12 },
	{ "60", 8, 10 },
	{ "61", 9, 9 },
	{ "65", 8, 8 },
	{ "81", 9, 10 },
	{ "82", 8, 10 },
	{ "852", 8, 8 },
	{ "853", 8, 8 },
	{ "86", 8, 12 },
	{ "886", 8, 9 },
	{ "91", 10, 10 },
};

/*
 * What people write of a code without a mark, most of it mobile: eleven digits or more,
 * where none that is dialled within a country looks like it. Eleven digits whose third is
 * a 9 are Brazil's, with its area first, so no row of eleven takes that.
 */
static const struct unmarked {
	char code[4];
	uint8_t min, max;
	char first[10]; /* digits that may stand behind the code */
} unmarked[] = {
	{ "1", 10, 10, "23456789" },
	{ "33", 9, 9, "1234567" },
	{ "34", 9, 9, "678" },
	{ "39", 10, 10, "3" },
	{ "44", 10, 10, "12378" },
	{ "49", 10, 11, "1" },
	{ "60", 9, 10, "1" },
	{ "61", 9, 9, "23478" },
	{ "81", 10, 10, "789" },
	{ "82", 10, 10, "1" },
	{ "852", 8, 8, "5679" },
	{ "853", 8, 8, "6" },
	{ "86", 11, 11, "1" },
	{ "886", 9, 9, "9" },
	{ "91", 10, 10, "6789" },
};

static const struct country *country_of(struct sc_span digits)
{
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++)
		if (sc_span_starts(digits, countries[i].code))
			return &countries[i];
	return NULL;
}

size_t dialling_code(struct sc_span digits)
{
	static const char two[] =
	    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54"
	    " 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 ";
	char code[4] = { 0 };

	if (digits.n < 4)
		return 0;
	if (digits.p[0] == '1' || digits.p[0] == '7')
		return 1;
	memcpy(code, digits.p, 2);
	code[2] = ' ';
	return strstr(two, code) != NULL ? 2 : 3;
}

bool dialling_known(struct sc_span digits)
{
	const struct country *c = country_of(digits);
	size_t code = c == NULL ? 0 : strlen(c->code);

	return c != NULL && digits.n >= code + c->min && digits.n <= code + c->max;
}

bool dialling_fits(struct sc_span digits)
{
	if (digits.n == 0 || digits.p[0] == '0')
		return false;
	if (country_of(digits) != NULL)
		return dialling_known(digits);
	return digits.n >= 8 && digits.n <= DIALLING_MAX;
}

size_t dialling_unmarked(struct sc_span digits)
{
	for (size_t i = 0; i < sizeof(unmarked) / sizeof(unmarked[0]); i++) {
		const struct unmarked *u = &unmarked[i];
		size_t code = strlen(u->code);

		if (sc_span_starts(digits, u->code) && digits.n >= code + u->min &&
		    digits.n <= code + u->max && strchr(u->first, digits.p[code]) != NULL)
			return code;
	}
	return 0;
}
