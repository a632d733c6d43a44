/*
 * traffic.h - what is real: judged at arrival, one event after the other in
 * bounded memory, and again at each snapshot over the last fifteen days.
 *
 * Pure but for the rule log: a folder of the gateway's own (never
 * analytics') in which each judged event leaves TRAFFIC_RECORD_BYTES, so that a restart
 * forgets nothing and a snapshot sees what streaming cannot. Only here stand prefix
 * and address tags: keyed hashes whose key changes every fifteen days and
 * lies in memory and the store alone.
 */
#ifndef GATEWAY_TRAFFIC_TRAFFIC_H
#define GATEWAY_TRAFFIC_TRAFFIC_H

#include "base/diag.h"
#include "base/feed/feed.h"
#include "gateway/take/settings.h"

#define TRAFFIC_DAYS 15
#define TRAFFIC_RECORD_BYTES 64

/* One event as it is judged. */
struct traffic_event {
	struct feed_event event; /* with id, person, device, product */
	uint64_t raw_ms;         /* the sender's own clock */
	uint64_t received_ms;
	uint64_t prefix;  /* tag of the sender's /24 or /48; 0: none, as of a back end */
	uint64_t address; /* tag of an order's delivery address; 0: none */
	uint64_t order;   /* hash of an order's id, of purchases by page, back end and tap alike */
	uint8_t inputs;   /* 255: not said */
	bool vouched;     /* by tap or back end: counted, never refused as a page's */
	bool bot, webdriver, honeypot, hints_due, hints, tls, app;
};

struct traffic;

/*
 * Make the rules of SETTINGS (borrowed), their log in folder DIR (made when it is not
 * there; NULL: none, and snapshots see what is in memory). MEMORY is a ceiling in bytes,
 * at least 64 MiB. Fails with SC_IO, SC_CORRUPT, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err traffic_new(const struct collect_settings *settings, const char *dir,
    size_t memory, struct sc_diag *d, struct traffic **out);
void traffic_free(struct traffic *r); /* NULL is fine */

/*
 * Judge E, which is remembered unless refused. V->action is 0 (it is real so far),
 * FEED_QUARANTINE, or, with *REFUSED set, nothing: it goes no further. V is filled for
 * both. Calls are one after the other, E->received_ms not falling.
 */
void traffic_arrive(struct traffic *r, const struct traffic_event *e, struct feed_verdict *v,
    bool *refused);

/*
 * Judge the last TRAFFIC_DAYS days again as of NOW_MS: SAY is told each verdict on an
 * event that had none yet, and at the end one of no rule: what it was told is then
 * remembered as told, so it must have kept it. Reads the rule log, not the tables; may run
 * on another thread than traffic_arrive(), one snapshot at a time. SAY may end it by not
 * returning SC_OK. Fails with SC_IO, SC_NOMEM, SC_CORRUPT or that.
 */
typedef enum sc_err traffic_say_fn(void *arg, const struct feed_verdict *v);
SC_CHECKED enum sc_err traffic_snapshot(struct traffic *r, uint64_t now_ms, traffic_say_fn *say,
    void *arg);

/* Flush the rule log to disk; forget days past TRAFFIC_DAYS. */
SC_CHECKED enum sc_err traffic_tend(struct traffic *r, uint64_t now_ms);

struct traffic_stats {
	uint64_t seen, refused[FEED_RULE_END], set_aside[FEED_RULE_END];
	uint64_t evicted; /* rows of tables that had to go early */
	size_t bytes;     /* of memory, now */
};
void traffic_count(const struct traffic *r, struct traffic_stats *out);

#endif
