/*
 * multipart_row.c - multipart/form-data as a row of codecs: a text is its own bytes, and nothing
 * is written in its place that a reader could take for a boundary.
 *
 * Whatever a value was elsewhere it is a text here; its absence is an empty one.
 */
#include "gateway/codec/multipart.h"

#include "base/text/utf8.h"

#include <string.h>
#include <strings.h>

#define TYPE "multipart/form-data"

/* Some read parts of any kind as a form's. */
static enum codec_fit takes(struct sc_span type)
{
	static const char mark[] = "multipart";

	if (sc_span_caseeq(type, TYPE))
		return CODEC_FITS;
	for (size_t i = 0; i + sizeof(mark) - 1 <= type.n; i++)
		if (strncasecmp((const char *)type.p + i, mark, sizeof(mark) - 1) == 0)
			return CODEC_DOUBTFUL;
	return CODEC_OTHER;
}

static bool begins(struct sc_span type, struct sc_span body)
{
	struct sc_span mark, boundary = { NULL, 0 };
	struct multipart_param p;
	enum multipart_more more;
	size_t first;

	(void)multipart_value(type, &type);
	while ((more = multipart_param(&type, &p)) == MULTIPART_PARAM) {
		if (sc_span_caseeq(p.name, "charset"))
			continue;
		if (!sc_span_caseeq(p.name, "boundary") || boundary.p != NULL)
			return false;
		boundary = p.value;
	}
	return more == MULTIPART_END && boundary.p != NULL && multipart_mark(body, &mark, &first) &&
	    sc_span_eq(sc_span_from(mark, 2), boundary);
}

/*
 * Would OUT, a body so far, have its mark at FROM or behind it, or begin one there? What stands
 * behind a value is the body's own, and who wrote that may know the value.
 */
static bool divides(const struct sc_buf *out, size_t from)
{
	struct sc_span mark;
	size_t first, line = out->n;

	if (out->n == 0)
		return false;
	/* what has no mark of its own may have any */
	if (!multipart_mark(sc_buf_span(out), &mark, &first) || from < first)
		mark = sc_span_str("--");
	from = from < mark.n ? 0 : from - mark.n;
	if (memmem(out->p + from, out->n - from, mark.p, mark.n) != NULL)
		return true;
	while (line > from && out->p[line - 1] != '\r' && out->p[line - 1] != '\n')
		line--;
	return line != out->n && out->n - line < mark.n &&
	    memcmp(out->p + line, mark.p, out->n - line) == 0;
}

/* All of a text: CRLF is on both sides, and no mark has one in it. */
static bool divides_whole(const struct sc_buf *out, size_t from)
{
	struct sc_span mark;
	size_t first;

	if (!multipart_mark(sc_buf_span(out), &mark, &first) || from < first)
		mark = sc_span_str("--");
	return out->n != from && memmem(out->p + from, out->n - from, mark.p, mark.n) != NULL;
}

static enum sc_err put_value(struct sc_span value, struct sc_buf *out,
    bool (*refused)(const struct sc_buf *out, size_t from))
{
	const size_t before = out->n;
	enum sc_err err;

	/* nor what would be refused where it comes back */
	if (!utf8_valid(value) || (value.n != 0 && memchr(value.p, 0, value.n) != NULL))
		return SC_SYNTAX;
	if ((err = sc_buf_put_span(out, value)) == SC_OK && refused(out, before)) {
		sc_buf_truncate(out, before);
		err = SC_SYNTAX;
	}
	return err;
}

static enum sc_err encode(struct sc_span value, struct sc_buf *out)
{
	return put_value(value, out, divides);
}

static enum sc_err encode_field(enum codec_kind kind, struct sc_span value, struct sc_buf *out)
{
	return put_value(kind == CODEC_NULL ? sc_span(NULL, 0) : value, out, divides_whole);
}

const struct codec codec_multipart = {
	.name = "multipart",
	.malformed = "malformed-multipart",
	.divisible = true,
	.takes = takes,
	.begins = begins,
	.scan = multipart_scan,
	.decode = multipart_decode,
	.encode = encode,
	.encode_field = encode_field,
	.piece = multipart_piece,
};
