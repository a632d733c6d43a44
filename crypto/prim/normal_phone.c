/*
 * normal_phone.c - the digits of a phone number that its spellings share.
 *
 * The home country is not known here, so the calling code is taken off where
 * it is marked as one, instead of being put on everywhere. Numbers of two
 * countries that agree otherwise then have one index; a search tells them
 * apart by opening the rows it found.
 */
#include "crypto/prim/normal_phone.h"

#include "base/text/utf8.h"
#include "crypto/prim/fold.h"

#include <string.h>

/* Digits of the calling code that an international number begins with (ITU-T E.164). */
static size_t calling_code(const uint8_t *d, size_t n)
{
	static const char two[] =
	    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54"
	    " 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 ";
	char code[4] = { 0 };

	if (n < 4)
		return 0;
	if (d[0] == '1' || d[0] == '7')
		return 1;
	memcpy(code, d, 2);
	code[2] = ' ';
	return strstr(two, code) != NULL ? 2 : 3;
}

/* A Chinese mobile number: eleven digits that begin with 13 to 19. */
static bool is_cn_mobile(const uint8_t *d, size_t n)
{
	return n == 11 && d[0] == '1' && d[1] >= '3' && d[1] <= '9';
}

/* The same behind 86, +86 or 0086 (the + is not among the digits). */
static bool ends_cn_mobile(const uint8_t *d, size_t n)
{
	size_t front = n == 13 ? 2 : n == 15 ? 4 : 0;

	return is_cn_mobile(d + front, n - front) && memcmp(d, &"0086"[4 - front], front) == 0;
}

enum { PHONE_DIGITS = 32 };
struct phone {
	uint8_t d[PHONE_DIGITS];
	size_t n;
	bool plus;
};

/*
 * The digits of VALUE up to an extension: after seven digits, a letter or one
 * of # , ; * begins one; after a Chinese mobile, a hyphen does, as in the
 * virtual numbers of order platforms.
 */
static enum sc_err collect(struct sc_span value, struct phone *ph)
{
	uint32_t cp;
	size_t n;

	for (; value.n != 0; value = sc_span_from(value, n)) {
		if ((n = utf8_decode(value, &cp)) == 0)
			return SC_SYNTAX;
		cp = fold_case(fold_width(cp));
		if (cp >= '0' && cp <= '9') {
			if (ph->n == PHONE_DIGITS) {
				ph->n = 0; /* no phone number */
				break;
			}
			ph->d[ph->n++] = (uint8_t)cp;
		} else if (cp == '+' && ph->n == 0) {
			ph->plus = true;
		} else if (ph->n >= 7 &&
		    ((cp >= 'a' && cp <= 'z') || cp > 0x2fff ||
			(cp < 0x80 && cp != 0 && strchr("#,;*/", (int)cp) != NULL))) {
			break;
		} else if (cp == '-' && ends_cn_mobile(ph->d, ph->n)) {
			break;
		}
	}
	return utf8_valid(value) ? SC_OK : SC_SYNTAX;
}

static void drop_front(struct phone *ph, size_t n)
{
	if (n > ph->n)
		n = ph->n;
	memmove(ph->d, ph->d + n, ph->n - n);
	ph->n -= n;
}

/* Take off 00 or +, the calling code, and trunk zeros. */
static void to_national(struct phone *ph)
{
	if (!ph->plus && ph->n > 8 && ph->d[0] == '0' && ph->d[1] == '0') {
		drop_front(ph, 2);
		ph->plus = true;
	}
	if (ph->plus)
		drop_front(ph, calling_code(ph->d, ph->n));
	else if (ph->n == 13 && ph->d[0] == '8' && ph->d[1] == '6' && is_cn_mobile(ph->d + 2, 11))
		drop_front(ph, 2);
	while (ph->n != 0 && ph->d[0] == '0')
		drop_front(ph, 1);
}

enum sc_err normal_phone(struct sc_span value, bool last_four, struct sc_buf *out)
{
	struct phone ph = { .n = 0, .plus = false };
	enum sc_err err;
	size_t from = 0;

	if ((err = collect(value, &ph)) != SC_OK)
		goto out;
	if (last_four) {
		if (ph.n < 4)
			goto out;
		from = ph.n - 4;
	} else {
		to_national(&ph);
		if (ph.n < 7)
			goto out;
	}
	err = sc_buf_put(out, ph.d + from, ph.n - from);
out:
	sc_wipe(&ph, sizeof(ph));
	return err;
}
