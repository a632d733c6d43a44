/*
 * outq.h - bytes on their way out of a connection (private to net/http).
 *
 * A whole answer is one block and leaves in one write. Room is kept before
 * the body so that a head, whose length is known only at the end, can be put
 * in front of it without moving it.
 */
#ifndef NET_HTTP_OUTQ_H
#define NET_HTTP_OUTQ_H

#include "net/tls/stream.h"
#include "base/buf.h"

#define OUTQ_HEADROOM 1024
#define OUTQ_MAX ((size_t)1 << 30) /* bytes waiting, at most */
#define OUTQ_KEEP (64 * 1024)      /* a larger block is not kept for reuse */

struct outq {
	struct sc_buf buf;
	size_t sent; /* bytes at the front that are gone, or never meant to go */
	bool keep;   /* keep what is gone: it may have to go again */
};

void outq_init(struct outq *q);
void outq_fini(struct outq *q);

static inline size_t outq_pending(const struct outq *q)
{
	return q->buf.n - q->sent;
}

/* Begin a body before its head: skip the headroom. Q must be empty. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err outq_body_begin(struct outq *q, size_t size_hint);
/* Put HEAD before the body that was begun. Fails with SC_NOMEM, SC_LIMIT. */
SC_CHECKED enum sc_err outq_head(struct outq *q, struct sc_span head);

/* Write what waits. STREAM_OK: all of it is gone. *MOVED counts bytes. */
enum stream_io outq_flush(struct outq *q, struct net_stream *s, size_t *moved);
/* Forget, and wipe, everything. */
void outq_clear(struct outq *q);

#endif
