/*
 * urlencoded.c - the one-pass scanner of forms: grammar, percent-encoding, UTF-8, spans.
 *
 * The byte behind the document is 0, which ends every loop. UTF-8 is that of what was decoded: a
 * character may stand half as it is and half behind percents.
 */
#include "gateway/codec/urlencoded.h"

#include "base/text/utf8.h"
#include "gateway/codec/automaton.h"
#include "gateway/codec/inside.h"
#include "gateway/codec/skip.h"

#include <string.h>

/* What a byte is in a form. */
enum part {
	PLAIN,
	EQUALS,
	AND,
	PLUS,
	PERCENT,
	HIGH, /* of UTF-8 that stands as it is */
	BAD,
};

/* clang-format off */
static const uint8_t parts[256] = {
	[0x00 ... 0x20] = BAD, ['"'] = BAD, ['#'] = BAD, [';'] = BAD, ['<'] = BAD, ['>'] = BAD,
	['\\'] = BAD, ['^'] = BAD, ['`'] = BAD, ['{' ... '}'] = BAD, [0x7f] = BAD,
	['&'] = AND, ['='] = EQUALS, ['+'] = PLUS, ['%'] = PERCENT,
	[0x80 ... 0xff] = HIGH,
};

#define D(n) ((n) + 1)
/* Hexadecimal digits, and one more than what they stand for. */
static const uint8_t digits[256] = {
	['0'] = D(0), D(1), D(2), D(3), D(4), D(5), D(6), D(7), D(8), D(9),
	['A'] = D(10), D(11), D(12), D(13), D(14), D(15),
	['a'] = D(10), D(11), D(12), D(13), D(14), D(15),
};
#undef D
/* clang-format on */

struct scan {
	const struct codec_paths *paths;
	const uint8_t *doc, *end;
	struct codec_fields *out;
	const char *why; /* set when refused */
	enum sc_err err;
	struct urlencoded_before before;
	struct codec_around around;
	uint8_t name[URLENCODED_NAME_MAX + 8]; /* the one at hand, where it had to be decoded */
};

/* Refuse; the answer is NULL so that a caller can return it. */
static const uint8_t *refuse(struct scan *s, enum sc_err err, const char *why)
{
	s->err = err;
	s->why = why;
	return NULL;
}

/* The byte at P, which is no plus, and what is behind it in *AFTER; -1: a bad percent. */
static int urlencoded_read(const uint8_t *p, const uint8_t **after)
{
	unsigned hi, lo;

	*after = p + 1;
	if (*p != '%')
		return *p;
	if ((hi = digits[p[1]]) == 0 || (lo = digits[p[2]]) == 0)
		return -1;
	*after = p + 3;
	return (int)((hi - 1) << 4 | (lo - 1));
}

/* RAW into TO, which has room for as much; *N is what it became. AT may be NULL. */
static bool decode_to(struct sc_span raw, uint8_t *to, size_t *n, uint32_t *at)
{
	const uint8_t *p = raw.p, *end = raw.p + raw.n;
	size_t i = 0;

	while (p < end) {
		int c = ' ';

		if (at != NULL)
			at[i] = (uint32_t)(p - raw.p);
		if (*p == '+')
			p++;
		else if ((*p == '%' && end - p < 3) || (c = urlencoded_read(p, &p)) <= 0)
			return false;
		to[i++] = (uint8_t)c;
	}
	if (at != NULL)
		at[i] = (uint32_t)raw.n;
	*n = i;
	return utf8_valid(sc_span(to, i));
}

enum sc_err urlencoded_decode(struct sc_span raw, struct sc_buf *out, struct codec_map *map)
{
	size_t before = out->n, n;
	uint8_t *to;
	enum sc_err err;

	if (map != NULL) {
		if (raw.n >= UINT32_MAX)
			return SC_LIMIT;
		if ((err = codec_map_reserve(map, raw.n + 1)) != SC_OK)
			return err;
		map->identity = false;
	}
	if ((err = sc_buf_grow(out, raw.n, &to)) != SC_OK)
		return err;
	if (!decode_to(raw, to, &n, map == NULL ? NULL : map->at)) {
		sc_buf_truncate(out, before);
		return SC_SYNTAX;
	}
	if (map != NULL)
		map->n = n;
	sc_buf_truncate(out, before + n);
	return SC_OK;
}

