/*
 * service.h - collecting for the whole process: who people are is asked of keyd,
 * whether they want it of the registry, whether it is real of the rules; what
 * is left goes into the spool.
 *
 *	taken -> pseudonyms (keyd) -> consent -> rules -> frames -> spool, durable -> done()
 *
 * Any worker's thread may call; one lock, never held over a disk or keyd.
 */
#ifndef GATEWAY_COLLECT_SERVICE_H
#define GATEWAY_COLLECT_SERVICE_H

#include "gateway/consent/consents.h"
#include "gateway/traffic/traffic.h"
#include "gateway/spool/spool.h"
#include "gateway/take/take.h"
#include "gateway/serve/worker.h"

struct collect_service;
struct tap_body;

/*
 * SETTINGS are borrowed for the service's life; URL is the store's. Fails with SC_IO,
 * SC_CORRUPT, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err collect_service_new(const struct collect_settings *settings,
    const struct sc_name *tenant, const char *url, struct sc_diag *d, struct collect_service **out);
/* When no worker runs any more; NULL is fine. */
void collect_service_free(struct collect_service *s);
/* W works for the tap and the clock: before it runs. */
void collect_service_bind(struct collect_service *s, struct worker *w);
/* Wait, on a thread of the caller's, until no order of the tap waits, or MAX_MS are over. */
void collect_service_idle(struct collect_service *s, unsigned max_ms);
/*
 * No worker's thread runs any more, and the access log can still be written: what is
 * counted by then goes there.
 */
void collect_service_settle(struct collect_service *s);

const struct collect_settings *collect_settings_of(const struct collect_service *s);

/* Private: somebody who waits for disks, and how many are still awaited. */
struct collect_wait {
	void (*over)(struct collect_wait *w, enum sc_err err); /* with the lock held */
	unsigned left;
	enum sc_err err;
	uint64_t until; /* of the spool */
	struct collect_wait *next;
};

/* What became of one taken thing. */
enum collect_fate {
	COLLECT_IN,
	COLLECT_SET_ASIDE,
	COLLECT_REFUSED, /* why says: a back end is told of its form, of nothing else */
	COLLECT_TWICE,
};

/*
 * One body's worth, in a heap object of the caller's that lives until done(), which is
 * called on the worker's loop.
 */
struct collect_batch {
	void (*done)(struct collect_batch *, enum sc_err err);
	struct collect_visit visit;
	uint64_t prefix;             /* collect_sender(); 0: none */
	uint64_t address;            /* of an order of the tap: its address's tag; 0: none */
	struct asking asking;        /* as whom keyd is asked; what it points to lives as long */
	struct collect_taken *taken; /* N; the caller's, until done() */
	uint8_t *fate, *why;         /* N each: enum collect_fate, enum feed_rule */
	size_t n;
	/* private */
	struct {
		struct collect_service *service;
		struct worker *worker;
		struct keyc_call call;
		struct worker_post post;
		void *work;
		enum sc_err err;
	} priv;
};
/*
 * Take B in. ERR of done(): SC_AGAIN keyd cannot be asked (nothing was taken, the sender
 * tries again), SC_LIMIT the spool is full, SC_IO the disk failed, SC_AUTH the policy
 * does not let this caller collect. Fails at once, and then done() is not called, with
 * SC_NOMEM, SC_AGAIN.
 */
SC_CHECKED enum sc_err collect_take_in(struct collect_service *s, struct worker *w,
    struct collect_batch *b);
/*
 * Give B up while keyd is asked: true, and done() will not be called. Else it will be:
 * it is too late.
 */
bool collect_give_up(struct collect_batch *b);

struct tap;
/*
 * From now on T's tags are made under the key of tags, as it changes; NULL: there is no
 * tap any more. No worker runs, or none any more.
 */
void collect_service_tap(struct collect_service *s, struct tap *t);
/*
 * The tap's listener: orders that passed, on the tap's thread. They wait in memory
 * while keyd or the spool is away, up to a bound; those past it are counted.
 */
void collect_on_order(void *service, const struct tap_body *b);

/*
 * Which network SENDER, a socket's address, is of, in classes: V's bits, and its tag, 0 where
 * it is one of our own (a proxy's, which says nothing of who sent).
 */
uint64_t collect_sender(struct collect_service *s, const struct sockaddr_storage *sender,
    struct collect_visit *v);
/*
 * The bots that are known, for collect_agent_of(); where names of what was dropped are
 * counted.
 */
const struct collect_bots *collect_bots_known(const struct collect_service *s);
const struct collect_dropped *collect_names(struct collect_service *s);
/* The number under which analytics knows a message of SHOP. */
uint64_t collect_event_id(const struct collect_service *s, uint16_t shop, struct sc_span message);
/* And an order that came by the tap or from a back end, whatever message it was in. */
uint64_t collect_order_id(const struct collect_service *s, struct sc_span order);

/*
 * Say a word for a person (api/consents.c), and erase one (api/subjects.c): done() on
 * W's loop.
 */
struct collect_said {
	void (*done)(struct collect_said *, enum sc_err err);
	struct consents_write write;
	struct collect_wait wait;
	struct worker *worker;
	struct worker_post post;
	struct collect_service *service;
	enum sc_err err;
};
SC_CHECKED enum sc_err collect_say(struct collect_service *s, struct worker *w,
    struct collect_said *said);
struct collect_erasing {
	void (*done)(struct collect_erasing *, enum sc_err err);
	struct consents_erase_write write;
	struct collect_wait wait;
	struct worker *worker;
	struct worker_post post;
	struct collect_service *service;
	enum sc_err err;
};
SC_CHECKED enum sc_err collect_erase(struct collect_service *s, struct worker *w,
    struct collect_erasing *e);
/*
 * The words of PERSON, for whoever may see them: the registry's rows, in order; on the
 * store's thread.
 */
struct store *collect_store(struct collect_service *s);
/* The words that count of whom HANDLE stands for, by purpose of the words; under the lock. */
void collect_words(struct collect_service *s, const uint8_t handle[static HANDLE_BYTES],
    struct consent_word out[static FEED_PURPOSES_MAX]);
/* The registry under the lock: bits by purpose of the words, which a reload may number otherwise. */
uint32_t collect_granted(struct collect_service *s, const uint8_t handle[static HANDLE_BYTES]);

/*
 * Judge again and tell viewd to make features, on a thread of its own; SC_AGAIN: one is
 * under way.
 */
SC_CHECKED enum sc_err collect_snapshot(struct collect_service *s);

struct collect_stats {
	struct traffic_stats traffic;
	struct spool_stats spool;
	uint64_t taken, in, set_aside, refused[FEED_RULE_END];
	uint64_t tap_orders, tap_unreadable, tap_dropped, tap_waiting;
	uint64_t snapshots, snapshot_ms;
};
void collect_count(struct collect_service *s, struct collect_stats *out);
/*
 * Names of properties that were dropped, most frequent first; at most MAX of them.
 * Returns how many.
 */
struct collect_name {
	char name[41];
	uint64_t n;
};
size_t collect_dropped_names(struct collect_service *s, struct collect_name *out, size_t max);

#endif
