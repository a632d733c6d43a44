/*
 * server.h - an HTTP/1.1 server on one loop, plain or TLS.
 *
 * One server per loop (thread); servers of several threads listen on the same
 * address and share a struct http_shared. One request is in flight per
 * connection; what a client pipelines behind it waits. Every answer to a
 * malformed request is a problem document followed by close.
 *
 * Life of a call:
 *	on_head()		the head is complete and legal. Choose here:
 *				http_call_buffer_body(), http_call_stream_body(),
 *				or answer at once (an unread body then closes the
 *				connection after the answer). No choice and no
 *				answer: buffered, up to limits.max_body.
 *	on_body() ...		streamed bodies only; a window at a time
 *	on_end()		the request is complete
 *	... the answer, now or at any later time on this loop:
 *	http_call_respond(), http_call_problem(), or
 *	http_call_start() http_call_write()... http_call_end()
 * respond, problem, end and break finish the call: it must not be touched
 * after them and has no more callbacks. Until then, on_abort() may come
 * instead, once (client gone, deadline passed, server freed): the call must
 * not be touched after that either. No callback is made from inside an
 * http_call_*() function.
 */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include "net/http/head.h"
#include "net/http/limits.h"
#include "net/http/problem.h"
#include "net/http/shared.h"
#include "net/loop/loop.h"
#include "net/tls/tls.h"
#include "base/diag.h"

#include <sys/socket.h>

struct http_server;

/* Readable by the handler; spans and pointers are valid until the call is over. */
struct http_call {
	void *user; /* the handler's, for this call; NULL at on_head() */
	void *arg;  /* as given to http_server_new() */
	struct http_server *server;
	struct loop *loop;
	const struct http_head *head;
	uint64_t request_id; /* random */
	const struct sockaddr_storage *peer;
	const uint8_t *peer_spki; /* SHA-256 of the verified client certificate's
					   SubjectPublicKeyInfo, 32 bytes; NULL: none */
	unsigned listener;        /* which http_server_listen() call, from 0 */
	bool tls;
};

struct http_handler {
	void (*on_head)(struct http_call *call);
	/* Streamed bodies; BYTES (1 to HTTP_WINDOW_MAX) are valid during the call only. NULL: never streams. */
	void (*on_body)(struct http_call *call, struct sc_span bytes);
	/*
	 * BODY is the whole body when it is buffered (one span, followed by
	 * HTTP_BODY_PAD readable zero bytes, valid until the call is over),
	 * else empty.
	 */
	void (*on_end)(struct http_call *call, struct sc_span body);
	/* After http_call_write() said false: room again. NULL: never writes streams. */
	void (*on_writable)(struct http_call *call);
	void (*on_abort)(struct http_call *call); /* NULL: nothing to clean */
	/*
	 * The peer sends no more, while its answer is awaited: it may have gone, which
	 * shows only when something is written, or still be there. The call goes on.
	 * NULL: both are one.
	 */
	void (*on_half_closed)(struct http_call *call);
};

struct http_server_options {
	struct loop *loop;
	const struct http_handler *handler;
	void *arg;
	const struct http_limits *limits; /* copied; NULL: defaults */
	struct http_shared *shared;       /* NULL: one of its own */
};

/* Fails with SC_NOMEM, SC_IO. */
SC_CHECKED enum sc_err http_server_new(const struct http_server_options *o,
    struct http_server **out);
/*
 * Breaks what is still open (on_abort() comes for each, so free clients that
 * its handlers use afterwards). On the loop's thread, not from a callback;
 * NULL is fine.
 */
void http_server_free(struct http_server *s);

/*
 * Listen on ADDRESS: "127.0.0.1:8443", "[::1]:8443", "*:8443", or "unix:PATH"
 * (a stale socket file is replaced; mode 0660). Port 0 takes a free one; *PORT
 * (may be NULL) tells which. TLS is borrowed for the server's life; NULL:
 * plain. Fails with SC_SYNTAX, SC_IO, SC_NOMEM, SC_LIMIT, and fills DIAG.
 */
SC_CHECKED enum sc_err http_server_listen(struct http_server *s, const char *address,
    struct tls_context *tls, struct sc_diag *diag, uint16_t *port);

/*
 * Does nobody listen on ADDRESS yet? To be asked once, before the first of several servers
 * listens there: they share it, and the kernel would let a stranger of the same user share
 * it with them. A socket file is no such place. Fails with SC_SYNTAX, SC_IO, and fills DIAG.
 */
SC_CHECKED enum sc_err http_address_vacant(const char *address, struct sc_diag *diag);

/*
 * The same for a server of a struct http_shared in which another one listens on
 * "unix:PATH": this one takes what that hands over, under the same number, and
 * has no socket of its own.
 */
SC_CHECKED enum sc_err http_server_listen_along(struct http_server *s);

/*
 * Stop accepting, close idle connections, answer what is in flight with
 * "Connection: close". DRAINED is called (from the loop) when none is left.
 */
void http_server_drain(struct http_server *s, void (*drained)(void *arg), void *arg);

/*
 * Other ceilings and deadlines (copied) for all that begins from now on; what
 * is measured already ends as it began. Those of the whole process are set
 * by http_shared_set_limits(). On the server's own loop.
 */
void http_server_set_limits(struct http_server *s, const struct http_limits *limits);

struct http_server_stats {
	uint64_t accepted, refused; /* over the cap */
	unsigned open;
};
/* On the server's own loop. */
void http_server_stats(const struct http_server *s, struct http_server_stats *out);

/* ---- the request's body ---- */

/* Buffer it whole, up to CAP bytes; a larger one is answered 413 (on_abort() follows). In on_head() only. */
void http_call_buffer_body(struct http_call *call, size_t cap);
/* Hand it to on_body() as it comes, up to CAP bytes in all (UINT64_MAX: any). In on_head() only. */
void http_call_stream_body(struct http_call *call, uint64_t cap);
/* Read nothing more until resumed: back-pressure on a streamed body. */
void http_call_pause(struct http_call *call);
void http_call_resume(struct http_call *call);

/* ---- the answer ---- */

/*
 * The whole answer in one write. Content-Length, Date, Connection are added;
 * framing and hop-by-hop fields among FIELDS are left out. Everything is
 * copied. When it cannot be built (a field with control bytes, no memory) a
 * 500 goes out instead.
 */
void http_call_respond(struct http_call *call, unsigned status, const struct http_field *fields,
    size_t n_fields, struct sc_span body);

/* Answer with a problem document. Static text only: see problem.h. */
void http_call_problem(struct http_call *call, const struct http_problem *p);

/*
 * A streamed answer: LENGTH bytes, or HTTP_LENGTH_CHUNKED when unknown. It
 * begins before the request ended only with a streamed request body.
 */
void http_call_start(struct http_call *call, unsigned status, const struct http_field *fields,
    size_t n_fields, uint64_t length);
/*
 * The streamed answer has no end, and whoever writes it says how long it may be
 * silent: call_ms is not about it. After http_call_start().
 */
void http_call_endless(struct http_call *call);
/* BYTES are always taken (copied). False: above high water, wait for on_writable(). */
bool http_call_write(struct http_call *call, struct sc_span bytes);
/* Fewer bytes than LENGTH: the connection is broken, so that the client notices. */
void http_call_end(struct http_call *call);

/* Give up: close without (the rest of) an answer. Finishes the call. */
void http_call_break(struct http_call *call);

#endif
