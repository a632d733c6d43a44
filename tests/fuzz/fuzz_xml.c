/*
 * fuzz_xml.c - any bytes as XML; what is accepted is what expat tells of it, every value is written
 * anew, and the document read again.
 */
#include "gateway/codec/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

static void put(struct sc_buf *b, const void *p, size_t n)
{
	must(sc_buf_put(b, p, n) == SC_OK);
}

/* ---- the same as another reads it ------------------------------------------------------------ */

/* What a parser tells: tags, attributes and texts that are not blank, one after another. */
struct telling {
	struct sc_buf all, text;
};

static bool is_blank(struct sc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\n' && s.p[i] != '\r')
			return false;
	return true;
}

static void tell_text(struct telling *t)
{
	if (!is_blank(sc_buf_span(&t->text))) {
		put(&t->all, "T", 1);
		put(&t->all, t->text.p, t->text.n);
		put(&t->all, "\0", 1);
	}
	sc_buf_clear(&t->text);
}

static const char *local(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon == NULL ? name : colon + 1;
}

static void XMLCALL on_start(void *owner, const char *name, const char **attributes)
{
	struct telling *t = owner;

	tell_text(t);
	put(&t->all, "N", 1);
	put(&t->all, local(name), strlen(local(name)) + 1);
	for (; *attributes != NULL; attributes += 2) {
		const bool declares = strncmp(attributes[0], "xmlns:", 6) == 0;
		const char *called = declares ? "xmlns" : local(attributes[0]);

		put(&t->all, "N", 1);
		put(&t->all, called, strlen(called) + 1);
		if (*attributes[1] != '\0') {
			put(&t->all, "T", 1);
			put(&t->all, attributes[1], strlen(attributes[1]) + 1);
		}
	}
}

static void XMLCALL on_end(void *owner, const char *name)
{
	(void)name;
	tell_text(owner);
}

static void XMLCALL on_text(void *owner, const char *s, int n)
{
	struct telling *t = owner;

	put(&t->text, s, (size_t)n);
}

static void XMLCALL on_beside(void *owner, const char *s)
{
	(void)s;
	tell_text(owner);
}

static void XMLCALL on_instruction(void *owner, const char *target, const char *s)
{
	(void)target;
	on_beside(owner, s);
}

static void tell(struct sc_span doc, struct telling *t)
{
	XML_Parser p = XML_ParserCreate(NULL);

	must(p != NULL);
	XML_SetUserData(p, t);
	XML_SetElementHandler(p, on_start, on_end);
	XML_SetCharacterDataHandler(p, on_text);
	XML_SetCommentHandler(p, on_beside);
	XML_SetProcessingInstructionHandler(p, on_instruction);
	must(XML_Parse(p, (const char *)doc.p, (int)doc.n, XML_TRUE) == XML_STATUS_OK);
	XML_ParserFree(p);
}

/* ---- what we tell ----------------------------------------------------------------------------- */

static void take_text(struct sc_span doc, uint32_t start, uint32_t end, bool escaped,
    struct sc_buf *out)
{
	const struct codec_field f = { .start = start, .end = end, .escaped = escaped };
	struct codec_map map;
	struct sc_span text;
	uint32_t a, b;

	codec_map_init(&map);
	must(codec_text(&codec_xml, doc, &f, out, &map, &text) == SC_OK);
	must(text.n <= end - start);
	if (text.n != 0) {
		codec_map_range(&map, 0, (uint32_t)text.n, &a, &b);
		/* an empty section has no character that it could be the place of */
		must(a <= b && b <= end - start);
	}
	if (!escaped) {
		sc_buf_clear(out);
		put(out, text.p, text.n);
	}
	codec_map_fini(&map);
}

