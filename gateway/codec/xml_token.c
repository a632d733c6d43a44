/*
 * xml_token.c - tags, attributes and texts of a document that expat found well-formed.
 *
 * Nothing is checked here, but no step goes beyond the end.
 */
#include "gateway/codec/xml.h"

#include <string.h>

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool begins(const uint8_t *p, const uint8_t *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && memcmp(p, word, n) == 0;
}

/* Behind the next WORD from P on; END: there is none. */
static const uint8_t *behind(const uint8_t *p, const uint8_t *end, const char *word)
{
	const size_t n = strlen(word);
	const uint8_t *q = memmem(p, (size_t)(end - p), word, n);

	return q == NULL ? end : q + n;
}

static const uint8_t *find(const uint8_t *p, const uint8_t *end, uint8_t c)
{
	const uint8_t *q = p == end ? NULL : memchr(p, c, (size_t)(end - p));

	return q == NULL ? end : q;
}

/* ---- tokens --------------------------------------------------------------------------------- */

/* Behind the name at P. */
static const uint8_t *name_end(const uint8_t *p, const uint8_t *end)
{
	while (p < end && !is_blank(*p) && *p != '=' && *p != '/' && *p != '>')
		p++;
	return p;
}

/* QName (Namespaces in XML §4): P's prefix, if any, and its local part. */
static struct sc_span local_part(const uint8_t *p, const uint8_t *end, struct sc_span *prefix)
{
	const uint8_t *colon = find(p, end, ':');

	*prefix = sc_span(p, colon == end ? 0 : (size_t)(colon - p));
	if (colon != end)
		p = colon + 1;
	return sc_span(p, (size_t)(end - p));
}

/* A text with its CDATA sections. */
static const uint8_t *text(const uint8_t *p, const uint8_t *end, struct xml_token *out)
{
	const uint8_t *q = p;

	while (q < end && is_blank(*q))
		q++;
	out->blank = q == end || (*q == '<' && !begins(q, end, "<![CDATA["));
	for (;;) {
		q = find(q, end, '<');
		if (!begins(q, end, "<![CDATA["))
			break;
		out->escaped = true;
		q = behind(q, end, "]]>");
	}
	out->escaped |= find(p, q, '&') != q || find(p, q, '\r') != q;
	return q;
}

const uint8_t *xml_token(const uint8_t *p, const uint8_t *end, struct xml_token *out)
{
	struct sc_span prefix;

	*out = (struct xml_token){ .kind = XML_BESIDE, .p = p };
	if (*p != '<' || begins(p, end, "<![CDATA[")) {
		out->kind = XML_TEXT;
		out->end = text(p, end, out);
	} else if (begins(p, end, "<!--")) {
		out->end = behind(p + 4, end, "-->");
	} else if (begins(p, end, "<?")) {
		out->end = behind(p, end, "?>");
	} else if (begins(p, end, "</")) {
		out->kind = XML_STOP;
		out->end = behind(p, end, ">");
	} else {
		out->kind = XML_START;
		out->end = name_end(p + 1, end);
		out->name = local_part(p + 1, out->end, &prefix);
	}
	return out->end;
}

/* ---- attributes ------------------------------------------------------------------------- */

/*
 * xml:lang and xsi:type are read by parsers. Everybody writes these prefixes; where somebody does
 * not, what they say is a member like any other.
 */
static bool is_markup(struct sc_span prefix, struct sc_span name)
{
	if (sc_span_is(prefix, "xml") &&
	    (sc_span_is(name, "lang") || sc_span_is(name, "space") || sc_span_is(name, "base") ||
		sc_span_is(name, "id")))
		return true;
	return sc_span_is(prefix, "xsi") &&
	    (sc_span_is(name, "type") || sc_span_is(name, "nil") ||
		sc_span_is(name, "schemaLocation") ||
		sc_span_is(name, "noNamespaceSchemaLocation"));
}

static bool is_escaped(struct sc_span value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == '&' || (value.p[i] < ' ' && is_blank(value.p[i])))
			return true;
	return false;
}

static const uint8_t *skip_blank(const uint8_t *p, const uint8_t *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

bool xml_attribute(const uint8_t **p, const uint8_t *end, struct xml_attribute *out, bool *closed)
{
	const uint8_t *from = skip_blank(*p, end), *to;

	*closed = from < end && *from == '/';
	if (from == end || *from == '/' || *from == '>') {
		*p = behind(from, end, ">");
		return false;
	}
	*out = (struct xml_attribute){ .declares = false };
	to = name_end(from, end);
	out->name = local_part(from, to, &out->prefix);
	out->declares = sc_span_is(out->prefix, "xmlns") ||
	    (out->prefix.n == 0 && sc_span_is(out->name, "xmlns"));
	out->markup = is_markup(out->prefix, out->name);
	from = skip_blank(find(to, end, '='), end);
	from = from < end ? skip_blank(from + 1, end) : end;
	to = from < end ? find(from + 1, end, *from) : end;
	out->value = from < end ? sc_span(from + 1, (size_t)(to - from) - 1) : sc_span(end, 0);
	out->escaped = is_escaped(out->value);
	*p = to < end ? to + 1 : end;
	return true;
}

/* ---- within a CDATA section -------------------------------------------------------------- */

bool xml_within(struct sc_span s, bool within)
{
	const uint8_t *p = s.p, *end = s.p + s.n;

	while (p < end) {
		if (within) {
			p = memmem(p, (size_t)(end - p), "]]>", 3);
			if (p == NULL)
				return true;
			p += 3;
			within = false;
			continue;
		}
		p = find(p, end, '<');
		if (begins(p, end, "<!--"))
			p = behind(p + 4, end, "-->");
		else if (begins(p, end, "<?"))
			p = behind(p, end, "?>");
		else if ((within = begins(p, end, "<![CDATA[")))
			p += 9;
		else
			p += p < end;
	}
	return within;
}
