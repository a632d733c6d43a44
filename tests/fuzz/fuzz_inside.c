/*
 * fuzz_inside.c - any bytes as a document, JSON or a form, all of whose strings are gone into; what
 * is found is written anew, and the document read again.
 */
#include "gateway/codec/inside.h"
#include "gateway/codec/pieces.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

static const struct codec *codec;

static struct sc_span text_of(struct sc_span doc, const struct codec_field *f, struct sc_buf *b)
{
	struct sc_span text;

	must(codec_text(codec, doc, f, b, NULL, &text) == SC_OK);
	return text;
}

/* Every field of S that stands in a string is written anew where it stands, into OUT. */
static void rewrite(struct sc_span doc, const struct codec_fields *s, struct sc_buf *out)
{
	struct sc_buf text;
	size_t at = 0;

	sc_buf_init(&text, 1 << 20);
	for (size_t i = 0; i < s->n; i++) {
		const struct codec_field *f = &s->v[i];
		const size_t start = f->start - f->before;

		if (f->kind == CODEC_BEGIN || f->nest == 0)
			continue;
		must(f->nest <= CODEC_NEST_MAX && start >= at && f->end >= f->start);
		must(f->end + f->after <= doc.n);
		must(sc_buf_put(out, doc.p + at, start - at) == SC_OK);
		must(codec_encode_field(codec, f->nest, f->kind, text_of(doc, f, &text), out) ==
		    SC_OK);
		at = f->end + f->after;
	}
	must(sc_buf_put(out, doc.p + at, doc.n - at) == SC_OK);
	must(codec_pad(out) == SC_OK);
	sc_buf_fini(&text);
}

static void check_again(const struct codec_paths *paths, struct sc_span doc,
    const struct codec_fields *s)
{
	struct codec_fields again;
	struct sc_buf out, a, b;

	codec_fields_init(&again);
	sc_buf_init(&out, 1 << 20);
	sc_buf_init(&a, 1 << 20);
	sc_buf_init(&b, 1 << 20);
	rewrite(doc, s, &out);
	must(codec->scan(paths, sc_buf_span(&out), &again, NULL) == SC_OK && again.n == s->n);
	for (size_t i = 0; i < s->n; i++) {
		const struct codec_field *f = &s->v[i], *g = &again.v[i];

		must(f->action == g->action && f->kind == g->kind && f->nest == g->nest);
		must(f->kind == CODEC_BEGIN ||
		    sc_span_eq(text_of(doc, f, &a), text_of(sc_buf_span(&out), g, &b)));
	}
	codec_fields_fini(&again);
	sc_buf_fini(&out);
	sc_buf_fini(&a);
	sc_buf_fini(&b);
}

/* Pieces come one behind another, each can be read, and every text or number of S is one. */
static void check_pieces(struct sc_span doc, const struct codec_fields *s)
{
	struct codec_fields lent;
	struct codec_pieces it = { .fields = &lent };
	struct codec_piece p = { .kind = 0 };
	struct sc_buf text;
	size_t at = 0, i = 0;

	codec_fields_init(&lent);
	sc_buf_init(&text, 1 << 20);
	while (codec_pieces_next(&it, codec, doc, &p)) {
		const struct codec_field f = codec_piece_field(&p);

		must(p.start >= at && p.end >= p.start && p.end <= doc.n);
		at = p.end;
		(void)text_of(doc, &f, &text);
		while (i < s->n && s->v[i].kind != CODEC_TEXT && s->v[i].kind != CODEC_NUMBER)
			i++;
		if (p.name || i == s->n || codec == &codec_form)
			continue;
		must(s->v[i].start == p.start && s->v[i].end == p.end && s->v[i].nest == p.nest);
		i++;
	}
	codec_fields_fini(&lent);
	sc_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct codec_selector sel[] = { { "$", 1, 0, 0 },
		{ "$..a", 2, 1, CODEC_STRICT }, { "$..[?@.k==1].b", 3, 2, 0 },
		{ "$..to[*].id", 6, 0, CODEC_POINT | CODEC_EACH },
		{ "$..*", CODEC_POINT_INSIDE, 0, CODEC_POINT | CODEC_INSIDE } };
	struct codec_paths *paths = NULL;
	struct codec_fields s;
	uint8_t *doc;

	if (size == 0)
		return 0;
	codec = data[0] % 2 == 0 ? &codec_json : &codec_form;
	data++;
	size--;
	doc = calloc(1, size + CODEC_PAD);
	must(doc != NULL && codec_paths_new(sel, 5, NULL, &paths) == SC_OK);
	if (size != 0)
		memcpy(doc, data, size);
	codec_fields_init(&s);
	if (codec->scan(paths, sc_span(doc, size), &s, NULL) == SC_OK && size < 1 << 16) {
		check_again(paths, sc_span(doc, size), &s);
		check_pieces(sc_span(doc, size), &s);
	}
	codec_fields_fini(&s);
	codec_paths_free(paths);
	free(doc);
	return 0;
}
