/*
 * segment.h - the spool's files: what lies in them, making them, and finding
 * out what a crash left.
 *
 * Private to gateway/collect/. A segment is named by the number of its first
 * frame (16 hexadecimal digits and ".spool"), made whole under another name, and only
 * ever grows by commits. Everything is in steps of a frame, big-endian:
 *
 *	head	magic 8 | spool 8 | number of the first frame 8 | zeros | CRC-32C 4
 *	commit	frames, then one COMMIT that says what number comes next
 *	...
 *
 * A commit is written only when the one before it is durable, and a segment is
 * begun only when the one before it is. So a commit that something follows was
 * acknowledged, and nobody but the last can be torn.
 */
#ifndef GATEWAY_SPOOL_SEGMENT_H
#define GATEWAY_SPOOL_SEGMENT_H

#include "base/diag.h"
#include "base/feed/feed.h"

#include <stddef.h>

#define SPOOL_HEAD FEED_FRAME_BYTES
#define SPOOL_NAME 24 /* bytes of a name, with the end */

struct spool_segment {
	uint64_t first; /* number of its first frame */
	uint64_t end;   /* and the one behind its last that is durable */
	uint64_t bytes; /* that are durable */
};

/* All of a folder, oldest first; the last one is written to. There is always one. */
struct spool_files {
	int dirfd; /* borrowed */
	uint64_t spool;
	struct spool_segment *v;
	size_t n, room;
	uint64_t cut; /* bytes of a torn end that were cut when it was opened */
};

/* S's head as bytes, and back; false: it is none. */
void spool_head_encode(uint64_t spool, uint64_t first, uint8_t out[static SPOOL_HEAD]);
bool spool_head_decode(const uint8_t in[static SPOOL_HEAD], uint64_t *spool, uint64_t *first);

void spool_segment_name(uint64_t first, char out[static SPOOL_NAME]);

/*
 * Read every segment of DIRFD through and cut a torn end; an empty folder becomes a
 * new spool. F is the caller's, to release with spool_files_fini(), also on failure. Fails with
 * SC_CORRUPT: something is damaged, missing or foreign, D says in which file; SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err spool_files_open(struct spool_files *f, int dirfd, struct sc_diag *d);
void spool_files_fini(struct spool_files *f);
/*
 * Make the file of a segment that begins with frame FIRST. Fails with SC_IO, SC_LIMIT
 * (no room on the disk): then nothing more may be appended to the one before it, since
 * a crash may show that there is one.
 */
SC_CHECKED enum sc_err spool_segment_make(const struct spool_files *f, uint64_t first,
    struct sc_diag *d);
/* Have room for one segment more. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err spool_files_reserve(struct spool_files *f);
/* Take it, which was made, into the list. */
void spool_files_add(struct spool_files *f, uint64_t first);
/* The segment that frame NUMBER is in, or will be. */
const struct spool_segment *spool_files_find(const struct spool_files *f, uint64_t number);

#endif
