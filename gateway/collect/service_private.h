/*
 * service_private.h - collecting from inside: private to gateway/collect/.
 *
 * A batch's way, in the order of its files:
 *
 *	batch.c    what identifiers are in it; keyd says who they are
 *	judge.c    one thing after the other becomes frames, or a refusal that is counted
 *	flow.c     the frames into the spool; whoever waits for a disk is told
 *
 * known.c remembers identifiers a while; door_keys.c hashes messages, products and
 * networks; orders.c brings what the tap hears; say.c words, links and erasures;
 * keeper.c the thread for what takes its time.
 */
#ifndef GATEWAY_COLLECT_SERVICE_PRIVATE_H
#define GATEWAY_COLLECT_SERVICE_PRIVATE_H

#include "gateway/collect/door_keys.h"
#include "gateway/collect/known.h"
#include "gateway/collect/names.h"
#include "gateway/collect/orders.h"
#include "gateway/collect/service.h"
#include "gateway/consent/tables.h"

#include <pthread.h>

#define COLLECT_RULE_BYTES ((size_t)256 << 20) /* of the rules' tables */
#define COLLECT_KNOWN 65536                    /* identifiers that are remembered a while */
/*
 * No event fills the last part of the spool: what people say, and what is taken back,
 * finds room.
 */
#define COLLECT_SPOOL_KEPT 16
#define COLLECT_SPOOL_KEPT_MAX ((uint64_t)4 << 20) /* less than the spool takes into memory */
#define COLLECT_FRAMES_OF_AN_EVENT 3               /* itself, a grant, a verdict */
#define COLLECT_FRAMES_OF_ONE FEED_ATTRIBUTES_MAX  /* that one taken thing becomes, at most */
#define COLLECT_FRAMES_MAX (COLLECT_EVENTS_MAX * COLLECT_FRAMES_OF_ONE)

/* How many words a site's pages said this minute. */
struct collect_minute {
	uint64_t minute, n;
};

struct collect_service {
	const struct collect_settings *settings;
	struct sc_name tenant;
	struct store *store;
	struct door_keys keys;
	struct collect_bots *bots;
	struct collect_networks *networks; /* NULL: none */
	/* Guards what follows; never held over a disk or keyd. */
	pthread_mutex_t lock;
	struct consents *consents;
	struct traffic *traffic;
	struct spool *spool;
	struct known *known;
	struct collect_minute *words; /* by site */
	uint64_t received_ms;         /* the rules' clock never falls */
	struct feed_frame *frames;    /* COLLECT_FRAMES_MAX: of the batch that is judged */
	size_t n_frames;
	uint64_t put, durable; /* spool numbers */
	struct collect_wait *waits, **waits_tail;
	uint32_t counts[FEED_RULE_END][FEED_KIND_END]; /* refused, and not yet told analytics */
	uint32_t counted_kinds[FEED_RULE_END];         /* bits: kinds of which there are any */
	uint32_t count_day;
	bool counted; /* some of them is not 0 */
	struct collect_stats stats;
	struct order_queue orders;
	struct tap *tap;         /* whose tags are made under our key; NULL: there is none */
	uint64_t *pages;         /* by site: things that pages sent, and that are no record yet */
	uint64_t pages_at_ms;    /* steady: when they were recorded last */
	struct name_table names; /* has a lock of its own, since bodies have many */
	/* keeper.c */
	pthread_t keeper;
	pthread_cond_t wake;
	bool keeping, stopping, snapshot_asked, snapshot_under_way;
	uint64_t snapshot_number, snapshot_day;
};

/* ---- flow.c: with the lock, but for flow_durable() ---- */

/* Put V; fails as spool_put(). */
SC_CHECKED enum sc_err flow_put(struct collect_service *s, const struct feed_frame *v, size_t n);
/* W waits until all that was put so far is on disk, or the disk failed; perhaps it is already. */
void flow_wait(struct collect_service *s, struct collect_wait *w);
/* One of those that W waits for is over: with the last, so is W. */
void flow_over(struct collect_wait *w, enum sc_err err);
/* For the spool: its on_durable. */
void flow_durable(void *service, uint64_t next, bool ok);
/* One of KIND was refused by RULE, which is counted. */
void flow_refused(struct collect_service *s, uint8_t rule, uint8_t kind);
/*
 * What was counted goes on as frames, if anything was. Fails as spool_put(): it is then
 * told later.
 */
SC_CHECKED enum sc_err flow_counts(struct collect_service *s);

/* ---- judge.c ---- */

/* Who the identifiers of one taken thing are. */
struct collect_who {
	struct known_entry *device, *person; /* NULL: none is named */
};
/*
 * Judge B's I-th thing: fate and reason, frames behind s->frames. With the lock. WAIT
 * waits for what it has the store write.
 */
void judge_taken(struct collect_service *s, struct collect_batch *b, size_t i,
    const struct collect_who *who, struct collect_wait *wait);

/* ---- say.c ---- */

/*
 * A no of a device, or of a person; a device that is a person's. With the lock. WORD
 * and LINK become what is to be told analytics; *NEWS: it has not been. WAIT waits for
 * the store too. Fail with SC_NOMEM.
 */
SC_CHECKED enum sc_err say_word(struct collect_service *s, const struct collect_handle *who,
    struct feed_consent *word, struct collect_wait *wait);
SC_CHECKED enum sc_err say_link(struct collect_service *s, const struct collect_handle *device,
    const struct collect_handle *person, struct feed_link *link, bool *news,
    struct collect_wait *wait);

/* ---- pages.c ---- */

/* A page of SHOP sent N things. With the lock. */
void pages_count(struct collect_service *s, uint16_t shop, size_t n);
/* What was counted becomes records: one for each site. */
void pages_record(struct collect_service *s);
/* The same, once a minute. */
void pages_tend(struct collect_service *s);

/* ---- keeper.c ---- */

/* What it knows from an earlier start. Fails as store_run(). */
SC_CHECKED enum sc_err keeper_load(struct collect_service *s);
SC_CHECKED enum sc_err keeper_start(struct collect_service *s);
void keeper_stop(struct collect_service *s); /* harmless when it does not run */

#endif
