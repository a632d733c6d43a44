/*
 * phone.c - masks of telephone numbers.
 *
 * Shown: the country code, separators, and of the number itself
 *	Chinese mobile			3 + 4	138****5678
 *	landline behind its area code	area + 4	010-****5678
 *	another number led by 0		3 + 4	077** **0123
 *	anything else			4 at the end, at least 3 hidden
 * Extensions are hidden. Digits are counted, never bytes or positions, so
 * "+86", spaces and full-width digits change nothing.
 */
#include "policy/mask/text.h"

#define DIGITS_MIN 5
#define DIGITS_MAX 15 /* ITU-T E.164, without an extension */
#define EXTENSION_MAX 8

struct number {
	struct mask_text *t;
	uint16_t at[DIGITS_MAX + EXTENSION_MAX + 1]; /* characters that are digits */
	size_t n;                                    /* digits before a marked extension */
	size_t start;                                /* first digit after the country code */
	bool ends[DIGITS_MAX + EXTENSION_MAX + 1];   /* a group ends after this digit */
	bool international;
};

static bool separator(uint32_t cp)
{
	return cp == ' ' || cp == '-' || cp == '(' || cp == ')' || cp == '.' || cp == '/' ||
	    cp == 0x2010 || cp == 0x2011 || cp == 0x2013;
}

/* "ext", "x", "#" and their like; how many characters, or 0. */
static size_t extension_mark(const struct mask_text *t, size_t i)
{
	static const char *const marks[] = { "ext.", "ext", "EXT", "Ext", "x", "X", "#", ",", ";",
		"转", "轉", "分机", "分機", NULL };

	return mask_text_any(t, i, marks);
}

/* What follows the mark: digits (hidden) and separators. */
static bool read_extension(struct mask_text *t, size_t i)
{
	size_t digits = 0;

	for (; i < t->n; i++) {
		if (mask_digit(t->c[i].cp))
			digits++;
		else if (separator(t->c[i].cp) || t->c[i].cp == '#')
			t->c[i].hide = false;
		else
			return false;
	}
	return digits > 0 && digits <= EXTENSION_MAX;
}

static bool read_number(struct mask_text *t, struct number *no)
{
	size_t i = 0, mark;

	*no = (struct number){ .t = t };
	if (t->c[0].cp == '+') {
		no->international = true;
		t->c[i++].hide = false;
	}
	for (; i < t->n; i++) {
		if (mask_digit(t->c[i].cp)) {
			if (no->n == DIGITS_MAX + EXTENSION_MAX)
				return false;
			no->at[no->n++] = (uint16_t)i;
		} else if (separator(t->c[i].cp)) {
			t->c[i].hide = false;
			if (no->n > 0)
				no->ends[no->n - 1] = true;
		} else if (no->n > 0 && (mark = extension_mark(t, i)) > 0) {
			mask_text_show(t, i, i + mark);
			no->ends[no->n - 1] = true;
			return read_extension(t, i + mark);
		} else {
			return false;
		}
	}
	if (no->n > 0)
		no->ends[no->n - 1] = true;
	return true;
}

static char digit(const struct number *no, size_t i)
{
	return i < no->n ? (char)no->t->c[no->at[i]].cp : '\0';
}

static void show(struct number *no, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		no->t->c[no->at[i]].hide = false;
}

/* Of the digits FROM..TO show FRONT and BACK, and hide at least 3. */
static bool keep(struct number *no, size_t from, size_t to, size_t front, size_t back)
{
	size_t n = to - from;

	if (n < DIGITS_MIN || n > DIGITS_MAX)
		return false;
	if (n < front + back + 3)
		front = 0;
	if (n < back + 3)
		back = n - 3;
	show(no, from, from + front);
	show(no, to - back, to);
	return true;
}

/* Digits of the country code at I, ITU-T E.164 (zones, not a full list). */
static size_t country_length(const struct number *no, size_t i)
{
	static const char *const two[] = { "20", "27", "30", "31", "32", "33", "34", "36", "39",
		"40", "41", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53", "54", "55",
		"56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86",
		"90", "91", "92", "93", "94", "95", "98", NULL };

	if (digit(no, i) == '*')
		return 0;
	if (digit(no, i) == '1' || digit(no, i) == '7')
		return 1;
	for (size_t k = 0; two[k] != NULL; k++)
		if (digit(no, i) == two[k][0] && digit(no, i + 1) == two[k][1])
			return 2;
	return 3;
}

/* A Chinese mobile number at I, and nothing after it but an extension. */
static bool mobile_at(const struct number *no, size_t i)
{
	return digit(no, i) == '1' && digit(no, i + 1) >= '3' && digit(no, i + 1) <= '9' &&
	    no->n >= i + 11 && no->ends[i + 10] && no->n - i - 11 <= EXTENSION_MAX;
}

/* Find the country code, show it, and say whether the rest is Chinese. */
static bool read_country(struct number *no)
{
	size_t i = 0, n;

	if (!no->international && digit(no, 0) == '0' && digit(no, 1) == '0' && no->n > 9) {
		no->international = true;
		i = 2;
	}
	if (no->international) {
		n = country_length(no, i);
		no->start = i + n < no->n ? i + n : no->n;
		show(no, 0, no->start);
		return n == 2 && digit(no, i) == '8' && digit(no, i + 1) == '6';
	}
	if (digit(no, 0) == '8' && digit(no, 1) == '6' && mobile_at(no, 2)) {
		no->start = 2;
		show(no, 0, 2);
	}
	return true;
}

/* The area code's length when a separator sets it off; else 0. */
static size_t area_length(const struct number *no)
{
	size_t s = no->start;
	size_t n = digit(no, s + 1) == '1' || digit(no, s + 1) == '2' ? 3 : 4;

	if (digit(no, s) != '0' || digit(no, s + 1) < '1' || no->n < s + n + 7 ||
	    !no->ends[s + n - 1])
		return 0;
	return n;
}

/* The area code, 7 or 8 digits, and perhaps an extension. */
static bool hide_landline(struct number *no, size_t area)
{
	size_t from = no->start + area, to = from + 8;

	if (to > no->n || !no->ends[to - 1])
		to = from + 7;
	if (!no->ends[to - 1] || no->n - to > EXTENSION_MAX)
		return false;
	show(no, no->start, from);
	return keep(no, from, to, 0, 4);
}

bool mask_hide_phone(struct mask_text *t)
{
	struct number no;
	bool chinese;
	size_t s, area;

	if (!read_number(t, &no))
		return false;
	chinese = read_country(&no);
	s = no.start;
	if (chinese && mobile_at(&no, s))
		return keep(&no, s, s + 11, 3, 4);
	if (chinese && (area = area_length(&no)) != 0 && hide_landline(&no, area))
		return true;
	if (no.n < s)
		return false;
	if (chinese && digit(&no, s) == '0')
		return keep(&no, s, no.n, 3, 4);
	return keep(&no, s, no.n, 0, 4);
}
