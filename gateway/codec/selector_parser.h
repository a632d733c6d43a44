/*
 * selector_parser.h - inside of the selectors' parser: what it reads, and what filters share
 * with the rest.
 */
#ifndef GATEWAY_CODEC_SELECTOR_PARSER_H
#define GATEWAY_CODEC_SELECTOR_PARSER_H

#include "gateway/codec/selector.h"

struct selector_parser {
	const uint8_t *start, *p, *end;
	struct segment *seg;
	size_t n, max;
	struct sc_buf *names;
	struct sc_diag *d;
};

/* The next byte; -1 at the end. */
int selector_peek(const struct selector_parser *ps);
void selector_skip_blank(struct selector_parser *ps);
/* WHY, at where PS is: always SC_SYNTAX, or ERR. */
enum sc_err selector_fail(struct selector_parser *ps, const char *why);
enum sc_err selector_fail_as(struct selector_parser *ps, enum sc_err err, const char *why);

static inline bool selector_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* A name, or a text in quotes, is appended to the names; *LENGTH is how long it is. */
SC_CHECKED enum sc_err selector_parse_shorthand(struct selector_parser *ps, uint8_t *length);
SC_CHECKED enum sc_err selector_parse_quoted(struct selector_parser *ps, uint8_t *length);

/* What is from the `?` of a filter on (§2.3.5.1), and blanks behind it, into SEG. */
SC_CHECKED enum sc_err selector_parse_filter(struct selector_parser *ps, struct segment *seg);

#endif
