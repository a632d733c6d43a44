/*
 * span.h - borrowed bytes: a pointer and a length that someone else owns.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Bytes someone else owns, valid as long as the owner. Not NUL-terminated. */
struct sc_span {
	const uint8_t *p;
	size_t n;
};

/* printf("%.*s", SC_SPAN_ARG(span)); only for text that is not personal. */
#define SC_SPAN_ARG(s) (int)(s).n, (const char *)(s).p

/* A span over a string literal, usable in initialisers. */
#define SC_LIT(s) \
	{ \
		(const uint8_t *)("" s ""), sizeof(s) - 1 \
	}

static inline struct sc_span sc_span(const void *p, size_t n)
{
	struct sc_span s = { p, n };
	return s;
}

/* The bytes of the C string S without its NUL; NULL gives an empty span. */
static inline struct sc_span sc_span_str(const char *s)
{
	return sc_span(s, s == NULL ? 0 : strlen(s));
}

static inline bool sc_span_eq(struct sc_span a, struct sc_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool sc_span_is(struct sc_span a, const char *s)
{
	return sc_span_eq(a, sc_span_str(s));
}

/* S as a decimal number: digits only, 1 to 19 of them. */
bool sc_span_u64(struct sc_span s, uint64_t *out);

/* Are the N bytes at A and at B equal when ASCII letter case is ignored? */
bool sc_caseless_eq(const void *a, const void *b, size_t n);

/* Equal when ASCII letter case is ignored (header names, schemes). */
static inline bool sc_span_caseeq(struct sc_span a, const char *s)
{
	/* most comparisons end at the length or at the first letter */
	return a.n == strlen(s) &&
	    (a.n == 0 || ((a.p[0] | 0x20) == (s[0] | 0x20) && sc_caseless_eq(a.p, s, a.n)));
}

static inline bool sc_span_starts(struct sc_span a, const char *s)
{
	size_t n = strlen(s);

	return a.n >= n && (n == 0 || memcmp(a.p, s, n) == 0);
}

/* The part of A that begins at FROM (clamped to its end). */
static inline struct sc_span sc_span_from(struct sc_span a, size_t from)
{
	if (from > a.n)
		from = a.n;
	return sc_span(a.p == NULL ? NULL : a.p + from, a.n - from);
}

#endif
