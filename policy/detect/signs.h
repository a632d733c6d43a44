/*
 * signs.h - a short text as digits, letters and the rest, whatever its script.
 */
#ifndef POLICY_DETECT_SIGNS_H
#define POLICY_DETECT_SIGNS_H

#include "policy/detect/disguise.h"

enum sign_kind { SIGN_DIGIT, SIGN_LETTER, SIGN_OTHER };

struct sign {
	char c; /* what is written for it: ASCII, of other letters one that is in no word of ours */
	uint8_t kind;
	bool said; /* a digit that was no plain one */
};

struct signs {
	struct sign v[DISGUISE_MAX];
	size_t n;
};

/*
 * TEXT, of at most DISGUISE_MAX bytes, into OUT, which the caller wipes: digits of every script and
 * width, said one by one in English or Chinese, and letters among digits that look like them
 * (o7700) are digits; full-width letters and marks are ASCII.
 */
void signs_read(struct sc_span text, struct signs *out);

/* How many letters begin at AT. */
size_t signs_letters(const struct signs *s, size_t at);

#endif
