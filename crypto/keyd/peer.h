/*
 * peer.h - one connected asker: what is to be sent, and what must wait until
 * its record is on disk.
 */
#ifndef CRYPTO_KEYD_PEER_H
#define CRYPTO_KEYD_PEER_H

#include "crypto/keyd/callers.h"
#include "crypto/wire/link.h"
#include "net/loop/loop.h"

#define PEER_OUT_MAX ((size_t)64 << 20)
#define PEER_HELD_MAX 65536 /* replies that wait for their records */

struct held_reply {
	uint64_t record, req_id;
	size_t bytes;
	uint16_t op;
};

struct peer {
	uint64_t id;       /* never used again; 0: this slot is free */
	struct loop_io io; /* its descriptor is the link's */
	struct wire_link link;
	void *owner;
	uint32_t uid;                 /* as the kernel says; of nobody where FAR */
	bool far;                     /* came from another host: known by its key alone */
	bool met;                     /* ... which it has proved */
	uint8_t spki[TLS_SPKI_BYTES]; /* the key, hashed */
	struct loop_timer wait;       /* for that; and to go on reading */
	bool operates;                /* came by the operators' socket */
	bool helloed;
	struct sc_name node;                  /* as it said; a gateway's: */
	const struct caller_gateway *gateway; /* of the callers in force; NULL: it operates */
	unsigned row;                         /* of its gateway in keyd's file */
	struct sessions sessions;
	bool broken;       /* to be dropped at the end of the turn */
	struct sc_buf out; /* frames; the first `sent` bytes have left */
	size_t sent;
	struct sc_buf held;       /* frames in the order of their records */
	struct held_reply *queue; /* a ring */
	size_t head, n, cap;
};

void peer_init(struct peer *p, uint64_t id);
void peer_fini(struct peer *p);

/* What stands in `held` from START on may leave when RECORD is durable. */
SC_CHECKED enum sc_err peer_hold(struct peer *p, size_t start, uint64_t record, uint16_t op,
    uint64_t req_id);

/*
 * Move what is covered by DURABLE (entries below it are on disk) to `out`.
 * When the log has FAILED the rest is answered SC_LIMIT, without any value.
 */
SC_CHECKED enum sc_err peer_release(struct peer *p, uint64_t durable, bool failed);

/* Append an answer without results. */
SC_CHECKED enum sc_err peer_answer(struct peer *p, uint16_t op, uint64_t req_id, enum sc_err err);

#endif
