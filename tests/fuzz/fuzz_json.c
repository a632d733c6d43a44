/*
 * fuzz_json.c - any bytes through the scanner; what it accepts is taken apart
 * and put together again.
 */
#include "decoded.h"
#include "gateway/codec/json.h"
#include "gateway/codec/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

static bool same_spans(const struct codec_fields *a, const struct codec_fields *b)
{
	for (size_t i = 0; i < a->n && a->n == b->n; i++)
		if (a->v[i].start != b->v[i].start || a->v[i].end != b->v[i].end ||
		    a->v[i].kind != b->v[i].kind || a->v[i].action != b->v[i].action ||
		    a->v[i].escaped != b->v[i].escaped)
			return false;
	return a->n == b->n;
}

/* RAW is the inside of an accepted string. */
static void check_string(struct sc_span raw)
{
	struct sc_buf text, escaped, again, scratch;
	struct codec_map map;
	struct sc_span plain;
	uint32_t start, end;
	bool lone;

	sc_buf_init(&text, 1 << 20);
	sc_buf_init(&escaped, 1 << 20);
	sc_buf_init(&again, 1 << 20);
	sc_buf_init(&scratch, 1 << 20);
	codec_map_init(&map);
	must(json_unescape(raw, &text, &lone) == SC_OK);
	must(json_escape(sc_buf_span(&text), &escaped) == SC_OK);
	must(json_unescape(sc_buf_span(&escaped), &again, NULL) == SC_OK);
	must(sc_span_eq(sc_buf_span(&text), sc_buf_span(&again)));
	must(decoded(raw, &scratch, &map, &plain) == SC_OK);
	must(sc_span_eq(plain, sc_buf_span(&text)));
	codec_map_range(&map, 0, (uint32_t)plain.n, &start, &end);
	must(start == 0 && end == raw.n);
	codec_map_fini(&map);
	sc_buf_fini(&text);
	sc_buf_fini(&escaped);
	sc_buf_fini(&again);
	sc_buf_fini(&scratch);
}

static void check_accepted(const uint8_t *doc, size_t n, const struct codec_fields *s)
{
	uint32_t at = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct codec_field *v = &s->v[i];

		must(v->start >= at && v->end >= v->start && v->end <= n);
		must(v->kind == CODEC_TEXT || v->end > v->start);
		at = v->end;
		if (v->kind == CODEC_TEXT)
			check_string(sc_span(doc + v->start, v->end - v->start));
	}
}

/* Whatever stands in an accepted document outside of its pieces says nothing of anybody. */
static void check_between(struct sc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		must(s.p[i] != '\0' && strchr(" \t\r\n{}[]:,\"truefalsn", s.p[i]) != NULL);
}

static void check_pieces(struct sc_span doc)
{
	struct codec_piece p = { .kind = 0 };
	struct sc_span raw;
	size_t from = 0, at = 0;

	while (json_piece(doc, &from, &p)) {
		must(p.start >= at && p.end >= p.start && p.end <= from && from <= doc.n);
		check_between(sc_span(doc.p + at, p.start - at));
		raw = sc_span(doc.p + p.start, p.end - p.start);
		if (p.kind == CODEC_TEXT) {
			must(p.start > 0 && doc.p[p.start - 1] == '"' && doc.p[p.end] == '"');
			must(p.escaped == (raw.n > 0 && memchr(raw.p, '\\', raw.n) != NULL));
			check_string(raw);
		} else {
			must(p.kind == CODEC_NUMBER && raw.n > 0 && !p.name);
		}
		at = p.end;
	}
	check_between(sc_span(doc.p + at, doc.n - at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct codec_selector sel[] = { { "$", 1, 0, 0 }, { "$.a", 2, 1, 0 },
		{ "$..b[0]", 3, 2, 0 }, { "$['\xC3\xA9'].*", 4, 3, 0 } };
	struct codec_paths *paths = NULL;
	struct codec_fields wide, plain;
	struct sc_diag d = { 0 };
	uint8_t *doc = calloc(1, size + CODEC_PAD);
	enum sc_err err;

	must(doc != NULL && codec_paths_new(sel, 4, NULL, &paths) == SC_OK);
	if (size != 0)
		memcpy(doc, data, size);
	codec_fields_init(&wide);
	codec_fields_init(&plain);
	err = json_scan(paths, doc, size, &wide, &d);
	must(json_scan_plain(paths, doc, size, &plain, NULL) == err);
	must(same_spans(&wide, &plain));
	if (err == SC_OK) {
		check_accepted(doc, size, &wide);
		check_pieces(sc_span(doc, size));
	} else {
		must(wide.n == 0 && d.offset <= size && d.text[0] != '\0');
	}
	codec_fields_fini(&wide);
	codec_fields_fini(&plain);
	codec_paths_free(paths);
	free(doc);
	return 0;
}
