/*
 * utf8.h - one UTF-8 character at a time (RFC 3629; no surrogates, no overlongs).
 */
#ifndef BASE_TEXT_UTF8_H
#define BASE_TEXT_UTF8_H

#include "base/span.h"

/* Bytes of the character at the start of S, 1 to 4; 0 when it is malformed. */
size_t utf8_length(struct sc_span s);

/* The same, and its code point in *CP. */
size_t utf8_decode(struct sc_span s, uint32_t *cp);

/* Write CP (at most U+10FFFF; of a surrogate, WTF-8) at OUT; returns its length. */
size_t utf8_encode(uint32_t cp, uint8_t out[static 4]);

/* Control, formatting and private characters: nothing to see, though they may change what is. */
bool utf8_invisible(uint32_t cp);

/* True when all of S is well-formed. */
bool utf8_valid(struct sc_span s);

#endif
