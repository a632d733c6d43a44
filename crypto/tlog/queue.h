/*
 * queue.h - entries between the moment they are taken and the moment they stand
 * in the tree: appended by many, read by two cursors (commit, then publish),
 * freed behind the second.
 *
 * The bytes are kept as the files keep them, u16be length || entry. The owner's
 * lock guards append, take and release; what take() gave may be read without it,
 * because bytes below a taken end never change or move.
 */
#ifndef CRYPTO_TLOG_QUEUE_H
#define CRYPTO_TLOG_QUEUE_H

#include "base/err.h"
#include "base/span.h"

struct queue_block;

struct queue {
	struct queue_block *head, *tail;
	uint64_t next; /* index of the next entry */
	size_t bytes;  /* held */
	size_t max;
};

/* Whole entries that lie together: COUNT of them from FIRST on. */
struct queue_run {
	uint64_t first;
	uint32_t count;
	struct sc_span bytes;
};

struct queue_cursor {
	struct queue_block *block; /* NULL: before the first entry after the start */
	size_t at;                 /* bytes of it that were taken */
	uint64_t index;            /* the next entry's */
};

/* Empty; the first entry will get index NEXT. */
void queue_init(struct queue *q, uint64_t next, size_t max);
void queue_fini(struct queue *q);

/* Fails with SC_AGAIN when MAX bytes are held, SC_NOMEM. 1 <= n <= 65535. */
SC_CHECKED enum sc_err queue_put(struct queue *q, struct sc_span entry);

/*
 * The next run at C: at most MAX_BYTES, entries below index END only.
 * False when there is none. C moves behind it.
 */
bool queue_take(struct queue *q, struct queue_cursor *c, uint64_t end, size_t max_bytes,
    struct queue_run *out);

/* Free what lies before C (every cursor must be at C or further). */
void queue_release(struct queue *q, const struct queue_cursor *c);

#endif
