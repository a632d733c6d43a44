/*
 * xml_row.c - XML as a row of codecs: a value decoded as a parser reads it, and written so that
 * every parser reads it, in an attribute or between tags.
 *
 * Whatever a value was elsewhere it is a text here; its absence is an empty one.
 */
#include "gateway/codec/xml.h"

#include "base/text/utf8.h"

#include <string.h>
#include <strings.h>

/* ---- media types ------------------------------------------------------------------------ */

static bool ends(struct sc_span type, const char *with)
{
	const size_t n = strlen(with);

	return type.n > n && sc_span_caseeq(sc_span_from(type, type.n - n), with);
}

/* Pictures and pages are XML by their name; who reads them reads HTML as well, or runs scripts. */
static bool is_page(struct sc_span type)
{
	return sc_span_caseeq(type, "image/svg+xml") ||
	    sc_span_caseeq(type, "application/xhtml+xml");
}

static bool is_letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

/* "xml" as a word: openxmlformats is a packed file's. */
static bool says_xml(struct sc_span type)
{
	for (size_t i = 0; i + 3 <= type.n; i++)
		if (strncasecmp((const char *)type.p + i, "xml", 3) == 0 &&
		    (i == 0 || i + 3 == type.n || !is_letter(type.p[i - 1]) ||
			!is_letter(type.p[i + 3])))
			return true;
	return false;
}

static enum codec_fit takes(struct sc_span type)
{
	if (!is_page(type) &&
	    memchr(type.n == 0 ? "" : (const char *)type.p, ',', type.n) == NULL &&
	    (sc_span_caseeq(type, "application/xml") || sc_span_caseeq(type, "text/xml") ||
		ends(type, "+xml")))
		return CODEC_FITS;
	return says_xml(type) ? CODEC_DOUBTFUL : CODEC_OTHER;
}

static enum sc_err scan(const struct codec_paths *paths, struct sc_span doc,
    struct codec_fields *out, struct sc_diag *d)
{
	return xml_scan(paths, doc.p, doc.n, out, d);
}

/* ---- a value decoded --------------------------------------------------------------------- */

struct decoding {
	const uint8_t *raw, *p, *end;
	uint8_t *to; /* room for as many bytes as the raw value has */
	size_t n;
	uint32_t *at;   /* may be NULL */
	bool attribute; /* where a line end is a blank */
};

static void put(struct decoding *d, const uint8_t *from, const void *p, size_t n)
{
	memcpy(d->to + d->n, p, n);
	for (size_t i = 0; d->at != NULL && i < n; i++)
		d->at[d->n + i] = (uint32_t)(from - d->raw);
	d->n += n;
}

/* The byte at P as it is read; of a line end (§2.11) all of it. */
static void take_byte(struct decoding *d)
{
	const uint8_t *from = d->p;
	uint8_t c = *d->p++;

	if (c == '\r') {
		c = '\n';
		d->p += d->p < d->end && *d->p == '\n';
	}
	if (d->attribute && (c == '\n' || c == '\t'))
		c = ' '; /* §3.3.3 */
	put(d, from, &c, 1);
}

static bool is_char(uint32_t c)
{
	return c >= 0x20 ? c <= 0x10FFFF && (c & 0xFFFFF800) != 0xD800 && (c | 1) != 0xFFFF :
			   c == '\t' || c == '\n' || c == '\r';
}

static uint32_t digit_of(uint8_t c, uint32_t base)
{
	if (c >= '0' && c <= '9')
		return c - (uint32_t)'0';
	c |= 0x20;
	return base == 16 && c >= 'a' && c <= 'f' ? c - (uint32_t)'a' + 10 : base;
}

/* The character of the reference S, "#13" or "#xD"; 0: none. */
static uint32_t number_of(struct sc_span s)
{
	const uint32_t base = s.n > 1 && s.p[1] == 'x' ? 16 : 10;
	size_t i = base == 16 ? 2 : 1;
	uint32_t c = 0;

	if (i == s.n)
		return 0;
	for (; i < s.n; i++) {
		uint32_t v = digit_of(s.p[i], base);

		if (v == base || c > 0x10FFFF)
			return 0;
		c = c * base + v;
	}
	return is_char(c) ? c : 0;
}

/* The same of any reference, without & and ;. Without a DOCTYPE five have names (§4.6). */
static uint32_t reference_of(struct sc_span s)
{
	static const struct {
		const char *name;
		uint32_t c;
	} named[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' },
		{ "apos", '\'' } };

	if (s.n != 0 && s.p[0] == '#')
		return number_of(s);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (sc_span_is(s, named[i].name))
			return named[i].c;
	return 0;
}

