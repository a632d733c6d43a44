/*
 * forecast.h - what arithmetic says of a pool: how many numbers it needs, what a
 * guess finds, whom a call reaches whose binding is long over.
 *
 * A slot's life is a circle of three: free for a while (memoryless: every free slot is as
 * likely to be drawn), live for the TTL, cooling for the cooldown. A simulation
 * (simulate.h) is held against these.
 */
#ifndef GATEWAY_BOOK_FORECAST_H
#define GATEWAY_BOOK_FORECAST_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Extensions of DIGITS digits. */
uint64_t forecast_extensions(unsigned digits);
/*
 * Numbers needed so that the share FILL (0 to 1) of the slots is taken: Little's law,
 * taken = orders a second * (TTL + cooldown). At least 1.
 */
uint64_t forecast_lines(double orders_day, uint64_t ttl_s, uint64_t cooldown_s, double fill,
    unsigned digits);
/* The chance that one of TRIES different extensions is live, when the share LIVE of them is. */
double forecast_guess(double live, unsigned tries);
/* The share of orders that find no slot: Erlang's B for OFFERED = rate * holding time. */
double forecast_blocked(double offered, uint64_t slots);

/* A slot that was freed at 0, and is drawn DRAWN times a second while it is free. */
struct forecast_slot {
	double drawn;
	uint64_t ttl_s, cooldown_s;
};
/*
 * The chance that it is live again after 0, STEP_S, 2 * STEP_S ... seconds, N of
 * them, to LIVE. It rises from 0 and tends to the share of slots that are
 * live. Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err forecast_reuse(const struct forecast_slot *s, uint64_t step_s, double *live,
    size_t n);

#endif
