/*
 * fuzz_multipart.c - any bytes as a form in parts; what is accepted is taken apart, every value
 * written anew, and the form read again.
 */
#include "gateway/codec/multipart.h"
#include "gateway/codec/pieces.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

/* A field is in what is left of the document, and can be read; JSON's stand in one string more. */
static void check_fields(struct sc_span doc, const struct codec_fields *s, struct sc_buf *scratch)
{
	uint32_t at = 0;
	struct sc_span text;

	for (size_t i = 0; i < s->n; i++) {
		const struct codec_field *f = &s->v[i];

		must(f->start >= at && f->end >= f->start && f->end <= doc.n);
		at = f->end;
		if (f->kind == CODEC_BEGIN)
			continue;
		must(f->nest != 0 || (f->kind == CODEC_TEXT && !f->escaped));
		must(codec_text(&codec_multipart, doc, f, scratch, NULL, &text) == SC_OK);
	}
}

/* Every piece that stands in no string is written anew into OUT, which is then the same. */
static void rewrite(struct sc_span doc, struct codec_fields *room, struct sc_buf *out)
{
	struct codec_pieces it = { .fields = room };
	struct codec_piece p = { .kind = 0 };
	size_t at = 0;

	while (codec_pieces_next(&it, &codec_multipart, doc, &p)) {
		const struct sc_span text = sc_span(doc.p + p.start, p.end - p.start);

		must(p.start >= at && p.end >= p.start && p.end <= doc.n);
		if (p.name || p.nest != 0)
			continue;
		must(sc_buf_put(out, doc.p + at, p.start - at) == SC_OK);
		must(codec_multipart.encode(text, out) != SC_SYNTAX || text.p[text.n - 1] == '-' ||
		    memmem(text.p, text.n, "\n-", 2) != NULL ||
		    memmem(text.p, text.n, "\r-", 2) != NULL || text.p[0] == '-');
		sc_buf_truncate(out, p.start);
		must(sc_buf_put_span(out, text) == SC_OK);
		at = p.end;
	}
	must(sc_buf_put(out, doc.p + at, doc.n - at) == SC_OK);
	must(sc_span_eq(doc, sc_buf_span(out)));
}

/* VALUE, where it is written at all, is one text more than there was none. */
static void write_value(struct sc_span doc, const struct codec_field *f, struct sc_span value)
{
	struct codec_fields again;
	struct sc_buf out;

	sc_buf_init(&out, 1 << 20);
	codec_fields_init(&again);
	must(sc_buf_put(&out, doc.p, f->start) == SC_OK);
	if (codec_multipart.encode(value, &out) == SC_OK) {
		must(sc_buf_put(&out, doc.p + f->end, doc.n - f->end) == SC_OK);
		must(codec_pad(&out) == SC_OK);
		must(codec_multipart.scan(NULL, sc_buf_span(&out), &again, NULL) == SC_OK);
	}
	codec_fields_fini(&again);
	sc_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct codec_selector sel[] = { { "$.a", 2, 1, 0 }, { "$..b[0]", 3, 2, 0 },
		{ "$['user_phone']", 5, 4, CODEC_STRICT },
		{ "$.to[*].id", 6, 0, CODEC_POINT | CODEC_EACH } };
	struct codec_paths *paths = NULL;
	struct codec_fields s, room;
	struct sc_diag d = { 0 };
	struct sc_buf scratch;
	uint8_t *doc = calloc(1, size + CODEC_PAD);

	must(doc != NULL && codec_paths_new(sel, 4, NULL, &paths) == SC_OK);
	if (size != 0)
		memcpy(doc, data, size);
	codec_fields_init(&s);
	codec_fields_init(&room);
	sc_buf_init(&scratch, 1 << 20);
	if (codec_multipart.scan(paths, sc_span(doc, size), &s, &d) == SC_OK) {
		check_fields(sc_span(doc, size), &s, &scratch);
		sc_buf_clear(&scratch);
		if (size < 1 << 17)
			rewrite(sc_span(doc, size), &room, &scratch);
		/* what stands in front is part of nobody's text, so any value has to fit or not */
		for (size_t i = 0; i < s.n && i < 4; i++)
			if (s.v[i].nest == 0 && s.v[i].kind == CODEC_TEXT &&
			    memmem(doc, size, "Content-Length", 14) == NULL)
				write_value(sc_span(doc, size), &s.v[i],
				    sc_span(doc, size < 200 ? size : 200));
	} else {
		must(s.n == 0 && d.offset <= size && d.text[0] != '\0');
	}
	codec_fields_fini(&s);
	codec_fields_fini(&room);
	sc_buf_fini(&scratch);
	codec_paths_free(paths);
	free(doc);
	return 0;
}
