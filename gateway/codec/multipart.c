/*
 * multipart.c - from mark to mark: where the parts of a body are, and what their values are to
 * the paths.
 */
#include "gateway/codec/multipart.h"

#include "base/text/utf8.h"
#include "gateway/codec/automaton.h"
#include "gateway/codec/inside.h"
#include "gateway/codec/json.h"
#include "gateway/codec/urlencoded.h"

#include <string.h>

/* ---- marks --------------------------------------------------------------------------------- */

/* RFC 2046 §5.1.1, without the blank, which some take away. */
static bool is_boundary(struct sc_span s)
{
	for (size_t i = 0; i < s.n; i++) {
		const uint8_t c = s.p[i];

		if (!(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
		    (c == 0 || strchr("'()+_,-./:=?", c) == NULL))
			return false;
	}
	return s.n != 0 && s.n <= MULTIPART_BOUNDARY_MAX;
}

static bool crlf_at(struct sc_span s, size_t at)
{
	return at + 2 <= s.n && s.p[at] == '\r' && s.p[at + 1] == '\n';
}

bool multipart_mark(struct sc_span doc, struct sc_span *mark, size_t *first)
{
	size_t n = 0;

	while (n < doc.n && n <= MULTIPART_BOUNDARY_MAX + 4 && doc.p[n] != '\r')
		n++;
	*mark = sc_span(doc.p, n);
	*first = n + 2 < doc.n ? n + 2 : doc.n;
	/* a form without a field is its end alone */
	if ((n == doc.n || n + 2 == doc.n) && n > 4 && memcmp(doc.p + n - 2, "--", 2) == 0) {
		mark->n = n - 2;
		*first = doc.n;
	}
	return sc_span_starts(*mark, "--") && is_boundary(sc_span_from(*mark, 2)) &&
	    (n == doc.n || crlf_at(doc, n));
}

/* Where MARK stands next in DOC, from FROM on; at its end: nowhere. */
static size_t next_mark(struct sc_span doc, size_t from, struct sc_span mark)
{
	const uint8_t *p = memmem(doc.p + from, doc.n - from, mark.p, mark.n);

	return p == NULL ? doc.n : (size_t)(p - doc.p);
}

/* Does the mark that ends at AT say that no part follows, and none does? */
static bool closes(struct sc_span doc, size_t at)
{
	return at + 2 <= doc.n && memcmp(doc.p + at, "--", 2) == 0 &&
	    (at + 2 == doc.n || (at + 4 == doc.n && crlf_at(doc, at + 2)));
}

enum sc_err multipart_decode(struct sc_span raw, struct sc_buf *out, struct codec_map *map)
{
	if (!utf8_valid(raw))
		return SC_SYNTAX;
	if (map != NULL)
		codec_map_identity(map, raw.n);
	return sc_buf_put_span(out, raw);
}

/* ---- scan ---------------------------------------------------------------------------------- */

struct scan {
	const struct codec_paths *paths;
	struct sc_span doc, mark;
	struct codec_fields *out;
	const char *why; /* set when refused */
	size_t at;
	enum sc_err err;
	struct codec_around around;
	struct sc_diag inner;
	bool over; /* the mark behind the last part was there */
	struct urlencoded_before before;
};

static bool refuse(struct scan *s, enum sc_err err, size_t at, const char *why)
{
	s->err = err;
	s->at = at;
	s->why = why;
	return false;
}

/* The content F is an object or array, and well-formed. */
static bool check_json(struct scan *s, const struct codec_field *f)
{
	struct codec_nest *nest = codec_nest_of(s->out);
	enum sc_err err = nest == NULL ? SC_NOMEM : codec_nest_read(nest, &s->around, f);

	if (err == SC_SYNTAX)
		return refuse(s, err, f->start, "a part of JSON that is no object or array");
	if (err == SC_OK &&
	    (err = json_scan(NULL, nest->text.p, nest->text.n, &nest->fields, &s->inner)) !=
		SC_OK &&
	    err != SC_NOMEM)
		return refuse(s, err, f->start + s->inner.offset, s->inner.text);
	return err == SC_OK || refuse(s, err, f->start, "out of memory");
}

static bool check_text(struct scan *s, const struct multipart_part *part,
    const struct codec_field *f)
{
	const struct sc_span text = sc_span(s->doc.p + f->start, f->end - f->start);

	if (!utf8_valid(text) || (text.n != 0 && memchr(text.p, 0, text.n) != NULL))
		return refuse(s, SC_SYNTAX, f->start, "a text that is not UTF-8, or has a NUL");
	if (sc_span_is(part->name, "_charset_") && !sc_span_caseeq(text, "utf-8"))
		return refuse(s, SC_SYNTAX, f->start, "another charset than UTF-8");
	return true;
}

/* Does some rule take what F is, or go on in it, or is it to say whose the document is? */
static bool is_declared(const struct scan *s, const struct codec_field *f)
{
	struct codec_finding found;

	if ((f->action & CODEC_FINDING) == 0)
		return true;
	found = codec_paths_finding(s->paths, f->action);
	return found.action != CODEC_NONE || found.astray != CODEC_NONE || found.points != 0;
}

/* The fields from N on are of a file, which is nobody's value. */
static bool leave_file(struct scan *s, size_t n)
{
	size_t kept = n;

	for (size_t i = n; i < s->out->n; i++) {
		const struct codec_field f = s->out->v[i];

		if (f.kind == CODEC_BEGIN)
			s->out->v[kept++] = f;
		else if (is_declared(s, &f))
			return refuse(s, SC_SYNTAX, f.start, "a file stands where a rule goes");
	}
	s->out->n = kept;
	return true;
}

/* PART, whose head is at FROM and whose content ends at END. */
static bool take_part(struct scan *s, const struct multipart_part *part, size_t from, size_t end)
{
	struct urlencoded_name name = { .p = part->name.p, .n = part->name.n };
	const struct codec_field f = { .start = (uint32_t)part->content,
		.end = (uint32_t)end,
		.kind = part->kind == MULTIPART_FILE ? CODEC_LITERAL : CODEC_TEXT };
	const size_t n = s->out->n, at = (size_t)(name.p - s->doc.p);
	const char *why;

	if (part->has_length && part->length != end - part->content)
		return refuse(s, SC_SYNTAX, from, "a Content-Length that is not the part's");
	if (name.n > URLENCODED_NAME_MAX)
		return refuse(s, SC_LIMIT, at, "a name is too long");
	if ((why = urlencoded_name_refused(&name)) != NULL)
		return refuse(s, SC_SYNTAX, at, why);
	s->around.json = part->kind == MULTIPART_JSON;
	if (part->kind == MULTIPART_JSON && !check_json(s, &f))
		return false;
	if (part->kind == MULTIPART_TEXT && !check_text(s, part, &f))
		return false;
	if (!urlencoded_name_emit(s->paths, &name, &s->around, (uint32_t)from, &f, &s->before,
		s->out))
		return refuse(s, SC_NOMEM, from, "out of memory");
	return part->kind != MULTIPART_FILE || leave_file(s, n);
}

/* The part whose head is at *FROM, and *FROM at the next one's. */
static bool part(struct scan *s, size_t *from)
{
	struct multipart_part part;
	const char *why;
	size_t at, mark;

	if ((why = multipart_part_read(s->doc, *from, &part, &at)) != NULL)
		return refuse(s, SC_SYNTAX, at, why);
	/* from the head on: there, too, somebody might see it */
	mark = next_mark(s->doc, *from, s->mark);
	if (mark == s->doc.n)
		return refuse(s, SC_SYNTAX, mark, "no boundary behind the last part");
	if (mark < part.content + 2 || !crlf_at(s->doc, mark - 2))
		return refuse(s, SC_SYNTAX, mark, "the boundary stands where it divides nothing");
	if (!take_part(s, &part, *from, mark - 2))
		return false;
	*from = mark + s->mark.n;
	s->over = closes(s->doc, *from);
	if (!s->over && !crlf_at(s->doc, *from))
		return refuse(s, SC_SYNTAX, *from, "something else than CRLF behind the boundary");
	*from += 2;
	return true;
}

static bool walk(struct scan *s)
{
	size_t from, n = 0;

	if (!multipart_mark(s->doc, &s->mark, &from))
		return refuse(s, SC_SYNTAX, 0, "does not begin with a boundary");
	s->over = closes(s->doc, s->mark.n);
	while (!s->over) {
		if (n++ == MULTIPART_PARTS_MAX)
			return refuse(s, SC_LIMIT, from, "too many parts");
		if (!part(s, &from))
			return false;
	}
	return true;
}

enum sc_err multipart_scan(const struct codec_paths *paths, struct sc_span doc,
    struct codec_fields *out, struct sc_diag *d)
{
	struct scan s;

	/* not the name before, which is as long as it says */
	s.paths = paths == NULL ? &codec_nothing : paths;
	s.doc = doc;
	s.out = out;
	s.err = SC_OK;
	s.before.n = 0;
	s.around =
	    (struct codec_around){ .doc = doc, .decode = multipart_decode, .scan = json_scan_at };
	out->n = 0;
	if (doc.n > JSON_BYTES_MAX)
		refuse(&s, SC_LIMIT, 0, "too long");
	else if (doc.p[doc.n] != 0)
		refuse(&s, SC_BUG, 0, "no 0 behind the document");
	else
		(void)walk(&s);
	if (s.err == SC_OK)
		return SC_OK;
	out->n = 0;
	if (d != NULL) {
		sc_diag_set(d, "%s", s.why);
		d->offset = s.at;
	}
	return s.err;
}

/* ---- pieces -------------------------------------------------------------------------------- */

/* Where the head begins that AT is in, or right behind: what is in front of it is a mark's line. */
static size_t head_of(struct sc_span doc, struct sc_span mark, size_t at)
{
	for (; at >= mark.n + 4; at--)
		if (crlf_at(doc, at - 2) && crlf_at(doc, at - mark.n - 4) &&
		    memcmp(doc.p + at - 2 - mark.n, mark.p, mark.n) == 0)
			return at;
	return mark.n + 2;
}

/* The first name of PART that stands at AT or behind it. False: none does. */
static bool next_name(const struct multipart_part *part, const uint8_t *at, struct sc_span *out)
{
	/* a browser's name for what has none says nothing */
	const bool named = part->filename.p != NULL && !sc_span_is(part->filename, "blob");
	const struct sc_span other = named ? part->filename : part->name;
	const bool first = part->name.p <= other.p;
	const struct sc_span names[] = { first ? part->name : other, first ? other : part->name };

	*out = names[names[0].p < at];
	return out->p >= at;
}

static void tell(struct sc_span doc, struct sc_span s, bool name, struct codec_piece *out)
{
	out->name = name;
	out->start = (uint32_t)(s.p - doc.p);
	out->end = out->start + (uint32_t)s.n;
}

bool multipart_piece(struct sc_span doc, size_t *from, struct codec_piece *out)
{
	struct multipart_part part;
	struct sc_span mark, name;
	size_t first, at, end;

	/* a form is one object */
	*out = (struct codec_piece){ .kind = CODEC_TEXT, .depth = 1, .low = 1 };
	if (!multipart_mark(doc, &mark, &first))
		return false;
	for (at = *from < first ? first : *from; at < doc.n; at = *from) {
		if (multipart_part_read(doc, head_of(doc, mark, at), &part, &end) != NULL)
			return false;
		if (next_name(&part, doc.p + at, &name)) {
			tell(doc, name, true, out);
			*from = out->end + 1;
			return true;
		}
		end = next_mark(doc, part.content, mark);
		*from = closes(doc, end + mark.n) ? doc.n : end + mark.n + 2;
		if (part.kind == MULTIPART_FILE || end - 2 == part.content)
			continue;
		tell(doc, sc_span(doc.p + part.content, end - 2 - part.content), false, out);
		return true;
	}
	*from = doc.n;
	return false;
}
