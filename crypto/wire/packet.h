/*
 * packet.h - frames over a SOCK_SEQPACKET socket, both ends: as many in each
 * packet as fit.
 */
#ifndef CRYPTO_WIRE_PACKET_H
#define CRYPTO_WIRE_PACKET_H

#include "crypto/wire/wire.h"

/*
 * Send the whole frames in OUT, of which *SENT bytes have left. OUT is emptied
 * when all have; *FULL says that the socket takes no more for now. Fails with
 * SC_IO when the other end is gone.
 */
SC_CHECKED enum sc_err packet_send(int fd, struct sc_buf *out, size_t *sent, bool *full);

/*
 * Take one packet of *N bytes into IN. Fails with SC_AGAIN when none has come,
 * SC_IO when the other end is gone, SC_SYNTAX when it is longer than
 * WIRE_PACKET_MAX; IN is all used then.
 */
SC_CHECKED enum sc_err packet_receive(int fd, uint8_t in[static WIRE_PACKET_MAX + 1], size_t *n);

#endif
