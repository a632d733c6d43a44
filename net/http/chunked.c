/*
 * chunked.c - the chunked transfer coding.
 */
#include "net/http/chunked.h"

#include "base/text/hex.h"
#include "net/http/grammar.h"
#include "net/http/head.h"

#include <stdio.h>
#include <string.h>

enum state {
	ST_SIZE = 0, /* hex digits, then CR */
	ST_SIZE_LF,
	ST_DATA,
	ST_DATA_CR,
	ST_DATA_LF,
	ST_TRAILER, /* at the start of a trailer line */
	ST_NAME,
	ST_VALUE,
	ST_VALUE_LF,
	ST_END_LF,
	ST_DONE,
	ST_BAD,
};

void chunked_init(struct chunked *c)
{
	memset(c, 0, sizeof(*c));
}

static enum state step_size(struct chunked *c, uint8_t b)
{
	int digit = hex_digit(b);

	if (b == '\r' && c->digits > 0)
		return ST_SIZE_LF;
	if (digit < 0 || c->digits == 8)
		return ST_BAD;
	c->digits++;
	c->left = c->left * 16 + (uint64_t)digit;
	return ST_SIZE;
}

/* A trailer's name is kept until its colon, to be compared. */
static enum state step_name(struct chunked *c, uint8_t b)
{
	struct sc_span name = sc_span(c->name, c->name_n);

	if (b == ':') {
		if (name.n == 0 || http_field_is_framing(name) || sc_span_caseeq(name, "host"))
			return ST_BAD;
		return ST_VALUE;
	}
	if (!(grammar_class[b] & GRAMMAR_TCHAR) || c->name_n == CHUNKED_NAME_MAX)
		return ST_BAD;
	c->name[c->name_n++] = b;
	return ST_NAME;
}

static enum state step(struct chunked *c, uint8_t b)
{
	if (c->state >= ST_TRAILER && ++c->trailer_n > CHUNKED_TRAILER_MAX)
		return ST_BAD;
	switch ((enum state)c->state) {
	case ST_SIZE: return step_size(c, b);
	case ST_SIZE_LF:
		if (b != '\n')
			return ST_BAD;
		c->digits = 0;
		return c->left == 0 ? ST_TRAILER : ST_DATA;
	case ST_DATA_CR: return b == '\r' ? ST_DATA_LF : ST_BAD;
	case ST_DATA_LF: return b == '\n' ? ST_SIZE : ST_BAD;
	case ST_TRAILER:
		if (b == '\r')
			return ST_END_LF;
		c->name_n = 0;
		return step_name(c, b);
	case ST_NAME: return step_name(c, b);
	case ST_VALUE:
		if (b == '\r')
			return ST_VALUE_LF;
		return grammar_class[b] & GRAMMAR_VALUE ? ST_VALUE : ST_BAD;
	case ST_VALUE_LF: return b == '\n' ? ST_TRAILER : ST_BAD;
	case ST_END_LF: return b == '\n' ? ST_DONE : ST_BAD;
	case ST_DATA:
	case ST_DONE:
	case ST_BAD: break;
	}
	return ST_BAD;
}

enum chunked_result chunked_next(struct chunked *c, struct sc_span *in, struct sc_span *data)
{
	*data = sc_span(NULL, 0);
	for (;;) {
		if (c->state == ST_DONE)
			return CHUNKED_DONE;
		if (c->state == ST_BAD)
			return CHUNKED_BAD;
		if (in->n == 0)
			return CHUNKED_MORE;
		if (c->state == ST_DATA) {
			size_t n = in->n < c->left ? in->n : (size_t)c->left;

			*data = sc_span(in->p, n);
			*in = sc_span_from(*in, n);
			c->left -= n;
			if (c->left == 0)
				c->state = ST_DATA_CR;
			return CHUNKED_DATA;
		}
		c->state = (uint8_t)step(c, in->p[0]);
		*in = sc_span_from(*in, 1);
	}
}

enum sc_err chunked_put(struct sc_buf *out, struct sc_span data)
{
	char size[24];
	int n = snprintf(size, sizeof(size), "%zx\r\n", data.n);
	enum sc_err err;

	if (data.n == 0)
		return SC_OK; /* a chunk of none would be the end */
	if ((err = sc_buf_reserve(out, (size_t)n + data.n + 2)) != SC_OK)
		return err;
	if ((err = sc_buf_put(out, size, (size_t)n)) != SC_OK ||
	    (err = sc_buf_put_span(out, data)) != SC_OK)
		return err;
	return sc_buf_put(out, "\r\n", 2);
}

enum sc_err chunked_put_end(struct sc_buf *out)
{
	return sc_buf_put(out, "0\r\n\r\n", 5);
}
