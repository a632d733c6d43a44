/*
 * service_private.h - the service from inside: private to gateway/phone/.
 */
#ifndef GATEWAY_PHONE_SERVICE_PRIVATE_H
#define GATEWAY_PHONE_SERVICE_PRIVATE_H

#include "crypto/prim/hash.h"
#include "gateway/book/guard.h"
#include "gateway/phone/idem.h"
#include "gateway/phone/optout.h"
#include "gateway/phone/service.h"
#include "gateway/phone/tables.h"
#include "gateway/phone/webhook.h"

#include <pthread.h>
#include <stdatomic.h>

struct phone_hooks;
struct change_work;

#define TREND_MINUTES 60
#define CONTENT_PARTS_MAX 8

/* How a pool goes, beside its counts. */
struct pool_trend {
	int32_t taken[TREND_MINUTES]; /* slots taken less those given back, by minute */
	uint64_t minute;              /* the last one of these */
	uint8_t mark;                 /* the highest watermark told of, 1 to 3 */
	uint64_t exhausted_at;        /* steady: when it was told that there was no slot; 0: not */
};

/* Begins a block of the heap. */
struct phone_untold {
	struct phone_untold *next;
};

struct phone_service {
	const struct phone_settings *settings;
	struct sc_name tenant;
	struct store *store;
	struct phone_hooks *hooks;          /* NULL: nobody is told */
	struct hmac_key salt;               /* phone_keyed() */
	struct webhook_secret event_secret; /* of call events, when there is one */
	bool has_event_secret;
	atomic_bool store_ok;
	uint64_t floor_wall; /* no wall time is before this */
	uint64_t told_until; /* what had expired by then was told of at earlier starts */
	uint64_t started_wall, started_mono_ms; /* the two clocks' common beginning */
	/* Guards what follows; never held over a disk or a hook. Jobs that write are submitted
	 * under it, so that the disk sees changes in the book's order. */
	pthread_mutex_t lock;
	struct phone_book *book;
	struct phone_guard *guard;
	struct phone_counts *counts; /* by pool */
	struct pool_trend *trends;   /* by pool */
	struct idem_table idem;
	struct optout_set optouts;
	struct change_work *changes; /* those that are not settled, the newest first */
	struct phone_untold *untold; /* expiries that could not be told yet (tend.c) */
	size_t n_sweeps;             /* under way, and those */
	uint64_t tended_at;          /* steady: when the clock was written last */
	size_t n_untold;             /* of those, the store's thread's own count */
};

struct phone_now phone_service_now(const struct phone_service *s);
/* The 16 bytes under which the book knows an order. */
void phone_order_key(const struct phone_service *s, struct sc_span order_ref,
    uint8_t out[static 16]);
/* The 16 bytes under which a person's bindings are kept; zeros: nobody's. */
void phone_subject_key(const struct phone_service *s, struct sc_span subject,
    uint8_t out[static 16]);
/* What was said with KEY; nothing when it is empty. Its content is the caller's to fill in ... */
void phone_key_said(const struct phone_service *s, struct sc_span key, struct idem_said *out);
/* ... with a digest of the N (at most CONTENT_PARTS_MAX) parts of a request for WHAT. */
void phone_content_digest(const struct phone_service *s, const char *what,
    const struct sc_span *parts, size_t n, uint8_t out[static IDEM_BYTES]);
/* Parameters that nearly every statement has. */
struct store_value phone_tenant(const struct phone_service *s);
struct store_value phone_id_value(const uint8_t id[static PHONE_ID_BYTES]);
/* The binding AT without its spans, which are the book's. With the lock held. */
void phone_view(const struct phone_service *s, uint32_t at, struct phone_binding *out);
/* N slots of POOL were taken (or, when negative, given back). With the lock held. */
void phone_trend_note(struct phone_service *s, uint16_t pool, int32_t n);

/* Submit WR's job; settle() is called on the store's thread, then done() on W's loop. */
void phone_write_submit(struct phone_service *s, struct worker *w, struct phone_write *wr);
/* WR is settled: call its done() with wr->err, on its worker's loop. */
void phone_write_over(struct phone_write *wr);
/* One write that nobody waits for, and all that it keeps in one block: freed when it is over. */
void phone_write_done_free(struct phone_write *wr, enum sc_err err);

/* load.c: the book as it was kept. Fails as phone_service_new(). */
SC_CHECKED enum sc_err phone_load(struct phone_service *s, struct sc_diag *d);
/* The wall clock's last time, to be found at the next start. */
void phone_clock_put(struct phone_service *s, bool wait);
/* Within a job: whatever has expired until UNTIL (steady) was told of. */
SC_CHECKED enum sc_err phone_told_put(struct store_tx *tx, uint64_t until);

#endif
