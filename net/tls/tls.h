/*
 * tls.h - TLS contexts: one for what a listener presents, one for what a
 * client trusts. TLS 1.2 and 1.3, no renegotiation, no 0-RTT, no compression.
 */
#ifndef NET_TLS_TLS_H
#define NET_TLS_TLS_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define TLS_SPKI_BYTES 32 /* SHA-256 of a SubjectPublicKeyInfo */

/* Immutable after it was made; may be used by several threads. */
struct tls_context;

/* Which keys the other end may have, in place of a CA. */
struct tls_pins {
	/* Is the key with this SHA-256 of its SubjectPublicKeyInfo one of them? */
	bool (*knows)(void *arg, const uint8_t spki[static TLS_SPKI_BYTES]);
	void *arg;
};

/* PEM files. */
struct tls_options {
	const char *cert,
	    *key;       /* to present, the certificate before its chain; a client may have none */
	const char *ca; /* NULL: clients show no certificate; for a client the system's */
	bool require_client_cert; /* else one is optional, but verified when given */
	/*
	 * Not NULL, and then CA is: the other end proves that it has a key that is known, whatever
	 * its certificate says else, and speaks TLS 1.3. Borrowed for as long as the context.
	 */
	const struct tls_pins *pins;
};

/* Fail with SC_IO, SC_SYNTAX (not PEM, key does not fit), SC_NOMEM; fill DIAG. */
SC_CHECKED enum sc_err tls_server_new(const struct tls_options *o, struct sc_diag *diag,
    struct tls_context **out);
SC_CHECKED enum sc_err tls_client_new(const struct tls_options *o, struct sc_diag *diag,
    struct tls_context **out);

/* After the connections made from it are closed. NULL is fine. */
void tls_context_free(struct tls_context *t);

#endif
