/*
 * spool.h - frames on their way to analytics, on disk until viewd has them.
 *
 * A folder of segment files; what is put is durable by group commit on the
 * spool's own thread, which then says so; another connects to viewd,
 * hands over from where viewd says it is, and deletes what viewd has on disk. The order is the
 * order of putting. Beyond its ceiling nothing more is taken.
 */
#ifndef GATEWAY_SPOOL_SPOOL_H
#define GATEWAY_SPOOL_SPOOL_H

#include "base/diag.h"
#include "base/feed/feed.h"

#include <stddef.h>

#define SPOOL_MAX_LEAST ((uint64_t)64 << 10)

struct spool;

struct spool_options {
	const char *dir;    /* made, 0700, when it is not there */
	const char *socket; /* viewd's feed; NULL: nobody is fed */
	uint64_t max;       /* bytes of its folder; SPOOL_MAX_LEAST where it is less */
	/*
	 * Frames below NEXT are durable, or (not OK) the disk failed: those below NEXT that
	 * were not told durable are not, though they are kept and may yet be (their ids make
	 * them harmless when they are sent again). Told anew every SPOOL_RETRY_MS while it
	 * lasts. From the spool's thread. NULL: nobody asks.
	 */
	void (*on_durable)(void *arg, uint64_t next, bool ok);
	void *arg;
};

/*
 * Open it, with what was left. Fails with SC_IO, SC_CORRUPT (D says which file),
 * SC_NOMEM. A torn end, which a crash leaves, is cut: it was never acknowledged.
 */
SC_CHECKED enum sc_err spool_open(const struct spool_options *o, struct sc_diag *d,
    struct spool **out);
/* Commit what waits; hand over what viewd takes within a moment; close. NULL is fine. */
void spool_close(struct spool *s);

/*
 * Append N frames (FEED_EVENT to FEED_SNAPSHOT), all or none; from any thread, never
 * waits for a disk. *NEXT: the number behind the last. Fails with SC_LIMIT: full,
 * SC_IO: the disk failed, SC_BUG (a frame that does not encode).
 */
SC_CHECKED enum sc_err spool_put(struct spool *s, const struct feed_frame *v, size_t n,
    uint64_t *next);

struct spool_stats {
	uint64_t put, durable, fed; /* sequence numbers */
	uint64_t bytes;             /* waiting */
	uint64_t full;              /* calls refused with SC_LIMIT */
	uint64_t room;              /* bytes that a call would find */
	/*
	 * Frames that viewd asks for and that are no more, or that it has and that never
	 * were put: nothing is passed over, so that feeding rests until somebody sees to it.
	 */
	uint64_t lost;
	uint64_t dropped; /* connections ended for what viewd said */
	bool connected, failed;
};
void spool_count(struct spool *s, struct spool_stats *out);

#endif