/* Behind the one character at P, or P itself when it is malformed. */
static const uint8_t *skip_char(const uint8_t *p, bool *escaped)
{
	uint8_t c[4] = { 0 };
	const uint8_t *q;
	int b = urlencoded_read(p, &q);
	size_t n;

	if (b <= 0)
		return p;
	*escaped |= *p == '%';
	if (b < 0x80)
		return q;
	c[0] = (uint8_t)b;
	n = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
	for (size_t i = 1; i < n; i++) {
		*escaped |= *q == '%';
		if ((b = urlencoded_read(q, &q)) < 0x80)
			return p;
		c[i] = (uint8_t)b;
	}
	return json_skip_char(c) == c + n ? q : p;
}

#if defined(__SSE2__)
/* Where V is one of the four from FIRST on. */
static inline __m128i four_from(__m128i v, char first)
{
	__m128i off = _mm_sub_epi8(v, _mm_set1_epi8(first));

	return _mm_cmpeq_epi8(_mm_min_epu8(off, _mm_set1_epi8(3)), off);
}

/* Behind the plain bytes at P that come by 16; a few more are left to the table. */
static inline const uint8_t *skip_plain(const uint8_t *p)
{
	for (;;) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* signed: what is below ' has controls and the top bit in it */
		__m128i hit = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8('\'')),
		    _mm_cmpgt_epi8(v, _mm_set1_epi8('z')));

		hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8('+')));
		hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8('`')));
		hit = _mm_or_si128(hit, _mm_or_si128(four_from(v, ';'), four_from(v, '[')));
		if (_mm_movemask_epi8(hit) != 0)
			return p + __builtin_ctz((unsigned)_mm_movemask_epi8(hit));
		p += 16;
	}
}
#else
static inline const uint8_t *skip_plain(const uint8_t *p)
{
	while (parts[*p] == PLAIN)
		p++;
	return p;
}
#endif

/* From P, in a name or a value, to what ends it: the byte, or the malformed one. */
static inline const uint8_t *skip(const uint8_t *p, bool name, bool *escaped)
{
	for (;;) {
		const uint8_t *from = p;

		switch (parts[*p]) {
		case PLAIN: p = name ? p + 1 : skip_plain(p + 1); break;
		case EQUALS:
			if (name)
				return p;
			p++;
			break;
		case PLUS:
			*escaped = true;
			p++;
			break;
		case PERCENT:
		case HIGH:
			if ((p = skip_char(p, escaped)) == from)
				return p;
			break;
		default: return p;
		}
	}
}

/* P ends what was skipped: is it a good end? */
static bool ends_well(struct scan *s, const uint8_t *p)
{
	if (p == s->end || parts[*p] == AND || parts[*p] == EQUALS)
		return true;
	refuse(s, SC_SYNTAX,
	    parts[*p] == BAD ? "a byte that has to be percent-encoded" :
			       "malformed percent-encoding or UTF-8");
	return false;
}

/* Decode [P, END), a name, into s->name. False: it is too long. */
static bool decode_name(struct scan *s, const uint8_t *p, const uint8_t *end, size_t *n)
{
	size_t i = 0;

	while (p < end) {
		if (i == URLENCODED_NAME_MAX)
			return false;
		if (*p == '+') {
			s->name[i++] = ' ';
			p++;
		} else {
			s->name[i++] = (uint8_t)urlencoded_read(p, &p);
		}
	}
	memset(s->name + i, 0, 8);
	*n = i;
	return true;
}

/* The name [P, END); NULL when it is refused. */
static const uint8_t *take_name(struct scan *s, const uint8_t *p, const uint8_t *end, bool escaped,
    struct urlencoded_name *name)
{
	const char *why;

