/*
 * work_watch.h - who looks on while something long is done, and may stop it.
 */
#ifndef BASE_WORK_WATCH_H
#define BASE_WORK_WATCH_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdint.h>

/* How far it is; DONE of ALL are of what is being done, ALL 0 when nobody knows. */
typedef void work_progress_fn(void *arg, const char *what, uint64_t done, uint64_t all);

struct work_watch {
	work_progress_fn *tell; /* may be NULL */
	void *arg;
	const atomic_bool *stop; /* true: give up; may be NULL */
};

/* Has somebody asked to give up? SC_AGAIN then, else SC_OK. */
SC_CHECKED enum sc_err work_watched(const struct work_watch *w, const char *what, uint64_t done,
    uint64_t all);

#endif
