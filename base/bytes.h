/*
 * bytes.h - big-endian integers and length-prefixed fields, read with bounds.
 *
 * A reader never runs past its end: a short read sets `bad`, gives zeros and
 * empty spans from then on, and is checked once, at the end, with
 * sc_reader_done(), which also fails when bytes are left over.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/buf.h"

#include <string.h>

/* Spelt as one load or store and one swap: of single bytes, compilers make single bytes. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SC_BE(bits, v) (v)
#else
#define SC_BE(bits, v) __builtin_bswap##bits(v)
#endif

static inline void sc_be16_store(uint8_t *p, uint16_t v)
{
	const uint16_t be = SC_BE(16, v);

	memcpy(p, &be, sizeof(be));
}

static inline void sc_be32_store(uint8_t *p, uint32_t v)
{
	const uint32_t be = SC_BE(32, v);

	memcpy(p, &be, sizeof(be));
}

static inline void sc_be64_store(uint8_t *p, uint64_t v)
{
	const uint64_t be = SC_BE(64, v);

	memcpy(p, &be, sizeof(be));
}

static inline uint16_t sc_be16_load(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return SC_BE(16, v);
}

static inline uint32_t sc_be32_load(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return SC_BE(32, v);
}

static inline uint64_t sc_be64_load(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return SC_BE(64, v);
}

struct sc_reader {
	const uint8_t *p;
	const uint8_t *end;
	bool bad;
};

static inline struct sc_reader sc_reader(struct sc_span s)
{
	struct sc_reader r = { s.p, s.p == NULL ? NULL : s.p + s.n, false };
	return r;
}

/* The next N bytes; an empty span, and `bad`, when there are fewer. */
static inline struct sc_span sc_read_bytes(struct sc_reader *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->bad || (size_t)(r->end - r->p) < n) {
		r->bad = true;
		return sc_span(NULL, 0);
	}
	r->p += n;
	return sc_span(p, n);
}

static inline uint8_t sc_read_u8(struct sc_reader *r)
{
	struct sc_span s = sc_read_bytes(r, 1);
	return s.n == 0 ? 0 : s.p[0];
}

static inline uint16_t sc_read_u16(struct sc_reader *r)
{
	struct sc_span s = sc_read_bytes(r, 2);
	return s.n == 0 ? 0 : sc_be16_load(s.p);
}

static inline uint32_t sc_read_u32(struct sc_reader *r)
{
	struct sc_span s = sc_read_bytes(r, 4);
	return s.n == 0 ? 0 : sc_be32_load(s.p);
}

static inline uint64_t sc_read_u64(struct sc_reader *r)
{
	struct sc_span s = sc_read_bytes(r, 8);
	return s.n == 0 ? 0 : sc_be64_load(s.p);
}

/* A field behind a length of 1 or 2 bytes. */
static inline struct sc_span sc_read_field8(struct sc_reader *r)
{
	size_t n = sc_read_u8(r);
	return sc_read_bytes(r, n);
}

static inline struct sc_span sc_read_field16(struct sc_reader *r)
{
	size_t n = sc_read_u16(r);
	return sc_read_bytes(r, n);
}

/* True when every read was in bounds and nothing is left over. */
static inline bool sc_reader_done(const struct sc_reader *r)
{
	return !r->bad && r->p == r->end;
}

/* Appending; each fails like sc_buf_put(), a field also with SC_LIMIT when too long. */
SC_CHECKED enum sc_err sc_buf_put_be8(struct sc_buf *b, uint8_t v);
SC_CHECKED enum sc_err sc_buf_put_be16(struct sc_buf *b, uint16_t v);
SC_CHECKED enum sc_err sc_buf_put_be64(struct sc_buf *b, uint64_t v);
SC_CHECKED enum sc_err sc_buf_put_field8(struct sc_buf *b, struct sc_span s);
SC_CHECKED enum sc_err sc_buf_put_field16(struct sc_buf *b, struct sc_span s);

#endif
