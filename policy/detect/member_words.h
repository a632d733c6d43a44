/*
 * member_words.h - the words that names of members are made of. Private to detect/.
 */
#ifndef POLICY_DETECT_MEMBER_WORDS_H
#define POLICY_DETECT_MEMBER_WORDS_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMBER_WORD_MAX 16 /* letters of the longest */

enum word_kind {
	WORD_OTHER,
	WORD_CLASS, /* its value is of CLASS_ID */
	WORD_OF,    /* it says whose or what's: OF */
	WORD_NOT,   /* behind a class: it is about the value, and not the value itself */
	WORD_SAME,  /* behind a class, or alone beneath one: the value all the same */
};

struct member_word {
	char text[MEMBER_WORD_MAX];
	uint8_t kind;     /* enum word_kind */
	uint8_t class_id; /* of a WORD_CLASS */
	uint8_t of;       /* enum member_of */
	bool needs;       /* as struct member has it */
	bool person;
};

/*
 * The words that begin at P, which has N bytes, small letters: BY_LENGTH[L], up to the L that is
 * returned, is that of L letters, or NULL. It has room for MEMBER_WORD_MAX.
 */
size_t member_words_at(const uint8_t *p, size_t n, const struct member_word *by_length[]);

/* A word of a script without spaces, wherever it stands in a name. */
struct member_sign {
	const char *text; /* UTF-8 */
	uint8_t kind, class_id, of;
	bool needs, person;
};

/* Longer ones before those that they contain; the last has no text. */
extern const struct member_sign member_signs[];

#endif
