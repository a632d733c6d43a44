/*
 * confine.h - what queryd keeps: of all files its releases, its grants and its log, and of
 * all system calls those that it needs once it serves: no connection to anybody, no program.
 */
#ifndef ANALYTICS_QUERYD_CONFINE_H
#define ANALYTICS_QUERYD_CONFINE_H

#include "analytics/queryd/settings.h"

/* Before any thread is started. Fails with SC_IO. */
SC_CHECKED enum sc_err queryd_confine_files(const struct queryd_settings *s, struct sc_diag *d);
/* In all threads, when they run. Fails with SC_IO, SC_NOMEM. */
SC_CHECKED enum sc_err queryd_confine(struct sc_diag *d);

#endif
