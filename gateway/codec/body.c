/*
 * body.c - JSON bodies of API calls, walked over member by member.
 *
 * Every step is bounded by the body's end, whatever was checked before.
 */
#include "gateway/codec/body.h"
#include "gateway/codec/escape.h"
#include "gateway/codec/json.h"

#include <string.h>

#define NAME_MAX_RAW 64 /* of a name that is worth unescaping */

/* ---- the walk ---- */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Drop what stands between two values. */
static void skip_between(struct sc_span *rest)
{
	while (rest->n != 0 && (is_blank(rest->p[0]) || rest->p[0] == ',' || rest->p[0] == ':'))
		*rest = sc_span_from(*rest, 1);
}

/* Bytes of the string at the start of S, both quotes included. */
static size_t string_length(struct sc_span s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return s.n;
}

/* Bytes of the object or array at the start of S. */
static size_t nest_length(struct sc_span s)
{
	size_t depth = 0, i = 0;

	while (i < s.n) {
		uint8_t c = s.p[i];

		if (c == '"') {
			i += string_length(sc_span_from(s, i));
			continue;
		}
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		i++;
		if (depth == 0)
			break;
	}
	return i;
}

static size_t plain_length(struct sc_span s)
{
	size_t i = 0;

	while (i < s.n && !is_blank(s.p[i]) && s.p[i] != ',' && s.p[i] != '}' && s.p[i] != ']')
		i++;
	return i;
}

static enum body_kind kind_of(uint8_t first)
{
	switch (first) {
	case '"': return BODY_STRING;
	case '{': return BODY_OBJECT;
	case '[': return BODY_ARRAY;
	case 't': return BODY_TRUE;
	case 'f': return BODY_FALSE;
	case 'n': return BODY_NULL;
	default: return BODY_NUMBER;
	}
}

bool body_element(struct sc_span *rest, struct body_value *out)
{
	size_t n;

	*out = (struct body_value){ .kind = BODY_NONE };
	skip_between(rest);
	if (rest->n == 0)
		return false;
	out->kind = kind_of(rest->p[0]);
	if (out->kind == BODY_STRING) {
		n = string_length(*rest);
		out->raw = sc_span(rest->p + 1, n < 2 ? 0 : n - 2);
	} else {
		n = out->kind == BODY_OBJECT || out->kind == BODY_ARRAY ? nest_length(*rest) :
									  plain_length(*rest);
		out->raw = sc_span(rest->p, n);
	}
	*rest = sc_span_from(*rest, n);
	return n != 0;
}

bool body_member(struct sc_span *rest, struct sc_span *name, struct body_value *out)
{
	struct body_value key;

	*out = (struct body_value){ .kind = BODY_NONE };
	if (!body_element(rest, &key) || key.kind != BODY_STRING)
		return false;
	*name = key.raw;
	return body_element(rest, out);
}

struct sc_span body_inside(const struct body_value *v)
{
	if ((v->kind != BODY_OBJECT && v->kind != BODY_ARRAY) || v->raw.n < 2)
		return sc_span(NULL, 0);
	return sc_span(v->raw.p + 1, v->raw.n - 2);
}

/* ---- text ---- */

bool body_name_is(struct sc_span raw, const char *want)
{
	uint8_t plain[NAME_MAX_RAW];
	size_t n;

	if (memchr(raw.p, '\\', raw.n) == NULL)
		return sc_span_is(raw, want);
	return raw.n <= sizeof(plain) && json_decode(raw, plain, &n, NULL) &&
	    sc_span_is(sc_span(plain, n), want);
}

bool body_text(const struct body_value *v, struct sc_buf *scratch, struct sc_span *out, bool *lone)
{
	uint8_t *p;
	size_t n = 0;

	*out = v->raw;
	if (v->kind == BODY_NUMBER)
		return true;
	if (v->kind != BODY_STRING)
		return false;
	if (memchr(v->raw.p, '\\', v->raw.n) == NULL)
		return true;
	if (scratch->cap - scratch->n < v->raw.n || sc_buf_grow(scratch, v->raw.n, &p) != SC_OK ||
	    !json_decode(v->raw, p, &n, lone))
		return false;
	*out = sc_span(p, n);
	return true;
}

/* ---- the check ---- */

/* Where BODY, which is JSON, escapes a NUL character; BODY.n: nowhere. */
static size_t find_nul(struct sc_span body)
{
	size_t at = 0;

	while (at < body.n) {
		const uint8_t *bs = memchr(body.p + at, '\\', body.n - at);

		if (bs == NULL)
			return body.n;
		at = (size_t)(bs - body.p);
		if (body.n - at >= 6 && memcmp(bs, "\\u0000", 6) == 0)
			return at;
		at += 2; /* what is escaped, be it a backslash */
	}
	return body.n;
}

enum sc_err body_check(struct sc_span body, struct sc_diag *diag, struct body_value *root)
{
	struct codec_fields none;
	struct sc_span rest = body;
	enum sc_err err;
	size_t nul;

	*root = (struct body_value){ .kind = BODY_NONE };
	codec_fields_init(&none);
	err = json_scan(NULL, body.p, body.n, &none, diag);
	codec_fields_fini(&none);
	if (err != SC_OK)
		return err == SC_LIMIT ? SC_SYNTAX : err;
	/* the tools that print values end at one */
	if ((nul = find_nul(body)) != body.n) {
		sc_diag_set(diag, "a NUL character is not accepted here");
		diag->offset = nul;
		return SC_SYNTAX;
	}
	(void)body_element(&rest, root);
	return SC_OK;
}
