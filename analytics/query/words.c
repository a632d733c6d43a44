/*
 * words.c - cutting SQL into words (sqlite.org/lang_expr.html and its tokenizer).
 */
#include "analytics/query/words.h"

/* What a byte can be part of. */
enum { BLANK = 1, START = 2, INSIDE = 4, DIGIT = 8, HEX = 16 };
static const uint8_t classes[256] = {
	[' '] = BLANK,
	['\t'] = BLANK,
	['\n'] = BLANK,
	['\f'] = BLANK,
	['\r'] = BLANK,
	['0' ... '9'] = INSIDE | DIGIT | HEX,
	['A' ... 'F'] = START | INSIDE | HEX,
	['G' ... 'Z'] = START | INSIDE,
	['a' ... 'f'] = START | INSIDE | HEX,
	['g' ... 'z'] = START | INSIDE,
	['_'] = START | INSIDE,
	['$'] = INSIDE,
	[0x80 ... 0xff] = START | INSIDE,
};

static bool is(struct sc_span s, size_t at, uint8_t class)
{
	return at < s.n && (classes[s.p[at]] & class) != 0;
}

static bool has(struct sc_span s, size_t at, const char *text)
{
	return sc_span_starts(sc_span_from(s, at), text);
}

static size_t skip(struct sc_span s, size_t at, uint8_t class)
{
	while (is(s, at, class))
		at++;
	return at;
}

/* Behind the closing quote, which is doubled where it is meant; 0: there is none. */
static size_t quoted_end(struct sc_span s, size_t at, uint8_t close)
{
	for (at++; at < s.n; at++) {
		if (s.p[at] != close)
			continue;
		if (close == ']' || at + 1 == s.n || s.p[at + 1] != close)
			return at + 1;
		at++;
	}
	return 0;
}

static size_t comment_end(struct sc_span s, size_t at)
{
	const bool line = s.p[at] == '-';

	for (at += 2; at < s.n; at++)
		if (line ? s.p[at] == '\n' : has(s, at, "*/"))
			return at + (line ? 1 : 2);
	return s.n;
}

/* All that hangs together with a number is of it, also what makes it none. */
static size_t number_end(struct sc_span s, size_t at)
{
	for (;; at++) {
		const bool sign = at < s.n && (s.p[at] == '+' || s.p[at] == '-') &&
		    (s.p[at - 1] | 0x20) == 'e' && is(s, at + 1, DIGIT);

		if (!is(s, at, INSIDE) && !(at < s.n && s.p[at] == '.') && !sign)
			return at;
	}
}

static enum sql_kind cut_quoted(struct sc_span s, size_t *at)
{
	const uint8_t open = s.p[*at];
	const size_t end = quoted_end(s, *at, open == '[' ? ']' : open);

	*at = end == 0 ? s.n : end;
	if (end == 0)
		return SQL_UNENDING;
	return open == '\'' ? SQL_LITERAL : SQL_QUOTED;
}

static enum sql_kind cut(struct sc_span s, size_t *at)
{
	const uint8_t c = s.p[*at];

	if (is(s, *at, BLANK)) {
		*at = skip(s, *at, BLANK);
		return SQL_BLANK;
	}
	if (has(s, *at, "--") || (has(s, *at, "/*") && *at + 2 < s.n)) {
		*at = comment_end(s, *at);
		return SQL_COMMENT;
	}
	if ((c | 0x20) == 'x' && has(s, *at + 1, "'")) {
		++*at;
		return cut_quoted(s, at);
	}
	if (c == '\'' || c == '"' || c == '`' || c == '[')
		return cut_quoted(s, at);
	if (is(s, *at, START)) {
		*at = skip(s, *at, INSIDE);
		return SQL_NAME;
	}
	if (is(s, *at, DIGIT) || (c == '.' && is(s, *at + 1, DIGIT))) {
		*at = number_end(s, *at + 1);
		return SQL_LITERAL;
	}
	++*at;
	if (c == '?' || ((c == '$' || c == '@' || c == ':' || c == '#') && is(s, *at, INSIDE))) {
		*at = skip(s, *at, INSIDE);
		return SQL_LITERAL;
	}
	return SQL_MARK;
}

struct sql_word sql_word_next(struct sc_span sql, size_t *at)
{
	struct sql_word w = { SQL_END, sc_span_from(sql, *at) };
	const size_t from = *at;

	if (from >= sql.n)
		return w;
	w.kind = cut(sql, at);
	w.text.n = *at - from;
	return w;
}

bool sql_is_over(struct sc_span sql, size_t at)
{
	struct sql_word w;

	do {
		w = sql_word_next(sql, &at);
	} while (w.kind == SQL_BLANK || w.kind == SQL_COMMENT ||
	    (w.kind == SQL_MARK && w.text.p[0] == ';'));
	return w.kind == SQL_END;
}

size_t sql_find_name(struct sc_span sql, const char *name)
{
	size_t at = 0;
	struct sql_word w;

	while ((w = sql_word_next(sql, &at)).kind != SQL_END) {
		const size_t q = w.kind == SQL_QUOTED ? 1 : 0;

		if ((w.kind == SQL_NAME || q == 1) &&
		    sc_span_caseeq(sc_span(w.text.p + q, w.text.n - 2 * q), name))
			return at - w.text.n;
	}
	return sql.n;
}
