/*
 * log.h - the event log: every frame that the gateway handed over, in the order it came,
 * once.
 *
 * A folder of segment files, one or more a day of arrival (UTC), each nothing but
 * frames (base/feed/feed.h) and COMMIT frames that close what is whole. One writer.
 * An event whose id is in the log already is not kept again but counted, by a COUNT
 * frame for FEED_SAME_ID: ids are remembered of EVENT_LOG_WINDOW_DAYS of arrival, and
 * of an event that comes later than that, of all days since it happened. What is closed is
 * named in a manifest with its SHA-256; retention and erasure write segments anew.
 *
 *	manifest.json	which segments there are, in order
 *	00000012.seg	frames; the newest segment grows
 *	00000012.ids	of a closed one: which events are where (ids_file.c)
 *	lock		held by who has it open
 *
 * At open the sizes of all files are held against the manifest, and the tail of the segment that
 * grows is read; the SHA-256 of a closed one is, whenever the log is written anew, and by
 * event_log_check(). Every frame that is ever read has its sum checked.
 */
#ifndef ANALYTICS_LOG_LOG_H
#define ANALYTICS_LOG_LOG_H

#include "base/diag.h"
#include "base/feed/feed.h"

#include <stddef.h>

#define EVENT_LOG_WINDOW_DAYS 8
#define EVENT_LOG_SPOOLS_MAX 1024

struct event_log;

/* Days of arrival that are over; 0: for ever. Of what is quarantined, DROPS knows. */
struct event_log_options {
	const char *dir;           /* made, 0700, when it is not there */
	uint32_t keep_days;        /* of events, verdicts on them, and counts */
	uint32_t keep_device_days; /* after which an event's device is 0 */
	uint32_t segment_frames;   /* after which the next segment begins; 0: 2^20 */
};

/*
 * Open it, cutting what no COMMIT closes. Fails with SC_IO (also when another process has
 * it open), SC_CORRUPT (D says which file and where), SC_NOMEM.
 *
 * Only the last append can be torn, for it was not durable and so not answered: damage
 * that two COMMITs or more stand behind is no torn end, and is SC_CORRUPT.
 */
SC_CHECKED enum sc_err event_log_open(const struct event_log_options *o, struct sc_diag *d,
    struct event_log **out);
void event_log_close(struct event_log *l); /* NULL is fine */

/* From where on SPOOL's frames are wanted; 0 of a spool never heard of. */
uint64_t event_log_next(struct event_log *l, uint64_t spool);
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
 * Every frame, oldest first, but for COMMITs: at a moment between appends, which may go on
 * in another thread meanwhile. TELL (may be NULL) hears of progress. Not while
 * event_log_rewrite() runs: the two are one thread's. Fails with SC_IO, SC_CORRUPT,
 * SC_NOMEM or what EACH said.
 */
typedef enum sc_err event_log_each_fn(void *arg, const struct feed_frame *f);
typedef void event_log_tell_fn(void *arg, uint64_t done, uint64_t total);
SC_CHECKED enum sc_err event_log_read(struct event_log *l, event_log_each_fn *each, void *arg,
    event_log_tell_fn *tell, void *tell_arg);
/*
 * A place behind the last cut, or, where there was none since the log was opened, in all of
 * it; zeros are the beginning. It is one until the next cut.
 */
struct event_log_place {
	size_t segment; /* counted from there */
	uint32_t frame;
};
/* The end, now. */
struct event_log_place event_log_here(struct event_log *l);
/* Every frame from FROM on, before TO. Fails like event_log_read(); SC_STALE: the log was cut. */
SC_CHECKED enum sc_err event_log_read_between(struct event_log *l, struct event_log_place from,
    struct event_log_place to, event_log_each_fn *each, void *arg);
/* Is what is on the disk not known any more? Then nothing is taken until it is opened anew. */
bool event_log_failed(struct event_log *l);
/* The event of that id; false: it is not in the log. */
bool event_log_find(struct event_log *l, uint64_t id, struct feed_event *out);
/* The event of that id and the verdicts on it, oldest first. Fails like event_log_read(). */
SC_CHECKED enum sc_err event_log_about(struct event_log *l, uint64_t id, event_log_each_fn *each,
    void *arg);

/*
 * Draw a line: what is in the log now stands in segments of its own, which
 * event_log_rewrite() and event_log_read_cut() are about, until the next cut. On the appending
 * thread, not while one of the two runs. Fails with SC_IO, SC_NOMEM, SC_LIMIT.
 */
SC_CHECKED enum sc_err event_log_cut(struct event_log *l);
SC_CHECKED enum sc_err event_log_read_cut(struct event_log *l, event_log_each_fn *each, void *arg,
    event_log_tell_fn *tell, void *tell_arg);
/*
 * Write what stands before the cut anew, without what DROPS names, without what is past its
 * keep, and without ERASE frames, which would name for ever who is to be forgotten: they
 * are counted. First LOOK is told each frame, oldest first, then DROPS is asked of each once,
 * in the same order. Ids of events that go are remembered within the window, as are
 * those of events that stay: who sends one again is not heard. Old files are gone when it
 * returns. Appends may go on in another thread. Crash-safe: either the old or the new.
 * Fails like event_log_read(), also with SC_LIMIT.
 */
typedef bool event_log_drops_fn(void *arg, const struct feed_frame *f);
SC_CHECKED enum sc_err event_log_rewrite(struct event_log *l, uint64_t now_ms,
    event_log_each_fn *look, event_log_drops_fn *drops, void *arg);

/*
 * Read everything that is closed, hold it against manifest and ids. Fails with SC_CORRUPT
 * (D says which file), SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err event_log_check(struct event_log *l, struct sc_diag *d);

struct event_log_stats {
	uint64_t frames;     /* without COMMITs */
	uint64_t events;     /* kept */
	uint64_t duplicates; /* as COUNT frames for FEED_SAME_ID tell, our own and the gateway's */
	uint64_t erased;     /* ERASE frames that were done */
	uint64_t rewritten;  /* that left or lost their device since it was opened */
	uint64_t bytes;
	uint32_t segments;
};
void event_log_count(struct event_log *l, struct event_log_stats *out);

#endif