/* Every piece is told, and written anew into OUT. */
static void take_pieces(struct sc_span doc, struct telling *t, struct sc_buf *out)
{
	struct codec_piece p = { .kind = 0 };
	size_t from = 0, at = 0;

	while (codec_xml.piece(doc, &from, &p)) {
		must(p.start >= at && p.end > p.start && p.end <= from && from <= doc.n);
		must(p.low <= p.depth && p.depth != 0 && p.depth <= XML_DEPTH_MAX + 1);
		take_text(doc, p.start, p.end, p.escaped, &t->text);
		put(out, doc.p + at, p.start - at);
		if (p.name)
			put(out, doc.p + p.start, p.end - p.start);
		else
			must(codec_xml.encode(sc_buf_span(&t->text), out) == SC_OK);
		at = p.end;
		/* a section that has nothing but white space is a text of it */
		if (!p.name && is_blank(sc_buf_span(&t->text)) && doc.p[p.start - 1] == '>')
			continue;
		put(&t->all, p.name ? "N" : "T", 1);
		put(&t->all, t->text.p, t->text.n);
		put(&t->all, "\0", 1);
	}
	put(out, doc.p + at, doc.n - at);
}

static void check_fields(struct sc_span doc, const struct codec_fields *s, struct sc_buf *room)
{
	uint32_t at = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct codec_field *f = &s->v[i];

		must(f->start >= at && f->end >= f->start && f->end <= doc.n);
		at = f->end;
		if (f->kind == CODEC_BEGIN) {
			must(doc.p[f->start] == '<');
			continue;
		}
		must(f->kind == CODEC_TEXT || (f->kind == CODEC_NULL && f->start == f->end));
		must(doc.p[f->start - 1] == '>' || doc.p[f->start - 1] == '"' ||
		    doc.p[f->start - 1] == '\'' || f->kind == CODEC_NULL);
		take_text(doc, f->start, f->end, f->escaped, room);
	}
}

static void check_again(const struct codec_paths *paths, struct sc_span doc,
    const struct codec_fields *s)
{
	struct telling ours, theirs;
	struct codec_fields again;
	struct sc_buf out, room;
	enum sc_err err;

	codec_fields_init(&again);
	sc_buf_init(&ours.all, ROOM);
	sc_buf_init(&ours.text, ROOM);
	sc_buf_init(&theirs.all, ROOM);
	sc_buf_init(&theirs.text, ROOM);
	sc_buf_init(&out, ROOM);
	sc_buf_init(&room, ROOM);
	check_fields(doc, s, &room);
	take_pieces(doc, &ours, &out);
	tell(doc, &theirs);
	must(sc_span_eq(sc_buf_span(&ours.all), sc_buf_span(&theirs.all)));
	must(codec_pad(&out) == SC_OK);
	err = codec_xml.scan(paths, sc_buf_span(&out), &again, NULL);
	/* a namespace's name that became too long */
	must(err == SC_OK || err == SC_LIMIT);
	sc_buf_clear(&theirs.all);
	sc_buf_clear(&theirs.text);
	tell(sc_buf_span(&out), &theirs);
	must(sc_span_eq(sc_buf_span(&ours.all), sc_buf_span(&theirs.all)));
	codec_fields_fini(&again);
	sc_buf_fini(&ours.all);
	sc_buf_fini(&ours.text);
	sc_buf_fini(&theirs.all);
	sc_buf_fini(&theirs.text);
	sc_buf_fini(&out);
	sc_buf_fini(&room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct codec_selector sel[] = { { "$", 1, 0, 0 }, { "$.a.b", 2, 1, 0 },
		{ "$..b[0]", 3, 2, 0 }, { "$.a['@c']", 4, 3, 0 },
		{ "$..c[*].d", 5, 4, CODEC_STRICT },
		{ "$.a.b[*].id", 6, 0, CODEC_POINT | CODEC_EACH } };
	struct codec_paths *paths = NULL;
	struct codec_fields s;
	struct sc_diag d = { 0 };
	uint8_t *doc = calloc(1, size + CODEC_PAD);

	must(doc != NULL && codec_paths_new(sel, 6, NULL, &paths) == SC_OK);
	if (size != 0)
		memcpy(doc, data, size);
	codec_fields_init(&s);
	if (codec_xml.scan(paths, sc_span(doc, size), &s, &d) == SC_OK) {
		if (size < 1 << 16)
			check_again(paths, sc_span(doc, size), &s);
	} else {
		must(s.n == 0 && d.offset <= size && d.text[0] != '\0');
	}
	codec_fields_fini(&s);
	codec_paths_free(paths);
	free(doc);
	return 0;
}
