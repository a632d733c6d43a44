/*
 * fold_history.h - histories of words, links, verdicts, erasures and events by lot.
 */
#ifndef TESTS_FOLD_HISTORY_H
#define TESTS_FOLD_HISTORY_H

#include "fold_kit.h"

#define HISTORY_PEOPLE 4u
#define PERSON(i) (UINT64_C(0x9000000000000000) + (i))
#define DEVICE(i) (UINT64_C(0x5000000000000000) + (i))

/* One into K, shuffled, the same for the same seed. The unit of time that it is told in. */
uint64_t history_by_lot(struct fold_kit *k, uint64_t seed);
/* As it mostly comes: what is said before what happens, but for one of eight. */
void history_words_first(struct fold_kit *k);

#endif
