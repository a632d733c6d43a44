/*
 * text.c - numbers, extensions and words in text messages.
 */
#include "gateway/number/text.h"

#include "base/text/utf8.h"

#include <strings.h>

/* ---- characters ---- */

struct digits {
	uint32_t first; /* its value is VALUE, the next one's is one more, and so on */
	uint8_t value, count;
};

/*
 * Unicode 16: every decimal digit (Nd), and what else has a digit's value or
 * becomes one under NFKC: raised, lowered, circled, bracketed, with a stop. Circles of ten
 * and more hold two at a time.
 */
static const struct digits digits[] = {
	{ 0x0030, 0, 10 },
	{ 0x00B2, 2, 2 },
	{ 0x00B9, 1, 1 },
	{ 0x0660, 0, 10 },
	{ 0x06F0, 0, 10 },
	{ 0x07C0, 0, 10 },
	{ 0x0966, 0, 10 },
	{ 0x09E6, 0, 10 },
	{ 0x0A66, 0, 10 },
	{ 0x0AE6, 0, 10 },
	{ 0x0B66, 0, 10 },
	{ 0x0BE6, 0, 10 },
	{ 0x0C66, 0, 10 },
	{ 0x0CE6, 0, 10 },
	{ 0x0D66, 0, 10 },
	{ 0x0DE6, 0, 10 },
	{ 0x0E50, 0, 10 },
	{ 0x0ED0, 0, 10 },
	{ 0x0F20, 0, 10 },
	{ 0x1040, 0, 10 },
	{ 0x1090, 0, 10 },
	{ 0x1369, 1, 9 },
	{ 0x17E0, 0, 10 },
	{ 0x1810, 0, 10 },
	{ 0x1946, 0, 10 },
	{ 0x19D0, 0, 10 },
	{ 0x19DA, 1, 1 },
	{ 0x1A80, 0, 10 },
	{ 0x1A90, 0, 10 },
	{ 0x1B50, 0, 10 },
	{ 0x1BB0, 0, 10 },
	{ 0x1C40, 0, 10 },
	{ 0x1C50, 0, 10 },
	{ 0x2070, 0, 1 },
	{ 0x2074, 4, 6 },
	{ 0x2080, 0, 10 },
	{ 0x2160, 1, 12 },
	{ 0x2170, 1, 12 },
	{ 0x2460, 1, 20 },
	{ 0x2474, 1, 20 },
	{ 0x2488, 1, 20 },
	{ 0x24EA, 0, 1 },
	{ 0x24EB, 11, 10 },
	{ 0x24F5, 1, 10 },
	{ 0x24FF, 0, 1 },
	{ 0x2776, 1, 10 },
	{ 0x2780, 1, 10 },
	{ 0x278A, 1, 10 },
	{ 0x3007, 0, 1 },
	{ 0x3021, 1, 9 },
	{ 0x3192, 1, 4 },
	{ 0x3220, 1, 9 },
	{ 0x3251, 21, 15 },
	{ 0x3280, 1, 9 },
	{ 0x32B1, 36, 15 },
	{ 0xA620, 0, 10 },
	{ 0xA8D0, 0, 10 },
	{ 0xA900, 0, 10 },
	{ 0xA9D0, 0, 10 },
	{ 0xA9F0, 0, 10 },
	{ 0xAA50, 0, 10 },
	{ 0xABF0, 0, 10 },
	{ 0xFF10, 0, 10 },
	{ 0x104A0, 0, 10 },
	{ 0x10A40, 1, 4 },
	{ 0x10D30, 0, 10 },
	{ 0x10D40, 0, 10 },
	{ 0x10E60, 1, 9 },
	{ 0x11052, 1, 9 },
	{ 0x11066, 0, 10 },
	{ 0x110F0, 0, 10 },
	{ 0x11136, 0, 10 },
	{ 0x111D0, 0, 10 },
	{ 0x112F0, 0, 10 },
	{ 0x11450, 0, 10 },
	{ 0x114D0, 0, 10 },
	{ 0x11650, 0, 10 },
	{ 0x116C0, 0, 10 },
	{ 0x116D0, 0, 10 },
	{ 0x116DA, 0, 10 },
	{ 0x11730, 0, 10 },
	{ 0x118E0, 0, 10 },
	{ 0x11950, 0, 10 },
	{ 0x11BF0, 0, 10 },
	{ 0x11C50, 0, 10 },
	{ 0x11D50, 0, 10 },
	{ 0x11DA0, 0, 10 },
	{ 0x11F50, 0, 10 },
	{ 0x16130, 0, 10 },
	{ 0x16A60, 0, 10 },
	{ 0x16AC0, 0, 10 },
	{ 0x16B50, 0, 10 },
	{ 0x16D70, 0, 10 },
	{ 0x1CCF0, 0, 10 },
	{ 0x1D7CE, 0, 10 },
	{ 0x1D7D8, 0, 10 },
	{ 0x1D7E2, 0, 10 },
	{ 0x1D7EC, 0, 10 },
	{ 0x1D7F6, 0, 10 },
	{ 0x1E140, 0, 10 },
	{ 0x1E2F0, 0, 10 },
	{ 0x1E4F0, 0, 10 },
	{ 0x1E5F1, 0, 10 },
	{ 0x1E950, 0, 10 },
	{ 0x1F100, 0, 1 },
	{ 0x1F101, 0, 10 },
	{ 0x1F10B, 0, 1 },
	{ 0x1F10C, 0, 1 },
	{ 0x1FBF0, 0, 10 },
};
#define DIGITS (sizeof(digits) / sizeof(digits[0]))

