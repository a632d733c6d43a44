/*
 * buf.h - owned, bounded, self-wiping byte buffers.
 *
 * Personal data lives in an sc_buf: it never grows past a ceiling given at
 * birth, and its bytes are wiped when it grows (the old block), shrinks, is
 * cleared or is freed.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"
#include "base/span.h"

/* Readers may look at p and n. Only the functions below change the fields. */
struct sc_buf {
	uint8_t *p; /* NULL while nothing was ever put */
	size_t n;   /* bytes in use */
	size_t cap; /* bytes allocated */
	size_t max; /* ceiling on n */
};

/* Make B an empty buffer that will never hold more than MAX bytes. */
void sc_buf_init(struct sc_buf *b, size_t max);
/* Wipe and release what B holds; B is then empty and usable again. */
void sc_buf_fini(struct sc_buf *b);

/*
 * Make sure that EXTRA more bytes fit without another allocation.
 * Fails with SC_LIMIT past the ceiling, SC_NOMEM; B is then unchanged.
 */
SC_CHECKED enum sc_err sc_buf_reserve(struct sc_buf *b, size_t extra);

/* Append; fails like sc_buf_reserve(), and then appends nothing. */
SC_CHECKED enum sc_err sc_buf_put(struct sc_buf *b, const void *p, size_t n);
SC_CHECKED enum sc_err sc_buf_put_span(struct sc_buf *b, struct sc_span s);
SC_CHECKED enum sc_err sc_buf_put_str(struct sc_buf *b, const char *s);
SC_CHECKED enum sc_err sc_buf_put_u64(struct sc_buf *b, uint64_t v); /* decimal */
SC_CHECKED enum sc_err sc_buf_printf(struct sc_buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Append N bytes whose content the caller writes at *OUT at once.
 * *OUT is valid until the next call on B.
 */
SC_CHECKED enum sc_err sc_buf_grow(struct sc_buf *b, size_t n, uint8_t **out);

/* Drop the first N bytes (all, when there are fewer), wiping what is freed. */
void sc_buf_consume(struct sc_buf *b, size_t n);
/* Keep only the first N bytes, wiping the rest. */
void sc_buf_truncate(struct sc_buf *b, size_t n);
/* Forget all bytes, wiping them; the block is kept. */
void sc_buf_clear(struct sc_buf *b);

static inline struct sc_span sc_buf_span(const struct sc_buf *b)
{
	return sc_span(b->p, b->n);
}

/* Wipe N bytes at P in a way the compiler does not remove. */
void sc_wipe(void *p, size_t n);

#endif
