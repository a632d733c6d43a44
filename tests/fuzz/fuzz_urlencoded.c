/*
 * fuzz_urlencoded.c - any bytes as a form; what is accepted is taken apart, every value written
 * anew, and the form read again.
 */
#include "gateway/codec/urlencoded.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

/* The text of [START, END) of DOC, into B. */
static void decode(struct sc_span doc, uint32_t start, uint32_t end, struct sc_buf *b)
{
	sc_buf_clear(b);
	must(codec_form.decode(sc_span(doc.p + start, end - start), b, NULL) == SC_OK);
}

/* Its own bytes are a text where nothing is escaped; with a map, all of it came from all of it. */
static void check_text(struct sc_span doc, uint32_t start, uint32_t end, bool escaped)
{
	const struct codec_field f = { .start = start, .end = end, .escaped = escaped };
	struct sc_buf text, scratch;
	struct codec_map map;
	struct sc_span same;
	uint32_t a, b;

	sc_buf_init(&text, 1 << 20);
	sc_buf_init(&scratch, 1 << 20);
	codec_map_init(&map);
	decode(doc, start, end, &text);
	must(codec_text(&codec_form, doc, &f, &scratch, &map, &same) == SC_OK);
	must(sc_span_eq(sc_buf_span(&text), same) && same.n <= end - start);
	codec_map_range(&map, 0, (uint32_t)same.n, &a, &b);
	must(a == 0 && b == end - start);
	codec_map_fini(&map);
	sc_buf_fini(&text);
	sc_buf_fini(&scratch);
}

static void check_fields(struct sc_span doc, const struct codec_fields *s)
{
	uint32_t at = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct codec_field *f = &s->v[i];

		must(f->start >= at && f->end >= f->start && f->end <= doc.n);
		at = f->end;
		if (f->kind == CODEC_BEGIN)
			continue;
		must(f->kind == CODEC_TEXT ? doc.p[f->start - 1] == '=' : f->start == f->end);
		must(f->end == doc.n || doc.p[f->end] == '&');
		check_text(doc, f->start, f->end, f->escaped);
	}
}

/* What no piece has is & and =. */
static void put_between(struct sc_span doc, size_t at, size_t end, struct sc_buf *out)
{
	for (size_t i = at; i < end; i++)
		must(doc.p[i] == '&' || doc.p[i] == '=');
	must(sc_buf_put(out, doc.p + at, end - at) == SC_OK);
}

/* Every piece is written anew into OUT. */
static void rewrite(struct sc_span doc, struct sc_buf *out)
{
	struct codec_piece p = { .kind = 0 };
	struct sc_buf text;
	size_t from = 0, at = 0;

	sc_buf_init(&text, 1 << 20);
	while (codec_form.piece(doc, &from, &p)) {
		must(p.start >= at && p.end >= p.start && p.end <= from && from <= doc.n);
		put_between(doc, at, p.start, out);
		check_text(doc, p.start, p.end, p.escaped);
		decode(doc, p.start, p.end, &text);
		must(codec_form.encode(sc_buf_span(&text), out) == SC_OK);
		at = p.end;
	}
	put_between(doc, at, doc.n, out);
	sc_buf_fini(&text);
}

/* What was written anew has the same values at the same places. */
static void check_again(const struct codec_paths *paths, struct sc_span doc,
    const struct codec_fields *s)
{
	struct codec_fields again;
	struct sc_buf out, a, b;

	codec_fields_init(&again);
	sc_buf_init(&out, 1 << 20);
	sc_buf_init(&a, 1 << 20);
	sc_buf_init(&b, 1 << 20);
	rewrite(doc, &out);
	must(codec_pad(&out) == SC_OK);
	must(codec_form.scan(paths, sc_buf_span(&out), &again, NULL) == SC_OK);
	must(again.n == s->n);
	for (size_t i = 0; i < s->n; i++) {
		must(again.v[i].action == s->v[i].action && again.v[i].kind == s->v[i].kind);
		if (s->v[i].kind == CODEC_BEGIN)
			continue;
		decode(doc, s->v[i].start, s->v[i].end, &a);
		decode(sc_buf_span(&out), again.v[i].start, again.v[i].end, &b);
		must(sc_span_eq(sc_buf_span(&a), sc_buf_span(&b)));
	}
	codec_fields_fini(&again);
	sc_buf_fini(&out);
	sc_buf_fini(&a);
	sc_buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct codec_selector sel[] = { { "$", 1, 0, 0 }, { "$.a", 2, 1, 0 },
		{ "$..b[0]", 3, 2, 0 }, { "$['\xC3\xA9'].*", 4, 3, 0 },
		{ "$['user_phone']", 5, 4, CODEC_STRICT },
		{ "$.to[*].id", 6, 0, CODEC_POINT | CODEC_EACH } };
	struct codec_paths *paths = NULL;
	struct codec_fields s;
	struct sc_diag d = { 0 };
	uint8_t *doc = calloc(1, size + CODEC_PAD);

	must(doc != NULL && codec_paths_new(sel, 6, NULL, &paths) == SC_OK);
	if (size != 0)
		memcpy(doc, data, size);
	codec_fields_init(&s);
	if (codec_form.scan(paths, sc_span(doc, size), &s, &d) == SC_OK) {
		check_fields(sc_span(doc, size), &s);
		if (size < 1 << 17)
			check_again(paths, sc_span(doc, size), &s);
	} else {
		must(s.n == 0 && d.offset <= size && d.text[0] != '\0');
	}
	codec_fields_fini(&s);
	codec_paths_free(paths);
	free(doc);
	return 0;
}
