/*
 * segment.h - one file of the log: frames behind one another, read and written in
 * large pieces. Private to analytics/log/.
 */
#ifndef ANALYTICS_LOG_SEGMENT_H
#define ANALYTICS_LOG_SEGMENT_H

#include "analytics/log/ids.h"
#include "base/feed/feed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENT_FRAMES ((uint32_t)1 << 20) /* at most: 64 MiB */
#define SEGMENT_DAY_MS 86400000u
#define SEGMENT_NAME_BYTES 16
#define SEGMENT_SUM_BYTES 32

/* A segment that is closed: what the manifest says of it, and its ids. */
struct log_segment {
	uint32_t number;
	uint32_t day;                /* of arrival, since 1970, UTC */
	uint32_t frames, kept;       /* all that lie in it; without COMMITs */
	uint64_t events, duplicates; /* of the frames; told by those of FEED_COUNT */
	uint32_t gone;               /* ids of events that were dropped */
	bool devices;                /* events may still name devices */
	uint8_t sha256[SEGMENT_SUM_BYTES];
	struct ids_file ids;
};

/* "00000012.seg", "00000012.ids". */
void segment_name(uint32_t number, const char *ending, char out[static SEGMENT_NAME_BYTES]);
/* The number and the ending ("seg", "ids") of a file's name; false: it is another file. */
bool segment_name_parse(const char *name, uint32_t *number, const char **ending);

/*
 * Read the first FRAMES of segment NUMBER, every byte and every sum checked. EACH is told each
 * frame, RAW too, and its place. SHA256, when it is not NULL, is of what was read. Fails with
 * SC_IO, SC_CORRUPT (the operational log tells where), SC_NOMEM, or what EACH said.
 * segment_read_from() leaves out those before place FROM.
 */
typedef enum sc_err segment_each_fn(void *arg, const uint8_t *raw, const struct feed_frame *f,
    uint32_t place);
SC_CHECKED enum sc_err segment_read(int dirfd, uint32_t number, uint32_t frames,
    segment_each_fn *each, void *arg, uint8_t sha256[SEGMENT_SUM_BYTES]);
SC_CHECKED enum sc_err segment_read_from(int dirfd, uint32_t number, uint32_t from, uint32_t frames,
    segment_each_fn *each, void *arg);
/* One frame of it. Fails with SC_IO, SC_CORRUPT. */
SC_CHECKED enum sc_err segment_frame(int dirfd, uint32_t number, uint32_t place,
    struct feed_frame *out);

/* Add F to S's counts of what is kept. */
void segment_count(struct log_segment *s, const struct feed_frame *f);
/* The event that F is or is a verdict on, by which it is found; 0: none. */
uint64_t segment_id_of(const struct feed_frame *f);
/* How F at PLACE is entered under that id. */
uint32_t segment_place(const struct feed_frame *f, uint32_t place);

/* A segment that is being written anew. */
struct segment_writer {
	int fd;
	uint8_t *buf;
	size_t n;
	uint32_t frames;
	void *sha; /* EVP_MD_CTX */
};
/* Make NUMBER, which is not there. Fails with SC_IO, SC_NOMEM. */
SC_CHECKED enum sc_err segment_writer_open(struct segment_writer *w, int dirfd, uint32_t number);
SC_CHECKED enum sc_err segment_writer_put(struct segment_writer *w,
    const uint8_t raw[static FEED_FRAME_BYTES]);
/* All of it durable but for its name. */
SC_CHECKED enum sc_err segment_writer_end(struct segment_writer *w,
    uint8_t sha256[static SEGMENT_SUM_BYTES]);
void segment_writer_fini(struct segment_writer *w); /* all zero, with fd -1, is fine */

/* Write all N bytes at OFFSET (or nothing that counts). Fails with SC_IO. */
SC_CHECKED enum sc_err segment_write(int fd, const void *p, size_t n, uint64_t offset);

#endif
