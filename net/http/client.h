/*
 * client.h - an HTTP/1.1 client on one loop with a pool of upstream
 * connections per origin.
 *
 * Nothing is retried silently once a byte of the answer came, or when the
 * method is not idempotent: a POST goes out at most once. Only a request that
 * met a pooled connection the upstream had just closed, that got no byte back
 * and is GET, HEAD, PUT, DELETE or OPTIONS goes out again, once, on a fresh
 * connection.
 *
 * Life of an exchange:
 *	http_client_request()	sends it (later: nothing is called back from inside)
 *	on_head()		a final response's head. http_exchange_buffer_body()
 *				here buffers the body, else it is streamed
 *	on_body() ...		streamed only
 *	on_end()		complete
 * or at any time, once, instead of what would have followed:
 *	on_error()
 * Whoever made the request calls http_exchange_release() exactly once, in any
 * callback or at any other time on this loop: before the end it cancels.
 * Head and buffered body stay valid until then.
 */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include "net/http/head.h"
#include "net/http/limits.h"
#include "net/http/shared.h"
#include "net/loop/loop.h"
#include "net/tls/tls.h"
#include "base/diag.h"

struct http_client;
struct http_origin;

enum http_client_error {
	HTTP_ERR_CONNECT, /* no connection: refused, unreachable, no TLS, in time or not. Nothing was sent */
	HTTP_ERR_TIMEOUT,   /* connected, but no answer (or no progress) in time */
	HTTP_ERR_PROTOCOL,  /* the answer is not HTTP/1.1 as we read it, or 101 */
	HTTP_ERR_CLOSED,    /* closed before the answer was complete */
	HTTP_ERR_TOO_LARGE, /* the body is larger than the cap */
	HTTP_ERR_MEMORY,    /* the ceiling on buffered bytes, or no memory */
	HTTP_ERR_HEAD,      /* the head has more bytes or fields than are read */
};

/* Readable by the owner. */
struct http_exchange {
	void *user;                   /* as given in the request; yours to change */
	const struct http_head *head; /* from on_head() on; NULL before */
	const char *why; /* of HTTP_ERR_PROTOCOL: a static text that quotes nothing; else NULL */
};

struct http_client_handler {
	void (*on_head)(struct http_exchange *x);
	/* BYTES (1 to HTTP_WINDOW_MAX) are valid during the call only. NULL: body discarded. */
	void (*on_body)(struct http_exchange *x, struct sc_span bytes);
	/*
	 * BODY is the whole body when it is buffered (one span, followed by
	 * HTTP_BODY_PAD readable zero bytes, valid until the release), else empty.
	 */
	void (*on_end)(struct http_exchange *x, struct sc_span body);
	void (*on_error)(struct http_exchange *x, enum http_client_error why);
	/* After http_exchange_write() said false: room again. NULL: never streams a body. */
	void (*on_writable)(struct http_exchange *x);
};

struct http_client_req {
	struct sc_span method;
	struct sc_span target; /* origin-form; the origin's path prefix is put before it */
	const struct http_field *
	    fields; /* framing and hop-by-hop fields are left out; Host from the origin unless here */
	size_t n_fields;
	bool has_body;          /* false: no body, no Content-Length */
	struct sc_span body;    /* whole, copied; unless: */
	bool stream_body;       /* http_exchange_write() gives it ... */
	uint64_t stream_length; /* ... this many bytes, or HTTP_LENGTH_CHUNKED */
	uint32_t first_byte_ms; /* 0: the client's limit */
	uint32_t total_ms;      /* 0: the client's limit */
};

/* LIMITS are copied (NULL: defaults), SHARED may be NULL. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err http_client_new(struct loop *loop, const struct http_limits *limits,
    struct http_shared *shared, struct http_client **out);
/* Other deadlines (copied) for all that begins from now on. On the client's own loop. */
void http_client_set_limits(struct http_client *c, const struct http_limits *limits);
/* Cancels what is open without a callback; origins are freed with it. NULL is fine. */
void http_client_free(struct http_client *c);

/*
 * An origin: "http://HOST[:PORT][/prefix]", "https://...", or
 * "http+unix:/path/of/socket". The name is resolved here (this may block: do
 * it at start) and again in the background when connecting fails. TLS is
 * borrowed for the client's life and needed for https. It belongs to the
 * client. Fails with SC_SYNTAX, SC_IO (unknown name), SC_NOMEM; fills DIAG.
 */
SC_CHECKED enum sc_err http_client_origin(struct http_client *c, const char *url,
    struct tls_context *tls, struct sc_diag *diag, struct http_origin **out);

/*
 * The same without waiting: a name is looked up in the background, and until it is
 * known requests end in HTTP_ERR_CONNECT. For those whose absence must cost nothing.
 */
SC_CHECKED enum sc_err http_client_origin_later(struct http_client *c, const char *url,
    struct tls_context *tls, struct sc_diag *diag, struct http_origin **out);

/*
 * Send REQ to ORIGIN. *OUT is the caller's to release. Fails with SC_LIMIT
 * (too many connections to this origin), SC_SYNTAX (a field or target with
 * control bytes), SC_NOMEM; *OUT is then NULL and nothing is called back.
 */
SC_CHECKED enum sc_err http_client_request(struct http_client *c, struct http_origin *origin,
    const struct http_client_req *req, const struct http_client_handler *handler, void *user,
    struct http_exchange **out);

/* Buffer the response's body, up to CAP bytes (larger: HTTP_ERR_TOO_LARGE). In on_head() only. */
void http_exchange_buffer_body(struct http_exchange *x, size_t cap);
/*
 * The answer is one without an end, such as events that come when they happen: it
 * may be silent for endless_ms, and total_ms is not about it. In on_head() only.
 */
void http_exchange_endless(struct http_exchange *x);
/* Read nothing more of a streamed body until resumed. */
void http_exchange_pause(struct http_exchange *x);
void http_exchange_resume(struct http_exchange *x);

/*
 * Streamed request bodies. BYTES are always taken; false: wait for on_writable().
 * The response may come, and even end, before the request does: what is
 * written after that is dropped.
 */
bool http_exchange_write(struct http_exchange *x, struct sc_span bytes);
void http_exchange_end(struct http_exchange *x);

/* Done with it: see above. NULL is fine. */
void http_exchange_release(struct http_exchange *x);

struct http_client_stats {
	uint64_t connects, reused, retried;
	unsigned open, idle;
};
/* On the client's own loop. */
void http_client_stats(const struct http_client *c, struct http_client_stats *out);

#endif
