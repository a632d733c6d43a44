/*
 * text.c - a value as characters, each of which is shown or hidden.
 */
#include "policy/mask/text.h"

#include "base/text/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Full-width ASCII (U+FF01..FF5E) and the ideographic space, as ASCII. */
static uint32_t fold(uint32_t cp)
{
	if (cp >= 0xFF01 && cp <= 0xFF5E)
		return cp - 0xFEE0;
	return cp == 0x3000 ? ' ' : cp;
}

bool mask_text_read(struct sc_span raw, struct mask_text *t)
{
	size_t at = 0;

	t->raw = raw;
	t->n = 0;
	t->said[0] = '\0';
	while (at < raw.n) {
		struct mask_char *c = &t->c[t->n];
		uint32_t cp;
		size_t len = utf8_decode(sc_span_from(raw, at), &cp);

		if (len == 0 || t->n == MASK_CHARS_MAX - 1 || utf8_invisible(cp))
			return false;
		*c = (struct mask_char){ fold(cp), (uint32_t)at, (uint8_t)len, true };
		t->n++;
		at += len;
	}
	return true;
}

enum sc_err mask_text_print(const struct mask_text *t, struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	if (t->said[0] != '\0')
		return sc_buf_put_str(out, t->said);
	for (size_t i = 0; i < t->n && err == SC_OK; i++) {
		const struct mask_char *c = &t->c[i];

		err = c->hide ? sc_buf_put(out, "*", 1) : sc_buf_put(out, t->raw.p + c->at, c->len);
	}
	return err;
}

void mask_text_show(struct mask_text *t, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		t->c[i].hide = false;
}

void mask_text_omit(struct mask_text *t, size_t from, size_t to)
{
	mask_text_show(t, from, to);
	for (size_t i = from; i < to; i++)
		t->c[i].len = 0;
}

void mask_text_say(struct mask_text *t, const char *fmt, ...)
{
	size_t n = strlen(t->said);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->said + n, sizeof(t->said) - n, fmt, ap);
	va_end(ap);
}

bool mask_cjk(uint32_t cp)
{
	return (cp >= 0x3400 && cp <= 0x9FFF) || cp == 0x3005 || cp == 0x3007 ||
	    (cp >= 0x20000 && cp <= 0x3FFFF) || (cp >= 0xF900 && cp <= 0xFAFF) ||
	    (cp >= 0x3041 && cp <= 0x30FA) || (cp >= 0xAC00 && cp <= 0xD7A3);
}

size_t mask_text_at(const struct mask_text *t, size_t i, const char *s)
{
	struct sc_span rest = sc_span_str(s);
	size_t start = i;

	while (rest.n != 0) {
		uint32_t cp;
		size_t len = utf8_decode(rest, &cp);

		if (len == 0 || i == t->n || t->c[i].cp != cp)
			return 0;
		rest = sc_span_from(rest, len);
		i++;
	}
	return i - start;
}

size_t mask_text_any(const struct mask_text *t, size_t i, const char *const *words)
{
	size_t n = 0;

	for (; *words != NULL && n == 0; words++)
		n = mask_text_at(t, i, *words);
	return n;
}
