/*
 * hooks_private.h - hooks from inside: private to gateway/phone/hooks*.c.
 *
 * The story of one hook, on worker 0's loop; every arrow to the store is one
 * job and one commit:
 *
 *	          news, or the time has come
 *	 IDLE ---------------------------------> ASKING   what became of the last try is
 *	  ^                                      |  ^     written, what is due next is read
 *	  | nothing is due: until it is,         |  |
 *	  | or the receiver rests                |  | answered, or not
 *	  +--------------------------------------+  |
 *	                                         v  |
 *	 GONE <-- ASKING <-- 410               SENDING    one request
 */
#ifndef GATEWAY_PHONE_HOOKS_PRIVATE_H
#define GATEWAY_PHONE_HOOKS_PRIVATE_H

#include "gateway/phone/hooks.h"
#include "gateway/phone/service_private.h"
#include "gateway/phone/webhook.h"

#include <pthread.h>
#include <stdatomic.h>

#define HOOK_PAYLOAD_MAX 1024
#define HOOK_TELLS_MAX 65536 /* that wait for the disk at once */

/* ---- when to try again (hooks_retry.c; pure) ------------------------------------------ */

#define HOOK_RETRIES 9
#define HOOK_DAY_S 86400u
#define HOOK_AGE_MAX_S (7 * HOOK_DAY_S) /* then an event is given up, however often it was tried */

/* What becomes of an event after a try. */
enum hook_outcome {
	HOOK_UNTRIED,
	HOOK_DELIVERED,
	HOOK_RETRY,
	HOOK_GIVEN_UP,
	HOOK_OVER, /* the receiver wants no more: none of its events are told from now on */
};

struct hook_try {
	unsigned status; /* 0: no answer */
	unsigned tries;  /* that failed before this one */
	uint64_t age_s;  /* of the event */
};
enum hook_outcome hook_judge(const struct hook_try *t);
/*
 * Seconds until the next one after TRIES (below HOOK_RETRIES) have failed and then
 * one more: the schedule's, and up to a fifth more by RANDOM.
 */
uint64_t hook_delay_s(unsigned tries, uint32_t random);
/* How long a receiver rests after FAILS in a row, the last with STATUS. Milliseconds. */
uint64_t hook_rest_ms(unsigned fails, unsigned status);
/* A Retry-After (RFC 9110 §10.2.3) in seconds, at most a day; 0: none that we can read. */
uint64_t hook_retry_after(struct sc_span value, uint64_t now);

/* ---- a hook -------------------------------------------------------------------------------- */

enum line_state { LINE_IDLE, LINE_ASKING, LINE_SENDING, LINE_GONE };

/* An event as it waits in the store. */
struct hook_event {
	bool there;
	uint8_t id[16];
	uint64_t made_at, due_at; /* Unix seconds */
	unsigned tries;           /* that failed */
	struct sc_buf payload;
};

struct hook_line {
	struct phone_hooks *hooks;
	const struct phone_hook *settings;
	struct webhook_secret secret; /* under hooks->lock */
	struct tls_context *tls;      /* NULL: plain */
	char *origin_url;             /* scheme and authority */
	const char *target;           /* the path */
	struct http_origin *origin;
	atomic_bool gone; /* it said 410 */
	atomic_bool news; /* something was put into the outbox */
	/* the loop's alone */
	enum line_state state;
	struct loop_timer timer;
	struct http_exchange *exchange;
	unsigned fails;         /* in a row */
	uint64_t rest_until_ms; /* monotonic */
	/* the job's while it is under way, else the loop's */
	struct store_job job;
	enum hook_outcome outcome; /* of the last try ... */
	uint8_t tried[16];         /* ... of this event: EVENT is the next one already */
	uint64_t retry_at;         /* of HOOK_RETRY */
	struct hook_event event;
	/* under hooks->lock */
	bool under_way, answered;
	enum sc_err err;
};

struct phone_hooks {
	struct phone_service *service;
	pthread_mutex_t lock;
	pthread_cond_t settled; /* a job of the store is over */
	struct worker *worker;  /* NULL: not bound */
	struct loop_wake wake;
	size_t tells;       /* jobs of hooks_tell() that are under way */
	uint64_t last_time; /* of an event's id: milliseconds, and 16 bits more */
	atomic_uint_fast64_t delivered, retried, given_up, waiting;
	uint64_t counted; /* the store's thread only */
	size_t n;
	struct hook_line lines[];
};

/* L's secret, its trust and whether it is gone, from files and the store. Fails as hooks_new(). */
SC_CHECKED enum sc_err hook_line_init(struct hook_line *l, struct phone_hooks *h,
    const struct phone_hook *settings, struct sc_diag *d);
void hook_line_fini(struct hook_line *l);
/* On the loop of h->worker, which is set: the origin, and a first look into the store. */
SC_CHECKED enum sc_err hook_line_bind(struct hook_line *l, struct sc_diag *d);
void hook_line_unbind(struct hook_line *l); /* its job may still be under way */
/* On the loop: L's job is over, or there is news. */
void hook_line_answered(struct hook_line *l, enum sc_err err);
void hook_line_news(struct hook_line *l);

/* hooks_store.c: submit L's job: write what became of l->event, read what is due next into it. */
void hook_line_ask(struct hook_line *l);
/* At start: was L told 410, under the URL that it has? Waits for the store. */
SC_CHECKED enum sc_err hook_line_was_gone(struct hook_line *l);
/* At start: forget what nobody will be told any more, and count the rest. Waits for the store. */
SC_CHECKED enum sc_err hooks_count(struct phone_hooks *h);
/* One of H's jobs is over. With its lock. */
void hooks_settled(struct phone_hooks *h);

#endif
