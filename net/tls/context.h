/*
 * context.h - what is inside a tls_context (private to net/tls).
 */
#ifndef NET_TLS_CONTEXT_H
#define NET_TLS_CONTEXT_H

#include "net/tls/tls.h"

#include <openssl/ssl.h>

struct tls_context {
	SSL_CTX *ctx;
	BIO_METHOD *socket; /* how its connections reach their descriptor */
	bool pinned;        /* who is there is known by the key */
};

/* SHA-256 of CERT's SubjectPublicKeyInfo. */
bool tls_spki(const X509 *cert, uint8_t out[static TLS_SPKI_BYTES]);

/* A BIO over a descriptor that never raises SIGPIPE; NULL when there is no memory. */
BIO_METHOD *tls_socket_method(void);

#endif
