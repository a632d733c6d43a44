/*
 * web_form.c - reading application/x-www-form-urlencoded (URL Standard §5.1, less its leniencies).
 */
#include "gateway/twiml/web_form.h"

#include "base/text/hex.h"
#include "base/text/utf8.h"

#include <string.h>

/* May C stand in a form as it is? */
static bool stands(uint8_t c)
{
	return c > ' ' && c != 0x7f && c != ';' && c != '#';
}

/* The byte of "%XX" at the start of S; -1 when it is none. */
static int escaped(struct sc_span s)
{
	int hi = s.n > 2 ? hex_digit(s.p[1]) : -1;
	int lo = s.n > 2 ? hex_digit(s.p[2]) : -1;

	return hi < 0 || lo < 0 ? -1 : hi << 4 | lo;
}

/* Decode IN to *AT, which moves on; what came of it in *OUT. False when it is malformed. */
static bool decode(struct sc_span in, uint8_t **at, struct sc_span *out)
{
	uint8_t *p = *at;

	for (size_t i = 0; i < in.n; i++) {
		int c = in.p[i];

		if (!stands(in.p[i]))
			return false;
		if (c == '%' && (c = escaped(sc_span_from(in, i))) < 0)
			return false;
		if (in.p[i] == '%')
			i += 2;
		else if (c == '+')
			c = ' ';
		*p++ = (uint8_t)c;
	}
	*out = sc_span(*at, (size_t)(p - *at));
	*at = p;
	return utf8_valid(*out);
}

/* One pair; false when it is none. */
static bool take_pair(struct sc_span pair, uint8_t **at, struct web_field *out)
{
	const uint8_t *eq = pair.n == 0 ? NULL : memchr(pair.p, '=', pair.n);
	size_t name_n;

	if (eq == NULL || eq == pair.p)
		return false;
	name_n = (size_t)(eq - pair.p);
	return decode(sc_span(pair.p, name_n), at, &out->name) &&
	    decode(sc_span_from(pair, name_n + 1), at, &out->value);
}

/* In the order of bytes: a vendor's, which is no locale's. */
static int compare(struct sc_span a, struct sc_span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return d != 0 ? d : (a.n > b.n) - (a.n < b.n);
}

/* Put F in its place behind those that are not greater: they come nearly sorted, and are few. */
static void insert(struct web_form *form, struct web_field f)
{
	size_t i = form->n++;

	for (; i != 0 && compare(form->v[i - 1].name, f.name) > 0; i--)
		form->v[i] = form->v[i - 1];
	form->v[i] = f;
}

static size_t pairs(struct sc_span body)
{
	size_t n = 1;

	for (size_t i = 0; i < body.n; i++)
		n += body.p[i] == '&';
	return n;
}

enum sc_err web_form_parse(struct sc_span body, struct sc_arena *a, struct web_form *out)
{
	size_t n = pairs(body);
	uint8_t *at;

	*out = (struct web_form){ .n = 0 };
	if (body.n == 0)
		return SC_OK;
	if (body.n > WEB_FORM_BODY_MAX || n > WEB_FORM_FIELDS_MAX)
		return SC_LIMIT;
	out->v = sc_arena_alloc(a, n * sizeof(*out->v));
	at = sc_arena_alloc(a, body.n);
	if (out->v == NULL || at == NULL)
		return SC_NOMEM;
	for (size_t from = 0; from <= body.n;) {
		struct sc_span rest = sc_span_from(body, from);
		const uint8_t *end = rest.n == 0 ? NULL : memchr(rest.p, '&', rest.n);
		struct sc_span pair =
		    sc_span(rest.p, end == NULL ? rest.n : (size_t)(end - rest.p));
		struct web_field f;

		if (!take_pair(pair, &at, &f)) {
			*out = (struct web_form){ .n = 0 };
			return SC_SYNTAX;
		}
		insert(out, f);
		from += pair.n + 1;
	}
	return SC_OK;
}

const struct web_field *web_form_find(const struct web_form *f, const char *name, size_t *n)
{
	const struct web_field *first = NULL;
	size_t found = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (!sc_span_is(f->v[i].name, name))
			continue;
		if (found++ == 0)
			first = &f->v[i];
	}
	if (n != NULL)
		*n = found;
	return first;
}
