/*
 * link.h - frames over a connection, both ends: packets of a SOCK_SEQPACKET socket, or a
 * TLS 1.3 stream to another host, in which they follow each other without a break.
 *
 * Nothing blocks. Who reads does so until there is nothing, or asks wire_link_waits() whether more
 * has arrived than the descriptor shows.
 */
#ifndef CRYPTO_WIRE_LINK_H
#define CRYPTO_WIRE_LINK_H

#include "crypto/wire/wire.h"
#include "net/tls/stream.h"

struct wire_link {
	struct net_stream stream; /* its descriptor in any case */
	bool streams;             /* TLS; else packets */
	bool reads_to_send;       /* TLS cannot write before it has read */
	bool unread;              /* it was not read to its end for lack of room */
	struct sc_buf had; /* of a stream: frames not yet taken, the last perhaps not whole */
};

/* A socket that keeps packets apart. LINK takes FD. */
void wire_link_init_packets(struct wire_link *l, int fd);
/*
 * FD is a TCP socket, connected or connecting. As the server side of T, or, CLIENT, as the other.
 * Another end that is gone without a word is noticed within half a minute. Fails with
 * SC_NOMEM; close it either way.
 */
SC_CHECKED enum sc_err wire_link_init_tls(struct wire_link *l, int fd, struct tls_context *t,
    bool client);
void wire_link_close(struct wire_link *l); /* all zero is fine, where fd is -1 */

/* Both ends know who is there. SC_AGAIN: not yet; SC_AUTH: never. At once for packets. */
SC_CHECKED enum sc_err wire_link_meet(struct wire_link *l);

/*
 * Send the whole frames in OUT, of which *SENT bytes have left. OUT is emptied
 * when all have; *FULL says that the connection takes no more for now. Fails with
 * SC_IO when the other end is gone.
 */
SC_CHECKED enum sc_err wire_link_send(struct wire_link *l, struct sc_buf *out, size_t *sent,
    bool *full);

/*
 * Take one packet, or the whole frames that have arrived, *N bytes into IN. Fails with SC_AGAIN
 * when none has come, SC_IO when the other end is gone, SC_SYNTAX when it, or a frame, is
 * longer than WIRE_PACKET_MAX; IN is all used then. SC_NOMEM.
 */
SC_CHECKED enum sc_err wire_link_receive(struct wire_link *l,
    uint8_t in[static WIRE_PACKET_MAX + 1], size_t *n);

/* Something may be taken although the descriptor is not readable. */
bool wire_link_waits(const struct wire_link *l);

/* The epoll events to wait for: EPOLLIN unless DEAF, EPOLLOUT while FULL. */
uint32_t wire_link_events(const struct wire_link *l, bool deaf, bool full);

#endif
