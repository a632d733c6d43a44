/*
 * codec.c - the row of codecs, and what is done with whichever it is.
 */
#include "gateway/codec/codec.h"

#include "gateway/codec/text.h"

static const struct codec *const codecs[] = {
	&codec_json,
	&codec_ndjson,
	&codec_form,
	&codec_xml,
	&codec_multipart,
};

const struct codec *codec_for(struct sc_span type, enum codec_fit *fit)
{
	const struct codec *best = NULL;
	enum codec_fit how = CODEC_OTHER;

	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		enum codec_fit f = codecs[i]->takes(type);

		if (f <= how)
			continue;
		how = f;
		best = codecs[i];
	}
	if (fit != NULL)
		*fit = how;
	return how == CODEC_FITS ? best : NULL;
}

enum sc_err codec_text(const struct codec *c, struct sc_span doc, const struct codec_field *f,
    struct sc_buf *scratch, struct codec_map *map, struct sc_span *text)
{
	enum sc_err err;

	*text = sc_span(doc.p + f->start, f->end - f->start);
	if (!f->escaped) {
		if (map != NULL)
			codec_map_identity(map, text->n);
		return SC_OK;
	}
	sc_buf_clear(scratch);
	if ((err = codec_decode(c, doc, f, scratch, map)) == SC_OK)
		*text = sc_buf_span(scratch);
	return err;
}

size_t codec_count(const struct codec *c, struct sc_span body)
{
	struct sc_span record;
	size_t from = 0, n = 0;

	if (c->next == NULL)
		return 1;
	while (c->next(body, true, &from, &record))
		n += !codec_blank(record);
	return n;
}

enum sc_err codec_encode_field(const struct codec *c, unsigned nest, enum codec_kind kind,
    struct sc_span value, struct sc_buf *out)
{
	struct sc_buf made;
	enum sc_err err;

	if (nest == 0)
		return c->encode_field(kind, value, out);
	sc_buf_init(&made, out->max);
	if ((err = codec_json.encode_field(kind, value, &made)) == SC_OK)
		err = codec_encode_made(c, nest, sc_buf_span(&made), out);
	sc_buf_fini(&made);
	return err;
}

enum sc_err codec_encode(const struct codec *c, unsigned nest, struct sc_span value,
    struct sc_buf *out)
{
	struct sc_buf made;
	enum sc_err err;

	if (nest == 0)
		return c->encode(value, out);
	sc_buf_init(&made, out->max);
	if ((err = json_escape(value, &made)) == SC_OK)
		err = codec_encode_made(c, nest, sc_buf_span(&made), out);
	sc_buf_fini(&made);
	return err;
}
