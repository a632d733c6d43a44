/*
 * xml_check.c - whether a document is well-formed and of the kind that all parsers read alike.
 *
 * That is expat's to say. It is told the encoding, so that a document cannot choose one, and
 * stops at the first word of a DOCTYPE: there are no entities to expand, and nothing is ever
 * fetched. What it copied of the document is wiped when it is freed. A parser of its own for each
 * document costs 0.1 us more than one that is used again.
 */
#include "gateway/codec/xml.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(XML_BYTES_MAX <= INT_MAX, "expat takes an int");

struct checking {
	XML_Parser parser;
	size_t depth;
	enum sc_err err;
	const char *why; /* set when refused by us */
	bool ascii;
};

/* ---- memory that is wiped --------------------------------------------------------------- */

#define HEAD 16 /* the size stands in front; what is behind is aligned for anything */

static void *take(size_t n)
{
	uint8_t *p = n > SIZE_MAX - HEAD ? NULL : malloc(HEAD + n);

	if (p == NULL)
		return NULL;
	memcpy(p, &n, sizeof(n));
	return p + HEAD;
}

static size_t size_of(const void *p)
{
	size_t n;

	memcpy(&n, (const uint8_t *)p - HEAD, sizeof(n));
	return n;
}

static void give(void *p)
{
	if (p == NULL)
		return;
	sc_wipe(p, size_of(p));
	free((uint8_t *)p - HEAD);
}

static void *take_again(void *p, size_t n)
{
	void *q = take(n);

	if (p == NULL || q == NULL)
		return q;
	memcpy(q, p, size_of(p) < n ? size_of(p) : n);
	give(p);
	return q;
}

/* ---- what is refused -------------------------------------------------------------------- */

static void refuse(struct checking *c, enum sc_err err, const char *why)
{
	c->err = err;
	c->why = why;
	(void)XML_StopParser(c->parser, XML_FALSE);
}

static bool is(const char *text, const char *word)
{
	return sc_span_caseeq(sc_span_str(text), word);
}

static void XMLCALL on_declaration(void *owner, const char *version, const char *encoding,
    int standalone)
{
	struct checking *c = owner;

	(void)standalone;
	if (version != NULL && strcmp(version, "1.0") != 0)
		refuse(c, SC_SYNTAX, "another version of XML than 1.0");
	else if (encoding != NULL && is(encoding, "us-ascii"))
		c->ascii = true;
	else if (encoding != NULL && !is(encoding, "utf-8") && !is(encoding, "utf8"))
		refuse(c, SC_SYNTAX, "another encoding than UTF-8");
}

static void XMLCALL on_doctype(void *owner, const char *name, const char *system,
    const char *public, int subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)subset;
	refuse(owner, SC_SYNTAX, "a DOCTYPE");
}

static void XMLCALL on_start(void *owner, const char *name, const char **attributes)
{
	struct checking *c = owner;

	(void)name;
	(void)attributes;
	if (++c->depth > XML_DEPTH_MAX)
		refuse(c, SC_LIMIT, "nested too deeply");
}

