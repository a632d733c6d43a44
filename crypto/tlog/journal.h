/*
 * journal.h - the group-commit file: entries are durable when they are here,
 * long before the tree has them.
 *
 * Two segments, journal.0 and journal.1, are written full of zeros once and then
 * overwritten in place, so that a commit changes no metadata and costs one
 * write (O_DIRECT|O_DSYNC of whole 4 KiB blocks; O_DSYNC where the file system
 * has no O_DIRECT). While one is being filled, the tree catches up with the other.
 *
 *	   0  magic "SCJ1" 00 0d 0a ff
 *	   8  first index  u64be
 *	  16  count        u32be
 *	  20  bytes        u32be, of the entries
 *	  24  reserved     u32be 0
 *	  28  crc32        u32be, over the 28 bytes before and the entries (zlib's)
 *	  32  entries      u16be length || bytes, COUNT times
 *	      zeros up to a whole number of blocks
 *
 * What a reused segment still holds from its last round has lower indexes and
 * is passed over. A batch that does not verify is where a crash struck: nothing
 * in it was ever reported durable. Unless a good batch with higher indexes
 * follows: then the file was damaged afterwards, and that is SC_CORRUPT.
 */
#ifndef CRYPTO_TLOG_JOURNAL_H
#define CRYPTO_TLOG_JOURNAL_H

#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"
#include "crypto/tlog/files.h"

#define JOURNAL_SEGMENTS 2
extern const char *const journal_names[JOURNAL_SEGMENTS];
#define JOURNAL_BLOCK 4096u
#define JOURNAL_HEADER 32u
#define JOURNAL_BATCH_MAX ((size_t)1 << 20) /* bytes of a batch with header and padding */
#define JOURNAL_MIN ((size_t)256 * 1024)    /* bytes of a segment */

struct journal {
	int dirfd;
	int fd[JOURNAL_SEGMENTS];
	uint64_t end[JOURNAL_SEGMENTS]; /* index behind its last entry; 0: nothing in it */
	size_t used[JOURNAL_SEGMENTS];
	size_t size; /* of a segment */
	unsigned active;
	bool direct;
	uint8_t *buf; /* JOURNAL_BATCH_MAX bytes, aligned */
	struct files_print print[JOURNAL_SEGMENTS];
};

/* Make the segments: SIZE bytes each, of zeros, durable. */
SC_CHECKED enum sc_err journal_make(int dirfd, size_t size, struct sc_diag *d);

/* Open for writing; everything in it must be in the tree (call after replay). */
SC_CHECKED enum sc_err journal_open(int dirfd, size_t size, struct journal *j, struct sc_diag *d);
void journal_close(struct journal *j);

/*
 * A batch is put together in the journal's own buffer: begin, add runs of
 * u16be length || entry while they fit, and write it. Write fails with SC_AGAIN
 * when neither segment has room: the tree must catch up to PUBLISHED first.
 */
void journal_begin(struct journal *j, uint64_t first);
size_t journal_room(const struct journal *j); /* bytes that still fit */
void journal_add(struct journal *j, struct sc_span run, uint32_t count);
SC_CHECKED enum sc_err journal_write(struct journal *j, uint64_t published, struct sc_diag *d);

/* One entry of the journal. Another code than SC_OK stops the reading. */
typedef enum sc_err journal_entry_fn(void *arg, uint64_t index, struct sc_span entry);

/*
 * Read what is in the journal from index FROM on, in order, without writing
 * anything. *END is the index behind the last one (FROM when there is none).
 * Fails with SC_CORRUPT: a segment is missing, of another size than SIZE, has a
 * damaged batch before a good one, or begins after FROM. D names it.
 */
SC_CHECKED enum sc_err journal_read(int dirfd, size_t size, uint64_t from, journal_entry_fn *fn,
    void *arg, uint64_t *end, struct sc_diag *d);

/* Still the files we opened, at their full size? */
bool journal_intact(const struct journal *j, struct sc_diag *d);

/* The batch at the start of BYTES. *LENGTH is its whole length, in whole blocks. */
struct journal_batch {
	uint64_t first;
	uint32_t count;
	struct sc_span entries;
	size_t length;
};
bool journal_batch_parse(struct sc_span bytes, struct journal_batch *out);

#endif