/* The digits of Chinese, which are written one by one in numbers, also as on a cheque or as read out. */
static const uint32_t han[][4] = {
	{ 0x96F6 },
	{ 0x4E00, 0x58F9, 0x58F1, 0x5E7A },
	{ 0x4E8C, 0x8D30, 0x8CB3, 0x4E24 },
	{ 0x4E09, 0x53C1, 0x53C4, 0x53C3 },
	{ 0x56DB, 0x8086 },
	{ 0x4E94, 0x4F0D },
	{ 0x516D, 0x9646, 0x9678 },
	{ 0x4E03, 0x67D2 },
	{ 0x516B, 0x634C },
	{ 0x4E5D, 0x7396 },
};

static int han_value(uint32_t cp)
{
	for (int i = 0; i < 10; i++)
		for (size_t k = 0; k < sizeof(han[0]) / sizeof(han[0][0]); k++)
			if (han[i][k] == cp)
				return i;
	return -1;
}

/* What CP is worth, 0 and more, or -1. */
static int digit_value(uint32_t cp)
{
	size_t low = 0, high = DIGITS;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (digits[mid].first <= cp)
			low = mid + 1;
		else
			high = mid;
	}
	if (low != 0 && cp - digits[low - 1].first < digits[low - 1].count)
		return (int)(digits[low - 1].value + (cp - digits[low - 1].first));
	return cp >= 0x4E00 && cp < 0xA000 ? han_value(cp) : -1;
}

struct range {
	uint32_t first, last;
};

static bool within(const struct range *r, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n && r[i].first <= cp; i++)
		if (cp <= r[i].last)
			return true;
	return false;
}

/* Not seen, or drawn over the character before it: Cf, fillers, variation selectors, key caps. */
static bool unseen(uint32_t cp)
{
	static const struct range v[] = { { 0xAD, 0xAD }, { 0x300, 0x36F }, { 0x600, 0x605 },
		{ 0x61C, 0x61C }, { 0x6DD, 0x6DD }, { 0x70F, 0x70F }, { 0x890, 0x891 },
		{ 0x8E2, 0x8E2 }, { 0x115F, 0x1160 }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F },
		{ 0x1AB0, 0x1AFF }, { 0x1DC0, 0x1DFF }, { 0x200B, 0x200F }, { 0x202A, 0x202E },
		{ 0x2060, 0x206F }, { 0x20D0, 0x20FF }, { 0x2800, 0x2800 }, { 0x3164, 0x3164 },
		{ 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F }, { 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 },
		{ 0xFFF0, 0xFFFB }, { 0x110BD, 0x110BD }, { 0x110CD, 0x110CD },
		{ 0x13430, 0x1343F }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
		{ 0xE0000, 0xE0FFF } };

	return within(v, sizeof(v) / sizeof(v[0]), cp);
}

/* Spaces, marks and pictures: what one writes between the digits of a number. */
static bool separator(uint32_t cp)
{
	static const struct range v[] = { { 0x00, 0x2F }, { 0x3A, 0x40 }, { 0x5B, 0x60 },
		{ 0x7B, 0xA9 }, { 0xAB, 0xB1 }, { 0xB4, 0xB4 }, { 0xB6, 0xB8 }, { 0xBB, 0xBF },
		{ 0xD7, 0xD7 }, { 0xF7, 0xF7 }, { 0x2000, 0x2BFF }, { 0x2E00, 0x2E7F },
		{ 0x3000, 0x3004 }, { 0x3008, 0x3020 }, { 0x3030, 0x3030 }, { 0x30FB, 0x30FC },
		{ 0xFE10, 0xFE6F }, { 0xFF01, 0xFF0F }, { 0xFF1A, 0xFF20 }, { 0xFF3B, 0xFF40 },
		{ 0xFF5B, 0xFF65 }, { 0xFFFD, 0xFFFD }, { 0x1F000, 0x1FAFF } };

	return within(v, sizeof(v) / sizeof(v[0]), cp);
}

/* The character at the start of S, at least one byte of it; malformed ones are U+FFFD. */
static size_t next(struct sc_span s, uint32_t *cp)
{
	size_t n = utf8_decode(s, cp);

	return n == 0 ? 1 : n;
}

