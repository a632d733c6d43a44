/*
 * watch.h - who looks on while a backup is taken or put back, and may stop it.
 */
#ifndef CRYPTO_BACKUP_WATCH_H
#define CRYPTO_BACKUP_WATCH_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdint.h>

/* How far it is; DONE of ALL are of what is being done, ALL 0 when nobody knows. */
typedef void backup_progress_fn(void *arg, const char *what, uint64_t done, uint64_t all);

struct backup_watch {
	backup_progress_fn *tell; /* may be NULL */
	void *arg;
	const atomic_bool *stop; /* true: give up; may be NULL */
};

/* Has somebody asked to give up? SC_AGAIN then, else SC_OK. */
enum sc_err backup_watched(const struct backup_watch *w, const char *what, uint64_t done,
    uint64_t all);

#endif
