/*
 * service.h - virtual numbers for the whole process: the book, the guard, the
 * calls and what is kept of them on disk, behind one lock.
 *
 * Questions that need no disk are answered at once. Whatever changes something
 * is a write: the book takes it in at once, closed (a new binding is routed only
 * when it is durable), the store commits it with others, and done() is then
 * called on the asking worker's own loop. A crash at any point leaves what was
 * answered, and at most more. Any worker's thread may call.
 */
#ifndef GATEWAY_PHONE_SERVICE_H
#define GATEWAY_PHONE_SERVICE_H

#include "base/diag.h"
#include "base/store/store.h"
#include "gateway/book/book.h"
#include "gateway/number/event.h"
#include "gateway/serve/worker.h"

#define PHONE_ORDER_REF_MAX 128 /* bytes of an order's reference */
#define PHONE_KEY_MAX 128       /* bytes of an Idempotency-Key */
#define PHONE_BATCH_MAX 512     /* bindings of one write */

struct phone_service;

/*
 * Open the store at URL and rebuild the book from it. SETTINGS are borrowed for
 * the service's life, TENANT is copied. Fails with SC_IO, SC_CORRUPT, SC_NOMEM;
 * D says why.
 */
SC_CHECKED enum sc_err phone_service_new(const struct phone_settings *settings,
    const struct sc_name *tenant, const char *url, struct sc_diag *d, struct phone_service **out);
/* What was written is committed first. When no worker runs any more; NULL is fine. */
void phone_service_free(struct phone_service *s);
struct phone_hooks;
/* From now on H (borrowed) is told of events; NULL: nobody is. Before workers run, or after. */
void phone_service_tell(struct phone_service *s, struct phone_hooks *h);

const struct phone_settings *phone_settings_of(const struct phone_service *s);
/* The pool called NAME, or PHONE_NO_POOL; the line with that number, or PHONE_NO_LINE. */
uint16_t phone_pool_find(const struct phone_service *s, struct sc_span name);
uint32_t phone_line_find(const struct phone_service *s, struct sc_span e164);
/* Unix seconds by which bindings expire: never before what was seen at an earlier start. */
uint64_t phone_now_s(const struct phone_service *s);
/* The same by whichever clock is ahead: when calls were, so that none is older than it is. */
uint64_t phone_latest_s(const struct phone_service *s);
/* The last write reached the disk. */
bool phone_store_ok(const struct phone_service *s);

/* ---- writes -------------------------------------------------------------------- */

/*
 * One write under way, embedded in a heap object of the caller's which lives
 * until done(): also when the request that asked has ended meanwhile. Zero it
 * and set done. ERR: SC_IO or SC_LIMIT when it did not become durable. With no
 * worker (NULL) done() is called on the store's thread.
 */
struct phone_write {
	void (*done)(struct phone_write *, enum sc_err err);
	/* private */
	struct store_job job;
	struct worker_post post;
	struct worker *worker;
	struct phone_service *service;
	void (*settle)(struct phone_write *); /* on the store's thread, before the hop */
	void *work;                           /* what it keeps until it is settled */
	bool no_test;                         /* of the store: it only reads */
	enum sc_err err;
};

enum phone_bound {
	PHONE_BOUND_NEW,
	PHONE_BOUND_SAME,      /* this order and person, or this key, again */
	PHONE_BOUND_CONFLICT,  /* the pair is joined otherwise at the X that was named */
	PHONE_BOUND_TAKEN,     /* the extension that was named is not free */
	PHONE_BOUND_EXHAUSTED, /* no pool of the ladder has a slot */
	PHONE_BOUND_KEY,       /* the key was used for something else */
};

/* One binding that is wanted, and what it became. Spans are borrowed until done(). */
struct phone_want {
	uint16_t pool;                     /* the first of the ladder */
	const struct sc_name *region;      /* NULL: any */
	uint32_t line, ext;                /* PHONE_NO_LINE, PHONE_NO_EXT: any */
	struct sc_span order_ref, subject; /* SUBJECT may be empty */
	struct sc_span a, b;               /* token texts; B of a pair only */
	uint64_t a_party, b_party;
	uint64_t expires_at; /* Unix seconds, within the pool's ttl_max_s */
	uint64_t ttl_s; /* as it was said, so that the same is the same later; 0: EXPIRES_AT was */
	uint8_t directions, channels;
	struct sc_span key; /* empty: none */
	/* became */
	enum phone_bound got;
	struct phone_binding binding; /* of NEW and SAME; without its spans */
	uint64_t retry_at;            /* of EXHAUSTED: the earliest release; 0: not known */
	/* private */
	uint32_t at;
	enum book_bound how;
};
/*
 * Bind the N of V, each for itself. Fails at once, and then done() is not called,
 * with SC_NOMEM, SC_LIMIT (more than PHONE_BATCH_MAX; a text too long), SC_SYNTAX (a
 * token that is none).
 */
