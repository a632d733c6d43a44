/*
 * disguise.c - personal data that is spelled so that a plain look does not see it.
 *
 * The text is read into signs, one for each digit or other character, and written anew
 * with what stands between digits in two ways: as one blank, which keeps groups as they are, and,
 * where the groups are so short that nobody writes numbers so, as nothing. Both are looked at
 * as any text is. Dates and times are taken out first: they are what reasons have most of.
 */
#include "policy/detect/disguise.h"

#include "base/buf.h"
#include "base/text/hex.h"
#include "base/text/utf8.h"
#include "policy/detect/detect.h"
#include "policy/detect/digits.h"
#include "policy/detect/signs.h"

#include <string.h>

#define DEPTH 2     /* base64 of base64 */
#define GAP_MAX 4   /* characters between two digits of one number */
#define CODED_MIN 9 /* of what is shorter nothing fits in: "user@x.io" is 12 in base64 */

/* ---- dates and times ------------------------------------------------------------------------ */

/* N plain digits at AT of S as a number, and no digit behind them; -1: not there. */
static int number_at(const struct signs *s, size_t at, size_t n)
{
	int v = 0;

	for (size_t i = at; i < at + n; i++) {
		if (i >= s->n || s->v[i].kind != SIGN_DIGIT || s->v[i].said)
			return -1;
		v = v * 10 + (s->v[i].c - '0');
	}
	return at + n < s->n && s->v[at + n].kind == SIGN_DIGIT ? -1 : v;
}

static bool between(int v, int low, int high)
{
	return v >= low && v <= high;
}

static char char_at(const struct signs *s, size_t at)
{
	return at < s->n ? s->v[at].c : '\0';
}

/* The length of a date at AT, 0: none. */
static size_t date_at(const struct signs *s, size_t at)
{
	char first = char_at(s, at + 4), other = char_at(s, at + 2);

	if (strchr("-/.", first) != NULL && first != '\0' && char_at(s, at + 7) == first &&
	    between(number_at(s, at, 4), 1900, 2099) && between(number_at(s, at + 5, 2), 1, 12) &&
	    between(number_at(s, at + 8, 2), 1, 31))
		return 10;
	if (strchr("-/.", other) != NULL && other != '\0' && char_at(s, at + 5) == other &&
	    between(number_at(s, at, 2), 1, 31) && between(number_at(s, at + 3, 2), 1, 31) &&
	    between(number_at(s, at + 6, 4), 1900, 2099))
		return 10;
	return 0;
}

/* The length of a time at AT. */
static size_t time_at(const struct signs *s, size_t at)
{
	size_t n = between(number_at(s, at, 2), 0, 23) ? 2 : 1;

	if (!between(number_at(s, at, n), 0, 23) || char_at(s, at + n) != ':' ||
	    !between(number_at(s, at + n + 1, 2), 0, 59))
		return 0;
	n += 3;
	if (char_at(s, at + n) == ':' && between(number_at(s, at + n + 1, 2), 0, 59))
		n += 3;
	/* more of the kind is no time */
	return char_at(s, at + n) == ':' ? 0 : n;
}

static void blank_dates(struct signs *s)
{
	for (size_t at = 0; at < s->n; at++) {
		bool first = at == 0 ||
		    (s->v[at - 1].kind == SIGN_OTHER && strchr(":./-+", s->v[at - 1].c) == NULL);
		size_t n = first ? date_at(s, at) : 0;

		if (first && n == 0)
			n = time_at(s, at);
		for (size_t i = at; i < at + n; i++)
			s->v[i] = (struct sign){ 'x', SIGN_LETTER, false };
	}
}

/* ---- numbers ---------------------------------------------------------------------------------- */

struct written {
	uint8_t s[2 * DISGUISE_MAX];
	size_t n;
};

/* A run of digits from AT on, with not too much between them; its end. */
static size_t run_end(const struct signs *s, size_t at)
{
	size_t end = at, gap = 0;

	for (size_t i = at; i < s->n && gap <= GAP_MAX; i++) {
		if (s->v[i].kind == SIGN_DIGIT) {
			end = i + 1;
			gap = 0;
		} else if (s->v[i].kind == SIGN_LETTER || s->v[i].c == '@') {
			break;
		} else {
			gap++;
		}
	}
	return end;
}

/*
 * Does nobody write a number as the one in [AT, END) is written, unless it is to be seen by people
 * alone? So where three groups or more have one or two digits, or some digit was said.
 */
static bool is_scattered(const struct signs *s, size_t at, size_t end)
{
	size_t small = 0, group = 0;

	for (size_t i = at; i <= end; i++) {
		if (i < end && s->v[i].kind == SIGN_DIGIT) {
			if (s->v[i].said)
				return true;
			group++;
			continue;
		}
		small += group == 1 || group == 2;
		group = 0;
	}
	return small >= 3;
}

