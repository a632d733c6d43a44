/*
 * inside.c - from the fields of a string's JSON to fields of the document, and back.
 */
#include "gateway/codec/inside.h"

#include "gateway/codec/automaton.h"
#include "gateway/codec/text.h"

#include <string.h>

/* ---- the text ------------------------------------------------------------------------------ */

/* A number or text alone is what it is to everybody. */
static bool begins_with_bracket(struct sc_span s)
{
	size_t i = 0;

	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\r' || s.p[i] == '\n'))
		i++;
	return i < s.n && (s.p[i] == '{' || s.p[i] == '[');
}

static enum sc_err get_ready(struct codec_nest *nest)
{
	return begins_with_bracket(sc_buf_span(&nest->text)) ? codec_pad(&nest->text) : SC_SYNTAX;
}

enum sc_err codec_nest_read(struct codec_nest *nest, const struct codec_around *a,
    const struct codec_field *f)
{
	const struct sc_span raw = sc_span(a->doc.p + f->start, f->end - f->start);
	enum sc_err err;

	sc_buf_clear(&nest->text);
	if (f->escaped) {
		err = a->decode(raw, &nest->text, &nest->map);
	} else {
		/* a document has room behind it, which a text in another has not */
		codec_map_identity(&nest->map, raw.n);
		err = sc_buf_put_span(&nest->text, raw);
	}
	return err == SC_OK ? get_ready(nest) : err;
}

enum sc_err codec_nest_read_field(struct codec_nest *nest, const struct codec *c,
    struct sc_span doc, const struct codec_field *f)
{
	const struct codec_around a = { .doc = doc, .decode = c->decode };
	enum sc_err err;

	if (!f->escaped || f->nest == 0)
		return codec_nest_read(nest, &a, f);
	sc_buf_clear(&nest->text);
	err = codec_decode(c, doc, f, &nest->text, &nest->map);
	return err == SC_OK ? get_ready(nest) : err;
}

/* ---- its fields ---------------------------------------------------------------------------- */

/* The bytes of F's document that [START, END) of its text is. */
static void outer(const struct codec_nest *nest, const struct codec_field *f, uint32_t start,
    uint32_t end, uint32_t *a, uint32_t *b)
{
	codec_map_range(&nest->map, start, end, a, b);
	*a += f->start;
	*b += f->start;
}

bool codec_nest_out(const struct codec_nest *nest, struct sc_span doc, const struct codec_field *f,
    const struct codec_field *in, struct codec_field *out)
{
	const bool text = in->kind == CODEC_TEXT;
	const uint32_t before = !text ? 0 : in->nest == 0 ? 1 : in->before;
	const uint32_t after = !text ? 0 : in->nest == 0 ? 1 : in->after;
	uint32_t from, start, end, to, unused;
	const uint32_t n = in->end - in->start;

	outer(nest, f, in->start, in->end + (in->kind == CODEC_BEGIN), &start, &end);
	from = start;
	to = end;
	if (text) {
		outer(nest, f, in->start - before, in->start, &from, &start);
		if (n == 0)
			end = start;
		outer(nest, f, in->end, in->end + after, &unused, &to);
	}
	*out = *in;
	out->start = start;
	out->end = in->kind == CODEC_BEGIN ? start : end;
	out->nest = (uint8_t)(f->nest + in->nest + 1);
	out->before = (uint16_t)(start - from);
	out->after = (uint16_t)(to - end);
	out->escaped = in->kind != CODEC_BEGIN &&
	    (in->escaped || end - start != n ||
		(n != 0 && memcmp(doc.p + start, nest->text.p + in->start, n) != 0));
	return start - from <= UINT16_MAX && to - end <= UINT16_MAX;
}

/* The fields of NEST's text, in F of DOC, into OUT. False: some cannot be told, or no memory. */
static bool put_out(const struct codec_nest *nest, struct sc_span doc, const struct codec_field *f,
    struct codec_fields *out, bool *no_memory)
{
	for (size_t i = 0; i < nest->fields.n; i++) {
		if (out->n == out->cap && !codec_fields_grow(out)) {
			*no_memory = true;
			return false;
		}
		if (!codec_nest_out(nest, doc, f, &nest->fields.v[i], &out->v[out->n]))
			return false;
		out->n++;
	}
	return true;
}

bool codec_inside(const struct codec_around *a, const struct codec_paths *paths, uint16_t state,
    unsigned depth, const struct codec_field *f, struct codec_fields *out)
{
	struct codec_nest *nest = codec_nest_of(out);
	const size_t before = out->n;
	bool no_memory = nest == NULL;
	enum sc_err err = SC_LIMIT;

	if (no_memory)
		return false;
	if (depth < CODEC_NEST_MAX && f->start != f->end)
		err = codec_nest_read(nest, a, f);
	if (err == SC_OK)
		err =
		    a->scan(paths, state, depth + 1, sc_buf_span(&nest->text), &nest->fields, NULL);
	if (err == SC_NOMEM)
		return false;
	if (err == SC_OK && put_out(nest, a->doc, f, out, &no_memory))
		return true;
	out->n = before;
	return !no_memory && path_emit(paths, state, f, out);
}

/* ---- what takes a field's place ---------------------------------------------------------------- */

/* What stands in OUT from AT on, unescaped once more, and MAP on the way back through it. */
static enum sc_err unescape_again(struct sc_buf *out, size_t at, struct codec_map *map)
{
	const size_t n = out->n - at;
	struct codec_map inner;
	enum sc_err err;

	codec_map_init(&inner);
	/* nothing moves while it is read */
	if ((err = sc_buf_reserve(out, out->n + n)) == SC_OK)
		err = map == NULL ? json_unescape(sc_span(out->p + at, n), out, NULL) :
				    json_unescape_mapped(sc_span(out->p + at, n), out, &inner);
	if (err == SC_OK) {
		const size_t now = out->n - at - n;

		memmove(out->p + at, out->p + at + n, now);
		sc_buf_truncate(out, at + now);
		if (map != NULL && map->identity) {
			const struct codec_map was = *map;

			*map = inner;
			inner = was;
		} else if (map != NULL) {
			for (size_t i = 0; i <= inner.n; i++)
				map->at[i] = map->at[inner.at[i]];
			map->n = inner.n;
		}
	}
	codec_map_fini(&inner);
	return err;
}

enum sc_err codec_decode(const struct codec *c, struct sc_span doc, const struct codec_field *f,
    struct sc_buf *out, struct codec_map *map)
{
	const size_t at = out->n;
	enum sc_err err = c->decode(sc_span(doc.p + f->start, f->end - f->start), out, map);

	for (unsigned i = 0; i < f->nest && err == SC_OK; i++)
		err = unescape_again(out, at, map);
	if (err != SC_OK)
		sc_buf_truncate(out, at);
	return err;
}

enum sc_err codec_encode_made(const struct codec *c, unsigned nest, struct sc_span field,
    struct sc_buf *out)
{
	struct sc_buf made[2];
	enum sc_err err = SC_OK;

	if (nest == 0)
		return sc_buf_put_span(out, field);
	sc_buf_init(&made[0], out->max);
	sc_buf_init(&made[1], out->max);
	for (unsigned i = 1; i < nest && err == SC_OK; i++) {
		struct sc_buf *to = &made[i % 2];

		sc_buf_clear(to);
		err = json_escape(field, to);
		field = sc_buf_span(to);
	}
	if (err == SC_OK)
		err = c->encode(field, out);
	sc_buf_fini(&made[0]);
	sc_buf_fini(&made[1]);
	return err;
}
