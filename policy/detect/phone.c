/*
 * phone.c - telephone numbers in the forms people write most.
 */
#include "policy/detect/verify.h"
#include "policy/words/class.h"
#include "policy/words/dialling.h"

#include <string.h>
#include <strings.h>

/* How a number may be broken into groups. */
struct shape {
	uint8_t n;
	uint8_t groups[4];
};

#define JOINS_ALL \
	(1u << JOIN_SPACE | 1u << JOIN_DASH | 1u << JOIN_DOT | 1u << JOIN_SLASH | 1u << JOIN_PAREN)
#define JOINS_NATIONAL (JOINS_ALL & ~(1u << JOIN_DOT))

static uint8_t digit_at(const struct digit_window *w, size_t group, size_t i)
{
	return w->text.p[w->g[group].start + i];
}

/* Do the groups from FIRST on have SHAPE, when SKIP digits of the first belong
 * to a prefix? */
static bool shape_fits(const struct digit_window *w, const struct shape *s, size_t first,
    size_t skip, unsigned joins)
{
	if (first + s->n > w->n)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		if (digits_length(w, first + i) != s->groups[i] + (i == 0 ? skip : 0))
			return false;
		if (i > 0 && (joins >> w->g[first + i].join & 1) == 0)
			return false;
	}
	return true;
}

/* Where the number begins in the text: a + and an opening bracket go along. */
static uint32_t number_start(const struct digit_window *w)
{
	uint32_t at = w->g[0].start - w->g[0].plus;

	if (at > w->floor && w->text.p[at - 1] == '(' && w->n > 1 && w->g[1].join == JOIN_PAREN)
		at--;
	return at;
}

/* Behind the words that announce an extension at the start of S; 0: none. */
static size_t extension_word(struct sc_span s)
{
	static const char *const words[] = { " ext. ", " ext ", " ext.", "ext", " x", "x",
		"\xE8\xBD\xAC", " \xE8\xBD\xAC", /* zhuan */
		"\xE5\x88\x86\xE6\x9C\xBA" };    /* fenji */

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (sc_span_starts(s, words[i]))
			return strlen(words[i]);
	return 0;
}

/*
 * The end of the number whose last group is LAST, extension included: leaving
 * that behind would leave a part of the number.
 */
static uint32_t number_end(const struct digit_window *w, size_t last, size_t *groups)
{
	uint32_t end = w->g[last].end;
	size_t word = extension_word(sc_span_from(w->text, end)), n = 0;

	*groups = last + 1;
	if (last + 1 < w->n && w->g[last + 1].join == JOIN_DASH &&
	    digits_length(w, last + 1) >= 2 && digits_length(w, last + 1) <= 5) {
		*groups = last + 2;
		return w->g[last + 1].end;
	}
	if (word == 0)
		return end;
	while (n <= 6 && end + word + n < w->text.n && ascii_digit(w->text.p[end + word + n]))
		n++;
	return n >= 1 && n <= 6 ? end + (uint32_t)(word + n) : end;
}

static bool letter_at(const struct digit_window *w, uint32_t at)
{
	return at < w->text.n && (ascii_letter(w->text.p[at]) || w->text.p[at] == '_');
}

/* The number ends with group LAST: the match, unless its surroundings say no. */
static bool number_match(const struct digit_window *w, size_t last, struct detect_match *m)
{
	size_t groups;
	uint32_t end = number_end(w, last, &groups);

	if (letter_at(w, end) || !digits_left_clean(w))
		return false;
	*m = (struct detect_match){ number_start(w), end, groups, CLASS_PHONE };
	return true;
}

/* Is group I exactly TEXT? */
static bool group_is(const struct digit_window *w, size_t i, const char *text)
{
	return sc_span_is(digits_span(w, i), text);
}

/* 86, 0086 or a trunk 0 before a mobile number: as a group (*FIRST becomes 1)
 * or as *SKIP digits of it. */
