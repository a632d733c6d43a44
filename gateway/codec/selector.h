/*
 * selector.h - the text of one selector parsed into segments (RFC 9535 §2), and back.
 */
#ifndef GATEWAY_CODEC_SELECTOR_H
#define GATEWAY_CODEC_SELECTOR_H

#include "base/buf.h"
#include "base/diag.h"

#define SELECTOR_NAME_MAX 255        /* bytes of one member name or literal, unescaped */
#define SELECTOR_END_NONE UINT64_MAX /* of a slice that goes on to the array's end */

enum segment_kind {
	SEGMENT_NAME,
	SEGMENT_INDEX,
	SEGMENT_ANY,
	SEGMENT_SLICE, /* elements from INDEX up to, and without, END */
	SEGMENT_TEST,  /* no step: where the SEGMENT_ANY before it led stands this sibling */
};

/* Several choices of one bracket stand one after another. */
struct segment {
	uint8_t kind;   /* enum segment_kind */
	bool deep;      /* written with `..`: at any depth below */
	bool also;      /* another choice of the bracket that the one before it is in */
	bool list;      /* elements that a bracket takes: [*], [7], [1:3] */
	uint8_t name_n; /* SEGMENT_NAME, SEGMENT_TEST: length in bytes */
	uint8_t
	    literal_kind;    /* SEGMENT_TEST: CODEC_TEXT or CODEC_NUMBER of what must stand there */
	uint8_t literal_n;   /* its length; of a number as it is written */
	size_t name_at;      /* where in the names buffer; the literal stands behind it */
	uint64_t index, end; /* SEGMENT_INDEX, SEGMENT_SLICE */
	uint16_t symbol; /* for the automaton's builder, 0 after parsing: the first symbol ... */
	uint16_t symbol_end; /* ... and what is behind the last one */
};

/*
 * Parse TEXT into SEG, which has room for MAX; *N is how many, each choice
 * counted. Names are appended, unescaped, to NAMES, which is only ever appended to.
 * Fails with SC_SYNTAX (D->column: the byte, from 1), SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err selector_parse(struct sc_span text, struct segment *seg, size_t max,
    size_t *n, struct sc_buf *names, struct sc_diag *d);

/*
 * Append the one text that the N segments SEG have, however they were written, without the $
 * in front. The names are in NAMES. Fails like sc_buf_put().
 */
SC_CHECKED enum sc_err selector_print(const struct segment *seg, size_t n,
    const struct sc_buf *names, struct sc_buf *out);

/* Does SEG[0..N-1] lead to one place of a document at most? */
bool selector_is_place(const struct segment *seg, size_t n);
/* How many of SEG[0..N-1] are the choices of the bracket that SEG[0] begins. */
size_t selector_choices(const struct segment *seg, size_t n);

#endif
