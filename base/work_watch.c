/*
 * work_watch.c - telling, and asking whether to go on.
 */
#include "base/work_watch.h"

#include <stddef.h>

enum sc_err work_watched(const struct work_watch *w, const char *what, uint64_t done, uint64_t all)
{
	if (w->stop != NULL && atomic_load(w->stop))
		return SC_AGAIN;
	if (w->tell != NULL)
		w->tell(w->arg, what, done, all);
	return SC_OK;
}
