/*
 * diag.h - where and why something was refused, for a person to read.
 *
 * A parser fills one, or a list when it goes on after an error; its caller
 * prints it. It may quote configuration but never a value that passed through.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>

struct sc_diag {
	char file[256];  /* "" when there is none */
	unsigned line;   /* 1-based; 0 when unknown */
	unsigned column; /* 1-based, in bytes; 0 when unknown */
	size_t offset;   /* byte offset, where that is what counts */
	char text[256];  /* what is wrong and what to do */
};

/* Fill D's text (D may be NULL). Too long a text is cut. */
void sc_diag_set(struct sc_diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print "file:line:column: text" into OUT (SIZE bytes, always NUL-ended). */
void sc_diag_print(const struct sc_diag *d, char *out, size_t size);

/*
 * All that is wrong with a file and those it names, each file's in the order
 * of its text, at most the first SC_DIAGS_MAX. Whoever has one thing to tell
 * fills v[0] and leaves N 0, so that &list->v[0] serves where one is asked for.
 */
#define SC_DIAGS_MAX 32
struct sc_diags {
	struct sc_diag v[SC_DIAGS_MAX];
	size_t n;    /* how many are here */
	size_t more; /* how many more there are */
};

/*
 * The place for a diagnosis at OFFSET of FILE, with both filled in and the
 * rest zero; NULL, and counted, when the list is full of earlier ones.
 */
struct sc_diag *sc_diags_add(struct sc_diags *all, const char *file, size_t offset);

/*
 * Line I of the list as it is told to people, the last one being "and N more".
 * False when there is no such line.
 */
bool sc_diags_print(const struct sc_diags *all, size_t i, char *out, size_t size);

#endif
