/*
 * shape_near.h - a word among those there are, or those that are nearly it.
 */
#ifndef BASE_TEXT_SHAPE_NEAR_H
#define BASE_TEXT_SHAPE_NEAR_H

#include "base/text/shape.h"

/* Word I of WORDS, whose name() is asked with ARG; "" is none, NULL is after the last. */
const char *shape_near_word(const struct shape_words *words, const void *arg, unsigned i);

/* The number of SAID among them; false when it is none. */
bool shape_near_find(const struct shape_words *words, const void *arg, const char *said,
    unsigned *out);

/* SAID as it may be told again: what was sent only when it is a word, and not somebody's number. */
const char *shape_near_said(const struct shape_ctx *c, const char *said);

/*
 * `unknown WHAT "SAID"` into OUT, and those that are nearly it: at most three,
 * the nearest first and else in their own order. When none is, all that fit.
 */
void shape_near_print(const struct shape_words *words, const void *arg, const char *said, char *out,
    size_t size);

#endif
