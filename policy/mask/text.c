/*
 * text.c - a value as characters, each of which is shown or hidden.
 */
#include "policy/mask/text.h"

#include "base/text/utf8.h"

/* Full-width ASCII (U+FF01..FF5E) and the ideographic space, as ASCII. */
static uint32_t fold(uint32_t cp)
{
	if (cp >= 0xFF01 && cp <= 0xFF5E)
		return cp - 0xFEE0;
	return cp == 0x3000 ? ' ' : cp;
}

/* Nothing to see, though it may change what is seen beside it. */
static bool invisible(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xAD ||
	    (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
	    (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF || (cp >= 0xFFF0 && cp <= 0xFFFB) ||
	    cp >= 0xE0000;
}

bool mask_text_read(struct sc_span raw, struct mask_text *t)
{
	size_t at = 0;

	t->raw = raw;
	t->n = 0;
	while (at < raw.n) {
		struct mask_char *c = &t->c[t->n];
		uint32_t cp;
		size_t len = utf8_decode(sc_span_from(raw, at), &cp);

		if (len == 0 || t->n == MASK_CHARS_MAX - 1 || invisible(cp))
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

	for (size_t i = 0; i < t->n && err == SC_OK; i++) {
		const struct mask_char *c = &t->c[i];

		err = c->hide ? sc_buf_put(out, "*", 1) : sc_buf_put(out, t->raw.p + c->at, c->len);
	}
	return err;
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
