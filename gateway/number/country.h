/*
 * country.h - numbering plans, as far as a gateway must know them: how long a
 * national number is, what is dialled before it at home, and which beginnings
 * are services that cost or serve everybody. Private to gateway/number/.
 *
 * Not a full list: a country without a row has numbers of 7 to 15 digits, its
 * calling code included (ITU-T E.164 §6), and no services that we know of.
 */
#ifndef GATEWAY_NUMBER_COUNTRY_H
#define GATEWAY_NUMBER_COUNTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct phone_country {
	const char *code;     /* calling code; "": every other */
	uint8_t min, max;     /* digits of a national number (of "": of the whole) */
	char trunk;           /* dialled before it at home; NUL: nothing */
	const char *services; /* beginnings, each ended by a space */
	/* a person's, where that is known more exactly; NULL: whatever is no service */
	bool (*person)(const char *national, size_t n);
};

/* The plan that the N digits of an international number (no plus) are of. Never NULL. */
const struct phone_country *phone_country_of(const char *digits, size_t n);
/* The plan with exactly this calling code, or NULL. */
const struct phone_country *phone_country_with(const char *code);

/* Can NATIONAL (N digits, no trunk prefix) be dialled as a subscriber's or a service's number? */
bool phone_country_fits(const struct phone_country *c, const char *national, size_t n);
/* Is it a person's, and no service's? */
bool phone_country_person(const struct phone_country *c, const char *national, size_t n);

#endif
