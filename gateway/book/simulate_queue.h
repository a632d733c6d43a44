/*
 * simulate_queue.h - what happens next in a simulation: events in the order of
 * their time, a binary heap. Private to gateway/book/.
 */
#ifndef GATEWAY_BOOK_SIMULATE_QUEUE_H
#define GATEWAY_BOOK_SIMULATE_QUEUE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* A call that a courier will make with the label of one parcel. */
struct simulated_call {
	uint64_t at, expires_at; /* seconds; of the call, and of the label's binding */
	uint64_t parcel;         /* its number, which is its person's */
	uint64_t courier;        /* blind index */
	uint32_t line, ext;      /* as the label has them */
};

struct simulate_queue { /* all zero: empty */
	struct simulated_call *v;
	size_t n, room;
};

/* Fails with SC_NOMEM, SC_LIMIT. */
SC_CHECKED enum sc_err simulate_queue_put(struct simulate_queue *q, const struct simulated_call *c);
/* Take the earliest; the queue must not be empty. */
struct simulated_call simulate_queue_take(struct simulate_queue *q);
void simulate_queue_fini(struct simulate_queue *q);

#endif