SC_CHECKED enum sc_err phone_bind(struct phone_service *s, struct worker *w, struct phone_write *wr,
    struct phone_want *v, size_t n);

/* A binding with its order's reference and its tokens' texts. */
struct phone_listed {
	struct phone_binding binding; /* its spans are empty */
	char order_ref[PHONE_ORDER_REF_MAX + 1];
	char a[PHONE_TOKEN_TEXT_MAX], b[PHONE_TOKEN_TEXT_MAX];
	uint64_t cool_until; /* of one that is cooling */
};
#define PHONE_LIST_MAX 100

/* Which bindings: by id, or all of an order, or all of a person. The others are empty. */
struct phone_which {
	const uint8_t *id; /* PHONE_ID_BYTES, or NULL */
	struct sc_span order_ref, subject;
};
struct phone_list {
	struct phone_which which;
	struct phone_listed *v; /* room for PHONE_LIST_MAX */
	size_t n;
};
/* Read them. Fails as phone_bind(). */
SC_CHECKED enum sc_err phone_read(struct phone_service *s, struct worker *w, struct phone_write *wr,
    struct phone_list *list);

enum phone_changed {
	PHONE_CHANGED,
	PHONE_CHANGED_UNKNOWN,  /* there is no such binding */
	PHONE_CHANGED_ENDED,    /* it is live no more */
	PHONE_CHANGED_VERSION,  /* it has another version */
	PHONE_CHANGED_CONFLICT, /* the pair's new party is joined otherwise */
	PHONE_CHANGED_KEY,      /* the key was used for something else */
};
struct phone_patch {
	uint8_t id[PHONE_ID_BYTES];
	uint32_t version;            /* 0: any */
	struct sc_span key, subject; /* SUBJECT: whose A is now; empty: stays */
	struct book_change change;   /* a, b: token TEXTS here */
	uint64_t ttl_s;              /* as in struct phone_want */
	/* became */
	enum phone_changed got;
	struct phone_binding binding;
};
SC_CHECKED enum sc_err phone_change(struct phone_service *s, struct worker *w,
    struct phone_write *wr, struct phone_patch *p);

/*
 * End bindings: from now on nobody is routed by them. COMPLETE: live on for their
 * pool's after_s instead, where that is sooner than their expiry. *n counts those it was done to.
 */
struct phone_ending {
	struct phone_which which;
	bool complete;
	uint32_t version; /* by id only; 0: any */
	/* became */
	enum phone_changed got; /* by id */
	size_t n;
};
SC_CHECKED enum sc_err phone_end(struct phone_service *s, struct worker *w, struct phone_write *wr,
    struct phone_ending *e);

/* ---- questions that need no disk -------------------------------------------------- */

struct phone_asked {
	uint32_t line, ext;
	uint64_t caller;
	uint8_t channel;
	bool keyed; /* an extension that somebody typed: charged by the guard */
};
struct phone_decision {
	enum phone_answer answer;
	bool bound; /* BINDING and POOL say which; never told to the caller's side */
	uint8_t id[PHONE_ID_BYTES];
	uint16_t pool;
	uint32_t at;
	bool callback, to_b;
	bool party_known;              /* the blind index of whom it reaches is in the book */
	char to[PHONE_TOKEN_TEXT_MAX]; /* the token of whom to reach, of a CONNECT */
};
/* Charge, compare, decide: the whole judgement on a call or message. */
void phone_decide(struct phone_service *s, const struct phone_asked *q, struct phone_decision *out);

/* The binding with that id, without its spans; false: there is none. */
bool phone_find(struct phone_service *s, const uint8_t id[static PHONE_ID_BYTES],
    struct phone_binding *out);

void phone_pool_stats(struct phone_service *s, uint16_t pool, struct book_stats *out);
/* Counted since the start, by pool. */
struct phone_counts {
	uint64_t bound, same, again, exhausted, late_calls, misses, blocked, connected;
};
void phone_pool_counts(struct phone_service *s, uint16_t pool, struct phone_counts *out);
void phone_line_stats(struct phone_service *s, uint32_t line, struct book_stats *out);
/* How many more slots were taken than given back within the last hour. */
int64_t phone_pool_growth(struct phone_service *s, uint16_t pool);

/*
 * Now and then (a timer of worker 0): recycle what is due, give up calls whose
 * end was never told, tell watermarks, forget old call ids.
 */
void phone_tend(struct phone_service *s, struct worker *w);

/*
 * HMAC-SHA256 under a key of this deployment that is kept with the rows: ids in
 * action paths, of calls. Never of what can be guessed, such as a number.
 */
void phone_keyed(const struct phone_service *s, const char *label, struct sc_span a,
    struct sc_span b, uint8_t out[static 32]);

#endif
