/*
 * buf.c - owned, bounded, self-wiping byte buffers.
 *
 * realloc() is never used: it would leave the old bytes behind in freed
 * memory. Growth copies into a new block and wipes the old one.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sc_wipe(void *p, size_t n)
{
	if (p != NULL && n != 0)
		explicit_bzero(p, n);
}

void sc_buf_init(struct sc_buf *b, size_t max)
{
	b->p = NULL;
	b->n = 0;
	b->cap = 0;
	b->max = max;
}

void sc_buf_fini(struct sc_buf *b)
{
	sc_wipe(b->p, b->n);
	free(b->p);
	sc_buf_init(b, b->max);
}

enum sc_err sc_buf_reserve(struct sc_buf *b, size_t extra)
{
	size_t need, cap;
	uint8_t *p;

	if (extra > b->max || b->n > b->max - extra)
		return SC_LIMIT;
	need = b->n + extra;
	if (need <= b->cap)
		return SC_OK;
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap < need)
		cap *= 2;
	if (cap > b->max)
		cap = b->max;
	if ((p = malloc(cap)) == NULL)
		return SC_NOMEM;
	if (b->n != 0)
		memcpy(p, b->p, b->n);
	sc_wipe(b->p, b->n);
	free(b->p);
	b->p = p;
	b->cap = cap;
	return SC_OK;
}

enum sc_err sc_buf_put(struct sc_buf *b, const void *p, size_t n)
{
	enum sc_err err;

	if (n == 0)
		return SC_OK;
	if (n > b->cap - b->n && (err = sc_buf_reserve(b, n)) != SC_OK)
		return err;
	memcpy(b->p + b->n, p, n);
	b->n += n;
	return SC_OK;
}

enum sc_err sc_buf_put_span(struct sc_buf *b, struct sc_span s)
{
	return sc_buf_put(b, s.p, s.n);
}

enum sc_err sc_buf_put_str(struct sc_buf *b, const char *s)
{
	return sc_buf_put(b, s, strlen(s));
}

/* 00 to 99 */
static const char two_digits[] = "0001020304050607080910111213141516171819"
				 "2021222324252627282930313233343536373839"
				 "4041424344454647484950515253545556575859"
				 "6061626364656667686970717273747576777879"
				 "8081828384858687888990919293949596979899";

enum sc_err sc_buf_put_u64(struct sc_buf *b, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	/* two at a time: records and heads are full of numbers */
	for (; v >= 10; v /= 100) {
		i -= 2;
		memcpy(digits + i, two_digits + v % 100 * 2, 2);
	}
	if (v != 0 || i == sizeof(digits))
		digits[--i] = (char)('0' + v);
	return sc_buf_put(b, digits + i, sizeof(digits) - i);
}

enum sc_err sc_buf_printf(struct sc_buf *b, const char *fmt, ...)
{
	enum sc_err err;
	va_list ap;
	char *end;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return SC_BUG;
	if ((size_t)n + 1 > b->max || b->n > b->max - (size_t)n)
		return SC_LIMIT;
	/* one byte more than the text: vsnprintf ends it with a NUL */
	if ((err = sc_buf_reserve(b, (size_t)n + 1)) != SC_OK)
		return err;
	end = (char *)b->p + b->n;
	va_start(ap, fmt);
	vsnprintf(end, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
	return SC_OK;
}

enum sc_err sc_buf_grow(struct sc_buf *b, size_t n, uint8_t **out)
{
	enum sc_err err;

	*out = NULL;
	if (b->p == NULL || n > b->cap - b->n) {
		if ((err = sc_buf_reserve(b, n)) != SC_OK)
			return err;
		if (b->p == NULL) /* nothing, at the end of nothing */
			return SC_OK;
	}
	*out = b->p + b->n;
	b->n += n;
	return SC_OK;
}

void sc_buf_consume(struct sc_buf *b, size_t n)
{
	if (n == 0)
		return;
	if (n >= b->n) {
		sc_buf_clear(b);
		return;
	}
	memmove(b->p, b->p + n, b->n - n);
	sc_buf_truncate(b, b->n - n);
}

void sc_buf_truncate(struct sc_buf *b, size_t n)
{
	if (n >= b->n)
		return;
	sc_wipe(b->p + n, b->n - n);
	b->n = n;
}

void sc_buf_clear(struct sc_buf *b)
{
	sc_buf_truncate(b, 0);
}
