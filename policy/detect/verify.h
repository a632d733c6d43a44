/*
 * verify.h - one function per kind of number: does one begin at the first
 * group of the window?
 */
#ifndef POLICY_DETECT_VERIFY_H
#define POLICY_DETECT_VERIFY_H

#include "policy/detect/digits.h"

struct detect_match {
	uint32_t start, end; /* bytes of the text */
	size_t groups;       /* groups used up */
	uint8_t class_id;
};

/* Answer in *M, which is written only when it is yes. */
typedef bool verify_fn(const struct digit_window *w, struct detect_match *m);

verify_fn verify_resident_id; /* GB 11643: area, date, MOD 11-2 */
verify_fn verify_bank_card;   /* ISO/IEC 7812: issuer range, length, Luhn */
verify_fn verify_mobile;      /* China: 1[3-9] and eleven digits */
verify_fn verify_e164;        /* + or 00, or a word, then country code and number */
verify_fn verify_nanp;        /* North America, with separators */
verify_fn verify_national;    /* with a trunk 0: United Kingdom, Germany, China */

/* Has DIGITS (18 characters, the last perhaps X) a real area and a real date? */
bool resident_id_plausible(const uint8_t digits[static 18]);

/*
 * The e-mail address around the @ at TEXT.p[AT], none of it below FLOOR.
 * False when there is none.
 */
bool verify_email(struct sc_span text, uint32_t at, uint32_t floor, uint32_t *start, uint32_t *end);

#endif
