/*
 * urlencoded_row.c - forms as a row of codecs: a value decoded, and written as browsers write it.
 *
 * Whatever a value was elsewhere it is a text here; its absence is an empty one.
 */
#include "gateway/codec/urlencoded.h"

#include "base/text/utf8.h"

#include <string.h>
#include <strings.h>

#define TYPE "application/x-www-form-urlencoded"

static enum codec_fit takes(struct sc_span type)
{
	static const char mark[] = "urlencoded";

	if (sc_span_caseeq(type, TYPE))
		return CODEC_FITS;
	for (size_t i = 0; i + sizeof(mark) - 1 <= type.n; i++)
		if (strncasecmp((const char *)type.p + i, mark, sizeof(mark) - 1) == 0)
			return CODEC_DOUBTFUL;
	return CODEC_OTHER;
}

static enum sc_err scan(const struct codec_paths *paths, struct sc_span doc,
    struct codec_fields *out, struct sc_diag *d)
{
	return urlencoded_scan(paths, doc.p, doc.n, out, d);
}

/* URL Standard §1.3, the application/x-www-form-urlencoded percent-encode set: does C stand? */
static bool stands(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '*' ||
	    c == '-' || c == '.' || c == '_';
}

static size_t written(struct sc_span value)
{
	size_t n = value.n;

	for (size_t i = 0; i < value.n; i++)
		n += stands(value.p[i]) || value.p[i] == ' ' ? 0 : 2;
	return n;
}

static uint8_t *write_byte(uint8_t *to, uint8_t c)
{
	static const char digit[] = "0123456789ABCDEF";

	if (stands(c)) {
		*to++ = c;
	} else if (c == ' ') {
		*to++ = '+';
	} else {
		*to++ = '%';
		*to++ = (uint8_t)digit[c >> 4];
		*to++ = (uint8_t)digit[c & 0xf];
	}
	return to;
}

static enum sc_err encode(struct sc_span value, struct sc_buf *out)
{
	uint8_t *to;
	enum sc_err err;

	if (value.n == 0)
		return SC_OK;
	/* nor what would be refused where it comes back */
	if (!utf8_valid(value) || memchr(value.p, 0, value.n) != NULL)
		return SC_SYNTAX;
	if ((err = sc_buf_grow(out, written(value), &to)) != SC_OK)
		return err;
	for (size_t i = 0; i < value.n; i++)
		to = write_byte(to, value.p[i]);
	return SC_OK;
}

static enum sc_err encode_field(enum codec_kind kind, struct sc_span value, struct sc_buf *out)
{
	return kind == CODEC_NULL ? SC_OK : encode(value, out);
}

const struct codec codec_form = {
	.name = "form",
	.malformed = "malformed-form",
	.divisible = true,
	.takes = takes,
	.scan = scan,
	.decode = urlencoded_decode,
	.encode = encode,
	.encode_field = encode_field,
	.piece = urlencoded_piece,
};
