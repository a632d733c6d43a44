/*
 * selector.h - the text of one selector parsed into segments (RFC 9535 §2).
 */
#ifndef GATEWAY_CODEC_SELECTOR_H
#define GATEWAY_CODEC_SELECTOR_H

#include "base/buf.h"
#include "base/diag.h"

#define SELECTOR_NAME_MAX 255 /* bytes of one member name, unescaped */

enum segment_kind { SEGMENT_NAME, SEGMENT_INDEX, SEGMENT_ANY };

struct segment {
	uint8_t kind;    /* enum segment_kind */
	bool deep;       /* written with `..`: at any depth below */
	uint8_t name_n;  /* SEGMENT_NAME: length in bytes */
	size_t name_at;  /* SEGMENT_NAME: where in the names buffer */
	uint64_t index;  /* SEGMENT_INDEX */
	uint16_t symbol; /* for the automaton's builder; 0 after parsing */
};

/*
 * Parse TEXT into SEG, which has room for MAX; *N is how many. Names are
 * appended, unescaped, to NAMES, which is only ever appended to.
 * Fails with SC_SYNTAX (D->column: the byte, from 1), SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err selector_parse(struct sc_span text, struct segment *seg, size_t max,
    size_t *n, struct sc_buf *names, struct sc_diag *d);

#endif
