/*
 * people_int.h - the inside of people.c, shared by what it does on the store's thread.
 * Private to crypto/keystore.
 *
 *	people.c	life, the cache, weeks and a second's work	the loop's thread
 *	people_fetch.c	keys found and made				both
 *	people_wants.c	what a fetch wants				both
 *	people_order.c	whose an order is				both
 *	people_change.c	erasing, merging, turning			both
 *	people_clock.c	what time it is, as far as it lets somebody in	both
 *	people_return.c	who returns after long				both
 *	people_leaving.c whose erasure waits				both
 *	people_year.c	what records call them		the loop's thread
 *	people_dying.c	for whom nothing is written any more		both
 *	people_group.c	leases, floors, what goes with each commit	the store's thread
 */
#ifndef CRYPTO_KEYSTORE_PEOPLE_INT_H
#define CRYPTO_KEYSTORE_PEOPLE_INT_H

#include "base/bytes.h"
#include "crypto/keyring/key_year.h"
#include "crypto/keystore/keystore_int.h"
#include "crypto/keystore/person_cache.h"
#include "crypto/keytree/slot_id.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define WEEK_MS (7 * UINT64_C(86400000))
/*
 * Slots, whole leaves: of a run's first lease, of which each next one is twice as large, and of
 * the largest. A start after a crash skips what is left of a lease.
 */
#define PEOPLE_LEASE_FIRST UINT64_C(80)
#define PEOPLE_LEASE UINT64_C(65520)
#define PEOPLE_TRIES 64 /* groups that had no room for a job */

/* What one thread needs to name and wrap keys. */
struct people_tools {
	struct slot_ids *ids;
	struct siv_ctx *wrap; /* the process's own key */
};

/* An intent that is open, or whose outcome is not durable yet. */
struct intent_floor {
	uint64_t floor; /* entries below it are not the intent */
	uint64_t until; /* it counts until that many are durable; UINT64_MAX: it is open */
};

struct sealed_week {
	uint64_t slot;
	uint32_t week;
};

/* For whom something was sealed after long. */
struct returning {
	uint64_t slot, at_ms;
	unsigned gateway;
};

/* What time it is (people_clock.c). */
struct people_clock {
	char node[160]; /* of its row in `store` */
	_Atomic uint64_t believed_ms, kept_ms, ran_ms;
	uint64_t writing_ms; /* the store's thread's, until the commit stands */
	uint64_t steady_ms;  /* the loop's, and so are these: when it went on last */
	bool doubted;
	struct loop_timer tick;
	struct store_job find;
};

/* Whose erasure waits (people_leaving.c), by slot; under the lock. */
struct people_leaving {
	struct leaving_slot *v;
	size_t n, cap;
	_Atomic size_t some; /* N, for whoever only asks whether there are any */
	uint64_t grace_ms;
	struct store_job load;
};

/* The year that was asked for last, and what somebody is called in it who is not kept. */
struct people_year {
	uint64_t from_ms, until_ms;
	unsigned year;
	uint8_t told[HANDLE_BYTES];
};

struct people {
	struct keystore *ks;
	struct keyring *kr;
	struct inbox *inbox;
	struct tlog *log;
	struct people_log tell;

	/* the loop's thread's */
	struct people_tools loop;
	struct person_cache *cache;
	struct hmac_key no_salt; /* for HKDF, made once: a key is derived for every request */
	struct people_year year;
	struct person_key none; /* what an id that is no slot's is */
	struct person_key *odd; /* of the last fetch: what is not cached */
	size_t n_odd, odd_at;
	size_t pending;
	struct loop_timer second;
	struct inbox_job tick; /* each second with work */
	bool ticking;

	/* the store's thread's */
	struct people_tools below;
	uint64_t lease, lease_record; /* the newest that was logged; 0: none in this run */
	uint64_t lease_slots;         /* and how many it was for */
	uint64_t told_ms;             /* progress, when last */
	bool a_second;                /* the tick is in this group */
	bool leaving;                 /* nothing more comes: the log is told exactly how far */
	struct sealed_week *writing;  /* until the commit stands */
	size_t n_writing;

	/* people who return (people_return.c); first what stands from the start */
	struct people_gateway gateways[PEOPLE_GATEWAYS_MAX];
	size_t n_gateways;
	_Atomic uint32_t window;
	struct people_clock clock;
	struct people_leaving leavers;
	struct returning *queueing; /* the store's thread's, until the commit stands ... */
	size_t n_queueing;
	struct sealed_week *renewing; /* ... and these */
	size_t n_renewing, cap_renewing;
	uint64_t waiting;
	bool let_in;             /* in this group */
	uint64_t renewals_known; /* the loop's thread's */

