/*
 * number.c - masks of ids and account numbers: so many characters shown at
 * each end of the letters and digits, separators left as they stand.
 */
#include "policy/mask/text.h"

/* The letters and digits of a value, by their place in it. */
struct code {
	struct mask_text *t;
	uint16_t at[64];
	size_t n;
};

static bool read_code(struct mask_text *t, struct code *c)
{
	*c = (struct code){ .t = t };
	for (size_t i = 0; i < t->n; i++) {
		uint32_t cp = t->c[i].cp;

		if (cp == ' ' || cp == '-') {
			t->c[i].hide = false;
			continue;
		}
		if (!mask_alnum(cp) || c->n == sizeof(c->at) / sizeof(c->at[0]))
			return false;
		c->at[c->n++] = (uint16_t)i;
	}
	return true;
}

static uint32_t code_char(const struct code *c, size_t i)
{
	return c->t->c[c->at[i]].cp;
}

static bool all_digits(const struct code *c, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!mask_digit(code_char(c, i)))
			return false;
	return true;
}

static bool show_ends(struct code *c, size_t front, size_t back)
{
	for (size_t i = 0; i < front; i++)
		c->t->c[c->at[i]].hide = false;
	for (size_t i = c->n - back; i < c->n; i++)
		c->t->c[c->at[i]].hide = false;
	return true;
}

/* GB 11643: 17 digits and a check character, or the 15 digits of old. */
bool mask_hide_resident_id(struct mask_text *t)
{
	struct code c;
	uint32_t last;

	if (!read_code(t, &c) || (c.n != 15 && c.n != 18) || !all_digits(&c, 0, c.n - 1))
		return false;
	last = code_char(&c, c.n - 1);
	if (!mask_digit(last) && (c.n != 18 || (last != 'X' && last != 'x')))
		return false;
	return show_ends(&c, 1, 1);
}

/* ISO/IEC 7812: 6 + 4 of 15 digits and more (PCI DSS 3.4), else 4. */
bool mask_hide_bank_card(struct mask_text *t)
{
	struct code c;

	if (!read_code(t, &c) || c.n < 12 || c.n > 19 || !all_digits(&c, 0, c.n))
		return false;
	return show_ends(&c, c.n >= 15 ? 6 : 0, 4);
}

static bool read_iban(struct mask_text *t, struct code *c)
{
	return read_code(t, c) && c->n >= 15 && c->n <= 34 && mask_latin(code_char(c, 0)) &&
	    mask_latin(code_char(c, 1)) && all_digits(c, 2, 4);
}

/* ISO 13616: country and check digits, and the last two. */
bool mask_hide_iban(struct mask_text *t)
{
	struct code c;

	return read_iban(t, &c) && show_ends(&c, 4, 2);
}

bool mask_hide_passport(struct mask_text *t)
{
	struct code c;
	size_t digits = 0;

	if (!read_code(t, &c) || c.n < 7 || c.n > 12)
		return false;
	for (size_t i = 0; i < c.n; i++)
		digits += mask_digit(code_char(&c, i));
	return digits >= 5 && show_ends(&c, 1, 3);
}

bool mask_hide_wechat(struct mask_text *t)
{
	if (t->n < 6 || t->n > 20 || !mask_latin(t->c[0].cp))
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (!mask_alnum(t->c[i].cp) && t->c[i].cp != '_' && t->c[i].cp != '-')
			return false;
	t->c[0].hide = false;
	t->c[t->n - 1].hide = false;
	return true;
}

bool mask_hide_qq(struct mask_text *t)
{
	struct code c;
	size_t shown;

	if (!read_code(t, &c) || c.n != t->n || c.n < 5 || c.n > 12 || !all_digits(&c, 0, c.n))
		return false;
	shown = c.n >= 8 ? 2 : 1;
	return show_ends(&c, shown, shown);
}

/* Five to nine letters and digits: the region, not the street. */
bool mask_hide_postcode(struct mask_text *t)
{
	struct code c;

	return read_code(t, &c) && c.n >= 5 && c.n <= 9 && show_ends(&c, 2, 0);
}

/* Customer and order numbers of one's own: the last two of at least six. */
bool mask_hide_own_id(struct mask_text *t)
{
	struct code c;

	return read_code(t, &c) && c.n >= 6 && show_ends(&c, 0, 2);
}

/* ---- vehicle plates ---------------------------------------------------------- */

/* GA 36: a province's character, a letter, then 5 or 6 letters and digits. */
static bool read_plate(struct mask_text *t, struct code *c)
{
	*c = (struct code){ .t = t };
	for (size_t i = 0; i < t->n; i++) {
		uint32_t cp = t->c[i].cp;

		if (i > 0 && (cp == 0xB7 || cp == 0x2022 || cp == ' ' || cp == '-')) {
			t->c[i].hide = false;
			continue;
		}
		if (c->n == 8 || (c->n == 0 && !mask_cjk(cp)) || (c->n == 1 && !mask_latin(cp)) ||
		    (c->n > 1 && !mask_alnum(cp) && !mask_cjk(cp)))
			return false;
		c->at[c->n++] = (uint16_t)i;
	}
	return c->n >= 7;
}

bool mask_hide_plate(struct mask_text *t)
{
	struct code c;

	return read_plate(t, &c) && show_ends(&c, 3, 1);
}

/* ---- coarser ------------------------------------------------------------------- */

/* The first N letters and digits, then four stars, whatever else there is. */
static bool front(struct code *c, size_t n)
{
	mask_text_omit(c->t, 0, c->at[0]);
	for (size_t i = 0; i < c->n; i++) {
		size_t next = i + 1 < c->n ? c->at[i + 1] : c->t->n;

		if (i < n)
			c->t->c[c->at[i]].hide = false;
		mask_text_omit(c->t, c->at[i] + (i < n + 4), next);
	}
	return true;
}

bool mask_coarse_bank_card(struct mask_text *t)
{
	struct code c;

	return read_code(t, &c) && c.n >= 15 && c.n <= 19 && all_digits(&c, 0, c.n) && front(&c, 6);
}

bool mask_coarse_iban(struct mask_text *t)
{
	struct code c;

	return read_iban(t, &c) && front(&c, 2);
}

bool mask_coarse_plate(struct mask_text *t)
{
	struct code c;

	return read_plate(t, &c) && front(&c, 1);
}
