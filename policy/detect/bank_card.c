/*
 * bank_card.c - card numbers of ISO/IEC 7812. The check digit alone lets one
 * random number in ten pass, so the issuer's range and length must fit too.
 */
#include "policy/detect/verify.h"
#include "policy/words/class.h"

#define CARD_MIN 14
#define CARD_MAX 19

struct issuer {
	uint16_t low, high; /* first four digits */
	uint8_t min, max;   /* lengths */
};

/* The old Visa of 13 digits is left out, and lengths that ISO/IEC 7812 allows
 * but nobody issues: telephones and order numbers look like them. */
static const struct issuer issuers[] = {
	{ 6200, 6299, 16, 19 },                         /* UnionPay */
	{ 8100, 8171, 16, 19 },                         /* UnionPay */
	{ 4000, 4999, 16, 16 }, { 4000, 4999, 19, 19 }, /* Visa */
	{ 5100, 5599, 16, 16 }, { 2221, 2720, 16, 16 }, /* Mastercard */
	{ 3400, 3499, 15, 15 }, { 3700, 3799, 15, 15 }, /* American Express */
	{ 3528, 3589, 16, 16 },                         /* JCB */
	{ 3000, 3059, 14, 14 }, { 3600, 3699, 14, 14 }, /* Diners Club */
	{ 3800, 3999, 14, 14 }, { 6011, 6011, 16, 16 }, { 6440, 6599, 16, 16 }, /* Discover */
};

static bool issuer_known(const uint8_t *digits, size_t n)
{
	unsigned four = digits_value(digits, 4);

	for (size_t i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++)
		if (four >= issuers[i].low && four <= issuers[i].high && n >= issuers[i].min &&
		    n <= issuers[i].max)
			return true;
	return false;
}

/* ISO/IEC 7812-1 annex B */
static bool luhn_right(const uint8_t *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned v = (unsigned)(digits[n - 1 - i] - '0');

		if (i % 2 == 1 && (v *= 2) > 9)
			v -= 9;
		sum += v;
	}
	return sum % 10 == 0;
}

static bool card_right(const uint8_t *digits, size_t n)
{
	/* a mistyped resident id is no card */
	if (n == 18 && resident_id_plausible(digits))
		return false;
	return issuer_known(digits, n) && luhn_right(digits, n);
}

/* Behind group LAST another may follow: groups of four, six or five. */
static bool goes_on(const struct digit_window *w, size_t last)
{
	return last + 1 < w->n && digits_length(w, last) >= 4 && digits_length(w, last) <= 6 &&
	    w->g[last + 1].join == w->g[1].join &&
	    (w->g[1].join == JOIN_SPACE || w->g[1].join == JOIN_DASH);
}

bool verify_bank_card(const struct digit_window *w, struct detect_match *m)
{
	uint8_t digits[CARD_MAX];
	size_t n = digits_length(w, 0), best = 0;

	if (n < 4 || n > CARD_MAX || (n < CARD_MIN && n != 4 && n != 6))
		return false;
	for (size_t last = 0;; last++) {
		n = digits_take(w, 0, last, digits, sizeof(digits));
		if (n == 0)
			break;
		/* the longest wins: a shorter one would leave a tail behind */
		if (n >= CARD_MIN && card_right(digits, n) && digits_right_clean(w, last))
			best = last + 1;
		if (!goes_on(w, last))
			break;
	}
	if (best == 0 || !digits_left_clean(w))
		return false;
	*m = (struct detect_match){ w->g[0].start, w->g[best - 1].end, best, CLASS_BANK_CARD };
	return true;
}
