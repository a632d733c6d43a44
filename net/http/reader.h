/*
 * reader.h - reading one message after another from a connection into a fixed
 * buffer (private to net/http).
 *
 * Used by server and client alike. Bytes go straight from the socket into
 * block->in; the head is parsed there, and a body that fits is left there:
 *
 *	0            head_len           body end  +64 zero bytes   fill
 *	| head ......| body ............|000...000| the next message ... |
 *
 * A larger buffered body goes to a self-wiping sc_buf that the shared budget
 * pays for. A streamed body uses the room behind the head as its window.
 */
#ifndef NET_HTTP_READER_H
#define NET_HTTP_READER_H

#include "net/http/chunked.h"
#include "net/http/head.h"
#include "net/http/shared_private.h"

#define READER_BYTES (32 * 1024 + HTTP_BODY_PAD)

struct reader_block {
	struct http_head head;
	uint8_t in[READER_BYTES];
};

enum reader_mode { READER_DISCARD, READER_STREAM, READER_BUFFER };

enum reader_result {
	READER_MORE,      /* needs bytes */
	READER_DATA,      /* streamed: a window */
	READER_DONE,      /* the body is complete */
	READER_BAD,       /* malformed */
	READER_TOO_LARGE, /* past its cap */
	READER_NO_MEMORY, /* past the shared budget, or no memory */
};

struct reader {
	struct http_shared *shared;
	struct reader_block *block; /* NULL while hibernating */
	size_t fill;                /* bytes in block->in, counted from its start */
	size_t high;                /* where this message's fill got to: what to wipe */
	size_t pos;                 /* the first byte not consumed */
	size_t scan;                /* http_head_scan()'s state */
	size_t head_len;
	size_t body_n;  /* gathered in place */
	uint64_t total; /* body bytes seen */
	uint64_t left;  /* HTTP_LENGTH: still to come */
	uint64_t cap;
	enum http_framing framing;
	enum reader_mode mode;
	bool started, done, in_big;
	struct chunked chunked;
	struct sc_buf big;
	size_t paid; /* of the shared budget */
};

void reader_init(struct reader *r, struct http_shared *shared);
/* Wipe and release everything. */
void reader_fini(struct reader *r);

/* Make sure there is a block. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err reader_wake(struct reader *r);
/* Between messages, with nothing parked: give the block back. */
void reader_hibernate(struct reader *r);

/* Where the next bytes go; *N is 0 when there is no room. */
uint8_t *reader_room(const struct reader *r, size_t *n);
void reader_added(struct reader *r, size_t n);

/* Bytes that belong to no message yet (the next head, or parked behind this one). */
static inline size_t reader_unread(const struct reader *r)
{
	return r->fill - r->pos;
}

/* Is the next head complete? On HTTP_SCAN_DONE *BLOCK is it, and it counts as consumed. */
enum http_scan reader_head(struct reader *r, struct sc_span *block, bool *too_long);
/* Forget the head at the front (an interim response); what follows moves up. */
void reader_drop_head(struct reader *r);

/* The head was understood: its body is to be read like this. */
void reader_body_start(struct reader *r, const struct http_head *h, enum reader_mode mode,
    uint64_t cap);
/* From now on throw the body away. */
void reader_body_discard(struct reader *r);
/* Go on with the bytes that are there. */
enum reader_result reader_body_next(struct reader *r, struct sc_span *data);
/* The peer closed: READER_DONE when that ends the body, else READER_BAD. */
enum reader_result reader_body_eof(struct reader *r);
/* The whole buffered body, padded; after READER_DONE. */
struct sc_span reader_body(const struct reader *r);

/* The message is over: wipe it, move what is parked to the front. */
void reader_next_message(struct reader *r);

#endif
