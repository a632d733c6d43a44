/*
 * resident_id.c - resident identity numbers of GB 11643-1999: six digits of
 * area, eight of date of birth, three of sequence, one check character.
 */
#include "policy/detect/verify.h"
#include "policy/words/class.h"

/* First two digits, GB/T 2260; 81 to 83 are residents from HK, MO and TW, 91
 * foreigners with permanent residence. Counties come and go: not looked at. */
static bool area_known(unsigned area)
{
	/* of each first digit, the highest second one; the lowest is 1, but 50 */
	static const uint8_t highest[10] = { 0, 5, 3, 7, 6, 4, 5, 1, 3, 1 };

	return area == 50 || (area % 10 >= 1 && area % 10 <= highest[area / 10]);
}

static bool date_real(unsigned year, unsigned month, unsigned day)
{
	static const uint8_t days[13] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return year >= 1850 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 &&
	    day <= (unsigned)days[month] + (leap && month == 2);
}

bool resident_id_plausible(const uint8_t digits[static 18])
{
	return area_known(digits_value(digits, 2)) &&
	    date_real(digits_value(digits + 6, 4), digits_value(digits + 10, 2),
		digits_value(digits + 12, 2));
}

/* ISO 7064 MOD 11-2 */
static bool checksum_right(const uint8_t digits[static 18])
{
	static const uint8_t weight[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	unsigned sum = 0;

	for (size_t i = 0; i < 17; i++)
		sum += weight[i] * (unsigned)(digits[i] - '0');
	return digits[17] == (uint8_t) "10X98765432"[sum % 11];
}

/* An X that ends the number: behind the digits, and no word goes on. */
static bool x_follows(const struct digit_window *w, size_t last)
{
	uint32_t at = w->g[last].end;

	return at < w->text.n && (w->text.p[at] | 0x20) == 'x' &&
	    (at + 1 == w->text.n ||
		(!ascii_letter(w->text.p[at + 1]) && !ascii_digit(w->text.p[at + 1]) &&
		    w->text.p[at + 1] != '_'));
}

/* Written together, or with the area or area and date set off. */
static bool first_group_fits(uint32_t n)
{
	return n == 18 || n == 17 || n == 6 || n == 14;
}

bool verify_resident_id(const struct digit_window *w, struct detect_match *m)
{
	uint8_t digits[18];
	size_t total = 0, last = 0;
	bool x;

	if (!first_group_fits(digits_length(w, 0)))
		return false;
	for (;; last++) {
		total += digits_length(w, last);
		if (total >= 17 || last + 1 == w->n || last == 3 ||
		    (w->g[last + 1].join != JOIN_SPACE && w->g[last + 1].join != JOIN_DASH))
			break;
	}
	x = total == 17 && x_follows(w, last);
	if (total != 18 && !x)
		return false;
	if (digits_take(w, 0, last, digits, sizeof(digits)) != total)
		return false;
	if (x)
		digits[17] = 'X';
	else if (!digits_right_clean(w, last))
		return false;
	if (!resident_id_plausible(digits) || !checksum_right(digits) || !digits_left_clean(w))
		return false;
	*m =
	    (struct detect_match){ w->g[0].start, w->g[last].end + x, last + 1, CLASS_RESIDENT_ID };
	return true;
}