static void XMLCALL on_end(void *owner, const char *name)
{
	struct checking *c = owner;

	(void)name;
	c->depth--;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Behind a comment, a section or an instruction at P; NULL: it is none, END: it has no end. */
static const uint8_t *skip_beside(const uint8_t *p, const uint8_t *end)
{
	static const char *const pairs[][2] = { { "<!--", "-->" }, { "<![CDATA[", "]]>" },
		{ "<?", "?>" } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (!sc_span_starts(sc_span(p, (size_t)(end - p)), pairs[i][0]))
			continue;
		p += strlen(pairs[i][0]);
		p = memmem(p, (size_t)(end - p), pairs[i][1], strlen(pairs[i][1]));
		return p == NULL ? end : p + strlen(pairs[i][1]);
	}
	return NULL;
}

/* The name of the attribute of the tag at FROM whose value's quote is at P; NULL: it declares nothing. */
static const uint8_t *declaring(const uint8_t *from, const uint8_t *p)
{
	while (p > from && (is_blank(p[-1]) || p[-1] == '='))
		p--;
	while (p > from && !is_blank(p[-1]) && p[-1] != '"' && p[-1] != '\'')
		p--;
	return memcmp(p, "xmlns", 5) == 0 ? p : NULL;
}

/* The long name of a namespace that the tag at P declares, *BEHIND the tag; NULL: none. */
static const uint8_t *long_in_tag(const uint8_t *p, const uint8_t *end, const uint8_t **behind)
{
	const uint8_t *from = p, *to, *name;

	for (p++; p < end && *p != '>'; p++) {
		if (*p != '"' && *p != '\'')
			continue;
		if ((to = memchr(p + 1, *p, (size_t)(end - p) - 1)) == NULL)
			to = end;
		if ((size_t)(to - p) > XML_NAMESPACE_MAX + 1 &&
		    (name = declaring(from, p)) != NULL) {
			*behind = end;
			return name;
		}
		if ((p = to) == end)
			break;
	}
	*behind = p;
	return NULL;
}

/*
 * expat goes through a namespace's whole name for each attribute that is of it: a long one and
 * many of these are the square of a document. Where in DOC a long name is declared, which is
 * refused; NULL: nowhere. Few say "xmlns" at all.
 */
static const uint8_t *long_namespace(struct sc_span doc)
{
	const uint8_t *p = doc.p, *end = doc.p + doc.n, *found = NULL, *next;

	if (memmem(doc.p, doc.n, "xmlns", 5) == NULL)
		return NULL;
	while (found == NULL && p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL) {
		if ((next = skip_beside(p, end)) == NULL)
			found = long_in_tag(p, end, &next);
		p = next;
	}
	return found;
}

/* What expat would take, or take long for. */
static enum sc_err look_first(struct sc_span doc, const char **why, size_t *at)
{
	const uint8_t *p = memchr(doc.p, 0, doc.n);

	if (p != NULL) {
		/* it looks for UTF-16 whatever it is told, and there is none without */
		*why = "a NUL, which only another encoding has";
		*at = (size_t)(p - doc.p);
		return SC_SYNTAX;
	}
	if ((p = long_namespace(doc)) == NULL)
		return SC_OK;
	*why = "a namespace's name is too long";
	*at = (size_t)(p - doc.p);
	return SC_LIMIT;
}

/* ---- all of it ---------------------------------------------------------------------------- */

static XML_Parser parser_new(struct checking *c)
{
	static const XML_Memory_Handling_Suite wiped = { take, take_again, give };
	/* a line end cannot stand in a namespace's name as it is */
	XML_Parser p = XML_ParserCreate_MM("UTF-8", &wiped, "\n");

	if (p == NULL)
		return NULL;
	XML_SetUserData(p, c);
	XML_SetXmlDeclHandler(p, on_declaration);
	XML_SetStartDoctypeDeclHandler(p, on_doctype);
	XML_SetElementHandler(p, on_start, on_end);
	return p;
}

static size_t first_beyond_ascii(struct sc_span doc)
{
	size_t i = 0;

	while (i < doc.n && doc.p[i] < 0x80)
		i++;
	return i;
}

enum sc_err xml_check(struct sc_span doc, const char **why, size_t *at)
{
	struct checking c = { .err = SC_OK };
	enum XML_Error error;
	enum sc_err err;

	*at = 0;
	if (doc.n != 0 && (err = look_first(doc, why, at)) != SC_OK)
		return err;
	*why = "out of memory";
	if ((c.parser = parser_new(&c)) == NULL)
		return SC_NOMEM;
	if (XML_Parse(c.parser, (const char *)doc.p, (int)doc.n, XML_TRUE) != XML_STATUS_OK) {
		error = XML_GetErrorCode(c.parser);
		if (c.err == SC_OK && error != XML_ERROR_NO_MEMORY)
			c.why = XML_ErrorString(error);
		if (c.err == SC_OK)
			c.err = error == XML_ERROR_NO_MEMORY ? SC_NOMEM : SC_SYNTAX;
		*at = (size_t)XML_GetCurrentByteIndex(c.parser);
	} else if (c.ascii && (*at = first_beyond_ascii(doc)) != doc.n) {
		c.err = SC_SYNTAX;
		c.why = "it says US-ASCII, and is not";
	}
	if (c.why != NULL)
		*why = c.why;
	XML_ParserFree(c.parser);
	return c.err;
}
