/*
 * jsonc_scan.c - the strict pass of jsonc: refuse, blank comments, note places.
 *
 * cJSON forgives control characters, malformed UTF-8 and more, and does not
 * say where a value stood. This pass goes first: RFC 8259 to the letter, plus
 * comments. What it accepts, cJSON parses to the same tree.
 */
#include "base/text/jsonc_scan.h"

#include "base/text/jsonc.h"
#include "base/text/utf8.h"

#include <stdlib.h>

struct scan {
	uint8_t *p;
	size_t n, i;
	struct jsonc_marks *marks;
	const char *why;
};

static enum sc_err fail(struct scan *s, const char *why)
{
	s->why = why;
	return SC_SYNTAX;
}

static int peek(const struct scan *s, size_t ahead)
{
	return s->n - s->i > ahead ? s->p[s->i + ahead] : -1;
}

static bool take(struct scan *s, uint8_t c)
{
	if (peek(s, 0) != c)
		return false;
	s->i++;
	return true;
}

/* Blank a comment that begins here; newlines stay, so that lines count. */
static enum sc_err blank_comment(struct scan *s)
{
	bool block = peek(s, 1) == '*';
	size_t start = s->i;

	s->p[s->i++] = ' ';
	s->p[s->i++] = ' ';
	for (; s->i < s->n; s->i++) {
		if (!block && s->p[s->i] == '\n')
			return SC_OK;
		if (block && s->p[s->i] == '*' && peek(s, 1) == '/') {
			s->p[s->i++] = ' ';
			s->p[s->i++] = ' ';
			return SC_OK;
		}
		if (s->p[s->i] != '\n')
			s->p[s->i] = ' ';
	}
	if (!block)
		return SC_OK;
	s->i = start;
	return fail(s, "this comment never ends");
}

static enum sc_err skip_space(struct scan *s)
{
	enum sc_err err;

	for (;;) {
		int c = peek(s, 0);

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			s->i++;
		} else if (c == '/' && (peek(s, 1) == '/' || peek(s, 1) == '*')) {
			if ((err = blank_comment(s)) != SC_OK)
				return err;
		} else {
			return SC_OK;
		}
	}
}

static enum sc_err mark(struct scan *s, uint32_t key)
{
	struct jsonc_marks *m = s->marks;

	if (m->n == m->cap) {
		size_t cap = m->cap == 0 ? 64 : m->cap * 2;
		struct jsonc_mark *v = reallocarray(m->v, cap, sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		m->v = v;
		m->cap = cap;
	}
	m->v[m->n++] = (struct jsonc_mark){ key, (uint32_t)s->i };
	return SC_OK;
}

/* Four hexadecimal digits after \u; -1 when they are not. */
static int32_t hex4(struct scan *s)
{
	int32_t v = 0;

	for (int k = 0; k < 4; k++) {
		int c = peek(s, 0);

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v << 4 | ((c | 0x20) - 'a' + 10);
		else
			return -1;
		s->i++;
	}
	return v;
}

static enum sc_err scan_escape(struct scan *s)
{
	int32_t u, low;
	int c = peek(s, 0);

	if (c > 0 && strchr("\"\\/bfnrt", c) != NULL) {
		s->i++;
		return SC_OK;
	}
	if (!take(s, 'u'))
		return fail(s, "unknown escape in a string");
	if ((u = hex4(s)) < 0)
		return fail(s, "\\u needs four hexadecimal digits");
	if (u == 0)
		return fail(s, "\\u0000 is not allowed in a string");
	if (u >= 0xDC00 && u <= 0xDFFF)
		return fail(s, "half of a surrogate pair in a string");
	if (u >= 0xD800 && u <= 0xDBFF) {
		if (!take(s, '\\') || !take(s, 'u') || (low = hex4(s)) < 0xDC00 || low > 0xDFFF)
			return fail(s, "half of a surrogate pair in a string");
	}
	return SC_OK;
}

static enum sc_err scan_string(struct scan *s)
{
	size_t start = s->i, len;
	enum sc_err err;

