/*
 * words.h - which words of a short text stand in longer ones too.
 *
 * A word is three bytes and more of letters, of any script, and digits; capital and small letters
 * are one (fold.h).
 */
#ifndef BASE_TEXT_WORDS_H
#define BASE_TEXT_WORDS_H

#include "base/span.h"

#include <stdbool.h>

#define WORDS_TEXT_MAX 200
#define WORDS_MOST 51 /* each has three bytes and one behind it */

_Static_assert(WORDS_MOST > WORDS_TEXT_MAX / 4, "there is room for all");

struct words {
	uint8_t folded[WORDS_TEXT_MAX];
	unsigned n;
	struct word {
		uint8_t at, n;
		bool met;
	} v[WORDS_MOST];
};

/* The words of TEXT, which is at most WORDS_TEXT_MAX long: what is behind is not looked at. */
void words_of(struct sc_span text, struct words *out);

/* Remember which of them S has. One pass over S. True when it has any. */
bool words_meet(struct words *w, struct sc_span s);

/* Stars for those that were met, in TEXT, whose words they are. Their number. */
unsigned words_star(const struct words *w, char *text);

#endif
