/*
 * xml.c - the walk over the tags of a document: path automaton, spans.
 *
 * Iterative, with a frame for each open element. Where the document is no longer what xml_check()
 * accepted, which cannot be, the walk stops and says so.
 */
#include "gateway/codec/xml.h"

#include "gateway/codec/automaton.h"
#include "gateway/codec/selector.h"

#include <string.h>

/* An open element. */
struct frame {
	uint16_t state;
	bool holds;  /* an attribute, a text or a child */
	bool text;   /* the last of these is a text */
	bool broken; /* and a comment or an instruction stood behind it */
};

struct scan {
	const struct codec_paths *paths;
	const uint8_t *doc, *end;
	struct codec_fields *out;
	const char *why; /* set when refused */
	enum sc_err err;
	size_t depth;
	struct frame stack[XML_DEPTH_MAX];
};

static bool refuse(struct scan *s, enum sc_err err, const char *why)
{
	s->err = err;
	s->why = why;
	return false;
}

static bool emit(struct scan *s, uint16_t state, enum codec_kind kind, struct sc_span at,
    bool escaped)
{
	const struct codec_field f = {
		.start = (uint32_t)(at.p - s->doc),
		.end = (uint32_t)(at.p - s->doc + (ptrdiff_t)at.n),
		.kind = (uint8_t)kind,
		.escaped = escaped,
	};

	return path_emit(s->paths, state, &f, s->out) || refuse(s, SC_NOMEM, "out of memory");
}

/* ---- members ---------------------------------------------------------------------------- */

/* Where a member that no selector names leads. */
static uint16_t other_member(const struct codec_paths *p, uint16_t state)
{
	return p->next[state * p->n_symbols];
}

/* The state of the attribute NAME of an element at STATE, spelled with its @. */
static uint16_t spelled(const struct codec_paths *p, uint16_t state, struct sc_span name)
{
	uint8_t text[SELECTOR_NAME_MAX + 8] = { '@' };

	if (!p->states[state].names || name.n >= SELECTOR_NAME_MAX)
		return other_member(p, state);
	memcpy(text + 1, name.p, name.n);
	return path_member(p, state, text, name.n + 1);
}

static bool attribute(struct scan *s, uint16_t state, const struct xml_attribute *a)
{
	const uint16_t other = other_member(s->paths, state);
	uint16_t to = spelled(s->paths, state, a->name);

	if (a->declares || (a->markup && to == other))
		return true;
	/* who makes objects of XML often makes one kind of member of both */
	if (to == other)
		to = path_member(s->paths, state, a->name.p, a->name.n);
	return emit(s, to, CODEC_TEXT, a->value, a->escaped);
}

/* ---- elements --------------------------------------------------------------------------- */

static bool element_end(struct scan *s, const uint8_t *at)
{
	const struct frame *f;

	if (s->depth == 0)
		return refuse(s, SC_BUG, "an end tag too many");
	f = &s->stack[--s->depth];
	return f->holds || emit(s, f->state, CODEC_NULL, sc_span(at, 0), false);
}

/* The element whose tag is T; *P is behind its name, and then behind the tag. */
static bool element_begin(struct scan *s, const struct xml_token *t, const uint8_t **p)
{
	const struct codec_paths *paths = s->paths;
	uint16_t state = paths->flat;
	struct xml_attribute a;
	bool closed;

	if (s->depth == XML_DEPTH_MAX)
		return refuse(s, SC_LIMIT, "nested too deeply");
	if (s->depth != 0) {
		struct frame *f = &s->stack[s->depth - 1];

		state = f->state;
		*f = (struct frame){ .state = state, .holds = true };
	}
	state = path_member(paths, state, t->name.p, t->name.n);
	s->stack[s->depth++] = (struct frame){ .state = state };
	if (paths->states[state].each &&
	    !path_begin(paths, state, (uint32_t)(t->p - s->doc), s->out))
		return refuse(s, SC_NOMEM, "out of memory");
	while (xml_attribute(p, s->end, &a, &closed)) {
		s->stack[s->depth - 1].holds |= !a.declares && !a.markup;
		if (!attribute(s, state, &a))
			return false;
	}
	return !closed || element_end(s, *p);
}

static bool text(struct scan *s, const struct xml_token *t)
{
	struct frame *f;

	/* a byte order mark, or white space around the root */
	if (s->depth == 0 || t->blank)
		return true;
	f = &s->stack[s->depth - 1];
	if (f->broken)
		return refuse(s, SC_SYNTAX,
		    "a comment or an instruction within a text: readers take it for one or two");
	f->holds = f->text = true;
	return emit(s, f->state, CODEC_TEXT, sc_span(t->p, (size_t)(t->end - t->p)), t->escaped);
}

static bool walk(struct scan *s, const uint8_t **at)
{
	const uint8_t *p = s->doc;
	struct xml_token t;

	while (p < s->end) {
		bool ok = true;

		*at = p;
		p = xml_token(p, s->end, &t);
		switch (t.kind) {
		case XML_START: ok = element_begin(s, &t, &p); break;
		case XML_STOP: ok = element_end(s, t.p); break;
		case XML_TEXT: ok = text(s, &t); break;
		case XML_BESIDE:
			if (s->depth != 0)
				s->stack[s->depth - 1].broken |= s->stack[s->depth - 1].text;
			break;
		}
		if (!ok)
			return false;
	}
	return s->depth == 0 || refuse(s, SC_BUG, "an element has no end");
}

static bool acceptable(struct scan *s, const uint8_t **at)
{
	const size_t n = (size_t)(s->end - s->doc);
	size_t where = 0;

	if (n > XML_BYTES_MAX)
		return refuse(s, SC_LIMIT, "too long");
	if (*s->end != 0)
		return refuse(s, SC_BUG, "no 0 behind the document");
	if (s->paths->too_flat)
		return refuse(s, SC_LIMIT, "the route's paths have too many states for XML");
	s->err = xml_check(sc_span(s->doc, n), &s->why, &where);
	*at = s->doc + (where < n ? where : n);
	return s->err == SC_OK;
}

enum sc_err xml_scan(const struct codec_paths *paths, const uint8_t *doc, size_t n,
    struct codec_fields *out, struct sc_diag *d)
{
	const uint8_t *at = doc;
	struct scan s;

	/* not the stack: what lies above the depth is never read */
	s.paths = paths == NULL ? &codec_nothing : paths;
	s.doc = doc;
	s.end = doc + n;
	s.out = out;
	s.why = NULL;
	s.err = SC_OK;
	s.depth = 0;
	out->n = 0;
	if (acceptable(&s, &at))
		(void)walk(&s, &at);
	if (s.err == SC_OK)
		return SC_OK;
	out->n = 0;
	if (d != NULL) {
		sc_diag_set(d, "%s", s.why);
		d->offset = (size_t)(at - doc);
	}
	return s.err;
}
