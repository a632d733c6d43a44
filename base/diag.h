/*
 * diag.h - where and why something was refused, for a person to read.
 *
 * A parser fills one; its caller prints it. It may quote configuration but
 * never a value that passed through.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

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

#endif
