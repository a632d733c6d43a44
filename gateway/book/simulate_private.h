/*
 * simulate_private.h - a simulation under way: private to gateway/book/simulate*.c.
 */
#ifndef GATEWAY_BOOK_SIMULATE_PRIVATE_H
#define GATEWAY_BOOK_SIMULATE_PRIVATE_H

#include "gateway/book/book.h"
#include "gateway/book/simulate.h"
#include "gateway/book/simulate_queue.h"

#define DAY_S 86400u
#define SAMPLE_S 3600u
#define BEGIN_S 1800000000u /* the year begins in 2027 */
#define STEP_S 900u         /* of a slot's age */

struct play {
	const struct phone_simulation *set;
	struct phone_simulated *out;
	struct phone_settings settings;
	struct phone_pool pool;
	struct phone_book *book;
	struct simulate_queue queue;
	uint64_t luck;          /* splitmix64 */
	uint64_t now;           /* seconds since the beginning */
	double next;            /* when the next order comes */
	uint64_t exhausted_day; /* 1 + the last one */
	double live_now;        /* slots, at the last sample */

	/* once the pool is filled: the first slots have come back */
	uint64_t filled_at, bound_before;
	double *taken; /* a sample an hour, as a share of the slots */
	size_t n_taken;
	double live, free; /* sums of the samples, in slots */

	uint32_t *ages; /* calls after the cooldown, by STEP_S since their slots were free */
	size_t n_ages;
};

static inline struct phone_now play_clock(const struct play *p)
{
	return (struct phone_now){ .wall = BEGIN_S + p->now, .steady = BEGIN_S + p->now };
}

/* Exponential, with mean MEAN. */
double play_wait(struct play *p, double mean);
/* The calls that will be made with the label of PARCEL, whose binding is AT. Fails like the queue. */
SC_CHECKED enum sc_err play_plan(struct play *p, uint32_t at, uint64_t parcel);
/* One of them is made. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err play_call(struct play *p, const struct simulated_call *c);
/* How full is the pool? Each hour. */
void play_sample(struct play *p, const struct phone_now *now);
/* At the end: what was measured, and what was to be expected. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err play_sums(struct play *p);

#endif
