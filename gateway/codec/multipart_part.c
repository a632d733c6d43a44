/*
 * multipart_part.c - a part's head: three fields that RFC 7578 §4.8 knows, and one that is sent.
 *
 * Servers read heads by libraries for mail, or by a few lines of their own; comments, folded
 * lines, RFC 2231 and backslashes are where these part, and no client needs them.
 */
#include "gateway/codec/multipart.h"

#include "base/text/utf8.h"

#include <string.h>
#include <strings.h>

/* ---- parameters -------------------------------------------------------------------------- */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/*
 * RFC 9110 §5.6.2, but for the * of RFC 2231, which says a value in another way, and ', which is a
 * quote to PHP.
 */
static bool is_token(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	    (c != 0 && strchr("!#$%&+-.^_`|~", c) != NULL);
}

static void skip_blanks(struct sc_span *s)
{
	while (s->n != 0 && is_blank(s->p[0]))
		*s = sc_span_from(*s, 1);
}

static struct sc_span take_token(struct sc_span *s)
{
	struct sc_span t = sc_span(s->p, 0);

	while (t.n < s->n && is_token(s->p[t.n]))
		t.n++;
	*s = sc_span_from(*s, t.n);
	return t;
}

static bool take(struct sc_span *s, uint8_t c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = sc_span_from(*s, 1);
	return true;
}

/* What stands up to the next quote, which is taken away. */
static bool take_quoted(struct sc_span *s, struct sc_span *out)
{
	*out = sc_span(s->p, 0);
	while (out->n < s->n && s->p[out->n] != '"' && s->p[out->n] != '\\')
		out->n++;
	*s = sc_span_from(*s, out->n);
	return take(s, '"');
}

enum multipart_more multipart_param(struct sc_span *rest, struct multipart_param *out)
{
	skip_blanks(rest);
	if (rest->n == 0)
		return MULTIPART_END;
	if (!take(rest, ';'))
		return MULTIPART_BAD;
	skip_blanks(rest);
	out->name = take_token(rest);
	if (out->name.n == 0 || !take(rest, '='))
		return MULTIPART_BAD;
	if (take(rest, '"'))
		return take_quoted(rest, &out->value) ? MULTIPART_PARAM : MULTIPART_BAD;
	out->value = take_token(rest);
	return out->value.n != 0 ? MULTIPART_PARAM : MULTIPART_BAD;
}

struct sc_span multipart_value(struct sc_span s, struct sc_span *rest)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != ';' && !is_blank(s.p[n]))
		n++;
	*rest = sc_span_from(s, n);
	return sc_span(s.p, n);
}

/* ---- fields -------------------------------------------------------------------------------- */

/* A head as far as it was read. */
struct head {
	struct multipart_part *part;
	bool disposition, type, encoding; /* was there */
	bool json, other_charset;
};

static bool starts_caseless(struct sc_span s, const char *prefix)
{
	const size_t n = strlen(prefix);

	return s.n >= n && strncasecmp((const char *)s.p, prefix, n) == 0;
}

/*
 * HTML §4.10.21.8 writes a quote and line breaks by percents, and most servers leave them so. What
 * RFC 2047 encodes is decoded by some.
 */
static bool is_read_twice(struct sc_span s)
{
	static const char *const written[] = { "%22", "%0D", "%0A", "=?" };

	for (size_t i = 0; i < s.n; i++)
		for (size_t k = 0; k < sizeof(written) / sizeof(written[0]); k++)
			if (starts_caseless(sc_span_from(s, i), written[k]))
				return true;
	return false;
}

static const char *read_disposition(struct head *h, struct sc_span value)
{
	struct sc_span *name = &h->part->name, *filename = &h->part->filename;
	struct multipart_param p;
	enum multipart_more more;

	if (h->disposition)
		return "two Content-Dispositions";
	h->disposition = true;
	if (!sc_span_caseeq(multipart_value(value, &value), "form-data"))
		return "a Content-Disposition other than form-data";
	while ((more = multipart_param(&value, &p)) == MULTIPART_PARAM) {
		struct sc_span *to = sc_span_caseeq(p.name, "name") ? name :
		    sc_span_caseeq(p.name, "filename")              ? filename :
								      NULL;

		if (to == NULL)
			return "a parameter other than name and filename";
		if (to->p != NULL)
			return "a parameter twice";
		if (!utf8_valid(p.value))
			return "malformed UTF-8 in a name";
		*to = p.value;
	}
	if (more == MULTIPART_BAD)
		return "malformed parameters";
	if (name->p == NULL)
		return "no name";
	return is_read_twice(*name) ? "a name that readers take for different names" : NULL;
}

