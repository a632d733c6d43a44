/*
 * bytes.c - appending big-endian integers and length-prefixed fields.
 */
#include "base/bytes.h"

enum sc_err sc_buf_put_be8(struct sc_buf *b, uint8_t v)
{
	return sc_buf_put(b, &v, 1);
}

enum sc_err sc_buf_put_be16(struct sc_buf *b, uint16_t v)
{
	uint8_t p[2];

	sc_be16_store(p, v);
	return sc_buf_put(b, p, sizeof(p));
}

enum sc_err sc_buf_put_be64(struct sc_buf *b, uint64_t v)
{
	uint8_t p[8];

	sc_be64_store(p, v);
	return sc_buf_put(b, p, sizeof(p));
}

/* The length and the bytes go in together or not at all. */
static enum sc_err put_field(struct sc_buf *b, const uint8_t *len, size_t width, struct sc_span s)
{
	enum sc_err err;

	if ((err = sc_buf_reserve(b, width + s.n)) != SC_OK)
		return err;
	if ((err = sc_buf_put(b, len, width)) != SC_OK)
		return err;
	return sc_buf_put_span(b, s);
}

enum sc_err sc_buf_put_field8(struct sc_buf *b, struct sc_span s)
{
	uint8_t len = (uint8_t)s.n;

	if (s.n > UINT8_MAX)
		return SC_LIMIT;
	return put_field(b, &len, 1, s);
}

enum sc_err sc_buf_put_field16(struct sc_buf *b, struct sc_span s)
{
	uint8_t len[2];

	if (s.n > UINT16_MAX)
		return SC_LIMIT;
	sc_be16_store(len, (uint16_t)s.n);
	return put_field(b, len, sizeof(len), s);
}
