/*
 * gen_out.h - writes one JSON document while remembering where every personal
 * value stands in its raw bytes.
 *
 * The document is built in memory; each personal value leaves a line in the
 * truth with its JSON pointer, type, decoded value and raw byte range (inside
 * the quotes, escapes included). The awkward spellings real order systems send
 * (needless escapes, escaped keys, Python spacing) are switches of a document.
 */
#ifndef TESTS_DATA_GEN_OUT_H
#define TESTS_DATA_GEN_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define GEN_DEPTH 80

/* How this document is spelled; any of them together. */
enum gen_style {
	GEN_SPACED = 1,      /* ", " and ": " between tokens */
	GEN_ASCII = 2,       /* every non-ASCII character as \uXXXX */
	GEN_SLASH = 4,       /* "/" as "\/" */
	GEN_ESCAPED_KEYS = 8 /* the letter e of keys as \u0065 */
};

struct gen_text {
	char *p;
	size_t n, cap;
};

struct gen_out {
	struct gen_text doc, truth;
	struct {
		char key[48];
		int index;
		bool array, any;
	} at[GEN_DEPTH];
	int depth;
	unsigned style;
	bool any_truth;
};

void gen_text_add(struct gen_text *t, const char *s, size_t n);
void gen_text_print(struct gen_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forget the last document and start one in STYLE. */
void gen_out_reset(struct gen_out *g, unsigned style);
void gen_out_fini(struct gen_out *g);

/* KEY is NULL inside an array and for the document itself. */
void gen_object(struct gen_out *g, const char *key);
void gen_array(struct gen_out *g, const char *key);
void gen_end(struct gen_out *g);

/* RAW goes out as it is: numbers, literals, a ready string with its quotes. */
void gen_raw(struct gen_out *g, const char *key, const char *raw);
void gen_string(struct gen_out *g, const char *key, const char *utf8);

/*
 * A personal value of TYPE: a string, a string with every character escaped
 * (ASCII values only), or a number. NULL and "" go out as they are and leave
 * no truth.
 */
void gen_pii(struct gen_out *g, const char *key, const char *type, const char *utf8);
void gen_pii_escaped(struct gen_out *g, const char *key, const char *type, const char *ascii);
void gen_pii_number(struct gen_out *g, const char *key, const char *type, const char *digits);

/* A text put together from plain pieces and personal ones. */
void gen_text_open(struct gen_out *g, const char *key);
void gen_text_plain(struct gen_out *g, const char *utf8);
void gen_text_raw(struct gen_out *g, const char *raw);
void gen_text_pii(struct gen_out *g, const char *type, const char *utf8);
void gen_text_close(struct gen_out *g);

#endif
