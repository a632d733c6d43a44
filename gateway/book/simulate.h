/*
 * simulate.h - a year of orders for a pool, played against the book itself.
 *
 * Orders come and are bound; couriers call while the parcel lives, some misdial an
 * extension, some call when it is over, some from an old label on a carton that
 * is used again. Whom each call reaches is known, so that every misdelivery is
 * counted, and held against what arithmetic expects (forecast.h). Pure: no clock,
 * no disk. What orders and couriers do follows from the seed; which slots are
 * drawn is the book's, from the kernel's random numbers, so two runs differ by chance.
 */
#ifndef GATEWAY_BOOK_SIMULATE_H
#define GATEWAY_BOOK_SIMULATE_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define SIMULATE_ORDERS_MAX 60000000u /* in all: about an hour of one core */
#define SIMULATE_SLOTS_MAX 200000000u
#define SIMULATE_DAYS_MAX 3650u

struct phone_simulation {
	uint64_t lines; /* X numbers; 0: as many as FILL asks for */
	uint64_t ext_digits;
	uint64_t orders_day;
	uint64_t ttl_s, cooldown_s, days;
	uint64_t seed;
	double fill;    /* share of slots that should be taken, live or cooling */
	double calls;   /* by couriers, of each parcel */
	double late;    /* share of calls in the cooldown, evenly spread over it */
	double after;   /* share after the cooldown, SIMULATE_AFTER_S later in the mean */
	double reused;  /* share from an old label, up to SIMULATE_REUSED_S after expiry */
	double misdial; /* share of calls with one wrong digit in the extension */
	bool even;      /* orders at equal intervals; else at random ones (Poisson) */
	void (*progress)(void *arg, uint64_t day); /* each simulated day; may be NULL */
	void *arg;
};
#define SIMULATE_AFTER_S (60u * 86400)
#define SIMULATE_REUSED_S (180u * 86400)

/* How many went wrong, and what was to be expected. */
struct simulated_risk {
	uint64_t calls, wrong;
	double expected, variance;
	double bound; /* no more than this: the rate times the fill */
};

struct phone_simulated {
	uint64_t lines, slots;
	uint64_t orders, bound, exhausted;
	uint64_t first_exhausted_s, last_exhausted_s; /* since the beginning */
	uint64_t exhausted_days;                      /* on which it happened */
	double taken_mean, taken_p95, taken_max;      /* shares of the slots, once filled */
	double live_mean;
	uint64_t calls, right, nobody, late; /* LATE: told that it is over */
	uint64_t in_life_lost;               /* the parcel lived, and its person was not reached */
	struct simulated_risk cooling, after, misdial;
	uint64_t book_bytes;
};

/* Settings that make no sense, or too much work: SC_SYNTAX, and D says which. */
SC_CHECKED enum sc_err phone_simulation_check(const struct phone_simulation *s, struct sc_diag *d);
/* Play it. Fails with SC_NOMEM, SC_LIMIT, SC_BUG (the book gave what it must not). */
SC_CHECKED enum sc_err phone_simulate(const struct phone_simulation *s,
    struct phone_simulated *out);
/* By how many standard errors R differs from what was expected; 0 when nothing was. */
double simulated_errors(const struct simulated_risk *r);

#endif
