/*
 * client_private.h - inside a client, its origins and connections (private to
 * net/http).
 *
 * origin.c knows where to connect, client.c keeps the pool, link.c is a
 * connection, dial.c opens it, response.c understands what comes, exchange.c
 * is what its owner may do with it.
 */
#ifndef NET_HTTP_CLIENT_PRIVATE_H
#define NET_HTTP_CLIENT_PRIVATE_H

#include "net/address/address.h"
#include "net/http/client.h"
#include "net/http/outq.h"
#include "net/http/reader.h"

#include <pthread.h>

#define ORIGIN_ADDRESSES 8

enum link_state {
	LINK_CONNECTING,
	LINK_HANDSHAKE,
	LINK_BUSY,   /* a request is on its way, or its response */
	LINK_ENDED,  /* on_end() was called; the owner still reads head and body */
	LINK_FAILED, /* on_error() was called; no descriptor any more */
	LINK_IDLE,   /* in the pool */
};

enum link_deadline { LD_NONE, LD_CONNECT, LD_FIRST, LD_GAP, LD_TOTAL, LD_IDLE };

struct link {
	struct http_exchange x;
	struct http_client *client;
	struct http_origin *origin;
	struct link *prev, *next;           /* all of the client's */
	struct link *idle_prev, *idle_next; /* the origin's pool, newest first */
	struct loop_io io;
	struct loop_timer deadline;
	struct loop_timer kick;
	struct net_stream stream;
	struct reader reader;
	struct outq out;
	const struct http_client_handler *handler;
	enum link_state state;
	enum link_deadline armed;
	enum http_client_error why;
	enum http_method method;
	bool failing;   /* broken: `why` is to be told */
	bool released;  /* the owner is done, the pump is not */
	bool reused;    /* came from the pool */
	bool may_retry; /* idempotent, whole, not retried yet */
	bool answered;  /* a byte of the response came */
	bool head_done, chosen, paused, pumping, eof;
	bool request_done; /* the owner gave all of the request */
	bool chunked_request, want_writable;
	bool keep;    /* may be pooled after this exchange */
	bool endless; /* the answer has no end */
	bool progress;
	bool write_failed; /* nothing more can be sent; an answer may still lie there */
	bool more;         /* the pump stopped reading before there was nothing left */
	uint8_t interim;   /* 1xx responses seen */
	uint8_t tries;     /* addresses tried */
	uint64_t request_left;
	uint32_t first_byte_ms;
	uint64_t total_at; /* on the loop's clock */
};

struct http_origin {
	struct http_client *client;
	struct http_origin *next;
	struct tls_context *tls; /* NULL: plain */
	char host[256];          /* for TLS and look-ups; "" for a socket file */
	char authority[264];     /* for Host */
	char prefix[256];        /* put before targets; "" or "/..." */
	char port[8];
	bool named; /* host is a name: it can be looked up again */
	struct address addresses[ORIGIN_ADDRESSES];
	unsigned n_addresses, at; /* the one that worked last */
	struct link *idle;
	unsigned open;
	void *session; /* TLS, to resume */
	/* looking up again, on a thread of its own */
	bool looking;
	uint64_t look_after;
	pthread_t thread;
	struct loop_wake looked;
	struct address fresh[ORIGIN_ADDRESSES];
	unsigned n_fresh;
};

struct http_client {
	struct loop *loop;
	struct http_limits limits;
	struct http_shared *shared, *own_shared;
	struct http_origin *origins;
	struct link *links;
	struct http_client_stats stats;
	struct sc_buf target; /* prefix and target put together */
};

/* ---- origin.c ---- */
/* Nobody answers at any address: find out whether the name has moved. */
void origin_look_again(struct http_origin *o);
void origin_free(struct http_origin *o);

/* ---- dial.c ---- */
/* Open a connection for the request that is queued; failures are told later. */
void link_connect(struct link *l);
/* The descriptor reported: is it connected? */
void link_step_connect(struct link *l);
void link_step_handshake(struct link *l);

/* ---- response.c ---- */
static inline bool link_can_go_on(const struct link *l)
{
	return l->state == LINK_BUSY && !l->failing && !l->released;
}
/* Understand what was read, as far as it goes. */
void link_parse(struct link *l);
/* Everything that was read has been dealt with, and no more will come. */
void link_step_eof(struct link *l);

/* ---- link.c ---- */
SC_CHECKED enum sc_err link_new(struct http_origin *o, struct link **out);
void link_free(struct link *l);
/* Something broke: told by the pump. The first reason counts. */
void link_break(struct link *l, enum http_client_error why);
/* Close the descriptor; the rest of the link stays. */
void link_disconnect(struct link *l);
/* The request is queued on a pooled connection: send it. */
void link_send(struct link *l);
/* Write what waits; a failure is told in the next turn. */
void link_flush(struct link *l);
void link_kick(struct link *l);
/* Set the deadline that fits the state. */
void link_arm(struct link *l);
/* The owner let go: pool or free. */
void link_release(struct link *l);

#endif