static void mobile_prefix(const struct digit_window *w, size_t *first, size_t *skip)
{
	struct sc_span g = digits_span(w, 0);

	*first = *skip = 0;
	if (w->n > 1 && (group_is(w, 0, "86") || group_is(w, 0, "0086")) &&
	    w->g[1].join != JOIN_DOT)
		*first = 1;
	else if (sc_span_starts(g, "0086"))
		*skip = 4;
	else if (sc_span_starts(g, "86"))
		*skip = 2;
	else if (sc_span_starts(g, "0"))
		*skip = 1;
}

bool verify_mobile(const struct digit_window *w, struct detect_match *m)
{
	static const struct shape shapes[] = { { 1, { 11 } }, { 3, { 3, 4, 4 } },
		{ 3, { 4, 3, 4 } }, { 2, { 3, 8 } } };
	size_t first, skip, last;

	mobile_prefix(w, &first, &skip);
	if (digits_length(w, first) < skip + 3 || digit_at(w, first, skip) != '1' ||
	    digit_at(w, first, skip + 1) < '3')
		return false;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (!shape_fits(w, &shapes[i], first, skip, JOINS_ALL))
			continue;
		last = first + shapes[i].n - 1;
		/* 13812345678.00 is an amount */
		if (shapes[i].n == 1 && last + 1 < w->n && w->g[last + 1].join == JOIN_DOT)
			return false;
		return number_match(w, last, m);
	}
	return false;
}

/* Numbers as they are dialled inside of a country, by their first digits.
 * Without separators they would be serial numbers, but for 07. */
static const struct national {
	char from[4], to[4]; /* of as many digits */
	struct shape shape;
} nationals[] = {
	/* United Kingdom: mobile */
	{ "07", "07", { 1, { 11 } } },
	{ "07", "07", { 2, { 5, 6 } } },
	{ "07", "07", { 3, { 5, 3, 3 } } },
	{ "07", "07", { 3, { 4, 3, 4 } } },
	/* Germany: mobile */
	{ "015", "017", { 2, { 4, 7 } } },
	{ "015", "017", { 2, { 4, 8 } } },
	{ "015", "015", { 2, { 5, 6 } } },
	{ "015", "015", { 2, { 5, 7 } } },
	/* China: fixed lines, area code set off */
	{ "010", "010", { 2, { 3, 8 } } },
	{ "02", "02", { 2, { 3, 8 } } },
	{ "03", "09", { 2, { 4, 7 } } },
	{ "03", "09", { 2, { 4, 8 } } },
};

static bool prefix_fits(const struct national *n, struct sc_span digits)
{
	size_t len = strlen(n->from);

	return digits.n >= len && memcmp(digits.p, n->from, len) >= 0 &&
	    memcmp(digits.p, n->to, len) <= 0;
}

bool verify_national(const struct digit_window *w, struct detect_match *m)
{
	struct sc_span first = digits_span(w, 0);

	if (first.p[0] != '0')
		return false;
	for (size_t i = 0; i < sizeof(nationals) / sizeof(nationals[0]); i++)
		if (prefix_fits(&nationals[i], first) &&
		    shape_fits(w, &nationals[i].shape, 0, 0, JOINS_NATIONAL))
			return number_match(w, nationals[i].shape.n - 1u, m);
	return false;
}

/* Area and exchange codes of North America begin with 2 to 9. */
bool verify_nanp(const struct digit_window *w, struct detect_match *m)
{
	static const struct shape national = { 3, { 3, 3, 4 } };
	size_t first = group_is(w, 0, "1");

	if (!shape_fits(w, &national, first, 0, JOINS_ALL) || digit_at(w, first, 0) < '2' ||
	    digit_at(w, first + 1, 0) < '2')
		return false;
	return number_match(w, first + 2, m);
}

/* ---- from another country ---- */

