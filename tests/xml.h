/*
 * xml.h - a small reader of XML for tests: is it well-formed, and what is in it.
 *
 * Knows elements, attributes and the entities that our pages write; no DTD but a first
 * <!DOCTYPE html>, no comments, no CDATA. Text of <style> is taken as it is.
 */
#ifndef TESTS_XML_H
#define TESTS_XML_H

#include "base/buf.h"
#include "base/text/utf8.h"

#include <ctype.h>
#include <stdio.h>

#define XML_DEPTH_MAX 64

struct xml_read {
	const char *p, *end;
	const char *wrong; /* what is not well-formed, or NULL */
	struct sc_span open[XML_DEPTH_MAX];
	size_t depth, elements;
	/* Told of each element: its name and its attributes as they stand. May be NULL. */
	void (*element)(void *ctx, struct sc_span name, struct sc_span attributes);
	/* Told of text, as it stands. May be NULL. */
	void (*text)(void *ctx, struct sc_span in, struct sc_span text);
	void *ctx;
};

static inline bool xml_starts(const struct xml_read *x, const char *s)
{
	return sc_span_starts(sc_span(x->p, (size_t)(x->end - x->p)), s);
}

static inline void xml_bad(struct xml_read *x, const char *why)
{
	if (x->wrong == NULL)
		x->wrong = why;
	x->p = x->end;
}

static inline struct sc_span xml_name(struct xml_read *x)
{
	const char *from = x->p;

	while (x->p < x->end && (isalnum((unsigned char)*x->p) || *x->p == '-' || *x->p == ':'))
		x->p++;
	if (x->p == from)
		xml_bad(x, "a name is missing");
	return sc_span(from, (size_t)(x->p - from));
}

/* One character of text or of an attribute. */
static inline void xml_character(struct xml_read *x)
{
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
	const struct sc_span rest = sc_span(x->p, (size_t)(x->end - x->p));
	uint32_t cp;
	const size_t n = utf8_decode(rest, &cp);

	if (*x->p == '&') {
		for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
			if (xml_starts(x, entities[i])) {
				x->p += strlen(entities[i]);
				return;
			}
		}
		xml_bad(x, "an unknown entity");
	} else if (n == 0 || (cp < 0x20 && cp != '\n' && cp != '\t') || (cp & 0xFFFE) == 0xFFFE) {
		xml_bad(x, "a byte that is no text");
	} else {
		x->p += n;
	}
}

static inline struct sc_span xml_attributes(struct xml_read *x)
{
	const char *from = x->p;

	while (x->p < x->end && *x->p == ' ') {
		x->p++;
		xml_name(x);
		if (!xml_starts(x, "=\"")) {
			xml_bad(x, "an attribute without a value");
			break;
		}
		for (x->p += 2; x->p < x->end && *x->p != '"';) {
			if (*x->p == '<')
				xml_bad(x, "< in an attribute");
			else
				xml_character(x);
		}
		x->p++;
	}
	return sc_span(from, x->p > from ? (size_t)(x->p - from) : 0);
}

static inline void xml_tag(struct xml_read *x)
{
	const bool ends = xml_starts(x, "</");
	struct sc_span name, attributes;

	x->p += ends ? 2 : 1;
	name = xml_name(x);
	if (ends) {
		if (x->depth == 0 || !sc_span_eq(name, x->open[--x->depth]))
			xml_bad(x, "an end of something that is not open");
		else if (!xml_starts(x, ">"))
			xml_bad(x, "an end tag goes on");
		else
			x->p++;
		return;
	}
	attributes = xml_attributes(x);
	x->elements++;
	if (x->element != NULL && x->wrong == NULL)
		x->element(x->ctx, name, attributes);
	if (xml_starts(x, "/>")) {
		x->p += 2;
	} else if (xml_starts(x, ">") && x->depth < XML_DEPTH_MAX) {
		x->open[x->depth++] = name;
		x->p++;
	} else {
		xml_bad(x, "a tag does not end");
	}
}

static inline void xml_run(struct xml_read *x)
{
	const char *from = x->p;
	const bool style = x->depth > 0 && sc_span_is(x->open[x->depth - 1], "style");

	while (x->p < x->end && *x->p != '<') {
		if (style)
			x->p++;
		else
			xml_character(x);
	}
	if (x->text != NULL && x->wrong == NULL && x->depth > 0)
		x->text(x->ctx, x->open[x->depth - 1], sc_span(from, (size_t)(x->p - from)));
}

/* Read DOC to its end; false, and X->wrong, when it is not well-formed. */
static inline bool xml_read(struct xml_read *x, struct sc_span doc)
{
	x->p = (const char *)doc.p;
	x->end = x->p + doc.n;
	if (xml_starts(x, "<!DOCTYPE html>"))
		x->p += strlen("<!DOCTYPE html>");
	while (x->p < x->end) {
		if (*x->p == '<')
			xml_tag(x);
		else
			xml_run(x);
	}
	if (x->wrong == NULL && x->depth != 0)
		x->wrong = "something is open at the end";
	if (x->wrong != NULL)
		printf("# not well-formed: %s\n", x->wrong);
	return x->wrong == NULL;
}

#endif
