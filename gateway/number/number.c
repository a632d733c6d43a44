/*
 * number.c - telephone numbers out of the ways in which people write them.
 *
 *	+44 (0)1632 960-001 ext. 4711
 *	|   |               |    `--- 1 to 6 digits, and nothing behind them
 *	|   `- digits, in groups     `- or , ; * # x 转 分机; a hyphen when what stands
 *	`- plus, 00 or nothing          before it is a number and the whole is none
 *
 * What can be read in two ways is read as the longer number: a number whose last
 * digits were taken for an extension would ring somebody else.
 */
#include "gateway/number/number.h"

#include "base/text/utf8.h"
#include "gateway/number/country.h"

#include <string.h>

#define DIGITS_MAX 15                                           /* ITU-T E.164 §6 */
#define WRITTEN_MAX (4 + DIGITS_MAX + 1 + PHONE_EXT_DIGITS_MAX) /* 00, trunk zero, extension */
#define TEXT_MAX 128

/* What was written, sorted. */
struct written {
	uint32_t c[TEXT_MAX + 1]; /* characters, folded to ASCII where they can be; ended by 0 */
	size_t at;
	char d[WRITTEN_MAX + 1]; /* digits of the number */
	size_t n;
	size_t hyphen; /* digits before the last hyphen, 0: none that could announce an extension */
	char ext[PHONE_EXT_DIGITS_MAX + 1];
	size_t ext_n;
	bool plus;
};

static bool digit(uint32_t cp)
{
	return cp >= '0' && cp <= '9';
}

/* Full-width forms, spaces and hyphens of all kinds; 0: not to be seen, left out. */
static uint32_t fold(uint32_t cp)
{
	if (cp >= 0xFF01 && cp <= 0xFF5E)
		return cp - 0xFF01 + '!';
	if (cp == '\t' || cp == 0xA0 || cp == 0x3000 || cp == 0x202F ||
	    (cp >= 0x2000 && cp <= 0x200A))
		return ' ';
	if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212)
		return '-';
	/* marks of direction come along with numbers that are copied from address books */
	if ((cp >= 0x200B && cp <= 0x200F) || (cp >= 0x202A && cp <= 0x202E) ||
	    (cp >= 0x2060 && cp <= 0x2069) || cp == 0xFEFF)
		return 0;
	return cp >= 'A' && cp <= 'Z' ? cp + ('a' - 'A') : cp;
}

static bool read_characters(struct sc_span text, struct written *w)
{
	uint32_t cp;
	size_t n, at = 0;

	for (; text.n != 0; text = sc_span_from(text, n)) {
		if ((n = utf8_decode(text, &cp)) == 0 || (cp < ' ' && cp != '\t') || at == TEXT_MAX)
			return false;
		if ((cp = fold(cp)) != 0)
			w->c[at++] = cp;
	}
	while (at > 0 && w->c[at - 1] == ' ')
		at--;
	w->c[at] = 0;
	return true;
}

static bool at_word(const struct written *w, const uint32_t *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (w->c[w->at + i] != word[i])
			return false;
	return true;
}

