/*
 * json_row.c - JSON and NDJSON as rows of codecs.
 */
#include "gateway/codec/json.h"
#include "gateway/codec/text.h"

#include <string.h>
#include <strings.h>

/* text/json, json-seq, two types in one field: somebody's JSON, but not ours. */
static enum codec_fit somebodys(struct sc_span type)
{
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] == ',' ||
		    (type.n - i >= 4 && strncasecmp((const char *)type.p + i, "json", 4) == 0))
			return CODEC_DOUBTFUL;
	return type.n == 0 ? CODEC_DOUBTFUL : CODEC_OTHER;
}

static enum codec_fit takes_json(struct sc_span type)
{
	if (sc_span_caseeq(type, "application/json") ||
	    (type.n > 5 && sc_span_caseeq(sc_span_from(type, type.n - 5), "+json")))
		return CODEC_FITS;
	return somebodys(type);
}

static enum codec_fit takes_ndjson(struct sc_span type)
{
	return sc_span_caseeq(type, "application/x-ndjson") ||
		sc_span_caseeq(type, "application/ndjson") ||
		sc_span_caseeq(type, "application/jsonl") ?
	    CODEC_FITS :
	    CODEC_OTHER;
}

static enum sc_err scan(const struct codec_paths *paths, struct sc_span doc,
    struct codec_fields *out, struct sc_diag *d)
{
	return json_scan(paths, doc.p, doc.n, out, d);
}

static enum sc_err decode(struct sc_span raw, struct sc_buf *out, struct codec_map *map)
{
	return map == NULL ? json_unescape(raw, out, NULL) : json_unescape_mapped(raw, out, map);
}

static enum sc_err encode_field(enum codec_kind kind, struct sc_span value, struct sc_buf *out)
{
	size_t before = out->n;
	enum sc_err err;

	if (kind == CODEC_NULL)
		return sc_buf_put(out, "null", 4);
	if (kind != CODEC_TEXT)
		return sc_buf_put_span(out, value);
	if ((err = sc_buf_put(out, "\"", 1)) == SC_OK && (err = json_escape(value, out)) == SC_OK)
		err = sc_buf_put(out, "\"", 1);
	if (err != SC_OK)
		sc_buf_truncate(out, before);
	return err;
}

static enum sc_err encode_object(const struct codec_member *v, size_t n, struct sc_buf *out)
{
	size_t before = out->n;
	enum sc_err err = sc_buf_put(out, "{", 1);

	for (size_t i = 0; i < n && err == SC_OK; i++) {
		err = sc_buf_printf(out, "%s\"%s\":", i == 0 ? "" : ",", v[i].name);
		if (err == SC_OK)
			err = encode_field(v[i].kind, v[i].value, out);
	}
	if (err == SC_OK)
		err = sc_buf_put(out, "}", 1);
	if (err != SC_OK)
		sc_buf_truncate(out, before);
	return err;
}

/*
 * LF is also white space inside of JSON. Lines are cut before anything is
 * parsed, so a document cannot stretch over two of them. For json_scan() the
 * byte behind a line is its LF, or, for a last line without one, whatever
 * follows TEXT (see codec_pad()).
 */
static bool next_line(struct sc_span text, bool final, size_t *from, struct sc_span *line)
{
	struct sc_span rest = sc_span_from(text, *from);
	const uint8_t *lf;

	*line = sc_span(NULL, 0);
	if (rest.n == 0)
		return false;
	lf = memchr(rest.p, '\n', rest.n);
	if (lf == NULL && !final)
		return false;
	*line = sc_span(rest.p, lf == NULL ? rest.n : (size_t)(lf - rest.p));
	*from += line->n + (lf != NULL);
	return true;
}

const struct codec codec_json = {
	.name = "json",
	.malformed = "malformed-json",
	.quotes = 1,
	.plain = true,
	.divisible = true,
	.takes = takes_json,
	.scan = scan,
	.decode = decode,
	.encode = json_escape,
	.encode_field = encode_field,
	.encode_object = encode_object,
	.piece = json_piece,
};

const struct codec codec_ndjson = {
	.name = "ndjson",
	.malformed = "malformed-json",
	.quotes = 1,
	.plain = true,
	.divisible = true,
	.takes = takes_ndjson,
	.scan = scan,
	.decode = decode,
	.encode = json_escape,
	.encode_field = encode_field,
	.encode_object = encode_object,
	.piece = json_piece,
	.next = next_line,
};