	/* both threads', under the lock */
	struct returning *asked;
	size_t n_asked, cap_asked;
	struct sealed_week *renewed; /* who is young again, for the cache */
	size_t n_renewed;
	uint64_t renewals; /* commits that made somebody so */
	bool backlog;      /* somebody waits */
	pthread_mutex_t lock;
	struct people_counts counts;
	bool untold; /* the store has come further than the log tells */
	struct intent_floor *floors;
	size_t n_floors, cap_floors;
	bool stuck; /* no memory for a floor: nothing counts as carried out any more */
	struct sealed_week *weeks;
	size_t n_weeks, cap_weeks;
	uint64_t *dying; /* slots erased, and perhaps still used by the loop */
	size_t n_dying, cap_dying;
};

static inline struct sc_span person_bound(const struct person_key *k, uint8_t out[8 + HANDLE_BYTES])
{
	sc_be64_store(out, k->id);
	memcpy(out + 8, k->handle, HANDLE_BYTES);
	return sc_span(out, 8 + HANDLE_BYTES);
}

/* A job is over, on the loop's thread: the second's work is due. */
static inline void people_worked(struct people *pp)
{
	if (!loop_timer_is_set(&pp->second))
		loop_timer_set(pp->inbox->loop, &pp->second, 1000 /* ms */);
}
/* What K, which comes into the cache, is called this year, if that has a key. */
void people_name(struct people *pp, struct person_key *k);
/*
 * SLOTS are being erased, on the store's thread; the loop does not know yet, and may seal
 * for them: no week of theirs is written any more. SC_NOMEM.
 */
SC_CHECKED enum sc_err people_dying(struct people *pp, const uint64_t *slots, size_t n);
/* The lock is held. */
bool people_is_dying(const struct people *pp, uint64_t slot);
/* How many of V are left without those of the dying; the lock is held. */
size_t people_without_dying(const struct people *pp, struct sealed_week *v, size_t n);
/* Now it knows. On the loop's thread. */
void people_dead(struct people *pp, const uint64_t *slots, size_t n);

/* On the store's thread, in a job: N more slots may be given out. SC_LIMIT: not now. */
SC_CHECKED enum sc_err people_may_give(struct people *pp, uint64_t n);
/*
 * At the start: erasures were carried out and their outcomes appended. The store counts them
 * when those are durable.
 */
void people_first_floor(struct people *pp);
/* The erasure whose intent is entry INTENT is over, and what there is to log of it is appended. */
void people_carried(struct people *pp, uint64_t intent);
extern const struct store_group people_group;

/* What week it is, at the latest: who is old. Any thread, as the next two. */
uint32_t people_week(const struct people *pp, uint64_t now_ms);
/* The week that something is written as. */
uint32_t people_week_believed(const struct people *pp);
/* What is believed when STEADY ms have passed since BELIEVED was, and the wall clock says WALL. */
uint64_t people_time_after(uint64_t believed_ms, uint64_t steady_ms, uint64_t wall_ms);
/* At the start: the row is read, and it goes on. SC_IO, SC_CORRUPT. */
SC_CHECKED enum sc_err people_clock_start(struct people *pp);
void people_clock_stop(struct people *pp);
/* The store is to be told. */
bool people_clock_due(const struct people *pp);
/* On the store's thread: it is, and the commit stands. */
SC_CHECKED enum sc_err people_clock_keep(struct people *pp, struct store_tx *tx);
void people_clock_kept(struct people *pp);

/* At the start: rows are read. SC_IO, SC_CORRUPT. */
SC_CHECKED enum sc_err people_leaving_load(struct people *pp);
/* Nothing under the key of SLOT opens or is sealed. Any thread. */
bool people_is_leaving(struct people *pp, uint64_t slot);
/* They do not leave any more, erased or not: on the loop's thread. */
void people_left(struct people *pp, const uint64_t *slots, size_t n);
/* Of SLOTS nothing is remembered, or (GONE) that they are gone: on the loop's thread. */
void people_forget(struct people *pp, const uint64_t *slots, size_t n, bool gone);

/* K, sealed for now through GATEWAY, is somebody who returns: their week is not simply moved. */
bool people_asks_return(struct people *pp, const struct person_key *k, uint64_t now_ms,
    unsigned gateway);
/* There is something to do for those who return; the lock is held. */
bool people_return_work(const struct people *pp);
/* A second's work on the store's thread, and when its commit stands or does not. */
SC_CHECKED enum sc_err people_return_run(struct people *pp, struct store_tx *tx);
void people_return_committed(struct people *pp, enum sc_err err);
/* The loop hears of it. */
void people_return_ticked(struct people *pp);

#endif
