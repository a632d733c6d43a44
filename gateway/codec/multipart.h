/*
 * multipart.h - multipart/form-data (RFC 7578, RFC 2046 §5.1): one pass over its parts that
 * checks all of it and tells where the selected values stand.
 *
 *	body = mark CRLF part *( CRLF mark CRLF part ) CRLF mark "--" [CRLF]
 *	mark = "--" boundary
 *	part = head CRLF content
 *
 * A body is one object, as a form is, and the names of its parts are read as a form's names are.
 * What a part holds:
 *
 *	application/json, +json    the member's value itself: an object or array
 *	with a filename            a file; it is not read, and no rule may name it
 *	any other                  a text
 *
 * The boundary is the body's first line; that it is the one the Content-Type names is asked by
 * whoever has that (the row's begins()). What two readers would cut or call differently is
 * refused, so the mark stands nowhere but where it divides.
 */
#ifndef GATEWAY_CODEC_MULTIPART_H
#define GATEWAY_CODEC_MULTIPART_H

#include "gateway/codec/codec.h"

#define MULTIPART_PARTS_MAX 1024
#define MULTIPART_BOUNDARY_MAX 70 /* RFC 2046 §5.1.1 */
#define MULTIPART_HEAD_MAX 4096   /* bytes of one part's head */

/* The codec's scan(): refused are a head with anything unusual, and marks where none divides. */
SC_CHECKED enum sc_err multipart_scan(const struct codec_paths *paths, struct sc_span doc,
    struct codec_fields *out, struct sc_diag *d);

/* The codec's decode(): a text is its own bytes. */
enum sc_err multipart_decode(struct sc_span raw, struct sc_buf *out, struct codec_map *map);

/* The codec's piece(): names, filenames as names, and what is no file. */
bool multipart_piece(struct sc_span doc, size_t *from, struct codec_piece *out);

/*
 * The mark with which DOC begins, in DOC, and where its first part does: at its end where it has
 * none. False: it begins with none.
 */
bool multipart_mark(struct sc_span doc, struct sc_span *mark, size_t *first);

/* ---- one part's head: multipart_part.c -------------------------------------------------- */

enum multipart_kind {
	MULTIPART_TEXT,
	MULTIPART_JSON,
	MULTIPART_FILE,
};

struct multipart_part {
	struct sc_span name, filename; /* bytes of the document; no FILENAME: NULL */
	enum multipart_kind kind;
	size_t content; /* where it begins */
	bool has_length;
	uint64_t length; /* of the content, as the head has it */
};

/* The part of DOC whose head begins at FROM. What it returns says why it is refused, at *AT. */
const char *multipart_part_read(struct sc_span doc, size_t from, struct multipart_part *out,
    size_t *at);

struct multipart_param {
	struct sc_span name, value;
};

enum multipart_more { MULTIPART_END, MULTIPART_PARAM, MULTIPART_BAD };
/*
 * The next parameter of *REST, what stands behind a value: ";", a name, "=", and a token or what
 * stands in quotes without a backslash.
 */
enum multipart_more multipart_param(struct sc_span *rest, struct multipart_param *out);
/* S up to its parameters, which are left in *REST. */
struct sc_span multipart_value(struct sc_span s, struct sc_span *rest);

#endif
