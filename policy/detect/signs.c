/*
 * signs.c - a text as digits, letters and the rest, whatever its script: tables of what is a digit,
 * and the words and letters that stand for one.
 */
#include "policy/detect/signs.h"

#include "base/buf.h"
#include "base/text/utf8.h"
#include "policy/detect/digits.h"

#include <string.h>

/* ---- digits of all scripts ----------------------------------------------------------------- */

/* Where Unicode's decimal digits begin (general category Nd), each ten in a row. */
static const uint32_t zeros[] = { 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6,
	0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946,
	0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0,
	0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x11066, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC,
	0x1D7F6, 0x1FBF0 };
/* Digits with something around them, from one to nine: (1), 1., circled in its kinds, above, below. */
static const uint32_t ones[] = { 0x2460, 0x2474, 0x2488, 0x2776, 0x2780, 0x278A, 0x24F5, 0x2081 };

struct sign_digit {
	uint32_t cp;
	uint8_t digit;
};

static const struct sign_digit single[] = { { 0x24EA, 0 }, { 0x24FF, 0 }, { 0x2070, 0 },
	{ 0x2080, 0 }, { 0xB9, 1 }, { 0xB2, 2 }, { 0xB3, 3 }, { 0x2074, 4 }, { 0x2075, 5 },
	{ 0x2076, 6 }, { 0x2077, 7 }, { 0x2078, 8 }, { 0x2079, 9 } };

/* As people say numbers in Chinese, and as cheques have them. */
static const struct sign_digit han[] = { { 0x96F6, 0 }, { 0x3007, 0 }, { 0x25CB, 0 }, { 0x4E00, 1 },
	{ 0x5E7A, 1 }, { 0x58F9, 1 }, { 0x4E8C, 2 }, { 0x8D30, 2 }, { 0x8CB3, 2 }, { 0x4E09, 3 },
	{ 0x53C1, 3 }, { 0x53C3, 3 }, { 0x56DB, 4 }, { 0x8086, 4 }, { 0x4E94, 5 }, { 0x4F0D, 5 },
	{ 0x516D, 6 }, { 0x9646, 6 }, { 0x9678, 6 }, { 0x4E03, 7 }, { 0x67D2, 7 }, { 0x516B, 8 },
	{ 0x634C, 8 }, { 0x4E5D, 9 }, { 0x7396, 9 } };

static int find_digit(const struct sign_digit *v, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].cp == cp)
			return v[i].digit;
	return -1;
}

/* The digit that CP is, or -1. */
static int digit_of(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= '0' && cp <= '9' ? (int)cp - '0' : -1;
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		if (cp - zeros[i] < 10)
			return (int)(cp - zeros[i]);
	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++)
		if (cp - ones[i] < 9)
			return (int)(cp - ones[i]) + 1;
	return find_digit(single, sizeof(single) / sizeof(single[0]), cp);
}

/* ---- the text as signs --------------------------------------------------------------------- */

static void put(struct signs *s, char c, enum sign_kind kind, bool said)
{
	/* never more signs than bytes */
	s->v[s->n++] = (struct sign){ c, (uint8_t)kind, said };
}

/* Full-width forms are ASCII, and so are the marks that Chinese and other texts have for it. */
static uint32_t narrow(uint32_t cp)
{
	if (cp >= 0xFF01 && cp <= 0xFF5E)
		return cp - 0xFF01 + '!';
	if (cp == 0x3002 || cp == 0x2E31 || cp == 0xB7 || cp == 0x2024)
		return '.';
	if (cp == 0x3000 || cp == 0xA0 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x202F)
		return ' ';
	if (cp >= 0x2010 && cp <= 0x2015)
		return '-';
	return cp;
}

static bool is_mark(uint32_t cp)
{
	return (cp >= 0x2010 && cp <= 0x206F) || (cp >= 0x2190 && cp <= 0x23FF) ||
	    (cp >= 0x2500 && cp <= 0x27BF) || (cp >= 0x3001 && cp <= 0x3020) ||
	    (cp >= 0xA1 && cp <= 0xBF && cp != 0xAA && cp != 0xB5 && cp != 0xBA) || cp == 0xD7 ||
	    (cp >= 0x1F300 && cp <= 0x1FAFF) || cp == 0xFE0F || cp == 0x30FB;
}

static void read_signs(struct sc_span text, struct signs *out)
{
	out->n = 0;
	while (text.n != 0) {
		uint32_t cp;
		size_t len = utf8_decode(text, &cp);
		int digit;

		if (len == 0) {
			put(out, '?', SIGN_OTHER, false);
			text = sc_span_from(text, 1);
			continue;
		}
		text = sc_span_from(text, len);
		if ((digit = digit_of(cp)) >= 0) {
			put(out, (char)('0' + digit), SIGN_DIGIT, cp >= 0x80);
			continue;
		}
		if ((digit = find_digit(han, sizeof(han) / sizeof(han[0]), cp)) >= 0) {
			put(out, (char)('0' + digit), SIGN_DIGIT, true);
			continue;
		}
		cp = narrow(cp);
		if (cp >= 0x80)
			put(out, is_mark(cp) ? ',' : '\x01', is_mark(cp) ? SIGN_OTHER : SIGN_LETTER,
			    false);
		else
			put(out, (char)cp, ascii_letter((uint8_t)cp) ? SIGN_LETTER : SIGN_OTHER,
			    false);
	}
}