static const char *read_type(struct head *h, struct sc_span value)
{
	const struct sc_span type = multipart_value(value, &value);
	struct multipart_param p;
	enum multipart_more more;

	if (h->type)
		return "two Content-Types";
	h->type = true;
	if (starts_caseless(type, "multipart/") || starts_caseless(type, "message/"))
		return "a part that has parts itself";
	h->json = sc_span_caseeq(type, "application/json") ||
	    (type.n > 5 && sc_span_caseeq(sc_span_from(type, type.n - 5), "+json"));
	while ((more = multipart_param(&value, &p)) == MULTIPART_PARAM)
		if (sc_span_caseeq(p.name, "charset") && !sc_span_caseeq(p.value, "utf-8") &&
		    !sc_span_caseeq(p.value, "utf8") && !sc_span_caseeq(p.value, "us-ascii"))
			h->other_charset = true;
	return more == MULTIPART_BAD ? "malformed parameters" : NULL;
}

static const char *read_encoding(struct head *h, struct sc_span value)
{
	if (h->encoding)
		return "two Content-Transfer-Encodings";
	h->encoding = true;
	return sc_span_caseeq(value, "8bit") || sc_span_caseeq(value, "binary") ||
		sc_span_caseeq(value, "7bit") ?
	    NULL :
	    "a Content-Transfer-Encoding";
}

/* RFC 7578 §4.8 has it ignored; who does not is told the truth, as long as nothing is replaced. */
static const char *read_length(struct head *h, struct sc_span value)
{
	if (h->part->has_length)
		return "two Content-Lengths";
	h->part->has_length = true;
	return sc_span_u64(value, &h->part->length) ? NULL : "a malformed Content-Length";
}

static const struct {
	const char *name;
	const char *(*read)(struct head *h, struct sc_span value);
} fields[] = {
	{ "Content-Disposition", read_disposition },
	{ "Content-Type", read_type },
	{ "Content-Transfer-Encoding", read_encoding },
	{ "Content-Length", read_length },
};

static const char *read_line(struct head *h, struct sc_span line)
{
	const struct sc_span name = take_token(&line);

	if (name.n == 0 || !take(&line, ':'))
		return "a malformed line in a part's head";
	skip_blanks(&line);
	while (line.n != 0 && is_blank(line.p[line.n - 1]))
		line.n--;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (sc_span_caseeq(name, fields[i].name))
			return fields[i].read(h, line);
	return "a field that no part of a form has";
}

/* ---- the whole head ------------------------------------------------------------------------ */

/* How long the line at P is; false: a control, or no CRLF, ends it. */
static bool line_ends(struct sc_span s, size_t *n)
{
	for (*n = 0; *n < s.n && (s.p[*n] >= 0x20 || s.p[*n] == '\t') && s.p[*n] != 0x7f; ++*n)
		;
	return *n + 1 < s.n && s.p[*n] == '\r' && s.p[*n + 1] == '\n';
}

static const char *settle(struct head *h)
{
	struct multipart_part *part = h->part;

	if (!h->disposition)
		return "no Content-Disposition";
	part->kind = h->json         ? MULTIPART_JSON :
	    part->filename.p != NULL ? MULTIPART_FILE :
				       MULTIPART_TEXT;
	return h->other_charset && part->kind != MULTIPART_FILE ? "another charset than UTF-8" :
								  NULL;
}

const char *multipart_part_read(struct sc_span doc, size_t from, struct multipart_part *out,
    size_t *at)
{
	struct head h = { .part = out };
	const char *why;
	size_t n;

	*out = (struct multipart_part){ .content = from };
	for (;;) {
		const struct sc_span rest = sc_span_from(doc, out->content);

		*at = out->content;
		if (!line_ends(rest, &n)) {
			*at += n;
			return "a line of a part's head that does not end in CRLF";
		}
		if (out->content + n - from > MULTIPART_HEAD_MAX)
			return "a part's head is too long";
		out->content += n + 2;
		if (n == 0)
			return settle(&h);
		if ((why = read_line(&h, sc_span(rest.p, n))) != NULL)
			return why;
	}
}
