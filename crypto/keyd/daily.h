/*
 * daily.h - a chore that is done soon after keyd's start and then once a day, on a thread of
 * its own that steps back for all others.
 */
#ifndef CRYPTO_KEYD_DAILY_H
#define CRYPTO_KEYD_DAILY_H

#include "base/err.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define DAILY_MS UINT64_C(86400000)

/* Embedded in what the chore is about. */
struct daily {
	/* Do it. Ends soon when STOP is true; gives in how many ms it wants to be called again. */
	uint64_t (*chore)(struct daily *x);
	uint64_t first_ms;
	/* private, but for STOP and LOCK */
	atomic_bool stop;
	pthread_mutex_t lock; /* for what the chore found, as others read it */
	pthread_cond_t wake;
	pthread_t thread;
};

/* Before keyd is confined: later no thread can be made. SC_IO. */
SC_CHECKED enum sc_err daily_start(struct daily *x);
/* Waits until the chore under way is over. Of one that was started, once. */
void daily_stop(struct daily *x);

#endif
