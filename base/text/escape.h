/*
 * escape.h - the escape sequences of JSON strings (RFC 8259 §7).
 */
#ifndef BASE_TEXT_ESCAPE_H
#define BASE_TEXT_ESCAPE_H

#include "base/span.h"

struct escaped_char {
	uint8_t used;    /* raw bytes */
	uint8_t n;       /* bytes of .utf8 */
	bool lone;       /* half a surrogate pair */
	uint8_t utf8[4]; /* WTF-8 for such a half */
};

/* Decode the escape at the start of RAW; false when it is malformed. */
bool escape_read(struct sc_span raw, struct escaped_char *out);

/*
 * Decode RAW into OUT, which has room for RAW.n bytes (a string never grows).
 * False when an escape is malformed. *LONE (may be NULL) tells of half a pair;
 * AT (may be NULL; RAW.n + 1) gets where each byte's character began, and RAW.n.
 */
bool escape_decode(struct sc_span raw, uint8_t *out, size_t *n, bool *lone, uint32_t *at);

/* The shortest escape of the UTF-16 code unit UNIT to OUT; its length. */
size_t escape_write(uint32_t unit, char out[static 6]);

#endif
