/*
 * manifest.h - manifest.json: which files are the log, in their order. Private to
 * analytics/log/.
 *
 * It is replaced at once, so that it names either the old files or the new ones; what it does not
 * name is a leftover.
 */
#ifndef ANALYTICS_LOG_MANIFEST_H
#define ANALYTICS_LOG_MANIFEST_H

#include "analytics/log/segment.h"
#include "base/diag.h"

#define MANIFEST_NAME "manifest.json"
#define MANIFEST_SEGMENTS_MAX 12000 /* a terabyte; within DOC_BYTES_MAX */

struct log_manifest {
	uint32_t next;           /* the number of the next new segment */
	uint32_t open, open_day; /* the one that grows */
	uint64_t erased;         /* FEED_ERASE frames that were done, and left */
	struct log_segment *closed;
	size_t n_closed;
};

/*
 * Read it from folder DIR. *FOUND tells whether it is there. M->closed is the caller's to
 * free(). Fails with SC_CORRUPT, SC_IO, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err manifest_read(int dirfd, const char *dir, struct sc_diag *d,
    struct log_manifest *m, bool *found);
/*
 * Put M in its place, durably. *PLACED: the new one is there, though it may not outlive a
 * power cut. Fails with SC_IO, SC_NOMEM, SC_LIMIT.
 */
SC_CHECKED enum sc_err manifest_write(int dirfd, const struct log_manifest *m, bool *placed);

#endif
