/*
 * far_door.h - where gateways of other hosts come in: TLS 1.3, in which both ends prove the
 * keys they are known by. No name, no CA, no password.
 */
#ifndef CRYPTO_KEYD_FAR_DOOR_H
#define CRYPTO_KEYD_FAR_DOOR_H

#include "crypto/keyd/peer.h"

struct far_door;

struct far_place {
	const char *address;    /* "ADDRESS:PORT" */
	const char *cert, *key; /* PEM: what this keyd is known by */
};

/*
 * Listen at PLACE for whoever has a key that PINS knows; both are borrowed. Reads the key's
 * file, so before files are given up. Fails with SC_SYNTAX, SC_IO, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err far_door_open(const struct far_place *place, const struct tls_pins *pins,
    struct sc_diag *d, struct far_door **out);
void far_door_close(struct far_door *f); /* NULL is fine */
int far_door_fd(const struct far_door *f);

/* Whoever stands at the door comes in as LINK, which has yet to meet. SC_AGAIN: nobody does. */
SC_CHECKED enum sc_err far_door_accept(struct far_door *f, struct wire_link *link);

#endif
