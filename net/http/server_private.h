/*
 * server_private.h - inside a server and its connections (private to net/http).
 *
 * listen.c accepts, conn.c reads and writes, request.c understands,
 * answer.c writes what the handler answers, conn_deadline.c watches the time.
 */
#ifndef NET_HTTP_SERVER_PRIVATE_H
#define NET_HTTP_SERVER_PRIVATE_H

#include "net/http/outq.h"
#include "net/http/reader.h"
#include "net/http/server.h"

#include <stdatomic.h>
#include <time.h>

enum conn_input {
	IN_HANDSHAKE,
	IN_HEAD, /* idle, or part of a head is there */
	IN_BODY,
	IN_DONE,   /* the request is complete (or will not be read) */
	IN_LINGER, /* all is answered: throwing away until the peer closes */
};

enum conn_answer {
	ANS_NONE,
	ANS_STREAM, /* http_call_start() was called */
	ANS_DONE,   /* nothing more will be put in the queue */
};

/* What the connection's one deadline is about. */
enum conn_deadline {
	DL_NONE,
	DL_HANDSHAKE,
	DL_LULL,
	DL_IDLE,
	DL_HEAD,
	DL_BODY,
	DL_CALL,
	DL_WRITE,
	DL_LINGER
};

struct conn {
	struct http_call call;
	struct http_server *server;
	struct conn *prev, *next; /* in the server's list */
	struct loop_io io;
	struct loop_timer deadline;
	struct loop_timer kick; /* go on in the next turn */
	struct net_stream stream;
	struct reader reader;
	struct outq out;
	enum conn_input input;
	enum conn_answer answer;
	enum conn_deadline armed;
	bool in_call;      /* the handler has an unfinished call */
	bool endless;      /* the streamed answer has no end */
	bool chosen;       /* the handler said what to do with the body */
	bool started_body; /* reader_body_start() was called */
	bool body_begun;   /* the queue holds a body that has no head yet */
	bool paused, pumping, dead, eof;
	bool close_after; /* no further request on this connection */
	bool want_writable;
	bool no_answer_body; /* HEAD, 204, 304 */
	bool chunked_answer;
	bool progress;         /* bytes moved since the deadline was set */
	bool blocked_on_read;  /* a TLS write waits for a read */
	uint64_t answer_left;  /* of a streamed answer of known length */
	uint64_t window_bytes; /* body bytes since DL_BODY was set */
	uint32_t window_ms;    /* for which it was set */
	struct sockaddr_storage peer;
	uint8_t spki[TLS_SPKI_BYTES];
};

struct listener {
	struct http_server *server;
	struct listener *next;
	struct loop_io io;
	struct loop_timer retry; /* out of descriptors: accept again later */
	struct tls_context *tls;
	unsigned index;
};

/* A connection that another thread's server accepted for this one. */
struct arrival {
	struct arrival *next;
	int fd;
	struct tls_context *tls;
	unsigned listener;
	struct sockaddr_storage peer;
};

struct http_server {
	struct loop *loop;
	struct http_handler handler;
	void *arg;
	struct http_limits limits;
	struct http_shared *shared, *own_shared;
	struct listener *listeners;
	struct conn *conns;
	struct http_server *next_shared; /* under shared->lock, as are the next two lines */
	struct arrival *arrivals;
	bool ready;       /* it may be given arrivals */
	atomic_uint open; /* connections, those on their way here included */
	struct loop_wake arrived;
	struct http_server_stats stats;
	bool draining;
	void (*drained)(void *arg);
	void *drained_arg;
	struct loop_timer drain_check;
	struct sc_buf head; /* where heads are built */
	time_t date_at;
	char date[30];    /* "Sun, 06 Nov 1994 08:49:37 GMT" */
	uint64_t ids[32]; /* random, used from the end */
	unsigned n_ids;
};

/* ---- listen.c ---- */
/* Put S among those that share. */
void listen_join(struct http_server *s);
/* Stop listening, and take no more from others. Harmless twice. */
void listen_leave(struct http_server *s);

/* ---- conn.c ---- */
/* Takes FD. False when there is no memory; FD is then closed. */
bool conn_new(struct http_server *s, const struct arrival *a);
/* Do what can be done now: read, parse, call back, write; perhaps free C. */
void conn_pump(struct conn *c);
/* Break it off: on_abort() when a call is open, then free it. */
void conn_destroy(struct conn *c);
/* End the handler's call without it and answer P instead, then close. */
void conn_refuse(struct conn *c, const struct http_problem *p);
/* Say "100 Continue" when the client waits for it: before any final head. */
void conn_continue(struct conn *c);
/* The request is answered: is its body read, or does the connection have to close? */
void conn_skip_body(struct conn *c);
void conn_kick(struct conn *c);
/*
 * The usual end of an answer: all of it is written and nothing else has come.
 * Be ready for the next request now, without another turn. False when it is
 * not so simple.
 */
bool conn_rest(struct conn *c);

/* Bytes that may be written now. */
static inline size_t conn_pending(const struct conn *c)
{
	return c->body_begun ? 0 : outq_pending(&c->out);
}

static inline struct conn *conn_of(struct http_call *call)
{
	return loop_owner(call, struct conn, call);
}

/* ---- request.c ---- */
/* One step in IN_HEAD or IN_BODY. True when another may follow without more bytes. */
bool conn_step_head(struct conn *c);
bool conn_step_body(struct conn *c);
/* The peer will send no more. A half-closed client may still wait for an answer. */
void conn_eof(struct conn *c);

/* ---- conn_deadline.c ---- */
/*
 * Set the deadline anew when it is about something else now, or when it
 * measures a stall and bytes moved. A lull after a request starts anew each time.
 */
void conn_arm(struct conn *c);
void conn_on_deadline(struct loop_timer *t);

/* ---- answer.c ---- */
/* Put a whole problem document in the queue, marking the answer done. */
void answer_problem(struct conn *c, const struct http_problem *p);
/* After the queue shrank: tell a writer that waits. */
void answer_writable(struct conn *c);

/* ---- server.c ---- */
uint64_t server_request_id(struct http_server *s);
struct sc_span server_date(struct http_server *s);
/* A connection is gone. */
void server_closed(struct http_server *s);

#endif