/* What announces an extension, longest first; its length, or 0. */
static size_t extension_mark(const struct written *w)
{
	static const struct {
		uint32_t c[10];
		size_t n;
	} marks[] = {
		{ { ';', 'e', 'x', 't', '=' }, 5 },
		{ { 'e', 'x', 't', 'e', 'n', 's', 'i', 'o', 'n' }, 9 },
		{ { 'e', 'x', 't', '.' }, 4 },
		{ { 'e', 'x', 't' }, 3 },
		{ { 0x5206, 0x673A }, 2 }, /* fenji, as today and as before */
		{ { 0x5206, 0x6A5F }, 2 },
		{ { 0x8F6C }, 1 }, /* zhuan */
		{ { 0x8F49 }, 1 },
		{ { 'x' }, 1 },
		{ { '#' }, 1 },
		{ { '*' }, 1 },
		{ { ',', ',' }, 2 }, /* a longer pause in dialling */
		{ { ',' }, 1 },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (at_word(w, marks[i].c, marks[i].n))
			return marks[i].n;
	return 0;
}

static void skip_spaces(struct written *w)
{
	while (w->c[w->at] == ' ')
		w->at++;
}

/* The extension behind its mark, with nothing but a closing # after it. */
static bool read_extension(struct written *w)
{
	skip_spaces(w);
	while (digit(w->c[w->at])) {
		if (w->ext_n == PHONE_EXT_DIGITS_MAX)
			return false;
		w->ext[w->ext_n++] = (char)w->c[w->at++];
	}
	if (w->c[w->at] == '#')
		w->at++;
	return w->ext_n != 0 && w->c[w->at] == 0;
}

/* Brackets, dots, spaces, hyphens between digits. False for anything else. */
static bool read_separator(struct written *w)
{
	static const uint32_t trunk_zero[] = { '(', '0', ')' };
	uint32_t cp = w->c[w->at];

	/* +44 (0)7700: written, not dialled */
	if (w->plus && w->n != 0 && at_word(w, trunk_zero, 3)) {
		w->at += 3;
		return true;
	}
	if (cp == '-')
		w->hyphen = w->n;
	else if (w->hyphen != w->n)
		w->hyphen = 0;
	w->at++;
	return cp == ' ' || cp == '-' || cp == '(' || cp == ')' || cp == '.' || cp == '/';
}

static bool read_written(struct written *w)
{
	size_t mark;

	skip_spaces(w);
	if (w->c[w->at] == '+') {
		w->plus = true;
		w->at++;
	}
	while (w->c[w->at] != 0) {
		if (digit(w->c[w->at])) {
			if (w->n == WRITTEN_MAX)
				return false;
			w->d[w->n++] = (char)w->c[w->at++];
			w->d[w->n] = '\0';
		} else if (w->n != 0 && (mark = extension_mark(w)) != 0) {
			w->at += mark;
			w->hyphen = 0;
			return read_extension(w);
		} else if (!read_separator(w)) {
			return false;
		}
	}
	return true;
}

/* ---- from what was written to what is dialled ---- */

/* CODE and the national number D, with or without its trunk prefix. */
static bool compose(const char *code, const char *d, size_t n, bool bare, char *out)
{
	const struct phone_country *c = phone_country_with(code);
	size_t len = strlen(code);

	if (c == NULL)
		return false;
	if (c->trunk != '\0' && d[0] == c->trunk && n > c->min) {
		d++;
		n--;
	} else if (!bare) {
		return false;
	}
	if (!phone_country_fits(c, d, n) || len + n > DIGITS_MAX)
		return false;
	out[0] = '+';
	memcpy(out + 1, code, len);
	memcpy(out + 1 + len, d, n);
	out[1 + len + n] = '\0';
	return true;
}

/* D begins with a calling code. */
static bool international(const char *d, size_t n, char *out)
{
	const struct phone_country *c = phone_country_of(d, n);
	size_t len = strlen(c->code);

	if (n == 0 || d[0] == '0')
		return false;
	if (len != 0)
		return compose(c->code, d + len, n - len, true, out);
	if (n < c->min || n > c->max)
		return false;
	out[0] = '+';
	memcpy(out + 1, d, n);
	out[1 + n] = '\0';
	return true;
}

/* Numbers that are long enough anyway may lack their trunk prefix, which tables lose. */
#define BARE_MIN 9

/* The first N digits of W as E.164. */
static bool dialled(const struct written *w, size_t n, const char *home, char *out)
{
	const struct phone_country *c = phone_country_with(home);
	size_t code = strlen(home);

	if (w->plus)
		return international(w->d, n, out);
	if (n > 2 && w->d[0] == '0' && w->d[1] == '0')
		return international(w->d + 2, n - 2, out);
	if (compose(home, w->d, n, c != NULL && c->min >= BARE_MIN, out))
		return true;
	return n > code && memcmp(w->d, home, code) == 0 && international(w->d, n, out);
}

/* With a hyphen before the extension, once nothing else makes it a number. */
static bool dialled_before_hyphen(struct written *w, const char *home, char *out)
{
	size_t n = w->n - w->hyphen;

	if (w->hyphen == 0 || n == 0 || n > PHONE_EXT_DIGITS_MAX ||
	    !dialled(w, w->hyphen, home, out))
		return false;
	memcpy(w->ext, w->d + w->hyphen, n);
	w->ext_n = n;
	return true;
}

enum sc_err phone_number_parse(struct sc_span text, const char *home, struct phone_number *out)
{
	struct written w = { .n = 0 };
	enum sc_err err = SC_SYNTAX;
	uint64_t ext;

	*out = (struct phone_number){ .ext = PHONE_NO_EXT };
	if (!read_characters(text, &w) || !read_written(&w))
		goto out;
	if (!dialled(&w, w.n, home, out->e164) && !dialled_before_hyphen(&w, home, out->e164))
		goto out;
	if (w.ext_n != 0 && sc_span_u64(sc_span(w.ext, w.ext_n), &ext)) {
		out->ext = (uint32_t)ext;
		out->ext_digits = (uint8_t)w.ext_n;
	}
	err = SC_OK;
out:
	if (err != SC_OK)
		sc_wipe(out, sizeof(*out));
	sc_wipe(&w, sizeof(w));
	return err;
}

bool phone_number_is_e164(struct sc_span text)
{
	if (text.n < 1 + 7 || text.n > 1 + DIGITS_MAX || text.p[0] != '+' || text.p[1] == '0')
		return false;
	for (size_t i = 1; i < text.n; i++)
		if (!digit(text.p[i]))
			return false;
	return true;
}

enum phone_kind phone_number_kind(const char *e164)
{
	const char *d = e164 + 1;
	const struct phone_country *c;
	size_t code;

	if (!phone_number_is_e164(sc_span_str(e164)))
		return PHONE_KIND_SERVICE;
	c = phone_country_of(d, strlen(d));
	code = strlen(c->code);
	return phone_country_person(c, d + code, strlen(d) - code) ? PHONE_KIND_PERSON :
								     PHONE_KIND_SERVICE;
}

bool phone_number_within(const char *e164, const char *const *codes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (codes[i][0] != '\0' && sc_span_starts(sc_span_str(e164 + 1), codes[i]))
			return true;
	return false;
}

bool phone_number_is_withheld(struct sc_span e164)
{
	static const char *const spelt[] = { "+266696687", "+7378742833", "+2562533", "+8656696",
		"+86282452253" };

	for (size_t i = 0; i < sizeof(spelt) / sizeof(spelt[0]); i++)
		if (sc_span_is(e164, spelt[i]))
			return true;
	return false;
}
