/*
 * log_private.h - the open log, as its parts see it: log.c (append, find), active.c (the
 * segment that grows), read.c, rewrite.c.
 */
#ifndef ANALYTICS_LOG_LOG_PRIVATE_H
#define ANALYTICS_LOG_LOG_PRIVATE_H

#include "analytics/log/log.h"
#include "analytics/log/manifest.h"

#include <pthread.h>

/* What one append may come to: the frames, the counts of those that were there, the COMMIT. */
#define LOG_APPEND_FRAMES ((size_t)FEED_PACKET_FRAMES + FEED_KIND_END + 1)

struct log_spool {
	uint64_t spool, next;
};

/* The segment that grows; frames are those that a COMMIT closed. */
struct log_active {
	int fd;
	struct log_segment s; /* without sum and ids file */
	struct ids_table ids;
	void *sha; /* EVP_MD_CTX of those frames */
};

struct event_log {
	struct event_log_options o;
	char *dir;
	int dirfd, lock_fd;
	pthread_mutex_t lock; /* of all below: appends, and what is read beside them */
	struct log_active active;
	struct log_segment *closed;
	size_t n_closed, cap;
	size_t cut;         /* how many of the closed ones stand before it */
	uint32_t next;      /* number of the next new segment */
	uint64_t erased;    /* FEED_ERASE frames that were done */
	uint64_t rewritten; /* frames that a rewriting took out or changed */
	struct log_spool *spools;
	size_t n_spools;
	bool failed;  /* what is on the disk is not known any more */
	uint8_t *buf; /* of one append */
};

/* Under the lock, all of them. */

/* What the manifest should say now. */
struct log_manifest log_manifest_of(const struct event_log *l);
/* SPOOL's place, made when MAKE; NULL: there is none, or no room. */
struct log_spool *log_spool_of(struct event_log *l, uint64_t spool, bool make);
/* Open the segment that the manifest says grows, cut its end. */
SC_CHECKED enum sc_err log_active_open(struct event_log *l, struct sc_diag *d);
void log_active_fini(struct log_active *a);
/* Close the active segment and begin one of DAY; when nothing is in it, it becomes one of DAY. */
SC_CHECKED enum sc_err log_active_close(struct event_log *l, uint32_t day);

#endif
