/*
 * words.h - what keyd says of files that do, or do not, belong together.
 */
#ifndef TESTS_KEYS_WORDS_H
#define TESTS_KEYS_WORDS_H

#include "unit/crypto/keyd_fixture.h"

enum mix_word {
	WORD_RUNS,
	WORD_REPLAYS,     /* and says how many entries */
	WORD_STORE_OLDER, /* these are refused */
	WORD_EPOCH_OLDER,
	WORD_NO_EPOCH,
	WORD_OTHER_EPOCH,
	WORD_LOG_SHORT,
	WORD_REFUSED, /* for whatever reason comes first */
	WORD_COUNT
};

extern const char *const word_names[WORD_COUNT];

/* Everything that must be said of W was; EPOCH: the store's. */
bool word_was_said(const struct fixture *f, enum mix_word w, unsigned epoch);
void word_print_said(const struct fixture *f);

#endif
