/*
 * gzip.c - unpacking, by zlib, in one call.
 *
 * The last four bytes say how long the whole is: so much room is made and no more, if it is
 * allowed. A body that becomes anything else is refused, so the claim need not be believed.
 *
 *	1f 8b 08 flags ... | deflated | CRC-32 u32le | length u32le
 */
#include "gateway/codec/gzip.h"

#include "net/loop/loop.h"

#include <stdlib.h>
#define ZLIB_CONST /* what is read is const */
#include <zlib.h>

#define GZIP_MIN 18           /* header and trailer */
#define GZIP_WINDOW (15 + 16) /* the largest, of gzip alone */

/* What zlib keeps of a body is wiped like the body: each block knows its size. */
struct zlib_block {
	size_t n;
	_Alignas(16) uint8_t bytes[];
};

static void *block_new(void *opaque, unsigned items, unsigned size)
{
	size_t n = (size_t)items * size;
	struct zlib_block *b = malloc(sizeof(*b) + n);

	(void)opaque;
	if (b == NULL)
		return NULL;
	b->n = n;
	return b->bytes;
}

static void block_free(void *opaque, void *p)
{
	struct zlib_block *b = p == NULL ? NULL : loop_owner(p, struct zlib_block, bytes);

	(void)opaque;
	if (b != NULL)
		sc_wipe(b->bytes, b->n);
	free(b);
}

bool gzip_is(struct sc_span body)
{
	return body.n >= 3 && body.p[0] == 0x1f && body.p[1] == 0x8b && body.p[2] == Z_DEFLATED;
}

static size_t claimed(struct sc_span body)
{
	const uint8_t *p = body.p + body.n - 4;

	return p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

/* BODY is exactly the N bytes that then stand at TO. */
static enum sc_err inflate_once(struct sc_span body, uint8_t *to, size_t n)
{
	uint8_t none = 0;
	z_stream z = {
		.next_in = body.p,
		.avail_in = (uInt)body.n,
		.next_out = n == 0 ? &none : to,
		.avail_out = (uInt)n,
		.zalloc = block_new,
		.zfree = block_free,
	};
	int r;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return SC_NOMEM;
	r = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (r == Z_MEM_ERROR)
		return SC_NOMEM;
	return r == Z_STREAM_END && z.avail_in == 0 && z.avail_out == 0 ? SC_OK : SC_SYNTAX;
}

enum sc_err gzip_inflate(struct sc_span body, struct sc_buf *out)
{
	size_t before = out->n, n;
	uint8_t *to;
	enum sc_err err;

	if (!gzip_is(body) || body.n < GZIP_MIN)
		return SC_SYNTAX;
	n = claimed(body);
	if (body.n > UINT32_MAX ||
	    (n > GZIP_FREE_BYTES && (n - GZIP_FREE_BYTES) / GZIP_RATIO_MAX >= body.n))
		return SC_LIMIT;
	if ((err = sc_buf_grow(out, n, &to)) != SC_OK)
		return err;
	if ((err = inflate_once(body, to, n)) != SC_OK)
		sc_buf_truncate(out, before);
	return err;
}
