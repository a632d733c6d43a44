/*
 * fold.h - letters of either case as one, where the text keeps its length: every byte of a
 * folded text stands for the one at its place.
 */
#ifndef BASE_TEXT_FOLD_H
#define BASE_TEXT_FOLD_H

#include "base/span.h"

static inline uint8_t fold_ascii(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* fold_char() of what begins with a byte beyond ASCII. */
size_t fold_beyond(struct sc_span s, uint8_t out[static 4]);

/*
 * The character at the start of S, which is not empty, as a small letter where it is a capital
 * one of the Latin, Greek, Cyrillic, Armenian or full-width alphabet (Unicode's simple mappings,
 * but for the few that change the number of bytes). Returns how many bytes of OUT it is, and of
 * S; a byte that is malformed stands for itself.
 */
static inline size_t fold_char(struct sc_span s, uint8_t out[static 4])
{
	if (s.p[0] >= 0x80)
		return fold_beyond(s, out);
	out[0] = fold_ascii(s.p[0]);
	return 1;
}

/* TO, of S's length: all of S. It may be S itself. */
void fold_text(struct sc_span s, uint8_t *to);

#endif
