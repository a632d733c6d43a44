/*
 * jsonw.h - writing canonical JSON: fixed key order, no spaces, no floats.
 *
 * For records, errors and answers of our own. Errors stick: after the first
 * failure every call does nothing, and w->err is checked once, at the end.
 */
#ifndef BASE_TEXT_JSONW_H
#define BASE_TEXT_JSONW_H

#include "base/buf.h"

#include <string.h>

struct jsonw {
	struct sc_buf *out;
	enum sc_err err;
	bool comma; /* the next element needs a comma before it */
};

static inline struct jsonw jsonw(struct sc_buf *out)
{
	struct jsonw w = { out, SC_OK, false };
	return w;
}

void jsonw_object(struct jsonw *w); /* { */
void jsonw_object_end(struct jsonw *w);
void jsonw_array(struct jsonw *w); /* [ */
void jsonw_array_end(struct jsonw *w);

/*
 * A member's name; the next call writes its value. KEY is text of ours (a
 * literal, a checked name) in which nothing needs an escape.
 */
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_key_slow(struct jsonw *w, struct sc_span key);
/* The same; best with a KEY whose length the compiler knows. */
static inline void jsonw_key_span(struct jsonw *w, struct sc_span key)
{
	struct sc_buf *b = w->out;
	uint8_t *p = b->p + b->n;

	if (w->err != SC_OK || b->cap - b->n < key.n + 4) {
		jsonw_key_slow(w, key);
		return;
	}
	*p = ',';
	p += w->comma;
	*p++ = '"';
	memcpy(p, key.p, key.n);
	p += key.n;
	*p++ = '"';
	*p++ = ':';
	b->n = (size_t)(p - b->p);
	w->comma = false;
}

void jsonw_str(struct jsonw *w, const char *s);
/* Bytes that should be UTF-8; a byte that is not becomes U+FFFD. */
void jsonw_span(struct jsonw *w, struct sc_span s);
/* The same of a value that came as JSON: half a surrogate pair in it (WTF-8) is one again. */
void jsonw_text(struct jsonw *w, struct sc_span s);
/* N bytes in which nothing needs an escape: the caller has looked. */
void jsonw_plain(struct jsonw *w, const char *s, size_t n);
void jsonw_u64(struct jsonw *w, uint64_t v);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
/* N bytes as lower-case hexadecimal. */
void jsonw_hex(struct jsonw *w, const void *p, size_t n);
/* JSON that the caller vouches for. */
void jsonw_raw(struct jsonw *w, struct sc_span json);

/* Key and value in one call. */
void jsonw_kstr(struct jsonw *w, const char *key, const char *s);
void jsonw_ku64(struct jsonw *w, const char *key, uint64_t v);

#endif
