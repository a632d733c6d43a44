/*
 * where_when.c - masks of dates of birth and of coordinates.
 *
 * A date must begin with its year, in the forms of ISO 8601 or their Chinese
 * writing: in "12/03/1990" it is anyone's guess which part may be shown.
 * Coordinates are rounded in decimal, so that no binary fraction adds digits.
 */
#include "policy/mask/text.h"

/* ---- dates of birth --------------------------------------------------------- */

/* Digits at I, at least MIN and at most MAX; how many, or 0. */
static size_t digits_at(const struct mask_text *t, size_t i, size_t min, size_t max)
{
	size_t n = 0;

	while (i + n < t->n && n < max && mask_digit(t->c[i + n].cp))
		n++;
	return n >= min ? n : 0;
}

static bool is_year(const struct mask_text *t)
{
	uint32_t a = t->n < 4 ? 0 : t->c[0].cp, b = t->n < 4 ? 0 : t->c[1].cp;

	return digits_at(t, 0, 4, 4) == 4 && t->c[2].cp != '*' && t->c[3].cp != '*' &&
	    ((a == '1' && b == '9') || (a == '2' && b == '0'));
}

/* "1990-03-12", "1990/3/12", "1990.03.12", "1990年3月12日". */
static bool separated_date(const struct mask_text *t)
{
	uint32_t first = t->n > 4 ? t->c[4].cp : 0, second;
	size_t n, i = 5;

	if (first != '-' && first != '/' && first != '.' && first != 0x5E74)
		return false;
	second = first == 0x5E74 ? 0x6708 : first;
	if ((n = digits_at(t, i, 1, 2)) == 0)
		return false;
	i += n;
	if (i == t->n || t->c[i++].cp != second)
		return false;
	if ((n = digits_at(t, i, 1, 2)) == 0)
		return false;
	i += n;
	if (second == 0x6708 && i < t->n && t->c[i].cp == 0x65E5)
		i++;
	return i == t->n;
}

bool mask_hide_dob(struct mask_text *t)
{
	if (!is_year(t) || (!separated_date(t) && (t->n != 8 || digits_at(t, 4, 4, 4) != 4)))
		return false;
	for (size_t i = 0; i < t->n; i++)
		t->c[i].hide = i >= 4 && mask_digit(t->c[i].cp);
	return true;
}

bool mask_coarse_dob(struct mask_text *t)
{
	if (!mask_hide_dob(t))
		return false;
	for (size_t i = 0; i < 4; i++)
		mask_text_say(t, "%c", (char)t->c[i].cp);
	return true;
}

/* ---- coordinates -------------------------------------------------------------- */

/* A decimal number in units of 10^-3, and how many decimals it was written with. */
struct decimal {
	bool minus;
	uint32_t milli;
	size_t decimals;
};

static bool take_decimal(const struct mask_text *t, size_t *i, struct decimal *d)
{
	size_t n = 0;

	*d = (struct decimal){ .minus = false };
	if (*i < t->n && (t->c[*i].cp == '-' || t->c[*i].cp == '+'))
		d->minus = t->c[(*i)++].cp == '-';
	for (; *i < t->n && t->c[*i].cp >= '0' && t->c[*i].cp <= '9'; (*i)++, n++)
		if (n < 4)
			d->milli = d->milli * 10 + (t->c[*i].cp - '0');
	if (n == 0 || n > 3)
		return false;
	d->milli *= 1000;
	if (*i == t->n || t->c[*i].cp != '.')
		return true;
	(*i)++;
	for (uint32_t k = 100; *i < t->n && t->c[*i].cp >= '0' && t->c[*i].cp <= '9'; k /= 10) {
		d->milli += (t->c[(*i)++].cp - '0') * k;
		d->decimals++;
	}
	return d->decimals > 0;
}

/* Rounded half away from zero to PLACES decimals, or to fewer if it has fewer. */
static void say_decimal(struct mask_text *t, const struct decimal *d, unsigned places)
{
	static const uint32_t units[] = { 1000, 100, 10 };
	unsigned p = d->decimals < places ? (unsigned)d->decimals : places;
	uint32_t unit = units[p], v = (d->milli + unit / 2) / unit, whole = 1000 / unit;

	mask_text_say(t, "%s%u", d->minus && v != 0 ? "-" : "", v / whole);
	if (p > 0)
		mask_text_say(t, ".%0*u", (int)p, v % whole);
}

/* "31.230416,121.473701", or one of the two alone. */
static bool say_geo(struct mask_text *t, unsigned places)
{
	struct decimal a, b = { .milli = 0 };
	size_t i = 0, sep, next;
	bool pair;

	if (!take_decimal(t, &i, &a) || a.milli > 180000)
		return false;
	sep = i;
	while (i < t->n && (t->c[i].cp == ',' || t->c[i].cp == ' ' || t->c[i].cp == ';'))
		i++;
	next = i;
	pair = next > sep && next < t->n;
	if (next > sep + 3 || (pair && (!take_decimal(t, &i, &b) || b.milli > 180000)))
		return false;
	if (i != t->n || (!pair && next != sep))
		return false;
	say_decimal(t, &a, places);
	if (!pair)
		return true;
	mask_text_say(t, "%.*s", (int)(t->c[next].at - t->c[sep].at),
	    (const char *)t->raw.p + t->c[sep].at);
	say_decimal(t, &b, places);
	return true;
}

bool mask_hide_geo(struct mask_text *t)
{
	return say_geo(t, 2);
}

bool mask_coarse_geo(struct mask_text *t)
{
	return say_geo(t, 1);
}
