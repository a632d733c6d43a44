/*
 * walk.h - walks a JSON document known to be valid and tells its scalars.
 *
 * Written apart from the product's scanner, so that one can be held against
 * the other.
 */
#ifndef TESTS_DATA_WALK_H
#define TESTS_DATA_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * POINTER is the place as an RFC 6901 pointer with "*" for every index;
 * [START, END) the literal's raw bytes, without the quotes of a string.
 */
typedef void walk_fn(void *arg, const char *pointer, bool string, size_t start, size_t end);

/* False when the document is not valid JSON after all. */
bool walk_json(const char *doc, size_t n, walk_fn *fn, void *arg);

/* Where the string literal that begins behind the quote at AT ends. */
size_t walk_string_end(const char *doc, size_t n, size_t at);

/*
 * The inside of a string literal as UTF-16 code units (lone surrogates stay).
 * OUT has room for N units; the count comes back, or SIZE_MAX when malformed.
 */
size_t walk_decode(const char *raw, size_t n, uint16_t *out);

/* Does it hold an escape that JSON does not ask for, such as \/ or \u0041? */
bool walk_needless_escapes(const char *raw, size_t n);

#endif
