/*
 * chunked.h - the chunked transfer coding (RFC 9112 §7.1), read strictly.
 *
 *	chunk   = 1*8HEXDIG CRLF data CRLF
 *	last    = 1*8"0" CRLF *( field CRLF ) CRLF
 *
 * No chunk extensions, no blanks, no bare LF. Trailer fields are checked and
 * thrown away; ones that speak of framing are refused.
 */
#ifndef NET_HTTP_CHUNKED_H
#define NET_HTTP_CHUNKED_H

#include "base/buf.h"

#define CHUNKED_TRAILER_MAX 4096 /* bytes of all trailer lines */
#define CHUNKED_NAME_MAX 64      /* bytes of a trailer field's name */

enum chunked_result {
	CHUNKED_MORE, /* the input is used up */
	CHUNKED_DATA, /* *DATA is a piece of the body, 1 byte or more */
	CHUNKED_DONE, /* the body is complete; *IN is what comes after it */
	CHUNKED_BAD,  /* malformed; the decoder is not to be used again */
};

/* Where a decoder is. All fields are private; zero bytes are a fresh one. */
struct chunked {
	uint8_t state;
	uint8_t digits;
	uint8_t name_n;
	uint16_t trailer_n;
	uint64_t left; /* of this chunk's data */
	uint8_t name[CHUNKED_NAME_MAX];
};

void chunked_init(struct chunked *c);

/*
 * Decode from the front of *IN, advancing it, until there is something to
 * say. *DATA lies inside the input.
 */
enum chunked_result chunked_next(struct chunked *c, struct sc_span *in, struct sc_span *data);

/* Append a chunk of DATA (nothing when it is empty), or the end. Fail like sc_buf_put(). */
SC_CHECKED enum sc_err chunked_put(struct sc_buf *out, struct sc_span data);
SC_CHECKED enum sc_err chunked_put_end(struct sc_buf *out);

#endif
