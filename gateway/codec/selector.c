/*
 * selector.c - the text of one selector parsed into segments (RFC 9535 §2).
 */
#include "gateway/codec/selector_parser.h"

#include "base/text/utf8.h"

#define INDEX_MAX 9007199254740991u /* 2^53-1, RFC 9535 §2.1 */

/* The int of an index or a slice, §2.3.3.1, without the negative ones */
static enum sc_err parse_index(struct selector_parser *ps, uint64_t *out)
{
	const uint8_t *from = ps->p;

	*out = 0;
	while (selector_digit(selector_peek(ps))) {
		*out = *out * 10 + (uint64_t)(*ps->p - '0');
		if (*out > INDEX_MAX)
			return selector_fail(ps, "the index is beyond 2^53-1");
		ps->p++;
	}
	if (ps->p - from > 1 && *from == '0') {
		ps->p = from;
		return selector_fail(ps, "an index has no leading zero");
	}
	return SC_OK;
}

static enum sc_err no_negative(struct selector_parser *ps)
{
	return selector_fail(ps,
	    "negative indices are not supported: only the array's end says what they mean");
}

/* What is behind the first colon of a slice, §2.3.4.1; the RFC's step is not for us. */
static enum sc_err parse_slice(struct selector_parser *ps, struct segment *seg)
{
	enum sc_err err;

	seg->kind = SEGMENT_SLICE;
	seg->end = SELECTOR_END_NONE;
	ps->p++;
	selector_skip_blank(ps);
	if (selector_peek(ps) == '-')
		return no_negative(ps);
	if (selector_digit(selector_peek(ps))) {
		if ((err = parse_index(ps, &seg->end)) != SC_OK)
			return err;
		selector_skip_blank(ps);
	}
	if (selector_peek(ps) != ':')
		return SC_OK;
	ps->p++;
	selector_skip_blank(ps);
	if (selector_digit(selector_peek(ps)) || selector_peek(ps) == '-')
		return selector_fail(ps,
		    "a step is not supported: write the indices, such as [0,2,4]");
	return SC_OK;
}

/* An index, or a slice that one begins. */
static enum sc_err parse_elements(struct selector_parser *ps, struct segment *seg)
{
	enum sc_err err;

	seg->kind = SEGMENT_INDEX;
	if ((err = parse_index(ps, &seg->index)) != SC_OK)
		return err;
	selector_skip_blank(ps);
	return selector_peek(ps) == ':' ? parse_slice(ps, seg) : SC_OK;
}

/* One selector of a bracket (§2.3), without filters. */
static enum sc_err parse_choice(struct selector_parser *ps, struct segment *seg)
{
	int c = selector_peek(ps);

	if (c == '\'' || c == '"') {
		seg->kind = SEGMENT_NAME;
		seg->name_at = ps->names->n;
		return selector_parse_quoted(ps, &seg->name_n);
	}
	seg->list = c == '*' || c == ':' || selector_digit(c);
	if (c == '*') {
		seg->kind = SEGMENT_ANY;
		ps->p++;
		return SC_OK;
	}
	if (selector_digit(c))
		return parse_elements(ps, seg);
	if (c == ':')
		return parse_slice(ps, seg);
	if (c == '-')
		return no_negative(ps);
	if (c == '?')
		return selector_fail(ps,
		    "a filter stands alone in its bracket: write one path for each");
	return selector_fail(ps, "expected a quoted name, an index, a slice or * here");
}

/* Room for one more, which is as deep as DEEP says; NULL: there is none, which was told. */
static struct segment *next_segment(struct selector_parser *ps, bool deep)
{
	struct segment *seg = &ps->seg[ps->n];

	if (ps->n == ps->max) {
		(void)selector_fail_as(ps, SC_LIMIT, "the path has too many segments");
		return NULL;
	}
	*seg = (struct segment){ .kind = SEGMENT_ANY, .deep = deep };
	ps->n++;
	return seg;
}

/* A filter is any child, and a test of it. */
static enum sc_err parse_filter(struct selector_parser *ps, bool deep)
{
	struct segment *seg;

	for (size_t i = 0; i < ps->n; i++)
		if (ps->seg[i].kind == SEGMENT_TEST)
			return selector_fail(ps,
			    "a path has one filter at most: take * here and filter once");
	if (next_segment(ps, deep) == NULL || (seg = next_segment(ps, false)) == NULL)
		return SC_LIMIT;
	return selector_parse_filter(ps, seg);
}

static enum sc_err parse_bracket(struct selector_parser *ps, bool deep)
{
	size_t first = ps->n;
	struct segment *seg;
	enum sc_err err;

	ps->p++;
	selector_skip_blank(ps);
	if (selector_peek(ps) == '?') {
		if ((err = parse_filter(ps, deep)) != SC_OK)
			return err;
		if (selector_peek(ps) == ',')
			return selector_fail(ps,
			    "a filter stands alone in its bracket: write one path for each");
	}
	while (ps->n == first || selector_peek(ps) == ',') {
		if (ps->n != first) {
			ps->p++;
			selector_skip_blank(ps);
		}
		if ((seg = next_segment(ps, deep)) == NULL)
			return SC_LIMIT;
		seg->also = ps->n - 1 != first;
		if ((err = parse_choice(ps, seg)) != SC_OK)
			return err;
		selector_skip_blank(ps);
	}
	if (selector_peek(ps) != ']')
		return selector_fail(ps, "expected , or ] here");
	ps->p++;
	return SC_OK;
}

static enum sc_err parse_segment(struct selector_parser *ps)
{
	struct segment *seg;
	bool deep = false;

	if (selector_peek(ps) == '[')
		return parse_bracket(ps, false);
	if (selector_peek(ps) != '.')
		return selector_fail(ps, "expected . or [ here");
	ps->p++;
	if (selector_peek(ps) == '.') {
		deep = true;
		ps->p++;
		if (selector_peek(ps) == '[')
			return parse_bracket(ps, true);
	}
	if ((seg = next_segment(ps, deep)) == NULL)
		return SC_LIMIT;
	if (selector_peek(ps) == '*') {
		ps->p++;
		return SC_OK;
	}
	seg->kind = SEGMENT_NAME;
	seg->name_at = ps->names->n;
	return selector_parse_shorthand(ps, &seg->name_n);
}

enum sc_err selector_parse(struct sc_span text, struct segment *seg, size_t max, size_t *n,
    struct sc_buf *names, struct sc_diag *d)
{
	struct selector_parser ps = { .start = text.p,
		.p = text.p,
		.end = text.p + text.n,
		.seg = seg,
		.max = max,
		.names = names,
		.d = d };
	enum sc_err err;

	*n = 0;
	for (size_t used; ps.p < ps.end; ps.p += used)
		if ((used = utf8_length(sc_span(ps.p, (size_t)(ps.end - ps.p)))) == 0)
			return selector_fail(&ps, "not UTF-8");
	ps.p = ps.start;
	if (selector_peek(&ps) != '$')
		return selector_fail(&ps, "a path begins with $");
	ps.p++;
	while (ps.p < ps.end) {
		selector_skip_blank(&ps);
		if ((err = parse_segment(&ps)) != SC_OK)
			return err;
	}
	*n = ps.n;
	return SC_OK;
}
