/*
 * xml_piece.c - every name, attribute's value and text of a document, whatever path leads there.
 *
 * Only for a document that xml_scan() has accepted. Between two calls nothing is kept but where the
 * last piece ended and how deep it stood; what is there says the rest:
 *
 *	<name        an element's name, at its element's depth
 *	"value"      of an attribute whose name came last, a level deeper
 *	"            behind such a value, in its tag
 *	<            behind a text, which is as deep as its element's name
 */
#include "gateway/codec/xml.h"

struct walk {
	struct sc_span doc;
	const uint8_t *p, *end;
	uint32_t open; /* elements */
	struct codec_piece *out;
};

/*
 * OUT is AT, at DEPTH; the next call goes on at BEHIND. An element that ended since the piece
 * before was as deep or deeper: its name was a piece.
 */
static bool piece(struct walk *w, struct sc_span at, uint32_t depth, const uint8_t *behind)
{
	w->out->start = (uint32_t)(at.p - w->doc.p);
	w->out->end = (uint32_t)(at.p - w->doc.p + (ptrdiff_t)at.n);
	w->out->depth = depth;
	if (depth < w->out->low)
		w->out->low = depth;
	w->p = behind;
	return true;
}

/* The value in quotes that is at hand. */
static bool value(struct walk *w, const struct xml_attribute *a)
{
	w->out->escaped = a->escaped;
	return piece(w, a->value, w->open + 1, w->p);
}

/* What is next in the tag that is at hand: an attribute's name. False: the tag is at its end. */
static bool in_tag(struct walk *w)
{
	struct xml_attribute a;
	bool end;

	if (!xml_attribute(&w->p, w->end, &a, &end)) {
		w->open -= end;
		return false;
	}
	w->out->name = true;
	/* a namespace's prefix is nobody's name */
	return piece(w, a.declares && a.prefix.n != 0 ? a.prefix : a.name, w->open + 1,
	    a.value.n == 0 ? w->p : a.value.p - 1);
}

/* What is next behind a tag or a text. */
static bool between(struct walk *w)
{
	struct xml_token t;

	while (w->p < w->end) {
		w->p = xml_token(w->p, w->end, &t);
		switch (t.kind) {
		case XML_START: w->out->name = true; return piece(w, t.name, ++w->open, w->p);
		case XML_STOP: w->open -= w->open != 0; break;
		case XML_TEXT:
			if (t.blank || w->open == 0)
				break;
			w->out->escaped = t.escaped;
			return piece(w, sc_span(t.p, (size_t)(t.end - t.p)), w->open, t.end);
		case XML_BESIDE: break;
		}
	}
	return false;
}

static bool is_quote(uint8_t c)
{
	return c == '"' || c == '\'';
}

/* Behind the piece BEFORE; its value, when that was an attribute's name. */
static bool go_on(struct walk *w, const struct codec_piece *before)
{
	const bool at_value = is_quote(*w->p);
	struct xml_attribute a = { .declares = false };

	w->open = before->depth;
	if (at_value) {
		const uint8_t *end = w->p + 1;

		w->open--;
		while (end < w->end && *end != *w->p) {
			a.escaped |= *end == '&' || *end == '\t' || *end == '\r' || *end == '\n';
			end++;
		}
		a.value = sc_span(w->p + 1, (size_t)(end - w->p) - 1);
		w->p = end < w->end ? end + 1 : w->end;
		return value(w, &a);
	}
	/* behind a value, or the name of an attribute that has an empty one */
	if (is_quote(w->p[-1]) && (*w->p != '<'))
		w->open--;
	else if (*w->p == '<')
		return between(w);
	return in_tag(w) || between(w);
}

bool xml_piece(struct sc_span doc, size_t *from, struct codec_piece *out)
{
	const struct codec_piece before = *out;
	struct walk w = { .doc = doc, .p = doc.p + *from, .end = doc.p + doc.n, .out = out };
	bool found;

	*out = (struct codec_piece){ .kind = CODEC_TEXT, .depth = before.depth };
	out->low = *from == 0 ? 0 : before.depth;
	if (*from == doc.n)
		return false;
	found = *from == 0 ? between(&w) : go_on(&w, &before);
	*from = found ? (size_t)(w.p - doc.p) : doc.n;
	return found;
}
