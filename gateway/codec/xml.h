/*
 * xml.h - XML documents (XML 1.0, Namespaces in XML 1.0): expat says whether one is well-formed,
 * and a walk over its tags tells where the selected values stand.
 *
 * Every element is a member of the one it stands in, by the local part of its name, and so is an
 * attribute; every occurrence of a name counts:
 *
 *	<s:Envelope><s:Body><Order tel="1">     $.Envelope.Body.Order['@tel'], or else .tel
 *	  <Phone>2</Phone><Phone>3</Phone>      $.Envelope.Body.Order.Phone, and .Phone[*]
 *	  a note                                $.Envelope.Body.Order
 *	</Order></s:Body></s:Envelope>
 *
 * All values are texts: an attribute's, and what stands between two tags, whether as it is, as
 * references or as CDATA sections. White space alone is none.
 *
 * What two parsers read differently is refused: see xml_scan().
 */
#ifndef GATEWAY_CODEC_XML_H
#define GATEWAY_CODEC_XML_H

#include "gateway/codec/json.h"

#define XML_BYTES_MAX 0x7FFFFF00u
#define XML_DEPTH_MAX JSON_DEPTH_MAX
#define XML_NAMESPACE_MAX 256 /* bytes of one's name, as it stands */

/*
 * Check DOC[0..N-1] and put the span of every value that PATHS (may be NULL: check only) selects
 * into OUT, ascending. DOC[N] must be 0, and CODEC_PAD bytes from it on readable. An element
 * without attributes, a text or children has no value: CODEC_NULL, where it ends.
 *
 * Namespace declarations are no members. What xml: and xsi: say of an element (xml:lang,
 * xsi:type, xsi:nil) is not selected with it, but by its own name, with the @.
 *
 * Refused, beyond the grammar and prefixes that nobody declared: any DOCTYPE, and so any entity
 * but the five; another encoding than UTF-8, or US-ASCII with a byte beyond; another version than
 * 1.0; a comment or a processing instruction within a text.
 *
 * Fails as json_scan() does, with SC_LIMIT also where PATHS have too many states for documents
 * without arrays, and for a namespace's name past XML_NAMESPACE_MAX.
 */
SC_CHECKED enum sc_err xml_scan(const struct codec_paths *paths, const uint8_t *doc, size_t n,
    struct codec_fields *out, struct sc_diag *d);

/* The codec's piece(): every name, every attribute's value and every text, but empty ones. */
bool xml_piece(struct sc_span doc, size_t *from, struct codec_piece *out);

/* ---- is it one: xml_check.c ------------------------------------------------------------ */

/* What xml_scan() refuses but for a comment within a text. *AT: the byte at which it was noticed. */
SC_CHECKED enum sc_err xml_check(struct sc_span doc, const char **why, size_t *at);

/* ---- tags and texts of what is one: xml_token.c ------------------------------------------ */

enum xml_kind {
	XML_START,  /* a tag up to its name: the attributes are to be read */
	XML_STOP,   /* an end tag */
	XML_TEXT,   /* up to the next tag, comment or instruction */
	XML_BESIDE, /* a comment, an instruction or the declaration */
};

struct xml_token {
	enum xml_kind kind;
	const uint8_t *p, *end; /* all of it */
	struct sc_span name;    /* XML_START: the local part */
	bool escaped, blank;    /* XML_TEXT: not its own bytes; nothing but white space */
};

/* The token at P, which is not END: what is behind it. */
const uint8_t *xml_token(const uint8_t *p, const uint8_t *end, struct xml_token *out);

struct xml_attribute {
	struct sc_span prefix, name; /* the local part */
	struct sc_span value;        /* as it stands, without quotes */
	bool escaped;
	bool declares; /* a namespace */
	bool markup;   /* says something of the element to whoever parses it */
};

/*
 * The attribute at *P, which is behind a tag's name or another attribute, *P behind it. False:
 * there is none, and *P is behind the tag; *CLOSED says whether that is the element's end as well.
 */
bool xml_attribute(const uint8_t **p, const uint8_t *end, struct xml_attribute *out, bool *closed);

/* WITHIN: does what is before S end in a CDATA section? The same for what is behind S. */
bool xml_within(struct sc_span s, bool within);

#endif
