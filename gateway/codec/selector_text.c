/*
 * selector_text.c - what selectors and filters are written with: names, texts and blanks.
 */
#include "gateway/codec/selector_parser.h"

#include "base/text/escape.h"

int selector_peek(const struct selector_parser *ps)
{
	return ps->p < ps->end ? *ps->p : -1;
}

enum sc_err selector_fail_as(struct selector_parser *ps, enum sc_err err, const char *why)
{
	if (ps->d != NULL) {
		sc_diag_set(ps->d, "%s", why);
		ps->d->column = (unsigned)(ps->p - ps->start) + 1;
		ps->d->offset = (size_t)(ps->p - ps->start);
	}
	return err;
}

enum sc_err selector_fail(struct selector_parser *ps, const char *why)
{
	return selector_fail_as(ps, SC_SYNTAX, why);
}

/* Blank space is allowed before a segment and inside brackets (§2.1.1). */
void selector_skip_blank(struct selector_parser *ps)
{
	while (ps->p < ps->end &&
	    (*ps->p == ' ' || *ps->p == '\t' || *ps->p == '\n' || *ps->p == '\r'))
		ps->p++;
}

static bool name_first(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static enum sc_err name_put(struct selector_parser *ps, uint8_t *length, const void *p, size_t n)
{
	if (n > (size_t)SELECTOR_NAME_MAX - *length)
		return selector_fail_as(ps, SC_LIMIT, "the name is longer than 255 bytes");
	*length = (uint8_t)(*length + n);
	return sc_buf_put(ps->names, p, n);
}

/* member-name-shorthand, §2.5.1.1 */
enum sc_err selector_parse_shorthand(struct selector_parser *ps, uint8_t *length)
{
	const uint8_t *from = ps->p;

	if (!name_first(selector_peek(ps)))
		return selector_fail(ps,
		    "expected a name, * or [ here; a name with "
		    "other characters is written ['name']");
	while (name_first(selector_peek(ps)) || selector_digit(selector_peek(ps)))
		ps->p++;
	*length = 0;
	return name_put(ps, length, from, (size_t)(ps->p - from));
}

/* §2.3.1.1: as in JSON, but that the one quote to be escaped is the one it stands in. */
static enum sc_err parse_escape(struct selector_parser *ps, uint8_t *length, int quote)
{
	struct sc_span rest = sc_span(ps->p, (size_t)(ps->end - ps->p));
	int next = rest.n > 1 ? rest.p[1] : -1;
	struct escaped_char c = { .used = 2, .n = 1, .utf8 = { (uint8_t)quote } };

	if (next != quote && (next == '"' || !escape_read(rest, &c)))
		return selector_fail(ps,
		    next == 'u' ? "\\u takes four hexadecimal digits" : "unknown escape");
	if (c.lone)
		return selector_fail(ps, "half of a surrogate pair");
	ps->p += c.used;
	return name_put(ps, length, c.utf8, c.n);
}

/* name-selector, §2.3.1.1 */
enum sc_err selector_parse_quoted(struct selector_parser *ps, uint8_t *length)
{
	int quote = *ps->p++, c;
	enum sc_err err;

	*length = 0;
	while ((c = selector_peek(ps)) != quote) {
		if (c < 0)
			return selector_fail(ps, "the quote is not closed");
		if (c < 0x20)
			return selector_fail(ps, "control characters are written as escapes");
		if (c == '\\') {
			err = parse_escape(ps, length, quote);
		} else {
			err = name_put(ps, length, ps->p, 1);
			ps->p += err == SC_OK;
		}
		if (err != SC_OK)
			return err;
	}
	ps->p++;
	return SC_OK;
}
