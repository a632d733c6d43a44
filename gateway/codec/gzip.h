/*
 * gzip.h - a body that came packed (RFC 1952), unpacked whole and once: never more of it
 * than was allowed, whatever it says or becomes.
 */
#ifndef GATEWAY_CODEC_GZIP_H
#define GATEWAY_CODEC_GZIP_H

#include "base/buf.h"

/* What a body may become of each of its bytes, beyond GZIP_FREE_BYTES: JSON of one shape, at most. */
#define GZIP_RATIO_MAX 200
#define GZIP_FREE_BYTES 65536

/* Does BODY begin as one that is packed? No JSON text does, nor a form. */
bool gzip_is(struct sc_span body);

/*
 * Append what BODY was to OUT, up to OUT's ceiling. One member and nothing behind it.
 * Fails with SC_SYNTAX (no gzip, torn, wrong sum or length, something behind it), SC_LIMIT (larger
 * than OUT may be, or than GZIP_RATIO_MAX allows), SC_NOMEM; OUT is then as it was.
 */
SC_CHECKED enum sc_err gzip_inflate(struct sc_span body, struct sc_buf *out);

#endif