/* Returns whether it was put together. */
static bool write_run(const struct signs *s, size_t at, size_t end, bool close, struct written *w)
{
	bool scattered = close && is_scattered(s, at, end);

	/* "+ 4 4 ..." */
	if (scattered && w->n >= 2 && w->s[w->n - 1] == ' ' && w->s[w->n - 2] == '+')
		w->n--;
	for (; at < end; at++) {
		if (s->v[at].kind == SIGN_DIGIT)
			w->s[w->n++] = (uint8_t)s->v[at].c;
		else if (!scattered && s->v[at - 1].kind == SIGN_DIGIT)
			w->s[w->n++] = ' ';
	}
	return scattered;
}

/* Behind the X that stands for the last digit of a resident id (GB 11643); AT: not there. */
static size_t behind_x(const struct signs *s, size_t at)
{
	size_t i = at;

	while (i < s->n && i - at < GAP_MAX && s->v[i].kind == SIGN_OTHER)
		i++;
	return (char_at(s, i) | 0x20) == 'x' && signs_letters(s, i) == 1 ? i + 1 : at;
}

/* S as text again. CLOSE: numbers that are scattered are put together. */
static void write_signs(const struct signs *s, bool close, struct written *w)
{
	w->n = 0;
	for (size_t at = 0; at < s->n;) {
		size_t end;

		if (s->v[at].kind != SIGN_DIGIT) {
			w->s[w->n++] = (uint8_t)s->v[at++].c;
			continue;
		}
		end = run_end(s, at);
		if (write_run(s, at, end, close, w) && behind_x(s, end) != end) {
			w->s[w->n++] = 'X';
			end = behind_x(s, end);
		}
		at = end;
	}
}

static bool numbers_in(const struct signs *s)
{
	struct written w;
	bool found;

	write_signs(s, false, &w);
	found = detect_any(sc_span(w.s, w.n));
	if (!found) {
		write_signs(s, true, &w);
		found = detect_any(sc_span(w.s, w.n));
	}
	sc_wipe(&w, sizeof(w));
	return found;
}

static bool spelled_in(struct sc_span text)
{
	struct signs s;
	bool found;

	signs_read(text, &s);
	blank_dates(&s);
	found = numbers_in(&s);
	sc_wipe(&s, sizeof(s));
	return found;
}

/* ---- base64 and hexadecimal digits ------------------------------------------------------------ */

static int sextet(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_digit(c))
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* OUT has room for WORD; how many bytes it stands for. Padding and what is left over is dropped. */
static size_t base64_decode(struct sc_span word, uint8_t *out)
{
	uint32_t bits = 0;
	size_t n = 0;
	int have = 0;

	for (size_t i = 0; i < word.n; i++) {
		bits = (bits << 6 | (uint32_t)sextet(word.p[i])) & 0xffffff;
		if ((have += 6) >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	return n;
}

/* 0: not of such digits alone. */
static size_t hex_decode(struct sc_span word, uint8_t *out)
{
	if (word.n % 2 != 0)
		return 0;
	for (size_t i = 0; i < word.n; i += 2) {
		int high = hex_digit(word.p[i]), low = hex_digit(word.p[i + 1]);

		if (high < 0 || low < 0)
			return 0;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	return word.n / 2;
}

/* What is meant to be read is UTF-8 without control characters; random bytes hardly ever are. */
static bool is_readable(struct sc_span s)
{
	while (s.n != 0) {
		uint32_t cp;
		size_t len = utf8_decode(s, &cp);

		if (len == 0 || utf8_invisible(cp))
			return false;
		s = sc_span_from(s, len);
	}
	return true;
}

static bool look(struct sc_span text, unsigned depth);

static bool decoded_holds(const uint8_t *plain, size_t n, unsigned depth)
{
	/* a line's end behind it is how tools make it */
	while (n != 0 && (plain[n - 1] == '\n' || plain[n - 1] == '\r'))
		n--;
	return n != 0 && is_readable(sc_span(plain, n)) && look(sc_span(plain, n), depth);
}

static bool word_holds(struct sc_span word, unsigned depth)
{
	uint8_t plain[DISGUISE_MAX] = { 0 };
	bool found;
	size_t n;

	if (word.n < CODED_MIN)
		return false;
	n = hex_decode(word, plain);
	if (!(found = decoded_holds(plain, n, depth))) {
		n = base64_decode(word, plain);
		found = decoded_holds(plain, n, depth);
	}
	sc_wipe(plain, sizeof(plain));
	return found;
}

static bool coded_in(struct sc_span text, unsigned depth)
{
	size_t from = 0;

	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && sextet(text.p[i]) >= 0)
			continue;
		if (word_holds(sc_span(text.p + from, i - from), depth))
			return true;
		from = i + 1;
	}
	return false;
}

static bool look(struct sc_span text, unsigned depth)
{
	return detect_any(text) || spelled_in(text) || (depth > 0 && coded_in(text, depth - 1));
}

bool detect_disguised(struct sc_span text)
{
	return text.n > DISGUISE_MAX || look(text, DEPTH);
}