/* ---- words ---- */

static bool space(uint32_t cp)
{
	return cp <= ' ' || cp == 0xA0 || cp == 0x3000 || unseen(cp);
}

static struct sc_span trim(struct sc_span s)
{
	size_t n, end = 0;
	uint32_t cp;

	while (s.n != 0 && (n = next(s, &cp)) != 0 && space(cp))
		s = sc_span_from(s, n);
	for (size_t at = 0; at < s.n; at += n) {
		n = next(sc_span_from(s, at), &cp);
		if (!space(cp))
			end = at + n;
	}
	s.n = end;
	return s;
}

enum phone_text_word phone_text_word(struct sc_span body)
{
	/* what networks and vendors act upon */
	static const struct {
		const char *text;
		enum phone_text_word word;
	} words[] = {
		{ "STOP", PHONE_TEXT_STOP },
		{ "STOPALL", PHONE_TEXT_STOP },
		{ "UNSUBSCRIBE", PHONE_TEXT_STOP },
		{ "CANCEL", PHONE_TEXT_STOP },
		{ "END", PHONE_TEXT_STOP },
		{ "QUIT", PHONE_TEXT_STOP },
		{ "REVOKE", PHONE_TEXT_STOP },
		{ "OPTOUT", PHONE_TEXT_STOP },
		{ "START", PHONE_TEXT_START },
		{ "YES", PHONE_TEXT_START },
		{ "UNSTOP", PHONE_TEXT_START },
	};

	body = trim(body);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (sc_span_caseeq(body, words[i].text))
			return words[i].word;
	return PHONE_TEXT_NONE;
}

/* ---- an extension in front ---- */

#define EXT_DIGITS_MAX 6

bool phone_text_take_ext(struct sc_span *body, uint32_t *ext, uint8_t *n_digits)
{
	struct sc_span rest = *body;
	uint32_t cp = ' ', value = 0;
	uint8_t count = 0;
	size_t n = 0;
	int v;

	while (rest.n != 0 && (n = next(rest, &cp)) != 0 && space(cp))
		rest = sc_span_from(rest, n);
	for (; rest.n != 0; rest = sc_span_from(rest, n)) {
		n = next(rest, &cp);
		if ((v = digit_value(cp)) < 0 || v > 9)
			break;
		if (count == EXT_DIGITS_MAX)
			return false;
		value = value * 10 + (uint32_t)v;
		count++;
	}
	if (count == 0 || (rest.n != 0 && !separator(cp)))
		return false;
	/* one mark and the spaces behind it go with it */
	if (rest.n != 0)
		rest = sc_span_from(rest, n);
	*body = trim(rest);
	*ext = value;
	*n_digits = count;
	return true;
}

/* ---- numbers ---- */

struct run {
	size_t end;      /* behind its last digit */
	unsigned digits; /* how many */
};

/* The run that begins at the start of S with a digit. */
static struct run run_at(struct sc_span s)
{
	struct run r = { 0, 0 };
	unsigned gap = 0;
	uint32_t cp;
	size_t n;
	int v;

	for (size_t at = 0; at < s.n; at += n) {
		n = next(sc_span_from(s, at), &cp);
		if ((v = digit_value(cp)) >= 0) {
			r.digits += v > 9 ? 2 : 1;
			r.end = at + n;
			gap = 0;
		} else if (!unseen(cp) && (!separator(cp) || ++gap > PHONE_TEXT_SEPARATORS)) {
			break;
		}
	}
	return r;
}

/* S as it is, or (HIDE) its digits as stars and without what is not seen. */
static enum sc_err put(struct sc_span s, bool hide, struct sc_buf *out)
{
	enum sc_err err = SC_OK;
	uint8_t utf8[4];
	uint32_t cp;
	size_t n;

	for (; s.n != 0 && err == SC_OK; s = sc_span_from(s, n)) {
		n = next(s, &cp);
		if (hide && unseen(cp))
			continue;
		if (hide && digit_value(cp) >= 0)
			cp = '*';
		err = sc_buf_put(out, utf8, utf8_encode(cp, utf8));
	}
	sc_wipe(utf8, sizeof(utf8));
	return err;
}

enum sc_err phone_text_redact(struct sc_span body, struct sc_buf *out, bool *found)
{
	enum sc_err err = SC_OK;
	struct run r;
	uint32_t cp;
	bool hide;

	*found = false;
	while (body.n != 0 && err == SC_OK) {
		r = (struct run){ next(body, &cp), 0 };
		if (digit_value(cp) >= 0)
			r = run_at(body);
		hide = r.digits >= PHONE_TEXT_DIGITS_MIN;
		*found = *found || hide;
		err = put(sc_span(body.p, r.end), hide, out);
		body = sc_span_from(body, r.end);
	}
	return err;
}