	*name = (struct urlencoded_name){ .p = escaped ? s->name : p, .n = (size_t)(end - p) };
	if (escaped ? !decode_name(s, p, end, &name->n) : name->n > URLENCODED_NAME_MAX)
		return refuse(s, SC_LIMIT, "a name is too long");
	if ((why = urlencoded_name_refused(name)) != NULL)
		return refuse(s, SC_SYNTAX, why);
	return end;
}

/* HTML §4.10.21.5: the field by which a form says what it is written in. */
static bool other_charset(const struct urlencoded_name *name, struct sc_span value)
{
	return sc_span_is(sc_span(name->p, name->n), "_charset_") &&
	    !sc_span_caseeq(value, "utf-8");
}

/* The pair at P: behind it, or NULL, and *AT where it went wrong. */
static const uint8_t *pair(struct scan *s, const uint8_t *p, const uint8_t **at)
{
	const uint8_t *from = p;
	struct codec_field f = { .kind = CODEC_NULL };
	struct urlencoded_name name;
	bool escaped = false;

	*at = p = skip(from, true, &escaped);
	if (!ends_well(s, p))
		return NULL;
	*at = from;
	if (take_name(s, from, p, escaped, &name) == NULL)
		return NULL;
	if (*p == '=') {
		f.kind = CODEC_TEXT;
		f.start = (uint32_t)(++p - s->doc);
		escaped = false;
		*at = p = skip(p, false, &escaped);
		if (!ends_well(s, p))
			return NULL;
		f.escaped = escaped;
	} else {
		f.start = (uint32_t)(p - s->doc);
	}
	f.end = (uint32_t)(p - s->doc);
	*at = s->doc + f.start;
	if (other_charset(&name, sc_span(*at, f.end - f.start)))
		return refuse(s, SC_SYNTAX, "another charset than UTF-8");
	if (!urlencoded_name_emit(s->paths, &name, &s->around, (uint32_t)(from - s->doc), &f,
		&s->before, s->out))
		return refuse(s, SC_NOMEM, "out of memory");
	return p;
}

static bool walk(struct scan *s, const uint8_t **at)
{
	const uint8_t *p = s->doc;

	*at = p;
	/* URLSearchParams takes it away: what is behind it would be another name */
	if (*p == '?')
		return refuse(s, SC_SYNTAX, "begins with ?") != NULL;
	for (;;) {
		while (*p == '&')
			p++;
		if (p == s->end)
			return true;
		if ((p = pair(s, p, at)) == NULL)
			return false;
	}
}

enum sc_err urlencoded_scan(const struct codec_paths *paths, const uint8_t *doc, size_t n,
    struct codec_fields *out, struct sc_diag *d)
{
	const uint8_t *at = doc;
	struct scan s;

	/* not the name, which is as long as it says */
	s.paths = paths == NULL ? &codec_nothing : paths;
	s.doc = doc;
	s.end = doc + n;
	s.out = out;
	s.why = NULL;
	s.err = SC_OK;
	s.before.n = 0;
	s.around = (struct codec_around){ sc_span(doc, n), urlencoded_decode, json_scan_at, false };
	out->n = 0;
	if (n > URLENCODED_BYTES_MAX)
		refuse(&s, SC_LIMIT, "too long");
	else if (*s.end != 0)
		refuse(&s, SC_BUG, "no 0 behind the document");
	else
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

bool urlencoded_piece(struct sc_span doc, size_t *from, struct codec_piece *out)
{
	const uint8_t *p = doc.p + *from, *end = doc.p + doc.n;

	/* a form is one object */
	*out = (struct codec_piece){ .kind = CODEC_TEXT, .depth = 1, .low = 1 };
	while (p < end && *p == '&')
		p++;
	if (p >= end) {
		*from = doc.n;
		return false;
	}
	/* a "=" in front is a name's: values take theirs with them */
	out->name = p == doc.p || p[-1] != '=';
	out->start = (uint32_t)(p - doc.p);
	for (; p < end && *p != '&' && !(out->name && *p == '='); p++)
		out->escaped |= *p == '%' || *p == '+';
	out->end = (uint32_t)(p - doc.p);
	*from = out->end + (p < end);
	return true;
}
