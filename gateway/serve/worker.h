/*
 * worker.h - one thread of the gateway: its loop, its listener, its way to
 * keyd and to the upstreams. Nothing of it is shared with other threads.
 *
 * What the threads do share is in struct worker_shared: the access log, the counters
 * and the configuration in force.
 */
#ifndef GATEWAY_SERVE_WORKER_H
#define GATEWAY_SERVE_WORKER_H

#include "crypto/keyc/keyc.h"
#include "crypto/tlog/writer.h"
#include "gateway/serve/generation.h"
#include "gateway/serve/metrics.h"
#include "net/http/client.h"
#include "net/http/server.h"
#include "net/loop/loop.h"

#include <pthread.h>
#include <stdatomic.h>

struct served_request;
struct origin_entry;
struct collect_service;
struct phone_service;
struct kept_logs;
struct keyd_past;
struct keyd_check;
struct witnesses;
struct twiml;
struct drift;

/* What keyd, which remembers the heads of our log, says of it as it is now. */
enum shared_head {
	SHARED_HEAD_UNKNOWN, /* not asked yet since the start */
	SHARED_HEAD_SIGNED,
	SHARED_HEAD_REFUSED, /* it remembers another past: nothing passes until a restart */
};

struct worker_shared {
	struct tlog *log;
	struct worker *const *workers; /* all of them, from before the first runs */
	unsigned n_workers;
	atomic_int head; /* enum shared_head */
	struct metrics metrics;
	struct http_shared *http;
	const struct http_handler *handler;        /* of every server; its arg is the worker */
	struct tap *tap;                           /* NULL: nobody listens */
	struct drift *drift;                       /* of what no rule speaks of; NULL: not told */
	struct keyd_past *past;                    /* of keyd's log */
	struct kept_logs *logs;                    /* of other processes; NULL: none */
	struct witnesses *witnesses;               /* of our log and keyd's; NULL: none */
	struct phone_service *phone;               /* NULL: no virtual numbers */
	struct collect_service *collect;           /* NULL: nothing is collected */
	struct twiml *twiml;                       /* the keys of numbers' vendors */
	struct tls_context **listener_tls;         /* one per listener; NULL: plain */
	const struct sc_name *listener_principals; /* whose each is; "": of nobody in particular */
	size_t n_listeners;                        /* as at the start; a reload may name others */
	atomic_bool draining;
	pthread_mutex_t lock;      /* guards next and limits */
	struct http_limits limits; /* of the configuration in force */
	struct generation *next;   /* the configuration in force */
};

/* Something that another thread has for a worker's loop. Embedded in whoever waits for it. */
struct worker_post {
	void (*on_loop)(struct worker_post *p);
	struct worker_post *next;
};

/* Waiting until an entry of the access log is on disk. Embedded in the waiter. */
struct durable_wait {
	uint64_t index;
	void (*on_durable)(struct durable_wait *w, bool ok); /* not ok: the log failed */
	struct durable_wait *next;
};

struct worker {
	struct worker_shared *shared;
	unsigned id;
	pthread_t thread;
	bool running; /* the thread was started and not yet joined */
	struct loop *loop;
	struct keyc *keyc;
	struct keyd_check *keyd_check; /* who examines it */
	atomic_int keyd_past;          /* enum seen_word: its log, as it was shown here last */
	struct http_client *client;
	struct http_server *server;
	struct generation *current;
	struct http_origin **origins; /* by route of `current` */
	struct origin_entry *known;   /* every origin ever made; they live as long as the client */
	struct loop_wake control;     /* reload, drain */
	struct loop_wake committed;   /* the log has more on disk */
	struct loop_wake posted;      /* somebody has something for this loop */
	pthread_mutex_t post_lock;
	struct worker_post *posts, **posts_tail; /* under it, in the order they came */
	struct durable_wait *waits;
	atomic_bool waiting; /* waits is not empty: a commit is worth a wake */
	struct loop_timer drain_timer;
	bool draining;
	struct served_request *spare; /* those kept for reuse */
	unsigned n_spare;
};

/*
 * Make worker ID of GATE with listeners, keyd client and origins of the
 * configuration in force. Fails like its parts; DIAG says why.
 */
SC_CHECKED enum sc_err worker_new(struct worker_shared *shared, unsigned id, struct sc_diag *diag,
    struct worker **out);
void worker_free(struct worker *w); /* after its thread has ended; NULL is fine */

/* Run it on a thread of its own. Fails with SC_IO. */
SC_CHECKED enum sc_err worker_start(struct worker *w);
/*
 * Wait for its thread, if that runs, and break off what is still open, so that
 * every request has its record while the log can take it. Harmless when done.
 */
void worker_join(struct worker *w);

/* Can every upstream of G be used? Fails like worker_new(); DIAG says which not. */
SC_CHECKED enum sc_err worker_check(struct generation *g, struct sc_diag *diag);

/* From any thread: look at shared->next and shared->draining again. */
void worker_notify(struct worker *w);
/* From any thread: the log has committed something. */
void worker_log_committed(struct worker *w);

/*
 * From any thread: call p->on_loop() on this worker's thread, in order. What is
 * still there when the worker is freed is called then, by who frees it.
 */
void worker_post(struct worker *w, struct worker_post *p);

/* Call back on this worker's thread when entry INDEX is on disk (or the log failed). */
void worker_wait_durable(struct worker *w, struct durable_wait *wait, uint64_t index);
void worker_forget_wait(struct worker *w, struct durable_wait *wait); /* harmless when done */

/* The upstream of a served route of the generation in force. */
struct http_origin *worker_origin(struct worker *w, const struct served_route *route);

#endif
