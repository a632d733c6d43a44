/*
 * selector_filter.c - the one kind of filter there is: a member of the same object equals a
 * text or a number (RFC 9535 §2.3.5.1).
 */
#include "gateway/codec/selector_parser.h"

#include "gateway/codec/codec.h"

#include <string.h>

#define INSTEAD "such as [?@.name=='phone']"

/* @.name or @['name'] (a name-segment, in whose brackets the RFC has no blanks). */
static enum sc_err parse_sibling(struct selector_parser *ps, struct segment *seg)
{
	enum sc_err err;
	int c;

	ps->p++;
	selector_skip_blank(ps);
	c = selector_peek(ps);
	seg->name_at = ps->names->n;
	if (c == '.') {
		ps->p++;
		if (selector_peek(ps) == '.' || selector_peek(ps) == '*')
			return selector_fail(ps, "a filter looks at one member, " INSTEAD);
		err = selector_parse_shorthand(ps, &seg->name_n);
	} else if (c == '[') {
		ps->p++;
		c = selector_peek(ps);
		if (c != '\'' && c != '"')
			return selector_fail(ps, "a filter looks at one member, " INSTEAD);
		err = selector_parse_quoted(ps, &seg->name_n);
		if (err == SC_OK && selector_peek(ps) != ']')
			return selector_fail(ps, "expected ] here");
		ps->p += err == SC_OK;
	} else {
		return selector_fail(ps, "a filter looks at one member, " INSTEAD);
	}
	if (err != SC_OK)
		return err;
	selector_skip_blank(ps);
	c = selector_peek(ps);
	return c == '.' || c == '[' ?
	    selector_fail(ps, "a filter looks at a member of the element itself, " INSTEAD) :
	    SC_OK;
}

static bool take(struct selector_parser *ps, char c)
{
	if (selector_peek(ps) != c)
		return false;
	ps->p++;
	return true;
}

/* Over the digits at PS; at least one. */
static bool take_digits(struct selector_parser *ps)
{
	if (!selector_digit(selector_peek(ps)))
		return false;
	while (selector_digit(selector_peek(ps)))
		ps->p++;
	return true;
}

/* number = (int / "-0") [ frac ] [ exp ] */
static bool take_number(struct selector_parser *ps)
{
	(void)take(ps, '-');
	if (!take(ps, '0') && !take_digits(ps))
		return false;
	if (take(ps, '.') && !take_digits(ps))
		return false;
	if (!take(ps, 'e') && !take(ps, 'E'))
		return true;
	if (!take(ps, '+'))
		(void)take(ps, '-');
	return take_digits(ps);
}

static enum sc_err parse_literal(struct selector_parser *ps, struct segment *seg)
{
	const uint8_t *from = ps->p;
	int c = selector_peek(ps);

	if (c == '\'' || c == '"') {
		seg->literal_kind = CODEC_TEXT;
		return selector_parse_quoted(ps, &seg->literal_n);
	}
	if (c != '-' && !selector_digit(c))
		return selector_fail(ps, "expected a text in quotes or a number here, " INSTEAD);
	if (!take_number(ps))
		return selector_fail(ps, "malformed number");
	if (ps->p - from > SELECTOR_NAME_MAX)
		return selector_fail(ps, "the number is longer than 255 bytes");
	seg->literal_kind = CODEC_NUMBER;
	seg->literal_n = (uint8_t)(ps->p - from);
	return sc_buf_put(ps->names, from, (size_t)(ps->p - from));
}

static enum sc_err parse_equals(struct selector_parser *ps)
{
	selector_skip_blank(ps);
	if (ps->end - ps->p < 2 || memcmp(ps->p, "==", 2) != 0)
		return selector_fail(ps, "a filter compares with == and nothing else, " INSTEAD);
	ps->p += 2;
	selector_skip_blank(ps);
	return SC_OK;
}

/* literal == @.name: the name is to stand before the literal in the names. */
static enum sc_err parse_reversed(struct selector_parser *ps, struct segment *seg)
{
	const uint8_t *literal = ps->p, *behind;
	const size_t before = ps->names->n;
	enum sc_err err;

	if ((err = parse_literal(ps, seg)) != SC_OK || (err = parse_equals(ps)) != SC_OK)
		return err;
	if (selector_peek(ps) != '@')
		return selector_fail(ps, "a filter looks at one member, " INSTEAD);
	sc_buf_truncate(ps->names, before);
	if ((err = parse_sibling(ps, seg)) != SC_OK)
		return err;
	behind = ps->p;
	ps->p = literal;
	err = parse_literal(ps, seg);
	ps->p = behind;
	return err;
}

static enum sc_err parse_comparison(struct selector_parser *ps, struct segment *seg)
{
	int c = selector_peek(ps);
	enum sc_err err;

	if (c == '\'' || c == '"' || c == '-' || selector_digit(c))
		return parse_reversed(ps, seg);
	if (c == '!')
		return selector_fail(ps, "a filter has no \"not\": write what must stand there");
	if (c != '@')
		return selector_fail(ps, "a filter compares one member, " INSTEAD);
	if ((err = parse_sibling(ps, seg)) != SC_OK || (err = parse_equals(ps)) != SC_OK)
		return err;
	return parse_literal(ps, seg);
}

enum sc_err selector_parse_filter(struct selector_parser *ps, struct segment *seg)
{
	size_t open = 0;
	enum sc_err err;

	seg->kind = SEGMENT_TEST;
	ps->p++;
	selector_skip_blank(ps);
	for (; take(ps, '('); open++)
		selector_skip_blank(ps);
	if ((err = parse_comparison(ps, seg)) != SC_OK)
		return err;
	selector_skip_blank(ps);
	for (; open > 0; open--) {
		if (!take(ps, ')'))
			return selector_fail(ps, "expected ) here");
		selector_skip_blank(ps);
	}
	if (selector_peek(ps) == '&' || selector_peek(ps) == '|')
		return selector_fail(ps,
		    "a filter is one comparison: for \"or\" write one path for each");
	return SC_OK;
}
