/*
 * escape.h - one escape sequence of a JSON string (RFC 8259 §7).
 */
#ifndef GATEWAY_CODEC_ESCAPE_H
#define GATEWAY_CODEC_ESCAPE_H

#include "base/span.h"

struct json_char {
	uint8_t used; /* raw bytes */
	uint8_t n;    /* bytes of .utf8 */
	bool lone_surrogate;
	uint8_t utf8[4]; /* WTF-8 for a lone surrogate */
};

/* Decode the escape at the start of RAW; false when it is malformed. */
bool json_escape_read(struct sc_span raw, struct json_char *out);

/*
 * Decode RAW into OUT, which has room for RAW.n bytes (a string never grows).
 * False when an escape is malformed; *LONE (may be NULL) as json_unescape().
 */
bool json_decode(struct sc_span raw, uint8_t *out, size_t *n, bool *lone);

#endif