static bool take_reference(struct decoding *d)
{
	const uint8_t *from = d->p, *semicolon = memchr(d->p, ';', (size_t)(d->end - d->p));
	uint8_t text[4];
	uint32_t c;

	if (semicolon == NULL ||
	    (c = reference_of(sc_span(from + 1, (size_t)(semicolon - from) - 1))) == 0)
		return false;
	d->p = semicolon + 1;
	put(d, from, text, utf8_encode(c, text));
	return true;
}

static bool take_section(struct decoding *d)
{
	static const char begin[] = "<![CDATA[";
	const uint8_t *end;

	if ((size_t)(d->end - d->p) < sizeof(begin) - 1 ||
	    memcmp(d->p, begin, sizeof(begin) - 1) != 0)
		return false;
	d->p += sizeof(begin) - 1;
	if ((end = memmem(d->p, (size_t)(d->end - d->p), "]]>", 3)) == NULL)
		return false;
	while (d->p < end)
		take_byte(d);
	d->p += 3;
	return true;
}

static bool decode_to(struct decoding *d)
{
	while (d->p < d->end) {
		bool ok = true;

		if (*d->p == '&')
			ok = take_reference(d);
		else if (*d->p == '<')
			ok = take_section(d);
		else
			take_byte(d);
		if (!ok)
			return false;
	}
	if (d->at != NULL)
		d->at[d->n] = (uint32_t)(d->end - d->raw);
	return utf8_valid(sc_span(d->to, d->n));
}

/* Behind a quote stands an attribute's value, and a text behind a tag. */
static enum sc_err decode(struct sc_span raw, struct sc_buf *out, struct codec_map *map)
{
	struct decoding d = { .raw = raw.p, .p = raw.p, .end = raw.p + raw.n };
	const size_t before = out->n;
	enum sc_err err;

	if (map != NULL) {
		if (raw.n >= UINT32_MAX)
			return SC_LIMIT;
		if ((err = codec_map_reserve(map, raw.n + 1)) != SC_OK)
			return err;
		map->identity = false;
		d.at = map->at;
	}
	if ((err = sc_buf_grow(out, raw.n, &d.to)) != SC_OK)
		return err;
	d.attribute = raw.n != 0 && (raw.p[-1] == '"' || raw.p[-1] == '\'');
	if (!decode_to(&d)) {
		sc_buf_truncate(out, before);
		return SC_SYNTAX;
	}
	if (map != NULL)
		map->n = d.n;
	sc_buf_truncate(out, before + d.n);
	return SC_OK;
}

/* ---- a value written ----------------------------------------------------------------------- */

/* What C is written as; NULL: as it is. */
static const char *written_as(uint8_t c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	case '\t': return "&#9;";
	case '\n': return "&#10;";
	case '\r': return "&#13;";
	default: return NULL;
	}
}

/* All of VALUE are characters that XML has (§2.2). */
static bool holds(struct sc_span value)
{
	uint32_t c;

	for (size_t n; value.n != 0; value = sc_span_from(value, n))
		if ((n = utf8_decode(value, &c)) == 0 || !is_char(c))
			return false;
	return true;
}

static enum sc_err encode(struct sc_span value, struct sc_buf *out)
{
	size_t n = value.n;
	uint8_t *to;
	enum sc_err err;

	if (value.n == 0)
		return SC_OK;
	if (!holds(value))
		return SC_SYNTAX;
	for (size_t i = 0; i < value.n; i++)
		n += written_as(value.p[i]) == NULL ? 0 : strlen(written_as(value.p[i])) - 1;
	if ((err = sc_buf_grow(out, n, &to)) != SC_OK)
		return err;
	for (size_t i = 0; i < value.n; i++) {
		const char *as = written_as(value.p[i]);

		if (as == NULL)
			*to++ = value.p[i];
		else
			to = (uint8_t *)mempcpy(to, as, strlen(as));
	}
	return SC_OK;
}

static enum sc_err encode_field(enum codec_kind kind, struct sc_span value, struct sc_buf *out)
{
	return kind == CODEC_NULL ? SC_OK : encode(value, out);
}

/* A part of a CDATA section stands beside it, for it is written with references. */
static enum sc_err encode_part(struct sc_span before, struct sc_span gone, bool *within,
    struct sc_span value, struct sc_buf *out)
{
	const bool from = xml_within(before, *within), to = xml_within(gone, from);
	const size_t n = out->n;
	enum sc_err err = from ? sc_buf_put_str(out, "]]>") : SC_OK;

	if (err == SC_OK && (err = encode(value, out)) == SC_OK && to)
		err = sc_buf_put_str(out, "<![CDATA[");
	if (err != SC_OK)
		sc_buf_truncate(out, n);
	*within = to;
	return err;
}

const struct codec codec_xml = {
	.name = "xml",
	.malformed = "malformed-xml",
	.plain = true,
	.takes = takes,
	.scan = scan,
	.decode = decode,
	.encode = encode,
	.encode_field = encode_field,
	.encode_part = encode_part,
	.piece = xml_piece,
};
