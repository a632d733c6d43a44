/*
 * log.h - the event log: every frame that the gateway handed over, in the order it came,
 * once.
 *
 * A folder of segment files, one or more a day of arrival, each nothing but
 * frames (base/feed/feed.h) and COMMIT frames that close what is whole. One writer.
 * An event whose id is in the log already is not kept again but counted. What is closed
 * is named in a manifest with its SHA-256; retention and erasure write segments anew.
 */
#ifndef ANALYTICS_LOG_LOG_H
#define ANALYTICS_LOG_LOG_H

#include "base/diag.h"
#include "base/feed/feed.h"

#include <stddef.h>

struct event_log;

struct event_log_options {
	const char *dir;           /* made, 0700, when it is not there */
	uint32_t keep_days;        /* of events; 400 */
	uint32_t keep_device_days; /* after which an event's device is 0; 90 */
	uint32_t keep_aside_days;  /* of what is quarantined and was not released; 30 */
};

/*
 * Open it, cutting what no COMMIT closes. Fails with SC_IO, SC_CORRUPT (D
 * says which file and where), SC_NOMEM.
 */
SC_CHECKED enum sc_err event_log_open(const struct event_log_options *o, struct sc_diag *d,
    struct event_log **out);
void event_log_close(struct event_log *l); /* NULL is fine */

/* From where on SPOOL's frames are wanted; 0 of a spool never heard of. */
uint64_t event_log_next(const struct event_log *l, uint64_t spool);
/*
 * Append N frames of SPOOL, the first being number FIRST, which is event_log_next() or
 * below it (what is there already is passed over). Durable when it returns. TAKE (may be
 * NULL) is told each frame that was kept. Fails with SC_SYNTAX (a gap), SC_IO, SC_NOMEM;
 * nothing of it is then in the log.
 */
typedef void event_log_kept_fn(void *arg, const struct feed_frame *f);
SC_CHECKED enum sc_err event_log_append(struct event_log *l, uint64_t spool, uint64_t first,
    const struct feed_frame *v, size_t n, uint64_t arrived_ms, event_log_kept_fn *take, void *arg);
/* Append frames of the operator's own (verdicts). Same promise. */
SC_CHECKED enum sc_err event_log_note(struct event_log *l, const struct feed_frame *v, size_t n,
    uint64_t arrived_ms, event_log_kept_fn *take, void *arg);

/*
 * Every frame, oldest first, but for COMMITs: at a moment between appends. TELL
 * (may be NULL) hears of progress. Fails with SC_IO, SC_CORRUPT or what EACH said.
 */
typedef enum sc_err event_log_each_fn(void *arg, const struct feed_frame *f);
typedef void event_log_tell_fn(void *arg, uint64_t done, uint64_t total);
SC_CHECKED enum sc_err event_log_read(struct event_log *l, event_log_each_fn *each, void *arg,
    event_log_tell_fn *tell, void *tell_arg);
/* The event of that id; false: it is not in the log. */
bool event_log_find(struct event_log *l, uint64_t id, struct feed_event *out);

/*
 * Write the log anew without what DROPS names, and without what is past its keep.
 * Crash-safe: either the old or the new. Fails like event_log_read().
 */
typedef bool event_log_drops_fn(void *arg, const struct feed_frame *f);
SC_CHECKED enum sc_err event_log_rewrite(struct event_log *l, uint64_t now_ms,
    event_log_drops_fn *drops, void *arg);

struct event_log_stats {
	uint64_t frames, events, duplicates, bytes;
	uint32_t segments;
};
void event_log_count(const struct event_log *l, struct event_log_stats *out);

#endif
