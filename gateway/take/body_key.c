/*
 * body_key.c - the write key that stands in a body, found without taking it apart: whose
 * body it is must be known first.
 *
 * Walks over the text of the first object by its strings and brackets alone. A key
 * with an escape is none; a text that is no JSON may give any key, and is refused later.
 */
#include "gateway/take/take.h"

#include <string.h>

struct key_walk {
	struct sc_span s;
	size_t i;
};

static void skip_space(struct key_walk *w)
{
	while (w->i < w->s.n && strchr(" \t\r\n", w->s.p[w->i]) != NULL && w->s.p[w->i] != '\0')
		w->i++;
}

static bool take(struct key_walk *w, uint8_t c)
{
	skip_space(w);
	if (w->i == w->s.n || w->s.p[w->i] != c)
		return false;
	w->i++;
	return true;
}

/* The string that begins here, without its quotes; false when it never ends, or none is here. */
static bool take_string(struct key_walk *w, struct sc_span *out, bool *escaped)
{
	size_t from;

	*escaped = false;
	if (!take(w, '"'))
		return false;
	for (from = w->i; w->i < w->s.n && w->s.p[w->i] != '"'; w->i++)
		if (w->s.p[w->i] == '\\') {
			*escaped = true;
			w->i++;
		}
	if (w->i >= w->s.n)
		return false;
	*out = sc_span(w->s.p + from, w->i++ - from);
	return true;
}

/* Step over the value that begins here, up to the comma or bracket behind it. */
static bool skip_value(struct key_walk *w)
{
	struct sc_span text;
	size_t depth = 0;
	bool escaped;

	while (w->i < w->s.n) {
		uint8_t c = w->s.p[w->i];

		if (c == '"') {
			if (!take_string(w, &text, &escaped))
				return false;
			continue;
		}
		if (depth == 0 && (c == ',' || c == '}'))
			return true;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth-- == 0)
			return false;
		w->i++;
	}
	return false;
}

struct sc_span collect_body_key(struct sc_span body)
{
	struct key_walk w = { .s = body };
	struct sc_span name, value, none = { NULL, 0 };
	bool escaped;

	if (!take(&w, '{'))
		return none;
	do {
		if (!take_string(&w, &name, &escaped) || !take(&w, ':'))
			return none;
		skip_space(&w);
		if (sc_span_is(name, "writeKey"))
			return take_string(&w, &value, &escaped) && !escaped ? value : none;
	} while (skip_value(&w) && take(&w, ','));
	return none;
}
