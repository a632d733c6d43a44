/*
 * feeder.h - the gateway's side of the feed (base/feed/feed.h): a thread that
 * connects to viewd, hands over from where viewd says it is, and goes on for ever.
 *
 * Private to gateway/collect/. Where the frames lie is its owner's affair. It passes nothing over:
 * where viewd wants what is no more, or has what was never put, it says so and waits.
 */
#ifndef GATEWAY_SPOOL_FEEDER_H
#define GATEWAY_SPOOL_FEEDER_H

#include "base/feed/feed.h"

#include <stdbool.h>
#include <stddef.h>

struct feeder;

/* All from the feeder's thread. */
struct feeder_source {
	const char *socket; /* viewd's; copied */
	uint64_t spool;
	/* The numbers of the first frame that is there, and of the one behind the last. */
	void (*range)(void *arg, uint64_t *oldest, uint64_t *end);
	/*
	 * Copy frames from number FROM on, at most MAX; *N are. Not SC_OK: they cannot be
	 * read, feeding ends.
	 */
	enum sc_err (*read)(void *arg, uint64_t from, uint8_t *out, size_t max, size_t *n);
	/*
	 * viewd has all below NEXT on its disk, and nothing else: told again when there may be
	 * more to tidy.
	 */
	void (*fed)(void *arg, uint64_t next);
	void *arg;
};

struct feeder_stats {
	bool connected; /* and in agreement on where to go on */
	bool failed;    /* what is to be handed over cannot be read */
	uint64_t
	    lost; /* frames that viewd asked for and that are no more, or that it has and we never put */
	uint64_t dropped; /* connections ended for what the other side said */
};

/* Fails with SC_NOMEM, SC_LIMIT (the path is too long for a socket), SC_IO. */
SC_CHECKED enum sc_err feeder_new(const struct feeder_source *source, struct feeder **out);
/* There is more to hand over. Any thread, never waits. */
void feeder_wake(struct feeder *f);
/* Hand over what viewd takes within MOMENT_MS, and end. NULL is fine. */
void feeder_free(struct feeder *f, unsigned moment_ms);
void feeder_count(struct feeder *f, struct feeder_stats *out);

#endif
