/*
 * daily.c - waiting for the next time, by a clock that nobody sets.
 */
#include "crypto/keyd/daily.h"

#include "base/clock.h"

#include <sys/resource.h>
#include <unistd.h>

#define NICE 19

/* False: stop. */
static bool wait_ms(struct daily *x, uint64_t ms)
{
	const uint64_t until = clock_mono_ms() + ms;
	const struct timespec t = { .tv_sec = (time_t)(until / 1000),
		.tv_nsec = (long)(until % 1000) * 1000000 };

	pthread_mutex_lock(&x->lock);
	while (!atomic_load(&x->stop) && clock_mono_ms() < until)
		pthread_cond_timedwait(&x->wake, &x->lock, &t);
	pthread_mutex_unlock(&x->lock);
	return !atomic_load(&x->stop);
}

static void *daily_main(void *arg)
{
	struct daily *x = arg;
	uint64_t ms = x->first_ms;

	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	while (wait_ms(x, ms))
		ms = x->chore(x);
	return NULL;
}

enum sc_err daily_start(struct daily *x)
{
	pthread_condattr_t mono;

	atomic_init(&x->stop, false);
	pthread_mutex_init(&x->lock, NULL);
	pthread_condattr_init(&mono);
	pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
	pthread_cond_init(&x->wake, &mono);
	pthread_condattr_destroy(&mono);
	if (pthread_create(&x->thread, NULL, daily_main, x) == 0)
		return SC_OK;
	pthread_cond_destroy(&x->wake);
	pthread_mutex_destroy(&x->lock);
	return SC_IO;
}

void daily_stop(struct daily *x)
{
	pthread_mutex_lock(&x->lock);
	atomic_store(&x->stop, true);
	pthread_cond_signal(&x->wake);
	pthread_mutex_unlock(&x->lock);
	pthread_join(x->thread, NULL);
	pthread_cond_destroy(&x->wake);
	pthread_mutex_destroy(&x->lock);
}