	if (!take(s, '"'))
		return fail(s, "expected a string in double quotes");
	while (s->i < s->n) {
		uint8_t c = s->p[s->i];

		if (c == '"') {
			s->i++;
			return SC_OK;
		}
		if (c == '\\') {
			s->i++;
			if ((err = scan_escape(s)) != SC_OK)
				return err;
			continue;
		}
		if (c == '\n')
			break;
		if (c < 0x20)
			return fail(s, "control character in a string");
		len = utf8_length(sc_span(s->p + s->i, s->n - s->i));
		if (len == 0)
			return fail(s, "not UTF-8");
		s->i += len;
	}
	s->i = start;
	return fail(s, "this string never ends");
}

static bool digits(struct scan *s)
{
	size_t start = s->i;

	while (peek(s, 0) >= '0' && peek(s, 0) <= '9')
		s->i++;
	return s->i > start;
}

static enum sc_err scan_number(struct scan *s)
{
	bool zero;

	take(s, '-');
	zero = peek(s, 0) == '0';
	if (zero)
		s->i++;
	else if (!digits(s))
		return fail(s, "a number needs a digit here");
	if (zero && peek(s, 0) >= '0' && peek(s, 0) <= '9')
		return fail(s, "a number may not begin with 0");
	if (take(s, '.') && !digits(s))
		return fail(s, "a number needs a digit after the point");
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			take(s, '-');
		if (!digits(s))
			return fail(s, "a number needs a digit in its exponent");
	}
	return SC_OK;
}

static enum sc_err scan_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };
	struct sc_span rest = sc_span(s->p + s->i, s->n - s->i);

	for (size_t k = 0; k < 3; k++) {
		if (sc_span_starts(rest, words[k])) {
			s->i += strlen(words[k]);
			return SC_OK;
		}
	}
	return fail(s, "expected a value");
}

static enum sc_err scan_value(struct scan *s, uint32_t key, unsigned depth);

static enum sc_err scan_member(struct scan *s, unsigned depth)
{
	uint32_t key = (uint32_t)s->i;
	enum sc_err err;

	if (peek(s, 0) != '"')
		return fail(s, "expected a key in double quotes (or a comma too many before)");
	if ((err = scan_string(s)) != SC_OK || (err = skip_space(s)) != SC_OK)
		return err;
	if (!take(s, ':'))
		return fail(s, "expected ':' after the key");
	return scan_value(s, key, depth);
}

/* The inside of [ ] or { }; the opening bracket is already taken. */
static enum sc_err scan_container(struct scan *s, uint8_t end, unsigned depth)
{
	enum sc_err err;

	if (depth >= JSONC_DEPTH_MAX)
		return fail(s, "nested too deeply");
	if ((err = skip_space(s)) != SC_OK)
		return err;
	if (take(s, end))
		return SC_OK;
	for (;;) {
		err = end == '}' ? scan_member(s, depth + 1) :
				   scan_value(s, JSONC_NO_KEY, depth + 1);
		if (err != SC_OK)
			return err;
		if (take(s, end))
			return SC_OK;
		if (!take(s, ','))
			return fail(s, end == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
		if ((err = skip_space(s)) != SC_OK)
			return err;
	}
}

/* A value with the space around it. */
static enum sc_err scan_value(struct scan *s, uint32_t key, unsigned depth)
{
	enum sc_err err;
	int c;

	if ((err = skip_space(s)) != SC_OK || (err = mark(s, key)) != SC_OK)
		return err;
	c = peek(s, 0);
	if (take(s, '{'))
		err = scan_container(s, '}', depth);
	else if (take(s, '['))
		err = scan_container(s, ']', depth);
	else if (c == '"')
		err = scan_string(s);
	else if (c == '-' || (c >= '0' && c <= '9'))
		err = scan_number(s);
	else
		err = scan_word(s);
	return err != SC_OK ? err : skip_space(s);
}

enum sc_err jsonc_scan(uint8_t *text, size_t n, struct jsonc_marks *marks, size_t *where,
    const char **why)
{
	struct scan s = { text, n, 0, marks, NULL };
	enum sc_err err;

	if (sc_span_starts(sc_span(text, n), "\xEF\xBB\xBF")) {
		memset(text, ' ', 3); /* a byte order mark */
		s.i = 3;
	}
	err = scan_value(&s, JSONC_NO_KEY, 0);
	if (err == SC_OK && s.i != n)
		err = fail(&s, "expected nothing after the value");
	*where = s.i;
	*why = s.why;
	return err;
}
