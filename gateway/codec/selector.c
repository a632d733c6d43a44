/*
 * selector.c - the text of one selector parsed into segments (RFC 9535 §2).
 */
#include "gateway/codec/selector.h"

#include "base/text/escape.h"
#include "base/text/utf8.h"

#include <string.h>

#define INDEX_MAX 9007199254740991u /* 2^53-1, RFC 9535 §2.1 */

struct parser {
	const uint8_t *start, *p, *end;
	struct sc_buf *names;
	struct sc_diag *d;
};

static int peek(const struct parser *ps)
{
	return ps->p < ps->end ? *ps->p : -1;
}

static enum sc_err fail_as(struct parser *ps, enum sc_err err, const char *why)
{
	if (ps->d != NULL) {
		sc_diag_set(ps->d, "%s", why);
		ps->d->column = (unsigned)(ps->p - ps->start) + 1;
		ps->d->offset = (size_t)(ps->p - ps->start);
	}
	return err;
}

static enum sc_err fail(struct parser *ps, const char *why)
{
	return fail_as(ps, SC_SYNTAX, why);
}

/* Blank space is allowed before a segment and inside brackets (§2.1.1). */
static void skip_blank(struct parser *ps)
{
	while (ps->p < ps->end &&
	    (*ps->p == ' ' || *ps->p == '\t' || *ps->p == '\n' || *ps->p == '\r'))
		ps->p++;
}

static bool name_first(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool digit(int c)
{
	return c >= '0' && c <= '9';
}

static enum sc_err name_put(struct parser *ps, struct segment *seg, const void *p, size_t n)
{
	if (n > (size_t)SELECTOR_NAME_MAX - seg->name_n)
		return fail_as(ps, SC_LIMIT, "the name is longer than 255 bytes");
	seg->name_n = (uint8_t)(seg->name_n + n);
	return sc_buf_put(ps->names, p, n);
}

static void name_begin(struct parser *ps, struct segment *seg)
{
	seg->kind = SEGMENT_NAME;
	seg->name_at = ps->names->n;
	seg->name_n = 0;
}

/* member-name-shorthand, §2.5.1.1 */
static enum sc_err parse_shorthand(struct parser *ps, struct segment *seg)
{
	const uint8_t *from = ps->p;

	if (!name_first(peek(ps)))
		return fail(ps,
		    "expected a name, * or [ here; a name with "
		    "other characters is written ['name']");
	while (name_first(peek(ps)) || digit(peek(ps)))
		ps->p++;
	name_begin(ps, seg);
	return name_put(ps, seg, from, (size_t)(ps->p - from));
}

/* §2.3.1.1: as in JSON, but that the one quote to be escaped is the one it stands in. */
static enum sc_err parse_escape(struct parser *ps, struct segment *seg, int quote)
{
	struct sc_span rest = sc_span(ps->p, (size_t)(ps->end - ps->p));
	int next = rest.n > 1 ? rest.p[1] : -1;
	struct escaped_char c = { .used = 2, .n = 1, .utf8 = { (uint8_t)quote } };

	if (next != quote && (next == '"' || !escape_read(rest, &c)))
		return fail(ps,
		    next == 'u' ? "\\u takes four hexadecimal digits" : "unknown escape");
	if (c.lone)
		return fail(ps, "half of a surrogate pair");
	ps->p += c.used;
	return name_put(ps, seg, c.utf8, c.n);
}

/* name-selector, §2.3.1.1 */
static enum sc_err parse_quoted(struct parser *ps, struct segment *seg)
{
	int quote = *ps->p++, c;
	enum sc_err err;

	name_begin(ps, seg);
	while ((c = peek(ps)) != quote) {
		if (c < 0)
			return fail(ps, "the quote is not closed");
		if (c < 0x20)
			return fail(ps, "control characters are written as escapes");
		if (c == '\\') {
			err = parse_escape(ps, seg, quote);
		} else {
			err = name_put(ps, seg, ps->p, 1);
			ps->p += err == SC_OK;
		}
		if (err != SC_OK)
			return err;
	}
	ps->p++;
	return SC_OK;
}

/* index-selector, §2.3.3.1, without the negative ones */
static enum sc_err parse_index(struct parser *ps, struct segment *seg)
{
	const uint8_t *from = ps->p;

	seg->kind = SEGMENT_INDEX;
	seg->index = 0;
	while (digit(peek(ps))) {
		seg->index = seg->index * 10 + (uint64_t)(*ps->p - '0');
		if (seg->index > INDEX_MAX)
			return fail(ps, "the index is beyond 2^53-1");
		ps->p++;
	}
	if (ps->p - from > 1 && *from == '0') {
		ps->p = from;
		return fail(ps, "an index has no leading zero");
	}
	return SC_OK;
}

static enum sc_err parse_bracket(struct parser *ps, struct segment *seg)
{
	enum sc_err err = SC_OK;
	int c;

	ps->p++;
	skip_blank(ps);
	c = peek(ps);
	if (c == '\'' || c == '"') {
		err = parse_quoted(ps, seg);
	} else if (c == '*') {
		seg->kind = SEGMENT_ANY;
		ps->p++;
	} else if (digit(c)) {
		err = parse_index(ps, seg);
	} else if (c == '?') {
		return fail(ps, "filters are not supported");
	} else if (c == '-') {
		return fail(ps, "negative indices are not supported");
	} else if (c != ':') {
		return fail(ps, "expected a quoted name, an index or * here");
	}
	if (err != SC_OK)
		return err;
	skip_blank(ps);
	c = peek(ps);
	if (c == ':')
		return fail(ps, "slices are not supported");
	if (c == ',')
		return fail(ps,
		    "several selectors in one bracket are not "
		    "supported: write one path for each");
	if (c != ']')
		return fail(ps, "expected ] here");
	ps->p++;
	return SC_OK;
}

static enum sc_err parse_segment(struct parser *ps, struct segment *seg)
{
	*seg = (struct segment){ .kind = SEGMENT_ANY };
	if (peek(ps) == '[')
		return parse_bracket(ps, seg);
	if (peek(ps) != '.')
		return fail(ps, "expected . or [ here");
	ps->p++;
	if (peek(ps) == '.') {
		seg->deep = true;
		ps->p++;
		if (peek(ps) == '[')
			return parse_bracket(ps, seg);
	}
	if (peek(ps) == '*') {
		ps->p++;
		return SC_OK;
	}
	return parse_shorthand(ps, seg);
}

enum sc_err selector_parse(struct sc_span text, struct segment *seg, size_t max, size_t *n,
    struct sc_buf *names, struct sc_diag *d)
{
	struct parser ps = { text.p, text.p, text.p + text.n, names, d };
	enum sc_err err;

	*n = 0;
	for (size_t used; ps.p < ps.end; ps.p += used)
		if ((used = utf8_length(sc_span(ps.p, (size_t)(ps.end - ps.p)))) == 0)
			return fail(&ps, "not UTF-8");
	ps.p = ps.start;
	if (peek(&ps) != '$')
		return fail(&ps, "a path begins with $");
	ps.p++;
	while (ps.p < ps.end) {
		skip_blank(&ps);
		if (*n == max)
			return fail_as(&ps, SC_LIMIT, "the path has too many segments");
		if ((err = parse_segment(&ps, &seg[*n])) != SC_OK)
			return err;
		(*n)++;
	}
	return SC_OK;
}
