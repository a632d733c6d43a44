/*
 * pieces.h - every piece of a document, of the JSON in its strings too.
 *
 * Here no rule is asked whether a string is JSON: who looks at all pieces looks for what nobody
 * has told him of, and the more he sees the better.
 */
#ifndef GATEWAY_CODEC_PIECES_H
#define GATEWAY_CODEC_PIECES_H

#include "gateway/codec/inside.h"

/* A string that is being gone through. */
struct codec_pieces_level {
	struct codec_field f; /* in the text around it */
	struct codec_piece last;
	size_t from;
	uint32_t depth; /* of the string itself */
};

/* One document being gone through, from piece to piece; all zero at first but FIELDS. */
struct codec_pieces {
	struct codec_fields *fields; /* lends room for strings; its fields are left alone */
	size_t from;
	unsigned strings;                                /* how many are open; of these ... */
	struct codec_pieces_level level[CODEC_NEST_MAX]; /* ... only as many are set */
};

/*
 * The next piece of the record DOC, which C's scan() found well-formed; false when none is left. A
 * string that is an object or array is told as its pieces, in bytes of DOC. Where memory is short
 * it is told as the text that it is. OUT is the piece before, zero at first.
 */
bool codec_pieces_next(struct codec_pieces *it, const struct codec *c, struct sc_span doc,
    struct codec_piece *out);
/*
 * IT, new, goes through F alone, a text of DOC that is an object or array of JSON; false: it is
 * none, or memory is short. Then pieces come from the second, until it says false.
 */
bool codec_pieces_into(struct codec_pieces *it, const struct codec *c, struct sc_span doc,
    const struct codec_field *f);
bool codec_pieces_inside(struct codec_pieces *it, const struct codec *c, struct sc_span doc,
    struct codec_piece *out);
/* The same, of what is left in the innermost string, which is neither left nor are others entered. */
bool codec_pieces_here(struct codec_pieces *it, const struct codec *c, struct sc_span doc,
    struct codec_piece *out);

/* The piece P as a field. */
static inline struct codec_field codec_piece_field(const struct codec_piece *p)
{
	return (struct codec_field){ .start = p->start,
		.end = p->end,
		.before = p->before,
		.after = p->after,
		.kind = p->kind,
		.nest = p->nest,
		.escaped = p->escaped };
}

#endif
