/*
 * int.h - the spool between its callers (spool.c), the thread that commits
 * (commit.c) and what the feeder asks of it (read.c). Private to those.
 */
#ifndef GATEWAY_SPOOL_INT_H
#define GATEWAY_SPOOL_INT_H

#include "gateway/spool/feeder.h"
#include "gateway/spool/spool.h"
#include "gateway/spool/segment.h"

#include <pthread.h>

#define SPOOL_WAITING_MAX ((size_t)16 << 20) /* bytes of frames in memory that no commit took */
#define SPOOL_SEGMENT_MAX ((uint64_t)8 << 20)
#define SPOOL_SEGMENT_MS ((uint64_t)3600 * 1000)
#define SPOOL_RETRY_MS 200
#define SPOOL_BLOCK ((size_t)1024 * FEED_FRAME_BYTES)
/*
 * Of the ceiling: the COMMITs of what is written and of what waits, a head, and the
 * COMMIT of closing.
 */
#define SPOOL_SLACK (4 * FEED_FRAME_BYTES)

/* Frames as bytes, with room for one COMMIT behind them. */
struct spool_queue {
	uint8_t *p;
	size_t n;
};

enum spool_health {
	SPOOL_WELL,
	SPOOL_RETRYING, /* a write failed and left nothing: again in a moment */
	SPOOL_DEAD      /* what is on disk is not known: until the process starts anew */
};

struct spool {
	struct spool_options o;
	uint64_t segment_max; /* bytes after which another is begun */
	uint64_t segment_ms;  /* and milliseconds */
	size_t waiting_max;
	int dirfd;
	struct feeder *feeder;
	pthread_t thread;
	bool started;

	/* the commit thread's own */
	int fd; /* of the last segment */
	int errnum;
	uint64_t roll_at_ms; /* monotonic: when the last segment has lain here long enough */
	bool must_roll;
	bool unsealed; /* it ends with a commit that nothing follows */

	/* what the feeder read last; its thread's */
	struct spool_cursor {
		int fd;
		uint64_t first;    /* of the segment that is open */
		uint64_t at, next; /* byte and number */
	} cursor;
	uint8_t block[SPOOL_BLOCK]; /* what it reads into */

	pthread_mutex_t lock; /* of all that follows; never held over a disk or a peer */
	pthread_cond_t news;
	bool stop;
	enum spool_health health;
	struct spool_queue waiting, writing;
	struct spool_files files;
	uint64_t put, durable, fed, full;
	uint64_t disk; /* bytes of all segments */
};

/* The thread. */
void *spool_commit_main(void *spool);
/*
 * At the end: what was committed last is followed by something, so that damage to it
 * is told from a torn end.
 */
void spool_seal(struct spool *s);

/* The feeder's questions (struct feeder_source). */
void spool_range(void *spool, uint64_t *oldest, uint64_t *end);
enum sc_err spool_read(void *spool, uint64_t from, uint8_t *out, size_t max, size_t *n);
void spool_fed(void *spool, uint64_t next);

#endif