/* +44 (0)7700: the trunk zero in brackets is written but not dialled. */
static bool trunk_zero(const struct digit_window *w, size_t i)
{
	return w->g[i].join == JOIN_PAREN && group_is(w, i, "0");
}

/* What says that digits are a telephone number, right before them or with a short word between. */
static bool announces(struct sc_span word)
{
	static const char *const words[] = { "call", "calls", "ring", "dial", "phone", "telephone",
		"tel", "mob", "mobile", "cell", "fax", "sms", "text", "whatsapp", "wa", "signal" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word.n == strlen(words[i]) &&
		    strncasecmp((const char *)word.p, words[i], word.n) == 0)
			return true;
	return false;
}

/* "dianhua" and "shouji": words of Chinese end where the next begins. */
static bool announces_cjk(struct sc_span before)
{
	static const char *const words[] = { "\xE7\x94\xB5\xE8\xAF\x9D",
		"\xE6\x89\x8B\xE6\x9C\xBA" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		if (before.n >= n && memcmp(before.p + before.n - n, words[i], n) == 0)
			return true;
	}
	return false;
}

/* Is the window's first group announced: "call me on 44...", "wa.me/44...", "tel:44..."? */
static bool announced(const struct digit_window *w)
{
	enum { WORDS = 4, SHORT = 3, BACK = 40 };
	const uint8_t *p = w->text.p;
	uint32_t at = w->g[0].start, low = at > w->floor + BACK ? at - BACK : w->floor, end;

	for (int i = 0; i < WORDS && at > low; i++) {
		while (at > low && p[at - 1] < 0x80 && strchr(" .:/=-\t\n(", p[at - 1]) != NULL)
			at--;
		for (end = at; at > low && ascii_letter(p[at - 1]);)
			at--;
		if (announces(sc_span(p + at, end - at)))
			return at == 0 || !ascii_digit(p[at - 1]);
		if (end == at)
			return announces_cjk(sc_span(p + low, at - low));
		if (end - at > SHORT)
			return false;
	}
	return false;
}

/* What says that a calling code comes first. */
enum mark { MARK_NONE, MARK_PLUS, MARK_ZEROS, MARK_WORD };

static enum mark mark_of(const struct digit_window *w)
{
	struct sc_span g = digits_span(w, 0);

	if (w->g[0].plus)
		return MARK_PLUS;
	if (sc_span_starts(g, "00") && (g.n > 2 ? g.p[2] != '0' : w->n > 1))
		return MARK_ZEROS;
	return g.p[0] != '0' && announced(w) ? MARK_WORD : MARK_NONE;
}

/*
 * A + is never by chance. Two zeros may be a serial number's, and a word may stand before
 * anything: then a country must be known to have such numbers.
 */
static bool mark_fits(enum mark mark, struct sc_span digits)
{
	switch (mark) {
	case MARK_PLUS: return dialling_fits(digits);
	case MARK_ZEROS: return digits.n >= 10 && dialling_known(digits);
	case MARK_WORD: return dialling_unmarked(digits) != 0;
	case MARK_NONE: break;
	}
	return false;
}

bool verify_e164(const struct digit_window *w, struct detect_match *m)
{
	uint8_t digits[DIALLING_MAX + 1];
	enum mark mark = mark_of(w);
	size_t n = 0, best = 0, skip = mark == MARK_ZEROS ? 2 : 0;

	if (mark == MARK_NONE)
		return false;
	for (size_t i = 0; i < w->n; i++, skip = 0) {
		size_t len = digits_length(w, i) - skip;

		if (trunk_zero(w, i))
			continue;
		if (len > DIALLING_MAX - n || (i > 0 && w->g[i].plus))
			break;
		memcpy(digits + n, w->text.p + w->g[i].start + skip, len);
		n += len;
		/* the longest that exists */
		if (mark_fits(mark, sc_span(digits, n)))
			best = i + 1;
	}
	return best != 0 && number_match(w, best - 1, m);
}