/* ---- words that are digits ------------------------------------------------------------------ */

struct digit_word {
	const char *text;
	char digit;
};

/* "o" and "oh" as telephone numbers are read out. */
static const struct digit_word words[] = { { "zero", '0' }, { "nought", '0' }, { "naught", '0' },
	{ "oh", '0' }, { "one", '1' }, { "two", '2' }, { "three", '3' }, { "four", '4' },
	{ "five", '5' }, { "six", '6' }, { "seven", '7' }, { "eight", '8' }, { "nine", '9' },
	{ "o", '0' } };

static bool word_at(const struct sign *v, size_t n, const char *word)
{
	size_t len = strlen(word);

	if (len > n)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((v[i].c | 0x20) != word[i])
			return false;
	return true;
}

static const struct digit_word *digit_word_at(const struct sign *v, size_t n)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word_at(v, n, words[i].text))
			return &words[i];
	return NULL;
}

/* How often the next digit is meant. */
static size_t times_at(const struct sign *v, size_t n, size_t *len)
{
	*len = 6;
	if (word_at(v, n, "double"))
		return 2;
	if (word_at(v, n, "triple") || word_at(v, n, "treble"))
		return 3;
	*len = 0;
	return 1;
}

/* The N letters at V as the digits that they say, into OUT; 0: they say something else. */
static size_t say_digits(const struct sign *v, size_t n, struct signs *out)
{
	size_t was = out->n;

	for (size_t at = 0; at < n;) {
		const struct digit_word *w = digit_word_at(v + at, n - at);

		if (w == NULL) {
			out->n = was;
			return 0;
		}
		put(out, w->digit, SIGN_DIGIT, true);
		at += strlen(w->text);
	}
	return out->n - was;
}

size_t signs_letters(const struct signs *s, size_t at)
{
	size_t n = 0;

	while (at + n < s->n && s->v[at + n].kind == SIGN_LETTER)
		n++;
	return n;
}

static void repeat_last(struct signs *out, size_t times)
{
	struct sign last;

	if (times < 2 || out->n == 0 || out->n + times > DISGUISE_MAX)
		return;
	last = out->v[out->n - 1];
	for (size_t i = 1; i < times; i++)
		out->v[out->n++] = last;
}

/* "double" and its like as the words that they stand before are read. */
static void hear_words(const struct signs *in, struct signs *out)
{
	size_t times = 1;

	out->n = 0;
	for (size_t at = 0; at < in->n;) {
		size_t n = signs_letters(in, at), said, len;

		if (n == 0) {
			bool digit = in->v[at].kind == SIGN_DIGIT;

			out->v[out->n++] = in->v[at++];
			if (digit) {
				repeat_last(out, times);
				times = 1;
			}
			continue;
		}
		said = times_at(in->v + at, n, &len);
		if (len == n) {
			times = said;
			at += n;
			continue;
		}
		if (say_digits(in->v + at, n, out) == 0) {
			memcpy(out->v + out->n, in->v + at, n * sizeof(in->v[0]));
			out->n += n;
		} else {
			repeat_last(out, times);
		}
		times = 1;
		at += n;
	}
}

/* ---- letters that look like digits ---------------------------------------------------------- */

static char looks_like(char c)
{
	switch (c) {
	case 'o':
	case 'O': return '0';
	case 'l':
	case 'I': return '1';
	default: return '\0';
	}
}

/* A word of such letters and digits alone, with more digits than letters, is a number. */
static void see_digits(struct signs *s)
{
	for (size_t at = 0, end; at < s->n; at = end + 1) {
		size_t digits = 0, letters = 0;

		for (end = at; end < s->n; end++) {
			if (s->v[end].kind == SIGN_DIGIT)
				digits++;
			else if (looks_like(s->v[end].c) != '\0')
				letters++;
			else
				break;
		}
		if (end < s->n && s->v[end].kind == SIGN_LETTER)
			digits = 0;
		if (at > 0 && s->v[at - 1].kind == SIGN_LETTER)
			digits = 0;
		if (letters == 0 || digits <= letters)
			continue;
		for (size_t i = at; i < end; i++)
			if (s->v[i].kind != SIGN_DIGIT)
				s->v[i] = (struct sign){ looks_like(s->v[i].c), SIGN_DIGIT, true };
	}
}

/* ---- all of it --------------------------------------------------------------------------------- */

void signs_read(struct sc_span text, struct signs *out)
{
	struct signs read;

	read_signs(text, &read);
	hear_words(&read, out);
	see_digits(out);
	sc_wipe(&read, sizeof(read));
}
