/*
 * dialling.h - how telephone numbers begin: what the scanner and the blind index must
 * agree on, so that whatever is found in a text is found again in a column.
 *
 * Digits are characters. ITU-T E.164 has the calling codes, 1 to 3 digits, and at most
 * 15 digits in all.
 */
#ifndef POLICY_WORDS_DIALLING_H
#define POLICY_WORDS_DIALLING_H

#include "base/span.h"

#define DIALLING_MAX 15 /* digits of an international number */

/* Digits of the calling code that an international number begins with; 0: too short for one. */
size_t dialling_code(struct sc_span digits);

/* Is it a number as long as its country has them? False for a country that is not listed. */
bool dialling_known(struct sc_span digits);

/* The same, where of countries not listed any number of 8 to 15 digits may be one. */
bool dialling_fits(struct sc_span digits);

/*
 * How many digits a calling code has that nothing marks as one, neither a + nor 00: of a
 * number that is too long for one within a country, and begins and ends like one from
 * outside. 0: there is none.
 */
size_t dialling_unmarked(struct sc_span digits);

#endif
