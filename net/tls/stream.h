/*
 * stream.h - a connected socket, plain or TLS: what HTTP reads and writes
 * without knowing which.
 *
 * Nothing blocks. A call that cannot go on says which readiness it waits for,
 * and that may be the other one: a TLS write can wait for a read.
 */
#ifndef NET_TLS_STREAM_H
#define NET_TLS_STREAM_H

#include "net/tls/tls.h"

#include <stddef.h>

enum stream_io {
	STREAM_OK,         /* bytes moved, handshake done */
	STREAM_WANT_READ,  /* again when readable */
	STREAM_WANT_WRITE, /* again when writable */
	STREAM_EOF,        /* the peer will send no more */
	STREAM_FAILED,     /* broken: close it */
};

struct net_stream {
	int fd;           /* owned; -1: none */
	bool broken;      /* TLS failed fatally: no farewell */
	bool established; /* TLS handshake done; always true for plain */
	void *tls;        /* private: SSL *, NULL for plain */
};

/*
 * S takes FD, which is non-blocking and connected (or connecting): as the server
 * side of T (NULL: plain). Fails with SC_NOMEM; S is stream_close()'s either way.
 */
SC_CHECKED enum sc_err stream_init_accept(struct net_stream *s, int fd, struct tls_context *t);
/*
 * As the client side: HOST is sent (SNI, unless it is an address) and must be
 * what the certificate is for; NULL where T has pins. SESSION (may be NULL) is offered for
 * resumption.
 */
SC_CHECKED enum sc_err stream_init_connect(struct net_stream *s, int fd, struct tls_context *t,
    const char *host, void *session);

/* Go on with the TLS handshake. STREAM_OK when it is done (at once for plain). */
enum stream_io stream_handshake(struct net_stream *s);

/*
 * Read up to N bytes. STREAM_OK: *GOT is 1 or more. Goes on with a handshake
 * that is not done.
 */
enum stream_io stream_read(struct net_stream *s, uint8_t *p, size_t n, size_t *got);
/*
 * Write up to N (1 or more) bytes. STREAM_OK: *PUT is 1 or more. After a
 * STREAM_WANT_*, call it again with the same bytes first; they may have moved.
 */
enum stream_io stream_write(struct net_stream *s, const uint8_t *p, size_t n, size_t *put);

/* Are there bytes to read that the descriptor's readiness does not show? */
bool stream_pending(const struct net_stream *s);

/* Say that no more will be written (close_notify, FIN); reading goes on. */
void stream_shutdown(struct net_stream *s);
/* Farewell and close. Harmless when there is no descriptor. */
void stream_close(struct net_stream *s);

/* Give back read and write buffers while nothing is going on; they come back by themselves. */
void stream_hibernate(struct net_stream *s);

/*
 * The verified peer certificate's SubjectPublicKeyInfo, hashed.
 * False: none was given (or plain).
 */
bool stream_peer_spki(const struct net_stream *s, uint8_t out[static TLS_SPKI_BYTES]);

/* The session to offer next time (NULL: none yet); the caller's, for tls_session_free(). */
void *stream_session(const struct net_stream *s);
void tls_session_free(void *session); /* NULL is fine */

#endif
