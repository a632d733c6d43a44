/*
 * pieces.c - from piece to piece, into strings and out of them.
 */
#include "gateway/codec/pieces.h"

#include "gateway/codec/json.h"

/* The room of the string that is open as number I. */
static struct codec_nest *nest_at(const struct codec_pieces *it, unsigned i)
{
	struct codec_nest *nest = it->fields->nest;

	for (; i > 0; i--)
		nest = nest->fields.nest;
	return nest;
}

/* The text in which the string that is open as number I stands. */
static struct sc_span around(const struct codec_pieces *it, struct sc_span doc, unsigned i)
{
	return i == 0 ? doc : sc_buf_span(&nest_at(it, i - 1)->text);
}

/* Could the text P of DOC begin with a bracket? What is spelled with escapes is read to tell. */
static inline bool may_be_json(struct sc_span doc, const struct codec_piece *p)
{
	const uint8_t *s = doc.p + p->start, *end = doc.p + p->end;

	while (s < end && (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n'))
		s++;
	return s < end &&
	    (*s == '{' || *s == '[' ||
		(p->escaped && (*s == '\\' || *s == '%' || *s == '+' || *s == '&' || *s == '<')));
}

/* Open the text P, which stands in the innermost string, when it is JSON. */
static bool enter(struct codec_pieces *it, const struct codec *c, struct sc_span doc,
    const struct codec_piece *p, uint32_t depth)
{
	const unsigned i = it->strings;
	const struct codec_field f = codec_piece_field(p);
	const struct codec_around a = { .doc = around(it, doc, i),
		.decode = codec_at(c, i)->decode };
	struct codec_nest *nest;

	if (i == CODEC_NEST_MAX)
		return false;
	nest = codec_nest_of(i == 0 ? it->fields : &nest_at(it, i - 1)->fields);
	if (nest == NULL || codec_nest_read(nest, &a, &f) != SC_OK ||
	    json_scan(NULL, nest->text.p, nest->text.n, &nest->fields, NULL) != SC_OK)
		return false;
	it->level[i] = (struct codec_pieces_level){ .f = f, .depth = depth };
	it->strings++;
	return true;
}

/* IN, a piece of the innermost string, as one of DOC. False: it cannot be told. */
static bool tell(const struct codec_pieces *it, struct sc_span doc, const struct codec_piece *in,
    struct codec_piece *out)
{
	const struct codec_pieces_level *l = &it->level[it->strings - 1];
	struct codec_field f = codec_piece_field(in), of;

	for (unsigned i = it->strings; i-- > 0; f = of)
		if (!codec_nest_out(nest_at(it, i), around(it, doc, i), &it->level[i].f, &f, &of))
			return false;
	*out = (struct codec_piece){ .start = f.start,
		.end = f.end,
		.kind = in->kind,
		.name = in->name,
		.escaped = f.escaped,
		.depth = l->depth + in->depth,
		.low = l->depth + in->low,
		.before = f.before,
		.after = f.after,
		.nest = f.nest };
	return true;
}

/* The next piece of the innermost string, in bytes of its text. */
static bool next_in_string(struct codec_pieces *it)
{
	struct codec_pieces_level *l = &it->level[it->strings - 1];

	return json_piece(sc_buf_span(&nest_at(it, it->strings - 1)->text), &l->from, &l->last);
}

bool codec_pieces_here(struct codec_pieces *it, const struct codec *c, struct sc_span doc,
    struct codec_piece *out)
{
	if (it->strings == 0)
		return c->piece(doc, &it->from, out);
	return next_in_string(it) && tell(it, doc, &it->level[it->strings - 1].last, out);
}

bool codec_pieces_into(struct codec_pieces *it, const struct codec *c, struct sc_span doc,
    const struct codec_field *f)
{
	struct codec_nest *nest = codec_nest_of(it->fields);

	if (nest == NULL || !c->divisible || f->nest >= CODEC_NEST_MAX ||
	    codec_nest_read_field(nest, c, doc, f) != SC_OK ||
	    json_scan(NULL, nest->text.p, nest->text.n, &nest->fields, NULL) != SC_OK)
		return false;
	it->level[0] = (struct codec_pieces_level){ .f = *f };
	it->strings = 1;
	return true;
}

/* False, with none open, when all strings are at their end. */
bool codec_pieces_inside(struct codec_pieces *it, const struct codec *c, struct sc_span doc,
    struct codec_piece *out)
{
	while (it->strings > 0) {
		struct codec_pieces_level *l = &it->level[it->strings - 1];

		if (!next_in_string(it)) {
			/* outside it goes on from where the string stood */
			out->depth = l->depth;
			it->strings--;
			continue;
		}
		if (!l->last.name && l->last.kind == CODEC_TEXT &&
		    may_be_json(sc_buf_span(&nest_at(it, it->strings - 1)->text), &l->last) &&
		    enter(it, c, doc, &l->last, l->depth + l->last.depth))
			continue;
		if (tell(it, doc, &l->last, out))
			return true;
	}
	return false;
}

bool codec_pieces_next(struct codec_pieces *it, const struct codec *c, struct sc_span doc,
    struct codec_piece *out)
{
	for (;;) {
		if (it->strings != 0 && codec_pieces_inside(it, c, doc, out))
			return true;
		if (!c->piece(doc, &it->from, out))
			return false;
		if (out->name || out->kind != CODEC_TEXT || !c->divisible ||
		    !may_be_json(doc, out) || !enter(it, c, doc, out, out->depth))
			return true;
	}
}
